"""Whatever arrives at the same moment: one order, one charge, no unit too many, nothing lost."""

from copy import deepcopy
from decimal import Decimal
from functools import partial

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cart.change import add
from cart.models import Cart, CartLine
from catalog.models import StockRecord
from catalog.tests.factories import VariantFactory
from catalog.tests.racing import overtaken, together
from orders.audit import audit
from orders.cancellation import cancel, expire
from orders.checkout import CheckoutKey, place_order
from orders.errors import IllegalMove, NotPayable, PaymentUnfinished, RefundTooHigh
from orders.events import receive_event
from orders.fulfilment import ship
from orders.models import Cancellation, Order, OrderEvent, OrderLine, OrderMail, Payment, PaymentEvent, Refund
from orders.paying import ask_gateway, pay, settle
from orders.reconcile import reconcile
from orders.refunds import refund, send_refund
from orders.states import OrderStatus
from orders.tests.factories import details, filled_cart, new_shopper, placed_order
from orders.tests.test_checkout_views import FORM, hidden
from payments.gateway import Event, get_gateway
from payments.models import TestCharge

pytestmark = [
    pytest.mark.race,
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("shop"),
]
NOW = timezone.now()
CAPTURED = TestCharge.Status.CAPTURED


def reread(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def status_of(order: Order) -> OrderStatus:
    return reread(order).status


class TestOneForm:
    @pytest.mark.parametrize("token", ["tok_visa", "tok_declined", "tok_3ds", "tok_timeout"])
    def test_posted_ten_times_at_once_it_is_one_order_and_one_charge(self, mug, token):
        browser = Client()
        browser.post(reverse("cart:add", args=[mug.product_id]), {"quantity": 2})
        form = {**FORM, **hidden(browser), "payment_token": token}

        def post():
            tab = Client()
            tab.cookies = deepcopy(browser.cookies)
            return tab.post("/place_order/", form)

        responses = together(*[post] * 10)

        assert {response.status_code for response in responses} == {302}
        assert len({response["Location"] for response in responses}) == 1
        assert Order.objects.count() == 1
        assert Payment.objects.count() == TestCharge.objects.count() == 1
        assert StockRecord.objects.get(variant=mug).reserved == 2

    def test_posted_with_different_bodies_it_is_still_one(self, mug):
        browser = Client()
        browser.post(reverse("cart:add", args=[mug.product_id]))
        form = {**FORM, **hidden(browser)}

        def post(name):
            tab = Client()
            tab.cookies = deepcopy(browser.cookies)
            return tab.post("/place_order/", {**form, "full_name": name})

        responses = together(*[partial(post, f"Sam {number}") for number in range(6)])

        token = Order.objects.get().token
        assert all(token in response["Location"] for response in responses)
        assert TestCharge.objects.count() == 1

    def test_a_clients_key_sent_six_times_at_once_is_one_order(self, mug):
        shopper = new_shopper()
        cart = filled_cart({mug: 1}, shopper=shopper)

        def place():
            key = CheckoutKey.of_client("mine")
            return place_order(shopper=shopper, cart=cart, details=details(), key=key, at=NOW).order

        assert len({order.pk for order in together(*[place] * 6)}) == 1
        assert TestCharge.objects.count() == 1

    def test_one_cart_under_six_keys_is_one_order(self, mug):
        shopper = new_shopper()
        cart = filled_cart({mug: 1}, shopper=shopper)

        def place(name):
            key = CheckoutKey.of_client(name)
            return place_order(shopper=shopper, cart=cart, details=details(), key=key, at=NOW).order

        answers = together(*[partial(place, f"key-{number}") for number in range(6)])

        assert sorted(getattr(answer, "code", "placed") for answer in answers) == ["cart_changed"] * 5 + ["placed"]
        assert TestCharge.objects.count() == 1


class TestLastUnits:
    def test_twelve_buyers_of_three_units_are_three_orders(self):
        mug = VariantFactory(on_hand=3)
        carts = [(shopper, filled_cart({mug: 1}, shopper=shopper)) for shopper in (new_shopper() for _ in range(12))]

        def place(shopper, cart):
            key = CheckoutKey.of_cart(cart.pk)
            return place_order(shopper=shopper, cart=cart, details=details(), key=key, at=NOW).order

        answers = together(*[partial(place, shopper, cart) for shopper, cart in carts])

        assert sorted(getattr(answer, "code", "placed") for answer in answers) == ["out_of_stock"] * 9 + ["placed"] * 3
        assert TestCharge.objects.filter(status=CAPTURED).count() == Order.objects.count() == 3
        assert audit() == []

    def test_carts_of_the_same_goods_in_any_order_do_not_deadlock(self, mug, plate):
        pairs = [(mug, plate), (plate, mug)] * 2
        shoppers = [new_shopper() for _ in pairs]
        carts = [
            filled_cart(dict.fromkeys(pair, 1), shopper=shopper) for pair, shopper in zip(pairs, shoppers, strict=True)
        ]

        def place(shopper, cart):
            key = CheckoutKey.of_cart(cart.pk)
            return place_order(shopper=shopper, cart=cart, details=details(), key=key, at=NOW).order.status

        calls = [partial(place, shopper, cart) for shopper, cart in zip(shoppers, carts, strict=True)]
        assert together(*calls) == [OrderStatus.PAID] * 4


class TestAddDuringCheckout:
    def test_what_is_charged_is_what_the_order_says_and_nothing_vanishes(self):
        mug = VariantFactory(on_hand=10_000)

        for trial in range(20):
            shopper = new_shopper()
            cart = filled_cart({mug: 1}, shopper=shopper)
            key = CheckoutKey.of_cart(cart.pk)
            adding = partial(add, shopper, variant=mug, quantity=1, at=NOW)
            placing = partial(place_order, shopper=shopper, cart=cart, details=details(), key=key, at=NOW)

            calls = [adding, placing, adding] if trial % 2 else [placing, adding, adding]
            together(*calls)

            order = Order.objects.get(cart=cart)
            charge = TestCharge.objects.get(order_ref=str(order.pk))
            ordered = order.lines.get().quantity
            later = CartLine.objects.filter(cart__key=shopper.key, cart__status=Cart.Status.OPEN)
            assert order.total == ordered * mug.price + order.shipping == Decimal(charge.amount) / 100
            assert ordered + (later.aggregate(Sum("quantity"))["quantity__sum"] or 0) == 3

        assert audit() == []


class TestOnePayment:
    def test_all_who_hear_of_it_at_once_settle_it_once(self):
        order = placed_order(token="tok_timeout")
        payment = order.payments.get()
        event = Event("evt_1", "charge.succeeded", "ch_1", str(order.pk), {"data": {"object": {"metadata": {}}}})
        event.payload["data"]["object"]["metadata"]["order_id"] = str(order.pk)
        answer = get_gateway("test").query(str(payment.pk))

        together(
            lambda: settle(Payment.objects.get(pk=payment.pk), answer, at=NOW),
            lambda: ask_gateway(Payment.objects.get(pk=payment.pk), at=NOW),
            lambda: receive_event(event, gateway="test", at=NOW),
            lambda: receive_event(event, gateway="test", at=NOW),
            lambda: reconcile(at=timezone.now()),
        )

        assert status_of(order) is OrderStatus.PAID
        assert order.events.filter(kind=OrderEvent.Kind.PAID).count() == 1
        assert OrderMail.objects.count() == PaymentEvent.objects.count() == 1

    def test_two_tries_at_once_are_one_charge(self):
        order = placed_order(token="tok_declined")

        answers = together(*[lambda: pay(order, token="tok_visa", at=NOW)] * 4)

        refused = [answer for answer in answers if isinstance(answer, PaymentUnfinished | NotPayable)]
        assert len(refused) == 3
        assert TestCharge.objects.filter(status=CAPTURED).count() == 1

    def test_money_that_arrives_while_the_order_expires_is_kept_or_sent_back(self, mug):
        for _ in range(4):
            order = placed_order({mug: 1}, token="tok_3ds", at=NOW)
            payment = order.payments.get()

            def confirm(key=str(payment.pk), pk=payment.pk):
                get_gateway("test").answer_action(key, confirmed=True)
                ask_gateway(Payment.objects.get(pk=pk), at=NOW)

            together(confirm, partial(expire, order, at=order.hold_until))

            captured = TestCharge.objects.get(key=str(payment.pk)).status == CAPTURED
            assert status_of(order) is (OrderStatus.PAID if captured else OrderStatus.CANCELLED)

        assert audit() == []

    def test_money_that_arrives_while_the_shopper_cancels_goes_back(self, mug):
        order = placed_order({mug: 1}, token="tok_declined")
        payment = order.payments.get()
        TestCharge.objects.update(status=CAPTURED)

        overtaken(
            lambda: cancel(order, cause=Cancellation.Cause.SHOPPER, at=NOW),
            lambda: ask_gateway(payment, at=NOW),
        )

        assert status_of(order) is OrderStatus.CANCELLED
        assert Refund.objects.get().amount == order.total
        assert audit() == []

    def test_a_try_to_pay_while_the_shopper_cancels_is_refused(self, mug):
        order = placed_order({mug: 1}, token="tok_declined")

        refusal = overtaken(
            lambda: cancel(order, cause=Cancellation.Cause.SHOPPER, at=NOW),
            lambda: pay(order, token="tok_visa", at=NOW),
        )

        assert isinstance(refusal, NotPayable)
        assert not TestCharge.objects.filter(status=CAPTURED).exists()


class TestOneEnd:
    def test_cancelled_four_times_at_once_it_is_cancelled_once(self, mug):
        order = placed_order({mug: 3})

        answers = together(*[lambda: cancel(order, cause=Cancellation.Cause.STAFF, at=NOW)] * 4)

        assert sum(isinstance(answer, IllegalMove) for answer in answers) == 3
        assert Refund.objects.count() == Cancellation.objects.count() == 1
        assert StockRecord.objects.get(variant=mug).reserved == 0
        assert audit() == []

    def test_cancelled_while_it_leaves_one_of_both_happens(self, mug):
        for _ in range(4):
            order = placed_order({mug: 1})

            answers = together(
                lambda order=order: cancel(order, cause=Cancellation.Cause.STAFF, at=NOW),
                lambda order=order: ship(order.pk, at=NOW),
            )

            assert sum(isinstance(answer, IllegalMove) for answer in answers) == 1
            assert status_of(order) in (OrderStatus.CANCELLED, OrderStatus.SHIPPED)

        assert audit() == []

    def test_two_parcels_at_once_do_not_send_a_unit_twice(self, mug):
        order = placed_order({mug: 3})
        line = OrderLine.objects.get()

        together(*[lambda: ship(order.pk, units={line.pk: 2}, at=NOW)] * 3)

        assert StockRecord.objects.values_list("on_hand", "reserved").get(variant=mug) == (3, 1)
        assert audit() == []


class TestOneRefund:
    def test_of_three_for_the_whole_amount_one_is_made(self):
        order = placed_order()

        answers = together(*[lambda: refund(order.pk, amount=order.total, reason="goodwill", at=NOW)] * 3)

        assert sum(isinstance(answer, RefundTooHigh) for answer in answers) == 2
        assert Refund.objects.get().amount == order.total

    def test_sent_by_several_workers_it_is_sent_once(self):
        order = placed_order()
        started = refund(order.pk, amount=Decimal("10.00"), reason="goodwill", at=NOW)

        together(*[lambda: send_refund.call(str(started.pk))] * 4)

        assert TestCharge.objects.get().refunded == 1000
        assert order.events.filter(kind=OrderEvent.Kind.REFUNDED).count() == 1

    def test_parts_sent_at_once_all_arrive(self):
        order = placed_order()
        parts = [refund(order.pk, amount=Decimal("5.00"), reason="goodwill", at=NOW) for _ in range(4)]

        together(*[partial(send_refund.call, str(part.pk)) for part in parts])

        charge = TestCharge.objects.get()
        assert charge.refunded == sum(charge.refunds.values()) == 2000
        assert audit() == []
