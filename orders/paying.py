"""Charging an order, and the one transaction that every answer of a gateway leads to."""

import logging
import time
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from catalog import stock
from catalog.errors import OutOfStock, StockNotTracked
from catalog.transactions import use_case
from orders import mail
from orders.details import CheckoutDetails
from orders.errors import DetailsMissing, InProgress, KeyReused, NotPayable, PaymentUnfinished
from orders.keys import Claimed, PaymentKey, claim
from orders.models import Cancellation, IdempotencyKey, Order, OrderEvent, OrderMail, Payment
from orders.querysets import PaymentQuerySet
from orders.refunds import start_refund
from orders.requoting import change_details, missing_details
from orders.states import FulfilmentState, PaymentState
from orders.timeline import record
from orders.units import held_units, lock_order
from payments.gateway import Charge, GatewayError, Outcome, get_gateway

logger = logging.getLogger(__name__)

State = Payment.State
Kind = OrderEvent.Kind
AFTER_SESSION = timedelta(minutes=5)  # kept beyond the end of a redirect's session
WAIT_FOR_TWIN = 10.0  # seconds that a repeated request waits for the first one's answer


def start_payment(order: Order, *, at: datetime, claimed: IdempotencyKey | None = None) -> Payment:
    """Write down that the order's total is about to be charged. Call inside a transaction, order locked."""
    return Payment.objects.create(
        order=order,
        claim=claimed,
        gateway=get_gateway().name,
        amount=order.total,
        currency=order.currency,
        created_at=at,
    )


def pay(
    order: Order,
    *,
    token: str,
    at: datetime,
    details: CheckoutDetails | None = None,
    key: PaymentKey | None = None,
    by=None,
) -> Payment | None:
    """Try to charge an order that awaits payment, once more; returns the try with its order.

    `details` are set before, in the same transaction; without a `token` that
    is all. None when nothing was charged: that, or a total of 0, which is paid
    so. The same `key` and request answer the same try in its current state.

    Raises NotPayable, PaymentUnfinished (the earlier try is not final),
    DetailsMissing, what `change_details` says, KeyReused, InProgress (the twin
    request is still being charged), Busy. Must not be called inside a
    transaction.
    """
    try:
        payment = _new_try(order.pk, is_charged=bool(token), details=details, key=key, at=at, by=by)
    except Claimed:
        assert key is not None
        return _earlier_try(order, key)
    return None if payment is None else charge(payment, token=token, at=at)


@use_case
def _new_try(
    order_id: int,
    *,
    is_charged: bool,
    details: CheckoutDetails | None,
    key: PaymentKey | None,
    at: datetime,
    by,
) -> Payment | None:
    claimed = claim(key.key, key.request_hash, at=at) if key is not None and is_charged else None
    order = lock_order(order_id)
    if order.payments.unfinished().exists():
        raise PaymentUnfinished
    if not order.is_awaiting_payment() or order.hold_until <= at:
        raise NotPayable(order)
    if details is not None:
        change_details(order, details, at=at, by=by)
    missing = missing_details(order)
    if is_charged and missing:
        raise DetailsMissing(missing)
    if is_charged and order.total:
        return start_payment(order, at=at, claimed=claimed)
    if claimed is not None:
        claimed.delete()
    if not order.total and not missing:
        mark_paid(order, at=at)
    return None


def _earlier_try(order: Order, key: PaymentKey) -> Payment:
    """What this key's first request tried. Raises KeyReused, InProgress."""
    tries = Payment.objects.filter(order=order, claim__key=key.key, claim__request_hash=key.request_hash)
    payment = tries.select_related("order").first()
    if payment is None:
        raise KeyReused
    return once_answered(payment)


def once_answered(payment: Payment) -> Payment:
    """The payment, once its gateway answered the request that started it.

    Waits outside any transaction. Raises InProgress.
    """
    deadline = time.monotonic() + WAIT_FOR_TWIN
    while payment.state == State.INITIATED:
        if time.monotonic() > deadline:
            raise InProgress(payment.order)
        time.sleep(0.1)
        payment.refresh_from_db(fields=["state", "code", "detail", "action_url", "captured_at"])
    return payment


def charge(payment: Payment, *, token: str, at: datetime) -> Payment:
    """Ask the gateway, outside any transaction, and settle what it answers. Reads the payment's order."""
    try:
        answer = get_gateway(payment.gateway).charge(
            key=str(payment.pk),
            amount=payment.amount,
            currency=payment.currency,
            token=token,
            reference=str(payment.order_id),
            return_url=reverse("orders:payment_return", args=[payment.order.token]),
        )
    except GatewayError:
        logger.warning("gateway gave no answer", extra={"payment": str(payment.pk)})
        answer = Charge(Outcome.UNKNOWN)
    return settle(payment, answer, at=at)


@use_case
def settle(payment: Payment, answer: Charge, *, at: datetime) -> Payment:
    """Transaction 2: make the order agree with what the gateway says of one payment.

    Charge, redirect back, webhook and reconciler all end here; repeating it,
    in any order, changes nothing more. A final payment stays as it is, except
    that money which did move is always taken up. Returns the payment as it is
    now, with its order.
    """
    payment.order = order = lock_order(payment.order_id)
    if answer.outcome is not Outcome.PAID:
        _note_unpaid(order, payment, answer, at=at)
    elif (answer.amount, answer.currency) != (payment.amount, payment.currency):
        logger.error("gateway captured another amount", extra={"payment": str(payment.pk)})
        _note_unpaid(order, payment, Charge(Outcome.UNKNOWN, code="amount_differs"), at=at)
    elif _change(payment, Payment.objects.exclude(state=State.CAPTURED), state=State.CAPTURED, captured_at=at):
        _take_up(order, payment, at=at)
    return payment


def _change(payment: Payment, allowed: PaymentQuerySet, **values) -> bool:
    """Set a payment's columns if it is among those `allowed`; otherwise only reads it again."""
    changed = allowed.filter(pk=payment.pk).update(**values)
    if changed:
        for name, value in values.items():
            setattr(payment, name, value)
    else:
        payment.refresh_from_db(fields=["state", "code", "detail", "action_url", "captured_at"])
    return bool(changed)


def _take_up(order: Order, payment: Payment, *, at: datetime) -> None:
    if order.payment_state != PaymentState.AWAITING:
        _send_back(order, payment, reason="paid twice", at=at)
    elif order.fulfilment_state == FulfilmentState.CANCELLED and not _revive(order, at=at):
        _send_back(order, payment, reason="paid after cancellation", at=at)
    else:
        mark_paid(order, at=at)


def _send_back(order: Order, payment: Payment, *, reason: str, at: datetime) -> None:
    record(order, Kind.LATE_PAYMENT, at=at)
    start_refund(order, payment, amount=payment.amount, reason=reason, at=at)
    mail.owe(order, OrderMail.Kind.LATE_REFUND, at=at)


def mark_paid(order: Order, *, at: datetime) -> None:
    """The order is paid: its state, its timeline and its confirmation. Call inside a transaction, order locked."""
    order.move_payment(PaymentState.PAID)
    record(order, Kind.PAID, at=at)
    mail.owe(order, OrderMail.Kind.CONFIRMATION, at=at)


def _revive(order: Order, *, at: datetime) -> bool:
    """Take an expired order up again if its goods are still there; returns whether it was."""
    cancellation = order.cancellations.filter(revoked_at__isnull=True).first()
    if cancellation is None or cancellation.cause != Cancellation.Cause.EXPIRED:
        return False
    try:
        with transaction.atomic():
            Cancellation.objects.filter(pk=cancellation.pk).update(revoked_at=at)
            stock.reserve(held_units(order), reference=order.stock_reference, at=at)
    except (OutOfStock, StockNotTracked):
        return False
    order.fulfilment_state = FulfilmentState.UNFULFILLED
    order.save(update_fields=["fulfilment_state"])
    record(order, Kind.REVIVED, at=at)
    return True


def _note_unpaid(order: Order, payment: Payment, answer: Charge, *, at: datetime) -> None:
    state, kind = {
        Outcome.DECLINED: (State.DECLINED, Kind.PAYMENT_DECLINED),
        Outcome.VOIDED: (State.FAILED, Kind.PAYMENT_FAILED),
        Outcome.NEEDS_ACTION: (State.NEEDS_ACTION, Kind.PAYMENT_ACTION),
    }.get(answer.outcome, (State.UNKNOWN, Kind.PAYMENT_UNKNOWN))
    news = Payment.objects.unfinished().exclude(state=state, code=answer.code)
    if not _change(payment, news, state=state, code=answer.code, detail=answer.detail, action_url=answer.action_url):
        return
    record(order, kind, at=at, detail=answer.detail or answer.code)
    if answer.session_ends_at is not None and state is State.NEEDS_ACTION:
        order.hold_until = max(order.hold_until, answer.session_ends_at + AFTER_SESSION)
        order.save(update_fields=["hold_until"])


def ask_gateway(payment: Payment, *, at: datetime, give_up: bool = False) -> None:
    """Find out about an unfinished payment and settle it. Raises GatewayError.

    A payment of which the gateway knows nothing is voided before it is called
    failed, and not before twice the gateway's time limit, so that a charge
    still under way cannot land after it. A shopper's unfinished confirmation
    is voided only to `give_up`.
    """
    gateway = get_gateway(payment.gateway)
    key = str(payment.pk)
    answer = gateway.query(key)
    may_void = at - payment.created_at >= 2 * gateway.time_limit
    if answer is None or answer.outcome is Outcome.UNKNOWN:
        answer = gateway.void(key) if may_void else None
    elif answer.outcome is Outcome.NEEDS_ACTION and (give_up or _session_is_over(answer, at)):
        answer = gateway.void(key)
    if answer is not None:
        settle(payment, answer, at=at)


def _session_is_over(answer: Charge, at: datetime) -> bool:
    return answer.session_ends_at is not None and answer.session_ends_at <= at
