"""Sums that several checks share."""

from decimal import Decimal

from django.db.models import Sum

from orders.models import CancellationLine, OrderLine, ShipmentLine

ZERO = Decimal(0)


def exact(amount: Decimal) -> Decimal:
    """An aggregate, which SQLite adds up in binary fractions, in whole thousandths."""
    return Decimal(amount).quantize(Decimal("0.001"))


def by_order(rows) -> dict[int, Decimal]:
    sums = rows.values_list("order_id").annotate(Sum("amount")).order_by()
    return {order_id: exact(amount) for order_id, amount in sums}


def units_by_line(lines) -> dict[int, int]:
    return dict(lines.values_list("line_id").annotate(Sum("units")).order_by())


def open_units_by_line() -> dict[int, int]:
    gone = units_by_line(CancellationLine.objects.filter(cancellation__revoked_at__isnull=True))
    sent = units_by_line(ShipmentLine.objects.all())
    return {
        pk: quantity - gone.get(pk, 0) - sent.get(pk, 0)
        for pk, quantity in OrderLine.objects.values_list("pk", "quantity").iterator()
    }
