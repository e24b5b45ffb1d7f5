"""Whether what an order costs is the sum of its parts."""

from collections.abc import Iterator

from django.db.models import Sum

from orders.audit.sums import ZERO, exact
from orders.audit.violation import Violation, wrong
from orders.models import Order, OrderLine
from pricing.quote import tax_of


def totals_add_up() -> Iterator[Violation]:
    """total = Σ lines − discount + shipping (+ tax when prices are net); net + tax = total."""
    sums = {
        order_id: sums
        for order_id, *sums in OrderLine.objects.values_list("order_id")
        .annotate(Sum("line_total"), Sum("discount"), Sum("tax"))
        .order_by()
    }
    for order in Order.objects.iterator():
        goods, discount, tax = (exact(amount) for amount in sums.get(order.pk, (ZERO, ZERO, ZERO)))
        on_top = ZERO if order.prices_include_tax else order.tax
        if order.pk not in sums:
            yield wrong("totals add up", order, "has no lines")
        if (order.subtotal, order.discount) != (goods, discount):
            yield wrong("totals add up", order, f"subtotal {order.subtotal}, its lines sum to {goods}")
        if order.tax != tax + order.shipping_tax:
            yield wrong("totals add up", order, f"tax {order.tax}, its lines and shipping sum to another")
        if order.total != order.subtotal - order.discount + order.shipping + on_top:
            yield wrong("totals add up", order, f"total {order.total} is not the sum of its parts")
        if order.net + order.tax != order.total:
            yield wrong("totals add up", order, f"net {order.net} + tax {order.tax} is not {order.total}")


def lines_multiply() -> Iterator[Violation]:
    """A line's total is its unit price times its quantity."""
    for line in OrderLine.objects.iterator():
        if line.line_total != line.unit_price * line.quantity:
            yield wrong("lines multiply", line, f"{line.quantity} × {line.unit_price} is not {line.line_total}")


def taxes_follow_their_rates() -> Iterator[Violation]:
    """The tax of a line, after its discount, and of shipping is what its rate makes of the amount."""
    lines = OrderLine.objects.values_list(
        "pk", "line_total", "discount", "tax_rate", "tax", "order__prices_include_tax", "order__currency"
    )
    for pk, total, discount, rate, tax, included, currency in lines.iterator():
        due = tax_of(total - discount, rate, included=included, currency=currency)
        if tax != due:
            yield Violation("taxes follow their rates", "orders_orderline", str(pk), f"tax {tax}, {rate} % is {due}")
    orders = Order.objects.values_list(
        "pk", "shipping", "shipping_tax_rate", "shipping_tax", "prices_include_tax", "currency"
    )
    for pk, shipping, rate, tax, included, currency in orders.iterator():
        due = tax_of(shipping, rate, included=included, currency=currency)
        if tax != due:
            yield Violation(
                "taxes follow their rates", "orders_order", str(pk), f"tax of shipping {tax}, {rate} % is {due}"
            )
