import re
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import AddressFactory, UserFactory
from cart.models import Cart, CartLine
from catalog import stock
from catalog.models import StockRecord, Variant
from catalog.prices import set_price
from catalog.tests.factories import VariantFactory
from orders.checkout import CheckoutKey
from orders.forms import CART_SIGNER, CheckoutForm
from orders.models import Order, Payment
from orders.states import OrderStatus
from payments.models import TestCharge
from pricing.models import ShippingMethod
from pricing.money import plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]

FORM = {
    "email": "sam@example.com",
    "full_name": "Sam Shopper",
    "address_line1": "Invalidenstraße 1",
    "city": "Berlin",
    "postcode": "10115",
    "country": "DE",
    "shipping_method": "standard",
    "payment_token": "tok_visa",
    "billing_same": "on",
}


def add(client, variant, quantity=1) -> None:
    client.post(reverse("cart:add", args=[variant.product_id]), {"variant": variant.pk, "quantity": quantity})


def place(client, *, address="/place_order/", follow=False, **changes):
    return client.post(address, {**FORM, **changes}, follow=follow)


def hidden(client) -> dict[str, str]:
    """The hidden fields of the checkout page as this client sees it."""
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', client.get("/checkout/").text)
    return {name: value for name, value in inputs if name != "csrfmiddlewaretoken"}


def said(response) -> str:
    return " ".join(map(str, get_messages(response.wsgi_request)))


@pytest.fixture
def shopper(client, mug):
    """A guest with two mugs at €20.00 in the cart: €44.90 with delivery."""
    add(client, mug, 2)
    return client


class TestCheckoutPage:
    @pytest.mark.parametrize("address", ["/checkout/", "/checkout"])
    def test_it_shows_what_will_be_paid(self, shopper, address):
        text = shopper.get(address).text

        assert "€44.90" in text
        assert 'data-quantity="2"' in text

    def test_its_form_knows_its_cart_and_its_total(self, shopper):
        fields = hidden(shopper)

        assert CART_SIGNER.unsign(fields["idempotency_key"]) == str(Cart.objects.get().pk)
        assert fields["expected_total"] == "44.90"

    def test_what_is_sold_out_is_no_part_of_the_total(self, shopper, mug, plate):
        add(shopper, plate)
        StockRecord.objects.filter(variant=mug).update(on_hand=0)

        assert hidden(shopper)["expected_total"] == plain(plate.price + Decimal("4.90"), "EUR")

    def test_with_nothing_left_to_buy_it_leads_to_the_cart(self, shopper, mug):
        Variant.objects.filter(pk=mug.pk).update(is_active=False)

        response = shopper.get("/checkout/")

        assert (response.status_code, response["Location"]) == (302, "/cart/")

    def test_it_offers_only_countries_that_are_delivered_to(self, shopper):
        ShippingMethod.objects.update(countries=["DE", "FR"])

        countries = re.findall(r'<option value="([A-Z]{2})"', shopper.get("/checkout/").text.partition("billing")[0])

        assert countries == ["FR", "DE"]

    def test_a_region_is_chosen_where_it_is_needed(self, shopper):
        ShippingMethod.objects.update(countries=[])

        response = shopper.post("/checkout/", {"country": "US"})

        assert re.search(r'<select[^>]* name="region"|<select name="region"', response.text)
        assert 'value="CA"' in response.text

    def test_an_account_finds_its_billing_address_filled_in(self, client, mug):
        user = UserFactory()
        AddressFactory(user=user, is_default=True, address_line1="Delivery Street 1")
        AddressFactory(user=user, is_default_billing=True, address_line1="Billing Street 2")
        client.force_login(user)
        add(client, mug)

        text = client.get("/checkout/").text

        assert "Delivery Street 1" in text
        assert "Billing Street 2" in text
        assert not re.search(r'name="billing_same"[^>]*checked', text)

    def test_with_an_empty_cart_it_leads_to_the_cart(self, client):
        response = client.get("/checkout/")

        assert (response.status_code, response["Location"]) == (302, "/cart/")
        assert not Session.objects.exists()

    def test_it_is_kept_by_nobody(self, shopper):
        assert {"private", "no-store"} <= set(shopper.get("/checkout/")["Cache-Control"].split(", "))

    def test_another_country_has_other_methods(self, shopper):
        response = shopper.post("/checkout/", {**FORM, "country": "FR", "full_name": "Anne"})

        assert [option["method"].code for option in response.context["methods"]] == ["standard"]
        assert 'value="Anne"' in response.text
        assert not Order.objects.exists()

    def test_an_account_is_not_asked_twice(self, shopper):
        user = UserFactory(full_name="Anna")
        AddressFactory(user=user, full_name="Anna", city="Köln", is_default=True)
        AddressFactory(user=user, full_name="Old", city="Ulm")
        cart = Cart.objects.get()
        cart.user = user
        cart.save()
        shopper.force_login(user)

        text = shopper.get("/checkout/").text

        assert f'value="{user.email}"' in text
        assert 'value="Köln"' in text

    def test_statements_do_not_grow_with_the_lines(self, shopper, django_assert_num_queries):
        add(shopper, VariantFactory())
        with CaptureQueriesContext(connection) as statements:
            shopper.get("/checkout/")
        of_two = len(statements)
        for variant in VariantFactory.create_batch(18):
            add(shopper, variant)
        shopper.get("/checkout/")

        with django_assert_num_queries(of_two):
            shopper.get("/checkout/")


class TestPlaceOrder:
    @pytest.mark.parametrize("address", ["/place_order/", "/place_order"])
    def test_it_leads_to_the_confirmation(self, shopper, address):
        response = place(shopper, address=address)

        order = Order.objects.get()
        assert (response.status_code, response["Location"]) == (302, f"/confirmation/{order.token}/")
        assert order.status is OrderStatus.PAID

    def test_the_form_as_it_was_shown_is_accepted(self, shopper):
        place(shopper, **hidden(shopper))

        assert Order.objects.get().total == Decimal("44.90")

    def test_the_cart_is_empty_afterwards_and_the_next_add_starts_anew(self, shopper, mug):
        place(shopper)
        assert 'data-cart-total="0.00"' in shopper.get("/cart/").text

        add(shopper, mug)
        assert CartLine.objects.get(cart__status="open").quantity == 1

    def test_without_javascript_a_ticked_box_ignores_the_billing_fields(self, shopper):
        place(shopper, billing_full_name="", billing_country="DE")

        assert Order.objects.get().billing_full_name == "Sam Shopper"

    def test_another_billing_address(self, shopper):
        fields = {"billing_full_name": "Office", "billing_address_line1": "Markt 2", "billing_city": "Bonn"}
        form = {**FORM, **fields, "billing_postcode": "53111", "billing_country": "DE"}
        del form["billing_same"]

        shopper.post("/place_order/", form)

        order = Order.objects.get()
        assert (order.full_name, order.billing_full_name, order.billing_city) == ("Sam Shopper", "Office", "Bonn")

    def test_a_script_that_sends_no_billing_at_all_means_the_same(self, shopper):
        form = {name: value for name, value in FORM.items() if name != "billing_same"}

        shopper.post("/place_order/", form)

        assert Order.objects.get().billing_full_name == "Sam Shopper"

    def test_the_country_is_the_shops_unless_said(self, shopper):
        place(shopper, country="")

        assert Order.objects.get().country == "DE"

    def test_it_needs_a_token_against_forgery(self, mug):
        browser = Client(enforce_csrf_checks=True)
        add(browser, mug)

        assert place(browser).status_code == 403
        assert not Order.objects.exists()

    def test_a_get_orders_nothing(self, shopper):
        assert shopper.get("/place_order/")["Location"] == "/checkout/"
        assert not Order.objects.exists()

    def test_an_account_owns_its_order(self, client, mug):
        anna = UserFactory()
        client.force_login(anna)
        add(client, mug)
        place(client)

        assert Order.objects.get().user == anna

    def test_what_the_client_says_about_money_is_not_believed(self, shopper):
        place(shopper, total="0.01", unit_price="0.01", price="0.01", shipping="0", discount="44")

        assert Order.objects.get().total == Decimal("44.90")


class TestTokens:
    """What the shopper reads after each answer of the gateway."""

    def test_paid(self, shopper, mug):
        text = place(shopper, follow=True).text

        assert "Thank you, your order is placed" in text
        order = Order.objects.get()
        line = f'data-product="{mug.product_id}" data-variant="{mug.pk}" data-quantity="2" data-price="20.00"'
        assert line in text
        assert 'data-order-total="44.90"' in text
        assert order.number in text

    @pytest.mark.parametrize(
        ("token", "why"),
        [
            ("tok_declined", "Your bank declined the payment."),
            ("tok_insufficient_funds", "There is not enough money on this card."),
            ("tok_nonsense", "does not know this card"),
        ],
    )
    def test_declined_says_why_and_offers_another_try(self, shopper, token, why):
        response = place(shopper, payment_token=token, follow=True)

        assert "You have not been charged." in response.text
        assert why in response.text
        assert response.context["payment_form"] is not None

    def test_another_try_pays_it(self, shopper):
        place(shopper, payment_token="tok_declined")
        order = Order.objects.get()

        response = shopper.post(reverse("orders:payment", args=[order.token]), {"payment_token": "tok_visa"})

        assert response["Location"] == f"/confirmation/{order.token}/"
        assert Order.objects.get().status is OrderStatus.PAID
        assert TestCharge.objects.filter(status=TestCharge.Status.CAPTURED).count() == 1

    @pytest.mark.parametrize("token", ["tok_timeout", "tok_error", "tok_error_after"])
    def test_unknown_asks_to_wait_and_offers_no_other_try(self, shopper, token):
        response = place(shopper, payment_token=token, follow=True)

        assert "We are checking your payment. Do not pay again." in response.text
        assert response.context["payment_form"] is None
        assert response.context["refresh_seconds"]

    def test_a_try_all_the_same_charges_nothing(self, shopper):
        place(shopper, payment_token="tok_timeout")
        order = Order.objects.get()

        response = shopper.post(reverse("orders:payment", args=[order.token]), {"payment_token": "tok_visa"})

        assert "not finished yet" in said(response)
        assert Payment.objects.count() == TestCharge.objects.count() == 1

    def test_3ds_leads_to_the_gateway_and_back(self, shopper):
        response = place(shopper, payment_token="tok_3ds")
        order = Order.objects.get()
        assert response["Location"] == f"/payments/test/{order.payments.get().pk}/"

        back = shopper.post(response["Location"], {"answer": "confirm"})
        response = shopper.get(back["Location"], follow=True)

        assert "Thank you, your order is placed" in response.text
        assert Order.objects.get().status is OrderStatus.PAID

    def test_3ds_refused_offers_another_try(self, shopper):
        there = place(shopper, payment_token="tok_3ds")["Location"]
        back = shopper.post(there, {"answer": "refuse"})["Location"]

        response = shopper.get(back, follow=True)

        assert "The payment was not confirmed." in response.text
        assert response.context["payment_form"] is not None

    def test_3ds_left_open_can_be_taken_up_from_the_order(self, shopper):
        there = place(shopper, payment_token="tok_3ds")["Location"]

        response = shopper.get("/confirmation/", follow=True)

        assert f'href="{there}"' in response.text
        assert Order.objects.get().status is OrderStatus.AWAITING_PAYMENT

    def test_returning_twice_changes_nothing(self, shopper):
        there = place(shopper, payment_token="tok_3ds")["Location"]
        back = shopper.post(there, {"answer": "confirm"})["Location"]

        for _ in range(3):
            shopper.get(back)

        assert Order.objects.get().events.filter(kind="paid").count() == 1

    def test_returning_without_an_answer_leaves_it_open(self, shopper):
        place(shopper, payment_token="tok_3ds")
        order = Order.objects.get()

        shopper.get(reverse("orders:payment_return", args=[order.token]))

        assert order.payments.get().state == Payment.State.NEEDS_ACTION


class TestRepeatedForm:
    def test_sent_twice_it_is_one_order_and_one_charge(self, shopper):
        form = hidden(shopper)

        first, second = place(shopper, **form), place(shopper, **form)

        assert first["Location"] == second["Location"]
        assert Order.objects.count() == TestCharge.objects.count() == 1

    def test_changed_it_leads_to_the_order_and_says_so(self, shopper):
        form = hidden(shopper)
        place(shopper, **form)

        response = place(shopper, **form, email="another@example.com")

        assert response["Location"] == Order.objects.get().get_absolute_url()
        assert "was already placed from this cart" in said(response)
        assert TestCharge.objects.count() == 1

    def test_a_declined_one_changed_leads_to_its_page_that_offers_payment(self, shopper):
        form = hidden(shopper)
        place(shopper, **form, payment_token="tok_declined")

        response = place(shopper, follow=True, **form)

        assert response.context["payment_form"] is not None
        assert Order.objects.count() == 1

    def test_an_old_form_after_a_new_add_leads_to_the_old_order(self, shopper, plate):
        form = hidden(shopper)
        place(shopper, **form)
        add(shopper, plate)

        response = place(shopper, **form)

        assert response["Location"] == f"/confirmation/{Order.objects.get().token}/"
        assert Cart.objects.filter(status=Cart.Status.OPEN).exists()

    def test_a_form_of_a_cart_that_is_not_ones_own_is_shown_again(self, shopper, mug):
        other = Client()
        add(other, mug)
        form = hidden(other)

        response = place(shopper, **form)

        assert response.status_code == 409
        assert "Your cart has changed since the checkout began." in response.text
        assert not Order.objects.exists()

    def test_another_session_with_the_same_form_learns_nothing(self, shopper):
        form = hidden(shopper)
        place(shopper, **form)

        response = place(Client(), **form)

        assert response["Location"] == "/cart/"

    def test_a_key_with_a_forged_signature_orders_nothing(self, shopper):
        response = place(shopper, idempotency_key=f"{Cart.objects.get().pk}:forged")

        assert response.status_code == 409
        assert not Order.objects.exists()

    @pytest.mark.parametrize("has_new_cart", [True, False])
    def test_a_clients_key_with_another_body_is_refused(self, shopper, plate, has_new_cart):
        place(shopper, idempotency_key="mine")
        if has_new_cart:
            add(shopper, plate)

        response = place(shopper, idempotency_key="mine", email="another@example.com")

        assert response.status_code == 422
        assert Order.objects.count() == 1

    def test_a_clients_key_with_the_same_body_is_the_same_order(self, shopper):
        first = place(shopper, idempotency_key="mine")
        second = place(shopper, idempotency_key="mine")

        assert first["Location"] == second["Location"]
        assert TestCharge.objects.count() == 1

    def test_a_strangers_key_is_refused(self, shopper, plate):
        place(shopper, idempotency_key="mine")
        stranger = Client()
        add(stranger, plate)

        assert place(stranger, idempotency_key="mine").status_code == 422
        assert Order.objects.count() == 1


class TestRefusals:
    def test_a_visitor_with_nothing_gets_no_session(self, client):
        response = place(client)

        assert response["Location"] == "/cart/"
        assert not Session.objects.exists()

    @pytest.mark.parametrize("field", ["email", "full_name", "address_line1", "payment_token"])
    def test_what_is_missing_is_named_and_the_rest_kept(self, shopper, field):
        response = place(shopper, **{field: "", "city": "Görlitz", "postcode": "02826"})

        assert response.status_code == 422
        assert response.context["form"].errors.keys() == {field}
        assert 'value="Görlitz"' in response.text
        assert not Order.objects.exists()

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("email", "sam"),
            ("email", "a@b.example, c@d.example"),
            ("email", "x" * 250 + "@example.com"),
            ("full_name", "x" * 151),
            ("country", "XX"),
            ("expected_total", "NaN"),
            ("expected_total", "1e999"),
            ("payment_token", "x" * 101),
            ("idempotency_key", "x" * 201),
        ],
    )
    def test_what_is_malformed_is_refused(self, shopper, field, value):
        response = place(shopper, **{field: value})

        assert response.status_code == 422
        assert not Order.objects.exists()

    @pytest.mark.parametrize("field", ["full_name", "city", "payment_token", "idempotency_key", "shipping_method"])
    def test_a_null_character_is_refused(self, shopper, field):
        assert place(shopper, **{field: "a\x00b"}).status_code == 422

    def test_an_error_is_said_above_and_in_the_title(self, shopper):
        response = place(shopper, email="sam")

        before_heading, _, _ = response.text.partition("<h1")
        assert "<title>Error: " in before_heading
        assert response.context["form"].errors["email"][0] in before_heading

    def test_without_the_tick_a_billing_address_must_be_complete(self, shopper):
        form = {name: value for name, value in FORM.items() if name != "billing_same"}

        response = shopper.post("/place_order/", {**form, "billing_country": "DE", "billing_city": "Bonn"})

        assert {"billing_full_name", "billing_address_line1"} <= response.context["form"].errors.keys()

    def test_short_stock_names_the_line_keeps_what_is_left_and_the_entries(self, shopper, mug):
        stock.reserve({mug.pk: 4}, reference="another order", at=timezone.now())

        response = place(shopper, full_name="Anne Other")

        assert response.status_code == 409
        assert "Only 1 of" in response.text
        assert 'value="Anne Other"' in response.text
        assert CartLine.objects.get().quantity == 1
        assert not Order.objects.exists()

    def test_sent_again_it_orders_what_is_left(self, shopper, mug):
        stock.reserve({mug.pk: 4}, reference="another order", at=timezone.now())
        place(shopper)

        place(shopper, **hidden(shopper))

        assert Order.objects.get().lines.get().quantity == 1

    def test_a_changed_price_is_shown_and_not_charged(self, shopper, mug):
        form = hidden(shopper)
        set_price(mug, Decimal(25))

        response = place(shopper, **form)

        assert response.status_code == 409
        assert "from €44.90 to €54.90" in response.text
        assert "The price changed from €20.00 to €25.00" in response.text
        assert not TestCharge.objects.exists()

    def test_the_page_that_says_so_can_be_sent_as_it_is(self, shopper, mug):
        form = hidden(shopper)
        set_price(mug, Decimal(25))
        again = place(shopper, **form).context["form"].data

        place(shopper, **{name: again[name] for name in form})

        assert Order.objects.get().total == Decimal("54.90")

    def test_what_is_no_longer_sold(self, shopper, mug):
        Variant.objects.filter(pk=mug.pk).update(is_active=False)

        response = place(shopper, follow=True)

        assert response.redirect_chain == [("/cart/", 302)]
        assert "is no longer sold" in response.text
        assert not Order.objects.exists()

    def test_nowhere_to_deliver_to(self, shopper):
        response = place(shopper, country="FR", shipping_method="express", postcode="75001", city="Paris")

        assert response.status_code == 422
        assert "not available for the address" in response.text
        assert not Order.objects.exists()


class TestCheckoutKey:
    def test_the_sites_key_names_its_cart(self):
        form = CheckoutForm({**FORM, "idempotency_key": CART_SIGNER.sign("7")})
        assert form.is_valid()

        assert form.key(3) == CheckoutKey.of_cart(7)

    def test_without_one_the_current_cart_stands_for_itself(self):
        form = CheckoutForm(FORM)
        assert form.is_valid()

        assert form.key(3) == CheckoutKey.of_cart(3)


class TestStatements:
    def count(self, lines: int, **changes) -> int:
        """Statements of POST /place_order/ for so many lines, without those that only open and close."""
        client = Client()
        for variant in VariantFactory.create_batch(lines):
            add(client, variant)
        form = hidden(client)
        with CaptureQueriesContext(connection) as captured:
            response = place(client, **form, **changes)
        assert response.status_code == 302
        frame = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")
        return sum(not query["sql"].startswith(frame) for query in captured)

    def test_placing_an_order_of_3_lines_takes_at_most_25(self):
        assert self.count(3) <= 25

    def test_and_at_most_4_more_a_line(self):
        assert self.count(8) - self.count(3) <= 5 * 4
