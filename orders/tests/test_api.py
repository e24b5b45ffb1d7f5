from decimal import Decimal
from functools import partial

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import PASSWORD, AddressFactory, UserFactory
from cart.models import Cart
from catalog.models import StockMovement, StockRecord, Variant
from catalog.prices import set_price
from catalog.tests.factories import VariantFactory
from catalog.tests.racing import together
from orders.audit import audit
from orders.models import IdempotencyKey, Order, OrderMail, Payment
from orders.tests.buying import API, DELIVERY, DETAILS, PAID, Program, code_of
from orders.tests.test_checkout_views import FORM, hidden
from payments.models import TestCharge
from pricing.models import ShippingMethod

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]


@pytest.fixture
def guest(mug):
    """Two mugs at €20.00 in the cart: €44.90 with delivery."""
    program = Program()
    program.add(mug, 2)
    return program


@pytest.fixture
def anna(mug):
    """Has a default address, and two mugs in her cart."""
    user = UserFactory(email="anna@example.com", full_name="Anna Account")
    AddressFactory(user=user, full_name="Anna Account", city="Köln", postcode="50667", is_default=True)
    Program(user).add(mug, 2)
    return user


@pytest.fixture
def nothing_happened(mug):
    """A check that a refusal left no trace."""

    def check() -> bool:
        assert not Order.objects.exists()
        assert not IdempotencyKey.objects.exists()
        assert not TestCharge.objects.exists()
        assert not StockMovement.objects.filter(reason="reserve").exists()
        assert Cart.objects.get().status == Cart.Status.OPEN
        return True

    return check


class TestCheckout:
    def test_the_cart_becomes_a_paid_order(self, guest, mug):
        answer = guest.checkout(PAID)

        order = Order.objects.get()
        assert answer.status_code == 201
        told = answer.json()
        assert (told["id"], told["number"], told["status"]) == (order.pk, order.number, "paid")
        assert told["payment"] == {"status": "paid", "code": "", "detail": "", "action_url": ""}
        assert (told["subtotal"], told["shipping"], told["total"], told["currency"]) == (40, 4.9, 44.9, "EUR")
        assert told["delivery"]["city"] == told["billing"]["city"] == "Berlin"
        assert (told["email"], told["shipping_method"]) == ("pia@example.com", order.shipping_name)
        assert TestCharge.objects.get().amount == 4490
        assert StockRecord.objects.get(variant=mug).reserved == 2
        assert OrderMail.objects.get().kind == OrderMail.Kind.CONFIRMATION

    def test_its_lines_say_what_was_bought(self, guest, mug):
        (line,) = guest.checkout(PAID).json()["items"]

        assert line == {
            "id": Order.objects.get().lines.get().pk,
            "product_id": mug.product_id,
            "variant_id": mug.pk,
            "sku": "MUG",
            "name": "Mug",
            "variant_title": "",
            "price": 20.0,
            "quantity": 2,
            "line_total": 40.0,
            "discount": 0,
            "tax_rate": 19,
            "tax": 6.39,
        }

    def test_its_owner_is_told_the_token_and_the_page(self, guest):
        told = guest.checkout(PAID).json()

        order = Order.objects.get()
        assert told["token"] == order.token
        assert told["url"] == f"http://testserver/orders/{order.token}/"
        assert guest.get(told["url"]).status_code == 200

    @pytest.mark.parametrize(
        ("token", "status", "payment", "code"),
        [
            ("tok_declined", "awaiting_payment", "declined", "card_declined"),
            ("tok_insufficient_funds", "awaiting_payment", "declined", "insufficient_funds"),
            ("tok_nobody_knows", "awaiting_payment", "declined", "invalid_token"),
            ("tok_3ds", "awaiting_payment", "needs_action", ""),
            ("tok_timeout", "awaiting_payment", "unknown", ""),
            ("tok_error", "awaiting_payment", "unknown", ""),
            ("tok_error_after", "awaiting_payment", "unknown", ""),
        ],
    )
    def test_whatever_the_payment_said_it_is_placed(self, guest, token, status, payment, code):
        answer = guest.checkout({**PAID, "payment_token": token})

        told = answer.json()
        assert (answer.status_code, told["status"]) == (201, status)
        assert (told["payment"]["status"], told["payment"]["code"]) == (payment, code)
        assert told["payment"]["detail"]

    def test_a_card_that_asks_for_more_names_the_page(self, guest):
        url = guest.checkout({**PAID, "payment_token": "tok_3ds"}).json()["payment"]["action_url"]

        assert url.startswith("http://testserver/")
        assert guest.get(url).status_code == 200

    @pytest.mark.parametrize("body", [None, {}], ids=["no body", "an empty one"])
    def test_nothing_need_be_sent(self, guest, mug, body):
        told = guest.checkout(body).json()

        assert (told["status"], told["payment"]["status"], told["total"]) == ("awaiting_payment", "none", 44.9)
        assert (told["email"], told["delivery"]["country"], told["delivery"]["city"]) == ("", "DE", "")
        assert StockRecord.objects.get(variant=mug).reserved == 2
        assert not Payment.objects.exists()

    def test_a_country_alone_says_what_it_will_cost(self, guest):
        told = guest.checkout({"country": "fr"}).json()

        assert (told["delivery"]["country"], told["tax"]) == ("FR", 0)

    def test_a_method_can_be_chosen(self, guest):
        assert guest.checkout({**PAID, "shipping_method": "express"}).json()["total"] == 52.9

    def test_a_billing_address_can_differ(self, guest):
        office = {**DELIVERY, "full_name": "Pia's Office", "city": "Bonn", "postcode": "53111"}

        told = guest.checkout({**PAID, "billing": office}).json()

        assert (told["delivery"]["city"], told["billing"]["city"]) == ("Berlin", "Bonn")

    def test_unless_it_is_said_to_be_the_same(self, guest):
        told = guest.checkout({**PAID, "billing": {**DELIVERY, "city": "Bonn"}, "billing_same": True}).json()

        assert told["billing"]["city"] == "Berlin"

    def test_an_address_is_put_right_as_on_the_website(self, guest):
        told = guest.checkout({**PAID, "country": "GB", "postcode": "sw1a1aa", "phone": "(020) 7946-0000"})

        assert (told.json()["delivery"]["postcode"], told.json()["delivery"]["phone"]) == ("SW1A 1AA", "020 7946 0000")

    def test_what_costs_nothing_is_paid(self):
        ShippingMethod.objects.update(price=0)
        program = Program()

        told = program.ordered(VariantFactory(price=Decimal(0)), **DETAILS)

        assert (told["status"], told["total"], told["payment"]["status"]) == ("paid", 0, "paid")

    def test_it_is_this_shoppers_last_order_on_the_website(self, guest):
        number = guest.checkout(PAID).json()["number"]

        assert number in guest.get("/confirmation/", follow=True).text

    def test_the_next_add_makes_a_new_cart(self, guest, plate):
        guest.checkout(PAID)

        assert [item["sku"] for item in guest.add(plate).json()["items"]] == ["PLATE"]
        assert Cart.objects.filter(status=Cart.Status.OPEN).count() == 1


class TestAccounts:
    def test_what_is_left_out_comes_from_the_default_address(self, anna):
        told = Program(anna).checkout({"payment_token": "tok_visa"}).json()

        assert (told["status"], told["email"], told["delivery"]["city"]) == ("paid", "anna@example.com", "Köln")
        assert told["billing"] == told["delivery"]
        assert Order.objects.get().user == anna

    def test_and_from_that_for_billing(self, anna):
        AddressFactory(user=anna, city="Bonn", postcode="53111", is_default_billing=True)

        told = Program(anna).checkout({"payment_token": "tok_visa"}).json()

        assert (told["delivery"]["city"], told["billing"]["city"]) == ("Köln", "Bonn")

    def test_another_place_takes_nothing_of_it_but_the_name(self, anna):
        place = {"address_line1": "Rue 1", "city": "Paris", "postcode": "75001", "country": "FR"}

        told = Program(anna).checkout({**place, "payment_token": "tok_visa"}).json()

        assert told["delivery"] == {
            "full_name": "Anna Account", **place, "address_line2": "", "region": "", "phone": "",
        }  # fmt: skip

    def test_half_of_another_place_is_not_filled_up_with_the_known_one(self, anna):
        told = Program(anna).checkout({"country": "FR", "payment_token": "tok_visa"}).json()

        assert (told["status"], told["payment"]["code"]) == ("awaiting_payment", "details_missing")
        assert "missing: address_line1, city, postcode." in told["payment"]["detail"]

    def test_the_known_country_may_be_repeated(self, anna):
        assert Program(anna).checkout({"country": "de", "payment_token": "tok_visa"}).json()["status"] == "paid"

    def test_an_account_without_an_address_gives_its_name(self, mug):
        told = Program(UserFactory(full_name="Bo")).ordered(mug)

        assert (told["delivery"]["full_name"], told["status"]) == ("Bo", "awaiting_payment")


@pytest.mark.both_databases
class TestATokenWithoutDetails:
    def test_orders_without_a_charge_and_says_what_is_missing(self, guest, mug):
        answer = guest.checkout({"payment_token": "tok_visa"})

        told = answer.json()
        assert (answer.status_code, told["status"], told["total"]) == (201, "awaiting_payment", 44.9)
        assert told["payment"] == {
            "status": "none",
            "code": "details_missing",
            "detail": "Nothing was charged, because details are missing: "
            "email, full_name, address_line1, city, postcode. "
            f"Send them with the payment token to POST /orders/{told['id']}/payment.",
            "action_url": "",
        }
        assert not TestCharge.objects.exists()
        assert StockRecord.objects.get(variant=mug).reserved == 2
        assert audit() == []

    def test_counts_those_of_a_billing_address_too(self, guest):
        told = guest.checkout({**PAID, "billing": {"full_name": "Pia's Office"}}).json()

        assert told["status"] == "awaiting_payment"
        assert "billing.address_line1, billing.city, billing.postcode." in told["payment"]["detail"]

    def test_sent_again_is_told_the_same(self, guest):
        answers = [guest.checkout({"payment_token": "tok_visa"}, key="mine") for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert Order.objects.count() == 1

    def test_sent_again_once_it_is_paid_tells_so(self, guest):
        order_id = guest.checkout({"payment_token": "tok_visa"}, key="mine").json()["id"]
        guest.pay(order_id, **PAID)

        told = guest.checkout({"payment_token": "tok_visa"}, key="mine").json()

        assert (told["status"], told["payment"]["status"], told["payment"]["code"]) == ("paid", "paid", "")

    def test_of_an_order_that_costs_nothing_leaves_it_unpaid(self, guest, mug):
        set_price(mug, Decimal(0))
        ShippingMethod.objects.update(price=0)

        told = guest.checkout({"payment_token": "tok_visa", "email": "pia@example.com"}).json()

        assert (told["total"], told["status"]) == (0, "awaiting_payment")
        assert told["payment"]["code"] == "details_missing"


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"postcode": "x"}, {"postcode"}),
            ({"country": "XX"}, {"country"}),
            ({"phone": "call me"}, {"phone"}),
            ({"email": "pia"}, {"email"}),
            ({"billing": {**DELIVERY, "postcode": "x"}, "email": "@"}, {"billing.postcode", "email"}),
            ({"full_name": "x" * 151}, {"full_name"}),
            ({"billing": {"city": 7}}, {"billing.city"}),
            ({"unknown": "field"}, {"unknown"}),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
    )
    def test_what_cannot_be_is_named(self, guest, nothing_happened, changes, fields):
        answer = guest.checkout({**PAID, **changes})

        assert code_of(answer) == (422, "invalid")
        assert set(answer.json()["fields"]) == fields
        assert nothing_happened()

    @pytest.mark.parametrize(
        ("changes", "possible"),
        [
            ({"shipping_method": "pigeon"}, "standard, express"),
            ({"country": "FR", "shipping_method": "express"}, "standard"),
        ],
    )
    def test_no_such_delivery(self, guest, nothing_happened, changes, possible):
        answer = guest.checkout(changes)

        assert code_of(answer) == (422, "no_delivery")
        assert answer.json()["fields"] == {"shipping_method": f"It has to be one of: {possible}."}
        assert nothing_happened()

    def test_nowhere_to_deliver_to(self, guest, nothing_happened):
        ShippingMethod.objects.update(countries=["AT"])

        answer = guest.checkout()

        assert code_of(answer) == (422, "no_delivery")
        assert answer.json()["fields"] == {"country": "Nothing is delivered there."}
        assert nothing_happened()

    def test_another_total_than_was_seen(self, guest, mug, nothing_happened):
        set_price(mug, Decimal(21))

        answer = guest.checkout({**PAID, "expected_total": 44.9})

        assert code_of(answer) == (409, "total_changed")
        assert '"total":46.90' in answer.text.replace(" ", "")
        assert nothing_happened()

    def test_the_total_that_was_seen_is_charged(self, guest):
        assert guest.checkout({**PAID, "expected_total": 44.90}).json()["status"] == "paid"

    def test_short_stock(self, guest, mug, nothing_happened):
        StockRecord.objects.filter(variant=mug).update(on_hand=1)

        answer = guest.checkout(PAID)

        assert code_of(answer) == (409, "out_of_stock")
        assert answer.json()["fields"] == {"sku": "MUG", "available": 1}
        assert nothing_happened()

    def test_what_is_no_longer_sold(self, guest, mug, nothing_happened):
        Variant.objects.filter(pk=mug.pk).update(is_active=False)

        assert code_of(guest.checkout(PAID)) == (409, "not_for_sale")
        assert nothing_happened()

    def test_no_cart(self):
        assert code_of(Program().checkout(PAID)) == (422, "empty_cart")
        assert not Session.objects.exists()

    def test_a_second_checkout_of_one_cart(self, guest):
        guest.checkout(PAID)

        assert code_of(guest.checkout(PAID)) == (422, "empty_cart")
        assert Order.objects.count() == 1

    def test_another_shoppers_cart_is_out_of_reach(self, guest, nothing_happened):
        assert code_of(Program().checkout(PAID)) == (422, "empty_cart")
        assert nothing_happened()


@pytest.mark.both_databases
class TestKeys:
    def test_the_same_request_is_one_order_and_one_charge(self, guest):
        answers = [guest.checkout(PAID, key="mine") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [201] * 3
        assert len({answer.text for answer in answers}) == 1
        assert TestCharge.objects.count() == Order.objects.count() == 1

    def test_it_answers_the_orders_present_state(self, guest):
        order = guest.checkout(PAID, key="mine").json()
        guest.cancel(order["id"])

        assert guest.checkout(PAID, key="mine").json()["status"] == "cancelled"

    def test_with_a_new_cart_it_is_still_that_order(self, guest, plate):
        first = guest.checkout(PAID, key="mine").json()
        guest.add(plate)

        assert guest.checkout(PAID, key="mine").json()["id"] == first["id"]

    @pytest.mark.parametrize("has_cart", [True, False])
    def test_another_body_is_refused(self, guest, plate, has_cart):
        guest.checkout(PAID, key="mine")
        if has_cart:
            guest.add(plate)

        assert code_of(guest.checkout({**PAID, "city": "Potsdam"}, key="mine")) == (422, "idempotency_key_reused")
        assert Order.objects.count() == 1

    def test_how_the_body_is_written_does_not_matter(self, guest):
        first = guest.checkout(PAID, key="mine").json()

        again = guest.checkout({"idempotency_key": "mine", **dict(reversed(PAID.items()))})

        assert again.json()["id"] == first["id"]

    def test_what_an_account_changed_meanwhile_does_not_matter(self, anna, plate):
        program = Program(anna)
        first = program.checkout({"payment_token": "tok_visa"}, key="mine").json()
        anna.addresses.all().delete()
        program.add(plate)

        assert program.checkout({"payment_token": "tok_visa"}, key="mine").json()["id"] == first["id"]

    def test_a_strangers_is_refused(self, guest, plate):
        guest.checkout(PAID, key="mine")
        stranger = Program()
        stranger.add(plate)

        answer = stranger.checkout(PAID, key="mine")

        assert code_of(answer) == (422, "idempotency_key_reused")
        assert Order.objects.count() == 1

    def test_that_of_another_request_is_refused(self, guest, plate):
        guest.send("/cart", product_id=plate.product_id, key="mine")

        assert code_of(guest.checkout(PAID, key="mine")) == (422, "idempotency_key_reused")
        assert not Order.objects.exists()

    def test_a_refusal_is_not_kept(self, guest):
        guest.checkout({**PAID, "expected_total": 1}, key="mine")

        assert guest.checkout(PAID, key="mine").status_code == 201

    def test_the_websites_form_of_the_same_cart_leads_to_the_order(self, guest):
        form = {**FORM, **hidden(guest)}
        order = guest.checkout(PAID, key="mine").json()

        answer = guest.post("/place_order/", form)

        assert answer["Location"] == f"/orders/{order['token']}/"
        assert TestCharge.objects.count() == 1

    def test_it_survives_log_in(self, guest):
        anna = UserFactory()
        first = guest.checkout(PAID, key="mine").json()
        guest.send("/login", {"email": anna.email, "password": PASSWORD})

        answer = Program(anna).checkout(PAID, key="mine")

        assert (answer.status_code, answer.json()["id"]) == (201, first["id"])
        assert answer.json()["token"] == first["token"]
        assert Order.objects.get().user is None

    def test_but_is_no_key_of_other_accounts(self, guest):
        anna = UserFactory()
        guest.checkout(PAID, key="mine")
        guest.send("/login", {"email": anna.email, "password": PASSWORD})

        assert code_of(Program(UserFactory()).checkout(PAID, key="mine")) == (422, "idempotency_key_reused")

    def test_nor_once_the_order_belongs_to_another(self, guest):
        anna, owner = UserFactory(), UserFactory()
        guest.checkout(PAID, key="mine")
        guest.send("/login", {"email": anna.email, "password": PASSWORD})
        Order.objects.update(user=owner)

        assert code_of(Program(anna).checkout(PAID, key="mine")) == (422, "idempotency_key_reused")

    def test_a_cart_merged_at_log_in_is_ordered_with_the_key_refused_before(self, guest):
        anna = UserFactory()
        guest.checkout({"shipping_method": "pigeon"}, key="mine")
        guest.send("/login", {"email": anna.email, "password": PASSWORD})

        told = Program(anna).checkout(PAID, key="mine").json()

        assert (told["items"][0]["quantity"], told["status"]) == (2, "paid")

    @pytest.mark.parametrize("key", ["", "ü", "x" * 201, "a\tb", "a b", "a\x7f"])
    def test_what_can_be_none_is_refused(self, guest, key):
        assert code_of(guest.checkout(PAID, key=key)) == (422, "invalid_idempotency_key")
        assert not Order.objects.exists()

    def test_two_different_ones_are_refused(self, guest):
        answer = guest.checkout({**PAID, "idempotency_key": "this"}, key="that")

        assert code_of(answer) == (422, "two_idempotency_keys")
        assert not Order.objects.exists()

    def test_one_given_twice_is_one(self, guest):
        assert guest.checkout({**PAID, "idempotency_key": "mine"}, key="mine").status_code == 201


class TestStatements:
    def count(self, lines: int, user=None) -> int:
        """Statements of POST /checkout for so many lines, without those that only open and close."""
        program = Program(user)
        for variant in VariantFactory.create_batch(lines):
            program.add(variant)
        with CaptureQueriesContext(connection) as captured:
            answer = program.checkout(PAID, key="mine")
        assert answer.status_code == 201
        frame = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")
        return sum(not query["sql"].startswith(frame) for query in captured)

    def test_an_order_of_3_lines_takes_at_most_25(self):
        assert self.count(3) <= 25

    def test_an_accounts_neither(self):
        assert self.count(3, UserFactory()) <= 25

    def test_and_at_most_4_more_a_line(self):
        assert self.count(8, UserFactory()) - 25 <= 5 * 4


@pytest.mark.race
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_requests_before_and_after_log_in_are_one_order(self, guest):
        anna = UserFactory()

        answers = together(
            partial(guest.twin().checkout, PAID, key="mine"),
            partial(guest.twin().send, "/login", {"email": anna.email, "password": PASSWORD}),
            partial(Program(anna).checkout, PAID, key="mine"),
            partial(guest.twin().checkout, PAID, key="mine"),
        )

        assert all(answer.status_code < 500 for answer in answers)
        assert Order.objects.count() <= 1
        assert TestCharge.objects.count() == Order.objects.count()
        assert audit() == []

    def test_an_add_beside_the_checkout_is_ordered_or_waits(self, guest, mug, plate):
        together(partial(guest.twin().checkout, PAID), partial(guest.twin().add, plate))

        ordered = set(Order.objects.get().lines.values_list("sku", flat=True))
        waiting = {item["sku"] for item in guest.get(f"{API}/cart").json()["items"]}
        assert ordered | waiting == {"MUG", "PLATE"}
        assert not ordered & waiting
