"""Paying by program: once, with details that may be told late."""

from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.models import StockRecord
from catalog.tests.factories import VariantFactory
from catalog.tests.racing import together
from orders.audit import audit
from orders.models import IdempotencyKey, Order, OrderEvent, OrderMail, Payment
from orders.paying import start_payment
from orders.tests.buying import DELIVERY, DETAILS, Program, code_of
from payments.gateway import get_gateway
from payments.models import TestCharge
from pricing.models import ShippingMethod, TaxRate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
CAPTURED = TestCharge.Status.CAPTURED
VISA = {"payment_token": "tok_visa"}
FRANCE = {"address_line1": "Rue 1", "city": "Paris", "postcode": "75001", "country": "FR"}


@pytest.fixture
def guest():
    return Program()


@pytest.fixture
def bare(guest, mug) -> int:
    """An order of two mugs at €20.00 that lacks all details: €44.90."""
    return guest.ordered(mug, 2)["id"]


@pytest.fixture
def ready(guest, plate) -> int:
    """An order of a plate at €15.00 that lacks nothing but the payment: €19.90."""
    return guest.ordered(plate, **DETAILS)["id"]


def reread(order_id: int) -> Order:
    return Order.objects.get(pk=order_id)


class TestPay:
    def test_the_card_is_charged_its_total(self, guest, ready):
        answer = guest.pay(ready, **VISA)

        told = answer.json()
        assert (answer.status_code, told["status"], told["payment"]["status"]) == (201, "paid", "paid")
        assert TestCharge.objects.get().amount == 1990
        assert OrderMail.objects.get().kind == OrderMail.Kind.CONFIRMATION

    def test_a_declined_one_can_be_tried_again(self, guest, ready):
        declined = guest.pay(ready, payment_token="tok_declined").json()

        paid = guest.pay(ready, **VISA).json()

        assert (declined["payment"]["status"], declined["payment"]["code"]) == ("declined", "card_declined")
        assert (paid["status"], paid["payment"]["status"]) == ("paid", "paid")

    def test_one_to_be_confirmed_names_the_page(self, guest, ready):
        payment = guest.pay(ready, payment_token="tok_3ds").json()["payment"]

        assert payment["status"] == "needs_action"
        assert guest.get(payment["action_url"]).status_code == 200

    @pytest.mark.parametrize("unfinished", ["tok_3ds", "tok_timeout"])
    def test_beside_an_unfinished_one_there_is_no_other(self, guest, ready, unfinished):
        guest.pay(ready, payment_token=unfinished)

        assert code_of(guest.pay(ready, **VISA)) == (409, "payment_unfinished")
        assert Payment.objects.count() == 1

    def test_paid_once_it_is_not_paid_again(self, guest, ready):
        guest.pay(ready, **VISA)

        assert code_of(guest.pay(ready, **VISA)) == (409, "not_payable")
        assert TestCharge.objects.count() == 1

    def test_a_cancelled_order_is_not_paid(self, guest, ready):
        guest.cancel(ready)

        assert code_of(guest.pay(ready, **VISA)) == (409, "not_payable")

    def test_nor_one_past_its_time(self, guest, ready):
        Order.objects.update(hold_until=timezone.now())

        assert code_of(guest.pay(ready, **VISA)) == (409, "not_payable")
        assert not Payment.objects.exists()

    def test_a_guests_token_lets_anybody_pay(self, ready):
        assert Program().pay(ready, token=reread(ready).token, **VISA).json()["status"] == "paid"

    def test_strangers_pay_and_set_nothing(self, ready, mug):
        user = UserFactory()
        hers = Program(user).ordered(mug, **DETAILS)
        staff = UserFactory(is_superuser=True)

        for program in (Program(), Program(UserFactory()), Program(staff)):
            for body in (VISA, {"email": "eve@example.com"}):
                assert code_of(program.pay(ready, **body)) == (404, "not_found")
                assert code_of(program.pay(hers["id"], token=hers["token"], **body)) == (404, "not_found")
        assert not Payment.objects.exists()
        assert set(Order.objects.values_list("email", flat=True)) == {DETAILS["email"]}

    def test_a_charge_needs_the_details(self, guest, bare):
        answer = guest.pay(bare, **VISA)

        assert code_of(answer) == (422, "details_missing")
        assert set(answer.json()["fields"]) == {"email", "full_name", "address_line1", "city", "postcode"}
        assert not Payment.objects.exists()

    def test_a_body_has_to_be_sent(self, guest, ready):
        assert guest.send(f"/orders/{ready}/payment").status_code == 422


class TestDetails:
    def test_they_may_come_with_the_payment(self, guest, bare):
        told = guest.pay(bare, **DETAILS, **VISA).json()

        assert (told["status"], told["email"], told["delivery"]["city"]) == ("paid", DETAILS["email"], "Berlin")
        assert told["billing"] == told["delivery"]

    def test_or_before_it(self, guest, bare):
        told = guest.pay(bare, **DETAILS).json()

        assert (told["status"], told["payment"]["status"]) == ("awaiting_payment", "none")
        assert guest.pay(bare, **VISA).json()["status"] == "paid"

    def test_one_after_the_other(self, guest, bare):
        guest.pay(bare, email="pia@example.com")
        guest.pay(bare, **DELIVERY)

        assert guest.pay(bare, **VISA).json()["email"] == "pia@example.com"

    def test_another_country_is_taxed_anew_and_its_lines_stay(self, guest, bare):
        TaxRate.objects.create(tax_class=TaxRate.objects.get().tax_class, country="FR", rate=20)
        before = reread(bare).lines.get()

        told = guest.pay(bare, **FRANCE, full_name="Pia", email="pia@example.com").json()

        line = reread(bare).lines.get()
        assert (before.tax_rate, before.tax) == (19, Decimal("6.39"))
        assert (line.tax_rate, line.tax) == (20, Decimal("6.67"))
        assert (line.unit_price, line.quantity, line.line_total) == (20, 2, 40)
        assert (told["total"], told["tax"]) == (44.9, 7.49)
        assert audit() == []

    def test_net_prices_make_another_total(self, guest, mug, settings):
        settings.PRICES_INCLUDE_TAX = False
        order_id = guest.ordered(mug, 2)["id"]
        settings.PRICES_INCLUDE_TAX = True

        told = guest.pay(order_id, **FRANCE).json()

        assert (told["total"], told["tax"], told["prices_include_tax"]) == (44.9, 0, False)

    def test_another_method_costs_what_it_costs_now(self, guest, bare):
        ShippingMethod.objects.filter(code="express").update(price=Decimal("13.50"))

        told = guest.pay(bare, shipping_method="express").json()

        assert (told["shipping_method"], told["shipping"], told["total"]) == ("Courier", 13.5, 53.5)

    def test_without_another_the_delivery_costs_what_was_agreed(self, guest, bare):
        ShippingMethod.objects.update(price=99)

        assert guest.pay(bare, **DETAILS, shipping_method="standard").json()["total"] == 44.9

    def test_a_method_that_does_not_go_there_gives_way_to_one_that_does(self, guest, mug):
        guest.add(mug)
        order_id = guest.checkout({"shipping_method": "express"}).json()["id"]

        assert guest.pay(order_id, **FRANCE).json()["shipping"] == 4.9

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"shipping_method": "pigeon"}, {"shipping_method": "It has to be one of: standard, express."}),
            ({**FRANCE, "shipping_method": "express"}, {"shipping_method": "It has to be one of: standard."}),
        ],
    )
    def test_no_such_delivery(self, guest, bare, changes, fields):
        answer = guest.pay(bare, **changes)

        assert code_of(answer) == (422, "no_delivery")
        assert answer.json()["fields"] == fields
        assert reread(bare).country == "DE"

    def test_nowhere_to_deliver_to(self, guest, bare):
        ShippingMethod.objects.update(countries=["DE"])

        answer = guest.pay(bare, **FRANCE)

        assert code_of(answer) == (422, "no_delivery")
        assert answer.json()["fields"] == {"country": "Nothing is delivered there."}

    def test_the_catalogues_prices_of_today_do_not_matter(self, guest, bare, mug):
        type(mug).objects.update(price=99)

        assert guest.pay(bare, **FRANCE).json()["subtotal"] == 40

    def test_a_billing_address_can_differ(self, guest, ready):
        office = {**DELIVERY, "city": "Bonn", "postcode": "53111"}

        assert guest.pay(ready, billing=office).json()["billing"]["city"] == "Bonn"
        assert guest.pay(ready, billing_same=True).json()["billing"]["city"] == "Berlin"

    def test_one_that_differed_stays_when_the_goods_go_elsewhere(self, guest, ready):
        guest.pay(ready, billing={**DELIVERY, "city": "Bonn", "postcode": "53111"})

        told = guest.pay(ready, **FRANCE).json()

        assert (told["delivery"]["city"], told["billing"]["city"]) == ("Paris", "Bonn")

    def test_the_timeline_says_so_without_an_address(self, guest, bare):
        guest.pay(bare, shipping_method="express", **DETAILS)

        event = OrderEvent.objects.get(kind=OrderEvent.Kind.DETAILS_CHANGED)
        assert event.detail == "€44.90 → €52.90"

    def test_the_same_ones_again_change_nothing(self, guest, ready):
        for _ in range(2):
            assert guest.pay(ready, **DETAILS).status_code == 201

        assert not OrderEvent.objects.filter(kind=OrderEvent.Kind.DETAILS_CHANGED).exists()

    def test_the_same_ones_come_along_with_another_try(self, guest, ready):
        guest.pay(ready, **DETAILS, payment_token="tok_declined")

        assert guest.pay(ready, **DETAILS, **VISA).json()["status"] == "paid"

    @pytest.mark.parametrize(
        "changes", [{"email": "eve@example.com"}, {"city": "Potsdam"}, {"shipping_method": "express"}, FRANCE]
    )
    def test_once_a_charge_was_tried_they_are_fixed(self, guest, ready, changes):
        guest.pay(ready, payment_token="tok_declined")

        assert code_of(guest.pay(ready, **changes, **VISA)) == (409, "details_fixed")
        assert (reread(ready).email, reread(ready).city, reread(ready).total) == (
            DETAILS["email"], "Berlin", Decimal("19.90"),
        )  # fmt: skip
        assert Payment.objects.count() == 1

    def test_what_cannot_be_is_named_and_nothing_is_set(self, guest, bare):
        answer = guest.pay(bare, **{**DETAILS, "postcode": "x"})

        assert code_of(answer) == (422, "invalid")
        assert set(answer.json()["fields"]) == {"postcode"}
        assert reread(bare).email == ""

    def test_a_charge_that_lacks_some_sets_none(self, guest, bare):
        answer = guest.pay(bare, email="pia@example.com", **VISA)

        assert code_of(answer) == (422, "details_missing")
        assert reread(bare).email == ""

    def test_an_order_that_costs_nothing_is_paid_with_them(self, guest):
        ShippingMethod.objects.update(price=0)
        order_id = guest.ordered(VariantFactory(price=Decimal(0)))["id"]

        told = guest.pay(order_id, **DETAILS, **VISA, key="mine").json()

        assert (told["status"], told["payment"]["status"]) == ("paid", "paid")
        assert not Payment.objects.exists()
        assert audit() == []


@pytest.mark.both_databases
class TestKeys:
    def test_the_same_request_is_one_charge(self, guest, ready):
        answers = [guest.pay(ready, **VISA, key="mine") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [201] * 3
        assert len({answer.text for answer in answers}) == 1
        assert TestCharge.objects.count() == Payment.objects.count() == 1

    def test_it_answers_that_try_as_it_is_now(self, guest, ready):
        guest.pay(ready, payment_token="tok_3ds", key="mine")
        key = str(Payment.objects.get().pk)
        get_gateway("test").answer_action(key, confirmed=False)
        guest.get(f"/orders/{reread(ready).token}/payment/return/")
        guest.pay(ready, **VISA, key="other")

        told = guest.pay(ready, payment_token="tok_3ds", key="mine").json()

        assert (told["status"], told["payment"]["status"]) == ("paid", "declined")

    @pytest.mark.parametrize("changes", [{"payment_token": "tok_declined"}, {"email": "eve@example.com"}])
    def test_another_body_is_refused(self, guest, ready, changes):
        guest.pay(ready, **VISA, key="mine")

        assert code_of(guest.pay(ready, **{**VISA, **changes}, key="mine")) == (422, "idempotency_key_reused")
        assert Payment.objects.count() == 1

    def test_another_order_is_refused(self, guest, ready, mug):
        other = guest.ordered(mug, **DETAILS)["id"]
        guest.pay(ready, **VISA, key="mine")

        assert code_of(guest.pay(other, **VISA, key="mine")) == (422, "idempotency_key_reused")
        assert Payment.objects.count() == 1

    def test_that_of_a_checkout_is_refused(self, guest, mug):
        guest.add(mug)
        order_id = guest.checkout(DETAILS, key="mine").json()["id"]

        assert code_of(guest.pay(order_id, **VISA, key="mine")) == (422, "idempotency_key_reused")
        assert not Payment.objects.exists()

    def test_a_refusal_is_not_kept(self, guest, bare):
        guest.pay(bare, **VISA, key="mine")
        assert not IdempotencyKey.objects.filter(key="client:mine").exists()
        guest.pay(bare, **DETAILS)

        assert guest.pay(bare, **VISA, key="mine").json()["status"] == "paid"

    def test_what_can_be_none_is_refused(self, guest, ready):
        assert code_of(guest.pay(ready, **VISA, key="x" * 201)) == (422, "invalid_idempotency_key")
        assert not Payment.objects.exists()

    def test_one_that_still_runs_is_told_to_wait(self, guest, ready, monkeypatch):
        monkeypatch.setattr("orders.paying.WAIT_FOR_TWIN", 0)
        guest.pay(ready, **VISA, key="mine")
        Payment.objects.update(state=Payment.State.INITIATED, captured_at=None)

        answer = guest.pay(ready, **VISA, key="mine")

        assert code_of(answer) == (409, "in_progress")
        assert int(answer["Retry-After"]) > 0


@pytest.mark.race
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_ten_with_one_key_are_one_charge_that_all_are_told(self, guest, ready):
        answers = together(*[partial(guest.twin().pay, ready, **VISA, key="mine") for _ in range(10)])

        assert {answer.status_code for answer in answers} == {201}
        assert {answer.json()["payment"]["status"] for answer in answers} == {"paid"}
        assert Payment.objects.count() == TestCharge.objects.filter(status=CAPTURED).count() == 1
        assert audit() == []

    def test_ten_without_a_key_are_one_charge(self, guest, ready):
        answers = together(*[partial(guest.twin().pay, ready, **VISA) for _ in range(10)])

        codes = [code_of(answer) for answer in answers]
        assert codes.count((201, "")) == 1
        assert set(codes) <= {(201, ""), (409, "payment_unfinished"), (409, "not_payable")}
        assert TestCharge.objects.filter(status=CAPTURED).count() == 1
        assert audit() == []

    def test_what_is_charged_is_what_its_own_details_cost(self, guest, ready):
        """Two shoppers' programs with the order's token choose different deliveries at once."""
        answers = together(
            partial(guest.twin().pay, ready, **VISA, shipping_method="express"),
            partial(guest.twin().pay, ready, **VISA, shipping_method="standard"),
        )

        paid = [answer.json() for answer in answers if answer.status_code == 201]
        assert len(paid) == 1
        assert TestCharge.objects.get(status=CAPTURED).amount == round(paid[0]["total"] * 100)
        assert {code_of(answer) for answer in answers} <= {
            (201, ""),
            (409, "payment_unfinished"),
            (409, "not_payable"),
            (409, "details_fixed"),
        }
        assert audit() == []

    def test_paying_beside_cancelling_ends_well(self, guest, ready, plate):
        together(partial(guest.twin().pay, ready, **VISA), partial(guest.twin().cancel, ready))

        order = reread(ready)
        held = StockRecord.objects.get(variant=plate).reserved
        assert (order.status, held) in (("paid", 1), ("cancelled", 0), ("awaiting_payment", 1))
        assert audit() == []

    def test_an_unanswered_charge_keeps_others_out(self, ready):
        """The control: without the look for an unfinished one, a second could start."""
        order = reread(ready)
        start_payment(order, at=timezone.now())

        assert code_of(Program().pay(ready, token=order.token, **VISA)) == (409, "payment_unfinished")
