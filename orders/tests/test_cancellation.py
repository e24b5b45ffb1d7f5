import pytest
from django.utils import timezone

from catalog import stock
from catalog.models import StockMovement, StockRecord
from catalog.tests.factories import VariantFactory
from orders.cancellation import cancel, expire
from orders.errors import IllegalMove, PaymentUnfinished
from orders.fulfilment import pack, ship
from orders.models import Cancellation, Order, OrderEvent, OrderMail, Payment, Refund
from orders.refunds import refund
from orders.states import OrderStatus, PaymentState
from orders.tests.factories import placed_order
from orders.tests.worker import run_tasks
from payments.gateway import get_gateway
from payments.models import TestCharge

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
NOW = timezone.now()
Cause = Cancellation.Cause


def reread(order) -> Order:
    return Order.objects.get(pk=order.pk)


def held(variant) -> tuple[int, int]:
    """On hand and reserved."""
    return StockRecord.objects.values_list("on_hand", "reserved").get(variant=variant)


class TestCancel:
    @pytest.mark.parametrize("cause", [Cause.SHOPPER, Cause.STAFF])
    def test_stock_is_released_and_money_goes_back(self, mug, plate, cause):
        order = placed_order({mug: 3, plate: 1})

        cancel(order, cause=cause, at=NOW)
        run_tasks()

        assert (reread(order).status, reread(order).payment_state) == (OrderStatus.CANCELLED, PaymentState.REFUNDED)
        assert (held(mug), held(plate)) == ((5, 0), (5, 0))
        assert Refund.objects.get().amount == order.total
        assert TestCharge.objects.get().refunded == TestCharge.objects.get().amount

    def test_who_and_why_are_kept(self, mug, django_user_model):
        anna = django_user_model.objects.create_user("anna@example.com")
        order = placed_order({mug: 3})

        cancel(order, cause=Cause.STAFF, at=NOW, by=anna, reason="broken in the store")

        cancellation = order.cancellations.get()
        assert (cancellation.by, cancellation.reason, cancellation.at) == (anna, "broken in the store", NOW)
        assert cancellation.lines.get().units == 3
        assert order.events.filter(kind=OrderEvent.Kind.CANCELLED, by=anna).exists()

    def test_it_is_told_by_mail(self):
        order = placed_order()
        cancel(order, cause=Cause.STAFF, at=NOW)

        assert order.mails.filter(kind=OrderMail.Kind.CANCELLED).count() == 1

    @pytest.mark.parametrize("token", ["", "tok_declined"])
    def test_an_unpaid_order_has_no_money_to_send(self, mug, token):
        order = placed_order({mug: 3}, token=token)

        cancel(order, cause=Cause.SHOPPER, at=NOW)

        assert (reread(order).status, reread(order).payment_state) == (OrderStatus.CANCELLED, PaymentState.AWAITING)
        assert held(mug) == (5, 0)
        assert not Refund.objects.exists()

    def test_an_open_confirmation_is_withdrawn_first(self, mug):
        order = placed_order({mug: 3}, token="tok_3ds")

        cancel(order, cause=Cause.SHOPPER, at=NOW)

        payment = order.payments.get()
        assert payment.state == Payment.State.FAILED
        get_gateway("test").answer_action(str(payment.pk), confirmed=True)
        assert not TestCharge.objects.filter(status=TestCharge.Status.CAPTURED).exists()

    def test_money_of_which_nobody_knew_goes_back_too(self):
        order = placed_order(token="tok_timeout")

        cancel(order, cause=Cause.SHOPPER, at=NOW)

        assert reread(order).payment_state == PaymentState.REFUNDED
        assert Refund.objects.get().amount == order.total

    def test_while_a_charge_may_still_land_it_waits(self, mug):
        order = placed_order({mug: 3}, token="tok_error", at=NOW)

        with pytest.raises(PaymentUnfinished):
            cancel(order, cause=Cause.SHOPPER, at=NOW)

        assert reread(order).status is OrderStatus.AWAITING_PAYMENT
        assert held(mug) == (5, 3)

    def test_what_was_refunded_is_not_sent_back_twice(self):
        order = placed_order()
        refund(order.pk, amount=order.total - 1, reason="goodwill", at=NOW)

        cancel(order, cause=Cause.STAFF, at=NOW)

        assert sorted(Refund.objects.values_list("amount", flat=True)) == [1, order.total - 1]

    def test_twice_is_refused(self, mug):
        order = placed_order({mug: 3})
        cancel(order, cause=Cause.STAFF, at=NOW)

        with pytest.raises(IllegalMove):
            cancel(order, cause=Cause.STAFF, at=NOW)

        assert held(mug) == (5, 0)
        assert Refund.objects.count() == 1

    def test_a_stale_page_cannot_cancel_what_has_left(self, mug):
        seen = placed_order({mug: 3})
        ship(seen.pk, at=NOW)

        with pytest.raises(IllegalMove):
            cancel(seen, cause=Cause.STAFF, at=NOW)

        assert held(mug) == (2, 0)
        assert not Refund.objects.exists()

    def test_a_shopper_can_until_it_is_packed(self):
        order = placed_order()
        pack(order.pk, at=NOW)

        with pytest.raises(IllegalMove, match="packed: it cannot be cancelled"):
            cancel(reread(order), cause=Cause.SHOPPER, at=NOW)

        assert reread(order).status is OrderStatus.PACKED

    def test_staff_can_until_something_has_left(self):
        order = placed_order()
        pack(order.pk, at=NOW)

        cancel(reread(order), cause=Cause.STAFF, at=NOW)

        assert reread(order).status is OrderStatus.CANCELLED

    def test_nobody_can_after_a_part_has_left(self, mug):
        order = placed_order({mug: 3})
        ship(order.pk, units={order.lines.get().pk: 1}, at=NOW)

        with pytest.raises(IllegalMove):
            cancel(reread(order), cause=Cause.STAFF, at=NOW)

    def test_it_follows_the_line_and_not_todays_tracking(self):
        variant = VariantFactory(on_hand=None)
        order = placed_order({variant: 2})
        stock.start_tracking(variant)

        cancel(order, cause=Cause.STAFF, at=NOW)

        assert reread(order).status is OrderStatus.CANCELLED
        assert not StockMovement.objects.exists()


class TestExpire:
    def test_a_paid_order_is_left(self, mug):
        order = placed_order({mug: 3}, at=NOW)

        expire(order, at=order.hold_until)

        assert reread(order).status is OrderStatus.PAID

    def test_an_order_whose_hold_was_extended_meanwhile_is_left(self, mug):
        order = placed_order({mug: 3}, token="tok_declined", at=NOW)
        Order.objects.update(hold_until=order.hold_until + timezone.timedelta(minutes=5))

        expire(order, at=order.hold_until)

        assert reread(order).status is OrderStatus.AWAITING_PAYMENT

    def test_twice_is_once(self, mug):
        order = placed_order({mug: 3}, token="tok_declined", at=NOW)

        expire(order, at=order.hold_until)
        expire(order, at=order.hold_until)

        assert order.cancellations.count() == 1
        assert held(mug) == (5, 0)
