"""Ending an order before its goods leave: by the shopper, by staff, or for want of payment."""

from datetime import datetime

from catalog import stock
from catalog.transactions import use_case
from orders import mail
from orders.errors import CANCELLED, IllegalMove, PaymentUnfinished
from orders.models import Cancellation, CancellationLine, Order, OrderEvent, OrderMail, Payment
from orders.paying import ask_gateway
from orders.refunds import refundable, start_refund
from orders.states import FulfilmentState, PaymentState
from orders.timeline import record
from orders.units import in_variants, lock_order, open_units

Cause = Cancellation.Cause


def cancel(order: Order, *, cause: Cancellation.Cause, at: datetime, by=None, reason: str = "") -> Order:
    """Cancel all of an order: its stock is released and its money goes back.

    A shopper can cancel until it is packed, staff until something has left.
    A charge still under way is voided at the gateway first. Raises
    IllegalMove, PaymentUnfinished (the gateway has not said yet), GatewayError.
    Must not be called inside a transaction.
    """
    _check_state(order, cause)
    for payment in order.payments.unfinished():
        ask_gateway(payment, at=at, give_up=True)
    return _cancel(order.pk, cause=cause, at=at, by=by, reason=reason)


def is_cancelled_by(order: Order, cause: Cancellation.Cause) -> bool:
    """Whether the order is cancelled, and by this side."""
    return order.cancellations.filter(cause=cause, revoked_at=None).exists()


def expire(order: Order, *, at: datetime) -> Order:
    """Cancel an order that was not paid in time. As `cancel`; money that arrived meanwhile keeps it."""
    for payment in order.payments.unfinished():
        ask_gateway(payment, at=at, give_up=True)
    return _cancel(order.pk, cause=Cause.EXPIRED, at=at)


@use_case
def _cancel(order_id: int, *, cause: Cancellation.Cause, at: datetime, by=None, reason: str = "") -> Order:
    order = lock_order(order_id)
    if cause == Cause.EXPIRED and (not order.is_awaiting_payment() or order.hold_until > at):
        return order
    _check_state(order, cause)
    payments = list(order.payments.select_for_update(of=("self",)).order_by("pk"))
    if any(payment.is_unfinished() for payment in payments):
        raise PaymentUnfinished
    units = open_units(order)
    cancellation = Cancellation.objects.create(order=order, cause=cause, reason=reason, at=at, by=by)
    CancellationLine.objects.bulk_create(
        CancellationLine(cancellation=cancellation, line_id=line_id, units=count) for line_id, count in units.items()
    )
    record(order, _event(cause), at=at, by=by, detail=reason)
    _send_money_back(order, payments, reason=reason or cancellation.get_cause_display(), at=at, by=by)
    stock.release(in_variants(order, units), reference=order.stock_reference, at=at, by=by)
    order.fulfilment_state = FulfilmentState.CANCELLED
    order.save(update_fields=["fulfilment_state"])
    mail.owe(order, OrderMail.Kind.CANCELLED, at=at)
    return order


def _check_state(order: Order, cause: Cancellation.Cause) -> None:
    can = order.fulfilment_state == FulfilmentState.UNFULFILLED if cause == Cause.SHOPPER else order.can_be_cancelled()
    if not can:
        raise IllegalMove(order, CANCELLED)


def _send_money_back(order: Order, payments: list[Payment], *, reason: str, at: datetime, by) -> None:
    for payment in payments:
        if payment.state == Payment.State.CAPTURED and (amount := refundable(payment)):
            start_refund(order, payment, amount=amount, reason=reason, at=at, by=by)
    if order.payment_state != PaymentState.AWAITING and order.total:
        order.move_payment(PaymentState.REFUNDED)


def _event(cause: Cancellation.Cause) -> OrderEvent.Kind:
    return OrderEvent.Kind.EXPIRED if cause == Cause.EXPIRED else OrderEvent.Kind.CANCELLED
