"""The SDK against the shop itself: both clients, both roles, every operation."""

import csv
import inspect
import io
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from accounts.tests.factories import PASSWORD, UserFactory
from catalog.tests.factories import CategoryFactory, VariantFactory
from catalog.tests.web import picture_file
from ecommerce.tests.programs import staff_user
from ecommerce_sdk import (
    Address,
    AsyncEcommerceSDK,
    Conflict,
    EcommerceSDK,
    Gone,
    Invalid,
    NewVariant,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    OutOfStock,
    RateLimited,
    TotalChanged,
    Units,
)
from pricing.defaults import install_defaults

pytestmark = pytest.mark.django_db

BASE = "http://testserver"
DELIVERY = {
    "email": "ada@example.com",
    "full_name": "Ada Lovelace",
    "address_line1": "Invalidenstraße 1",
    "postcode": "10115",
    "city": "Berlin",
    "country": "DE",
}
COLOGNE = Address("Ada Lovelace", "Domkloster 4", city="Köln", postcode="50667", country="DE")


class AtOnce(httpx.AsyncBaseTransport):
    """Asks the shop without an event loop, in which Django refuses to use the database."""

    def __init__(self, app):
        self.shop = httpx.WSGITransport(app)

    async def handle_async_request(self, request):
        answer = self.shop.handle_request(request)
        return httpx.Response(
            answer.status_code, headers=answer.headers.raw, stream=httpx.ByteStream(b"".join(answer.stream))
        )


class Awaited:
    """An asynchronous client whose methods are run to their end, as nothing in them really waits."""

    def __init__(self, sdk):
        self.sdk = sdk

    def __getattr__(self, name):
        found = getattr(self.sdk, name)
        if inspect.iscoroutinefunction(found):
            return lambda *arguments, **named: finished(found(*arguments, **named))
        if inspect.isasyncgenfunction(found):
            return lambda *arguments, **named: finished(collected(found(*arguments, **named)))
        if name == "as_user":
            return lambda *arguments: Awaited(found(*arguments))
        return found


async def collected(found):
    return [each async for each in found]


def finished(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits for something")


@pytest.fixture(autouse=True)
def open_connection():
    """Let requests leave the test's own connection open, as Django's test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def app():
    return get_wsgi_application()


@pytest.fixture(params=["waits", "awaits"])
def client(request, app):
    """Makes a client for another shopper each time, or for the token given."""

    def make(token=None):
        if request.param == "waits":
            return EcommerceSDK(BASE, uuid4().hex, token, transport=httpx.WSGITransport(app), retries=0)
        return Awaited(AsyncEcommerceSDK(BASE, uuid4().hex, token, transport=AtOnce(app), retries=0))

    return make


@pytest.fixture
def shopper(client):
    return client()


@pytest.fixture
def logged_in(client):
    """Makes a client that is logged in as somebody of the groups named."""

    def make(*groups):
        sdk = client()
        sdk.login(staff_user(*groups).email, PASSWORD)
        return sdk

    return make


@pytest.fixture
def seller(logged_in):
    return logged_in("Catalogue", "Stock")


@pytest.fixture
def staff(logged_in):
    return logged_in("Orders")


@pytest.fixture
def mug(db):
    """€12.50, five on hand, in a shop that delivers."""
    install_defaults()
    return VariantFactory(sku="MUG", product__name="Blue mug", price=Decimal("12.50"), on_hand=5)


@pytest.fixture
def order(mug, shopper):
    """Two mugs, paid."""
    shopper.add_to_cart(mug.product_id, 2)
    return shopper.checkout(**DELIVERY, payment_token="tok_visa")


class TestShop:
    def test_says_that_it_is_open(self, shopper):
        health = shopper.health_check()

        assert (health.message, health.version) == ("The shop is open.", "1.0.0")


class TestSelling:
    @pytest.fixture(autouse=True)
    def shelves(self, db):
        return CategoryFactory(name="Shelves", slug="shelves")

    def test_puts_a_product_on_sale(self, seller, shopper):
        made = seller.add_product("Oak shelf", Decimal("89.90"), "Solid oak.", 4, brand="Eiche", category="shelves")

        seen = shopper.get_product(made.id)

        assert (seen.name, seen.price, seen.stock, seen.brand) == ("Oak shelf", Decimal("89.90"), 4, "Eiche")
        assert str(seen.price) == "89.90"
        assert (seen.status, seen.currency, len(seen.variants)) == ("active", "EUR", 1)

    def test_puts_variants_on_sale(self, seller):
        sizes = [NewVariant({"Size": "M"}, stock=2, sku="SH-M"), NewVariant({"Size": "L"}, Decimal("21.05"), stock=0)]

        shirt = seller.add_product("Shirt", Decimal("19.00"), "Linen.", variants=sizes)

        assert [(each.options, each.price, each.stock) for each in shirt.variants] == [
            ({"Size": "M"}, Decimal("19.00"), 2),
            ({"Size": "L"}, Decimal("21.05"), 0),
        ]

    def test_changes_only_what_is_given(self, seller):
        made = seller.add_product("Oak shelf", Decimal("89.90"), "Solid oak.", category="shelves")

        changed = seller.update_product(made.id, price=Decimal("79.90"), category="")

        assert (changed.price, changed.category) == (Decimal("79.90"), None)
        assert (changed.name, changed.description) == (made.name, made.description)

    def test_takes_a_product_off_sale(self, seller, shopper):
        made = seller.add_product("Oak shelf", Decimal("89.90"), "Solid oak.")

        assert seller.delete_product(made.id) is None

        with pytest.raises(Gone):
            shopper.get_product(made.id)
        assert seller.get_product(made.id).status == "archived"

    def test_books_stock(self, seller):
        made = seller.add_product("Oak shelf", Decimal("89.90"), "Solid oak.", stock=4)

        after = seller.change_stock(made.id, -1, "broken")

        assert (after.on_hand, after.reserved, after.available, after.tracked) == (3, 0, 3, True)
        assert seller.get_stock(made.id) == after

    @pytest.mark.parametrize("as_path", [True, False])
    def test_adds_a_picture(self, seller, tmp_path, as_path):
        made = seller.add_product("Oak shelf", Decimal("89.90"), "Solid oak.")
        content = picture_file()
        (tmp_path / "oak.png").write_bytes(content)

        picture = seller.upload_image(made.id, tmp_path / "oak.png" if as_path else content, alt_text="Oak")

        without_text = seller.upload_image(made.id, content)

        assert seller.get_product(made.id).images == (picture, without_text)
        assert (picture.alt_text, picture.width) == ("Oak", 40)

    def test_does_it_once_with_one_key(self, seller):
        first = seller.add_product("Oak shelf", Decimal("89.90"), "Solid oak.", idempotency_key="once")
        again = seller.add_product("Oak shelf", Decimal("89.90"), "Solid oak.", idempotency_key="once")

        assert first.id == again.id
        with pytest.raises(Invalid) as caught:
            seller.add_product("Other shelf", Decimal("89.90"), "Solid oak.", idempotency_key="once")
        assert caught.value.code == "idempotency_key_reused"

    def test_says_what_is_not_valid(self, seller):
        with pytest.raises(Invalid) as caught:
            seller.add_product("", Decimal("89.90"), "Solid oak.")

        assert set(caught.value.fields) == {"name"}

    def test_takes_no_amount_that_the_currency_does_not_have(self, seller):
        with pytest.raises(Invalid):
            seller.add_product("Oak shelf", 0.1 + 0.2, "Solid oak.")

    def test_is_not_for_shoppers(self, logged_in, shopper):
        with pytest.raises(NotAuthenticated):
            shopper.add_product("Oak shelf", 1, "Solid oak.")
        with pytest.raises(NotPermitted):
            logged_in().add_product("Oak shelf", 1, "Solid oak.")


class TestLooking:
    @pytest.fixture(autouse=True)
    def products(self, db):
        return [
            VariantFactory(product__name=f"{wood} shelf", price=Decimal(price)).product
            for price, wood in enumerate(["Ash", "Beech", "Cedar", "Larch", "Oak"], 10)
        ]

    def test_gives_pages(self, shopper, products):
        page = shopper.get_products(limit=2, sort="price")

        assert [product.price for product in page] == [10, 11]
        assert page.total == 5
        assert [found.price for found in shopper.get_products(limit=2, sort="price", cursor=page.next_cursor)] == [
            12,
            13,
        ]

    def test_walks_through_all_pages(self, shopper, products):
        found = [product.id for product in shopper.iter_products(limit=2)]

        assert sorted(found) == sorted(product.pk for product in products)

    def test_narrows_the_list(self, shopper):
        found = shopper.get_products(price_min=Decimal("11.00"), price_max=12, in_stock=True, sort="-price")

        assert [product.price for product in found] == [12, 11]

    def test_searches(self, shopper):
        assert [product.name for product in shopper.search_products("shelf oak")] == ["Oak shelf"]
        assert [product.name for product in shopper.get_products("shelf oak")] == ["Oak shelf"]

    def test_gives_categories(self, shopper):
        kitchen = CategoryFactory(name="Kitchen", slug="kitchen")
        VariantFactory(product__category=CategoryFactory(name="Cups", slug="cups", parent=kitchen))

        found = {category.slug: category.parent for category in shopper.get_categories()}

        assert found == {"kitchen": None, "cups": "kitchen"}

    def test_finds_nothing_where_nothing_is(self, shopper):
        with pytest.raises(NotFound):
            shopper.get_product(2**63 - 1)


class TestCart:
    def test_is_filled_changed_and_emptied(self, shopper, mug):
        added = shopper.add_to_cart(mug.product_id, 2)
        seen = shopper.view_cart()
        changed = shopper.update_cart(mug.product_id, 3)
        removed = shopper.remove_from_cart(mug.product_id)

        assert [(line.sku, line.quantity, line.unit_price) for line in added.items] == [("MUG", 2, Decimal("12.50"))]
        assert seen == added
        assert [cart.total for cart in (added, changed, removed)] == [Decimal("25.00"), Decimal("37.50"), 0]

    def test_is_each_shoppers_own(self, client, mug):
        ada, ben = client(), client()

        ada.add_to_cart(mug.product_id)

        assert len(ada.view_cart().items) == 1
        assert ben.view_cart().items == ()

    def test_comes_along_at_log_in(self, shopper, mug):
        user = UserFactory()
        shopper.add_to_cart(mug.product_id, 2)

        login = shopper.login(user.email, PASSWORD)

        assert login.email == user.email
        assert [line.quantity for line in shopper.view_cart().items] == [2]
        shopper.logout()
        assert shopper.view_cart().items == ()

    def test_takes_no_more_than_there_is(self, shopper, mug):
        with pytest.raises(OutOfStock) as caught:
            shopper.add_to_cart(mug.product_id, 6)

        assert (caught.value.sku, caught.value.available) == ("MUG", 5)
        assert shopper.view_cart().items == ()

    def test_asks_which_variant(self, shopper, mug):
        large = VariantFactory(product=mug.product, options=[["Size", "L"]], price=Decimal(15))

        with pytest.raises(Invalid) as caught:
            shopper.add_to_cart(mug.product_id)

        assert caught.value.code == "variant_required"
        assert shopper.add_to_cart(mug.product_id, variant_id=large.pk).total == 15


class TestOrdering:
    def test_pays_and_remembers(self, order, shopper):
        assert (order.status, order.payment.status) == ("paid", "paid")
        assert (order.subtotal, order.shipping, order.total) == (Decimal("25.00"), Decimal("4.90"), Decimal("29.90"))
        assert order.net + order.tax == order.total
        assert [(line.sku, line.quantity, line.price) for line in order.items] == [("MUG", 2, Decimal("12.50"))]
        assert order.delivery.city == "Berlin"
        assert shopper.get_order(order.id) == order
        assert list(shopper.iter_orders(limit=1)) == [order] == shopper.get_orders()

    def test_may_pay_later(self, mug, shopper):
        shopper.add_to_cart(mug.product_id)
        waiting = shopper.checkout()

        paid = shopper.pay_order(waiting.id, **DELIVERY, billing=COLOGNE, payment_token="tok_visa")

        assert (waiting.status, waiting.payment.status) == ("awaiting_payment", "none")
        assert (paid.status, paid.billing) == ("paid", COLOGNE)

    def test_tells_of_a_declined_card(self, mug, shopper):
        shopper.add_to_cart(mug.product_id)

        order = shopper.checkout(**DELIVERY, payment_token="tok_declined")

        assert (order.status, order.payment.status) == ("awaiting_payment", "declined")

    def test_refuses_another_total_than_was_seen(self, mug, shopper):
        shopper.add_to_cart(mug.product_id)

        with pytest.raises(TotalChanged):
            shopper.checkout(**DELIVERY, payment_token="tok_visa", expected_total=Decimal("1.00"))

    def test_orders_once_with_one_key(self, mug, shopper):
        shopper.add_to_cart(mug.product_id)

        first, again = (shopper.checkout(**DELIVERY, payment_token="tok_visa", idempotency_key="k1") for _ in range(2))

        assert first == again

    def test_of_nothing_is_refused(self, mug, shopper):
        with pytest.raises(Invalid) as caught:
            shopper.checkout(**DELIVERY)

        assert caught.value.code == "empty_cart"

    def test_can_be_taken_back(self, order, shopper):
        cancelled = shopper.cancel_order(order.id, reason="ordered twice")

        assert cancelled.status in {"cancelled", "refunded"}
        assert sum(refund.amount for refund in cancelled.refunds) == order.total

    def test_is_nobody_elses_without_the_orders_token(self, order, client):
        stranger = client()

        with pytest.raises(NotFound):
            stranger.get_order(order.id)

        assert stranger.get_order(order.id, token=order.token).total == order.total

    def test_shows_no_token(self, order):
        assert order.token
        assert order.token not in repr(order)


class TestFulfilment:
    def test_sends_an_order_in_parts(self, order, staff):
        line = order.items[0].id

        first = staff.ship_order(order.id, items=[Units(line, 1)], carrier="DHL", tracking_number="JD 1")
        rest = staff.ship_order(order.id)

        assert (first.items, first.tracking_number) == ((Units(line, 1),), "JD 1")
        assert rest.items == (Units(line, 1),)
        with pytest.raises(Conflict):
            staff.ship_order(order.id)

    def test_gives_money_back(self, order, staff):
        part = staff.refund_order(order.id, Decimal("4.90"), reason="late")
        rest = staff.refund_order(order.id, items=[Units(order.items[0].id, 2)])

        assert (part.amount, part.reason, rest.amount) == (Decimal("4.90"), "late", Decimal("25.00"))
        assert part.currency == "EUR"

    def test_sees_every_order(self, order, staff):
        assert [seen.id for seen in staff.get_orders(all=True)] == [order.id]
        assert [seen.id for seen in staff.iter_orders(all=True, limit=1)] == [order.id]
        assert staff.get_orders() == []

    def test_sees_the_test_gateways_ledger(self, order, staff):
        charges = staff.get_charges()

        assert [(charge.order_ref, charge.amount, charge.currency) for charge in charges] == [
            (str(order.id), order.total, "EUR")
        ]

    def test_exports_orders(self, order, staff):
        rows = list(csv.DictReader(io.StringIO(staff.export_orders())))

        assert len(rows) == 1
        assert order.number in rows[0].values()

    def test_is_not_for_shoppers(self, order, shopper):
        with pytest.raises(NotAuthenticated):
            shopper.ship_order(order.id)
        with pytest.raises(NotAuthenticated):
            shopper.get_orders(all=True)


class TestAccounts:
    def test_can_be_opened_and_used(self, shopper):
        answer = shopper.signup("ada@example.com", PASSWORD)
        login = shopper.login("ada@example.com", PASSWORD)

        assert answer.detail
        assert login.token not in repr(login)
        assert shopper.get_orders() == []

    def test_need_the_right_password(self, shopper):
        with pytest.raises(NotAuthenticated):
            shopper.login(UserFactory().email, "wrong")

    def test_are_not_opened_by_a_token_that_is_none(self, client):
        with pytest.raises(NotAuthenticated) as caught:
            client("nonsense").view_cart()

        assert caught.value.code == "invalid_token"

    def test_have_a_limit_of_tries(self, shopper, settings):
        settings.RATE_LIMITS = True
        user = UserFactory()

        with pytest.raises(RateLimited) as caught:
            for _try in range(50):
                with pytest.raises(NotAuthenticated):
                    shopper.login(user.email, "wrong")

        assert caught.value.retry_after > 0
