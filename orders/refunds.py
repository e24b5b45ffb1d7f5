"""Money back: written down first, then asked of the gateway by a task."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone
from django_tasks import task

from catalog.transactions import use_case
from orders.errors import REFUNDED, IllegalMove, InvalidRefund, RefundTooHigh
from orders.models import Order, OrderEvent, Payment, Refund, RefundLine
from orders.states import PaymentState
from orders.timeline import record
from orders.units import check_units, lock_order
from payments.gateway import GatewayError, get_gateway
from pricing.money import rounded, shown

Kind = OrderEvent.Kind
LIVE = (Refund.State.INITIATED, Refund.State.DONE)
REFUND_PRIORITY = 60


def refundable(payment: Payment) -> Decimal:
    """What is left of a captured payment, in its currency, after refunds done and running."""
    given = payment.refunds.filter(state__in=LIVE).aggregate(Sum("amount"))["amount__sum"]
    return payment.amount - (given or Decimal(0))


@use_case
def refund(
    order_id: int,
    *,
    amount: Decimal | None,
    reason: str,
    at: datetime,
    by=None,
    units: Mapping[int, int] | None = None,
) -> Refund:
    """Send part or all of a paid order's money back; `amount` in the order's currency, None for all that is left.

    `units` ({order line id: units}) says what it is for. Raises IllegalMove
    (not paid, or nothing left), UnknownLine, TooManyUnits, InvalidRefund and RefundTooHigh.
    """
    order = lock_order(order_id)
    # An earlier capture may have come too late and be on its way back already.
    payment = max(order.payments.captured().order_by("captured_at"), key=refundable, default=None)
    if payment is None or order.payment_state == PaymentState.AWAITING:
        raise IllegalMove(order, REFUNDED)
    if amount is None and not (amount := refundable(payment)):
        raise IllegalMove(order, REFUNDED)
    check_units(order, units or {}, dict(order.lines.values_list("pk", "quantity")))
    refunded = start_refund(order, payment, amount=amount, reason=reason, at=at, by=by, units=units)
    order.move_payment(PaymentState.PARTLY_REFUNDED if refundable(payment) else PaymentState.REFUNDED)
    return refunded


def start_refund(
    order: Order,
    payment: Payment,
    *,
    amount: Decimal,
    reason: str,
    at: datetime,
    by=None,
    units: Mapping[int, int] | None = None,
) -> Refund:
    """Write a refund and enqueue its task. Call inside a transaction, order locked.

    Raises InvalidRefund and RefundTooHigh.
    """
    if amount <= 0 or amount != rounded(amount, payment.currency):
        raise InvalidRefund
    possible = refundable(payment)
    if amount > possible:
        raise RefundTooHigh(possible=possible, currency=payment.currency)
    started = Refund.objects.create(
        order=order, payment=payment, amount=amount, currency=payment.currency, reason=reason, at=at, by=by
    )
    RefundLine.objects.bulk_create(
        RefundLine(refund=started, line_id=line_id, units=count) for line_id, count in (units or {}).items()
    )
    record(order, Kind.REFUND_STARTED, at=at, by=by, detail=shown(amount, payment.currency))
    send_refund.enqueue(str(started.pk))
    return started


@task(priority=REFUND_PRIORITY)
def send_refund(refund_id: str) -> None:
    """Ask the gateway for a refund; without its answer the reconciler asks again with the same key."""
    started = Refund.objects.select_related("payment").filter(pk=refund_id, state=Refund.State.INITIATED).first()
    if started is None:
        return
    try:
        get_gateway(started.payment.gateway).refund(
            key=str(started.pk),
            charge_key=str(started.payment_id),
            amount=started.amount,
            currency=started.currency,
        )
    except GatewayError:
        return
    _finish(started.pk, at=timezone.now())


@use_case
def _finish(refund_id, *, at: datetime) -> None:
    started = Refund.objects.select_related("order").get(pk=refund_id)
    lock_order(started.order_id)
    done = Refund.objects.filter(pk=refund_id, state=Refund.State.INITIATED).update(state=Refund.State.DONE)
    if done:
        record(started.order, Kind.REFUNDED, at=at, detail=shown(started.amount, started.currency))
