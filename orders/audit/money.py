"""Whether the money that moved is what the orders, and the test gateway, say."""

from collections.abc import Iterator
from decimal import Decimal

from babel.numbers import get_currency_precision
from django.db.models import F, Q, Sum

from orders.audit.sums import ZERO, by_order, exact
from orders.audit.violation import Violation, wrong
from orders.models import Order, OrderMail, Payment, Refund
from orders.refunds import LIVE
from orders.states import PaymentState
from payments.models import TestCharge


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
        if paid_back > paid_in:
            yield wrong("money matches state", order, f"refunded {paid_back} of {paid_in} captured")
        if paid_in - paid_back > order.total:
            yield wrong("money matches state", order, f"kept {paid_in - paid_back} for a total of {order.total}")
        if order.payment_state == PaymentState.PAID and paid_back > paid_in - order.total:
            yield wrong("money matches state", order, "is called paid although money went back")
        if order.payment_state == PaymentState.PARTLY_REFUNDED and not ZERO < paid_in - paid_back < order.total:
            yield wrong("money matches state", order, f"is called partly refunded, {paid_in - paid_back} was kept")
        if order.payment_state == PaymentState.REFUNDED and paid_in != paid_back:
            yield wrong("money matches state", order, f"is called refunded, {paid_in - paid_back} was kept")


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
    """Every capture that the test gateway made is a payment of ours, of the same amount, and the other way round."""
    payments = {str(payment.pk): payment for payment in Payment.objects.filter(gateway="test").iterator()}
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
    """Each refund that is done was made by the test gateway, in the same amount, and it made no others."""
    made = {
        key: (charge, Decimal(minor).scaleb(-get_currency_precision(charge.currency)))
        for charge in TestCharge.objects.filter(refunded__gt=0).iterator()
        for key, minor in charge.refunds.items()
    }
    for refund in Refund.objects.filter(payment__gateway="test").iterator():
        _, amount = made.pop(str(refund.pk), (None, ZERO))
        if amount != refund.amount and (amount or refund.state == Refund.State.DONE):
            yield wrong("refunds are the gateway's", refund, f"is {refund.amount}, the gateway sent back {amount}")
        elif amount and refund.state == Refund.State.FAILED:
            yield wrong("refunds are the gateway's", refund, "is called failed, the gateway made it")
    for charge, amount in made.values():
        yield wrong("refunds are the gateway's", charge, f"{amount} was sent back, but there is no refund")
