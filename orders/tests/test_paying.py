from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog import stock
from catalog.models import StockRecord
from orders.cancellation import cancel
from orders.checkout import HOLD
from orders.errors import DetailsMissing, NotPayable, PaymentUnfinished
from orders.models import Cancellation, Order, OrderEvent, OrderMail, Payment, Refund
from orders.paying import AFTER_SESSION, ask_gateway, pay, settle, start_payment
from orders.reconcile import reconcile
from orders.states import OrderStatus
from orders.tests.factories import placed_order
from orders.tests.worker import run_tasks
from payments.gateway import Charge, Outcome, get_gateway
from payments.models import TestCharge
from payments.test import SESSION_LENGTH

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
NOW = timezone.now()
State = Payment.State
Kind = OrderEvent.Kind


def paid_answer(payment: Payment) -> Charge:
    return Charge(Outcome.PAID, amount=payment.amount, currency=payment.currency)


def reread(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def kinds(order: Order) -> list[str]:
    return list(order.events.order_by("pk").values_list("kind", flat=True))


def captured(order: Order) -> int:
    """Charges of the order that moved money, at the gateway."""
    return TestCharge.objects.filter(order_ref=str(order.pk), status=TestCharge.Status.CAPTURED).count()


def expired_order(quantities, **options) -> Order:
    """An order whose payment stays open until it is cancelled for want of payment."""
    order = placed_order(quantities, token="tok_3ds", at=NOW, **options)
    reconcile(at=NOW + HOLD)
    return reread(order)


class TestTokens:
    @pytest.mark.parametrize(
        ("token", "state", "status", "kind", "charges"),
        [
            ("tok_visa", State.CAPTURED, OrderStatus.PAID, Kind.PAID, 1),
            ("tok_declined", State.DECLINED, OrderStatus.AWAITING_PAYMENT, Kind.PAYMENT_DECLINED, 0),
            ("tok_insufficient_funds", State.DECLINED, OrderStatus.AWAITING_PAYMENT, Kind.PAYMENT_DECLINED, 0),
            ("tok_nonsense", State.DECLINED, OrderStatus.AWAITING_PAYMENT, Kind.PAYMENT_DECLINED, 0),
            ("tok_3ds", State.NEEDS_ACTION, OrderStatus.AWAITING_PAYMENT, Kind.PAYMENT_ACTION, 0),
            ("tok_timeout", State.UNKNOWN, OrderStatus.AWAITING_PAYMENT, Kind.PAYMENT_UNKNOWN, 1),
            ("tok_error", State.UNKNOWN, OrderStatus.AWAITING_PAYMENT, Kind.PAYMENT_UNKNOWN, 0),
            ("tok_error_after", State.UNKNOWN, OrderStatus.AWAITING_PAYMENT, Kind.PAYMENT_UNKNOWN, 1),
        ],
    )
    def test_each_answer_is_noted(self, token, state, status, kind, charges):
        order = placed_order(token=token)

        assert (order.payments.get().state, order.status) == (state, status)
        assert kinds(order) == [Kind.PLACED, kind]
        assert captured(order) == charges

    def test_what_the_gateway_said_is_kept_for_the_shopper(self):
        payment = placed_order(token="tok_insufficient_funds").payments.get()

        assert (payment.code, payment.detail) == ("insufficient_funds", "There is not enough money on this card.")

    def test_a_confirmation_extends_the_hold_to_its_session_and_five_minutes(self):
        """Tried 25 minutes after placing, the session ends after the hold of 30."""
        placed_at = NOW - timedelta(minutes=25)
        order = placed_order(token="tok_declined", at=placed_at)

        pay(order, token="tok_3ds", at=NOW)

        assert reread(order).hold_until >= NOW + SESSION_LENGTH + AFTER_SESSION
        assert reread(order).hold_until > placed_at + HOLD

    def test_it_never_shortens_the_hold(self):
        assert placed_order(token="tok_3ds", at=NOW).hold_until == NOW + HOLD


class TestPay:
    def test_a_declined_order_can_be_paid_by_another_card(self):
        order = placed_order(token="tok_declined")

        pay(order, token="tok_visa", at=NOW)

        assert reread(order).status is OrderStatus.PAID
        assert captured(order) == 1
        assert sorted(order.payments.values_list("state", flat=True)) == [State.CAPTURED, State.DECLINED]

    def test_it_may_be_declined_again(self):
        order = placed_order(token="tok_declined")

        assert pay(order, token="tok_declined", at=NOW).state == State.DECLINED
        assert order.payments.count() == 2

    @pytest.mark.parametrize("token", ["tok_3ds", "tok_timeout", "tok_error", "tok_error_after"])
    def test_while_a_try_is_not_final_there_is_no_other(self, token):
        order = placed_order(token=token)

        with pytest.raises(PaymentUnfinished):
            pay(order, token="tok_visa", at=NOW)

        assert order.payments.count() == 1

    def test_a_paid_order_is_not_charged_again(self):
        order = placed_order()

        with pytest.raises(NotPayable, match="paid"):
            pay(order, token="tok_visa", at=NOW)

        assert captured(order) == 1

    def test_at_the_end_of_its_hold_it_cannot_be_paid(self):
        order = placed_order(token="tok_declined", at=NOW)

        with pytest.raises(NotPayable):
            pay(order, token="tok_visa", at=order.hold_until)

        assert captured(order) == 0

    def test_just_before_it_can(self):
        order = placed_order(token="tok_declined", at=NOW)

        pay(order, token="tok_visa", at=order.hold_until - timedelta(seconds=1))

        assert reread(order).status is OrderStatus.PAID

    def test_a_cancelled_order_cannot_be_paid(self):
        order = placed_order(token="tok_declined")
        cancel(order, cause=Cancellation.Cause.SHOPPER, at=NOW)

        with pytest.raises(NotPayable, match="cancelled"):
            pay(order, token="tok_visa", at=NOW)

    def test_details_must_be_complete(self):
        order = placed_order(token="", email="")

        with pytest.raises(DetailsMissing):
            pay(order, token="tok_visa", at=NOW)

        assert not Payment.objects.exists()

    def test_the_database_keeps_one_unfinished_payment(self):
        order = placed_order(token="tok_3ds")

        with pytest.raises(IntegrityError), transaction.atomic():
            start_payment(order, at=NOW)


class TestSettle:
    def test_repeated_it_changes_nothing_more(self):
        order = placed_order(token="tok_timeout")
        payment = order.payments.get()

        for _ in range(3):
            settle(payment, paid_answer(payment), at=NOW)

        assert kinds(order) == [Kind.PLACED, Kind.PAYMENT_UNKNOWN, Kind.PAID]
        assert OrderMail.objects.filter(order=order).count() == 1

    @pytest.mark.parametrize("order_of_answers", list(permutations(["unknown", "action", "paid"])), ids="-".join)
    def test_in_any_order_the_money_that_moved_counts(self, order_of_answers):
        order = placed_order(token="tok_3ds")
        payment = order.payments.get()
        answers = {
            "unknown": Charge(Outcome.UNKNOWN),
            "action": Charge(Outcome.NEEDS_ACTION, action_url="/there/"),
            "paid": paid_answer(payment),
        }

        for name in order_of_answers:
            settle(Payment.objects.get(pk=payment.pk), answers[name], at=NOW)

        assert reread(order).status is OrderStatus.PAID
        assert kinds(order).count(Kind.PAID) == 1

    @pytest.mark.parametrize("late", [Outcome.UNKNOWN, Outcome.NEEDS_ACTION, Outcome.DECLINED, Outcome.VOIDED])
    def test_a_captured_payment_stays_captured(self, late):
        order = placed_order()

        payment = settle(order.payments.get(), Charge(late), at=NOW)

        assert (payment.state, reread(order).status) == (State.CAPTURED, OrderStatus.PAID)

    @pytest.mark.parametrize("late", [Outcome.UNKNOWN, Outcome.NEEDS_ACTION, Outcome.VOIDED])
    def test_a_final_payment_stays_final(self, late):
        order = placed_order(token="tok_declined")

        assert settle(order.payments.get(), Charge(late), at=NOW).state == State.DECLINED

    def test_another_amount_is_not_taken_for_the_total(self):
        order = placed_order(token="tok_3ds")
        payment = order.payments.get()
        answer = Charge(Outcome.PAID, amount=payment.amount - Decimal("0.01"), currency="EUR")

        assert settle(payment, answer, at=NOW).code == "amount_differs"
        assert reread(order).status is OrderStatus.AWAITING_PAYMENT

    def test_nor_is_another_currency(self):
        order = placed_order(token="tok_3ds")
        payment = order.payments.get()

        settle(payment, Charge(Outcome.PAID, amount=payment.amount, currency="USD"), at=NOW)

        assert reread(order).status is OrderStatus.AWAITING_PAYMENT


class TestMoneyThatComesTwice:
    @pytest.fixture
    def order(self):
        """Declined first, then paid; now the first card's money arrives all the same."""
        order = placed_order(token="tok_declined")
        pay(order, token="tok_visa", at=NOW)
        first = order.payments.get(state=State.DECLINED)
        TestCharge.objects.filter(key=str(first.pk)).update(status=TestCharge.Status.CAPTURED)
        settle(first, get_gateway("test").query(str(first.pk)), at=NOW)
        return reread(order)

    def test_it_is_sent_back(self, order):
        refund = Refund.objects.get()

        assert (refund.amount, refund.payment.state) == (order.total, State.CAPTURED)
        assert order.status is OrderStatus.PAID

    def test_once_the_gateway_is_asked_one_charge_is_kept(self, order):
        run_tasks()

        kept = [charge for charge in TestCharge.objects.all() if charge.amount > charge.refunded]
        assert len(kept) == 1
        assert Refund.objects.get().state == Refund.State.DONE

    def test_it_is_told(self, order):
        assert Kind.LATE_PAYMENT in kinds(order)
        assert order.mails.filter(kind=OrderMail.Kind.LATE_REFUND).count() == 1


class TestMoneyThatComesLate:
    def arrive(self, order) -> Order:
        """The money of an order that was given up moved after all."""
        payment = order.payments.get()
        TestCharge.objects.filter(key=str(payment.pk)).update(status=TestCharge.Status.CAPTURED)
        settle(payment, get_gateway("test").query(str(payment.pk)), at=NOW)
        return reread(order)

    def test_it_revives_the_order_while_its_goods_are_there(self, mug):
        order = self.arrive(expired_order({mug: 5}))

        assert order.status is OrderStatus.PAID
        assert StockRecord.objects.get(variant=mug).reserved == 5
        assert kinds(order)[-2:] == [Kind.REVIVED, Kind.PAID]
        assert not Refund.objects.exists()

    def test_a_revived_order_is_confirmed_by_mail(self, mug):
        order = self.arrive(expired_order({mug: 5}))

        assert order.mails.filter(kind=OrderMail.Kind.CONFIRMATION).exists()

    def test_a_revived_order_can_be_cancelled_again(self, mug):
        order = self.arrive(expired_order({mug: 5}))

        cancel(order, cause=Cancellation.Cause.STAFF, at=NOW)

        assert reread(order).status is OrderStatus.CANCELLED
        assert StockRecord.objects.get(variant=mug).reserved == 0

    def test_it_is_refunded_when_a_unit_is_missing(self, mug):
        order = expired_order({mug: 5})
        stock.reserve({mug.pk: 1}, reference="another order", at=NOW)

        order = self.arrive(order)
        run_tasks()

        assert order.status is OrderStatus.CANCELLED
        assert Refund.objects.get().amount == order.total
        assert TestCharge.objects.get().refunded == TestCharge.objects.get().amount
        assert StockRecord.objects.get(variant=mug).reserved == 1

    def test_all_its_lines_must_be_there(self, mug, plate):
        order = expired_order({mug: 1, plate: 5})
        stock.reserve({plate.pk: 1}, reference="another order", at=NOW)

        self.arrive(order)

        assert StockRecord.objects.get(variant=mug).reserved == 0

    def test_a_refund_of_it_is_told(self, mug):
        order = expired_order({mug: 5})
        stock.reserve({mug.pk: 1}, reference="another order", at=NOW)

        order = self.arrive(order)

        assert kinds(order)[-2:] == [Kind.LATE_PAYMENT, Kind.REFUND_STARTED]
        assert order.mails.filter(kind=OrderMail.Kind.LATE_REFUND).exists()

    def test_an_order_that_the_shopper_cancelled_is_not_revived(self, mug):
        order = placed_order({mug: 1}, token="tok_3ds")
        cancel(order, cause=Cancellation.Cause.SHOPPER, at=NOW)

        order = self.arrive(order)

        assert order.status is OrderStatus.CANCELLED
        assert Refund.objects.get().amount == order.total

    def test_arriving_again_it_is_refunded_once(self, mug):
        order = placed_order({mug: 1}, token="tok_3ds")
        cancel(order, cause=Cancellation.Cause.SHOPPER, at=NOW)

        self.arrive(order)
        self.arrive(order)

        assert Refund.objects.count() == 1


class TestAskGateway:
    def ask(self, order, *, after=timedelta(0), **options) -> Payment:
        payment = order.payments.get()
        ask_gateway(payment, at=payment.created_at + after, **options)
        return order.payments.get()

    @pytest.mark.parametrize("token", ["tok_timeout", "tok_error_after"])
    def test_a_lost_answer_is_found(self, token):
        order = placed_order(token=token)

        assert self.ask(order).state == State.CAPTURED
        assert reread(order).status is OrderStatus.PAID

    def test_a_charge_never_seen_is_waited_for_twice_the_time_limit(self):
        order = placed_order(token="tok_error")
        limit = 2 * get_gateway("test").time_limit

        assert self.ask(order, after=limit - timedelta(seconds=1)).state == State.UNKNOWN
        assert self.ask(order, after=limit).state == State.FAILED

    def test_what_is_called_failed_is_blocked_at_the_gateway(self):
        order = placed_order(token="tok_error")
        payment = self.ask(order, after=timedelta(minutes=1))

        late = get_gateway("test").charge(
            key=str(payment.pk),
            amount=payment.amount,
            currency="EUR",
            token="tok_visa",
            reference=str(order.pk),
            return_url="",
        )

        assert late.outcome is Outcome.VOIDED
        assert captured(order) == 0

    def test_a_failed_payment_can_be_tried_again(self):
        order = placed_order(token="tok_error")
        self.ask(order, after=timedelta(minutes=1))

        pay(order, token="tok_visa", at=NOW)

        assert reread(order).status is OrderStatus.PAID

    def test_an_open_confirmation_is_left_to_the_shopper(self):
        assert self.ask(placed_order(token="tok_3ds"), after=timedelta(minutes=1)).state == State.NEEDS_ACTION

    def test_it_is_voided_to_give_up(self):
        assert self.ask(placed_order(token="tok_3ds"), give_up=True).state == State.FAILED

    def test_or_when_its_session_is_over(self):
        order = placed_order(token="tok_3ds")

        assert self.ask(order, after=SESSION_LENGTH + timedelta(seconds=1)).state == State.FAILED
