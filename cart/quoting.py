"""What a cart's lines cost at today's prices."""

from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings

from cart.models import CartLine
from pricing.models import ShippingMethod
from pricing.quote import PricedLine, Quote, quote
from pricing.tax import TaxTable


def quote_lines(lines: Iterable[CartLine], *, taxes: TaxTable, method: ShippingMethod | None) -> Quote:
    """Quote the lines that are still sold, in the shop's currency.

    `taxes` are the destination's, `method` the delivery method, if one is
    chosen yet. Reads each line's variant and product; no statement.
    """
    priced = [
        PricedLine(
            key=line.variant_id,
            unit_price=line.variant.price,
            quantity=line.quantity,
            tax_rate=taxes.rate(line.variant.product.tax_class_id),
        )
        for line in lines
        if line.variant.is_sellable() and line.variant.price is not None
    ]
    subtotal = sum((line.unit_price * line.quantity for line in priced), Decimal(0))
    return quote(
        priced,
        currency=settings.SHOP_CURRENCY,
        prices_include_tax=settings.PRICES_INCLUDE_TAX,
        shipping=method.price_for(subtotal) if method else Decimal(0),
        shipping_tax_rate=taxes.rate(method.tax_class_id) if method else Decimal(0),
    )
