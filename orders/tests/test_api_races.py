"""Programs that order at the same moment over the API: one order a key and a cart, no unit too many."""

import json
from copy import deepcopy
from functools import partial

import pytest
from django.test import Client

from cart.models import Cart
from catalog.models import StockRecord
from catalog.tests.factories import VariantFactory
from catalog.tests.racing import together
from orders.audit import audit
from orders.models import Order
from payments.models import TestCharge

pytestmark = [
    pytest.mark.race,
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("shop"),
]
DELIVERY = {
    "email": "pia@example.com",
    "full_name": "Pia Program",
    "address_line1": "Invalidenstraße 1",
    "city": "Berlin",
    "postcode": "10115",
    "country": "DE",
    "payment_token": "tok_visa",
}


def guest(variant, quantity: int = 1) -> Client:
    """A guest's program with the variant in its cart."""
    program = Client()
    program.post(f"/api/v1/cart?product_id={variant.product_id}&quantity={quantity}")
    return program


def twin(program: Client) -> Client:
    """The same guest, for another request at the same time."""
    other = Client()
    other.cookies = deepcopy(program.cookies)
    return other


def checkout(program: Client, *, key: str | None = None, **changes):
    headers = {"Idempotency-Key": key} if key else {}
    body = {**DELIVERY, **changes}
    return program.post("/api/v1/checkout", json.dumps(body), content_type="application/json", headers=headers)


def outcomes(responses) -> list[str]:
    """What each was told, sorted: ``201`` or the refusal's code."""
    return sorted("201" if answer.status_code == 201 else answer.json()["code"] for answer in responses)


class TestLastUnits:
    def test_twenty_buyers_of_five_units_are_five_orders(self):
        mug = VariantFactory(on_hand=5)
        programs = [guest(mug) for _ in range(20)]

        responses = together(*[partial(checkout, program, key=f"buyer-{id(program)}") for program in programs])

        assert outcomes(responses) == ["201"] * 5 + ["out_of_stock"] * 15
        assert Order.objects.count() == TestCharge.objects.filter(status=TestCharge.Status.CAPTURED).count() == 5
        assert audit() == []

    def test_adds_of_one_guest_are_all_kept(self):
        mug = VariantFactory(on_hand=100)
        program = guest(mug)

        path = f"/api/v1/cart?product_id={mug.product_id}&quantity=2"
        together(*[partial(twin(program).post, path) for _ in range(6)])

        assert program.get("/api/v1/cart").json()["items"][0]["quantity"] == 13
        assert Cart.objects.count() == 1


class TestEqualCheckouts:
    @pytest.mark.parametrize("token", ["tok_visa", "tok_declined", "tok_timeout"])
    def test_ten_with_one_key_are_one_order_that_all_are_told(self, mug, token):
        program = guest(mug, 2)

        placing = [partial(checkout, twin(program), key="mine", payment_token=token) for _ in range(10)]
        responses = together(*placing)

        assert outcomes(responses) == ["201"] * 10
        assert {answer.json()["id"] for answer in responses} == {Order.objects.get().pk}
        assert TestCharge.objects.count() == 1
        assert StockRecord.objects.get(variant=mug).reserved == 2

    def test_ten_without_a_key_are_one_order(self, mug):
        program = guest(mug, 2)

        responses = together(*[partial(checkout, twin(program)) for _ in range(10)])

        told = {answer.json()["id"] for answer in responses if answer.status_code == 201}
        assert told == {Order.objects.get().pk}
        assert set(outcomes(responses)) <= {"201", "empty_cart", "cart_changed"}
        assert TestCharge.objects.count() == 1
        assert audit() == []

    def test_ten_keys_of_one_cart_are_one_order(self, mug):
        program = guest(mug, 2)

        responses = together(*[partial(checkout, twin(program), key=f"key-{number}") for number in range(10)])

        assert outcomes(responses).count("201") == 1
        assert Order.objects.count() == TestCharge.objects.count() == 1

    def test_a_key_that_comes_with_two_bodies_at_once_is_taken_once(self, mug):
        program = guest(mug, 2)

        cities = ["Berlin", "Potsdam"] * 3
        responses = together(*[partial(checkout, twin(program), key="mine", city=city) for city in cities])

        assert outcomes(responses) == ["201"] * 3 + ["idempotency_key_reused"] * 3
        assert {answer.status_code for answer in responses} == {201, 422}
        assert TestCharge.objects.count() == 1


class TestApiAndWebsite:
    def test_one_cart_ordered_through_both_doors_is_one_order(self, mug):
        program = guest(mug, 2)
        form = {**DELIVERY, "billing_same": "on", "shipping_method": "standard"}

        together(
            partial(checkout, twin(program)),
            partial(twin(program).post, "/place_order/", form),
            partial(checkout, twin(program), key="mine"),
            partial(twin(program).post, "/place_order/", form),
        )

        assert Order.objects.count() == TestCharge.objects.count() == 1
        assert audit() == []
