from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.importing.apply import import_products
from catalog.models import Product, Variant
from catalog.tests.importing import csv_text, write_csv
from catalog.tests.reading import reading

MUG = {
    "sku": "MUG",
    "store_view_code": "",
    "attribute_set_code": "Default",
    "product_type": "simple",
    "categories": "Default Category/Home,Default Category/Home/Kitchen",
    "product_websites": "base",
    "name": "Mug",
    "description": "<p>A mug.</p>",
    "short_description": "",
    "weight": "",
    "product_online": "1",
    "tax_class_name": "Taxable Goods",
    "visibility": "Catalog, Search",
    "price": "9.000000",
    "special_price": "",
    "special_price_from_date": "",
    "special_price_to_date": "",
    "url_key": "blue-mug",
    "meta_title": "",
    "meta_description": "",
    "base_image": "",
    "base_image_label": "",
    "additional_images": "",
    "additional_image_labels": "",
    "additional_attributes": "",
    "qty": "5.0000",
    "is_in_stock": "1",
    "notify_on_stock_below": "1.0000",
    "use_config_notify_stock_qty": "1",
    "manage_stock": "1",
    "use_config_manage_stock": "1",
    "website_id": "0",
    "configurable_variations": "",
    "configurable_variation_labels": "",
}
RED = MUG | {
    **{"sku": "TEE-R", "name": "Tee red", "visibility": "Not Visible Individually", "url_key": "tee-red"},
    **{"price": "20", "additional_attributes": "color=Red"},
}
BLUE = RED | {"sku": "TEE-B", "name": "Tee blue", "url_key": "tee-blue", "additional_attributes": "color=Blue"}
TEE = MUG | {
    **{"sku": "TEE", "name": "Tee", "product_type": "configurable", "price": "", "qty": "0", "url_key": "tee"},
    "configurable_variations": "sku=TEE-R,color=Red|sku=TEE-B,color=Blue",
    "configurable_variation_labels": "color=Colour of the cloth",
}


@pytest.fixture
def read(tmp_path):
    def read(*rows: dict[str, str]):
        assert all(row.keys() == MUG.keys() for row in rows)
        return reading(tmp_path, csv_text(list(rows)))

    return read


@pytest.fixture
def take_in(tmp_path, db):
    def take_in(*rows: dict[str, str]):
        return import_products(write_csv(tmp_path, list(rows)), at=timezone.now())

    return take_in


class TestConfigurableProducts:
    @pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 3, 1, 0), (1, 2, 3, 0)])
    def test_simple_products_become_its_variants_wherever_they_stand(self, read, order):
        rows = [RED, BLUE, TEE, MUG]

        found = read(*(rows[number] for number in order))

        tee = next(product for product in found.products if product.name == "Tee")
        assert [(variant.sku, variant.options) for variant in tee.variants] == [
            ("TEE-R", (("Colour of the cloth", "Red"),)),
            ("TEE-B", (("Colour of the cloth", "Blue"),)),
        ]
        assert tee.status == "active"
        assert len(found.products) == 2
        assert (found.format, found.faults) == ("Magento 2 CSV", [])

    def test_an_option_without_a_label_is_named_after_its_code(self, read):
        lists = {"configurable_variations": "sku=TEE-R,cloth_size=S, wide", "configurable_variation_labels": ""}

        [tee] = read(RED, TEE | lists).products

        assert tee.variants[0].options == (("Cloth size", "S, wide"),)

    def test_a_variation_that_is_not_online_is_not_sold(self, read):
        [tee] = read(RED | {"product_online": "2"}, BLUE, TEE).products

        assert [variant.is_active for variant in tee.variants] == [False, True]

    def test_facts_of_the_product_are_attributes_and_its_options_are_none(self, read):
        facts = {"additional_attributes": "color=Red,material=Wool|Silk,care_label=Cold, by hand"}

        found = read(RED, BLUE, TEE | facts)

        assert found.products[0].attributes == {"Care label": ("Cold, by hand",), "Material": ("Wool", "Silk")}
        assert "additional_attributes" not in found.unused

    def test_facts_that_only_a_variation_has_are_named_as_unused(self, read):
        found = read(RED | {"additional_attributes": "color=Red,material=Wool"}, BLUE, TEE)

        assert "additional_attributes" in found.unused

    def test_the_picture_of_a_variation_is_its_own_and_the_products(self, read):
        picture = {"base_image": "https://p.test/red.jpg", "base_image_label": "Red tee"}

        [tee] = read(RED | picture, BLUE, TEE | {"base_image": "https://p.test/tee.jpg"}).products

        assert [(found.address, found.alt_text) for found in tee.pictures] == [
            ("https://p.test/tee.jpg", ""),
            ("https://p.test/red.jpg", "Red tee"),
        ]
        assert [variant.picture for variant in tee.variants] == ["https://p.test/red.jpg", ""]


class TestFaultsOfFamilies:
    def test_a_listed_product_that_has_no_row_is_wrong(self, read):
        found = read(RED, TEE, MUG)

        assert [(fault.place.line, fault.column) for fault in found.faults] == [(3, "configurable_variations")]
        assert found.faults[0].sentence == "TEE-B needs one row in the file, and no other product that lists it."
        assert [product.name for product in found.products] == ["Mug"]

    def test_a_product_that_two_list_belongs_to_the_first(self, read):
        other = TEE | {"sku": "OTHER", "name": "Other", "configurable_variations": "sku=TEE-R,color=Red"}

        found = read(RED, BLUE, TEE, other)

        assert [product.name for product in found.products] == ["Tee"]
        assert [(fault.place.line, fault.column) for fault in found.faults] == [(5, "configurable_variations")]

    def test_a_listed_product_with_two_rows_is_wrong(self, read):
        found = read(RED, RED, BLUE, TEE)

        assert not found.products
        assert [fault.sentence[:22] for fault in found.faults] == ["TEE-R needs one row in"]

    def test_one_listed_twice_is_one_variant(self, read):
        lists = {"configurable_variations": "sku=TEE-R,color=Red|sku=TEE-R,color=Red"}

        assert [len(product.variants) for product in read(RED, TEE | lists).products] == [1]

    def test_a_configurable_product_that_lists_none_is_wrong(self, read):
        [fault] = read(TEE | {"configurable_variations": ""}).faults

        assert fault.sentence == "The file lists no variation of this product."

    @pytest.mark.parametrize(
        ("column", "value"), [("configurable_variations", "TEE-R and TEE-B"), ("additional_attributes", "red, blue")]
    )
    def test_a_list_of_another_form_is_wrong(self, read, column, value):
        [fault] = read(RED, BLUE, TEE | {column: value}).faults[:1]

        assert (fault.column, fault.value) == (column, value)
        assert "color=Red,size=M" in fault.sentence

    def test_configurable_products_that_list_each_other_are_wrong(self, read):
        one = TEE | {"configurable_variations": "sku=TWO,color=Red"}
        two = TEE | {"sku": "TWO", "configurable_variations": "sku=TEE,color=Red"}

        found = read(one, two)

        assert (found.products, found.wrong) == ([], 2)
        assert {fault.column for fault in found.faults} == {"sku"}

    def test_a_variation_should_be_simple(self, read):
        found = read(RED | {"product_type": "bundle"}, BLUE, TEE)

        assert [(fault.place.line, fault.column, fault.value) for fault in found.faults] == [
            (2, "product_type", "bundle")
        ]

    def test_a_second_row_of_a_sku_is_wrong(self, read):
        found = read(MUG, MUG | {"name": "Other"})

        assert [product.name for product in found.products] == ["Mug"]
        assert [fault.sentence for fault in found.faults] == ["Line 2 has this SKU already."]

    def test_rows_without_a_sku_are_wrong_one_by_one(self, read):
        found = read(MUG | {"sku": ""}, MUG | {"sku": ""})

        assert [fault.place.line for fault in found.faults] == [2, 3]

    def test_what_is_wrong_with_a_variation_keeps_its_product_out(self, read):
        found = read(RED | {"price": "free"}, BLUE | {"qty": "some"}, TEE)

        assert not found.products
        assert [(fault.place.line, fault.column, fault.value) for fault in found.faults] == [
            (2, "price", "free"),
            (3, "qty", "some"),
        ]

    def test_a_row_with_too_many_cells_keeps_its_product_out(self, tmp_path):
        lines = csv_text([RED, BLUE, TEE, MUG]).splitlines()
        lines[1] += ",,surplus"

        found = reading(tmp_path, "\n".join(lines))

        assert [fault.place.line for fault in found.faults] == [2]
        assert [product.name for product in found.products] == ["Mug"]


class TestRowsThatAreNoProducts:
    def test_texts_of_store_views_are_skipped_with_a_reason(self, read):
        german = MUG | {"store_view_code": "de", "name": "Becher", "price": "", "product_online": ""}

        found = read(MUG, german, RED, BLUE, TEE, TEE | {"store_view_code": "de", "name": "Hemd"})

        assert [skipped.place.line for skipped in found.skipped] == [3, 7]
        assert {product.name for product in found.products} == {"Mug", "Tee"}
        assert not found.faults

    def test_texts_of_a_store_view_list_no_variations(self, read):
        found = read(RED, TEE | {"store_view_code": "de"})

        assert [(product.name, product.status) for product in found.products] == [("Tee red", "draft")]
        assert not found.faults

    @pytest.mark.parametrize("kind", ["grouped", "bundle"])
    def test_lists_of_other_products_are_skipped_with_a_reason(self, read, kind):
        found = read(MUG | {"product_type": kind})

        assert "list of other products" in found.skipped[0].reason
        assert not (found.products or found.faults)

    def test_other_types_are_wrong(self, read):
        [fault] = read(MUG | {"product_type": "giftcard"}).faults

        assert (fault.column, fault.value) == ("product_type", "giftcard")


class TestFields:
    @pytest.mark.parametrize("kind", ["simple", "virtual", "downloadable"])
    def test_products_are_taken_however_they_are_delivered(self, read, kind):
        [mug] = read(MUG | {"product_type": kind}).products

        assert (mug.variants[0].sku, mug.variants[0].price, mug.variants[0].stock) == ("MUG", Decimal(9), 5)

    @pytest.mark.parametrize(
        ("online", "visibility", "status"),
        [
            ("1", "Catalog, Search", "active"),
            ("1", "Search", "active"),
            ("1", "Not Visible Individually", "draft"),
            ("2", "Catalog, Search", "draft"),
            ("", "", ""),
        ],
    )
    def test_only_products_that_are_online_and_visible_are_active(self, read, online, visibility, status):
        assert read(MUG | {"product_online": online, "visibility": visibility}).products[0].status == status

    def test_another_mark_of_being_online_is_wrong(self, read):
        [fault] = read(MUG | {"product_online": "yes"}).faults

        assert (fault.column, fault.value) == ("product_online", "yes")

    @pytest.mark.parametrize(
        ("special", "until", "price", "compare_at"),
        [("", "", 9, None), ("6", "", 6, 9), ("9", "", 9, None), ("6", "12/31/30", 9, None)],
    )
    def test_a_special_price_without_a_last_day_is_the_price(self, read, special, until, price, compare_at):
        found = read(MUG | {"special_price": special, "special_price_to_date": until})

        variant = found.products[0].variants[0]
        assert (variant.price, variant.compare_at_price, variant.says_compare_at) == (price, compare_at, True)
        assert ("special_price_to_date" in found.unused) == bool(until)

    @pytest.mark.parametrize(
        ("cells", "units"),
        [
            ({}, 5),
            ({"qty": "-2.0000"}, 0),
            ({"is_in_stock": "0"}, 0),
            ({"manage_stock": "0", "use_config_manage_stock": "0"}, None),
            ({"manage_stock": "0", "use_config_manage_stock": "0", "is_in_stock": "0"}, 0),
            ({"manage_stock": "0"}, 5),
            ({"qty": ""}, None),
        ],
    )
    def test_stock_is_what_can_be_bought(self, read, cells, units):
        assert read(MUG | cells).products[0].variants[0].stock == units

    @pytest.mark.parametrize(("default", "threshold"), [("1", None), ("0", 1)])
    def test_a_low_stock_threshold_of_its_own_is_kept(self, read, default, threshold):
        [mug] = read(MUG | {"use_config_notify_stock_qty": default}).products

        assert mug.variants[0].low_stock_threshold == threshold

    @pytest.mark.parametrize(
        ("categories", "path"),
        [
            ("Default Category/Home,Default Category/Sale,Default Category/Home/Kitchen", ("Home", "Kitchen")),
            ("Default Category", ()),
            ("Default Category,Default Category/Home", ("Home",)),
            ("Root/Food\\/drink/Tea", ("Food/drink", "Tea")),
        ],
    )
    def test_the_first_category_below_the_root_is_taken_as_deep_as_others_lead(self, read, categories, path):
        assert read(MUG | {"categories": categories}).products[0].category == path

    def test_brand_and_barcode_stand_among_the_attributes(self, read):
        [mug] = read(
            MUG | {"additional_attributes": "manufacturer=Kiln &amp; Co,ean=4006381333931,Glaze=Matt"}
        ).products

        assert (mug.brand, mug.variants[0].barcode) == ("Kiln & Co", "4006381333931")
        assert mug.attributes == {"Glaze": ("Matt",)}

    def test_a_value_in_quotation_marks_may_hold_commas_and_equals_signs(self, read):
        [mug] = read(MUG | {"additional_attributes": 'glaze="Matt, a=""b""",care=Cold'}).products

        assert mug.attributes == {"Care": ("Cold",), "Glaze": ('Matt, a="b"',)}

    def test_what_the_goods_cost_the_seller_is_never_shown(self, read):
        found = read(MUG | {"additional_attributes": "cost=2.50,gift_wrapping_available=Use config,ts_country=1"})

        assert found.products[0].attributes == {}
        assert "additional_attributes" in found.unused

    @pytest.mark.parametrize("value", ["Use config", "no_selection", "__EMPTY__VALUE__", ""])
    def test_a_default_is_no_fact(self, read, value):
        assert read(MUG | {"additional_attributes": f"glaze={value}"}).products[0].attributes == {}

    @pytest.mark.parametrize(("currency", "is_right"), [("EUR", True), ("JPY", False)])
    def test_prices_are_in_the_currency_of_the_import(self, tmp_path, currency, is_right):
        found = reading(tmp_path, csv_text([MUG | {"price": "9.50"}]), currency=currency)

        assert bool(found.products) == is_right

    def test_an_overlong_barcode_is_wrong(self, read):
        [fault] = read(MUG | {"additional_attributes": f"ean={'4' * 51}"}).faults

        assert fault.column == "additional_attributes"

    def test_paths_in_the_media_folder_are_no_addresses(self, read):
        found = read(MUG | {"base_image": "/m/b/mb01.jpg", "additional_images": "/a.jpg,https://p.test/b.jpg"})

        assert [picture.address for picture in found.products[0].pictures] == ["https://p.test/b.jpg"]
        assert {"base_image", "additional_images"} <= found.unused

    def test_weights_have_no_unit_in_the_file_and_are_left_out(self, read):
        found = read(MUG | {"weight": "1.5"})

        assert found.products[0].variants[0].weight_grams is None
        assert "weight" in found.unused

    def test_the_url_key_is_the_handle_where_it_fits(self, read):
        assert read(MUG).products[0].ids == {"handle": "blue-mug"}
        assert read(MUG | {"url_key": "k" * 101}).products[0].ids == {}

    def test_a_name_is_needed(self, read):
        [fault] = read(MUG | {"name": ""}).faults

        assert (fault.column, fault.sentence) == ("name", "The product has no name.")


class TestTakingIn:
    def test_all_comes_in_and_a_second_time_changes_nothing(self, take_in):
        rows = [RED | {"special_price": "15"}, BLUE, MUG, TEE | {"additional_attributes": "material=Wool|Silk"}]

        first = take_in(*rows)
        second = take_in(*rows)

        tee = Product.objects.get(name="Tee")
        assert (first.new, first.wrong, second.new, second.changed, second.unchanged) == (2, 0, 0, 0, 2)
        assert (tee.slug, tee.category.name, tee.external_id) == ("tee", "Kitchen", "id:magento-TEE")
        assert list(tee.variants.order_by("position").values_list("sku", "price", "compare_at_price")) == [
            ("TEE-R", Decimal(15), Decimal(20)),
            ("TEE-B", Decimal(20), None),
        ]
        assert set(tee.attributes.values_list("name", "value")) == {("Material", "Wool"), ("Material", "Silk")}
        assert Variant.objects.get(sku="MUG").stock.on_hand == 5


TABLE_ROW = {
    "category": "Home\nKitchen\nCollections\nNew",
    "name": "Mug",
    "sku": "MUG",
    "price": "9",
    "qty": "5",
    "description": "<p>A mug.</p><script>alert(1)</script>",
    "features_mugs": "\nStackable\nWith a lid\n\nStackable",
    "eco_collection": "1",
    "new": "1",
    "sale": "",
    "special_price": "6",
    "attribute_set": "Mug",
}


@pytest.fixture
def read_table(tmp_path):
    def read_table(*rows: dict[str, str]):
        return reading(tmp_path, csv_text(list(rows)))

    return read_table


class TestAttributeTables:
    def test_lines_of_a_cell_are_values_of_an_attribute(self, read_table):
        found = read_table(TABLE_ROW)

        [mug] = found.products
        assert found.format == "Magento attribute table"
        assert mug.attributes == {"Features mugs": ("Stackable", "With a lid"), "Eco collection": ("Yes",)}
        assert mug.description == "<p>A mug.</p>"
        assert (mug.variants[0].price, mug.variants[0].compare_at_price, mug.variants[0].stock) == (6, 9, 5)

    @pytest.mark.parametrize(
        ("lines", "path", "is_unused"),
        [
            ("Home", ("Home",), False),
            ("Home\nKitchen", ("Home", "Kitchen"), False),
            ("Home\nKitchen\nNew", ("Home", "Kitchen"), True),
            ("", (), False),
        ],
    )
    def test_the_first_two_categories_are_a_path(self, read_table, lines, path, is_unused):
        found = read_table(TABLE_ROW | {"category": lines})

        assert found.products[0].category == path
        assert ("category" in found.unused) == is_unused

    def test_what_a_shop_does_for_a_while_is_no_attribute(self, read_table):
        assert read_table(TABLE_ROW).unused == {"category", "new"}

    def test_an_overlong_value_is_left_out_by_name(self, read_table):
        found = read_table(TABLE_ROW | {"features_mugs": "s" * 121})

        assert found.products[0].attributes == {"Eco collection": ("Yes",)}
        assert "features_mugs" in found.unused

    def test_what_is_wrong_is_told_with_its_line_and_the_rest_comes_in(self, read_table):
        wrong = TABLE_ROW | {"sku": "BOWL", "name": "", "price": "free", "qty": "-1"}

        found = read_table(TABLE_ROW, wrong)

        assert [product.name for product in found.products] == ["Mug"]
        assert {(fault.place.line, fault.column, fault.value) for fault in found.faults} == {
            (10, "name", ""),
            (10, "price", "free"),
            (10, "qty", "-1"),
        }

    def test_a_second_time_changes_nothing(self, take_in):
        rows = [TABLE_ROW, TABLE_ROW | {"sku": "BOWL", "name": "Bowl", "category": "Home"}]

        first = take_in(*rows)
        second = take_in(*rows)

        assert (first.new, first.wrong, second.changed, second.unchanged) == (2, 0, 0, 2)
        assert Product.objects.get(name="Mug").category.name == "Kitchen"
        assert Product.objects.get(name="Mug").attributes.count() == 3
