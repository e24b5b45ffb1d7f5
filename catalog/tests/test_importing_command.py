import io
import json

import pytest
from django.core.management import CommandError, call_command

from catalog.models import PictureAddress, Product, StockRecord, Variant
from catalog.tests.importing import shopify_row, write_csv, write_json

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path):
    """What the command writes, and the code that it exits with."""

    def run(path, *options: str) -> tuple[str, int]:
        output = io.StringIO()
        try:
            call_command("import_products", str(path), *options, stdout=output)
        except SystemExit as stop:
            return output.getvalue(), stop.code
        except CommandError as error:
            return output.getvalue() + str(error), error.returncode
        return output.getvalue(), 0

    return run


class TestImportProducts:
    def test_all_right_exits_with_0(self, run, tmp_path):
        output, code = run(write_csv(tmp_path, [shopify_row()]))

        assert code == 0
        assert output == "products.csv (Shopify CSV): 1 new, 0 changed, 0 unchanged, 0 wrong; new variants: 1.\n"

    def test_wrong_rows_are_named_and_exit_with_1(self, run, tmp_path):
        output, code = run(write_csv(tmp_path, [{"name": "Mug", "price": "abc"}, {"name": "Bowl", "price": "5"}]))

        assert code == 1
        assert output.splitlines()[0] == (
            "products.csv, line 2: price “abc”: This is not a price; write it like 12.34."
        )
        assert Product.objects.get().name == "Bowl"

    @pytest.mark.parametrize("content", ["", "no catalogue", "[1, 2"])
    def test_an_unreadable_file_exits_with_2_and_a_sentence(self, run, tmp_path, content):
        path = tmp_path / "letter.txt"
        path.write_text(content)

        output, code = run(path)

        assert code == 2
        assert output

    def test_a_file_that_breaks_off_exits_with_2_and_keeps_what_was_read(self, run, tmp_path):
        path = write_csv(tmp_path, [{"name": f"Mug {number}", "price": "5"} for number in range(250)])
        with path.open("a") as file:
            file.write('"' + "x" * 9_000_000)

        output, code = run(path)

        assert code == 2
        assert "From line 252 on the file is no readable CSV" in output
        assert Product.objects.count() == 250

    def test_json_tells_programs_the_same(self, run, tmp_path):
        path = write_json(tmp_path, [{"name": "Mug", "price": "abc"}, {"name": "Bowl", "images": ["https://x.test/1"]}])

        output, code = run(path, "--json", "--dry-run")

        report = json.loads(output)
        assert code == 1
        assert (report["new"], report["wrong"], report["drafts"], report["dry_run"]) == (1, 1, 1, True)
        assert report["faults"] == [
            {
                "file": "products.json",
                "line": None,
                "record": 1,
                "column": "price",
                "value": "abc",
                "sentence": "This is not a price; write it like 12.34.",
            }
        ]
        assert report["notes"] == [
            "1 new product has no price and is a draft.",
            "1 new picture is known by its address.",
        ]
        assert not Product.objects.exists()

    def test_json_tells_an_unreadable_file_too(self, run, tmp_path):
        output, code = run(tmp_path / "none.csv", "--json")

        assert code == 2
        assert json.loads(output.splitlines()[0])["code"] == "unreadable_file"


class TestOptions:
    def test_a_dry_run_shows_each_change(self, run, tmp_path):
        run(write_csv(tmp_path, [shopify_row()]))

        output, code = run(write_csv(tmp_path, [shopify_row(Title="Big mug", Variant_Price="13")]), "--dry-run")

        assert code == 0
        assert output.splitlines() == [
            "products.csv, line 2: Big mug: name “Mug” → “Big mug”",
            "products.csv, line 2: Big mug (MUG-1): price “12.50” → “13.00”",
            "products.csv (Shopify CSV): 0 new, 1 changed, 0 unchanged, 0 wrong; new variants: 0. "
            "This was a dry run; nothing was written.",
        ]
        assert Product.objects.get().name == "Mug"

    def test_strict_exits_with_1_and_writes_nothing_unless_all_is_right(self, run, tmp_path):
        path = write_csv(tmp_path, [{"name": "Mug", "price": "abc"}, {"name": "Bowl", "price": "5"}])

        output, code = run(path, "--strict")

        assert code == 1
        assert output.endswith("Nothing was written, because 1 product is wrong.\n")
        assert not Product.objects.exists()

    def test_errors_go_to_a_file_for_spreadsheets(self, run, tmp_path):
        path = write_csv(tmp_path, [{"name": "Mug", "price": "abc"}])

        run(path, "--errors", str(tmp_path / "errors.csv"))

        assert (tmp_path / "errors.csv").read_text() == (
            "file,line,record,column,value,sentence\n"
            "products.csv,2,,price,abc,This is not a price; write it like 12.34.\n"
        )

    def test_an_error_file_that_cannot_be_written_stops_the_import(self, run, tmp_path):
        output, code = run(write_csv(tmp_path, [shopify_row()]), "--errors", str(tmp_path / "no" / "errors.csv"))

        assert code == 2
        assert "cannot be written" in output
        assert not Product.objects.exists()

    def test_map_says_what_columns_hold(self, run, tmp_path):
        path = tmp_path / "books.csv"
        path.write_text("9780262510875,Structure and Interpretation,50\n")

        _output, code = run(path, "--map", "1=barcode", "2=name", "3=price")

        assert code == 0
        assert Product.objects.get().variants.get().barcode == "9780262510875"

    @pytest.mark.parametrize("options", [["--map", "barcode"], ["--currency", "XYZ"]])
    def test_what_cannot_be_meant_exits_with_2(self, run, tmp_path, options):
        output, code = run(write_csv(tmp_path, [shopify_row()]), *options)

        assert code == 2
        assert not Product.objects.exists()

    def test_stock_set_corrects_the_counts(self, run, tmp_path):
        run(write_csv(tmp_path, [shopify_row()]))

        run(write_csv(tmp_path, [shopify_row(Variant_Inventory_Qty="3")]), "--stock=set")

        assert StockRecord.objects.get().on_hand == 3

    def test_currency_takes_prices_as_they_are(self, run, tmp_path):
        run(write_csv(tmp_path, [shopify_row()]), "--currency", "usd")

        assert Variant.objects.get().currency == "USD"

    def test_fetch_images_has_them_fetched(self, run, tmp_path):
        run(write_csv(tmp_path, [shopify_row(Image_Src="https://pictures.example/1.jpg")]), "--fetch-images")

        assert PictureAddress.objects.get().state == "wanted"
