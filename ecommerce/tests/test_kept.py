from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import stock
from catalog.models import Category, Product, Variant
from catalog.prices import set_price
from catalog.tests.factories import CategoryFactory, ProductAttributeFactory, ProductImageFactory, VariantFactory
from ecommerce.kept import KeptAnswers, key_of
from ecommerce.tests.programs import Program, staff_user, with_token

committed = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]
PRODUCTS = "/api/v1/products"


def elsewhere(call):
    """Run `call` in another thread, which has a connection of its own."""

    def run():
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result(timeout=60)


def statements_of(client: Client, address: str, **headers: str) -> tuple[HttpResponse, int]:
    with CaptureQueriesContext(connection) as statements:
        response = client.get(address, headers=headers)
    return response, len(statements)


def statements_of_a_hit() -> int:
    """Those that Django knows of: on PostgreSQL the driver itself is asked."""
    return 0 if connection.vendor == "postgresql" else 1


def kept(client: Client, address: str, **headers: str) -> HttpResponse:
    """An answer that took no more than to ask whether it still holds.

    On PostgreSQL the commits of the server's other databases count as well.
    """
    for _try in range(100):
        response, statements = statements_of(client, address, **headers)
        if statements == statements_of_a_hit():
            return response
    raise AssertionError(f"{address} is never kept")


def own_headers(response: HttpResponse) -> dict[str, str]:
    return {name: value for name, value in response.items() if name != "X-Request-ID"}


@pytest.fixture
def shelf():
    """Three mugs at €20.00 with three on hand, one of them in a category, with a picture."""
    mugs = [VariantFactory(on_hand=3) for _number in range(3)]
    product = mugs[0].product
    product.category = CategoryFactory(name="Mugs", slug="mugs")
    product.save()
    ProductImageFactory(product=product)
    ProductAttributeFactory(product=product)
    return mugs


ADDRESSES = [
    PRODUCTS,
    f"{PRODUCTS}?limit=2",
    f"{PRODUCTS}?q=product&sort=price&in_stock=true&price_min=1.50",
    f"{PRODUCTS}?category=mugs",
    f"{PRODUCTS}/search?query=product",
    "/api/v1/categories",
]


class TestKept:
    pytestmark = committed

    def test_it_takes_one_statement_and_is_the_same_to_the_byte(self, client, shelf):
        for address in (*ADDRESSES, f"{PRODUCTS}/{shelf[0].product_id}"):
            built, many = statements_of(client, address)

            ready = kept(client, address)

            assert (built.status_code, ready.status_code) == (200, 200)
            assert ready.content == built.content
            assert own_headers(ready) == own_headers(built)
            assert many > statements_of_a_hit()

    @pytest.mark.parametrize("encoding", ["", "gzip", "br, gzip;q=0.8", "identity"])
    def test_each_gets_it_in_a_form_that_it_takes(self, shelf, encoding):
        kept(Client(), PRODUCTS, **{"Accept-Encoding": "gzip" if encoding == "identity" else "identity"})

        for response in (
            Client().get(PRODUCTS, headers={"Accept-Encoding": encoding}),
            kept(Client(), PRODUCTS, **{"Accept-Encoding": encoding}),
        ):
            assert response.get("Content-Encoding") == ("gzip" if "gzip" in encoding else None)
            assert "Accept-Encoding" in response["Vary"]

    @pytest.mark.parametrize("encoding", ["", "gzip"])
    def test_who_has_it_already_is_told_so(self, client, shelf, encoding):
        headers = {"Accept-Encoding": encoding}
        etag = client.get(PRODUCTS, headers=headers)["ETag"]

        again = kept(client, PRODUCTS, **headers, **{"If-None-Match": etag})
        other = kept(client, PRODUCTS, **headers, **{"If-None-Match": '"other"'})

        assert (again.status_code, again.content) == (304, b"")
        assert other.status_code == 200

    def test_who_has_it_already_is_told_so_also_when_it_is_built(self, client, shelf):
        etag = client.get(f"{PRODUCTS}?fresh=1")["ETag"]

        assert client.get(f"{PRODUCTS}?fresh=2", headers={"If-None-Match": etag}).status_code == 304
        assert kept(client, f"{PRODUCTS}?fresh=2").status_code == 200

    def test_its_headers_alone_can_be_asked_for(self, client, shelf):
        length = client.get(PRODUCTS)["Content-Length"]

        head = client.head(PRODUCTS)

        assert (head.status_code, head.content, head["Content-Length"]) == (200, b"", length)

    def test_the_log_names_the_operation(self, client, shelf):
        assert kept(client, PRODUCTS).wsgi_request.resolver_match.route == "api/v1/products"

    @pytest.mark.parametrize("change", [{"headers": {"Host": "127.0.0.1"}}, {"secure": True}])
    def test_addresses_in_it_are_those_of_who_asks(self, client, shelf, change):
        client.get(PRODUCTS)

        other = client.get(PRODUCTS, **change)

        origin = "https://testserver" if "secure" in change else "http://127.0.0.1"
        assert other.json()[0]["url"].startswith(f"{origin}/")


CHANGES = {
    "price": lambda mug: set_price(mug, Decimal("12.50")),
    "stock": lambda mug: stock.adjust(mug.pk, delta=-1, at=timezone.now(), note="broken"),
    "reservation": lambda mug: stock.reserve({mug.pk: 1}, reference="order A", at=timezone.now()),
    "new product": lambda mug: VariantFactory(),
    "text": lambda mug: Product.objects.filter(pk=mug.product_id).update(name="Cup"),
    "picture": lambda mug: ProductImageFactory(product=mug.product),
    "variant": lambda mug: Variant.objects.filter(pk=mug.pk).update(barcode="4006381333931"),
    "category": lambda mug: Category.objects.update(slug="cups"),
    "archived": lambda mug: Product.objects.filter(pk=mug.product_id).archive(),
}


class TestAChange:
    pytestmark = committed

    @pytest.mark.parametrize("by", [elsewhere, lambda call: call()], ids=["another connection", "this connection"])
    def test_shows_in_the_next_answer(self, client, shelf, by):
        for name, change in CHANGES.items():
            before = kept(client, PRODUCTS).content

            by(partial(change, shelf[0]))

            after = client.get(PRODUCTS)
            assert after.content != before, name
            assert after.content == client.get(f"{PRODUCTS}?fresh={name}").content

    def test_shows_in_the_categories(self, client, shelf):
        client.get("/api/v1/categories")

        elsewhere(lambda: CHANGES["category"](shelf[0]))

        assert [category["slug"] for category in client.get("/api/v1/categories").json()] == ["cups"]

    def test_made_through_the_api_shows_too(self, client, shelf):
        path = f"{PRODUCTS}/{shelf[0].product_id}"
        assert client.get(path).json()["stock"] == 3

        seller = with_token(staff_user("Stock"))
        seller.send("POST", f"/products/{shelf[0].product_id}/stock", {"delta": 4, "reason": "delivery"})

        assert client.get(path).json()["stock"] == 7

    def test_while_an_answer_is_built_makes_it_an_old_one(self, shelf):
        answers = KeptAnswers()
        built = []

        def build(request: HttpRequest) -> HttpResponse:
            from catalog.freshness import keepable

            def view(request):
                response = HttpResponse(str(Variant.objects.get(pk=shelf[0].pk).price))
                built.append(response.content)
                if len(built) == 1:
                    elsewhere(lambda: set_price(shelf[0], Decimal("12.50")))
                return response

            return keepable(view)(request)

        first, second = (answers.before(build)(asked()).content for _twice in range(2))

        assert (first, second) == (b"20.000", b"12.500")

    def test_is_overlooked_where_the_version_is_not_asked_for(self, shelf):
        """The negative control: what the tests above rely on."""
        answers = KeptAnswers(version=lambda: "always")

        def build(request: HttpRequest) -> HttpResponse:
            response = HttpResponse(str(Variant.objects.get(pk=shelf[0].pk).price))
            response.made_of = "always"
            return response

        answers.before(build)(asked())
        set_price(shelf[0], Decimal("12.50"))

        assert answers.before(build)(asked()).content == b"20.000"


def asked(address: str = PRODUCTS, **headers: str) -> HttpRequest:
    request = RequestFactory().get(address, headers=headers)
    request.resolver_match = None
    return request


def kept_by(answers: KeptAnswers, request: HttpRequest, content: bytes = b"x", **changes) -> bool:
    """Whether an answer to `request` is there for the next one; `changes` are set on it."""

    def build(request: HttpRequest) -> HttpResponse:
        response = HttpResponse(content)
        response.made_of = "now"
        for name, value in changes.items():
            setattr(response, name, value)
        return response

    before = len(answers)
    answers.before(build)(request)
    return len(answers) > before


class TestWhatIsKept:
    @pytest.fixture
    def answers(self) -> KeptAnswers:
        return KeptAnswers(version=lambda: "now", most=3, most_bytes=100)

    def test_what_is_marked(self, answers):
        assert kept_by(answers, asked())
        assert not kept_by(answers, asked("/api/v1/orders"), made_of=None)

    @pytest.mark.parametrize("headers", [{"Authorization": "Bearer x"}, {"Origin": "https://shop.example"}])
    def test_not_what_is_for_one_who_asks(self, answers, headers):
        assert not kept_by(answers, asked(**headers))

    def test_not_what_comes_with_a_cookie(self, answers):
        response = HttpResponse()
        response.set_cookie("session", "x")

        assert not kept_by(answers, asked(), cookies=response.cookies)

    @pytest.mark.django_db
    def test_not_what_a_session_was_read_for(self, answers, client):
        request = asked()
        request.session = client.session
        request.session.get("cart")

        assert not kept_by(answers, request)

    @pytest.mark.parametrize("path", ["/", "/api/v1", "/healthz", "/product/1/"])
    def test_not_pages(self, answers, path):
        assert not kept_by(answers, asked(path))

    def test_not_a_change(self, answers):
        assert not kept_by(answers, RequestFactory().post(PRODUCTS))

    def test_not_at_an_endless_address(self, answers):
        assert not kept_by(answers, asked(f"{PRODUCTS}?q={'x' * 1000}"))

    def test_not_for_an_address_that_only_decodes_alike(self, answers):
        """`é` as UTF-8, and the two letters that its bytes are in Latin-1."""
        raw = asked()
        raw.META["QUERY_STRING"] = "q=\xc3\xa9"
        other = asked(f"{PRODUCTS}?q=%C3%83%C2%A9")

        assert kept_by(answers, raw)
        assert key_of(raw) != key_of(other)

    def test_the_last_used_stay(self, answers):
        for number in (1, 2, 3, 1, 4):
            kept_by(answers, asked(f"{PRODUCTS}/{number}"))

        assert answers.find(f"plain http://testserver{PRODUCTS}/1", asked())
        assert not answers.find(f"plain http://testserver{PRODUCTS}/2", asked())
        assert len(answers) == 3

    def test_no_more_bytes_than_there_is_room_for(self, answers):
        for number in range(5):
            kept_by(answers, asked(f"{PRODUCTS}/{number}"), b"x" * 40)

        assert (len(answers), answers.bytes) == (2, 80)
        assert not kept_by(answers, asked(), b"x" * 101)

    def test_an_answer_takes_its_elders_place(self, answers):
        kept_by(answers, asked(), b"x" * 40)
        answers.version = lambda: "later"
        kept_by(answers, asked(), b"x" * 50, made_of="later")

        assert (len(answers), answers.bytes) == (1, 50)


class TestWhoIsAnswered:
    pytestmark = committed

    def test_nobody_is_shown_what_a_seller_sees(self, client, shelf):
        Product.objects.filter(pk=shelf[0].product_id).update(status=Product.Status.DRAFT)
        path = f"/products/{shelf[0].product_id}"
        seller = with_token(staff_user("Catalogue"))

        assert seller.send("GET", path).status_code == 200
        assert client.get(f"/api/v1{path}").status_code == 404
        assert len(seller.send("GET", "/products?status=all").json()) == 3
        assert client.get(f"{PRODUCTS}?status=all").status_code == 401

    def test_a_wrong_token_is_refused(self, client, shelf):
        client.get(PRODUCTS)

        assert Program("Bearer wrong").get(PRODUCTS).status_code == 401

    def test_a_host_that_is_none_of_the_shops_is_refused(self, client, shelf):
        client.get(PRODUCTS)

        assert Program().get(PRODUCTS, headers={"Host": "evil.example"}).status_code == 400

    def test_who_has_used_up_the_minute_waits(self, client, shelf, settings):
        settings.RATE_LIMITS = True
        statuses = {client.get(PRODUCTS).status_code for _number in range(1_250)}

        assert statuses == {200, 429}
