"""Every order as a table: a row for each of its lines."""

import csv
import io
from collections.abc import Iterable, Iterator

from catalog.shopify_columns import neutral
from orders.models import Order, OrderLine
from pricing.money import plain

ORDERS_AT_ONCE = 200
ADDRESS = ("full_name", "address_line1", "address_line2", "postcode", "city", "region", "country", "phone")
COLUMNS = [
    *("order_id", "number", "placed_at", "status", "payment_state", "fulfilment_state", "email"),
    *ADDRESS,
    *(f"billing_{name}" for name in ADDRESS),
    *("shipping_method", "line_id", "product_id", "variant_id", "sku", "name", "variant_title"),
    *("quantity", "unit_price", "line_total", "line_discount", "tax_rate", "line_tax"),
    *("currency", "prices_include_tax"),
    *("subtotal", "discount", "shipping", "tax", "net", "total"),
]


def orders_csv() -> Iterator[str]:
    """The header, then the lines of some orders at a time, in the order in which they were placed.

    Amounts are in the row's currency, rates in percent, times in UTC. A cell
    that a spreadsheet would compute stands behind an apostrophe.
    """
    yield _text([COLUMNS])
    last = 0
    orders = Order.objects.order_by("pk").values_list("pk", flat=True)
    while ids := list(orders.filter(pk__gt=last)[:ORDERS_AT_ONCE]):
        lines = OrderLine.objects.filter(order__in=ids).select_related("order", "variant").order_by("order_id", "pk")
        yield _text(_cells(line) for line in lines)
        last = ids[-1]


def _text(rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([neutral(cell) for cell in row] for row in rows)
    return text.getvalue()


def _cells(line: OrderLine) -> list[str]:
    """What belongs to `COLUMNS`."""
    order = line.order

    def amounts(*values) -> list[str]:
        return [plain(value, order.currency) for value in values]

    return [
        *(str(order.pk), order.number, f"{order.placed_at:%Y-%m-%dT%H:%M:%SZ}", order.status.value),
        *(order.payment_state, order.fulfilment_state, order.email),
        *(getattr(order, name) for name in ADDRESS),
        *(getattr(order, f"billing_{name}") for name in ADDRESS),
        *(order.shipping_name, str(line.pk), str(line.variant.product_id), str(line.variant_id)),
        *(line.sku, line.name, line.variant_title, str(line.quantity)),
        *amounts(line.unit_price, line.line_total, line.discount),
        *(f"{line.tax_rate.normalize():f}", *amounts(line.tax)),
        *(order.currency, "true" if order.prices_include_tax else "false"),
        *amounts(order.subtotal, order.discount, order.shipping, order.tax, order.net, order.total),
    ]
