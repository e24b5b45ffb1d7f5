from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from catalog import stock
from catalog.models import Product, ProductImage, Variant
from catalog.tests.factories import (
    CategoryFactory,
    ProductFactory,
    ProductImageFactory,
    VariantFactory,
)
from catalog.tests.staff import messages_of, staff_client

pytestmark = pytest.mark.django_db

LIST = reverse("admin:catalog_product_changelist")
ADD = reverse("admin:catalog_product_add")


def page_of(product):
    return reverse("admin:catalog_product_change", args=[product.pk])


def row_of(variant, **changes):
    row = {
        "id": variant.pk,
        "options": ", ".join(f"{name}: {value}" for name, value in variant.options),
        "sku": variant.sku,
        "price": variant.price,
        "is_active": variant.is_active,
        "track_stock": variant.track_stock,
        "position": variant.position,
    }
    return row | changes


def formset(prefix, rows, existing):
    values = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": existing}
    for number, row in enumerate(rows):
        values |= {
            f"{prefix}-{number}-{name}": value
            for name, value in row.items()
            if value is not None and value is not False
        }
    return values


def form(product=None, *, variants=(), pictures=(), **fields):
    """What a browser posts; rows with an `id` are those that exist."""
    columns = {"name": "Mug", "slug": "mug", "status": "draft"}
    if product is not None:
        columns = {"name": product.name, "slug": product.slug, "status": product.status}
    return {
        **columns,
        **fields,
        **formset("variants", variants, sum("id" in row for row in variants)),
        **formset("images", pictures, sum("id" in row for row in pictures)),
        **formset("attributes", [], 0),
    }


def errors_of(response):
    inlines = [formset.formset for formset in response.context["inline_admin_formsets"]]
    texts = [response.context["adminform"].form.errors.as_text()]
    texts += [str(inline.non_form_errors()) for inline in inlines]
    texts += [form.errors.as_text() for inline in inlines for form in inline.forms]
    return " ".join(texts)


@pytest.fixture
def catalogue():
    return staff_client("Catalogue")


class TestProductList:
    def test_takes_the_same_few_statements_for_2_and_20_products(self, catalogue):
        counts = []
        for wanted in (2, 20):
            while Product.objects.count() < wanted:
                product = ProductFactory(category=CategoryFactory())
                VariantFactory(product=product, options=[["Size", "M"]])
                VariantFactory(product=product, options=[["Size", "L"]])
                ProductImageFactory(product=product)
            with CaptureQueriesContext(connection) as statements:
                assert catalogue.get(LIST).status_code == 200
            counts.append(len(statements))

        assert counts[0] == counts[1] <= 10

    @pytest.mark.parametrize("words", ["stoneware", "MUG-7", "4001234567890"])
    def test_finds_by_name_sku_and_barcode(self, catalogue, words):
        VariantFactory(product__name="Stoneware mug", sku="MUG-7", barcode="4001234567890")
        VariantFactory(product__name="Plate")

        page = catalogue.get(LIST, {"q": words}).content.decode()

        assert "Stoneware mug" in page
        assert "Plate" not in page

    def test_shows_price_range_and_what_is_available(self, catalogue):
        product = ProductFactory()
        VariantFactory(product=product, options=[["Size", "M"]], price=Decimal("12.5"), on_hand=3)
        VariantFactory(product=product, options=[["Size", "L"]], price=Decimal("14"), on_hand=4)

        page = catalogue.get(LIST).content.decode()

        assert "€12.50 – €14.00" in page
        assert '<td class="field-available">7</td>' in page

    @pytest.mark.parametrize(("level", "shown"), [("low", "Few"), ("out", "None")])
    def test_filters_what_is_low_or_sold_out(self, catalogue, level, shown):
        VariantFactory(product__name="Few", on_hand=5)
        VariantFactory(product__name="None", on_hand=0)
        VariantFactory(product__name="Plenty", on_hand=6)

        found = catalogue.get(LIST, {"stock": level}).context["cl"].result_list

        assert [product.name for product in found] == [shown]

    def test_filters_a_category_with_all_below_it(self, catalogue):
        top = CategoryFactory()
        below = ProductFactory(category=CategoryFactory(parent=top))
        ProductFactory(category=CategoryFactory())

        found = catalogue.get(LIST, {"category": top.path}).context["cl"].result_list

        assert list(found) == [below]

    def test_archives_what_is_selected(self, catalogue):
        variant = VariantFactory()

        catalogue.post(LIST, {"action": "archive", "_selected_action": [variant.product_id]})

        assert Product.objects.get().status == "archived"

    def test_offers_no_deletion(self, catalogue):
        ProductFactory()

        choices = dict(catalogue.get(LIST).context["action_form"].fields["action"].choices)

        assert "delete_selected" not in choices


class TestArchiving:
    def test_stands_in_for_deleting(self, catalogue):
        variant = VariantFactory()

        response = catalogue.post(reverse("admin:catalog_product_delete", args=[variant.product_id]), follow=True)

        assert Product.objects.get().status == "archived"
        assert Variant.objects.get() == variant
        assert messages_of(response) == [f"{variant.product} is archived."]

    def test_waits_for_a_yes(self, catalogue):
        product = ProductFactory()

        response = catalogue.get(reverse("admin:catalog_product_delete", args=[product.pk]))

        assert response.status_code == 200
        assert Product.objects.get().status == "active"

    def test_is_refused_without_the_permission(self):
        product = ProductFactory()

        response = staff_client("Stock").post(reverse("admin:catalog_product_delete", args=[product.pk]))

        assert response.status_code == 403
        assert Product.objects.get().status == "active"


class TestProductForm:
    def test_makes_a_product_that_is_sold(self, catalogue):
        row = {
            "options": "Size: M, Colour: Red",
            "sku": "MUG-M",
            "price": "12.50",
            "is_active": True,
            "track_stock": True,
        }

        catalogue.post(ADD, form(status="active", variants=[row]))

        variant = Variant.objects.get(product__name="Mug")
        assert (variant.price, variant.currency) == (Decimal("12.50"), "EUR")
        assert (variant.options, variant.title) == ([["Size", "M"], ["Colour", "Red"]], "M / Red")
        assert variant.available() == 0

    def test_needs_a_variant(self, catalogue):
        response = catalogue.post(ADD, form(variants=[]))

        assert response.status_code == 200
        assert not Product.objects.exists()

    @pytest.mark.parametrize("row", [{"is_active": True}, {"price": "5"}])
    def test_puts_nothing_on_sale_without_a_priced_variant(self, catalogue, row):
        response = catalogue.post(ADD, form(status="active", variants=[{"sku": "MUG", **row}]))

        assert "needs a variant that is on sale and has a price" in errors_of(response)
        assert not Product.objects.exists()

    def test_keeps_a_draft_without_a_price(self, catalogue):
        catalogue.post(ADD, form(variants=[{"sku": "MUG", "is_active": True}]))

        assert Variant.objects.get().price is None

    def test_takes_what_could_run_out_of_a_description(self, catalogue):
        catalogue.post(ADD, form(description="<p>Oak<script>alert(1)</script></p>", variants=[{"sku": "MUG"}]))

        assert Product.objects.get().description == "<p>Oak</p>"

    def test_does_not_change_what_was_not_touched(self, catalogue):
        variant = VariantFactory(options=[["Size", "M"]], title="M, as the supplier calls it")
        before = Variant.objects.values().get()

        response = catalogue.post(page_of(variant.product), form(variant.product, variants=[row_of(variant)]))

        assert response.status_code == 302
        assert Variant.objects.values().get() == before


class TestPriceInTheForm:
    def test_changes(self, catalogue):
        variant = VariantFactory()

        catalogue.post(
            page_of(variant.product),
            form(variant.product, variants=[row_of(variant, price="17.90", compare_at_price="20")]),
        )

        variant.refresh_from_db()
        assert (variant.price, variant.compare_at_price) == (Decimal("17.90"), Decimal("20"))

    def test_is_in_the_shops_currency_once_it_changes(self, catalogue):
        variant = VariantFactory(currency="JPY", price=Decimal(900))

        catalogue.post(page_of(variant.product), form(variant.product, variants=[row_of(variant, price="9.50")]))

        variant.refresh_from_db()
        assert (variant.price, variant.currency) == (Decimal("9.50"), "EUR")

    @pytest.mark.parametrize("amount", ["12.345", "-1", "1e12", "NaN", "free"])
    def test_is_refused_where_set_price_refuses_it(self, catalogue, amount):
        variant = VariantFactory(price=Decimal(20))

        response = catalogue.post(
            page_of(variant.product), form(variant.product, variants=[row_of(variant, price=amount)])
        )

        assert "price" in errors_of(response)
        variant.refresh_from_db()
        assert variant.price == 20

    def test_can_be_taken_away_from_a_draft(self, catalogue):
        variant = VariantFactory(product__status="draft")

        catalogue.post(page_of(variant.product), form(variant.product, variants=[row_of(variant, price=None)]))

        variant.refresh_from_db()
        assert variant.price is None


class TestOptionsInTheForm:
    @pytest.mark.parametrize(
        ("text", "options"),
        [
            ("", []),
            ("Size: M", [["Size", "M"]]),
            (" Size :M ,Colour: Red", [["Size", "M"], ["Colour", "Red"]]),
            ("Volume: 1,5 l, Colour: Red", [["Volume", "1,5 l"], ["Colour", "Red"]]),
            ("Ratio: 16:9", [["Ratio", "16:9"]]),
        ],
    )
    def test_are_pairs_in_order(self, catalogue, text, options):
        catalogue.post(ADD, form(variants=[{"sku": "MUG", "options": text}]))

        assert Variant.objects.get().options == options

    @pytest.mark.parametrize("text", ["M", "Size:", ": M", "Size: M, size: L"])
    def test_must_be_named_once_and_have_a_value(self, catalogue, text):
        response = catalogue.post(ADD, form(variants=[{"sku": "MUG", "options": text}]))

        assert "option" in errors_of(response)
        assert not Variant.objects.exists()

    def test_tell_two_variants_apart(self, catalogue):
        rows = [{"sku": "A", "options": "Size: M"}, {"sku": "B", "options": "Size: M"}]

        response = catalogue.post(ADD, form(variants=rows))

        assert "Two variants have the same options" in errors_of(response)
        assert not Variant.objects.exists()

    def test_cannot_be_swapped_in_one_go(self, catalogue):
        product = ProductFactory()
        first = VariantFactory(product=product, options=[["Size", "M"]])
        second = VariantFactory(product=product, options=[["Size", "L"]])
        rows = [row_of(first, options="Size: L"), row_of(second, options="Size: M")]

        response = catalogue.post(page_of(product), form(product, variants=rows))

        assert "one save at a time" in errors_of(response)


class TestStockTrackingInTheForm:
    def test_starts_with_an_empty_record(self):
        variant = VariantFactory(on_hand=None)

        staff_client("Catalogue", "Stock").post(
            page_of(variant.product), form(variant.product, variants=[row_of(variant, track_stock=True)])
        )

        assert Variant.objects.get().stock.on_hand == 0

    def test_stops_through_the_ledger_with_who(self):
        variant = VariantFactory(on_hand=4)
        person = staff_client("Catalogue", "Stock")

        person.post(page_of(variant.product), form(variant.product, variants=[row_of(variant, track_stock=False)]))

        assert Variant.objects.get().available() is None
        assert variant.movements.order_by("pk").last().by == person.user

    def test_does_not_stop_while_an_order_holds_units(self):
        variant = VariantFactory(on_hand=4)
        stock.reserve({variant.pk: 1}, reference="order 7K3M-Q9TX", at=timezone.now())

        response = staff_client("Catalogue", "Stock").post(
            page_of(variant.product), form(variant.product, variants=[row_of(variant, track_stock=False)])
        )

        assert "order 7K3M-Q9TX" in errors_of(response)
        assert Variant.objects.get().track_stock

    def test_is_not_switched_without_the_stock_permission(self, catalogue):
        variant = VariantFactory(on_hand=4)

        catalogue.post(page_of(variant.product), form(variant.product, variants=[row_of(variant, track_stock=False)]))

        assert Variant.objects.get().stock.on_hand == 4


class TestPicturesInTheForm:
    def upload(self, content=None):
        if content is None:
            file = BytesIO()
            Image.new("RGB", (300, 400), "teal").save(file, "JPEG")
            content = file.getvalue()
        return SimpleUploadedFile("../../evil.php.jpg", content, content_type="image/jpeg")

    def test_are_uploaded_as_two_webp_files_with_a_name_of_our_own(self, catalogue):
        variant = VariantFactory()

        catalogue.post(
            page_of(variant.product),
            form(
                variant.product,
                variants=[row_of(variant)],
                pictures=[{"upload": self.upload(), "alt_text": "A mug"}],
            ),
        )

        picture = ProductImage.objects.get()
        assert picture.alt_text == "A mug"
        assert picture.image.name.startswith("products/") and picture.image.name.endswith(".webp")
        assert "evil" not in picture.image.name + picture.thumbnail.name

    def test_go_to_the_end_unless_placed(self, catalogue):
        variant = VariantFactory()
        first = ProductImageFactory(product=variant.product)
        rows = [{"id": first.pk, "alt_text": "First", "position": 0}, {"upload": self.upload()}]

        catalogue.post(page_of(variant.product), form(variant.product, variants=[row_of(variant)], pictures=rows))

        assert ProductImage.objects.exclude(pk=first.pk).get().position == 1

    @pytest.mark.parametrize("content", [b"<?php system($_GET['x']);", b"<svg onload='alert(1)'/>", b"GIF89a"])
    def test_are_refused_when_they_are_none(self, catalogue, content):
        variant = VariantFactory()

        response = catalogue.post(
            page_of(variant.product),
            form(variant.product, variants=[row_of(variant)], pictures=[{"upload": self.upload(content)}]),
        )

        assert "Nothing was kept." in errors_of(response)
        assert not ProductImage.objects.exists()

    def test_show_in_the_form(self, catalogue):
        variant = VariantFactory()
        picture = ProductImageFactory(product=variant.product)

        page = catalogue.get(page_of(variant.product)).content.decode()

        assert picture.thumbnail.url in page


class TestForeignCurrency:
    def test_is_told_in_the_list_and_beside_the_price(self):
        product = ProductFactory(name="Kettle")
        VariantFactory(product=product, price=Decimal("879.99"), currency="USD")

        listed = staff_client().get(LIST).content.decode()
        page = staff_client().get(page_of(product)).content.decode()

        assert "879.99, not on sale" in listed
        assert "USD, so it is not on sale. A price entered here is in EUR." in page

    def test_has_no_column_where_all_prices_are_in_the_shops(self):
        product = VariantFactory(price=Decimal("9.99")).product

        assert "field-foreign_currency" not in staff_client().get(page_of(product)).content.decode()
