import json
import tracemalloc
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.importing.apply import import_products
from catalog.importing.json_list import DEEPEST, LONGEST_VALUE, listed
from catalog.importing.source import UnreadableFile
from catalog.models import Product, ProductAttribute, Variant
from catalog.tests.reading import reading

# A line as the shop itself exports it.
EXPORTED = {
    "handle": "tee",
    "external_id": None,
    "name": "Tee",
    "summary": "Soft",
    "description": "<p>A tee.</p>",
    "brand": "Loom",
    "category": ["Clothing", "Shirts > Tees"],
    "status": "draft",
    "tax_class": "reduced",
    "attributes": {"Material": ["Cotton", "Wool"]},
    "seo_title": "Tees",
    "seo_description": "All our tees",
    "pictures": [{"address": "https://pictures.test/1.jpg", "alt_text": "From the front"}],
    "variants": [
        {
            "sku": "'TEE-M",
            "options": [["Size", "M"], ["Colour", "Red"]],
            "price": "12.50",
            "compare_at_price": "15.00",
            "currency": "USD",
            "barcode": "0123",
            "weight_grams": 0,
            "stock": 5,
            "low_stock_threshold": 2,
            "is_active": False,
            "picture": "https://pictures.test/1.jpg",
        },
        {
            **dict.fromkeys(("price", "compare_at_price", "weight_grams", "stock", "low_stock_threshold", "picture")),
            **{"sku": "TEE-L", "options": [["Size", "L"]], "currency": "EUR", "barcode": "", "is_active": True},
        },
    ],
}


@pytest.fixture
def read(tmp_path):
    return lambda *records: reading(tmp_path, json.dumps(list(records)))


class TestListed:
    @pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
    @pytest.mark.parametrize(
        ("text", "values"),
        [
            ("[]", []),
            ('[{"a": [1, {"b": "]"}]}, "x\\"y", 12.50, null]', [{"a": [1, {"b": "]"}]}, 'x"y', Decimal("12.50"), None]),
            ("[123, 4567 ]", [123, 4567]),
        ],
    )
    def test_values_come_out_however_the_text_is_cut(self, text, values, size):
        pieces = [text[start : start + size] for start in range(0, len(text), size)]

        assert list(listed(pieces)) == values

    @pytest.mark.parametrize(
        ("text", "before"),
        [
            ("[1, 2", [1, 2]),
            ("[1 2]", [1]),
            ("[1,", [1]),
            ("[1, nope]", [1]),
            ("[1, NaN]", [1]),
            ("[1] 2", [1]),
            ('[1, "Gr\udcf6\udcdfe"]', [1]),
            ("[" * 100_000, []),
        ],
    )
    def test_what_comes_before_a_fault_is_right(self, text, before):
        found = []

        with pytest.raises(UnreadableFile, match=f"From record {len(before) + 1} on"):
            for value in listed([text]):
                found.append(value)

        assert found == before

    def test_a_value_without_an_end_is_told_before_it_fills_memory(self):
        with pytest.raises(UnreadableFile, match="a value is longer than"):
            list(listed(["[", '"', *["x" * 100_000] * (4 * LONGEST_VALUE // 100_000)]))

    def test_memory_does_not_grow_with_the_list(self):
        record = json.dumps({"name": "x" * 10_000}) + ","
        tracemalloc.start()

        count = sum(1 for _value in listed(["[", *[record] * 5_000, "1]"]))

        assert count == 5_001
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
        tracemalloc.stop()


class TestJsonArray:
    def test_other_keys_beside_the_products_are_passed_over(self, tmp_path):
        content = '{"total": 1, "products": [{"name": "Mug"}], "more": {"products": [{"name": "Bowl"}]}}'

        assert [product.name for product in reading(tmp_path, content).products] == ["Mug"]

    @pytest.mark.parametrize(
        "content",
        [
            '{\n"items": []}',
            '{\n"products": {}}',
            '{\n"products": []}',
            '{\n"products": {"a": {"name": "Mug"}}}',
            "{\n}",
        ],
    )
    def test_an_object_without_products_is_refused(self, tmp_path, content):
        with pytest.raises(UnreadableFile, match="no list of products"):
            reading(tmp_path, content)

    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
    def test_any_encoding_will_do(self, tmp_path, encoding):
        found = reading(tmp_path, '[{"name": "Größe"}]'.encode(encoding))

        assert [product.name for product in found.products] == ["Größe"]

    def test_deep_nesting_is_told_before_it_fills_memory(self, tmp_path):
        deepest = "[" * (DEEPEST - 2) + "]" * (DEEPEST - 2)
        deep = "[" * 50_000 + "]" * 50_000

        assert [p.name for p in reading(tmp_path, f'[{{"name": "Mug", "other": {deepest}}}]').products] == ["Mug"]
        with pytest.raises(UnreadableFile, match="nested too deeply"):
            reading(tmp_path, f'[{{"name": "Mug", "other": {deep}}}]')


class TestNestedRecords:
    def test_the_shops_own_export_is_read_whole(self, read):
        [tee] = read(EXPORTED).products

        assert (tee.slug, tee.ids, tee.name, tee.summary) == ("tee", {}, "Tee", "Soft")
        assert (tee.category, tee.status, tee.tax_class) == (("Clothing", "Shirts > Tees"), "draft", "reduced")
        assert tee.attributes == {"Material": ("Cotton", "Wool")}
        assert [(picture.address, picture.alt_text) for picture in tee.pictures] == [
            ("https://pictures.test/1.jpg", "From the front")
        ]
        medium, large = tee.variants
        assert (medium.sku, medium.options) == ("'TEE-M", (("Size", "M"), ("Colour", "Red")))
        assert (medium.price, medium.compare_at_price, medium.currency) == (Decimal("12.50"), 15, "USD")
        assert (medium.barcode, medium.weight_grams, medium.stock) == ("0123", 0, 5)
        assert (medium.low_stock_threshold, medium.is_active, medium.picture) == (2, False, tee.pictures[0].address)
        assert (large.price, large.stock, large.is_active, large.says_compare_at) == (None, None, True, True)

    @pytest.mark.parametrize(
        ("external_id", "ids"),
        [(None, {}), ("", {}), ("asin:B00:1", {"asin": "B00:1"}), ("4711", {"id": "4711"}), ("sap:1", {"id": "sap:1"})],
    )
    def test_an_external_id_is_the_key(self, read, external_id, ids):
        [tee] = read(EXPORTED | {"external_id": external_id}).products

        assert (tee.ids, tee.slug) == (ids, "tee")

    def test_without_one_the_handle_is_the_key(self, read):
        [mug] = read({"name": "Mug", "handle": "mug"}).products

        assert (mug.ids, mug.slug) == ({"handle": "mug"}, "")

    @pytest.mark.parametrize(
        "options",
        [{"Size": "M"}, [["Size", "M"]], [{"name": "Size", "value": "M"}], [{"name": "Size", "value": "M"}, ["", ""]]],
    )
    def test_options_may_be_written_in_several_ways(self, read, options):
        [tee] = read({"name": "Tee", "variants": [{"sku": "T", "options": options}]}).products

        assert tee.variants[0].options == (("Size", "M"),)

    def test_options_may_be_named_at_the_product(self, read):
        record = {"title": "Tee", "options": [{"name": "Size"}, {"name": "Colour"}]}
        variants = [{"option1": "M", "option2": "Red"}, {"option1": "L", "option2": None}]

        [tee] = read(record | {"variants": variants}).products

        assert [variant.options for variant in tee.variants] == [(("Size", "M"), ("Colour", "Red")), (("Size", "L"),)]

    def test_the_default_title_is_no_option(self, read):
        record = {"title": "Mug", "options": [{"name": "Title"}], "variants": [{"option1": "Default Title"}]}

        assert read(record).products[0].variants[0].options == ()

    def test_a_default_title_beside_other_options_is_one_of_them(self, read):
        options = {"Size": "M", "Title": "Default Title"}

        [mug] = read({"name": "Mug", "variants": [{"sku": "M-1", "options": options}]}).products

        assert mug.variants[0].options == tuple(options.items())

    def test_a_variant_without_a_price_has_its_products(self, read):
        [tee] = read({"name": "Tee", "price": 9, "variants": [{"sku": "A"}, {"sku": "B", "price": 8}]}).products

        assert [variant.price for variant in tee.variants] == [9, 8]

    def test_an_empty_list_of_variants_says_nothing(self, read):
        [mug] = read({"name": "Mug", "price": 9, "sku": "M", "variants": []}).products

        assert [(variant.sku, variant.price) for variant in mug.variants] == [("M", 9)]

    @pytest.mark.parametrize(
        ("variant", "column"),
        [
            ({"price": "free"}, "variants[2].price"),
            ({"stock": -1}, "variants[2].stock"),
            ({"options": ["Size"]}, "variants[2].options"),
            ({"options": [["Size", "x" * 121]]}, "variants[2].options"),
            ({"is_active": "perhaps"}, "variants[2].is_active"),
            ({"currency": "XTS"}, "variants[2].currency"),
            ("TEE-L", "variants[2]"),
        ],
    )
    def test_a_wrong_variant_makes_its_product_wrong(self, read, variant, column):
        found = read({"name": "Tee", "variants": [{"sku": "A"}, variant]}, {"name": "Mug"})

        assert [(fault.place.record, fault.column) for fault in found.faults] == [(1, column)]
        assert [product.name for product in found.products] == ["Mug"]

    def test_pictures_are_addresses_or_objects(self, read):
        images = [
            "https://p.test/1.jpg",
            {"src": "https://p.test/2.jpg", "alt": "Two"},
            {"url": "https://p.test/1.jpg"},
            {},
        ]

        [mug] = read({"name": "Mug", "images": images}).products

        assert [(picture.address[-5:], picture.alt_text) for picture in mug.pictures] == [
            ("1.jpg", ""),
            ("2.jpg", "Two"),
        ]

    def test_attributes_that_are_no_simple_values_are_left_out(self, read):
        [mug] = read({"name": "Mug", "attributes": {"Size": {"cm": 9}, "Glazed": True, "Sets": [4, 6, 4]}}).products

        assert mug.attributes == {"Glazed": ("Yes",), "Sets": ("4", "6")}


@pytest.mark.django_db
class TestImport:
    @pytest.mark.parametrize("as_lines", [True, False])
    def test_a_second_run_changes_nothing(self, tmp_path, as_lines):
        record = EXPORTED | {"tax_class": "", "status": "active"}
        path = tmp_path / "products"
        path.write_text(json.dumps(record) + "\n" if as_lines else json.dumps([record]))

        first, second = (import_products(path, at=timezone.now()) for _run in range(2))

        assert (first.new, first.new_variants, second.unchanged, second.changed) == (1, 2, 1, 0)
        assert Product.objects.get().slug == "tee"
        assert set(Variant.objects.values_list("sku", "price", "currency")) == {
            ("'TEE-M", Decimal("12.50"), "USD"),
            ("TEE-L", None, "EUR"),
        }
        assert set(ProductAttribute.objects.values_list("value", flat=True)) == {"Cotton", "Wool"}

    def test_a_list_that_breaks_off_keeps_what_was_read(self, tmp_path):
        path = tmp_path / "products.json"
        path.write_text('[{"name": "Mug"}, {"name": "Bowl"}, {"na')

        report = import_products(path, at=timezone.now())

        assert "no readable JSON" in report.stopped
        assert set(Product.objects.values_list("name", flat=True)) == {"Mug", "Bowl"}
