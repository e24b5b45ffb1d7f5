import json
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from catalog.models import StockRecord
from orders.cancellation import cancel
from orders.checkout import HOLD
from orders.models import Cancellation, Order, OrderEvent, OrderMail, Payment, Refund
from orders.reconcile import MAIL_IS_LATE, REFUND_IS_LATE, reconcile
from orders.states import OrderStatus
from orders.tests.factories import placed_order
from orders.tests.worker import run_tasks
from payments.gateway import GATEWAYS, GatewayError, get_gateway
from payments.models import TestCharge
from payments.test import TestGateway

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
NOW = timezone.now()
MINUTE = timedelta(minutes=1)


class GatewayThatIsAway(TestGateway):
    """Answers nothing; its ledger is the test gateway's."""

    def query(self, key):
        raise GatewayError("no route")

    void = query

    def refund(self, **values):
        raise GatewayError("no route")


@pytest.fixture
def gateway_is_away(monkeypatch):
    monkeypatch.setitem(GATEWAYS, "test", f"{__name__}.GatewayThatIsAway")
    get_gateway.cache_clear()
    yield
    get_gateway.cache_clear()


def reread(order) -> Order:
    return Order.objects.get(pk=order.pk)


def reserved(variant) -> int:
    return StockRecord.objects.get(variant=variant).reserved


class TestPayments:
    @pytest.mark.parametrize("token", ["tok_timeout", "tok_error_after"])
    def test_money_that_moved_pays_the_order(self, token):
        order = placed_order(token=token, at=NOW)

        assert reconcile(at=NOW + MINUTE).payments == 1
        assert reread(order).status is OrderStatus.PAID

    def test_money_that_did_not_move_lets_the_shopper_try_again(self):
        order = placed_order(token="tok_error", at=NOW)

        reconcile(at=NOW + MINUTE)

        assert order.payments.get().state == Payment.State.FAILED
        assert reread(order).status is OrderStatus.AWAITING_PAYMENT

    def test_a_process_that_died_while_charging_is_taken_up(self):
        """It had written its intent, and the gateway had charged."""
        order = placed_order(at=NOW)
        order.events.exclude(kind="placed").delete()
        OrderMail.objects.all().delete()
        Payment.objects.update(state=Payment.State.INITIATED, captured_at=None)
        Order.objects.update(payment_state="awaiting")

        reconcile(at=NOW + MINUTE)

        assert reread(order).status is OrderStatus.PAID
        assert TestCharge.objects.count() == 1

    def test_run_again_it_changes_nothing(self):
        placed_order(token="tok_timeout", at=NOW)
        placed_order(token="tok_error", at=NOW)
        reconcile(at=NOW + MINUTE)
        before = OrderEvent.objects.count()

        report = reconcile(at=NOW + MINUTE)

        assert (report.payments, report.failed, OrderEvent.objects.count()) == (0, 0, before)

    def test_never_is_money_taken_twice(self):
        for token in ("tok_timeout", "tok_error_after", "tok_error", "tok_visa", "tok_3ds", "tok_declined"):
            placed_order(token=token, at=NOW)

        for minutes in (0, 1, 20, 31, 60):
            reconcile(at=NOW + minutes * MINUTE)

        captures = TestCharge.objects.filter(status=TestCharge.Status.CAPTURED).values_list("order_ref", flat=True)
        assert len(captures) == len(set(captures)) == 3

    def test_a_gateway_that_is_away_is_asked_the_next_time(self, gateway_is_away):
        order = placed_order(token="tok_timeout", at=NOW)

        assert reconcile(at=NOW + MINUTE).failed == 1
        assert order.payments.get().state == Payment.State.UNKNOWN


class TestExpiry:
    @pytest.mark.parametrize("token", ["", "tok_declined", "tok_3ds", "tok_error"])
    def test_an_unpaid_order_gives_its_stock_back(self, mug, token):
        order = placed_order({mug: 3}, token=token, at=NOW)

        assert reconcile(at=order.hold_until).expired == 1

        assert reread(order).status is OrderStatus.CANCELLED
        assert order.cancellations.get().cause == Cancellation.Cause.EXPIRED
        assert reserved(mug) == 0

    def test_until_its_hold_ends_it_is_left(self, mug):
        order = placed_order({mug: 3}, token="tok_declined", at=NOW)

        assert reconcile(at=order.hold_until - timedelta(seconds=1)).expired == 0
        assert reserved(mug) == 3

    def test_a_paid_order_never_expires(self, mug):
        order = placed_order({mug: 3}, at=NOW)

        reconcile(at=NOW + timedelta(days=30))

        assert reread(order).status is OrderStatus.PAID
        assert reserved(mug) == 3

    def test_money_that_arrived_meanwhile_keeps_it(self, mug):
        order = placed_order({mug: 3}, token="tok_timeout", at=NOW)

        reconcile(at=NOW + 2 * HOLD)

        assert reread(order).status is OrderStatus.PAID

    def test_a_confirmation_given_in_time_keeps_it(self, mug):
        order = placed_order({mug: 3}, token="tok_3ds", at=NOW)
        get_gateway("test").answer_action(str(order.payments.get().pk), confirmed=True)

        reconcile(at=NOW + 2 * HOLD)

        assert reread(order).status is OrderStatus.PAID

    def test_an_expired_confirmation_can_no_longer_be_given(self, mug):
        order = placed_order({mug: 3}, token="tok_3ds", at=NOW)
        reconcile(at=NOW + 2 * HOLD)

        get_gateway("test").answer_action(str(order.payments.get().pk), confirmed=True)

        assert not TestCharge.objects.filter(status=TestCharge.Status.CAPTURED).exists()

    def test_while_the_gateway_is_away_nothing_is_given_up(self, mug, gateway_is_away):
        order = placed_order({mug: 3}, token="tok_timeout", at=NOW)

        reconcile(at=NOW + 2 * HOLD)

        assert reread(order).status is OrderStatus.AWAITING_PAYMENT
        assert reserved(mug) == 3

    def test_it_is_told_by_mail(self):
        order = placed_order(token="tok_declined", at=NOW)

        reconcile(at=order.hold_until)

        assert order.mails.get().kind == OrderMail.Kind.CANCELLED


class TestRefunds:
    @pytest.fixture
    def refund(self):
        """Of an order cancelled just now."""
        order = placed_order(at=NOW)
        cancel(order, cause=Cancellation.Cause.STAFF, at=NOW)
        return Refund.objects.get()

    def test_one_that_hangs_is_asked_again(self, refund):
        DBTaskResult.objects.all().delete()  # the worker died with it in hand

        assert reconcile(at=NOW + REFUND_IS_LATE).refunds == 1
        refund.refresh_from_db()
        assert refund.state == Refund.State.DONE

    def test_one_that_is_on_its_way_is_left(self, refund):
        assert reconcile(at=NOW + REFUND_IS_LATE - timedelta(seconds=1)).refunds == 0

    def test_asked_by_both_the_money_goes_back_once(self, refund):
        reconcile(at=NOW + REFUND_IS_LATE)
        run_tasks()

        assert TestCharge.objects.get().refunded == TestCharge.objects.get().amount
        assert refund.order.events.filter(kind=OrderEvent.Kind.REFUNDED).count() == 1

    def test_a_gateway_that_is_away_leaves_it_running(self, refund, gateway_is_away):
        run_tasks()
        reconcile(at=NOW + REFUND_IS_LATE)

        refund.refresh_from_db()
        assert refund.state == Refund.State.INITIATED


class TestAnyRow:
    def test_one_that_cannot_be_worked_on_does_not_keep_the_others_waiting(self):
        broken, order = placed_order(at=NOW), placed_order(at=NOW)
        for cancelled in (broken, order):
            cancel(cancelled, cause=Cancellation.Cause.STAFF, at=NOW)
        Refund.objects.filter(order=broken).update(amount=Decimal("0.001"))
        DBTaskResult.objects.all().delete()

        report = reconcile(at=NOW + REFUND_IS_LATE)

        assert (report.failed, report.refunds) == (1, 1)
        assert Refund.objects.get(order=order).state == Refund.State.DONE
        assert report.mails == 4


class TestMails:
    def test_one_that_was_not_sent_is_enqueued_again(self, mailoutbox):
        placed_order(at=NOW)
        DBTaskResult.objects.all().delete()  # the worker died with it in hand

        assert reconcile(at=NOW + MAIL_IS_LATE).mails == 1
        run_tasks()
        assert len(mailoutbox) == 1

    def test_one_whose_task_still_waits_gets_no_second_one(self):
        """A worker that was away for an hour would find sixty a mail, and new mails behind them."""
        placed_order(at=NOW)

        assert reconcile(at=NOW + MAIL_IS_LATE).mails == 0
        assert DBTaskResult.objects.ready().count() == 1

    def test_one_that_is_young_is_left_to_its_task(self):
        placed_order(at=NOW)
        DBTaskResult.objects.all().delete()

        assert reconcile(at=NOW + MAIL_IS_LATE - timedelta(seconds=1)).mails == 0

    def test_one_that_was_sent_is_left(self):
        placed_order(at=NOW)
        run_tasks()

        assert reconcile(at=NOW + MAIL_IS_LATE).mails == 0


class TestCommand:
    def run(self, *options) -> str:
        out = StringIO()
        call_command("reconcile_payments", *options, stdout=out)
        return out.getvalue()

    def test_it_says_what_it_took_up(self):
        placed_order(token="tok_timeout", at=NOW)

        assert "payments 1" in self.run()

    def test_with_nothing_to_do_it_says_nothing(self):
        assert self.run() == ""

    def test_for_programs_it_prints_json(self):
        placed_order(token="tok_timeout", at=NOW)

        assert json.loads(self.run("--json"))["payments"] == 1
