"""Which delivery methods a destination has, and what they cost."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from pricing.models import ShippingMethod


def methods_for(country: str, *, currency: str, subtotal: Decimal) -> list[ShippingMethod]:
    """Methods offered to `country`, cheapest for goods of `subtotal` first, in one statement."""
    return cheapest_first(ShippingMethod.objects.offered(currency), country, subtotal=subtotal)


def cheapest_first(offered: Iterable[ShippingMethod], country: str, *, subtotal: Decimal) -> list[ShippingMethod]:
    """Those of the `offered` methods that deliver to `country`, cheapest for goods of `subtotal` first."""
    methods = [method for method in offered if method.delivers_to(country)]
    return sorted(methods, key=lambda method: method.price_for(subtotal))


def arrival(method: ShippingMethod, *, today: date) -> tuple[date, date]:
    """First and last day on which a parcel sent by `method` arrives, counting Monday to Friday."""
    return _working_day(today, method.min_days), _working_day(today, method.max_days)


def _working_day(day: date, days: int) -> date:
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day
