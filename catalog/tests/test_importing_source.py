import codecs
import gzip
import io
import zipfile

import pytest
from django.utils import timezone

from catalog.importing.apply import import_products
from catalog.importing.source import LONGEST_LINE, PIECE, Source, UnreadableFile
from catalog.importing.tables import LONGEST_CELL, LONGEST_ROW
from catalog.models import Product
from catalog.tests.reading import reading

TABLE = "name,price\nTasse für Öl – 5 €,5\n"
NAME = "Tasse für Öl – 5 €"


def zipped(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def names(found):
    return [product.name for product in found.products]


@pytest.fixture
def source(tmp_path):
    """A file with this content, opened; it is closed at the end."""
    opened = []

    def source(content: bytes, **options) -> Source:
        path = tmp_path / "products.csv"
        path.write_bytes(content)
        opened.append(Source(path, **options))
        return opened[-1]

    yield source
    for each in opened:
        each.close()


class TestCharacters:
    @pytest.mark.parametrize(
        ("mark", "encoding"),
        [
            (b"", "utf-8"),
            (codecs.BOM_UTF8, "utf-8"),
            (codecs.BOM_UTF16_LE, "utf-16-le"),
            (codecs.BOM_UTF16_BE, "utf-16-be"),
            (b"", "utf-16-le"),
            (b"", "utf-16-be"),
            (b"", "cp1252"),
        ],
    )
    def test_the_encoding_is_found_from_the_bytes(self, tmp_path, mark, encoding):
        found = reading(tmp_path, mark + TABLE.encode(encoding))

        assert names(found) == [NAME]

    def test_windows_1252_is_noted(self, source):
        assert source(TABLE.encode("cp1252")).notes == ["The file is not in UTF-8; it was read as Windows-1252."]

    @pytest.mark.parametrize("content", [TABLE.encode(), b"name,price\nMug,5\n", TABLE.encode("utf-16")])
    def test_other_encodings_need_no_note(self, source, content):
        assert source(content).notes == []

    def test_bytes_far_into_the_file_count_too(self, tmp_path):
        far = b"name,description\nMug," + b"x" * 2 * PIECE + b"\n"

        assert names(reading(tmp_path, far + "Öl,\n".encode("cp1252")))[-1] == "Öl"

    @pytest.mark.parametrize("place", [PIECE - 1, PIECE, 64 * 1024 - 1])
    def test_a_character_that_two_pieces_share_is_one(self, source, place):
        content = b"x" * place + "ö".encode() + b"x" * PIECE

        assert "".join(source(content).text()) == content.decode()

    def test_a_few_broken_bytes_leave_a_file_in_utf_8_and_make_their_rows_wrong(self, tmp_path):
        found = reading(tmp_path, TABLE.encode() + b"Mug\xe9,5\n")

        assert names(found) == [NAME]
        assert [(fault.place.line, fault.sentence) for fault in found.faults] == [(3, "This is not text in UTF-8.")]

    @pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
    def test_any_line_ends_are_fine(self, tmp_path, line_end):
        found = reading(tmp_path, f"name,price{line_end}Mug,5{line_end}Bowl,x{line_end}")

        assert names(found) == ["Mug"]
        assert found.faults[0].place.line == 3


class TestPackedFiles:
    @pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"products.csv": content})])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
    def test_a_packed_table_is_unpacked(self, tmp_path, pack, encoding):
        assert names(reading(tmp_path, pack(TABLE.encode(encoding)))) == [NAME]

    def test_a_zip_archive_may_hold_its_table_as_it_is(self, tmp_path):
        assert names(reading(tmp_path, zipped({"products.csv": TABLE.encode()}, method=zipfile.ZIP_STORED))) == [NAME]

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_a_table_that_would_be_unpacked_at_once_is_refused(self, tmp_path, method):
        with pytest.raises(UnreadableFile, match="zip it the ordinary way"):
            reading(tmp_path, zipped({"products.csv": TABLE.encode()}, method=method))

    def test_what_computers_add_to_an_archive_does_not_count(self, tmp_path):
        files = {"export/": b"", "export/products.csv": TABLE.encode(), "__MACOSX/export/._products.csv": b"x"}

        assert names(reading(tmp_path, zipped(files | {"export/.DS_Store": b"x", "export/1.jpg": b"x"}))) == [NAME]

    def test_a_single_file_of_any_name_is_the_table(self, tmp_path):
        assert names(reading(tmp_path, zipped({"export": TABLE.encode()}))) == [NAME]

    @pytest.mark.parametrize(
        ("files", "sentence"),
        [
            ({}, "without a file"),
            ({"folder/": b"", "__MACOSX/a.csv": b"x", ".hidden.csv": b"x"}, "without a file"),
            ({"a.csv": b"x", "b.json": b"x"}, r"holds 2 files \(a.csv, b.json\)"),
            ({f"{n}.csv": b"x" for n in range(5)}, r"holds 5 files \(0.csv, 1.csv, 2.csv …\)"),
            ({"[Content_Types].xml": b"x", "xl/workbook.xml": b"x"}, "spreadsheet .* save it as CSV"),
            ({"mimetype": b"x", "content.xml": b"x"}, "spreadsheet .* save it as CSV"),
        ],
    )
    def test_an_archive_without_one_plain_table_is_refused(self, tmp_path, files, sentence):
        with pytest.raises(UnreadableFile, match=sentence):
            reading(tmp_path, zipped(files))

    def test_an_old_spreadsheet_is_refused(self, tmp_path):
        with pytest.raises(UnreadableFile, match="save it as CSV"):
            reading(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))

    def test_an_archive_with_a_password_is_refused(self, tmp_path):
        packed = bytearray(zipped({"products.csv": TABLE.encode()}))
        packed[6] |= 1  # the flags of the member itself, and of the archive's directory
        packed[packed.rindex(b"PK\x01\x02") + 8] |= 1

        with pytest.raises(UnreadableFile, match="password"):
            reading(tmp_path, bytes(packed))

    @pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"bomb.csv": content})])
    def test_what_unpacks_to_more_than_the_limit_is_refused(self, source, pack):
        content = b"name,price\n" + b"Mug,5\n" * 400_000

        assert sum(map(len, source(pack(content), most_unpacked=len(content)).text())) == len(content)
        with pytest.raises(UnreadableFile, match="unpacks to more than 2 MB"):
            source(pack(content), most_unpacked=len(content) - 1)

    def test_the_limit_holds_where_the_encoding_is_known_early(self, source):
        opened = source(gzip.compress(TABLE.encode() + b"Mug,5\n" * 400_000), most_unpacked=2_000_000)

        with pytest.raises(UnreadableFile, match="unpacks to more than 2 MB"):
            list(opened.lines())

    @pytest.mark.parametrize(
        "damaged",
        [
            gzip.compress(TABLE.encode() + b"Mug,5\n" * 400_000, mtime=0)[:-9],
            zipped({"a.csv": TABLE.encode() + b"Mug,5\n" * 400_000}, method=zipfile.ZIP_STORED).replace(
                b"Mug,5\nMug,5\nPK", b"Mug,5\nMug,6\nPK"
            ),
        ],
    )
    def test_lines_before_the_damage_come_out(self, source, damaged):
        lines = []

        with pytest.raises(UnreadableFile, match="cannot be read"):
            for line in source(damaged).lines():
                lines.append(line)

        assert lines[:2] == TABLE.splitlines(keepends=True)

    def test_an_archive_that_was_cut_off_is_refused(self, tmp_path):
        with pytest.raises(UnreadableFile, match="cannot be read"):
            reading(tmp_path, zipped({"a.csv": TABLE.encode()})[:-30])

    @pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda content: zipped({"a.csv": content})])
    def test_the_fraction_read_rises_to_1(self, source, pack):
        noise = "".join(f"Mug {n * n * 7919 % 1_000_003},{n}\n" for n in range(60_000))
        opened = source(pack(TABLE.encode() + noise.encode()))

        fractions = [opened.fraction_read() for number, _line in enumerate(opened.lines()) if number % 15_000 == 14_999]

        assert fractions == sorted(fractions)
        assert 0 < fractions[0] < fractions[-1] <= 1
        assert opened.fraction_read() == pytest.approx(1, abs=0.01)


class TestTables:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_delimiters_within_quotation_marks_part_nothing(self, tmp_path, delimiter):
        header = delimiter.join(['"Name"', '"PRICE"', '"a,b;c|d,e;f|g,h;i|j"'])
        row = delimiter.join(['"Mug, blue; ""big"" | round"', "5", "x"])

        assert names(reading(tmp_path, f"{header}\n{row}\n")) == ['Mug, blue; "big" | round']

    def test_a_header_may_go_over_several_lines(self, tmp_path):
        found = reading(tmp_path, '"weight\nin grams",name,price\n9,Mug,x\n')

        assert found.faults[0].place.line == 3

    def test_line_breaks_within_quotation_marks_are_part_of_the_cell(self, tmp_path):
        found = reading(tmp_path, 'name,description,price\nMug,"one\r\n\r\ntwo",5\nBowl,,x\n')

        assert found.products[0].description == "one\r\n\r\ntwo"
        assert found.faults[0].place.line == 5

    def test_zero_bytes_are_left_out(self, tmp_path):
        assert names(reading(tmp_path, b"name,price,colour\nM\x00ug,5,Bl\x00ue\n")) == ["Mug"]

    def test_missing_cells_say_nothing_and_further_ones_are_wrong(self, tmp_path):
        found = reading(tmp_path, "name,price,brand\nMug\nBowl,5,Kiln,more\nCup,5,Kiln,\n")

        assert names(found) == ["Mug", "Cup"]
        assert "4 cells and the header 3" in found.faults[0].sentence

    def test_a_cell_at_the_limit_is_read_and_one_beyond_it_is_told(self, tmp_path):
        text = "x" * LONGEST_CELL

        [mug] = reading(tmp_path, f"name,description\nMug,{text}\n").products
        assert len(mug.description) == LONGEST_CELL
        with pytest.raises(UnreadableFile, match="From line 2 on"):
            reading(tmp_path, f"name,description\nMug,{text}x\n")

    def test_a_line_without_an_end_is_told_before_it_fills_memory(self, tmp_path):
        with pytest.raises(UnreadableFile, match="line of more than"):
            reading(tmp_path, "name,price\n" + "x" * (LONGEST_LINE + 1))

    def test_a_row_without_an_end_is_told_before_it_fills_memory(self, tmp_path):
        endless = '"' + f'{"x" * 999}\n","' * (LONGEST_ROW // 1000)

        with pytest.raises(UnreadableFile, match="From line 2 on .* a row is longer than"):
            reading(tmp_path, "name,price\n" + endless)


@pytest.mark.django_db
class TestImport:
    @pytest.mark.parametrize(
        "content",
        [
            b"\xef\xbb\xbf" + TABLE.encode(),
            TABLE.replace("\n", "\r\n").encode("utf-16"),
            TABLE.encode("cp1252"),
            gzip.compress(TABLE.encode(), mtime=0),
            zipped({"products.csv": TABLE.encode()}),
        ],
    )
    def test_a_second_run_changes_nothing(self, tmp_path, content):
        path = tmp_path / "products"
        path.write_bytes(content)

        first, second = (import_products(path, at=timezone.now()) for _run in range(2))

        assert (first.new, second.unchanged, second.changed) == (1, 1, 0)
        assert Product.objects.get().name == NAME
