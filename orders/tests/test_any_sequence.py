"""Whatever people, gateways and clocks do to an order, in any order: the audit finds nothing."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import stock
from catalog.tests.factories import VariantFactory
from orders.audit import audit
from orders.cancellation import cancel
from orders.fulfilment import deliver, pack, ship
from orders.models import Cancellation, Order, OrderEvent, OrderMail, Payment
from orders.paying import pay, settle
from orders.reconcile import reconcile
from orders.refunds import refund
from orders.returns import accept_return
from orders.tests.factories import placed_order
from orders.tests.worker import run_tasks
from payments.gateway import get_gateway
from payments.models import TestCharge
from pricing.errors import ShopError

TOKENS = st.sampled_from(["tok_visa", "tok_declined", "tok_3ds", "tok_timeout", "tok_error", "tok_error_after"])
Step = Callable[[Order, datetime], object]


def answer_3ds(order: Order, *, confirmed: bool) -> None:
    for payment in order.payments.filter(state=Payment.State.NEEDS_ACTION):
        get_gateway("test").answer_action(str(payment.pk), confirmed=confirmed)


def late_money(order: Order, at: datetime) -> None:
    """A charge that was given up moves money after all, and the gateway tells."""
    payment = order.payments.exclude(state=Payment.State.CAPTURED).order_by("created_at").first()
    given_up = TestCharge.objects.filter(key=str(payment.pk) if payment else "", status__in=["voided", "declined"])
    if payment is not None and given_up.update(
        status=TestCharge.Status.CAPTURED,
        amount=int(payment.amount * 100),
        currency="EUR",
        order_ref=str(order.pk),
    ):
        settle(payment, get_gateway("test").query(str(payment.pk)), at=at)


def of_first_line(order: Order, units: int) -> dict[int, int]:
    return {order.lines.order_by("pk")[0].pk: units}


def sell_elsewhere(order: Order, at: datetime) -> None:
    variant = order.lines.order_by("pk")[0].variant
    ship(placed_order({variant: 1}, at=at).pk, at=at)


def step(action: Step) -> st.SearchStrategy[Step]:
    return st.just(action)


STEPS = st.one_of(
    TOKENS.map(lambda token: lambda order, at: pay(order, token=token, at=at)),
    st.booleans().map(lambda yes: lambda order, at: answer_3ds(order, confirmed=yes)),
    st.sampled_from([Cancellation.Cause.SHOPPER, Cancellation.Cause.STAFF]).map(
        lambda cause: lambda order, at: cancel(order, cause=cause, at=at)
    ),
    step(lambda order, at: pack(order.pk, at=at)),
    step(lambda order, at: ship(order.pk, at=at)),
    st.integers(0, 3).map(lambda units: lambda order, at: ship(order.pk, units=of_first_line(order, units), at=at)),
    step(lambda order, at: deliver(order.pk, at=at)),
    st.booleans().map(lambda restock: lambda order, at: accept_return(order.pk, reason="?", restock=restock, at=at)),
    st.integers(1, 3).map(
        lambda units: (
            lambda order, at: accept_return(
                order.pk, units=of_first_line(order, units), reason="?", restock=True, at=at
            )
        )
    ),
    st.sampled_from(["0.01", "10.00", "69.90", "70.00"]).map(
        lambda amount: lambda order, at: refund(order.pk, amount=Decimal(amount), reason="?", at=at)
    ),
    step(lambda order, at: reconcile(at=at)),
    step(late_money),
    step(sell_elsewhere),
    step(lambda order, at: stock.stop_tracking(order.lines.order_by("pk")[0].variant, at=at)),
    step(lambda order, at: run_tasks()),
)
WAITS = st.sampled_from([timedelta(0), timedelta(seconds=20), timedelta(minutes=10), timedelta(minutes=40)])


@pytest.mark.django_db
@pytest.mark.usefixtures("shop")
class TestAnySequence:
    @settings(max_examples=max(20, settings.default.max_examples // 5))
    @given(TOKENS, st.lists(st.tuples(STEPS, WAITS), max_size=12))
    def test_leaves_nothing_for_the_audit_to_find(self, token, steps):
        with transaction.atomic():
            at = timezone.now()
            order = placed_order(
                {VariantFactory(on_hand=3): 2, VariantFactory(on_hand=9, price=Decimal("25.00")): 1},
                token=token,
                at=at,
            )
            for action, wait in steps:
                at += wait
                with suppress(ShopError):
                    action(Order.objects.get(pk=order.pk), at)
            run_tasks()

            assert audit() == []
            assert OrderEvent.objects.filter(order=order, kind=OrderEvent.Kind.PLACED).count() == 1
            assert OrderMail.objects.filter(order=order, sent_at=None).count() == 0
            transaction.set_rollback(True)
