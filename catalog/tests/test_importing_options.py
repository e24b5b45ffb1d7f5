import csv
import io

import pytest

from catalog.errors import WrongCurrency
from catalog.importing.changes import Change
from catalog.importing.options import currency_code
from catalog.importing.report import CHANGES_KEPT, FAULTS_KEPT
from catalog.importing.report_text import as_text
from catalog.models import PictureAddress, Product, Variant
from catalog.tests.importing import counts, everything, further_row, shopify_row
from pricing.models import TaxClass

pytestmark = pytest.mark.django_db


def told(report):
    return [change for _place, _product, change in report.changes]


class TestStrict:
    def test_writes_all_where_all_is_right(self, take_in):
        report = take_in({"name": "Mug", "price": 5}, {"name": "Bowl", "price": 6}, strict=True)

        assert counts(report) == (2, 0, 0, 0)
        assert Product.objects.count() == 2
        assert not report.refused

    def test_writes_nothing_where_anything_is_wrong(self, take_in):
        report = take_in({"name": "Mug", "price": 5}, {"name": "Bowl", "price": "abc"}, strict=True)

        assert everything() == [[]] * 7
        assert report.refused
        assert [found.place.record for found in report.faults] == [2]

    def test_finds_what_only_the_shop_can_tell(self, take_in):
        take_in({"asin": "B1", "sku": "MUG", "name": "Mug", "price": 5})
        before = everything()

        report = take_in(
            {"name": "Cup", "price": 5}, {"asin": "B2", "sku": "MUG", "name": "Bowl", "price": 7}, strict=True
        )

        assert report.refused
        assert everything() == before

    def test_tells_both_passes(self, take_in):
        doings = []

        take_in({"name": "Mug"}, strict=True, progress=lambda count, fraction, doing: doings.append(doing))

        assert doings == ["products checked", "products"]


class TestChanges:
    def test_name_each_field_before_and_after(self, take_in):
        first = {"sku": "MUG", "name": "Mug", "price": 5, "category": "Home", "color": "Blue"}
        take_in(first)

        report = take_in(first | {"name": "Big mug", "price": 6, "category": "Home > Kitchen", "color": "Red"})

        assert told(report) == [
            Change("", "name", "Mug", "Big mug"),
            Change("", "category", "Home", "Home > Kitchen"),
            Change("", "Colour", "Blue", "Red"),
            Change("MUG", "price", "5.00", "6.00"),
        ]

    def test_a_new_variant_of_a_known_product_is_one(self, take_in):
        first = shopify_row(Option1_Name="Size", Option1_Value="S")
        take_in(first, as_csv=True)

        report = take_in(first, further_row("mug", Option1_Value="L", Variant_SKU="L", Variant_Price="14"), as_csv=True)

        assert told(report) == [Change("L", "variant", "", "L")]

    def test_the_dry_run_says_the_same_as_the_run(self, take_in):
        take_in({"sku": "MUG", "name": "Mug", "price": 5})
        record = {"sku": "MUG", "name": "Big mug", "price": 6, "pictures": ["https://x.test/1.jpg"]}

        dry = told(take_in(record, dry_run=True))

        assert dry == told(take_in(record))
        assert len(dry) == 3

    def test_long_texts_are_cut_and_many_changes_counted(self, take_in):
        names = [f"Mug {number}" for number in range(CHANGES_KEPT + 1)]
        take_in(*({"sku": name, "name": name} for name in names))

        report = take_in(*({"sku": name, "name": name, "description": "x" * 100} for name in names))

        assert (len(report.changes), report.changes_found) == (CHANGES_KEPT, CHANGES_KEPT + 1)
        assert told(report)[0].after == "x" * 79 + "…"

    def test_programs_read_where_they_stand(self, take_in):
        take_in({"sku": "MUG", "name": "Mug", "price": 5})

        report = take_in({"sku": "MUG", "name": "Mug", "price": 6}).as_json()

        assert report["changes"] == [
            {
                "line": None,
                "record": 1,
                "product": "Mug",
                "sku": "MUG",
                "field": "price",
                "before": "5.00",
                "after": "6.00",
            }
        ]


class TestErrorFile:
    def lines(self, take_in, *records):
        stream = io.StringIO()
        take_in(*records, errors=stream)
        return list(csv.reader(io.StringIO(stream.getvalue())))

    def test_names_each_fault_with_its_place(self, take_in):
        assert self.lines(take_in, {"name": "Mug", "price": "abc"}) == [
            ["file", "line", "record", "column", "value", "sentence"],
            ["products.json", "", "1", "price", "abc", "This is not a price; write it like 12.34."],
        ]

    def test_has_them_all_however_many_the_report_keeps(self, take_in):
        lines = self.lines(take_in, *({"name": f"Mug {number}", "price": "x"} for number in range(FAULTS_KEPT + 1)))

        assert len(lines) == FAULTS_KEPT + 2

    def test_holds_nothing_that_a_spreadsheet_computes(self, take_in):
        assert self.lines(take_in, {"name": "Mug", "price": "=1+1"})[1][4] == "'=1+1"


class TestCurrency:
    def test_prices_are_stored_in_it_as_they_are(self, take_in, settings):
        settings.SHOP_CURRENCY = "EUR"

        report = take_in({"sku": "MUG", "name": "Mug", "price": "12.50", "currency": "USD"}, currency="USD")

        variant = Variant.objects.get()
        assert (variant.price, variant.currency, variant.is_sellable()) == (12.5, "USD", False)
        assert report.notes() == [
            "1 variant is priced in USD and not in the shop's EUR, so it is not on sale.",
        ]

    def test_read_again_changes_nothing(self, take_in):
        take_in({"sku": "MUG", "name": "Mug", "price": 5}, currency="USD")

        assert counts(take_in({"sku": "MUG", "name": "Mug", "price": 5}, currency="USD")) == (0, 0, 1, 0)

    def test_without_a_price_the_shops_own_stays(self, take_in):
        take_in({"sku": "MUG", "name": "Mug", "price": 5})

        assert counts(take_in({"sku": "MUG", "name": "Mug"}, currency="USD")) == (0, 0, 1, 0)

    def test_the_file_may_not_say_another(self, take_in):
        assert counts(take_in({"name": "Mug", "price": 5, "currency": "EUR"}, currency="USD")) == (0, 0, 0, 1)

    @pytest.mark.parametrize(("written", "code"), [("usd", "USD"), (" EUR ", "EUR"), ("", "")])
    def test_a_code_is_of_iso_4217(self, written, code):
        assert currency_code(written) == code

    @pytest.mark.parametrize("written", ["XYZ", "US", "dollars", "€"])
    def test_another_code_is_refused(self, written):
        with pytest.raises(WrongCurrency, match="is no currency of ISO 4217"):
            currency_code(written)


class TestFetchImages:
    RECORD = {"sku": "MUG", "name": "Mug", "price": 5, "pictures": ["https://x.test/1.jpg"]}

    def test_wants_the_addresses_of_the_file(self, take_in):
        take_in(self.RECORD, fetch_images=True)

        assert PictureAddress.objects.get().state == "wanted"

    def test_wants_those_of_products_that_do_not_change_too(self, take_in):
        take_in(self.RECORD)
        assert PictureAddress.objects.get().state == "known"

        take_in(self.RECORD, fetch_images=True)

        assert PictureAddress.objects.get().state == "wanted"

    def test_wants_nothing_in_a_dry_run(self, take_in):
        take_in(self.RECORD)

        take_in(self.RECORD, fetch_images=True, dry_run=True)

        assert PictureAddress.objects.get().state == "known"


class TestTaxClass:
    RECORD = {"sku": "BOOK", "name": "Book", "price": 5, "tax_class": "reduced"}

    def test_is_known_by_its_code(self, take_in):
        reduced = TaxClass.objects.create(code="reduced", name="Reduced")

        take_in(self.RECORD)

        assert Product.objects.get().tax_class == reduced
        assert counts(take_in(self.RECORD)) == (0, 0, 1, 0)

    def test_one_that_the_shop_lacks_is_wrong(self, take_in):
        TaxClass.objects.create(code="books", name="Books")

        report = take_in(self.RECORD)

        assert counts(report) == (0, 0, 0, 1)
        assert report.faults[0].sentence.startswith("The shop has no tax class with this code; it has: ")
        assert not Product.objects.exists()


class TestAttributesOfSeveralValues:
    def record(self, *values):
        return {"sku": "MUG", "name": "Mug", "price": 5, "attributes": {"Material": list(values)}}

    def said(self):
        return sorted(Product.objects.get().attributes.values_list("value", flat=True))

    def test_are_all_kept(self, take_in):
        take_in(self.record("Oak", "Wool"))

        assert self.said() == ["Oak", "Wool"]
        assert counts(take_in(self.record("Wool", "Oak"))) == (0, 0, 1, 0)

    def test_take_the_place_of_those_of_that_name(self, take_in):
        take_in(self.record("Oak", "Wool"))

        report = take_in(self.record("Oak", "Felt"))

        assert self.said() == ["Felt", "Oak"]
        assert told(report) == [Change("", "Material", "Oak, Wool", "Oak, Felt")]

    def test_go_where_the_file_says_fewer(self, take_in):
        take_in(self.record("Oak", "Wool"))

        take_in(self.record("Oak"))

        assert self.said() == ["Oak"]

    def test_are_left_alone_where_the_file_is_silent(self, take_in):
        take_in(self.record("Oak", "Wool"))

        take_in({"sku": "MUG", "name": "Mug", "price": 6})

        assert self.said() == ["Oak", "Wool"]


class TestInterruptedWhileChecking:
    def test_a_strict_import_writes_nothing_and_says_so(self, take_in):
        def interrupt(count, fraction, doing):
            raise KeyboardInterrupt

        report = take_in({"name": "Mug", "price": 5}, strict=True, progress=interrupt)

        assert report.refused
        assert as_text(report).endswith("Nothing was written, because the file was not read to its end.")
        assert everything() == [[]] * 7
