"""The only module that changes prices, whichever door asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.errors import InvalidPrice
from catalog.models import Variant
from catalog.transactions import use_case
from pricing.money import DECIMAL_PLACES, MAX_DIGITS, rounded

HIGHEST_PRICE = Decimal(10) ** (MAX_DIGITS - DECIMAL_PLACES - 2)


@dataclass(frozen=True, slots=True)
class NewPrice:
    """Price of one variant in `currency` (the shop's by default); None: not priced, so not sold."""

    variant: Variant
    price: Decimal | None
    compare_at_price: Decimal | None = None
    currency: str | None = None


def set_price(
    variant: Variant, price: Decimal | None, *, compare_at_price: Decimal | None = None, currency: str | None = None
) -> bool:
    """Set one variant's price and compare-at price; returns whether anything changed. Raises InvalidPrice."""
    return set_prices([NewPrice(variant, price, compare_at_price, currency)]) == 1


@use_case
def set_prices(prices: Iterable[NewPrice]) -> int:
    """Set many prices, all or none; returns how many changed. Raises InvalidPrice.

    A variant that has no key yet is only filled in, for a caller that creates
    it in bulk.
    """
    changed = []
    for new in prices:
        currency = new.currency or settings.SHOP_CURRENCY
        compare_at_price = checked(new.compare_at_price, currency, field="compare_at_price")
        values = (checked(new.price, currency), compare_at_price, currency)
        variant = new.variant
        if values == (variant.price, variant.compare_at_price, variant.currency):
            continue
        variant.price, variant.compare_at_price, variant.currency = values
        changed.append(variant)
    Variant.objects.bulk_update(
        [variant for variant in changed if variant.pk], ["price", "compare_at_price", "currency"], batch_size=200
    )
    return len(changed)


def checked(amount: Decimal | None, currency: str, *, field: str = "price") -> Decimal | None:
    """`amount`, if it can be a price in its currency. Raises InvalidPrice naming the `field`."""
    if amount is None:
        return None
    if not amount.is_finite() or amount < 0:
        raise InvalidPrice(_("A price cannot be %(amount)s.") % {"amount": amount}, field=field)
    if amount >= HIGHEST_PRICE:
        raise InvalidPrice(_("A price has to be below %(limit)s.") % {"limit": f"{HIGHEST_PRICE:,}"}, field=field)
    if amount != rounded(amount, currency):
        raise InvalidPrice(
            _("%(amount)s is not a whole number of the smallest unit of %(currency)s.")
            % {"amount": amount, "currency": currency},
            field=field,
        )
    return amount
