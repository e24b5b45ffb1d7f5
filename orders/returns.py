"""Goods that come back. Only a returned unit adds to on hand."""

from collections.abc import Mapping
from datetime import datetime

from catalog import stock
from catalog.transactions import use_case
from orders.errors import RETURNED, IllegalMove
from orders.models import OrderEvent, Return, ReturnLine
from orders.states import FulfilmentState
from orders.timeline import record
from orders.units import check_units, in_variants, lock_order, returnable_units


@use_case
def accept_return(
    order_id: int, *, units: Mapping[int, int] | None = None, reason: str, restock: bool, at: datetime, by=None
) -> Return:
    """Book returned `units` ({order line id: units}), all that were sent by default.

    With `restock` they go back on the shelf. Money is sent back by
    `orders.refunds`. Raises IllegalMove, UnknownLine and TooManyUnits.
    """
    order = lock_order(order_id)
    possible = returnable_units(order)
    back = dict(units) if units is not None else possible
    check_units(order, back, possible)
    if not back or not FulfilmentState(order.fulfilment_state).may_become(FulfilmentState.RETURNED):
        raise IllegalMove(order, RETURNED)
    accepted = Return.objects.create(order=order, reason=reason, at=at, by=by)
    ReturnLine.objects.bulk_create(
        ReturnLine(return_of_goods=accepted, line_id=line_id, units=count, restocked=restock)
        for line_id, count in back.items()
    )
    if restock:
        stock.restock(in_variants(order, back), reference=order.stock_reference, at=at, by=by)
    if back == possible:
        order.fulfilment_state = FulfilmentState.RETURNED
        order.save(update_fields=["fulfilment_state"])
    record(order, OrderEvent.Kind.RETURNED, at=at, by=by, detail=reason)
    return accepted
