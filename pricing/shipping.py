"""Which delivery methods a destination has, and what they cost."""

from datetime import date, timedelta
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


def arrival(method: ShippingMethod, *, today: date) -> tuple[date, date]:
    """First and last day on which a parcel sent by `method` arrives, counting Monday to Friday."""
    return _working_day(today, method.min_days), _working_day(today, method.max_days)


def _working_day(day: date, days: int) -> date:
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day
