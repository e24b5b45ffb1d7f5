from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import PASSWORD, UserFactory
from cart.session import SESSION_KEY
from catalog.models import StockRecord
from catalog.tests.factories import VariantFactory
from orders.cancellation import cancel
from orders.fulfilment import pack, ship
from orders.models import Cancellation, Order, Payment
from orders.states import OrderStatus
from orders.tests.factories import new_shopper, placed_order
from payments.gateway import GATEWAYS, GatewayError, get_gateway
from payments.test import TestGateway

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]

PAGES = ["detail", "confirmation"]
POSTS = ["payment", "cancel"]


def address(name: str, order: Order) -> str:
    return reverse(f"orders:{name}", args=[order.token])


def said(response) -> str:
    return " ".join(map(str, get_messages(response.wsgi_request)))


def reread(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


@pytest.fixture
def anna():
    return UserFactory(email="anna@example.com")


@pytest.fixture
def annas_order(anna):
    return placed_order(shopper=new_shopper(anna))


@pytest.fixture
def in_session(client):
    """Let the client be the session in which an order was placed."""

    def remember(order: Order) -> Client:
        session = client.session
        session[SESSION_KEY] = order.cart.key
        session.save()
        return client

    return remember


class TestGuestsOrder:
    @pytest.mark.parametrize("page", PAGES)
    def test_it_opens_for_whoever_has_its_token(self, client, page):
        order = placed_order()

        response = client.get(address(page, order))

        assert response.status_code == 200
        assert order.number in response.text
        assert 'data-order-total="44.90"' in response.text

    def test_without_the_final_slash_too(self, client):
        order = placed_order()

        assert client.get(f"/confirmation/{order.token}").status_code == 200

    def test_someone_logged_in_may_open_it_too(self, client, anna):
        client.force_login(anna)

        assert client.get(address("detail", placed_order())).status_code == 200

    @pytest.mark.parametrize("wrong", ["number", "pk"])
    @pytest.mark.parametrize("page", PAGES)
    def test_its_number_opens_nothing(self, client, page, wrong):
        order = placed_order()

        assert client.get(reverse(f"orders:{page}", args=[getattr(order, wrong)])).status_code == 404

    @pytest.mark.parametrize("name", PAGES + POSTS + ["payment_return"])
    def test_nor_does_a_token_that_is_none(self, client, name):
        send = client.post if name in POSTS else client.get

        assert send(reverse(f"orders:{name}", args=["x" * 32])).status_code == 404


class TestAccountsOrder:
    @pytest.mark.parametrize("page", PAGES)
    def test_it_opens_for_its_account(self, client, anna, annas_order, page):
        client.force_login(anna)

        assert client.get(address(page, annas_order)).status_code == 200

    @pytest.mark.parametrize("page", [*PAGES, "payment_return"])
    def test_logged_out_it_asks_to_log_in_and_leads_back(self, client, anna, annas_order, page):
        response = client.get(address(page, annas_order))
        assert response["Location"] == f"/accounts/login/?next={address(page, annas_order)}"

        log_in = client.post(response["Location"], {"login": anna.email, "password": PASSWORD})

        assert log_in["Location"] == address(page, annas_order)
        assert annas_order.number in client.get(log_in["Location"], follow=True).text

    @pytest.mark.parametrize("name", [*PAGES, *POSTS, "payment_return"])
    def test_for_another_account_it_does_not_exist(self, client, annas_order, name):
        client.force_login(UserFactory())
        send = client.post if name in POSTS else client.get

        assert send(address(name, annas_order)).status_code == 404
        assert reread(annas_order).status is OrderStatus.PAID

    @pytest.mark.parametrize("name", POSTS)
    def test_logged_out_nothing_can_be_done_with_it(self, client, annas_order, name):
        assert client.post(address(name, annas_order))["Location"].startswith("/accounts/login/")
        assert reread(annas_order).status is OrderStatus.PAID


class TestPrivacy:
    @pytest.mark.parametrize("page", PAGES)
    def test_an_order_is_kept_by_nobody(self, client, page):
        response = client.get(address(page, placed_order()))

        assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))

    def test_nor_are_the_ways_to_it(self, client, annas_order, in_session):
        for response in (
            client.get(address("detail", annas_order)),
            client.get("/orders/"),
            in_session(placed_order()).get("/confirmation/"),
        ):
            assert "no-store" in response["Cache-Control"]

    def test_search_engines_are_kept_out(self, client):
        assert 'name="robots" content="noindex"' in client.get(address("detail", placed_order())).text

    def test_other_sites_are_not_told_its_address(self, client):
        policy = client.get(address("detail", placed_order()))["Referrer-Policy"]

        assert policy in {"strict-origin-when-cross-origin", "same-origin", "no-referrer"}


class TestLastConfirmation:
    @pytest.mark.parametrize("path", ["/confirmation/", "/confirmation"])
    def test_it_is_this_sessions_last_order(self, in_session, path):
        shopper = new_shopper()
        placed_order(shopper=shopper, at=timezone.now() - timedelta(minutes=5))
        last = placed_order(shopper=shopper)

        assert in_session(last).get(path)["Location"] == address("confirmation", last)

    def test_without_one_there_is_none(self, client):
        placed_order()

        assert client.get("/confirmation/").status_code == 404

    def test_another_sessions_is_not_shown(self, in_session):
        mine, _ = placed_order(), placed_order()

        assert in_session(mine).get("/confirmation/")["Location"] == address("confirmation", mine)

    def test_an_account_finds_its_own(self, client, anna, annas_order):
        client.force_login(anna)

        assert client.get("/confirmation/")["Location"] == address("confirmation", annas_order)


class TestOrderList:
    def test_it_needs_a_log_in(self, client):
        assert client.get("/orders/")["Location"] == "/accounts/login/?next=/orders/"

    def test_it_shows_ones_own_only_the_newest_first(self, client, anna):
        shopper = new_shopper(anna)
        old = placed_order(shopper=shopper, at=timezone.now() - timedelta(days=1))
        new = placed_order(shopper=shopper)
        placed_order(shopper=new_shopper(UserFactory()))
        placed_order()
        client.force_login(anna)

        assert list(client.get("/orders/").context["page_obj"]) == [new, old]

    def test_statements_do_not_grow_with_the_orders(self, client, anna, django_assert_num_queries):
        shopper = new_shopper(anna)
        client.force_login(anna)
        for _ in range(2):
            placed_order(shopper=shopper)
        client.get("/orders/")
        with CaptureQueriesContext(connection) as statements:
            client.get("/orders/")
        of_two = len(statements)
        for _ in range(8):
            placed_order(shopper=shopper)

        with django_assert_num_queries(of_two):
            client.get("/orders/")


class TestOrderPage:
    def test_statements_do_not_grow_with_the_lines(self, client, django_assert_num_queries):
        small = placed_order()
        large = placed_order({variant: 1 for variant in VariantFactory.create_batch(20)})
        client.get(address("detail", small))
        with CaptureQueriesContext(connection) as statements:
            client.get(address("detail", small))

        with django_assert_num_queries(len(statements)):
            client.get(address("detail", large))

    @pytest.mark.parametrize(
        ("token", "state", "offers_payment"),
        [
            ("tok_visa", "paid", False),
            ("tok_declined", "declined", True),
            ("tok_3ds", "needs_action", False),
            ("tok_timeout", "unknown", False),
            ("", "none", True),
        ],
    )
    def test_payment_is_offered_only_when_the_earlier_try_is_final(self, client, token, state, offers_payment):
        context = client.get(address("detail", placed_order(token=token))).context

        assert context["state"] == state
        assert (context["payment_form"] is not None) == offers_payment

    def test_after_its_hold_payment_is_not_offered(self, client):
        order = placed_order(token="tok_declined")
        Order.objects.update(hold_until=timezone.now())

        assert client.get(address("detail", order)).context["payment_form"] is None

    def test_an_unknown_payment_is_looked_at_again_for_two_minutes(self, client):
        order = placed_order(token="tok_timeout")
        assert client.get(address("detail", order)).context["refresh_seconds"]

        Payment.objects.update(created_at=timezone.now() - timedelta(minutes=2))

        assert client.get(address("detail", order)).context["refresh_seconds"] is None

    def test_a_parcel_shows_its_tracking_number(self, client):
        order = placed_order()
        ship(order.pk, at=timezone.now(), carrier="Post", tracking_number="JJ123")

        assert "JJ123" in client.get(address("detail", order)).text

    def test_a_cancelled_order_says_so(self, client):
        order = placed_order()
        cancel(order, cause=Cancellation.Cause.STAFF, at=timezone.now())

        assert client.get(address("detail", order)).context["state"] == "cancelled"


class TestPaymentAgain:
    def test_it_needs_a_token(self, client):
        order = placed_order(token="tok_declined")

        response = client.post(address("payment", order), {"payment_token": ""})

        assert "Choose how you want to pay." in said(response)
        assert order.payments.count() == 1

    def test_a_confirmation_leads_to_the_gateway(self, client):
        order = placed_order(token="tok_declined")

        response = client.post(address("payment", order), {"payment_token": "tok_3ds"})

        assert response["Location"].startswith("/payments/test/")

    def test_a_paid_order_is_not_charged_again(self, client):
        order = placed_order()

        response = client.post(address("payment", order), {"payment_token": "tok_visa"})

        assert "Nothing was charged." in said(response)
        assert order.payments.count() == 1

    @pytest.mark.parametrize("name", POSTS)
    def test_it_needs_a_token_against_forgery(self, name):
        order = placed_order(token="tok_declined")

        assert Client(enforce_csrf_checks=True).post(address(name, order)).status_code == 403
        assert reread(order).status is OrderStatus.AWAITING_PAYMENT

    @pytest.mark.parametrize("name", POSTS)
    def test_a_get_does_nothing(self, client, name):
        order = placed_order(token="tok_declined")

        assert client.get(address(name, order)).status_code == 405


class GatewayThatIsAway(TestGateway):
    def query(self, key):
        raise GatewayError("no route")


class TestCancel:
    def test_the_shopper_can_until_it_is_packed(self, client, mug):
        order = placed_order({mug: 2})

        response = client.post(address("cancel", order))

        assert response["Location"] == order.get_absolute_url()
        assert reread(order).status is OrderStatus.CANCELLED
        assert StockRecord.objects.get(variant=mug).reserved == 0

    def test_packed_it_is_refused(self, client):
        order = placed_order()
        pack(order.pk, at=timezone.now())

        response = client.post(address("cancel", order))

        assert "cannot be cancelled" in said(response)
        assert reread(order).status is OrderStatus.PACKED
        assert client.get(address("detail", order)).context["can_cancel"] is False

    def test_while_the_gateway_is_away_it_says_to_wait(self, client, monkeypatch):
        order = placed_order(token="tok_timeout")
        monkeypatch.setitem(GATEWAYS, "test", f"{__name__}.GatewayThatIsAway")
        get_gateway.cache_clear()
        try:
            response = client.post(address("cancel", order))
        finally:
            get_gateway.cache_clear()

        assert "Try to cancel again in a minute." in said(response)
        assert reread(order).status is OrderStatus.AWAITING_PAYMENT
