import gzip

import pytest

from catalog.importing import formats
from catalog.importing.options import Options
from catalog.importing.rows import ParsedProduct, WrongProduct
from catalog.importing.source import Source, UnreadableFile
from catalog.tests.importing import csv_text, further_row, shopify_row, write_json


@pytest.fixture
def read(tmp_path):
    """Format and products of a file with this content; wrong products as their faults."""

    def read(content: str | bytes, *, name: str = "products"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        source = Source(path)
        try:
            format_name, products = formats.read(source, Options())
            return format_name, [
                product.faults if isinstance(product, WrongProduct) else product for product in products
            ]
        finally:
            source.close()

    return read


class TestRead:
    @pytest.mark.parametrize(
        ("content", "format_name"),
        [
            ("name,price\nMug,5\n", "CSV"),
            ("Title;Price\nMug;5\n", "CSV"),
            ("name\tprice\nMug\t5\n", "CSV"),
            ('[{"name": "Mug", "price": 5}]', "JSON"),
            ('{"products": [{"title": "Mug", "price": 5}]}', "JSON"),
            ('{\n  "products": [\n{"title": "Mug", "price": 5}]}', "JSON"),
            ('{"title": "Mug", "price": 5}\n', "JSON lines"),
            (csv_text([shopify_row()]), "Shopify CSV"),
            ("URL handle,Title,SKU,Price,Option1 name,Option1 value\nmug,Mug,M,5,Title,Default Title\n", "Shopify CSV"),
        ],
    )
    def test_the_format_is_found_from_the_content(self, read, content, format_name):
        found, products = read(content)

        assert found == format_name
        assert [product.name for product in products] == ["Mug"]

    def test_a_gzipped_file_is_unpacked_whatever_its_name(self, read):
        assert read(gzip.compress(b'{"title": "Mug"}\n'))[0] == "JSON lines"

    def test_byte_order_mark_and_windows_line_ends_are_no_part_of_the_values(self, read):
        _format, [product] = read(b"\xef\xbb\xbf" + csv_text([shopify_row()], line_end="\r\n").encode())

        assert (product.ids, product.name) == ({"handle": "mug"}, "Mug")

    @pytest.mark.parametrize(
        "content", ["", "\n\n", "just a letter", "a,b\n1,2\n", "PK\x03\x04", '{"shop": 1', '{\n"shop": 1}', "[1, 2"]
    )
    def test_what_is_no_catalogue_is_refused_whole(self, read, content):
        with pytest.raises(UnreadableFile):
            read(content)

    def test_a_damaged_gzip_file_is_refused(self, read):
        packed = gzip.compress(b'{"title": "Mug"}\n' * 9)

        with pytest.raises(UnreadableFile, match="cannot be read"):
            read(packed[:-9])

    def test_a_missing_file_is_refused(self, tmp_path):
        with pytest.raises(UnreadableFile, match="No such file"):
            Source(tmp_path / "none.csv")


class TestPlainFiles:
    def test_facts_become_attributes_and_the_rest_is_named_as_unused(self, tmp_path):
        record = {"name": "Mug", "color": "Red", "isHandmade": True, "rating": 4.5, "size": {"cm": 9}}
        source = Source(write_json(tmp_path, [record]))
        _format, products = formats.read(source, Options())

        [product] = products

        assert product.attributes == {"Colour": ("Red",), "Is handmade": ("Yes",)}
        assert products.unused == {"rating", "size"}
        source.close()

    def test_bullet_points_follow_the_description(self, read):
        _format, [product] = read('[{"name": "Mug", "description": "A mug.", "bullet_points": "Blue\\nDeep"}]')

        assert product.description == "A mug.\n\nBlue\nDeep"

    def test_all_that_is_wrong_with_a_row_is_named_at_once(self, read):
        _format, [faults] = read("name,price,stock,weight\nMug,abc,-2,heavy\n")

        assert [(found.place.line, found.column, found.value) for found in faults] == [
            (2, "price", "abc"),
            (2, "weight", "heavy"),
            (2, "stock", "-2"),
        ]

    def test_a_row_wider_than_the_header_is_wrong(self, read):
        _format, products = read("name,price\nMug,5,7\nBowl,6,\n")

        assert [type(product) for product in products] == [list, ParsedProduct]

    @pytest.mark.parametrize("end", ['"unclosed,5\nX,6\n', '"unclosed,5\nX,6', '"unclosed', 'Cup,"5', 'Cup,5,"'])
    def test_a_quotation_mark_that_is_never_closed_is_wrong_and_makes_up_no_product(self, read, end):
        _format, [mug, faults] = read(f"name,price\nMug,5\n{end}")

        assert mug.name == "Mug"
        assert [found.place.line for found in faults] == [3]
        assert "quotation mark" in faults[0].sentence

    @pytest.mark.parametrize("end", ['"Cup",5', '"Cup",5\n', '"The ""big"" cup",5', '"Two\nlines",5\n', 'Cup 5",5\n'])
    def test_closed_ones_are_fine_up_to_the_end(self, read, end):
        _format, products = read(f"name,price\n{end}")

        assert [type(product) for product in products] == [ParsedProduct]

    def test_one_that_is_never_closed_in_the_header_is_told(self, read):
        with pytest.raises(UnreadableFile, match="line 1 .*quotation mark"):
            read('name,"price\nMug,5\nBowl,6\n')

    def test_a_line_that_is_no_json_does_not_stop_the_others(self, read):
        _format, products = read('{"name": "Mug"}\n{"name": \n[1]\n{"name": "Bowl"}\n')

        assert [type(product) for product in products] == [ParsedProduct, list, list, ParsedProduct]
        assert [products[1][0].place.line, products[2][0].place.line] == [2, 3]

    def test_not_a_number_in_json_is_a_wrong_price_of_its_record(self, read):
        _format, [faults, bowl] = read('{"name": "Mug", "price": NaN}\n{"name": "Bowl", "price": 5}')

        assert (faults[0].place.line, faults[0].column, faults[0].value) == (1, "price", "NaN")
        assert bowl.name == "Bowl"

    def test_single_bytes_that_are_no_utf_8_make_their_row_wrong(self, read):
        _format, [faults, bowl] = read(b"name,price\nCaf\xe9,5\nB\xc3\xb6wl,5\n")

        assert faults[0].sentence == "This is not text in UTF-8."
        assert bowl.name == "Böwl"

    def test_another_currency_is_refused(self, read):
        _format, [faults] = read("name,price,currency\nMug,5,XTS\n")

        assert faults[0].column == "currency"

    def test_a_name_is_needed(self, read):
        _format, [faults] = read("name,price\n,5\n")

        assert faults[0].sentence == "The product has no name."


class TestShopifyFiles:
    def test_rows_of_a_handle_are_its_variants_and_pictures(self, read):
        rows = [
            shopify_row(Option1_Name="Size", Option1_Value="S", Image_Src="https://pictures.test/1.jpg"),
            further_row("mug", Option1_Value="L", Variant_Price="14"),
            further_row("mug", Image_Src="https://pictures.test/2.jpg"),
        ]

        _format, [product] = read(csv_text(rows))

        assert [variant.options for variant in product.variants] == [(("Size", "S"),), (("Size", "L"),)]
        assert len(product.pictures) == 2

    def test_the_default_title_is_no_option(self, read):
        _format, [product] = read(csv_text([shopify_row()]))

        assert product.variants[0].options == ()

    def test_the_apostrophe_of_spreadsheets_is_no_part_of_a_barcode(self, read):
        _format, [product] = read(csv_text([shopify_row(Variant_Barcode="'4006381333931")]))

        assert product.variants[0].barcode == "4006381333931"

    def test_stock_without_a_tracker_is_not_tracked(self, read):
        _format, [product] = read(csv_text([shopify_row(Variant_Inventory_Tracker="")]))

        assert product.variants[0].stock is None

    def test_stock_that_was_oversold_counts_as_none(self, read):
        _format, [product] = read(csv_text([shopify_row(Variant_Inventory_Qty="-3")]))

        assert product.variants[0].stock == 0

    @pytest.mark.parametrize(
        ("status", "published", "result"),
        [
            ("active", "true", "active"),
            ("active", "false", "draft"),
            ("", "true", "active"),
            ("archived", "true", "archived"),
        ],
    )
    def test_status_and_published_together_say_what_is_shown(self, read, status, published, result):
        _format, [product] = read(csv_text([shopify_row(Status=status, Published=published)]))

        assert product.status == result

    def test_a_wrong_variant_makes_its_product_wrong(self, read):
        rows = [
            shopify_row(Option1_Name="Size", Option1_Value="S"),
            further_row("mug", Option1_Value="L", Variant_Price="free"),
            shopify_row(Handle="bowl", Title="Bowl", Variant_SKU="BOWL"),
        ]

        _format, [faults, bowl] = read(csv_text(rows))

        assert [(found.place.line, found.column, found.value) for found in faults] == [(3, "Variant Price", "free")]
        assert bowl.name == "Bowl"

    def test_a_quotation_mark_that_is_never_closed_makes_its_product_wrong(self, read):
        content = csv_text([shopify_row(), shopify_row(Handle="bowl"), further_row("bowl", Vendor="OPEN")])

        _format, [mug, faults] = read(content.replace("OPEN", '"open'))

        assert mug.name == "Mug"
        assert [found.place.line for found in faults] == [4]

    def test_lines_are_counted_through_cells_of_several_lines(self, read):
        rows = [shopify_row(**{"Body (HTML)": "<p>one\ntwo\nthree</p>"}), shopify_row(Handle="bowl", Title="")]

        _format, [_mug, faults] = read(csv_text(rows))

        assert faults[0].place.line == 5

    def test_rows_without_a_handle_are_wrong_one_by_one(self, read):
        _format, products = read(csv_text([shopify_row(Handle=""), shopify_row(Handle=""), shopify_row()]))

        assert [type(product) for product in products] == [list, list, ParsedProduct]
