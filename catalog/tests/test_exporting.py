import csv
import gzip
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from catalog import shopify_columns
from catalog.exporting import catalogue
from catalog.exporting.formats import FORMATS, Format
from catalog.importing.apply import import_products
from catalog.models import Product, Variant
from catalog.tests.catalogues import described, differences, empty_shop
from catalog.tests.factories import (
    CategoryFactory,
    ProductAttributeFactory,
    ProductFactory,
    ProductImageFactory,
    VariantFactory,
)
from catalog.tests.odd_catalogues import catalogues, make
from catalog.tests.staff import staff_client

pytestmark = pytest.mark.django_db
# A whole catalogue out and in takes ten times as long as what other properties try.
seldom = hypothesis_settings(max_examples=hypothesis_settings.default.max_examples // 10)
both_formats = pytest.mark.parametrize("kind", list(Format))


def exported(kind: Format) -> str:
    return "".join(FORMATS[kind].texts())


def imported(text: str, folder: Path):
    """Take in an export; the report."""
    path = folder / "export"
    path.write_text(text, encoding="utf-8", newline="")
    return import_products(path, at=timezone.now())


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(Format.SHOPIFY), newline="")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("exports")


@both_formats
class TestExportAndImport:
    @pytest.mark.both_databases
    @seldom
    @given(wanted=catalogues())
    def test_give_an_equal_catalogue_in_an_empty_shop(self, kind, folder, wanted):
        empty_shop()
        make(wanted)
        before, text = described(), exported(kind)
        empty_shop()

        report = imported(text, folder)

        assert [fault.sentence for fault in report.faults] == []
        assert differences(before, described()) == []
        assert exported(kind) == text

    @pytest.mark.both_databases
    @seldom
    @given(wanted=catalogues())
    def test_change_nothing_in_the_same_shop(self, kind, folder, wanted):
        empty_shop()
        make(wanted)
        before = described()

        report = imported(exported(kind), folder)

        assert (report.changes, report.faults) == ([], [])
        assert (report.new, report.changed, report.wrong, report.unchanged) == (0, 0, 0, len(wanted))
        assert differences(before, described()) == []


class TestDescription:
    def test_of_plain_text_beside_html_changes_no_more_once_it_is_in(self, folder):
        record = {"name": "Bed", "sku": "BED-1", "description": "<p>A bed.</p>", "features": "25&ldquo; wide"}
        imported(json.dumps([record]), folder)

        report = imported(exported(Format.SHOPIFY), folder)

        assert (report.changed, report.unchanged) == (0, 1)


class TestShopifyCsv:
    def test_has_a_row_for_each_variant_and_further_picture(self):
        product = ProductFactory(slug="mug", name="Mug", status=Product.Status.DRAFT)
        VariantFactory(product=product, sku="M-1", options=[["Size", "S"]], price="12.50", on_hand=4)
        VariantFactory(product=product, sku="M-2", options=[["Size", "L"]], price=None, on_hand=None)
        for position in range(3):
            ProductImageFactory(product=product, image=f"products/{position}.webp", position=position)

        first, second, third = rows()

        assert [row["Handle"] for row in (first, second, third)] == ["mug"] * 3
        assert (first["Title"], first["Status"], first["Published"]) == ("Mug", "draft", "false")
        assert (first["Option1 Name"], first["Option1 Value"], second["Option1 Value"]) == ("Size", "S", "L")
        assert (first["Variant Price"], first["Variant Inventory Qty"]) == ("12.50", "4")
        assert (second["Variant Price"], second["Variant Inventory Tracker"], second["Title"]) == ("", "", "")
        assert (third["Variant SKU"], third["Image Position"]) == ("", "3")
        assert third["Image Src"] == "http://127.0.0.1:8000/media/products/2.webp"

    def test_tells_facts_as_metafields_each_in_a_column_of_its_own(self):
        product = VariantFactory().product
        for name, value in [("Colour", "Red"), ("Colour", "Blue"), ("colour", "grey"), ("材質", "a; b")]:
            ProductAttributeFactory(product=product, name=name, value=value)

        [row] = rows()

        assert row["Colour (product.metafields.custom.colour)"] == "Blue; Red"
        assert row["colour (product.metafields.custom.colour_2)"] == "grey"
        assert row["材質 (product.metafields.custom.attribute)"] == '["a; b"]'

    def test_says_where_in_the_tree_a_product_stands(self):
        kitchen = CategoryFactory(name="Kitchen", parent=CategoryFactory(name="Home"))
        odd = CategoryFactory(name="Knives > Forks", parent=kitchen)
        VariantFactory(product__category=kitchen)
        VariantFactory(product__category=odd)

        plain, quoted = rows()

        assert (plain["Type"], plain[shopify_columns.CATEGORY_PATH]) == ("Home > Kitchen", "")
        assert json.loads(quoted[shopify_columns.CATEGORY_PATH]) == ["Home", "Kitchen", "Knives > Forks"]

    @pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "'=1+1"])
    def test_lets_no_spreadsheet_compute_with_what_a_shopkeeper_wrote(self, name):
        VariantFactory(product__name=name)

        assert rows()[0]["Title"] == f"'{name}"

    def test_keeps_variants_of_more_than_three_options_apart(self):
        product = ProductFactory()
        for size in ("S", "L"):
            options = [["Colour", "Red"], ["Cut", "Slim"], ["Sleeve", "Long"], ["Size", size]]
            VariantFactory(product=product, options=options)

        first, second = rows()

        assert (first["Option3 Name"], first["Option3 Value"]) == ("Sleeve / Size", "Long / S")
        assert second["Option3 Value"] == "Long / L"
        assert json.loads(second[shopify_columns.OPTIONS])[3] == ["Size", "L"]


class TestJsonLines:
    def test_say_all_of_a_product_on_one_line(self):
        VariantFactory(sku="M-1", price="12.50", product__slug="mug", product__description="One\nTwo")

        [line] = exported(Format.JSONL).splitlines()

        product = json.loads(line)
        assert (product["handle"], product["description"]) == ("mug", "One\nTwo")
        assert product["variants"][0]["price"] == "12.50"


@both_formats
class TestReading:
    def test_takes_as_many_statements_for_many_products_as_for_few(self, kind):
        def statements() -> int:
            with CaptureQueriesContext(
                connection,
            ) as seen:
                exported(kind)
            return len(seen)

        def add(count: int) -> None:
            for variant in VariantFactory.create_batch(count, product__category=CategoryFactory()):
                ProductAttributeFactory(product=variant.product)
                ProductImageFactory(product=variant.product)

        add(2)
        few = statements()
        add(18)

        assert statements() == few

    def test_holds_few_products_in_memory_however_many_there_are(self, kind, monkeypatch):
        monkeypatch.setattr(catalogue, "PRODUCTS_AT_ONCE", 100)
        Product.objects.bulk_create(
            Product(name="Mug", slug=f"mug-{number}", description="clay " * 2000) for number in range(500)
        )
        Variant.objects.bulk_create(Variant(product=mug, sku=mug.slug) for mug in Product.objects.defer("description"))

        tracemalloc.start()
        try:
            size = sum(len(text) for text in FORMATS[kind].texts())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        assert size > 5_000_000
        assert peak < 4_000_000


class TestExportProducts:
    def test_writes_the_format_that_the_name_says(self, tmp_path):
        VariantFactory()
        table, lines = tmp_path / "all.csv", tmp_path / "all.jsonl.gz"

        call_command("export_products", table)
        call_command("export_products", lines)

        assert table.read_bytes().decode() == exported(Format.SHOPIFY)
        assert gzip.decompress(lines.read_bytes()).decode() == exported(Format.JSONL)
        assert sorted(tmp_path.iterdir()) == [table, lines]

    def test_writes_to_standard_output_without_a_file(self):
        VariantFactory()
        output = io.StringIO()

        call_command("export_products", format="jsonl", stdout=output)

        assert output.getvalue() == exported(Format.JSONL)

    def test_packs_the_same_catalogue_into_the_same_bytes(self, tmp_path):
        VariantFactory()
        first, second = tmp_path / "1.csv.gz", tmp_path / "2.csv.gz"

        call_command("export_products", first)
        call_command("export_products", second)

        assert first.read_bytes() == second.read_bytes()

    def test_leaves_the_old_file_where_it_breaks_off(self, tmp_path):
        VariantFactory(options="no pairs", title="")
        file = tmp_path / "all.csv"
        file.write_text("yesterday's")

        with pytest.raises(ValueError, match="unpack"):
            call_command("export_products", file)

        assert file.read_text() == "yesterday's"
        assert list(tmp_path.iterdir()) == [file]

    def test_says_where_it_cannot_write(self, tmp_path):
        with pytest.raises(CommandError, match="cannot be written: No such file or directory") as refusal:
            call_command("export_products", tmp_path / "nowhere" / "all.csv")

        assert refusal.value.returncode == 2


class TestDownload:
    @pytest.mark.parametrize("kind", list(Format))
    def test_streams_the_catalogue_to_staff_who_may_see_it(self, kind):
        VariantFactory()

        response = staff_client("Catalogue").get(reverse("admin:catalog_export", args=[kind]))

        assert response.streaming
        assert b"".join(response.streaming_content).decode() == exported(kind)
        assert response["Content-Disposition"].startswith('attachment; filename="quiet-shelf-')

    def test_is_refused_to_others(self):
        page = reverse("admin:catalog_export", args=[Format.SHOPIFY])

        assert staff_client("Orders").get(page).status_code == 403

    def test_is_offered_above_the_list_of_products(self):
        page = staff_client("Catalogue").get(reverse("admin:catalog_product_changelist")).content.decode()

        assert reverse("admin:catalog_export", args=[Format.JSONL]) in page
        assert reverse("admin:catalog_catalogueimport_add") in page
