from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import menu
from catalog.listing import SORTS, Listing
from catalog.models import Product, Variant
from catalog.schemas import MOST_ROWS
from catalog.tests.factories import (
    CategoryFactory,
    ProductFactory,
    ProductImageFactory,
    VariantFactory,
)
from catalog.tests.programs import Program, refusal, staff_program

pytestmark = pytest.mark.django_db
HUGE = 2**63
NO_IDS = ["0", "-1", "1.5", "x", "1e3", str(HUGE), "9" * 60, "٣", "NaN", "%00", "1%0a", "..%2f"]
NO_PRICES = ["-1", "NaN", "Infinity", "1e30", "x", "12,50", "0.0001", "9" * 40, "--1"]


@pytest.fixture
def anyone() -> Program:
    return Program()


@pytest.fixture
def seller() -> Program:
    return staff_program("Catalogue")


def ids(answer) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [product["id"] for product in answer.json()]


def shelf(count: int) -> list[Product]:
    """Products of two variants with a picture each, in categories of their own."""
    products = []
    for _number in range(count):
        product = ProductFactory(category=CategoryFactory())
        picture = ProductImageFactory(product=product)
        VariantFactory(product=product, options=[["Size", "M"]], picture=picture)
        VariantFactory(product=product, options=[["Size", "L"]])
        products.append(product)
    return products


class TestOneProduct:
    def test_says_all_that_a_shopper_sees(self, anyone):
        product = ProductFactory(name="Mug", slug="mug", brand="Fjord", category=CategoryFactory(slug="cups"))
        picture = ProductImageFactory(product=product, image="products/a.webp")
        VariantFactory(
            product=product, sku="MUG-L", options=[["Size", "L"]], price=Decimal("14"), position=2, on_hand=4
        )
        medium = VariantFactory(
            product=product, sku="MUG-M", options=[["Size", "M"]], price=Decimal("12.5"), on_hand=3, picture=picture
        )

        told = anyone.read(f"/products/{product.pk}").json()

        assert (told["price"], told["sku"], told["stock"], told["currency"]) == (12.5, "MUG-M", 7, "EUR")
        assert (told["category"], told["brand"], told["status"]) == ("cups", "Fjord", "active")
        assert told["url"] == f"http://testserver/product/{product.pk}-mug/"
        assert told["image"] == told["images"][0]["url"] == "http://testserver/media/products/a.webp"
        assert told["variants"][0] == {
            "id": medium.pk,
            "sku": "MUG-M",
            "title": "M",
            "options": {"Size": "M"},
            "price": 12.5,
            "compare_at_price": None,
            "currency": "EUR",
            "stock": 3,
            "barcode": "",
            "weight_grams": None,
            "image": told["image"],
        }

    def test_its_amounts_have_their_currencys_digits(self, anyone, settings):
        variant = VariantFactory(price=Decimal("12.5"))

        assert b'"price":12.50,' in anyone.read(f"/products/{variant.product_id}").content
        settings.SHOP_CURRENCY = "JPY"
        yen = VariantFactory(price=Decimal("1200"))
        assert b'"price":1200,' in anyone.read(f"/products/{yen.product_id}").content

    def test_its_stock_is_unknown_where_any_is_not_counted(self, anyone):
        counted = VariantFactory(on_hand=3, options=[["Size", "M"]])
        VariantFactory(product=counted.product, on_hand=None, options=[["Size", "L"]])

        told = anyone.read(f"/products/{counted.product_id}").json()

        assert told["stock"] is None
        assert [variant["stock"] for variant in told["variants"]] == [3, None]

    def test_variants_that_are_not_sold_are_no_part_of_it(self, anyone):
        sold = VariantFactory(options=[["Size", "M"]], on_hand=3)
        VariantFactory(product=sold.product, options=[["Size", "L"]], is_active=False, price=Decimal(1))
        VariantFactory(product=sold.product, options=[["Size", "S"]], price=None)
        VariantFactory(product=sold.product, options=[["Size", "X"]], currency="USD", price=Decimal(1))

        told = anyone.read(f"/products/{sold.product_id}").json()

        assert [variant["id"] for variant in told["variants"]] == [sold.pk]
        assert (told["price"], told["stock"]) == (20, 3)

    @pytest.mark.parametrize(("status", "told"), [("draft", (404, "not_found")), ("archived", (410, "gone"))])
    def test_what_is_not_on_sale_is_for_sellers(self, anyone, seller, status, told):
        variant = VariantFactory(product__status=status, price=None)
        path = f"/products/{variant.product_id}"

        assert refusal(anyone.read(path)) == told
        assert refusal(staff_program("Stock").read(path)) == told
        assert seller.read(path).json()["variants"][0]["price"] is None

    def test_what_is_active_but_cannot_be_sold_is_for_sellers(self, anyone, seller):
        variant = VariantFactory(price=None, is_active=False)

        assert refusal(anyone.read(f"/products/{variant.product_id}")) == (404, "not_found")
        assert seller.read(f"/products/{variant.product_id}").json()["variants"][0]["sku"] == variant.sku

    def test_a_website_session_sees_no_drafts(self):
        variant = VariantFactory(product__status="draft")
        browser = Program()
        browser.force_login(staff_program().user)

        assert browser.read(f"/products/{variant.product_id}").status_code == 404

    @pytest.mark.parametrize("wrong", NO_IDS)
    def test_what_is_no_id_is_refused(self, anyone, wrong):
        answer = anyone.get(f"/api/v1/products/{wrong}")

        assert answer.status_code in {400, 404, 422}
        assert answer.json()["detail"]

    def test_takes_as_few_statements_for_any_product(self, anyone):
        small, large = VariantFactory().product, shelf(1)[0]
        counts = []
        for product in (small, large):
            with CaptureQueriesContext(connection) as statements:
                anyone.read(f"/products/{product.pk}")
            counts.append(len(statements))

        assert counts[0] == counts[1] == 3


class TestList:
    def test_is_the_websites(self, anyone):
        shelf(3)
        VariantFactory(product__status="draft")
        VariantFactory(product__status="archived")
        VariantFactory(price=None)
        VariantFactory(currency="USD")
        VariantFactory(on_hand=0)
        page = anyone.get("/search/")

        answer = anyone.read("/products")

        assert ids(answer) == [product.pk for product in page.context["page_obj"].object_list]
        assert answer["X-Total-Count"] == str(page.context["result_count"]) == "4"

    @pytest.mark.parametrize("sort", SORTS)
    def test_sorts_as_the_website(self, anyone, rf, sort):
        for name, price in [("b", "3"), ("a", "10"), ("C", "9.99"), ("a", "3")]:
            VariantFactory(product__name=name, price=Decimal(price))
        listing = Listing("/", rf.get("/", {"sort": sort}).GET)

        assert ids(anyone.read("/products", sort=sort)) == [product.pk for product in listing.page.object_list]

    @pytest.mark.parametrize("query", ["mug", "fjord mug", "SKU-X", "nothing"])
    def test_finds_as_the_website_does_the_best_first(self, anyone, rf, query):
        VariantFactory(product__name="Mug of Fjord", sku="SKU-X")
        VariantFactory(product__name="Cup", product__description="Smaller than a mug. Fjord.")
        VariantFactory(product__name="mug")
        listing = Listing("/", rf.get("/").GET, query=query)

        expected = [product.pk for product in listing.page.object_list]
        assert ids(anyone.read("/products", q=query)) == expected
        assert ids(anyone.read("/products/search", query=query)) == expected

    def test_a_search_can_be_sorted_too(self, anyone):
        dear = VariantFactory(product__name="Mug", price=Decimal(9)).product_id
        cheap = VariantFactory(product__name="Cup, no mug", price=Decimal(5)).product_id

        assert ids(anyone.read("/products/search", query="mug")) == [dear, cheap]
        assert ids(anyone.read("/products/search", query="mug", sort="price")) == [cheap, dear]

    def test_relevance_without_a_search_is_the_newest(self, anyone):
        shelf(3)

        assert ids(anyone.read("/products", sort="relevance")) == ids(anyone.read("/products"))

    @pytest.mark.parametrize("answer", [{}, {"query": ""}, {"query": "  "}, {"query": "x" * 201}])
    def test_a_search_needs_a_query(self, anyone, answer):
        refused = anyone.read("/products/search", **answer)

        assert refusal(refused) == (422, "invalid")
        assert "query" in refused.json()["fields"]

    def test_narrows_by_price_and_stock_of_one_variant(self, anyone):
        product = ProductFactory()
        VariantFactory(product=product, options=[["Size", "M"]], price=Decimal(5), on_hand=0)
        VariantFactory(product=product, options=[["Size", "L"]], price=Decimal(9), on_hand=3)

        assert ids(anyone.read("/products", price_max="5")) == [product.pk]
        assert ids(anyone.read("/products", price_max="5", in_stock="true")) == []
        assert ids(anyone.read("/products", price_min="9", in_stock="true")) == [product.pk]
        assert ids(anyone.read("/products", price_min="9.01")) == []
        assert ids(anyone.read("/products", price_min="9", price_max="5")) == []

    def test_narrows_by_category_with_all_below(self, anyone):
        kitchen = CategoryFactory(name="Kitchen", slug="kitchen")
        mugs = CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
        other = CategoryFactory(name="kitchen-2", slug="other")
        in_kitchen, in_mugs, in_other = (
            VariantFactory(product__category=category).product_id for category in (kitchen, mugs, other)
        )

        assert ids(anyone.read("/products", category="kitchen")) == [in_mugs, in_kitchen]
        assert ids(anyone.read("/products", category="KITCHEN")) == [in_mugs, in_kitchen]
        assert ids(anyone.read("/products", category="Mugs")) == [in_mugs]
        assert ids(anyone.read("/products", category="kitchen-2")) == [in_other]
        assert ids(anyone.read("/products", category="nowhere")) == []

    def test_a_name_may_stand_for_several_categories(self, anyone):
        above = CategoryFactory(slug="a", name="Sale")
        below = CategoryFactory(slug="b", name="sale", parent=CategoryFactory(name="Kitchen"))
        found = [VariantFactory(product__category=category).product_id for category in (above, below)]

        assert ids(anyone.read("/products", category="Sale")) == found[::-1]

    def test_a_category_that_is_not_shown_is_unknown(self, anyone):
        VariantFactory(product__category=CategoryFactory(slug="hidden", is_active=False))

        assert ids(anyone.read("/products", category="hidden")) == []

    def test_it_knows_a_category_that_the_menu_does_not_know_yet(self, anyone):
        menu.tree()
        mug = VariantFactory(product__category=CategoryFactory(slug="new"))

        assert ids(anyone.read("/products", category="new")) == [mug.product_id]

    @pytest.mark.parametrize("name", ["price_min", "price_max"])
    @pytest.mark.parametrize("wrong", NO_PRICES)
    def test_what_is_no_price_is_refused(self, anyone, name, wrong):
        answer = anyone.read("/products", **{name: wrong})

        assert refusal(answer) == (422, "invalid")
        assert name in answer.json()["fields"]

    @pytest.mark.parametrize(
        ("name", "wrong"),
        [
            *(("limit", limit) for limit in ("0", "-1", "1.5", "x", "NaN", "1e9", str(MOST_ROWS + 1), "9" * 50)),
            *(("sort", sort) for sort in ("cheap", "-name", "pk", "name,pk")),
            *(("status", status) for status in ("on_sale", "ACTIVE")),
            ("in_stock", "perhaps"),
            ("q", "x" * 201),
            ("category", "x" * 201),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, anyone, name, wrong):
        answer = anyone.read("/products", **{name: wrong})

        assert refusal(answer) == (422, "invalid")
        assert name in answer.json()["fields"]

    def test_takes_as_few_statements_for_20_products_as_for_2(self, anyone):
        counts = []
        for wanted in (2, 20):
            shelf(wanted - Product.objects.count())
            with CaptureQueriesContext(connection) as statements:
                assert len(ids(anyone.read("/products"))) == wanted
            counts.append(len(statements))

        assert counts[0] == counts[1] == 4

    def test_no_more_than_a_thousand_come_at_once(self, anyone):
        products = Product.objects.bulk_create(Product(name="Cup", slug=f"c{i}", status="active") for i in range(1001))
        Variant.objects.bulk_create(
            Variant(product=product, sku=product.slug, price=1, currency="EUR", track_stock=False)
            for product in products
        )

        answer = anyone.read("/products", limit=MOST_ROWS)

        assert (len(ids(answer)), answer["X-Total-Count"]) == (1000, "1001")
        assert len(ids(anyone.get(link_of(answer)))) == 1
        assert len(ids(anyone.read("/products"))) == 100


def link_of(answer) -> str:
    """The address that the header `Link` gives for the next page; empty on the last."""
    address, _semicolon, relation = answer.headers.get("Link", "").partition("; ")
    assert relation in {"", 'rel="next"'}
    return address.strip("<>")


class TestPages:
    def test_lead_through_the_whole_list(self, anyone):
        products = shelf(5)

        answer = anyone.read("/products", limit=2)
        found, totals = ids(answer), [answer.headers.get("X-Total-Count")]
        while address := link_of(answer):
            answer = anyone.get(address)
            found += ids(answer)
            totals.append(answer.headers.get("X-Total-Count"))

        assert found == [product.pk for product in products[::-1]]
        assert totals == ["5", None, None]

    def test_keep_to_what_was_asked(self, anyone):
        for number in range(5):
            VariantFactory(product__name=f"Mug {number}", price=Decimal(number))
        VariantFactory(product__name="Cup", price=Decimal(2))

        answer = anyone.read("/products", q="mug", sort="-price", limit=2, price_min=1)

        assert link_of(answer).startswith("http://testserver/api/v1/products?q=mug&sort=-price&limit=2&price_min=1&")
        assert [product["price"] for product in anyone.get(link_of(answer)).json()] == [2, 1]

    @pytest.mark.parametrize(
        "other", [{"sort": "name"}, {"q": "mug"}, {"in_stock": "true"}, {"price_min": "1"}, {"category": "x"}]
    )
    def test_are_pages_of_one_list(self, anyone, other):
        shelf(3)
        cursor = link_of(anyone.read("/products", limit=1)).rpartition("cursor=")[2]

        assert ids(anyone.read("/products", limit=2, cursor=cursor))
        assert refusal(anyone.read("/products", cursor=cursor, **other)) == (422, "invalid_cursor")

    def test_a_sellers_lead_nobody_else_on(self, anyone, seller):
        VariantFactory(product__status="draft")
        VariantFactory(product__status="draft")
        cursor = link_of(seller.read("/products", status="draft", limit=1)).rpartition("cursor=")[2]

        assert len(ids(seller.read("/products", status="draft", cursor=cursor))) == 1
        assert refusal(anyone.read("/products", cursor=cursor)) == (422, "invalid_cursor")
        assert refusal(anyone.read("/products", status="draft", cursor=cursor)) == (401, "not_authenticated")

    @pytest.mark.parametrize("cursor", ["", "x", "bnVsbA", "W10", "=", "%", "٣", "A" * 5000, "eyJhdCI6W119", "\ud7ff"])
    def test_what_is_no_cursor_is_refused(self, anyone, cursor):
        answer = anyone.read("/products", cursor=cursor)

        assert refusal(answer) == (422, "invalid_cursor")
        assert set(answer.json()["fields"]) == {"cursor"}


class TestDrafts:
    @pytest.fixture
    def products(self) -> dict[str, int]:
        VariantFactory(product__name="draft", product__status="draft", price=None)
        VariantFactory(product__name="archived", product__status="archived")
        VariantFactory(product__name="unpriced", price=None)
        VariantFactory(product__name="active")
        return dict(Product.objects.values_list("name", "pk"))

    @pytest.mark.parametrize(
        ("status", "names"),
        [
            ("active", {"active"}),
            ("draft", {"draft"}),
            ("archived", {"archived"}),
            ("all", {"draft", "archived", "unpriced", "active"}),
        ],
    )
    def test_sellers_list_them(self, seller, products, status, names):
        answer = seller.read("/products", status=status)

        assert {product["name"] for product in answer.json()} == names
        assert answer["Cache-Control"] == "private, no-cache"

    @pytest.mark.parametrize("sort", ["newest", "price", "-price", "name"])
    def test_none_is_lost_for_having_no_price(self, seller, products, sort):
        answer, found = seller.read("/products", status="all", sort=sort, limit=1), []
        found += ids(answer)
        while address := link_of(answer):
            answer = seller.get(address)
            found += ids(answer)

        assert sorted(found) == sorted(products.values())

    @pytest.mark.parametrize("status", ["draft", "archived", "all"])
    def test_nobody_else_does(self, anyone, products, status):
        assert refusal(anyone.read("/products", status=status)) == (401, "not_authenticated")
        assert refusal(staff_program("Orders").read("/products", status=status)) == (403, "forbidden")

    def test_search_finds_them_for_sellers_only(self, seller, anyone, products):
        assert ids(seller.read("/products/search", query="draft", status="all")) == [products["draft"]]
        assert ids(anyone.read("/products/search", query="draft")) == []


class TestCategories:
    def test_are_the_tree_that_is_shown_from_the_top(self, anyone):
        kitchen = CategoryFactory(name="Kitchen", slug="kitchen")
        CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
        hidden = CategoryFactory(slug="hidden", is_active=False)
        CategoryFactory(parent=hidden)

        assert anyone.read("/categories").json() == [
            {
                "slug": "kitchen",
                "name": "Kitchen",
                "parent": None,
                "url": "http://testserver/category/kitchen/",
            },
            {"slug": "mugs", "name": "Mugs", "parent": "kitchen", "url": "http://testserver/category/mugs/"},
        ]

    def test_take_one_statement(self, anyone):
        for _number in range(5):
            CategoryFactory()

        with CaptureQueriesContext(connection) as statements:
            anyone.read("/categories")

        assert len(statements) == 1
