import csv
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.importing.apply import import_products
from catalog.models import Product, Variant
from catalog.tests.importing import csv_text, write_csv
from catalog.tests.reading import reading

HEADER = (
    'ID,Type,SKU,"GTIN, UPC, EAN, or ISBN",Name,Published,"Is featured?","Visibility in catalog","Short description",'
    'Description,"Date sale price starts","Date sale price ends","Tax status","Tax class","In stock?",Stock,'
    '"Low stock amount","Backorders allowed?","Sold individually?","Weight (kg)","Length (cm)","Sale price",'
    '"Regular price",Categories,Tags,Images,Parent,"Grouped products","External URL",Position,Brands,'
    '"Attribute 1 name","Attribute 1 value(s)","Attribute 1 visible","Attribute 1 global","Attribute 2 name",'
    '"Attribute 2 value(s)","Attribute 2 visible","Attribute 2 global","Meta: _yoast_wpseo_title","Download 1 URL"'
)
COLUMNS = next(csv.reader([HEADER]))
MUG = {
    "ID": "7",
    "Type": "simple",
    "SKU": "MUG",
    "Name": "Mug",
    "Published": "1",
    "In stock?": "1",
    "Regular price": "9",
}
TEE = MUG | {
    **{
        "ID": "44",
        "Type": "variable",
        "SKU": "TEE",
        "Name": "Tee",
        "Regular price": "",
        "Categories": "Clothing > Tees",
    },
    **{"Attribute 1 name": "Colour", "Attribute 1 value(s)": "Red, Blue", "Attribute 1 visible": "1"},
}


def row(base: dict[str, str] = MUG, **cells: str) -> dict[str, str]:
    """A row of the export; `cells` by column with underscores for spaces."""
    said = base | {column.replace("_", " "): value for column, value in cells.items()}
    assert said.keys() <= set(COLUMNS), said.keys() - set(COLUMNS)
    return dict.fromkeys(COLUMNS, "") | said


def variation(colour: str, parent: str = "TEE", **cells: str) -> dict[str, str]:
    names = {"Attribute 1 name": "Colour", "Attribute 1 value(s)": colour, "Type": "variation", "Parent": parent}
    said = {"ID": "", "SKU": f"TEE-{colour}", "Name": f"Tee - {colour}", "Regular price": "20"} | names
    return row(MUG | said, **cells)


@pytest.fixture
def read(tmp_path):
    def read(*rows: dict[str, str]):
        return reading(tmp_path, csv_text(list(rows)))

    return read


@pytest.fixture
def take_in(tmp_path, db):
    def take_in(*rows: dict[str, str]):
        return import_products(write_csv(tmp_path, list(rows)), at=timezone.now())

    return take_in


class TestRecognition:
    def test_the_export_is_known_by_its_columns(self, read):
        assert read(row()).format == "WooCommerce CSV"

    @pytest.mark.parametrize(
        "header", ["Type,SKU,Name,Regular price", "ID,SKU,Name,Is featured?", "sku,name,Attribute 1 value(s)"]
    )
    def test_so_is_one_of_fewer_columns(self, tmp_path, header):
        assert reading(tmp_path, f"{header}\n").format == "WooCommerce CSV"

    def test_a_plain_file_with_a_regular_price_is_none(self, tmp_path):
        assert reading(tmp_path, "name,sku,price,regular_price\nMug,M,5,6\n").format == "CSV"


class TestVariableProducts:
    @pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 2, 3, 0), (1, 3, 0, 2)])
    def test_variations_find_their_parent_wherever_they_stand(self, read, order):
        rows = [row(TEE), variation("Red"), variation("Blue"), row()]

        found = read(*(rows[number] for number in order))

        tee = next(product for product in found.products if product.name == "Tee")
        assert {variant.sku: variant.options for variant in tee.variants} == {
            "TEE-Red": (("Colour", "Red"),),
            "TEE-Blue": (("Colour", "Blue"),),
        }
        assert len(found.products) == 2
        assert not found.faults

    @pytest.mark.parametrize("sku", ["TEE", ""])
    def test_a_parent_may_be_named_by_its_id(self, read, sku):
        found = read(variation("Red", parent="id:44"), row(TEE, SKU=sku), variation("Blue", parent="ID: 44"))

        [tee] = found.products
        assert [variant.sku for variant in tee.variants] == ["TEE-Red", "TEE-Blue"]

    def test_variations_stand_in_the_order_of_their_positions(self, read):
        found = read(row(TEE), variation("Red", Position="2"), variation("Blue", Position="1"))

        assert [variant.sku for variant in found.products[0].variants] == ["TEE-Blue", "TEE-Red"]

    def test_what_variations_choose_from_is_no_attribute_and_the_rest_is(self, read):
        second = {"Attribute 2 name": "Material", "Attribute 2 value(s)": "Cotton, Wool\\, recycled"}

        [tee] = read(row(TEE | second), variation("Red")).products

        assert tee.attributes == {"Material": ("Cotton", "Wool, recycled")}

    def test_a_variation_of_any_value_has_no_such_option(self, read):
        second = {"Attribute 2 name": "Size", "Attribute 2 value(s)": "S, M"}

        [tee] = read(row(TEE | second), variation("Red", **{"Attribute 2 name": "Size"})).products

        assert tee.variants[0].options == (("Colour", "Red"),)
        assert tee.attributes == {"Size": ("S", "M")}

    def test_a_comma_within_an_option_stays(self, read):
        [tee] = read(row(TEE), variation("Red\\, dark"), variation("Red, light")).products

        assert [variant.title for variant in tee.variants] == ["Red, dark", "Red, light"]

    def test_a_variation_takes_the_weight_of_its_parent_unless_it_has_its_own(self, read):
        weights = {"Weight (kg)": ".25"}

        [tee] = read(row(TEE | weights), variation("Red"), variation("Blue", **{"Weight (kg)": "0,3"})).products

        assert [variant.weight_grams for variant in tee.variants] == [250, 300]

    def test_pictures_of_variations_are_theirs_and_the_products(self, read):
        pictures = {"Images": "https://p.test/1.jpg, https://p.test/2\\,b.jpg"}

        [tee] = read(row(TEE | pictures), variation("Red", Images="https://p.test/red.jpg")).products

        assert [picture.address for picture in tee.pictures] == [
            "https://p.test/1.jpg",
            "https://p.test/2,b.jpg",
            "https://p.test/red.jpg",
        ]
        assert tee.variants[0].picture == "https://p.test/red.jpg"

    def test_a_variation_that_is_not_published_is_not_sold(self, read):
        [tee] = read(
            row(TEE), variation("Red"), variation("Blue", Published="0"), variation("Green", Published="")
        ).products

        assert [variant.is_active for variant in tee.variants] == [True, False, None]

    def test_stock_shared_by_all_variations_is_not_tracked(self, read):
        found = read(
            row(TEE, Stock="5"),
            variation("Red", Stock="parent"),
            variation("Blue", Stock="parent", **{"In stock?": "0"}),
        )

        assert [variant.stock for variant in found.products[0].variants] == [None, 0]
        assert "Stock" in found.unused


class TestFaultsOfFamilies:
    @pytest.mark.parametrize("parent", ["NONE", "id:99"])
    def test_a_variation_without_its_parent_in_the_file_is_wrong(self, read, parent):
        found = read(row(), variation("Red", parent=parent))

        assert [(fault.place.line, fault.column, fault.value) for fault in found.faults] == [(3, "Parent", parent)]
        assert found.faults[0].sentence == "The file has no row of this variation's parent."
        assert [product.name for product in found.products] == ["Mug"]

    def test_variations_that_name_no_parent_are_wrong_one_by_one(self, read):
        found = read(variation("Red", parent=""), variation("Blue", parent=""))

        assert found.wrong == 2
        assert {fault.sentence for fault in found.faults} == {"The variation names no parent."}

    def test_variations_of_a_simple_product_are_wrong_and_it_is_not(self, read):
        other = {"Regular price": "free", "Images": "https://p.test/red.jpg"}

        found = read(row(), variation("Red", parent="MUG", **other))

        assert [fault.sentence for fault in found.faults] == ["The parent of this variation is no variable product."]
        assert [(len(product.variants), product.pictures) for product in found.products] == [(1, ())]

    def test_a_variable_product_without_variations_is_wrong(self, read):
        [fault] = read(row(TEE)).faults

        assert (fault.column, fault.value, fault.sentence) == (
            "Type",
            "variable",
            "The file has no variation of this product.",
        )

    def test_a_second_product_of_a_sku_is_wrong(self, read):
        found = read(row(), row(Name="Other mug"))

        assert [fault.sentence for fault in found.faults] == ["Line 2 is a product with the same SKU or id."]
        assert [product.name for product in found.products] == ["Mug"]

    def test_products_without_sku_and_id_are_products_of_their_own(self, read):
        assert len(read(row(ID="", SKU=""), row(ID="", SKU="", Name="Bowl")).products) == 2

    def test_what_is_wrong_with_a_variation_keeps_its_product_out(self, read):
        found = read(row(TEE), variation("Red", **{"Regular price": "free"}), variation("Blue", Stock="some"))

        assert not found.products
        assert [(fault.place.line, fault.column, fault.value) for fault in found.faults] == [
            (3, "Regular price", "free"),
            (4, "Stock", "some"),
        ]

    def test_a_row_with_too_many_cells_keeps_its_product_out(self, tmp_path):
        content = csv_text([row(TEE), variation("Red"), row()]).splitlines()
        content[2] += ",,surplus"

        found = reading(tmp_path, "\n".join(content))

        assert [fault.place.line for fault in found.faults] == [3]
        assert [product.name for product in found.products] == ["Mug"]

    def test_bytes_that_are_no_characters_make_their_product_wrong(self, tmp_path):
        content = csv_text([row(SKU="ü1", ID=""), row(SKU="ü2", ID="8")]).encode()

        found = reading(tmp_path, content.replace("ü1".encode(), b"\xfc1"))

        assert [fault.sentence for fault in found.faults] == ["This is not text in UTF-8."]
        assert len(found.products) == 1


class TestTypes:
    @pytest.mark.parametrize("kind", ["simple", "simple, downloadable, virtual", "Simple, Virtual", "virtual", ""])
    def test_simple_products_are_taken_however_they_are_delivered(self, read, kind):
        [mug] = read(row(Type=kind)).products

        assert [(variant.sku, variant.price) for variant in mug.variants] == [("MUG", Decimal(9))]

    def test_groups_are_skipped_with_a_reason(self, read):
        found = read(row(Type="grouped", **{"Grouped products": "id:1, id:2"}))

        assert [skipped.place.line for skipped in found.skipped] == [2]
        assert "list of other products" in found.skipped[0].reason
        assert not found.faults

    def test_what_is_sold_elsewhere_comes_in_as_a_draft(self, read):
        found = read(row(Type="external", **{"External URL": "https://else.test/"}))

        assert found.products[0].status == "draft"
        assert "External URL" in found.unused

    def test_types_of_plugins_are_wrong_with_all_that_belongs_to_them(self, read):
        found = read(row(TEE, Type="variable-subscription"), variation("Red", Type="subscription_variation"))

        assert found.wrong == 1
        assert [(fault.column, fault.value) for fault in found.faults] == [("Type", "variable-subscription")]


class TestFields:
    def test_references_in_names_are_resolved(self, read):
        [mug] = read(
            row(Name="Salt &amp; pepper", Categories="Food &amp; drink", Brands="Kiln &amp; Co, Other")
        ).products

        assert (mug.name, mug.category, mug.brand) == ("Salt & pepper", ("Food & drink",), "Kiln & Co")

    def test_descriptions_are_made_safe(self, read):
        [mug] = read(row(Description="<script>alert(1)</script><p>A mug.</p>")).products

        assert mug.description == "<p>A mug.</p>"

    def test_lines_of_a_description_are_written_as_backslash_and_n(self, read):
        assert read(row(Description="One\\nTwo")).products[0].description == "One\nTwo"

    @pytest.mark.parametrize(
        ("short", "long", "summary", "description", "is_unused"),
        [
            ("<p>A <b>mug</b>.</p>", "Long", "A mug .", "Long", False),
            ("s" * 200, "Long", "s" * 200, "Long", False),
            ("s" * 201, "Long", "", "Long", True),
            ("s" * 201, "", "", "s" * 201, False),
        ],
    )
    def test_a_short_description_is_the_summary_where_it_fits(self, read, short, long, summary, description, is_unused):
        found = read(row(Description=long, **{"Short description": short}))

        assert (found.products[0].summary, found.products[0].description) == (summary, description)
        assert ("Short description" in found.unused) == is_unused

    @pytest.mark.parametrize(
        ("published", "visibility", "status"),
        [
            ("1", "visible", "active"),
            ("0", "visible", "draft"),
            ("-1", "visible", "draft"),
            ("'-1", "visible", "draft"),
            ("1", "hidden", "draft"),
            ("1", "search", "active"),
            ("", "", ""),
        ],
    )
    def test_only_published_products_that_can_be_found_are_active(self, read, published, visibility, status):
        [mug] = read(row(Published=published, **{"Visibility in catalog": visibility})).products

        assert mug.status == status

    def test_another_mark_of_publishing_is_wrong(self, read):
        [fault] = read(row(Published="yes")).faults

        assert (fault.column, fault.value) == ("Published", "yes")

    @pytest.mark.parametrize(
        ("regular", "sale", "price", "compare_at"),
        [
            ("20", "", "20", None),
            ("20", "15", "15", "20"),
            ("20", "20", "20", None),
            ("20", "25", "20", None),
            ("", "15", "15", None),
            ("12,50", ".5", "0.5", "12.5"),
        ],
    )
    def test_a_sale_price_is_compared_with_the_regular_one(self, read, regular, sale, price, compare_at):
        [mug] = read(row(**{"Regular price": regular, "Sale price": sale})).products

        variant = mug.variants[0]
        assert variant.price == Decimal(price)
        assert variant.compare_at_price == (compare_at and Decimal(compare_at))
        assert variant.says_compare_at

    @pytest.mark.parametrize("column", ["Date sale price starts", "Date sale price ends"])
    def test_a_sale_with_a_first_or_last_day_is_left_out(self, read, column):
        found = read(row(**{"Regular price": "20", "Sale price": "15", column: "2030-01-01"}))

        assert found.products[0].variants[0].price == 20
        assert column in found.unused

    @pytest.mark.parametrize(
        ("is_in", "stock", "units"),
        [
            ("1", "5", 5),
            ("1", "0", 0),
            ("1", "-3", 0),
            ("1", "'-3", 0),
            ("1", "", None),
            ("0", "", 0),
            ("backorder", "", None),
        ],
    )
    def test_stock_is_what_can_be_bought(self, read, is_in, stock, units):
        [mug] = read(row(Stock=stock, **{"In stock?": is_in})).products

        assert mug.variants[0].stock == units

    def test_barcode_and_low_stock_are_kept(self, read):
        [mug] = read(row(**{"GTIN, UPC, EAN, or ISBN": "4006381333931", "Low stock amount": "2"})).products

        assert (mug.variants[0].barcode, mug.variants[0].low_stock_threshold) == ("4006381333931", 2)

    @pytest.mark.parametrize(
        ("categories", "path"),
        [
            ("Home > Kitchen, Sale", ("Home", "Kitchen")),
            ("Home, Sale, Home > Kitchen", ("Home", "Kitchen")),
            ("Cups\\, mugs > Big, Sale", ("Cups, mugs", "Big")),
            ("", ()),
        ],
    )
    def test_the_first_category_is_taken_as_deep_as_others_lead(self, read, categories, path):
        assert read(row(Categories=categories)).products[0].category == path

    def test_hidden_and_overlong_attributes_are_left_out_by_name(self, read):
        hidden = {"Attribute 1 name": "Supplier", "Attribute 1 value(s)": "Kiln", "Attribute 1 visible": "0"}
        overlong = {"Attribute 2 name": "Story", "Attribute 2 value(s)": "s" * 121, "Attribute 2 visible": "1"}

        found = read(row(MUG | hidden | overlong))

        assert found.products[0].attributes == {}
        assert {"Attribute 1 value(s)", "Attribute 2 value(s)"} <= found.unused

    def test_files_of_the_media_library_are_no_addresses(self, read):
        found = read(row(Images="mug.jpg, https://p.test/mug.jpg"))

        assert [picture.address for picture in found.products[0].pictures] == ["https://p.test/mug.jpg"]
        assert "Images" in found.unused

    @pytest.mark.parametrize(("said", "title"), [("The mug", "The mug"), ("%%title%% %%sep%%", ""), ("%title%", "")])
    def test_a_title_for_search_engines_that_a_plugin_fills_in_is_none(self, read, said, title):
        assert read(row(MUG | {"Meta: _yoast_wpseo_title": said})).products[0].seo_title == title

    def test_what_the_shop_does_not_keep_is_named(self, read):
        said = {"Tax class": "reduced-rate", "Length (cm)": "9", "Is featured?": "1", "Attribute 1 global": "1"}

        found = read(row(Tags="blue", **said))

        assert found.unused == {"Tags", "Tax class", "Length (cm)"}

    def test_a_name_is_needed(self, read):
        [fault] = read(row(Name="")).faults

        assert (fault.column, fault.sentence) == ("Name", "The product has no name.")

    def test_an_overlong_name_is_one_fault(self, read):
        [fault] = read(row(Name="m" * 401)).faults

        assert fault.sentence == "This is 401 characters long; at most 400 fit."

    def test_of_two_columns_of_one_meaning_the_first_that_is_filled_counts(self, tmp_path):
        header = "Type,SKU,Name,Regular price,Brands,Brand\n"

        found = reading(tmp_path, header + "simple,A,Mug,5,Kiln,Other\nsimple,B,Bowl,5,,Other\n")

        assert [product.brand for product in found.products] == ["Kiln", "Other"]

    @pytest.mark.parametrize(("currency", "is_right"), [("EUR", True), ("JPY", False)])
    def test_prices_are_in_the_currency_of_the_import(self, tmp_path, currency, is_right):
        found = reading(tmp_path, csv_text([row(**{"Regular price": "9.50"})]), currency=currency)

        assert bool(found.products) == is_right


class TestTakingIn:
    def test_all_comes_in_and_a_second_time_changes_nothing(self, take_in):
        rows = [
            variation("Red", parent="id:44", Stock="3", **{"Sale price": "15"}),
            row(
                TEE,
                Description="<p>A tee.</p>",
                **{"Attribute 2 name": "Material", "Attribute 2 value(s)": "Wool, Silk"},
            ),
            row(),
            row(ID="8", SKU="", Name="Bowl"),
            variation("Blue"),
        ]

        first = take_in(*rows)
        second = take_in(*rows)

        tee = Product.objects.get(name="Tee")
        assert (first.new, first.wrong, second.new, second.changed, second.unchanged) == (3, 0, 0, 0, 3)
        assert list(tee.variants.order_by("position").values_list("sku", "price", "compare_at_price")) == [
            ("TEE-Red", Decimal(15), Decimal(20)),
            ("TEE-Blue", Decimal(20), None),
        ]
        assert Variant.objects.get(sku="TEE-Red").stock.on_hand == 3
        assert tee.category.name == "Tees"
        assert set(tee.attributes.values_list("name", "value")) == {("Material", "Wool"), ("Material", "Silk")}

    def test_the_ids_of_another_shop_are_others(self, take_in):
        Product.objects.create(name="Elsewhere", slug="elsewhere", external_id="id:8")

        report = take_in(row(ID="8", SKU="", Name="Bowl"))

        assert report.new == 1
        assert Product.objects.get(name="Bowl").external_id == "id:woocommerce-8"
