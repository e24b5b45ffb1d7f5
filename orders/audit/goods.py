"""Whether carts, parcels, cancellations and returns agree with their orders."""

from collections.abc import Iterator

from django.db.models import F

from cart.models import Cart, CartLine
from cart.quantities import HIGHEST_QUANTITY
from orders.audit.sums import open_units_by_line, units_by_line
from orders.audit.violation import Violation, wrong
from orders.models import CancellationLine, IdempotencyKey, Order, OrderLine, RefundLine, ReturnLine, ShipmentLine
from orders.states import FulfilmentState


def units_add_up() -> Iterator[Violation]:
    """No line has more units cancelled and shipped than ordered, nor more returned than shipped."""
    shipped, returned = units_by_line(ShipmentLine.objects.all()), units_by_line(ReturnLine.objects.all())
    for line_id, units in open_units_by_line().items():
        if units < 0:
            yield Violation("units add up", "orders_orderline", str(line_id), f"{-units} more gone than ordered")
    for line_id, units in returned.items():
        if units > shipped.get(line_id, 0):
            yield Violation("units add up", "orders_orderline", str(line_id), "more returned than shipped")


def units_are_of_their_order() -> Iterator[Violation]:
    """A shipment, cancellation, return or refund names lines of its own order."""
    for model, owner in (
        (ShipmentLine, "shipment"),
        (CancellationLine, "cancellation"),
        (ReturnLine, "return_of_goods"),
        (RefundLine, "refund"),
    ):
        for row in model.objects.exclude(line__order=F(f"{owner}__order")).iterator():
            yield wrong("units are of their order", row, "names a line of another order")


def goods_match_state() -> Iterator[Violation]:
    """The fulfilment state says what shipments and cancellations say."""
    left: dict[int, int] = {}
    units = open_units_by_line()
    for line_id, order_id in OrderLine.objects.values_list("pk", "order_id").iterator():
        left[order_id] = left.get(order_id, 0) + units[line_id]
    sent = set(ShipmentLine.objects.values_list("shipment__order_id", flat=True))
    for order in Order.objects.iterator():
        is_over = order.fulfilment_state not in (
            FulfilmentState.UNFULFILLED,
            FulfilmentState.PACKED,
            FulfilmentState.PARTLY_SHIPPED,
        )
        has_left = order.fulfilment_state not in (
            FulfilmentState.UNFULFILLED,
            FulfilmentState.PACKED,
            FulfilmentState.CANCELLED,
        )
        if is_over == bool(left.get(order.pk, 0)):
            yield wrong("goods match state", order, f"is {order.fulfilment_state}, {left.get(order.pk, 0)} units open")
        if has_left != (order.pk in sent):
            yield wrong("goods match state", order, f"is {order.fulfilment_state}, its shipments say otherwise")


def carts_become_one_order() -> Iterator[Violation]:
    """An ordered cart has its order, an order's cart is ordered, and a claimed key has what it was claimed for."""
    for cart in Cart.objects.filter(status=Cart.Status.ORDERED, order__isnull=True).iterator():
        yield wrong("carts become one order", cart, "is ordered, but there is no order")
    for order in Order.objects.exclude(cart__status=Cart.Status.ORDERED).iterator():
        yield wrong("carts become one order", order, "its cart is not ordered")
    uses = [relation.name for relation in IdempotencyKey._meta.related_objects]
    for key in IdempotencyKey.objects.filter(**{f"{use}__isnull": True for use in uses}).iterator():
        yield wrong("carts become one order", key, "the key was claimed for nothing")


def cart_lines_are_in_range() -> Iterator[Violation]:
    """A cart line holds 1 to 9,999 units."""
    for line in CartLine.objects.exclude(quantity__range=(1, HIGHEST_QUANTITY)).iterator():
        yield wrong("cart lines are in range", line, f"holds {line.quantity}")
