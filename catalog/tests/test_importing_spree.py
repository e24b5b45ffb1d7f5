from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.importing.apply import import_products
from catalog.importing.options import Options
from catalog.importing.source import UnreadableFile
from catalog.models import Product, Variant
from catalog.tests.importing import csv_text, write_csv
from catalog.tests.reading import reading

# The product's own row, then a row for each variant in dollars and one in euros, which says only the price.
PRODUCT = {
    "slug": "kettle",
    "sku": "KETTLE",
    "name": "Kettle",
    "price": "0",
    "compare_at_price": "0",
    "currency": "USD",
    "status": "active",
    "description": "Boils.",
    "meta_title": "Kettles",
    "category1": "Kitchen -> Kettles",
    "option1_name": "",
    "option1_value": "",
    "image1_src": "https://pictures.test/kettle.jpg",
    "weight": "",
    "weight_unit": "lb",
    "inventory_count": "",
    "track_inventory": "",
    "custom_field.custom.max_power": "1400 W",
}
NOTHING = dict.fromkeys(PRODUCT, "")


def dollars(colour: str, price: str = "79.99", **cells: str) -> dict[str, str]:
    return NOTHING | {
        **{"slug": "kettle", "sku": f"KETTLE-{colour}", "price": price, "compare_at_price": "0", "currency": "USD"},
        **{"option1_name": "Color", "option1_value": colour, "weight": "2", "weight_unit": "lb"},
        **{"inventory_count": "7", "track_inventory": "TRUE", "image1_src": f"https://pictures.test/{colour}.jpg"},
        **cells,
    }


def euros(colour: str, price: str = "74.99", **cells: str) -> dict[str, str]:
    said = {"slug": "kettle", "sku": f"KETTLE-{colour}", "price": price, "currency": "EUR"}
    return NOTHING | said | cells


KETTLE = [PRODUCT, dollars("Red"), dollars("Blue"), euros("Red"), euros("Blue")]


@pytest.fixture
def read(tmp_path):
    return lambda *rows, currency="USD": reading(tmp_path, csv_text(list(rows)), currency=currency)


class TestSpreeProducts:
    def test_variants_have_the_wanted_currencys_prices(self, read):
        found = read(*KETTLE)

        [kettle] = found.products
        assert found.format == "Spree CSV"
        assert [(variant.sku, variant.price, variant.options) for variant in kettle.variants] == [
            ("KETTLE-Red", Decimal("79.99"), (("Color", "Red"),)),
            ("KETTLE-Blue", Decimal("79.99"), (("Color", "Blue"),)),
        ]

    def test_the_product_is_described_by_its_own_row(self, read):
        [kettle] = read(*KETTLE).products

        assert (kettle.name, kettle.ids, kettle.status) == ("Kettle", {"handle": "kettle"}, "active")
        assert (kettle.description, kettle.seo_title) == ("Boils.", "Kettles")
        assert kettle.category == ("Kitchen", "Kettles")
        assert kettle.attributes == {"Max power": ("1400 W",)}
        assert [picture.address for picture in kettle.pictures] == [
            "https://pictures.test/kettle.jpg",
            "https://pictures.test/Red.jpg",
            "https://pictures.test/Blue.jpg",
        ]

    def test_a_variant_says_weight_stock_and_picture(self, read):
        [kettle] = read(*KETTLE).products

        red = kettle.variants[0]
        assert (red.weight_grams, red.stock, red.picture) == (907, 7, "https://pictures.test/Red.jpg")

    def test_each_row_of_another_currency_is_skipped_and_its_currency_named(self, read):
        found = read(*KETTLE)

        assert [(skipped.place.line, skipped.reason) for skipped in found.skipped] == [
            (5, "The price is in EUR; prices are taken in USD."),
            (6, "The price is in EUR; prices are taken in USD."),
        ]
        assert found.faults == []

    def test_what_only_another_currencys_row_says_of_a_variant_is_taken_except_its_price(self, read):
        found = read(*KETTLE, currency="EUR")

        [kettle] = found.products
        assert [(variant.price, variant.options, variant.stock) for variant in kettle.variants] == [
            (Decimal("74.99"), (("Color", "Red"),), 7),
            (Decimal("74.99"), (("Color", "Blue"),), 7),
        ]
        assert kettle.name == "Kettle"
        assert len(found.skipped) == 3

    def test_a_product_without_a_price_in_the_currency_is_skipped_whole(self, read):
        found = read(PRODUCT, dollars("Red"), euros("Red") | {"slug": "pan", "sku": "PAN", "name": "Pan"})

        assert [product.name for product in found.products] == ["Kettle"]
        assert [skipped.place.line for skipped in found.skipped] == [4]

    def test_a_file_without_any_price_in_the_currency_is_refused(self, read):
        with pytest.raises(UnreadableFile, match="no price in GBP, only in USD, EUR. .* --currency USD"):
            read(*KETTLE, currency="GBP")

    def test_a_row_that_names_no_currency_is_in_the_wanted_one(self, read):
        found = read(PRODUCT | {"currency": "", "price": "5"}, currency="GBP")

        assert found.products[0].variants[0].price == 5

    def test_a_product_without_options_is_its_own_variant(self, read):
        [kettle] = read(PRODUCT | {"price": "39.99"}).products

        assert [(variant.sku, variant.price, variant.options) for variant in kettle.variants] == [
            ("KETTLE", Decimal("39.99"), ())
        ]

    def test_rows_need_not_be_adjacent(self, read):
        pan = PRODUCT | {"slug": "pan", "sku": "PAN", "name": "Pan", "price": "5"}

        found = read(PRODUCT, pan, dollars("Red"), euros("Red"), dollars("Blue"))

        assert [(product.name, len(product.variants)) for product in found.products] == [("Kettle", 2), ("Pan", 1)]

    @pytest.mark.parametrize(
        ("compare_at_price", "kept"), [("0", None), ("", None), ("0.00", None), ("99.99", Decimal("99.99"))]
    )
    def test_a_compare_at_price_of_0_is_none(self, read, compare_at_price, kept):
        [kettle] = read(PRODUCT, dollars("Red", compare_at_price=compare_at_price)).products

        assert kettle.variants[0].compare_at_price == kept
        assert kettle.variants[0].says_compare_at

    @pytest.mark.parametrize(
        ("count", "track", "stock"),
        [("7", "TRUE", 7), ("7", "", 7), ("0", "true", 0), ("-2", "TRUE", 0), ("7", "FALSE", None), ("", "TRUE", None)],
    )
    def test_stock_is_tracked_where_it_is_counted(self, read, count, track, stock):
        [kettle] = read(PRODUCT, dollars("Red", inventory_count=count, track_inventory=track)).products

        assert kettle.variants[0].stock == stock

    @pytest.mark.parametrize(("weight", "unit", "grams"), [("2", "kg", 2000), ("2", "oz", 57), ("250", "g", 250)])
    def test_weights_come_in_their_units(self, read, weight, unit, grams):
        [kettle] = read(PRODUCT, dollars("Red", weight=weight, weight_unit=unit)).products

        assert kettle.variants[0].weight_grams == grams

    def test_all_that_is_wrong_is_named_once_with_its_row(self, read):
        found = read(PRODUCT, dollars("Red", "free", weight="heavy"), euros("Red"), dollars("Blue"))

        assert found.products == []
        assert sorted((fault.place.line, fault.column, fault.value) for fault in found.faults) == [
            (3, "price", "free"),
            (3, "weight", "heavy"),
        ]

    def test_a_product_without_a_name_is_wrong_and_others_come_in(self, read):
        pan = PRODUCT | {"slug": "pan", "sku": "PAN", "name": "Pan"}

        found = read(dollars("Red"), pan)

        assert [product.name for product in found.products] == ["Pan"]
        assert [(fault.place.line, fault.column) for fault in found.faults] == [(2, "name")]

    def test_rows_without_a_slug_are_wrong_one_by_one(self, read):
        found = read(PRODUCT | {"slug": ""}, PRODUCT | {"slug": ""}, PRODUCT)

        assert (found.wrong, len(found.products)) == (2, 1)

    def test_options_beyond_the_first_and_further_pictures_are_read(self, read):
        said = {"option2_name": "Size", "option2_value": "L", "image2_src": "https://pictures.test/2.jpg"}
        row = dollars("Red") | said

        [kettle] = read(PRODUCT | dict.fromkeys(said, ""), row).products

        assert kettle.variants[0].options == (("Color", "Red"), ("Size", "L"))
        assert kettle.pictures[-1].address == "https://pictures.test/2.jpg"

    def test_columns_that_are_not_taken_are_named(self, read):
        found = read(PRODUCT | {"tags": "hot", "available_on": "2026-01-01"})

        assert found.unused == {"tags"}


@pytest.mark.django_db
class TestImport:
    def test_a_second_run_changes_nothing(self, tmp_path):
        path = write_csv(tmp_path, KETTLE)
        options = Options(currency="USD")

        first, second = (import_products(path, at=timezone.now(), options=options) for _run in range(2))

        assert (first.new, first.new_variants, second.unchanged, second.changed) == (1, 2, 1, 0)
        assert Product.objects.get().slug == "kettle"
        assert set(Variant.objects.values_list("title", "price")) == {
            ("Red", Decimal("79.99")),
            ("Blue", Decimal("79.99")),
        }

    def test_nothing_is_made_of_a_file_without_the_currency(self, tmp_path):
        path = write_csv(tmp_path, KETTLE)

        with pytest.raises(UnreadableFile):
            import_products(path, at=timezone.now(), options=Options(currency="GBP"))

        assert not Product.objects.exists()
