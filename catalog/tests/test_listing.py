from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils import timezone

from catalog import menu
from catalog.listing import PER_PAGE, Listing
from catalog.tests.factories import CategoryFactory, ProductAttributeFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def listing(address: str = "", **place) -> Listing:
    return Listing("/search/", QueryDict(address), **place)


def names(address: str = "", **place) -> list[str]:
    return [product.name for product in listing(address, **place).page.object_list]


@pytest.fixture
def shelf():
    """Three products; the newest first they are: jug, bowl, Axe."""
    for age, (name, price, on_hand) in enumerate([("jug", 20, 0), ("bowl", 10, 5), ("Axe", 30, None)]):
        product = ProductFactory(name=name, created_at=NOW - timedelta(days=age), brand=f"{name} makers")
        VariantFactory(product=product, price=Decimal(price), on_hand=on_hand)
        ProductAttributeFactory(product=product, name="Material", value="Oak" if name == "Axe" else "Clay")


@pytest.fixture
def kitchen():
    """Kitchen with a pot, and below it mugs with a mug; beside them a rake in the garden."""
    kitchen = CategoryFactory(name="Kitchen", slug="kitchen")
    mugs = CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
    for name, category in [("pot", kitchen), ("mug", mugs), ("rake", CategoryFactory(slug="garden"))]:
        VariantFactory(product__name=name, product__category=category)
    return menu.find("kitchen")


class TestSort:
    @pytest.mark.parametrize(
        "sort, expected",
        [
            ("newest", ["jug", "bowl", "Axe"]),
            ("price", ["bowl", "jug", "Axe"]),
            ("-price", ["Axe", "jug", "bowl"]),
            ("name", ["Axe", "bowl", "jug"]),
            ("", ["jug", "bowl", "Axe"]),
            ("relevance", ["jug", "bowl", "Axe"]),
            ("pk; drop", ["jug", "bowl", "Axe"]),
        ],
    )
    def test_it_orders_the_list(self, shelf, sort, expected):
        assert names(f"sort={sort}") == expected

    def test_the_price_is_the_one_shown(self, shelf):
        product = VariantFactory(product__name="lamp", price=Decimal(25)).product
        VariantFactory(product=product, title="dear", price=Decimal(99))
        VariantFactory(product=product, title="off sale", price=Decimal(1), is_active=False)

        assert names("sort=price") == ["bowl", "jug", "lamp", "Axe"]

    def test_a_search_begins_with_the_best_match(self, shelf):
        found = listing(query="jug")

        assert found.sort == "relevance"
        assert [sort["value"] for sort in found.context()["sorts"]][0] == "relevance"

    def test_a_search_can_be_sorted_too(self, shelf):
        assert names("sort=price", query="makers") == ["bowl", "jug", "Axe"]


class TestFilters:
    @pytest.mark.parametrize(
        "address, expected",
        [
            ("price_min=20", ["jug", "Axe"]),
            ("price_max=20", ["jug", "bowl"]),
            ("price_min=10.01&price_max=29.99", ["jug"]),
            ("in_stock=on", ["bowl", "Axe"]),
            ("in_stock=on&price_min=20", ["Axe"]),
            ("attr_material=Clay", ["jug", "bowl"]),
            ("brand=bowl+makers&brand=Axe+makers", ["bowl", "Axe"]),
            ("brand=bowl+makers&attr_material=Oak", []),
        ],
    )
    def test_they_narrow_the_list(self, shelf, address, expected):
        assert names(address) == expected

    @pytest.mark.parametrize(
        "address",
        [
            "price_min=abc",
            "price_min=-5",
            "price_max=NaN",
            "price_max=1e400",
            "price_min=0.0001",
            "price_min=%00",
            "price_max=%D9%A3%D9%A3x",
            "category=nowhere",
            "colour=red&page=two&utm_source=mail",
            "in_stock=",
            "sort=%00",
        ],
    )
    def test_what_makes_no_sense_is_ignored(self, shelf, address):
        assert len(names(address)) == 3

    def test_a_wrong_price_is_told_at_its_field(self, shelf):
        assert listing("price_min=abc").filter_form.errors == {"price_min": ["Enter a price, for example 12.50."]}

    def test_a_range_upside_down_is_told_and_starts_where_it_says(self, shelf):
        found = listing("price_min=30&price_max=10")

        assert list(found.filter_form.errors) == ["price_max"]
        assert [product.name for product in found.page] == ["Axe"]

    def test_drafts_and_archived_products_are_not_listed(self):
        VariantFactory(product__status="draft")
        VariantFactory(product__status="archived")

        assert names() == []


class TestCategories:
    def test_a_category_lists_all_below_it(self, kitchen):
        assert set(names(within=kitchen)) == {"pot", "mug"}

    def test_a_subcategory_narrows_it(self, kitchen):
        assert names("category=mugs", within=kitchen) == ["mug"]

    @pytest.mark.parametrize("slug", ["garden", "kitchen"])
    def test_only_what_is_below_is_a_subcategory(self, kitchen, slug):
        found = listing(f"category={slug}", within=kitchen)

        assert found.filters == []
        assert len(found.page.object_list) == 2

    def test_the_form_offers_those_directly_below(self, kitchen):
        choices = listing(within=kitchen).filter_form.fields["category"].choices

        assert choices == [("", "All"), ("mugs", "Mugs")]

    def test_a_category_without_others_has_no_such_field(self, kitchen):
        assert "category" not in listing(within=menu.find("mugs")).filter_form.fields

    def test_all_products_can_be_narrowed_to_a_deep_category(self, kitchen):
        found = listing("category=mugs")

        assert [product.name for product in found.page] == ["mug"]
        assert ("mugs", "Mugs") in found.filter_form.fields["category"].choices


class TestAddress:
    def test_it_is_sorted_and_holds_only_what_says_something(self, shelf):
        found = listing("sort=price&in_stock=on&x=1&price_max=&brand=b&brand=a&page=1")

        assert found.address() == "/search/?brand=a&brand=b&in_stock=on&sort=price"

    def test_the_usual_order_goes_without_saying(self, shelf):
        assert listing("sort=newest").address() == "/search/"
        assert listing("sort=relevance", query="jug").address() == "/search/?q=jug"

    def test_each_filter_in_use_can_be_removed_alone(self, shelf):
        context = listing("price_min=5&attr_material=Oak&attr_material=Clay&in_stock=on&sort=name").context()

        assert {applied["label"]: applied["remove_url"] for applied in context["applied"]} == {
            "From €5.00": "/search/?attr_material=Clay&attr_material=Oak&in_stock=on&sort=name",
            "In stock": "/search/?attr_material=Clay&attr_material=Oak&price_min=5&sort=name",
            "Material: Clay": "/search/?attr_material=Oak&in_stock=on&price_min=5&sort=name",
            "Material: Oak": "/search/?attr_material=Clay&in_stock=on&price_min=5&sort=name",
        }
        assert context["clear_url"] == "/search/?sort=name"

    def test_a_subcategory_in_use_is_named(self, kitchen):
        context = listing("category=mugs", within=kitchen).context()

        assert context["applied"] == [{"label": "Mugs", "remove_url": "/search/"}]

    def test_sorting_keeps_the_filters_and_leaves_the_page(self, shelf):
        sorts = {sort["value"]: sort for sort in listing("in_stock=on&page=1").context()["sorts"]}

        assert sorts["-price"]["url"] == "/search/?in_stock=on&sort=-price"
        assert [value for value, sort in sorts.items() if sort["current"]] == ["newest"]

    @pytest.mark.parametrize("address, prefix", [("", "/search/?"), ("in_stock=on", "/search/?in_stock=on&")])
    def test_pages_are_added_to_it(self, shelf, address, prefix):
        assert listing(address).context()["page_url"] == prefix


class TestPages:
    @pytest.fixture
    def full_page(self):
        return [VariantFactory().product for _ in range(PER_PAGE)]

    def test_a_full_page_is_one_page(self, full_page):
        assert listing().page.paginator.num_pages == 1

    def test_one_product_more_is_a_second_page(self, full_page):
        VariantFactory(product__name="the oldest", product__created_at=NOW - timedelta(days=9))

        assert names("page=2") == ["the oldest"]

    @pytest.mark.parametrize("page", ["0", "-1", "1.5", "two", "", "%D9%A2", "9" * 5000])
    def test_what_is_no_page_is_the_first(self, full_page, page):
        assert listing(f"page={page}").asked_page == 1

    def test_a_page_beyond_is_the_last(self, full_page):
        assert listing("page=7").page.number == 1


class TestCanonical:
    @pytest.mark.parametrize(
        "address, query, canonical",
        [
            ("", "", "/search/"),
            ("sort=price", "", "/search/"),
            ("in_stock=on&price_min=5", "", "/search/"),
            ("sort=name", "jug", "/search/?q=jug"),
        ],
    )
    def test_it_is_the_whole_list(self, shelf, address, query, canonical):
        assert listing(address, query=query).canonical == canonical

    @pytest.mark.parametrize(
        "address, query, noindex",
        [("", "", False), ("page=1", "", False), ("in_stock=on", "", True), ("sort=name", "", True), ("", "jug", True)],
    )
    def test_only_the_whole_list_is_indexed(self, shelf, address, query, noindex):
        assert listing(address, query=query).context()["noindex"] is noindex

    def test_every_page_of_the_whole_list_is_its_own(self, shelf):
        for _ in range(PER_PAGE):
            VariantFactory()

        assert listing("page=2").canonical == "/search/?page=2"
