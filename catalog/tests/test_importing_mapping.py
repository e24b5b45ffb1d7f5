import pytest
from django.utils import timezone

from catalog.errors import WrongMap
from catalog.importing.apply import import_products
from catalog.importing.mapping import column_map
from catalog.importing.options import Options
from catalog.importing.source import UnreadableFile
from catalog.models import Product, Variant
from catalog.tests.reading import reading

BOOKS = """\
Book,Books > Fiction,9780553380958,Snow Crash,"A novel, of sorts.",Partner,SNOW,17.99,51
Book,Books > Fiction,9780441569595,Neuromancer,Another.,Partner,NEURO,7.99,0
"""
BOOK_COLUMNS = {
    "2": "category",
    "3": "barcode",
    "4": "name",
    "5": "description",
    "7": "sku",
    "8": "price",
    "9": "stock",
}


class TestColumnMap:
    def test_pairs_of_column_and_field(self):
        assert column_map(["2=category", "Preis (€)=price", " a=b = sku"]) == {
            "2": "category",
            "Preis (€)": "price",
            "a=b": "sku",
        }

    @pytest.mark.parametrize(
        ("written", "field"), [("title", "name"), ("EAN", "barcode"), ("Compare At", "compare_at_price")]
    )
    def test_a_field_may_be_written_as_its_columns_are(self, written, field):
        assert column_map([f"1={written}"]) == {"1": field}

    @pytest.mark.parametrize("word", ["", "3", "=name", "3=", "name"])
    def test_what_is_no_pair_is_refused(self, word):
        with pytest.raises(WrongMap, match="write it like 3=barcode"):
            column_map(["1=name", word])

    def test_an_unknown_field_is_refused_with_the_known_ones(self):
        with pytest.raises(WrongMap, match="no field “colour”; it knows name, description, .*price, .*pictures"):
            column_map(["3=colour"])

    def test_a_column_or_a_field_named_twice_is_refused(self):
        with pytest.raises(WrongMap, match="column “3” is named twice"):
            column_map(["3=name", "3=sku"])
        with pytest.raises(WrongMap, match="field “name”"):
            column_map(["3=name", "4=title"])


class TestMappedProducts:
    def test_numbers_alone_are_of_a_file_without_a_header(self, tmp_path):
        found = reading(tmp_path, BOOKS, columns=BOOK_COLUMNS)

        first, second = found.products
        assert (first.name, first.description) == ("Snow Crash", "A novel, of sorts.")
        assert first.category == ("Books", "Fiction")
        assert [(v.sku, str(v.price), v.barcode, v.stock) for v in (*first.variants, *second.variants)] == [
            ("SNOW", "17.99", "9780553380958", 51),
            ("NEURO", "7.99", "9780441569595", 0),
        ]
        assert (first.attributes, found.unused) == ({}, {"column 1", "column 6"})

    def test_faults_name_columns_by_their_number(self, tmp_path):
        found = reading(tmp_path, BOOKS.replace("7.99,0", "7.99,many"), columns=BOOK_COLUMNS)

        assert [(fault.place.line, fault.column, fault.value) for fault in found.faults] == [(2, "column 9", "many")]

    def test_a_header_that_the_shop_does_not_know_is_named_whatever_its_case(self, tmp_path):
        content = "Bezeichnung;Preis;Farbe\nTasse;12.50;Blau\n"

        found = reading(tmp_path, content, columns={"bezeichnung": "name", "2": "price"})

        [mug] = found.products
        assert (mug.name, str(mug.variants[0].price)) == ("Tasse", "12.50")
        assert mug.attributes == {"Farbe": ("Blau",)}

    def test_a_map_wins_over_the_columns_own_meaning(self, tmp_path):
        content = "name,label,price,cost\nM-1,Mug,12,4\n"

        found = reading(tmp_path, content, columns={"name": "sku", "label": "name", "cost": "price"})

        [mug] = found.products
        assert (mug.name, mug.variants[0].sku, mug.variants[0].price) == ("Mug", "M-1", 4)
        assert found.unused == {"price"}

    def test_columns_of_a_known_format_can_be_read_another_way(self, tmp_path):
        content = "Handle,Title,Variant SKU,Variant Price\nmug,Mug,M-1,12\n"

        [mug] = reading(tmp_path, content, columns={"Variant SKU": "barcode", "Variant Price": "price"}).products

        assert (mug.variants[0].barcode, mug.variants[0].price) == ("M-1", 12)

    def test_keys_of_records_are_mapped_as_columns_are(self, tmp_path):
        [mug] = reading(tmp_path, '[{"bezeichnung": "Tasse", "name": "T-1"}]', columns={"bezeichnung": "name"}).products

        assert mug.name == "Tasse"

    @pytest.mark.parametrize("column", ["0", "10", "11"])
    def test_a_number_beyond_the_files_columns_is_refused(self, tmp_path, column):
        with pytest.raises(UnreadableFile, match=f"has no column “{column}”; its columns are column 1, column 2"):
            reading(tmp_path, BOOKS, columns={"4": "name", column: "price"})

    def test_a_name_that_the_header_lacks_is_refused(self, tmp_path):
        with pytest.raises(UnreadableFile, match="has no column “Preis”; its columns are name, price"):
            reading(tmp_path, "name,price\nMug,5\n", columns={"Preis": "name"})

    @pytest.mark.parametrize(("content", "columns"), [(BOOKS, {"8": "price"}), ("a,b\nMug,5\n", {"b": "price"})])
    def test_a_name_is_needed(self, tmp_path, content, columns):
        with pytest.raises(UnreadableFile, match="product's name"):
            reading(tmp_path, content, columns=columns)

    def test_a_name_that_the_header_says_by_itself_is_enough(self, tmp_path):
        [mug] = reading(tmp_path, "name,cost\nMug,5\n", columns={"cost": "price"}).products

        assert mug.variants[0].price == 5


@pytest.mark.django_db
class TestImport:
    def test_a_second_run_changes_nothing(self, tmp_path):
        path = tmp_path / "books.csv"
        path.write_text(BOOKS)
        options = Options(columns=BOOK_COLUMNS)

        first, second = (import_products(path, at=timezone.now(), options=options) for _run in range(2))

        assert (first.new, second.unchanged, second.changed) == (2, 2, 0)
        assert set(Product.objects.values_list("name", "category__name")) == {
            ("Snow Crash", "Fiction"),
            ("Neuromancer", "Fiction"),
        }
        assert Variant.objects.get(sku="SNOW").stock.on_hand == 51
