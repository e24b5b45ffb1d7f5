import gzip
import json

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from catalog.importing import formats, jobs
from catalog.importing.json_list import listed
from catalog.importing.limits import MOST_ATTRIBUTES, MOST_PICTURES, MOST_VARIANTS
from catalog.importing.options import Options
from catalog.importing.source import PIECE, Source, UnreadableFile
from catalog.importing.tables import MOST_COLUMNS
from catalog.models import PictureAddress, Product, ProductAttribute, Variant
from catalog.tests.importing import counts, everything, further_row, shopify_row
from catalog.tests.reading import reading

# Longer than Python reads as a whole number, and an exponent that no decimal has.
LONG_NUMBERS = ["1" * 5_000, "1e99999999999999999999"]


def names(found):
    return [product.name for product in found.products]


def sentences(found):
    return [(fault.place.order(), fault.sentence) for fault in found.faults]


class TestLongNumbers:
    @pytest.mark.parametrize("number", LONG_NUMBERS)
    def test_make_one_line_wrong(self, tmp_path, number):
        content = f'{{"name": "Mug"}}\n{{"name": "Cup", "price": {number}}}\n{{"name": "Bowl"}}\n'

        found = reading(tmp_path, content)

        assert names(found) == ["Mug", "Bowl"]
        assert sentences(found) == [(2, "A number in this line is too large to be read.")]

    @pytest.mark.parametrize("number", LONG_NUMBERS)
    def test_are_told_of_the_first_line_too(self, tmp_path, number):
        found = reading(tmp_path, f'{{"name": "Mug", "price": {number}}}\n')

        assert (found.wrong, sentences(found)) == (1, [(1, "A number in this line is too large to be read.")])

    @pytest.mark.parametrize("number", LONG_NUMBERS)
    def test_end_a_list_behind_what_came_before(self, number):
        found = []

        with pytest.raises(UnreadableFile, match="From record 2 on .*: it has a number that is too large"):
            for value in listed([f'[{{"name": "Mug"}}, {{"price": {number}}}, {{"name": "Bowl"}}]']):
                found.append(value)

        assert found == [{"name": "Mug"}]

    @pytest.mark.parametrize("cut", [1, 7, 4_000])
    def test_are_found_however_the_text_is_cut(self, cut):
        text = f"[1, 22, {'3' * 4_301}, 4]"
        found = []

        with pytest.raises(UnreadableFile, match="From record 3 on .* too large"):
            for value in listed(text[start : start + cut] for start in range(0, len(text), cut)):
                found.append(value)

        assert found == [1, 22]

    def test_of_many_digits_are_read_where_they_can_be(self, tmp_path):
        number = "1" * 4_300

        assert list(listed(["[", *number, ",", number, "]"])) == [int(number)] * 2
        assert names(reading(tmp_path, f'{{"name": "Mug", "rating": {number}}}\n')) == ["Mug"]


def table(columns: int, *, of: str = "x" * 80) -> str:
    """A table of this many columns, with names so long that the last is not in the file's beginning."""
    further = range(1, columns)
    return f"name,{','.join(f'{of}{n}' for n in further)}\nMug,{','.join('y' for _n in further)}\n"


class TestColumns:
    @pytest.mark.parametrize("of", ["x", "x" * 80])
    def test_at_the_limit_are_read_and_beyond_it_refused(self, tmp_path, of):
        assert names(reading(tmp_path, table(MOST_COLUMNS, of=of))) == ["Mug"]
        with pytest.raises(UnreadableFile, match="more than 1000 columns"):
            reading(tmp_path, table(MOST_COLUMNS + 1, of=of))

    def test_are_counted_before_a_row_is_read(self, tmp_path):
        path = tmp_path / "products.csv"
        path.write_text(table(MOST_COLUMNS + 1, of="x"))
        source = Source(path)

        with pytest.raises(UnreadableFile, match="more than 1000 columns"):
            formats.read(source, Options())
        source.close()

    def test_of_a_table_without_a_header_are_limited_too(self, tmp_path):
        row = ",".join(["Mug"] * (MOST_COLUMNS + 1))

        with pytest.raises(UnreadableFile, match="more than 1000 columns"):
            reading(tmp_path, row, columns={"1": "name"})

    @pytest.mark.parametrize("form", ["[{}]", "{}\n"])
    def test_of_a_record_make_it_wrong_alone(self, tmp_path, form):
        most, more = (json.dumps({"name": "Mug"} | dict.fromkeys(map(str, range(1, n)), "")) for n in (1_000, 1_001))

        found = reading(tmp_path, form.replace("{}", f"{more},{most}" if form == "[{}]" else f"{more}\n{most}"))

        assert names(found) == ["Mug"]
        assert sentences(found) == [(1, "This record has 1001 fields; at most 1000 are read.")]


def attributes(count, *, of="a"):
    return {"attributes": {"Material": [f"{of}{n}" for n in range(count - 1)], of: [of]}}


def pictures(count, *, of="a"):
    return {"pictures": [f"https://pictures.test/{of}{n}.jpg" for n in range(count)]}


def variants(count, *, of="a"):
    return {"variants": [{"sku": f"{of}{n}", "options": {"Size": f"{of}{n}"}} for n in range(count)]}


@pytest.mark.django_db
class TestSize:
    CASES = (
        (attributes, ProductAttribute, MOST_ATTRIBUTES, "attributes"),
        (pictures, PictureAddress, MOST_PICTURES, "pictures"),
        (variants, Variant, MOST_VARIANTS, "variants"),
    )

    @pytest.mark.parametrize(("having", "rows", "limit", "word"), CASES)
    def test_a_product_at_the_limit_comes_in_and_stays_as_it_is(self, take_in, having, rows, limit, word):
        records = [{"name": "Mug", "handle": "mug", **having(limit)}]

        assert counts(take_in(*records)) == (1, 0, 0, 0)
        assert counts(take_in(*records)) == (0, 0, 1, 0)
        assert rows.objects.count() == limit

    @pytest.mark.parametrize(("having", "rows", "limit", "word"), CASES)
    def test_a_product_beyond_it_stays_out_alone(self, take_in, having, rows, limit, word):
        report = take_in({"name": "Mug", "handle": "mug", **having(limit + 1)}, {"name": "Bowl"})

        assert counts(report) == (1, 0, 0, 1)
        assert f"would have {limit + 1} {word}; at most {limit} are possible" in report.faults[0].sentence
        assert Product.objects.get().name == "Bowl"

    @pytest.mark.parametrize(("having", "rows", "limit", "word"), CASES)
    def test_what_the_shop_has_counts(self, take_in, having, rows, limit, word):
        mug = {"name": "Mug", "handle": "mug"}
        take_in(mug | having(limit))
        before = everything()
        further = {"attributes": {"Further": "x"}} if having is attributes else having(1, of="b")

        assert counts(take_in(mug | further)) == (0, 0, 0, 1)
        assert everything() == before

    @pytest.mark.parametrize(("having", "rows", "limit", "word"), CASES)
    def test_a_product_that_has_more_may_still_be_changed(self, take_in, monkeypatch, having, rows, limit, word):
        record = {"handle": "mug", **having(5)}
        take_in({"name": "Mug", **record})
        monkeypatch.setattr(f"catalog.importing.limits.MOST_{word.upper()}", 3)

        assert counts(take_in({"name": "Cup", **record})) == (0, 1, 0, 0)

    def test_counts_in_every_format(self, take_in):
        rows = [shopify_row(), *(further_row("mug", Image_Src=f"https://a.test/{n}.jpg") for n in range(251))]

        report = take_in(*rows, as_csv=True)

        assert counts(report) == (0, 0, 0, 1)
        assert "would have 251 pictures" in report.faults[0].sentence


class TestUploads:
    FAR = b"name,price\n" + b"Mug,5\n" * PIECE + "Öl,5\n".encode("cp1252")

    @pytest.mark.django_db
    def test_only_the_beginning_is_unpacked(self, monkeypatch):
        unpacked = []
        read1 = gzip.GzipFile.read1
        monkeypatch.setattr(gzip.GzipFile, "read1", lambda *args: unpacked.append(piece := read1(*args)) or piece)

        jobs.begin(
            file=ContentFile(gzip.compress(self.FAR)),
            name="products.csv.gz",
            options=Options(),
            by=None,
            at=timezone.now(),
        )

        assert 0 < sum(map(len, unpacked)) <= 2 * PIECE

    @pytest.mark.parametrize(("looks_far", "notes"), [(True, 1), (False, 0)])
    def test_the_encoding_is_found_from_as_much_as_is_looked_at(self, tmp_path, looks_far, notes):
        path = tmp_path / "products.csv"
        path.write_bytes(self.FAR)

        source = Source(path, looks_far=looks_far)
        source.close()

        assert len(source.notes) == notes
