"""Whether the money that moved is what the orders, and the test gateway, say."""

from collections.abc import Iterator
from decimal import Decimal

from babel.numbers import get_currency_precision
from django.db.models import F, Q, Sum

from orders.audit.sums import ZERO, by_order, exact
from orders.audit.violation import Violation, wrong
from orders.models import Order, OrderMail, Payment, Refund
from orders.refunds import LIVE
from orders.states import FulfilmentState, PaymentState
from payments.models import TestCharge

CANCELLED = FulfilmentState.CANCELLED


def money_matches_state() -> Iterator[Violation]:
    """A paid order has a capture of exactly its total; refunds ≤ captures; what is kept ≤ total."""
    captured = by_order(Payment.objects.filter(state=Payment.State.CAPTURED))
    refunded = by_order(Refund.objects.filter(state__in=LIVE))
    exact = set(
        Payment.objects.filter(
            state=Payment.State.CAPTURED, amount=F("order__total"), currency=F("order__currency")
        ).values_list("order_id", flat=True)
    )
    for order in Order.objects.iterator():
        paid_in, paid_back = captured.get(order.pk, ZERO), refunded.get(order.pk, ZERO)
        if order.payment_state != PaymentState.AWAITING and order.total and order.pk not in exact:
            yield wrong("money matches state", order, f"is {order.payment_state} without a capture of {order.total}")
        if order.payment_state == PaymentState.AWAITING and paid_in > paid_back:
            yield wrong("money matches state", order, f"awaits payment but {paid_in - paid_back} was captured")
        if order.payment_state == PaymentState.AWAITING and paid_in and order.fulfilment_state != CANCELLED:
            yield wrong("money matches state", order, f"awaits payment although {paid_in} was captured")
        if paid_back > paid_in:
            yield wrong("money matches state", order, f"refunded {paid_back} of {paid_in} captured")
        if paid_in - paid_back > order.total:
            yield wrong("money matches state", order, f"kept {paid_in - paid_back} for a total of {order.total}")
        if order.payment_state == PaymentState.PAID and paid_back > paid_in - order.total:
            yield wrong("money matches state", order, "is called paid although money went back")
        if order.payment_state == PaymentState.PARTLY_REFUNDED and not ZERO < paid_in - paid_back < order.total:
            yield wrong("money matches state", order, f"is called partly refunded, {paid_in - paid_back} was kept")
        if order.payment_state == PaymentState.REFUNDED and (paid_in != paid_back or not paid_in):
            yield wrong("money matches state", order, f"is called refunded, {paid_back} of {paid_in} went back")


def cancelled_orders_are_settled() -> Iterator[Violation]:
    """A cancelled order keeps no money, and no charge of it is still running."""
    kept = by_order(Payment.objects.filter(state=Payment.State.CAPTURED, order__fulfilment_state=CANCELLED))
    refunded = by_order(Refund.objects.filter(state__in=LIVE, order__fulfilment_state=CANCELLED))
    for order_id, paid_in in kept.items():
        if paid_in != refunded.get(order_id, ZERO):
            yield Violation(
                "cancelled orders are settled",
                "orders_order",
                str(order_id),
                f"{refunded.get(order_id, ZERO)} of {paid_in} went back",
            )
    for payment in Payment.objects.unfinished().filter(order__fulfilment_state=CANCELLED).iterator():
        yield wrong("cancelled orders are settled", payment, f"is {payment.state}, its order is cancelled")


def money_stays_with_its_order() -> Iterator[Violation]:
    """A payment is in its order's currency, a refund in its payment's and of the same order."""
    for payment in Payment.objects.exclude(currency=F("order__currency")).iterator():
        yield wrong("money stays with its order", payment, f"is in {payment.currency}, its order in another")
    for refund in Refund.objects.exclude(currency=F("payment__currency")).iterator():
        yield wrong("money stays with its order", refund, f"is in {refund.currency}, its payment in another")
    for refund in Refund.objects.exclude(order=F("payment__order")).iterator():
        yield wrong("money stays with its order", refund, "names the payment of another order")


def refunds_fit_their_payment() -> Iterator[Violation]:
    """The refunds of a payment, running ones included, do not exceed it, and only a capture has any."""
    live = Q(refunds__state__in=LIVE)
    payments = Payment.objects.annotate(back=Sum("refunds__amount", filter=live)).filter(back__isnull=False)
    for payment in payments.iterator():
        if payment.state != Payment.State.CAPTURED or exact(payment.back) > payment.amount:
            yield wrong("refunds fit their payment", payment, f"{payment.back} of {payment.amount} sent back")


def one_charge_is_kept() -> Iterator[Violation]:
    """At most one captured charge of an order is not wholly refunded."""
    kept: dict[int, int] = {}
    payments = Payment.objects.filter(state=Payment.State.CAPTURED).annotate(
        back=Sum("refunds__amount", filter=Q(refunds__state__in=LIVE))
    )
    for payment in payments.iterator():
        if payment.amount > exact(payment.back or ZERO):
            kept[payment.order_id] = kept.get(payment.order_id, 0) + 1
    for order_id, count in kept.items():
        if count > 1:
            yield Violation("one charge is kept", "orders_order", str(order_id), f"{count} charges are kept")


def paid_orders_are_complete() -> Iterator[Violation]:
    """A paid order has e-mail, addresses and method, and owes its confirmation."""
    paid = Order.objects.exclude(payment_state=PaymentState.AWAITING)
    confirmed = OrderMail.objects.filter(kind=OrderMail.Kind.CONFIRMATION).values("order")
    for order in paid.iterator():
        if not order.is_complete():
            yield wrong("paid orders are complete", order, "lacks e-mail, an address or its method")
    for order in paid.exclude(pk__in=confirmed).iterator():
        yield wrong("paid orders are complete", order, "has no confirmation mail")


def charges_have_orders() -> Iterator[Violation]:
    """Every capture of the test gateway is a payment of ours, of the same order and amount, and the other way round."""
    payments = {str(payment.pk): payment for payment in Payment.objects.filter(gateway="test").iterator()}
    # A key that was voided before its charge came is of no order.
    for charge in TestCharge.objects.exclude(status=TestCharge.Status.VOIDED, order_ref="").iterator():
        payment = payments.get(charge.key)
        if payment is not None and charge.order_ref != str(payment.order_id):
            yield wrong("charges have orders", charge, f"is for {charge.order_ref}, its payment for {payment.order_id}")
    for charge in TestCharge.objects.filter(status=TestCharge.Status.CAPTURED).iterator():
        payment = payments.pop(charge.key, None)
        amount = Decimal(charge.amount).scaleb(-get_currency_precision(charge.currency))
        if payment is None:
            yield wrong("charges have orders", charge, "was captured, but there is no payment")
        elif payment.state in (Payment.State.DECLINED, Payment.State.FAILED):
            yield wrong("charges have orders", charge, f"was captured, its payment is {payment.state}")
        elif (payment.amount, payment.currency) != (amount, charge.currency):
            yield wrong("charges have orders", charge, f"captured {amount}, the payment says {payment.amount}")
    for payment in payments.values():
        if payment.state == Payment.State.CAPTURED:
            yield wrong("charges have orders", payment, "is captured here, not at the gateway")


def refunds_are_the_gateways() -> Iterator[Violation]:
    """Each refund that is done was made by the test gateway, of that charge and amount, and it made no others."""
    made: dict[str, tuple[TestCharge, Decimal]] = {}
    for charge in TestCharge.objects.exclude(refunded=0, refunds={}).iterator():
        if charge.refunded != sum(charge.refunds.values()):
            yield wrong("refunds are the gateway's", charge, f"{charge.refunded} sent back, its refunds sum to another")
        unit = Decimal(1).scaleb(-get_currency_precision(charge.currency))
        made |= {key: (charge, minor * unit) for key, minor in charge.refunds.items()}
    for refund in Refund.objects.filter(payment__gateway="test").iterator():
        charged, amount = made.pop(str(refund.pk), (None, ZERO))
        if charged is not None and charged.key != str(refund.payment_id):
            yield wrong("refunds are the gateway's", refund, "was made of another charge")
        if amount != refund.amount and (amount or refund.state == Refund.State.DONE):
            yield wrong("refunds are the gateway's", refund, f"is {refund.amount}, the gateway sent back {amount}")
        elif amount and refund.state == Refund.State.FAILED:
            yield wrong("refunds are the gateway's", refund, "is called failed, the gateway made it")
    for charge, amount in made.values():
        yield wrong("refunds are the gateway's", charge, f"{amount} was sent back, but there is no refund")
