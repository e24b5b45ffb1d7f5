"""Packing, sending and delivering a paid order."""

from collections.abc import Mapping
from datetime import datetime

from catalog import stock
from catalog.transactions import use_case
from orders import mail
from orders.errors import DELIVERED, PACKED, SHIPPED, IllegalMove
from orders.models import Order, OrderEvent, OrderMail, Shipment, ShipmentLine
from orders.states import FulfilmentState
from orders.timeline import record
from orders.units import check_units, in_variants, lock_order, open_units

Kind = OrderEvent.Kind


@use_case
def pack(order_id: int, *, at: datetime, by=None) -> Order:
    """The goods are in the box. Raises IllegalMove."""
    order = lock_order(order_id)
    _move(order, FulfilmentState.PACKED, PACKED)
    record(order, Kind.PACKED, at=at, by=by)
    return order


@use_case
def ship(
    order_id: int,
    *,
    at: datetime,
    by=None,
    units: Mapping[int, int] | None = None,
    carrier: str = "",
    tracking_number: str = "",
) -> Shipment:
    """A parcel leaves, with `units` ({order line id: units}) or with all that is open.

    Reserved and on hand fall together. Raises IllegalMove, UnknownLine and TooManyUnits.
    """
    order = lock_order(order_id)
    left = open_units(order)
    sent = dict(units) if units is not None else left
    check_units(order, sent, left)
    if not sent:
        raise IllegalMove(order, SHIPPED)
    _move(order, FulfilmentState.SHIPPED if sent == left else FulfilmentState.PARTLY_SHIPPED, SHIPPED)
    shipment = Shipment.objects.create(order=order, carrier=carrier, tracking_number=tracking_number, at=at, by=by)
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, line_id=line_id, units=count) for line_id, count in sent.items()
    )
    stock.ship(in_variants(order, sent), reference=order.stock_reference, at=at, by=by)
    record(order, Kind.SHIPPED, at=at, by=by, detail=" ".join(filter(None, (carrier, tracking_number))))
    mail.owe(order, OrderMail.Kind.SHIPPED, at=at)
    return shipment


@use_case
def deliver(order_id: int, *, at: datetime, by=None) -> Order:
    """The parcel arrived. Raises IllegalMove."""
    order = lock_order(order_id)
    _move(order, FulfilmentState.DELIVERED, DELIVERED)
    record(order, Kind.DELIVERED, at=at, by=by)
    return order


def _move(order: Order, new: FulfilmentState, action: str) -> None:
    if not order.may_become(new):
        raise IllegalMove(order, action)
    order.fulfilment_state = new
    order.save(update_fields=["fulfilment_state"])
