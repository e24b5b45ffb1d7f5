"""What a cart costs: pure arithmetic over plain values.

Cart, checkout, order and mail all show the one `Quote` that `quote()` returns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing.errors import AmountTooHigh
from pricing.money import TOO_HIGH, allocate, rounded


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line to be quoted; `key` is the caller's own name for it."""

    key: int
    unit_price: Decimal
    quantity: int
    tax_rate: Decimal  # percent, 19 for 19 %


@dataclass(frozen=True, slots=True)
class QuotedLine:
    key: int
    unit_price: Decimal
    quantity: int
    line_total: Decimal  # before discount
    discount: Decimal
    tax_rate: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """Amounts in `currency`: total = subtotal − discount + shipping (+ tax when prices are net)."""

    currency: str
    prices_include_tax: bool
    lines: tuple[QuotedLine, ...]
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    shipping_tax_rate: Decimal
    shipping_tax: Decimal
    tax: Decimal
    total: Decimal

    @property
    def goods(self) -> Decimal:
        """The lines after their discount, without shipping."""
        return self.subtotal - self.discount

    @property
    def net(self) -> Decimal:
        return self.total - self.tax


def tax_of(amount: Decimal, rate: Decimal, *, included: bool, currency: str) -> Decimal:
    """Tax of one line, rounded half up once.

    `rate` is a percentage. A gross amount holds amount × rate / (100 + rate)
    of tax, a net one carries amount × rate / 100 on top (Council Directive
    2006/112/EC, Art. 78 and 226: the taxable amount excludes the VAT itself).
    """
    base = 100 + rate if included else Decimal(100)
    return rounded(amount * rate / base, currency)


def quote(
    lines: Sequence[PricedLine],
    *,
    currency: str,
    prices_include_tax: bool,
    shipping: Decimal = Decimal(0),
    shipping_tax_rate: Decimal = Decimal(0),
    discount: Decimal = Decimal(0),
) -> Quote:
    """Total a cart in `currency`, rounding each line half up once, then summing.

    `discount` is what promotions take off the lines together, in the same
    gross or net terms as the prices; it is allocated over the lines by value,
    because each line's tax falls on what is really paid. It never exceeds the
    subtotal. Raises ValueError for a negative price, quantity or discount, and
    AmountTooHigh for a total that no column holds.
    """
    if discount < 0 or shipping < 0 or any(line.unit_price < 0 or line.quantity < 0 for line in lines):
        raise ValueError("prices, quantities, shipping and discount must not be negative")
    totals = [rounded(line.unit_price * line.quantity, currency) for line in lines]
    subtotal = sum(totals, Decimal(0))
    discount = min(rounded(discount, currency), subtotal)
    quoted = tuple(
        QuotedLine(
            key=line.key,
            unit_price=line.unit_price,
            quantity=line.quantity,
            line_total=total,
            discount=share,
            tax_rate=line.tax_rate,
            tax=tax_of(total - share, line.tax_rate, included=prices_include_tax, currency=currency),
        )
        for line, total, share in zip(lines, totals, allocate(discount, totals, currency), strict=True)
    )
    shipping = rounded(shipping, currency)
    shipping_tax = tax_of(shipping, shipping_tax_rate, included=prices_include_tax, currency=currency)
    tax = sum((line.tax for line in quoted), shipping_tax)
    total = subtotal - discount + shipping + (Decimal(0) if prices_include_tax else tax)
    if max(subtotal, total) >= TOO_HIGH:
        raise AmountTooHigh
    return Quote(
        currency=currency,
        prices_include_tax=prices_include_tax,
        lines=quoted,
        subtotal=subtotal,
        discount=discount,
        shipping=shipping,
        shipping_tax_rate=shipping_tax_rate,
        shipping_tax=shipping_tax,
        tax=tax,
        total=total,
    )
