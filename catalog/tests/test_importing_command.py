import io
import json

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Product
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
            "Pictures are not imported; 1 product names some.",
        ]
        assert not Product.objects.exists()

    def test_json_tells_an_unreadable_file_too(self, run, tmp_path):
        output, code = run(tmp_path / "none.csv", "--json")

        assert code == 2
        assert json.loads(output.splitlines()[0])["code"] == "unreadable_file"
