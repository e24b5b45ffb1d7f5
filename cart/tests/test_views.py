import re
from copy import deepcopy

import pytest
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cart.models import Cart, CartLine
from catalog import stock
from catalog.models import Product
from catalog.tests.factories import ProductFactory, VariantFactory
from catalog.tests.racing import together

pytestmark = pytest.mark.django_db

HOSTILE = ["0", "-1", "1.5", str(10**30), "٣", "", "NaN", "1e3", "+1", "３", "10000", "\x00", "9" * 4000]


@pytest.fixture
def mug():
    """Five on hand."""
    return VariantFactory(sku="MUG", on_hand=5)


@pytest.fixture
def plate():
    return VariantFactory(sku="PLATE", on_hand=5)


@pytest.fixture
def anna():
    return get_user_model().objects.create_user("anna@example.com", "seven green bicycles")


@pytest.fixture
def other_client():
    return Client()


def add(client, variant, quantity="1", **headers):
    address = reverse("cart:add", args=[variant.product_id])
    return client.post(address, {"variant": variant.pk, "quantity": quantity}, headers=headers)


def update(client, variant, quantity):
    return client.post(reverse("cart:update", args=[variant.pk]), {"quantity": quantity})


def lines() -> dict[str, int]:
    """What all open carts hold, by SKU."""
    return dict(CartLine.objects.filter(cart__status="open").values_list("variant__sku", "quantity"))


def said(response) -> str:
    return " ".join(map(str, get_messages(response.wsgi_request)))


class TestAdd:
    def test_it_leads_to_the_cart_that_holds_it(self, client, mug):
        response = add(client, mug, "2")

        assert (response.status_code, response["Location"]) == (302, "/cart/")
        assert lines() == {"MUG": 2}
        assert f'data-product="{mug.product_id}" data-variant="{mug.pk}" data-quantity="2"' in client.get("/cart/").text

    def test_every_post_counts(self, client, mug):
        add(client, mug)
        add(client, mug)

        assert lines() == {"MUG": 2}

    def test_without_a_quantity_one_is_meant(self, client, mug):
        client.post(reverse("cart:add", args=[mug.product_id]))

        assert lines() == {"MUG": 1}

    def test_it_needs_no_token(self, mug):
        add(Client(enforce_csrf_checks=True), mug)

        assert lines() == {"MUG": 1}

    @pytest.mark.parametrize("quantity", HOSTILE, ids=lambda quantity: repr(quantity)[:12])
    def test_what_is_no_quantity_changes_nothing_and_is_said(self, client, mug, quantity):
        add(client, mug, "2")

        response = add(client, mug, quantity)

        assert response.status_code == 302
        assert lines() == {"MUG": 2}
        assert "The cart was left as it is." in said(response)

    def test_more_than_available_keeps_the_highest_and_says_so(self, client, mug):
        response = add(client, mug, "6")

        assert lines() == {"MUG": 5}
        assert "You asked for 6" in said(response)

    def test_what_is_sold_out_is_said(self, client, mug):
        stock.reserve({mug.pk: 5}, reference="another order", at=timezone.now())

        response = add(client, mug)

        assert "sold out" in said(response)
        assert lines() == {}

    def test_of_several_variants_the_page_asks_which(self, client, mug):
        VariantFactory(product=mug.product, title="L")

        response = client.post(reverse("cart:add", args=[mug.product_id]), {"quantity": "2"})

        assert response["Location"].startswith(mug.product.get_absolute_url())
        assert lines() == {}

    @pytest.mark.parametrize("named", ["0", "-1", "x", "٣", "9" * 30, "1.5"])
    def test_a_variant_that_is_none_is_refused(self, client, mug, named):
        client.post(reverse("cart:add", args=[mug.product_id]), {"variant": named})

        assert lines() == {}

    def test_a_variant_of_another_product_is_refused(self, client, mug, plate):
        client.post(reverse("cart:add", args=[mug.product_id]), {"variant": plate.pk})

        assert lines() == {}

    @pytest.mark.parametrize("status", [Product.Status.DRAFT, Product.Status.ARCHIVED])
    def test_what_is_not_on_sale_is_refused(self, client, status):
        add(client, VariantFactory(product=ProductFactory(status=status)))

        assert lines() == {}

    @pytest.mark.parametrize("pk", [0, 999_999, 2**63, 10**40])
    def test_an_unknown_product_is_not_found(self, client, pk):
        assert client.post(f"/cart/add/{pk}/").status_code == 404


class TestUpdate:
    def test_the_line_becomes_what_was_asked(self, client, mug):
        add(client, mug)
        update(client, mug, "4")

        assert lines() == {"MUG": 4}

    def test_zero_removes(self, client, mug, plate):
        add(client, mug)
        add(client, plate)
        response = update(client, mug, "0")

        assert lines() == {"PLATE": 1}
        assert "Removed" in said(response)

    @pytest.mark.parametrize(
        "quantity", [typed for typed in HOSTILE if typed != "0"], ids=lambda typed: repr(typed)[:12]
    )
    def test_what_is_no_quantity_changes_nothing(self, client, mug, quantity):
        add(client, mug, "2")

        response = update(client, mug, quantity)

        assert lines() == {"MUG": 2}
        assert "The cart was left as it is." in said(response)

    def test_more_than_available_keeps_the_highest_and_says_so(self, client, mug):
        add(client, mug)
        response = update(client, mug, "6")

        assert lines() == {"MUG": 5}
        assert "You asked for 6" in said(response)

    def test_a_line_that_is_gone_is_not_made_again(self, client, mug, plate):
        add(client, mug)

        assert update(client, plate, "1").status_code == 302
        assert lines() == {"MUG": 1}

    def test_a_strangers_cart_is_left(self, client, other_client, mug):
        add(client, mug, "2")
        add(other_client, VariantFactory(sku="OTHER"))

        update(other_client, mug, "0")

        assert lines() == {"MUG": 2, "OTHER": 1}


class TestRemove:
    def test_the_line_is_gone(self, client, mug, plate):
        add(client, mug)
        add(client, plate)
        client.post(reverse("cart:remove", args=[mug.pk]))

        assert lines() == {"PLATE": 1}

    def test_twice_is_once(self, client, mug):
        add(client, mug)
        client.post(reverse("cart:remove", args=[mug.pk]))

        assert client.post(reverse("cart:remove", args=[mug.pk])).status_code == 302


@pytest.fixture(params=["add", "update", "remove"])
def change_address(request, mug):
    pk = mug.product_id if request.param == "add" else mug.pk
    return reverse(f"cart:{request.param}", args=[pk])


class TestWhoMayChange:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://elsewhere.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"},
        ],
        ids=str,
    )
    def test_a_page_of_another_site_may_not(self, client, mug, change_address, headers):
        add(client, mug, "2")

        response = client.post(change_address, {"quantity": "1"}, headers=headers)

        assert response.status_code == 403
        assert lines() == {"MUG": 2}

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "http://testserver"},
            {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        ],
        ids=str,
    )
    def test_the_shops_own_pages_and_programs_may(self, client, mug, headers):
        assert add(client, mug, "1", **headers).status_code == 302
        assert lines() == {"MUG": 1}

    @pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete"])
    def test_only_a_post_changes(self, client, mug, change_address, method):
        add(client, mug, "2")

        assert getattr(client, method)(change_address).status_code == 405
        assert lines() == {"MUG": 2}


class TestCartPage:
    def test_a_visitor_without_one_is_told_and_gets_no_session(self, client):
        response = client.get("/cart/")

        assert 'data-cart-total="0.00"' in response.text
        assert not response.cookies
        assert not Session.objects.exists()

    def test_it_still_opens_when_the_sum_is_too_high_to_charge(self, client):
        variant = VariantFactory(price="99999999", on_hand=9_999)
        client.post(reverse("cart:add", args=[variant.product_id]), {"quantity": "9999"})

        response = client.get("/cart/")

        assert "more than the shop can charge" in response.text
        assert f"/cart/remove/{variant.pk}/" in response.text
        assert "/checkout/" not in response.text

    @pytest.mark.parametrize("action", ["update", "remove"])
    def test_a_visitor_who_changes_nothing_gets_no_session(self, client, mug, action):
        client.post(reverse(f"cart:{action}", args=[mug.pk]), {"quantity": "1"})

        assert not Session.objects.exists()
        assert not Cart.objects.exists()

    def test_a_refused_quantity_makes_no_session(self, client, mug):
        add(client, mug, "NaN")

        assert not Session.objects.exists()

    @pytest.mark.parametrize("address", ["/cart/", "/cart"])
    def test_it_answers_without_the_final_slash_too(self, client, mug, address):
        add(client, mug)

        assert f'data-variant="{mug.pk}"' in client.get(address).text

    def test_the_total_for_scripts_is_without_delivery(self, client, mug, plate):
        add(client, mug, "2")
        add(client, plate, "1")

        assert 'data-cart-total="60.00"' in client.get("/cart/").text

    def test_it_is_kept_by_nobody(self, client, mug):
        add(client, mug)

        assert "private" in client.get("/cart/")["Cache-Control"]
        assert "no-store" in client.get("/cart/")["Cache-Control"]

    def test_what_changed_since_adding_is_said_on_the_line(self, client, mug):
        add(client, mug, "4")
        stock.reserve({mug.pk: 3}, reference="another order", at=timezone.now())

        assert "Only 2 left." in client.get("/cart/").text

    def test_it_takes_at_most_six_statements_for_2_and_20_lines(
        self, client, django_assert_max_num_queries, django_assert_num_queries
    ):
        for variant in VariantFactory.create_batch(2):
            add(client, variant)
        client.get("/cart/")
        with django_assert_max_num_queries(6) as statements:
            client.get("/cart/")
        of_two = len(statements)
        for variant in VariantFactory.create_batch(18):
            add(client, variant)
        client.get("/cart/")

        with django_assert_num_queries(of_two):
            text = client.get("/cart/").text

        assert len(re.findall("data-variant=", text)) == 20


class TestLogIn:
    def log_in(self, client, user):
        client.post(reverse("account_login"), {"login": user.email, "password": "seven green bicycles"})
        assert "_auth_user_id" in client.session

    def test_it_brings_the_guests_cart_along(self, client, anna, mug):
        add(client, mug, "2")

        self.log_in(client, anna)

        assert f'data-variant="{mug.pk}" data-quantity="2"' in client.get("/cart/").text
        assert Cart.objects.get().user == anna

    def test_another_device_shows_the_same_cart(self, client, other_client, anna, mug):
        add(client, mug, "2")
        self.log_in(client, anna)

        self.log_in(other_client, anna)

        assert f'data-variant="{mug.pk}" data-quantity="2"' in other_client.get("/cart/").text

    def test_after_logging_out_the_cart_is_not_shown(self, client, anna, mug):
        add(client, mug, "2")
        self.log_in(client, anna)

        client.post(reverse("account_logout"))

        assert 'data-cart-total="0.00"' in client.get("/cart/").text

    def test_the_sessions_key_alone_does_not_show_an_accounts_cart(self, client, anna, mug):
        add(client, mug, "2")
        Cart.objects.update(user=anna)

        assert 'data-cart-total="0.00"' in client.get("/cart/").text

    def test_logging_in_again_adds_nothing(self, client, anna, mug):
        add(client, mug, "2")
        self.log_in(client, anna)
        client.post(reverse("account_logout"))

        self.log_in(client, anna)

        assert lines() == {"MUG": 2}


@pytest.mark.race
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestSimultaneousPosts:
    def test_six_first_adds_of_one_session_lose_nothing(self):
        mug = VariantFactory(sku="MUG", on_hand=50)

        for _ in range(3):
            browser = Client()
            browser.session.save()  # a session that has no cart yet

            def post(browser=browser):
                tab = Client()
                tab.cookies = deepcopy(browser.cookies)
                return add(tab, mug).status_code

            assert together(*[post] * 6) == [302] * 6
            assert f'data-variant="{mug.pk}" data-quantity="6"' in browser.get("/cart/").text
