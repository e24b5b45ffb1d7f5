import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog import menu
from catalog.models import Category, OldSlug
from catalog.tests.factories import (
    CategoryFactory,
    ProductAttributeFactory,
    ProductFactory,
    ProductImageFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def cards(response) -> list[int]:
    """Ids of the products whose cards a page shows."""
    return [int(pk) for pk in re.findall(r'data-product="(\d+)"', response.text)]


def shirt() -> list:
    """A small one in stock, a large one sold out."""
    product = ProductFactory(name="Shirt", slug="shirt")
    return [
        VariantFactory(
            product=product, sku=f"SHIRT-{size}", options=[["Size", size]], on_hand=on_hand, position=on_hand
        )
        for size, on_hand in [("S", 8), ("L", 0)]
    ]


class TestHome:
    def test_new_and_reduced_products_are_shown_once_each(self, client):
        plain = [VariantFactory().product.pk for _ in range(30)]
        reduced = [VariantFactory(compare_at_price=Decimal(99)).product.pk for _ in range(12)]

        response = client.get("/")

        shown = cards(response)
        assert len(shown) == len(set(shown)) == 24
        assert shown[:12] == plain[::-1][:12]
        assert shown[12:] == reduced[::-1]

    def test_without_reductions_all_are_new(self, client):
        products = [VariantFactory().product.pk for _ in range(25)]

        assert cards(client.get("/")) == products[::-1][:24]

    def test_a_sold_out_reduction_is_no_offer(self, client):
        VariantFactory(compare_at_price=Decimal(99), on_hand=0)

        assert "Reduced" not in client.get("/").text

    def test_an_empty_shop_has_no_empty_headings(self, client):
        response = client.get("/")

        assert response.status_code == 200
        assert "<h2 class" not in response.text.split("<footer")[0]

    def test_its_picture_is_shown_once_there_is_one(self, client):
        assert "<picture" not in client.get("/").text
        names = [
            default_storage.save(name, ContentFile(b"x")) for name in ("shop/hero.webp", "shop/hero-portrait.webp")
        ]
        menu.cache.clear()

        page = client.get("/").text

        for name in names:
            assert default_storage.url(name) in page
            default_storage.delete(name)


class TestCategoryPage:
    def test_it_lists_its_products_and_those_below(self, client):
        kitchen = CategoryFactory(name="Kitchen", slug="kitchen")
        mugs = CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
        mug = VariantFactory(product__category=mugs).product
        VariantFactory()

        response = client.get("/category/kitchen/")

        assert cards(response) == [mug.pk]
        assert response.context["subcategories"][0].name == "Mugs"

    def test_it_stands_below_its_ancestors(self, client):
        kitchen = CategoryFactory(name="Kitchen")
        CategoryFactory(slug="mugs", parent=kitchen)

        assert [place.name for place in client.get("/category/mugs/").context["breadcrumb"]] == ["Kitchen"]

    def test_its_old_address_leads_to_it_for_good(self, client):
        OldSlug.objects.create(slug="crockery", category=Category.objects.get(pk=CategoryFactory(slug="tableware").pk))

        response = client.get("/category/crockery/?sort=price")

        assert (response.status_code, response["Location"]) == (301, "/category/tableware/?sort=price")

    @pytest.mark.parametrize("slug", ["hidden", "below", "moved", "nowhere"])
    def test_what_is_not_shown_is_not_found(self, client, slug):
        hidden = CategoryFactory(slug="hidden", is_active=False)
        CategoryFactory(slug="below", parent=hidden)
        OldSlug.objects.create(slug="moved", category=hidden)

        assert client.get(f"/category/{slug}/").status_code == 404

    def test_a_page_beyond_leads_to_the_last(self, client):
        category = CategoryFactory(slug="kitchen")
        for _ in range(25):
            VariantFactory(product__category=category)

        response = client.get("/category/kitchen/?page=9&sort=name&x=1")

        assert response["Location"] == "/category/kitchen/?page=2&sort=name"
        assert len(cards(client.get(response["Location"]))) == 1

    def test_search_engines_are_told_the_whole_list(self, client):
        CategoryFactory(slug="kitchen")

        whole, narrowed = client.get("/category/kitchen/").text, client.get("/category/kitchen/?in_stock=on").text

        canonical = '<link rel="canonical" href="http://testserver/category/kitchen/">'
        assert canonical in whole
        assert canonical in narrowed
        assert "noindex" not in whole
        assert '<meta name="robots" content="noindex">' in narrowed


class TestSearchPage:
    def test_without_words_it_lists_all_products(self, client):
        products = {VariantFactory().product.pk for _ in range(3)}

        response = client.get("/search/")

        assert set(cards(response)) == products
        assert "noindex" not in response.text

    def test_it_lists_what_fits(self, client):
        mug = VariantFactory(product__name="Hugo mug").product
        VariantFactory(product__name="Plate")

        response = client.get("/search/", {"q": "  hugo "})

        assert cards(response) == [mug.pk]
        assert response.context["q"] == "hugo"
        assert '<meta name="robots" content="noindex">' in response.text

    @pytest.mark.parametrize("query", ["SHIRT-L", "shirt-l"])
    def test_a_sku_leads_to_its_variant(self, client, query):
        _small, large = shirt()

        response = client.get("/search/", {"q": query})

        assert response["Location"] == f"{large.product.get_absolute_url()}?variant=SHIRT-L"

    def test_a_barcode_leads_to_its_variant(self, client):
        variant = VariantFactory(barcode="4006381333931")

        response = client.get("/search/?q=4006381333931")

        assert response["Location"] == f"{variant.product.get_absolute_url()}?variant={variant.sku}"

    def test_a_code_of_two_products_lists_both(self, client):
        products = {VariantFactory(barcode="4006381333931").product.pk for _ in range(2)}

        assert set(cards(client.get("/search/?q=4006381333931"))) == products

    def test_a_sorted_search_stays_a_list(self, client):
        shirt()

        assert client.get("/search/?q=SHIRT-L&sort=name").status_code == 200

    def test_nothing_found_shows_the_words_and_other_ways(self, client):
        CategoryFactory(name="Kitchen", slug="kitchen")
        product = VariantFactory().product

        response = client.get("/search/", {"q": "<b>zzz"})

        assert response.status_code == 200
        assert "“&lt;b&gt;zzz”" in response.text
        assert cards(response) == [product.pk]
        assert 'href="/category/kitchen/"' in response.text.split("<main")[1].split("</main")[0]

    @pytest.mark.parametrize("path", ["/search/", "/category/kitchen/"])
    @pytest.mark.parametrize(
        "parameters",
        [
            {"q": "\x01\ud7ff"},
            {"q": "%'\"\\_;--"},
            {"q": "word " * 2000},
            {"q": "x" * 10_000},
            {"price_min": "abc", "price_max": "1e999999999"},
            {"price_min": "x" * 10_000},
            {"brand": "\x01", "attr_material": ["\x01", "x" * 10_000], "category": "\x01", "sort": "\x01"},
            {"brand": [str(number) for number in range(900)]},
            {f"attr_{number}": "x" for number in range(900)},
            {"page": "9" * 10_000},
        ],
        ids=lambda parameters: "+".join(parameters)[:20],
    )
    def test_nonsense_never_breaks_it(self, client, path, parameters):
        CategoryFactory(slug="kitchen")
        ProductAttributeFactory(product=VariantFactory().product)

        assert client.get(f"{path}?{urlencode(parameters, doseq=True)}").status_code == 200

    def test_a_wrong_price_is_told_and_the_list_shown(self, client):
        product = VariantFactory().product

        response = client.get("/search/?price_min=abc")

        assert cards(response) == [product.pk]
        assert "Enter a price, for example 12.50." in response.text


class TestProductPage:
    @pytest.mark.parametrize("form", ["/product/{pk}/", "/product/{pk}", "/product/{pk}-old-name/", "/product/{pk}-x"])
    @pytest.mark.parametrize("query", ["", "?variant=MUG&x=%2F"])
    def test_other_forms_lead_to_the_canonical_one(self, client, form, query):
        product = VariantFactory(product__slug="mug").product

        response = client.get(form.format(pk=product.pk) + query, follow=False)

        assert response.status_code == 301
        assert response["Location"] == f"/product/{product.pk}-mug/{query}"

    def test_its_only_variant_is_chosen(self, client):
        variant = VariantFactory(price=Decimal("12.50"), on_hand=3)

        response = client.get(variant.product.get_absolute_url())

        assert response.context["chosen"]
        assert "€12.50" in response.text
        assert "Only 3 left" in response.text
        assert f'<input type="hidden" name="variant" value="{variant.pk}">' in response.text

    def test_of_several_variants_none_is_preselected(self, client):
        small, large = shirt()

        response = client.get(small.product.get_absolute_url())

        assert not response.context["chosen"]
        assert response.text.count('<input type="radio" name="variant"') == 2
        assert " checked" not in response.text.split("<main")[1]
        assert response.context["errors"] == []

    def test_the_address_names_the_variant(self, client):
        small, large = shirt()

        response = client.get(f"{small.product.get_absolute_url()}?variant=SHIRT-L")

        assert response.context["variant"] == large
        assert "Sold out" in response.text
        assert "Add to cart</button>" not in response.text

    @pytest.mark.parametrize("sku", ["nothing", "%01", "x" * 10_000])
    def test_an_unknown_variant_is_ignored(self, client, sku):
        small, _large = shirt()

        response = client.get(f"{small.product.get_absolute_url()}?variant={sku}")

        assert (response.status_code, response.context["chosen"]) == (200, False)

    def test_sold_out_in_every_variant_it_says_so(self, client):
        product = ProductFactory()
        for title in "SM":
            VariantFactory(product=product, title=title, on_hand=0)

        page = client.get(product.get_absolute_url()).text

        assert "Sold out" in page
        assert "Add to cart</button>" not in page

    def test_it_asks_which_variant_and_keeps_the_quantity(self, client):
        small, _large = shirt()

        response = client.get(f"{small.product.get_absolute_url()}?choose=1&quantity=7")

        assert "Choose one of the variants first." in response.text
        assert 'name="quantity" value="7"' in response.text

    @pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "%D9%A3", "abc", "99999", ""])
    def test_a_quantity_that_is_none_becomes_one(self, client, quantity):
        small, _large = shirt()

        response = client.get(f"{small.product.get_absolute_url()}?choose=1&quantity={quantity}")

        assert response.context["quantity"] == 1

    def test_a_choice_made_is_not_asked_for(self, client):
        small, _large = shirt()

        response = client.get(f"{small.product.get_absolute_url()}?choose=1&variant=SHIRT-S")

        assert response.context["errors"] == []

    def test_the_picture_of_the_variant_comes_first(self, client):
        small, large = shirt()
        for position in (1, 2):
            large.picture = ProductImageFactory(product=large.product, position=position)
        large.save()

        images = client.get(f"{large.product.get_absolute_url()}?variant=SHIRT-L").context["images"]

        assert [image.position for image in images] == [2, 1]

    def test_its_description_is_safe(self, client):
        product = VariantFactory(product__description="<p onclick='x()'>Oak</p><script>alert(1)</script>").product

        page = client.get(product.get_absolute_url()).text

        assert "<p>Oak</p>" in page
        assert "alert(1)" not in page.split("<main")[1].split("ld+json")[0]

    def test_related_products_are_others_of_its_category_in_stock(self, client):
        category = CategoryFactory()
        variants = [VariantFactory(product__category=category, on_hand=on_hand) for on_hand in (1, 1, 0)]
        VariantFactory()

        response = client.get(variants[0].product.get_absolute_url())

        assert response.context["related"] == [variants[1].product]

    def test_a_draft_is_not_found(self, client):
        assert client.get(VariantFactory(product__status="draft").product.get_absolute_url()).status_code == 404

    def test_a_product_without_a_price_is_not_found(self, client):
        assert client.get(VariantFactory(price=None).product.get_absolute_url()).status_code == 404

    @pytest.mark.parametrize("pk", ["0", "999999", "9" * 19, "9" * 30, "٣"])
    @pytest.mark.parametrize("form", ["/product/{}-x/", "/product/{}/", "/product/{}"])
    def test_an_unknown_id_is_not_found(self, client, form, pk):
        assert client.get(form.format(pk), follow=True).status_code == 404

    def test_an_archived_product_is_gone_but_others_are_not(self, client):
        category = CategoryFactory()
        archived = VariantFactory(product__status="archived", product__category=category).product
        similar = VariantFactory(product__category=category).product

        response = client.get(archived.get_absolute_url())

        assert response.status_code == 410
        assert "is no longer sold" in response.text
        assert cards(response) == [similar.pk]


class TestForMachines:
    def test_the_sitemap_names_what_is_published(self, client):
        product = VariantFactory(product__slug="mug", product__category=CategoryFactory(slug="kitchen")).product
        CategoryFactory(slug="hidden", is_active=False)
        VariantFactory(product__status="draft")

        page = client.get("/sitemap.xml").text

        assert re.findall("<loc>http://testserver(.*?)</loc>", page) == [
            "/",
            "/search/",
            "/category/kitchen/",
            f"/product/{product.pk}-mug/",
        ]

    def test_crawlers_stay_out_of_what_is_not_the_shop_window(self, client):
        response = client.get("/robots.txt")

        assert response["Content-Type"].startswith("text/plain")
        for path in ("/cart", "/checkout", "/accounts/", "/admin/", "/orders/"):
            assert f"Disallow: {path}\n" in response.text
        assert "Sitemap: http://testserver/sitemap.xml" in response.text


@pytest.fixture
def shop():
    """Makes products of one category with everything a page shows."""

    def make(count: int) -> list:
        category = CategoryFactory(slug="kitchen")
        products = []
        for number in range(count):
            product = ProductFactory(
                name=f"Mug {number}", category=category, brand=f"Brand {number % 2}", created_at=NOW - timedelta(number)
            )
            for size in "SM":
                VariantFactory(product=product, options=[["Size", size]], compare_at_price=Decimal(30))
                ProductImageFactory(product=product)
                ProductAttributeFactory(product=product, name="Fits", value=size)
            products.append(product)
        return products

    return make


def pages(product) -> dict[str, tuple[str, int]]:
    """Addresses with the statements that each may take."""
    return {
        "home": ("/", 8),
        "list": ("/category/kitchen/", 8),
        "narrowed list": (
            "/category/kitchen/?attr_fits=S&attr_fits=M&brand=Brand+0&in_stock=on&price_min=1&sort=price",
            8,
        ),
        "search": ("/search/?q=mug", 8),
        "nothing found": ("/search/?q=zzz", 8),
        "product": (product.get_absolute_url(), 8),
    }


class TestAnonymous:
    @pytest.mark.parametrize("page", pages(ProductFactory.build(pk=1)))
    def test_no_page_sets_a_cookie_or_makes_a_session(self, client, shop, page):
        address, _limit = pages(shop(2)[0])[page]

        response = client.get(address)

        assert response.status_code == 200
        assert not response.cookies
        assert not [sql for sql in statements(client, address) if "session" in sql]


class TestStatements:
    @pytest.fixture
    def shopper(self, client, django_user_model):
        """A client logged in as a shopper with a full cart."""
        client.force_login(django_user_model.objects.create_user("buyer@example.com"))
        client.post(reverse("cart:add", args=[VariantFactory(product__name="Bread").product.pk]), {"quantity": 3})
        return client

    @pytest.mark.parametrize("page", pages(ProductFactory.build(pk=1)))
    def test_a_shopper_with_a_cart_costs_few_and_no_more_with_more_products(self, shopper, shop, page):
        products = shop(2)
        address, limit = pages(products[0])[page]
        few = statements(shopper, address)
        for number in range(18):
            product = ProductFactory(
                name=f"Cup or mug {number}", category=products[0].category, brand=f"Brand {number}"
            )
            for size in "LXY":
                VariantFactory(product=product, options=[["Size", size]], compare_at_price=Decimal(30))
                ProductImageFactory(product=product)
                ProductAttributeFactory(product=product, name="Fits", value=size)

        many = statements(shopper, address)

        assert len(few) == len(many) <= limit, "\n".join(many)

    def test_the_cart_is_counted_in_units(self, shopper):
        assert "Cart, 3 items" in shopper.get("/").text

    def test_a_visitor_is_counted_nothing(self, client, shop):
        shop(1)

        assert not [sql for sql in statements(client, "/") if "cart" in sql]


def statements(client, address: str) -> list[str]:
    """The SQL of a page with a warm cache."""
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(address)
    return [query["sql"] for query in captured if not query["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]
