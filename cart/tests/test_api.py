from copy import deepcopy
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cart.models import Cart, CartLine
from catalog.models import Product, StockRecord, Variant
from catalog.prices import set_price
from catalog.tests.factories import ProductFactory, VariantFactory
from catalog.tests.racing import together

pytestmark = pytest.mark.django_db
CART = "/api/v1/cart"
PASSWORD = "seven green bicycles"
NO_QUANTITIES = ["", "x", "-1", "+1", "1.0", "1.5", "1e3", "٣", "10000", "1" * 40, "0x1", "1_0", "NaN"]


@pytest.fixture
def mug():
    """€20.00, five on hand."""
    return VariantFactory(sku="MUG", product__name="Mug", on_hand=5)


@pytest.fixture
def plate():
    """€15.00, five on hand."""
    return VariantFactory(sku="PLATE", price=Decimal(15), on_hand=5)


@pytest.fixture
def anna():
    return get_user_model().objects.create_user("anna@example.com", PASSWORD)


def add(client: Client, variant: Variant, quantity: object = 1, **more):
    query = {"product_id": variant.product_id, "quantity": quantity, **more}
    return client.post(CART, query_params=query)


def put(client: Client, variant: Variant, quantity: object, **more):
    return client.put(f"{CART}/{variant.product_id}", query_params={"quantity": quantity, **more})


def take_out(client: Client, variant: Variant, **more):
    return client.delete(f"{CART}/{variant.product_id}", query_params=more)


def held(answer) -> dict[str, int]:
    """Quantities by SKU in a cart that was answered."""
    assert answer.status_code == 200, answer.text
    return {item["sku"]: item["quantity"] for item in answer.json()["items"]}


def kept() -> dict[str, int]:
    return dict(CartLine.objects.values_list("variant__sku", "quantity"))


def with_token(email: str) -> Client:
    answer = Client().post("/api/v1/login", {"email": email, "password": PASSWORD}, content_type="application/json")
    return Client(headers={"Authorization": f"Bearer {answer.json()['token']}"})


class TestView:
    def test_a_cart_is_its_lines_and_what_they_come_to(self, client, mug, plate):
        add(client, mug, 2)

        answer = add(client, plate)

        assert answer.text == client.get(CART).text
        assert answer.json() == {
            "items": [
                {
                    "product_id": mug.product_id,
                    "variant_id": mug.pk,
                    "sku": "MUG",
                    "name": "Mug",
                    "quantity": 2,
                    "unit_price": 20.0,
                    "line_total": 40.0,
                    "notice": "",
                },
                {
                    "product_id": plate.product_id,
                    "variant_id": plate.pk,
                    "sku": "PLATE",
                    "name": str(plate.product),
                    "quantity": 1,
                    "unit_price": 15.0,
                    "line_total": 15.0,
                    "notice": "",
                },
            ],
            "subtotal": 55.0,
            "total": 55.0,
            "currency": "EUR",
        }

    def test_amounts_have_their_currencys_digits(self, client, mug):
        assert '"unit_price":20.00,"line_total":20.00' in add(client, mug).text

    def test_whoever_never_added_anything_has_an_empty_one_and_no_session(self, client):
        answer = client.get(CART)

        assert answer.json() == {"items": [], "subtotal": 0, "total": 0, "currency": "EUR"}
        assert not answer.cookies
        assert not Session.objects.exists()

    def test_it_costs_what_the_website_says(self, client, mug, plate):
        add(client, mug, 2)
        add(client, plate)
        set_price(mug, Decimal("21.99"))
        StockRecord.objects.filter(variant=plate).update(on_hand=0)

        answer = client.get(CART)

        assert 'data-cart-total="43.98"' in client.get("/cart/").text
        assert '"total":43.98' in answer.text
        notices = [item["notice"] for item in answer.json()["items"]]
        assert notices[0].startswith("The price changed from €20.00 to €21.99")
        assert notices[1].startswith("Sold out in the meantime")

    def test_what_is_no_longer_sold_has_no_price(self, client, mug, plate):
        add(client, mug)
        add(client, plate)
        Variant.objects.filter(pk=mug.pk).update(is_active=False)

        cart = client.get(CART).json()

        assert [item["unit_price"] for item in cart["items"]] == [None, 15.0]
        assert cart["total"] == 15.0

    def test_net_prices_stay_net(self, client, mug, settings):
        settings.PRICES_INCLUDE_TAX = False

        assert add(client, mug).json()["total"] == 20.0

    def test_one_too_dear_to_order_can_still_be_seen_and_made_smaller(self, client):
        dear = VariantFactory(price=Decimal("99999999"), on_hand=9_999)

        assert add(client, dear, 9_999).json()["total"] == 99999999 * 9_999
        assert put(client, dear, 1).json()["total"] == 99999999

    def test_nobody_but_its_shopper_may_keep_it(self, client):
        assert client.get(CART)["Cache-Control"] == "private, no-cache"

    def test_statements_do_not_grow_with_the_lines(self, client, django_assert_num_queries):
        for variant in VariantFactory.create_batch(2):
            add(client, variant)
        with CaptureQueriesContext(connection) as statements:
            client.get(CART)
        of_two = len(statements)
        for variant in VariantFactory.create_batch(18):
            add(client, variant)

        with django_assert_num_queries(of_two):
            assert len(client.get(CART).json()["items"]) == 20


class TestAdd:
    def test_the_first_add_sets_the_sessions_cookie(self, client, mug):
        answer = add(client, mug, 2)

        assert held(answer) == {"MUG": 2}
        assert "sessionid" in answer.cookies

    def test_every_add_counts(self, client, mug):
        add(client, mug, 2)

        assert held(add(client, mug)) == {"MUG": 3}

    def test_without_a_quantity_it_is_one(self, client, mug):
        assert held(client.post(CART, query_params={"product_id": mug.product_id})) == {"MUG": 1}

    def test_guests_have_a_cart_each(self, client, mug):
        add(client, mug)

        assert held(Client().get(CART)) == {}

    def test_the_last_unit_can_be_had(self, client, mug):
        add(client, mug, 4)

        assert held(add(client, mug)) == {"MUG": 5}

    def test_more_than_there_is_changes_nothing(self, client, mug):
        add(client, mug, 4)

        answer = add(client, mug, 2)

        assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
        assert answer.json()["fields"] == {"sku": "MUG", "available": 5}
        assert kept() == {"MUG": 4}

    @pytest.mark.parametrize("on_hand", [0, 1])
    def test_a_refused_first_add_makes_no_session(self, client, on_hand):
        answer = add(client, VariantFactory(on_hand=on_hand), 2)

        assert answer.json()["fields"]["available"] == on_hand
        assert not answer.cookies
        assert not Session.objects.exists()

    def test_what_is_not_tracked_is_there_up_to_what_a_cart_holds(self, client):
        voucher = VariantFactory(sku="VOUCHER", on_hand=None)

        assert held(add(client, voucher, 9_999)) == {"VOUCHER": 9_999}
        assert add(client, voucher).json()["code"] == "invalid_quantity"
        assert kept() == {"VOUCHER": 9_999}

    @pytest.mark.parametrize("quantity", ["0", *NO_QUANTITIES])
    def test_what_is_no_quantity_is_refused(self, client, mug, quantity):
        answer = add(client, mug, quantity)

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_quantity")
        assert "quantity" in answer.json()["fields"]
        assert kept() == {}

    def test_of_several_variants_one_has_to_be_named(self, client, mug):
        large = VariantFactory(product=mug.product, sku="MUG-L", title="L")

        answer = add(client, mug)

        assert (answer.status_code, answer.json()["code"]) == (422, "variant_required")
        assert held(add(client, mug, variant_id=large.pk)) == {"MUG-L": 1}

    def test_a_variant_of_another_product_is_not_found(self, client, mug, plate):
        assert add(client, mug, variant_id=plate.pk).status_code == 404
        assert kept() == {}

    @pytest.mark.parametrize("product_id", ["999999999", str(2**63 - 1)])
    def test_an_unknown_product_is_not_found(self, client, product_id):
        assert client.post(CART, query_params={"product_id": product_id}).status_code == 404

    @pytest.mark.parametrize("product_id", ["", "0", "-1", "x", str(2**63), "9" * 40])
    def test_what_is_no_id_is_refused(self, client, product_id):
        assert client.post(CART, query_params={"product_id": product_id}).status_code == 422

    def test_a_draft_is_not_found(self, client):
        draft = VariantFactory(product=ProductFactory(status=Product.Status.DRAFT))

        assert add(client, draft).status_code == 404

    def test_an_archived_product_is_no_longer_sold(self, client):
        gone = VariantFactory(product=ProductFactory(status=Product.Status.ARCHIVED))

        answer = add(client, gone)

        assert (answer.status_code, answer.json()["code"]) == (409, "not_for_sale")

    def test_a_page_of_another_site_may_not(self, client, mug):
        answer = client.post(
            CART, query_params={"product_id": mug.product_id}, headers={"Origin": "https://elsewhere.example"}
        )

        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
        assert kept() == {}

    def test_with_a_key_it_is_added_once(self, client, mug, plate):
        add(client, plate)

        for _ in range(3):
            answer = client.post(
                CART, query_params={"product_id": mug.product_id}, headers={"Idempotency-Key": "add-1"}
            )

        assert held(answer) == {"PLATE": 1, "MUG": 1}


class TestUpdate:
    def test_it_sets_the_quantity(self, client, mug, plate):
        add(client, mug, 2)
        add(client, plate)

        assert held(put(client, mug, 5)) == {"MUG": 5, "PLATE": 1}

    def test_more_than_there_is_changes_nothing(self, client, mug):
        add(client, mug, 2)

        answer = put(client, mug, 6)

        assert (answer.status_code, answer.json()["fields"]) == (409, {"sku": "MUG", "available": 5})
        assert kept() == {"MUG": 2}

    def test_zero_is_refused_and_told_what_to_do(self, client, mug):
        add(client, mug, 2)

        answer = put(client, mug, 0)

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_quantity")
        assert "DELETE" in answer.json()["detail"]
        assert kept() == {"MUG": 2}

    @pytest.mark.parametrize("quantity", NO_QUANTITIES)
    def test_what_is_no_quantity_is_refused(self, client, mug, quantity):
        add(client, mug, 2)

        assert put(client, mug, quantity).json()["code"] == "invalid_quantity"
        assert kept() == {"MUG": 2}

    def test_a_quantity_has_to_be_given(self, client, mug):
        add(client, mug)

        assert client.put(f"{CART}/{mug.product_id}").status_code == 422

    @pytest.mark.parametrize("has_cart", [True, False])
    def test_what_is_not_in_the_cart_is_not_found(self, client, mug, plate, has_cart):
        if has_cart:
            add(client, plate)

        answer = put(client, mug, 2)

        assert (answer.status_code, answer.json()["code"]) == (404, "not_in_cart")
        assert "MUG" not in kept()

    def test_of_several_variants_one_has_to_be_named(self, client, mug):
        VariantFactory(product=mug.product, sku="MUG-L", title="L")
        add(client, mug, variant_id=mug.pk)

        assert put(client, mug, 3).json()["code"] == "variant_required"
        assert held(put(client, mug, 3, variant_id=mug.pk)) == {"MUG": 3}

    def test_of_several_lines_one_has_to_be_named(self, client, mug):
        large = VariantFactory(product=mug.product, sku="MUG-L", title="L")
        add(client, mug, variant_id=mug.pk)
        add(client, mug, variant_id=large.pk)
        Variant.objects.filter(pk=large.pk).update(is_active=False)

        assert put(client, mug, 3).json()["code"] == "variant_required"

    def test_what_is_no_longer_sold_stays_as_it_is(self, client, mug):
        add(client, mug, 2)
        Variant.objects.filter(pk=mug.pk).update(is_active=False)

        assert put(client, mug, 1).json()["code"] == "not_for_sale"
        assert kept() == {"MUG": 2}

    def test_it_changes_nobody_elses_cart(self, client, mug):
        add(client, mug, 2)
        other = Client()
        add(other, mug, 1)

        put(other, mug, 3)

        assert held(client.get(CART)) == {"MUG": 2}


class TestRemove:
    def test_it_takes_the_product_out(self, client, mug, plate):
        add(client, mug, 2)
        add(client, plate)

        assert held(take_out(client, mug)) == {"PLATE": 1}

    def test_all_its_variants_go(self, client, mug, plate):
        large = VariantFactory(product=mug.product, sku="MUG-L", title="L")
        add(client, plate)
        for variant in (mug, large):
            add(client, mug, variant_id=variant.pk)

        assert held(take_out(client, mug)) == {"PLATE": 1}

    def test_or_only_the_one_named(self, client, mug):
        large = VariantFactory(product=mug.product, sku="MUG-L", title="L")
        for variant in (mug, large):
            add(client, mug, variant_id=variant.pk)

        assert held(take_out(client, mug, variant_id=large.pk)) == {"MUG": 1}

    def test_the_second_time_it_is_not_found(self, client, mug, plate):
        add(client, mug)
        add(client, plate)
        take_out(client, mug)

        answer = take_out(client, mug)

        assert (answer.status_code, answer.json()["code"]) == (404, "not_in_cart")
        assert kept() == {"PLATE": 1}

    def test_without_a_cart_it_is_not_found(self, client, mug):
        assert take_out(client, mug).status_code == 404
        assert not Session.objects.exists()

    def test_what_is_no_longer_sold_can_go(self, client, mug):
        add(client, mug)
        Product.objects.archive()

        assert held(take_out(client, mug)) == {}

    def test_it_leaves_nobody_elses_cart_without(self, client, mug):
        add(client, mug)
        other = Client()
        add(other, mug)

        take_out(other, mug)

        assert held(client.get(CART)) == {"MUG": 1}


class TestAccounts:
    def test_a_token_needs_no_session(self, anna, mug):
        program = with_token(anna.email)

        answer = add(program, mug, 2)

        assert held(answer) == held(with_token(anna.email).get(CART)) == {"MUG": 2}
        assert not answer.cookies

    def test_the_website_shows_the_same_cart(self, client, anna, mug):
        add(with_token(anna.email), mug, 2)
        client.force_login(anna)

        assert 'data-quantity="2"' in client.get("/cart/").text
        assert held(client.get(CART)) == {"MUG": 2}

    def test_log_in_merges_the_guests_cart(self, client, anna, mug, plate):
        add(with_token(anna.email), plate)
        add(client, mug, 2)

        client.post("/api/v1/login", {"email": anna.email, "password": PASSWORD}, content_type="application/json")

        assert held(with_token(anna.email).get(CART)) == {"MUG": 2, "PLATE": 1}
        assert held(client.get(CART)) == {}

    def test_a_second_log_in_adds_nothing(self, client, anna, mug):
        add(client, mug, 2)

        for _ in range(2):
            client.post("/api/v1/login", {"email": anna.email, "password": PASSWORD}, content_type="application/json")

        assert held(with_token(anna.email).get(CART)) == {"MUG": 2}

    def test_a_token_beats_a_cookie(self, client, anna, mug, plate):
        add(client, mug)
        program = with_token(anna.email)
        program.cookies = deepcopy(client.cookies)

        assert held(add(program, plate)) == {"PLATE": 1}
        assert held(client.get(CART)) == {"MUG": 1}

    def test_nobody_gets_the_cart_of_an_account_that_is_gone(self, anna, mug):
        """Programs have no session whose key could name the cart."""
        for email in ("bob@example.com", "carl@example.com"):
            gone = get_user_model().objects.create_user(email, PASSWORD)
            add(with_token(email), mug)
            gone.delete()

        program = with_token(anna.email)

        assert held(program.get(CART)) == {}
        assert held(add(program, mug)) == {"MUG": 1}


@pytest.mark.race
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_no_add_and_no_refusal_goes_wrong(self, client, mug):
        add(client, mug)

        def add_two():
            tab = Client()
            tab.cookies = deepcopy(client.cookies)
            return add(tab, mug, 2)

        answers = together(*[add_two] * 6)

        assert sorted(answer.status_code for answer in answers) == [200] * 2 + [409] * 4
        assert kept() == {"MUG": 5}
        assert Cart.objects.count() == 1

    def test_the_websites_adds_and_a_programs_are_one_cart(self, client, mug):
        add(client, mug)

        def by_website():
            tab = Client()
            tab.cookies = deepcopy(client.cookies)
            return tab.post(reverse("cart:add", args=[mug.product_id]))

        def by_program():
            tab = Client()
            tab.cookies = deepcopy(client.cookies)
            return add(tab, mug)

        together(by_website, by_program, by_website, by_program)

        assert kept() == {"MUG": 5}
