import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidCursor
from catalog.listing import COLUMNS, sortable
from catalog.models import Product
from catalog.paging import Page, page_of, tell_next
from catalog.tests.factories import ProductFactory, VariantFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOW = timezone.now()
NEWEST = COLUMNS["newest"]


def page(*, sort: str = "newest", limit: int = 2, cursor: str | None = None, of: str = "products") -> Page[Product]:
    products = sortable(Product.objects.all(), sort)
    return page_of(products, order=COLUMNS[sort], of=of, limit=limit, cursor=cursor)


def walk(*, sort: str = "newest", limit: int = 2, between=lambda: None) -> list[Product]:
    """All products page by page; `between` is called before each page but the first."""
    shown = page(sort=sort, limit=limit)
    found = shown.rows
    while shown.next_cursor:
        between()
        shown = page(sort=sort, limit=limit, cursor=shown.next_cursor)
        found += shown.rows
    return found


def shelf(prices: list[Decimal] = (), names: list[str] = (), ages: list[int] = ()) -> list[Product]:
    """Products with these prices, names and ages in days, as far as they are given."""
    number = max(len(prices), len(names), len(ages))
    products = []
    for i in range(number):
        columns = {"name": names[i]} if names else {}
        at = NOW - timedelta(days=ages[i] if ages else i)
        product = ProductFactory(created_at=at, **columns)
        VariantFactory(product=product, price=prices[i] if prices else Decimal(20), on_hand=None)
        products.append(product)
    return products


def fill_moments(moments: int, *, products: int) -> None:
    """So many products at each of so many moments, one moment's never side by side, and known to the planner."""
    Product.objects.bulk_create(
        Product(name="Cup", slug=f"cup-{i}", status="active", created_at=NOW - timedelta(days=i % moments))
        for i in range(moments * products)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {Product._meta.db_table}")


def plan_of(sql: str) -> str:
    """How the database would go about it, if its tables were large."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN '}{sql}")
        return " ".join(str(row[-1]) for row in cursor.fetchall())


class TestPageOf:
    def test_the_last_page_leads_nowhere(self):
        shelf(ages=[0, 1, 2])

        first = page(limit=2)
        last = page(limit=2, cursor=first.next_cursor)

        assert (len(first.rows), len(last.rows), last.next_cursor) == (2, 1, None)

    def test_a_page_that_is_just_full_is_the_last(self):
        shelf(ages=[0, 1])

        assert page(limit=2).next_cursor is None

    @pytest.mark.parametrize("sort", ["newest", "price", "-price", "name"])
    def test_all_pages_together_are_the_list(self, sort):
        shelf(
            prices=[Decimal(price) for price in ("9.99", "10", "10", "0.1", "10", "99")],
            names=["Cup", "bowl", "Änne", "Cup", "Cup", "“Jug”"],
            ages=[3, 1, 1, 1, 0, 1],
        )

        listed = sortable(Product.objects.all(), sort).order_by(*COLUMNS[sort])

        assert walk(sort=sort) == list(listed)

    def test_of_one_moment_all_are_told_apart(self):
        products = shelf(ages=[0] * 7)

        assert walk(limit=3) == products[::-1]

    def test_an_order_that_rises_and_falls_is_kept_to(self):
        products = shelf(ages=[0, 0, 1, 1, 2])

        order = ("created_at", "-pk")
        first = page_of(Product.objects.all(), order=order, of="x", limit=2)
        second = page_of(Product.objects.all(), order=order, of="x", limit=9, cursor=first.next_cursor)

        assert first.rows + second.rows == [products[4], products[3], products[2], products[1], products[0]]

    def test_nothing_is_lost_or_twice_while_others_come_and_go(self):
        stay = shelf(ages=range(10, 22))
        leave = shelf(ages=range(10, 22))

        def change():
            leave.pop(0).delete()
            leave.pop().delete()
            ProductFactory(created_at=NOW)

        found = walk(limit=4, between=change)

        assert [product for product in found if product in stay] == stay
        assert len(set(found)) == len(found)

    def test_the_row_that_a_page_begins_behind_may_be_gone(self):
        products = shelf(ages=[0, 1, 2, 3])
        first = page(limit=2)
        products[1].delete()

        assert page(limit=2, cursor=first.next_cursor).rows == products[2:]

    def test_the_limit_may_change_on_the_way(self):
        products = shelf(ages=[0, 1, 2, 3])

        assert page(limit=9, cursor=page(limit=1).next_cursor).rows == products[1:]


class TestCost:
    @pytest.mark.parametrize(("sort", "most"), [("newest", 2), ("name", 2), ("price", 1)])
    def test_however_deep_a_page_takes_as_few_statements_that_count_no_rows(self, sort, most):
        shelf(ages=range(40), names=[f"Cup {i:02}" for i in range(40)], prices=[Decimal(i) for i in range(40)])
        cursor = page(sort=sort).next_cursor
        while cursor:
            with CaptureQueriesContext(connection) as statements:
                cursor = page(sort=sort, cursor=cursor).next_cursor

            assert len(statements) == most
            assert "OFFSET" not in str(statements.captured_queries)

    def test_a_page_begins_at_its_place_in_the_index(self):
        """However many rows share a moment, as after an import: not one of them is read and passed over."""
        fill_moments(20, products=50)
        rows = Product.objects.filter(status="active")
        cursor = page_of(rows, order=NEWEST, of="x", limit=20).next_cursor

        with CaptureQueriesContext(connection) as statements:
            page_of(rows, order=NEWEST, of="x", limit=40, cursor=cursor)
        of_that_moment, earlier = (plan_of(statement["sql"]) for statement in statements)

        assert "catalog_newest_products" in of_that_moment and "catalog_newest_products" in earlier
        assert re.search(r"status.* AND .*created_at ?=.* AND .*id ?<", of_that_moment)
        assert re.search(r"status.* AND .*created_at ?<", earlier)
        assert not re.search("Filter|Sort|TEMP B-TREE", of_that_moment + earlier)


class TestCursor:
    @pytest.fixture
    def cursor(self) -> str:
        shelf(ages=[0, 1, 2, 3])
        return page().next_cursor

    def test_is_for_this_list_alone(self, cursor):
        with pytest.raises(InvalidCursor):
            page(cursor=cursor, of="orders of account 7")

    def test_is_for_this_order_alone(self, cursor):
        with pytest.raises(InvalidCursor):
            page(cursor=cursor, sort="name")

    def test_cannot_be_changed(self, cursor):
        content = json.loads(urlsafe_b64decode(f"{cursor}==="))
        content["at"][1] += 1
        changed = urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode().rstrip("=")

        with pytest.raises(InvalidCursor):
            page(cursor=changed)

    @pytest.mark.parametrize(
        "content",
        [b"", b"null", b"[]", b"7", b'"x"', b"{}", b'{"at":null}', b'{"at":[]}', b'{"at":["x",1],"signature":"x"}',
         b'{"at":[NaN,1e999]}', b"[" * 3000, b'{"at":"\\ud800"}', b"\xff\xfe", b"9" * 5000],
    )  # fmt: skip
    def test_cannot_be_made_up(self, content):
        with pytest.raises(InvalidCursor):
            page(cursor=urlsafe_b64encode(content).decode())

    @given(st.text(max_size=60))
    def test_nothing_else_is_one(self, text):
        with pytest.raises(InvalidCursor):
            page(cursor=text)

    @pytest.mark.parametrize("ending", ["=", " ", "\n", "A"])
    def test_is_taken_as_it_was_given_only(self, cursor, ending):
        with pytest.raises(InvalidCursor):
            page(cursor=f"{cursor}{ending}")

    def test_says_nothing_of_how_it_is_made(self):
        with pytest.raises(InvalidCursor) as refused:
            page(cursor="x")

        assert refused.value.__cause__ is None
        assert "x" not in refused.value.fields["cursor"].split()


class TestTellNext:
    def test_the_link_is_whole_and_keeps_what_was_asked(self):
        request = RequestFactory().get("/api/v1/products?q=a%26b&limit=2&cursor=old", headers={"Host": "testserver"})
        response = HttpResponse()

        tell_next(request, response, Page([], "new"))

        assert response["Link"] == '<http://testserver/api/v1/products?q=a%26b&limit=2&cursor=new>; rel="next"'

    def test_the_last_page_has_none(self):
        response = HttpResponse()

        tell_next(RequestFactory().get("/"), response, Page([], None))

        assert "Link" not in response
