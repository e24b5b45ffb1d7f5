import pytest

from catalog.importing.rows import ParsedPicture
from catalog.tests.importing import csv_text
from catalog.tests.reading import reading


@pytest.fixture
def read(tmp_path):
    """The reading of rows: each a mapping of columns, of which all rows have those of all."""

    def read(*rows: dict[str, str], **options):
        columns = dict.fromkeys(column for row in rows for column in row)
        return reading(
            tmp_path, csv_text([{column: row.get(column, "") for column in columns} for row in rows]), **options
        )

    return read


def mug(**more) -> dict[str, str]:
    return {"Handle": "mug", "Title": "Mug", "Variant SKU": "MUG", "Variant Price": "5", **more}


def further(**more) -> dict[str, str]:
    return {"Handle": "mug", **more}


HEADERS = {
    "earlier": (
        "Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,"
        "Variant Inventory Tracker,Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode,"
        "Image Src,Image Alt Text,Status"
    ),
    "later": (
        "URL handle,Title,Description,Vendor,Type,Published on online store,Option1 name,Option1 value,SKU,"
        "Weight value (grams),Inventory tracker,Inventory quantity,Price,Compare-at price,Barcode,"
        "Product image URL,Image alt text,Status"
    ),
}
HEADERS |= {
    "quoted": ",".join(f'"{column}"' for column in HEADERS["earlier"].split(",")),
    "in capitals": HEADERS["earlier"].upper(),
    "in small letters": HEADERS["later"].lower(),
    "with spaces around": HEADERS["earlier"].replace(",", " , "),
    "with a column of another program": HEADERS["earlier"],
}
ROW = (
    'mug,Mug,<p>A mug</p>,Kiln,Kitchen,true,Size,S,MUG-S,350,shopify,5,"1,012.50",1500,4006,https://x.test/1.jpg,Front,'
    "active"
)


class TestHeaders:
    @pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
    def test_of_each_generation_mean_the_same(self, tmp_path, header):
        found = reading(tmp_path, f"{header}\n{ROW}\n")

        [product] = found.products
        [variant] = product.variants
        assert found.format == "Shopify CSV"
        assert (product.ids, product.name, product.description) == ({"handle": "mug"}, "Mug", "<p>A mug</p>")
        assert (product.brand, product.category, product.status) == ("Kiln", ("Kitchen",), "active")
        assert (variant.sku, variant.options, variant.weight_grams) == ("MUG-S", (("Size", "S"),), 350)
        assert (str(variant.price), str(variant.compare_at_price)) == ("1012.50", "1500")
        assert (variant.barcode, variant.stock) == ("4006", 5)
        assert product.pictures == (ParsedPicture("https://x.test/1.jpg", "Front"),)

    def test_without_most_columns_say_nothing_of_them(self, tmp_path):
        [product] = reading(tmp_path, "Handle,Title,Variant Price\nmug,Mug,5\n").products

        [variant] = product.variants
        assert (product.description, product.status, product.pictures) == ("", "", ())
        assert (variant.sku, variant.compare_at_price, variant.says_compare_at) == ("", None, False)

    def test_columns_that_mean_nothing_here_are_named_as_unused(self, read):
        assert read(mug(**{"Cost per item": "3", "Price / International": "9", "Gift Card": "false"})).unused == {
            "Cost per item",
            "Price / International",
        }

    def test_linked_options_are_options_like_others(self, read):
        row = mug(
            **{
                "Option1 Name": "Colour",
                "Option1 Value": "Red",
                "Option1 Linked To": "product.metafields.shopify.color",
            }
        )

        found = read(row)

        assert found.products[0].variants[0].options == (("Colour", "Red"),)
        assert found.unused == set()


class TestRowsOfAHandle:
    def test_need_not_stand_together(self, read):
        small = mug(**{"Option1 Name": "Size", "Option1 Value": "S"})
        bowl = {"Handle": "bowl", "Title": "Bowl", "Variant Price": "7"}
        large = further(**{"Option1 Value": "L", "Variant SKU": "MUG-L", "Variant Price": "6"})

        products = read(small, bowl, large).products

        assert [product.name for product in products] == ["Mug", "Bowl"]
        assert [(variant.sku, variant.place.line) for variant in products[0].variants] == [("MUG", 2), ("MUG-L", 4)]

    def test_the_one_with_the_title_may_come_later(self, read):
        large = further(**{"Option1 Value": "L", "Variant SKU": "MUG-L", "Variant Price": "6"})
        small = mug(**{"Option1 Name": "Size", "Option1 Value": "S"})

        [product] = read(large, small).products

        assert [variant.title for variant in product.variants] == ["L", "S"]

    def test_need_a_title_somewhere(self, read):
        found = read(further(**{"Variant SKU": "MUG", "Variant Price": "5", "Title": ""}))

        assert [(fault.place.line, fault.column) for fault in found.faults] == [(2, "Title")]


class TestPictures:
    def test_stand_in_the_order_of_their_positions(self, read):
        rows = [
            mug(**{"Image Src": "https://x.test/2.jpg", "Image Position": "2", "Image Alt Text": "The\nback"}),
            further(**{"Image Src": "https://x.test/1.jpg", "Image Position": "1"}),
        ]

        [product] = read(*rows).products

        assert product.pictures == (
            ParsedPicture("https://x.test/1.jpg"),
            ParsedPicture("https://x.test/2.jpg", "The back"),
        )
        assert len(product.variants) == 1

    def test_without_positions_they_stand_as_in_the_file(self, read):
        rows = [mug(**{"Image Src": "https://x.test/b"}), further(**{"Image Src": "https://x.test/a"})]

        [product] = read(*rows).products

        assert [picture.address for picture in product.pictures] == ["https://x.test/b", "https://x.test/a"]

    def test_a_variant_may_have_one_of_its_own(self, read):
        [product] = read(mug(**{"Variant Image": "https://x.test/1.jpg"})).products

        assert product.variants[0].picture == "https://x.test/1.jpg"


class TestMetafields:
    def test_of_the_product_become_attributes(self, read):
        [product] = read(
            mug(
                **{
                    "Material (product.metafields.custom.material)": "Oak; Wool",
                    "Colour (product.metafields.shopify.color-pattern)": "Red",
                    "Care (product.metafields.custom.care)": "",
                }
            )
        ).products

        assert product.attributes == {"Material": ("Oak", "Wool"), "Colour": ("Red",)}

    @pytest.mark.parametrize(
        "column",
        [
            "Google: Custom Product (product.metafields.mm-google-shopping.custom_product)",
            "Depth (variant.metafields.custom.depth)",
            f"{'x' * 61} (product.metafields.custom.x)",
        ],
    )
    def test_of_variants_and_advertisers_do_not(self, read, column):
        found = read(mug(**{column: "Yes"}))

        assert found.products[0].attributes == {}
        assert found.unused == {column}

    def test_that_are_too_long_are_left_out(self, read):
        column = "Story (product.metafields.custom.story)"

        found = read(mug(**{column: "x" * 121}))

        assert found.products[0].attributes == {}
        assert found.unused == {column}


class TestCategory:
    def test_is_the_type_else_the_place_in_shopifys_tree(self, read):
        tree = "Home & Garden > Kitchen"

        assert read(mug(**{"Type": "Mugs", "Product Category": tree})).products[0].category == ("Mugs",)
        assert read(mug(**{"Type": "", "Product Category": tree})).products[0].category == ("Home & Garden", "Kitchen")

    def test_is_the_first_of_two_columns_for_it(self, read):
        row = mug(**{"Type": "Mugs", "Custom Product Type": "Cups"})

        assert read(row).products[0].category == ("Mugs",)


class TestOurOwnExport:
    OURS = "External id (product.metafields.shop.external_id)"

    def test_the_handle_is_the_address_and_no_key(self, read):
        [product] = read(mug(**{self.OURS: "asin:B1"})).products

        assert (product.slug, product.ids) == ("mug", {"asin": "B1"})

    def test_a_product_without_a_key_gets_none(self, read):
        [product] = read(mug(**{self.OURS: ""})).products

        assert (product.slug, product.ids) == ("mug", {})

    def test_what_shopify_has_no_column_for_comes_back(self, read):
        [product] = read(
            mug(
                **{
                    self.OURS: "",
                    "Short description (product.metafields.shop.summary)": "'=A mug",
                    "Tax class (product.metafields.shop.tax_class)": "reduced",
                    "Category path (product.metafields.shop.category_path)": '["Home > Away", "Kitchen"]',
                    "Options (variant.metafields.shop.options)": '[["Title", "Default Title"]]',
                    "On sale (variant.metafields.shop.is_active)": "false",
                    "Low stock threshold (variant.metafields.shop.low_stock_threshold)": "0",
                    "Currency (variant.metafields.shop.currency)": "JPY",
                }
            )
        ).products

        [variant] = product.variants
        assert (product.summary, product.tax_class) == ("=A mug", "reduced")
        assert product.category == ("Home > Away", "Kitchen")
        assert variant.options == (("Title", "Default Title"),)
        assert (variant.is_active, variant.low_stock_threshold, variant.currency) == (False, 0, "JPY")


class TestPrices:
    def test_have_the_digits_of_the_imports_currency(self, read):
        assert read(mug(**{"Variant Price": "5.5"}), currency="JPY").faults
        assert not read(mug(**{"Variant Price": "5.5"}), currency="USD").faults
