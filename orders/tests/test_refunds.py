from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from orders.audit import audit
from orders.errors import IllegalMove, InvalidRefund, RefundTooHigh, TooManyUnits
from orders.models import Order, OrderEvent, Refund
from orders.paying import pay, settle
from orders.reconcile import reconcile
from orders.refunds import refund, refundable, send_refund
from orders.states import OrderStatus
from orders.tests.factories import placed_order
from orders.tests.worker import run_tasks
from payments.gateway import get_gateway
from payments.models import TestCharge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
NOW = timezone.now()


@pytest.fixture
def order():
    """Paid, €44.90."""
    return placed_order()


def send_back(order, amount, **options) -> Refund:
    return refund(order.pk, amount=Decimal(amount), reason="goodwill", at=NOW, **options)


def status(order) -> OrderStatus:
    return Order.objects.get(pk=order.pk).status


class TestRefund:
    def test_a_part_goes_back(self, order):
        send_back(order, "4.90")
        run_tasks()

        assert status(order) is OrderStatus.PARTLY_REFUNDED
        assert TestCharge.objects.get().refunded == 490
        assert Refund.objects.get().state == Refund.State.DONE

    def test_all_of_it_in_parts(self, order):
        send_back(order, "40.00")
        send_back(order, "4.90")

        assert status(order) is OrderStatus.REFUNDED

    def test_it_comes_from_the_charge_that_was_kept(self):
        order = placed_order(token="tok_declined")
        late = order.payments.get()
        pay(order, token="tok_visa", at=NOW)
        TestCharge.objects.filter(key=str(late.pk)).update(status="captured")
        settle(late, get_gateway("test").query(str(late.pk)), at=NOW - timedelta(hours=1))

        sent = send_back(order, "44.90")

        assert sent.payment_id != late.pk
        assert audit() == []

    def test_a_cent_more_is_refused(self, order):
        with pytest.raises(RefundTooHigh, match="more than what is left") as refusal:
            send_back(order, "44.91")

        assert "€44.90" in refusal.value.fix
        assert status(order) is OrderStatus.PAID
        assert not Refund.objects.exists()

    def test_one_that_is_still_running_counts(self, order):
        send_back(order, "40.00")

        with pytest.raises(RefundTooHigh):
            send_back(order, "4.91")

        assert Refund.objects.count() == 1

    def test_one_that_failed_does_not(self, order):
        Refund.objects.filter(pk=send_back(order, "40.00").pk).update(state=Refund.State.FAILED)

        assert refundable(order.payments.get()) == Decimal("44.90")

    @pytest.mark.parametrize("amount", ["0", "-1", "0.005", "44.8999"])
    def test_what_is_no_payable_amount_is_refused(self, order, amount):
        with pytest.raises(InvalidRefund):
            send_back(order, amount)

        assert not Refund.objects.exists()

    @pytest.mark.parametrize("token", ["", "tok_declined", "tok_3ds", "tok_timeout"])
    def test_an_unpaid_order_has_nothing_to_refund(self, token):
        order = placed_order(token=token)

        with pytest.raises(IllegalMove):
            send_back(order, "1.00")

        assert not Refund.objects.exists()

    def test_it_says_what_it_is_for(self, order):
        line = order.lines.get()

        send_back(order, "20.00", units={line.pk: 1})

        assert Refund.objects.get().lines.get().line == line

    @pytest.mark.parametrize("units", [0, 3])
    def test_only_for_units_that_were_ordered(self, order, units):
        with pytest.raises(TooManyUnits):
            send_back(order, "20.00", units={order.lines.get().pk: units})

        assert not Refund.objects.exists()

    def test_its_task_is_enqueued_in_the_same_transaction(self, order):
        DBTaskResult.objects.all().delete()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            send_back(order, "1.00")
            raise ZeroDivisionError

        assert not DBTaskResult.objects.exists()

    def test_the_timeline_says_started_and_done(self, order):
        send_back(order, "1.00")
        run_tasks()

        told = order.events.order_by("pk").values_list("kind", "detail")
        assert list(told)[-2:] == [(OrderEvent.Kind.REFUND_STARTED, "€1.00"), (OrderEvent.Kind.REFUNDED, "€1.00")]


class TestSendRefund:
    def test_twice_is_once(self, order):
        started = send_back(order, "1.00")

        send_refund.call(str(started.pk))
        send_refund.call(str(started.pk))

        assert TestCharge.objects.get().refunded == 100
        assert order.events.filter(kind=OrderEvent.Kind.REFUNDED).count() == 1

    def test_what_the_gateway_does_not_take_stays_running(self, order):
        started = send_back(order, "1.00")
        TestCharge.objects.all().delete()

        send_refund.call(str(started.pk))

        assert Refund.objects.get().state == Refund.State.INITIATED
        reconcile(at=NOW)


class TestConstraint:
    def test_the_database_refuses_a_refund_of_nothing(self, order):
        started = send_back(order, "1.00")

        with pytest.raises(IntegrityError), transaction.atomic():
            Refund.objects.filter(pk=started.pk).update(amount=0)
