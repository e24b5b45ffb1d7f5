"""Units of an order's lines: ordered, cancelled, shipped, returned; open = ordered − cancelled − shipped."""

from collections.abc import Iterable, Mapping

from django.db.models import Sum

from orders.errors import TooManyUnits, UnknownLine
from orders.models import CancellationLine, Order, ReturnLine, ShipmentLine

Units = dict[int, int]  # {order line id: units}


def lock_order(order_id: int) -> Order:
    """The order, locked until the transaction ends."""
    return Order.objects.select_for_update(of=("self",)).get(pk=order_id)


def open_units(order: Order) -> Units:
    """Units of each line that are still to be sent; lines with none are left out."""
    gone = _sum(CancellationLine.objects.filter(cancellation__order=order, cancellation__revoked_at__isnull=True))
    sent = shipped_units(order)
    left = {
        line_id: quantity - gone.get(line_id, 0) - sent.get(line_id, 0)
        for line_id, quantity in order.lines.values_list("pk", "quantity")
    }
    return {line_id: units for line_id, units in left.items() if units}


def shipped_units(order: Order) -> Units:
    return _sum(ShipmentLine.objects.filter(shipment__order=order))


def returnable_units(order: Order) -> Units:
    """Units of each line that were shipped and have not come back."""
    back = _sum(ReturnLine.objects.filter(return_of_goods__order=order))
    left = {line_id: units - back.get(line_id, 0) for line_id, units in shipped_units(order).items()}
    return {line_id: units for line_id, units in left.items() if units}


def held_units(order: Order) -> Units:
    """``{variant_id: units}`` that the order's open units hold in stock."""
    return in_variants(order, open_units(order))


def in_variants(order: Order, units: Mapping[int, int]) -> Units:
    """Units by order line as units by variant, of the lines that reserved stock."""
    variants = dict(order.lines.filter(stock_reserved=True).values_list("pk", "variant_id"))
    return {variants[line_id]: count for line_id, count in units.items() if line_id in variants}


def check_units(order: Order, wanted: Mapping[int, int], possible: Mapping[int, int]) -> None:
    """Raises UnknownLine for a line of another order, TooManyUnits for one with fewer possible units than wanted."""
    for line_id, units in wanted.items():
        if units < 1 or units > possible.get(line_id, 0):
            sku = order.lines.filter(pk=line_id).values_list("sku", flat=True).first()
            raise TooManyUnits(sku, possible.get(line_id, 0)) if sku is not None else UnknownLine(line_id)


def _sum(lines) -> Units:
    rows: Iterable[tuple[int, int]] = lines.values_list("line_id").annotate(Sum("units")).order_by()
    return dict(rows)
