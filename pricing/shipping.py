"""Which delivery methods a destination has, and what they cost."""

from decimal import Decimal

from pricing.models import ShippingMethod


def methods_for(country: str, *, currency: str, subtotal: Decimal) -> list[ShippingMethod]:
    """Methods offered to `country`, cheapest for goods of `subtotal` first, in one statement."""
    offered = [m for m in ShippingMethod.objects.offered(currency) if m.delivers_to(country)]
    return sorted(offered, key=lambda method: method.price_for(subtotal))


def deliverable_countries(currency: str, known: list[str]) -> list[str]:
    """Those of the `known` ISO 3166 codes that at least one offered method delivers to."""
    methods = list(ShippingMethod.objects.offered(currency))
    return [code for code in known if any(method.delivers_to(code) for method in methods)]
