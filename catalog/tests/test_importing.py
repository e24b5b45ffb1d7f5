import gzip
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import menu
from catalog.importing.apply import import_products
from catalog.importing.bulk import rows_at_once
from catalog.importing.categories import CategoryTree
from catalog.models import Category, Product, StockMovement, StockRecord, Variant
from catalog.tests.factories import CategoryFactory, ProductAttributeFactory, ProductFactory, VariantFactory
from catalog.tests.importing import counts, everything, further_row, shopify_row


class TestNewProducts:
    def test_a_product_comes_in_with_all_that_is_said(self, take_in):
        report = take_in(
            {
                "title": "Blue\nmug",
                "description": "<p>A mug.</p><script>alert(1)</script>",
                "price": 12.5,
                "compare_at_price": "15.00",
                "sku": "MUG-1",
                "brand": "Kiln & Co",
                "category": ["Home", "Kitchen"],
                "stock": 5,
                "barcode": "4006381333931",
                "weight": "0.35 kg",
                "colour": "Blue",
            }
        )

        product = Product.objects.get()
        variant = product.variants.get()
        assert counts(report) == (1, 0, 0, 0)
        assert (product.name, product.slug, product.brand, product.status) == (
            "Blue mug",
            "blue-mug",
            "Kiln & Co",
            "active",
        )
        assert product.description == "<p>A mug.</p>"
        assert Category.objects.get_parent(product.category).name == "Home"
        assert (variant.sku, variant.price, variant.compare_at_price) == ("MUG-1", Decimal("12.5"), Decimal("15"))
        assert (variant.barcode, variant.weight_grams, variant.stock.on_hand) == ("4006381333931", 350, 5)
        assert [(fact.name, fact.value) for fact in product.attributes.all()] == [("Colour", "Blue")]

    def test_stock_is_booked_in_the_ledger(self, take_in):
        take_in({"name": "Mug", "price": 5, "stock": 7}, {"name": "Bowl", "price": 5, "stock": 0})

        movement = StockMovement.objects.get()
        assert (movement.on_hand_delta, movement.on_hand_after, movement.reason) == (7, 7, "receive")
        assert StockRecord.objects.get(variant__product__name="Bowl").on_hand == 0

    def test_without_a_count_stock_is_not_tracked(self, take_in):
        take_in({"name": "Mug", "price": 5})

        assert not Variant.objects.get().track_stock
        assert not StockRecord.objects.exists()

    def test_without_a_price_it_is_a_draft(self, take_in):
        report = take_in({"name": "Mug", "price": None, "status": "active"}, {"name": "Bowl", "price": 0})

        assert Product.objects.get(name="Mug").status == "draft"
        assert Product.objects.get(name="Bowl").status == "active"
        assert report.drafts == 1

    def test_variants_without_a_sku_are_named_after_the_handle(self, take_in):
        VariantFactory(sku="mug-2")

        take_in(
            shopify_row(Variant_SKU="", Option1_Name="Size", Option1_Value="S"),
            further_row("mug", Option1_Value="L", Variant_Price="14"),
            as_csv=True,
        )

        variants = Variant.objects.filter(product__name="Mug").order_by("position")
        assert [(variant.sku, variant.title) for variant in variants] == [("mug-1", "S"), ("mug-2-2", "L")]

    def test_a_made_sku_gives_way_to_one_that_the_file_names(self, take_in):
        take_in({"handle": "mug", "name": "Mug", "price": 5}, {"sku": "mug-1", "name": "Tall mug", "price": 5})

        assert Variant.objects.get(product__name="Mug").sku == "mug-1-2"

    def test_equal_long_names_get_skus_and_slugs_of_their_own(self, take_in):
        records = [{"name": "mug " * 60, "asin": f"B{number}", "price": 5} for number in range(12)]

        assert counts(take_in(*records)) == (12, 0, 0, 0)
        assert counts(take_in(*records)) == (0, 0, 12, 0)

    def test_a_name_in_another_script_has_a_slug(self, take_in):
        take_in({"name": "湯呑み", "price": 5})

        assert Product.objects.get().slug == "product"

    def test_options_keep_their_names_and_order(self, take_in):
        take_in(
            shopify_row(Option1_Name="Size", Option1_Value="S"),
            further_row("mug", Option1_Value="L", Variant_SKU="MUG-L", Variant_Price="14"),
            as_csv=True,
        )

        assert Variant.objects.get(sku="MUG-L").options == [["Size", "L"]]


class TestCategories:
    def test_known_names_are_found_whatever_their_case(self, take_in):
        kitchen = CategoryFactory(name="Kitchen", parent=CategoryFactory(name="Home"))

        take_in({"name": "Mug", "price": 5, "category": "home > KITCHEN"})

        assert Product.objects.get().category == kitchen
        assert Category.objects.count() == 2

    def test_the_same_name_below_another_category_is_another(self, take_in):
        CategoryFactory(name="Kitchen", slug="kitchen")

        take_in({"name": "Mug", "price": 5, "category": ["Home", "Kitchen"]})

        assert Product.objects.get().category.slug == "kitchen-2"

    @pytest.mark.both_databases
    @pytest.mark.parametrize(
        ("made", "slug"),
        [({"name": "Kitchen", "slug": "kitchen"}, "kitchen"), ({"name": "Cook", "slug": "kitchen"}, "kitchen-2")],
    )
    def test_one_that_somebody_makes_meanwhile_does_not_end_the_import(self, db, made, slug):
        tree = CategoryTree()
        made = CategoryFactory(**made)

        found = Category.objects.get(pk=tree.add(("Kitchen",)))

        assert (found.slug, found == made) == (slug, slug == "kitchen")
        assert tree.find(("Kitchen",)) == found.pk
        below = Category.objects.get(pk=tree.add(("kitchen", "Pans")))
        assert Category.objects.get_parent(below) == found

    def test_new_ones_are_in_the_menu_at_once(self, take_in):
        cache.clear()
        assert menu.tree().top == []

        take_in({"name": "Mug", "price": 5, "category": "Home"})

        assert [branch.name for branch in menu.tree().top] == ["Home"]


class TestImportingAgain:
    def test_changes_nothing(self, take_in):
        rows = [
            shopify_row(Variant_SKU="", Option1_Name="Size", Option1_Value="S"),
            further_row("mug", Option1_Value="L", Variant_Price="14"),
            shopify_row(Handle="bowl", Title="Bowl", Variant_SKU="B", Variant_Price=""),
        ]
        take_in(*rows, as_csv=True)
        before = everything()

        with CaptureQueriesContext(
            connection,
        ) as statements:
            report = take_in(*rows, as_csv=True)

        assert counts(report) == (0, 0, 2, 0)
        assert everything() == before
        assert [query["sql"] for query in statements if not query["sql"].startswith(("SELECT", "PRAGMA"))] == []

    def test_leaves_the_stock_of_known_variants_alone(self, take_in):
        take_in({"name": "Mug", "price": 5, "stock": 7})

        report = take_in({"name": "Mug", "price": 5, "stock": 90})

        assert counts(report) == (0, 0, 1, 0)
        assert StockRecord.objects.get().on_hand == 7

    def test_changes_what_is_said_and_nothing_else(self, take_in):
        take_in({"sku": "MUG", "name": "Mug", "price": 5, "brand": "Kiln", "color": "Blue", "material": "Clay"})

        report = take_in({"sku": "MUG", "name": "Big mug", "price": 6, "brand": "", "color": "Red"})

        product = Product.objects.get()
        assert counts(report) == (0, 1, 0, 0)
        assert (product.name, product.slug, product.brand) == ("Big mug", "mug", "Kiln")
        assert product.variants.get().price == 6
        assert set(product.attributes.values_list("name", "value")) == {("Colour", "Red"), ("Material", "Clay")}

    def test_an_empty_compare_at_price_ends_a_sale_where_the_file_has_the_column(self, take_in):
        take_in({"sku": "MUG", "name": "Mug", "price": 5, "compare_at_price": 8})

        take_in({"sku": "MUG", "name": "Mug", "price": 5})
        assert Variant.objects.get().compare_at_price == 8

        take_in({"sku": "MUG", "name": "Mug", "price": 5, "compare_at_price": None})
        assert Variant.objects.get().compare_at_price is None

    def test_a_new_variant_joins_its_product(self, take_in):
        first = shopify_row(Option1_Name="Size", Option1_Value="S")
        take_in(first, as_csv=True)

        report = take_in(first, further_row("mug", Option1_Value="L", Variant_Price="14"), as_csv=True)

        assert counts(report) == (0, 1, 0, 0)
        assert list(Variant.objects.order_by("position").values_list("title", flat=True)) == ["S", "L"]

    def test_a_sku_that_comes_later_replaces_the_made_one(self, take_in):
        take_in({"asin": "B1", "name": "Mug", "price": 5})

        take_in({"asin": "B1", "name": "Mug", "price": 5, "sku": "MUG"})

        assert Variant.objects.get().sku == "MUG"


class TestKnownAgain:
    @pytest.mark.parametrize("key", ["id", "sku", "asin", "handle"])
    def test_by_each_key(self, take_in, key):
        take_in({key: "7", "name": "Mug", "price": 5})

        report = take_in({key: "7", "name": "Big mug", "price": 5})

        assert counts(report) == (0, 1, 0, 0)

    def test_by_name_where_there_is_no_key(self, take_in):
        take_in({"name": "Mug", "price": 5})

        assert counts(take_in({"name": "Mug", "price": 6})) == (0, 1, 0, 0)

    def test_not_by_a_name_that_two_products_have(self, take_in):
        VariantFactory(product__name="Mug")
        VariantFactory(product__name="Mug")

        report = take_in({"name": "Mug", "price": 6})

        assert counts(report) == (0, 0, 0, 1)

    def test_not_by_name_where_a_key_says_otherwise(self, take_in):
        report = take_in({"asin": "B1", "name": "Mug", "price": 5}, {"asin": "B2", "name": "Mug", "price": 5})

        assert counts(report) == (2, 0, 0, 0)
        assert set(Product.objects.values_list("slug", flat=True)) == {"mug", "mug-2"}

    def test_an_id_of_another_file_does_not_mean_the_product_that_has_it(self, take_in):
        take_in({"id": 1, "sku": "MUG", "name": "Mug", "price": 5})
        chair = {"id": 1, "sku": "CHAIR", "name": "Chair", "price": 50}

        assert counts(take_in(chair)) == (1, 0, 0, 0)
        assert counts(take_in(chair)) == (0, 0, 1, 0)
        assert set(Product.objects.values_list("name", flat=True)) == {"Mug", "Chair"}

    def test_an_id_still_counts_when_only_the_name_or_only_the_sku_changed(self, take_in):
        take_in({"id": 1, "sku": "MUG", "name": "Mug", "price": 5})

        take_in({"id": 1, "sku": "MUG", "name": "Big mug", "price": 5})
        take_in({"id": 1, "sku": "MUG-BIG", "name": "Big mug", "price": 5})

        assert Product.objects.get().variants.get().sku == "MUG-BIG"

    def test_a_product_made_by_staff_is_known_by_its_sku_and_keeps_the_id(self, take_in):
        VariantFactory(sku="MUG", product__name="Mug", price=Decimal(5))

        take_in({"id": 1, "sku": "MUG", "name": "Mug"})

        assert Product.objects.get().external_id == "id:1"


class TestWrongProducts:
    def test_stay_out_while_the_others_come_in(self, take_in):
        report = take_in(
            {"name": "Mug", "price": "abc"},
            {"name": "Bowl", "price": -1},
            {"name": "Cup", "price": 10**30},
            {"name": "x" * 401, "price": 5},
            {"name": "x" * 400, "price": 5},
        )

        assert counts(report) == (1, 0, 0, 4)
        assert [(found.place.record, found.column) for found in report.faults] == [
            (1, "price"),
            (2, "price"),
            (3, "price"),
            (4, "name"),
        ]

    def test_one_wrong_variant_keeps_the_whole_product_out(self, take_in):
        report = take_in(
            shopify_row(Option1_Name="Size", Option1_Value="S"),
            further_row("mug", Option1_Value="L", Variant_Price="NaN"),
            as_csv=True,
        )

        assert counts(report) == (0, 0, 0, 1)
        assert everything() == [[]] * 7

    def test_a_sku_counts_once_in_a_file(self, take_in):
        report = take_in({"sku": "MUG", "name": "Mug", "price": 5}, {"sku": "MUG", "name": "Bowl", "price": 5})

        assert counts(report) == (1, 0, 0, 1)
        assert report.faults[0].sentence == "This SKU is in the file already, on record 1."

    def test_a_sku_counts_once_in_a_product(self, take_in):
        report = take_in(
            shopify_row(Option1_Name="Size", Option1_Value="S"),
            further_row("mug", Option1_Value="L", Variant_SKU="MUG-1", Variant_Price="14"),
            as_csv=True,
        )

        assert report.faults[0].place.line == 3

    def test_options_count_once_in_a_product(self, take_in):
        report = take_in(
            shopify_row(Option1_Name="Size", Option1_Value="S"),
            further_row("mug", Option1_Value="S", Variant_SKU="MUG-2", Variant_Price="14"),
            as_csv=True,
        )

        assert [(found.place.line, found.sentence) for found in report.faults] == [
            (3, "Another variant of this product has the same options.")
        ]

    def test_a_variant_counts_once_in_a_product(self, take_in):
        take_in(shopify_row(Option1_Name="Size", Option1_Value="S"), as_csv=True)

        report = take_in(
            shopify_row(Option1_Name="Size", Option1_Value="M"),
            further_row("mug", Option1_Value="S", Variant_Price="14"),
            as_csv=True,
        )

        assert [(found.place.line, found.sentence) for found in report.faults] == [
            (3, "Two rows describe the same variant, MUG-1.")
        ]
        assert Variant.objects.get().title == "S"

    def test_a_sku_of_another_product_is_refused_and_that_product_left_alone(self, take_in):
        take_in({"asin": "B1", "sku": "MUG", "name": "Mug", "price": 5})
        before = everything()

        report = take_in({"asin": "B2", "sku": "MUG", "name": "Bowl", "price": 7})

        assert report.faults[0].sentence == "This SKU belongs to another product: Mug."
        assert everything() == before

    def test_a_product_counts_once_in_a_file(self, take_in):
        report = take_in({"name": "Mug", "price": 5}, {"name": "Mug", "price": 6})

        assert counts(report) == (1, 0, 0, 1)
        assert Variant.objects.get().price == 5

    def test_a_product_counts_once_though_two_rows_call_it_by_different_keys(self, take_in):
        take_in({"asin": "B1", "sku": "MUG", "name": "Mug", "price": 5})

        report = take_in({"asin": "B1", "name": "Mug", "price": 6}, {"sku": "MUG", "name": "Mug", "price": 7})

        assert counts(report) == (0, 1, 0, 1)

    def test_a_row_must_say_which_of_several_variants_it_means(self, take_in):
        mug = ProductFactory(name="Mug")
        VariantFactory(product=mug, options=[["Size", "S"]])
        VariantFactory(product=mug, options=[["Size", "L"]])

        report = take_in({"name": "Mug", "price": 6})

        assert counts(report) == (0, 0, 0, 1)
        assert Variant.objects.filter(price=6).count() == 0


class TestDryRun:
    def test_says_the_same_and_leaves_no_trace(self, take_in):
        take_in({"sku": "MUG", "name": "Mug", "price": 5})
        ProductAttributeFactory(product=Product.objects.get())
        before = everything()
        rows = [
            {"sku": "MUG", "name": "Mug", "price": 6},
            {"sku": "BOWL", "name": "Bowl", "price": 5, "stock": 3, "category": "Home"},
            {"sku": "BOWL", "name": "Bowl", "price": 5},
        ]

        dry = take_in(*rows, dry_run=True)

        assert counts(dry) == (1, 1, 0, 1)
        assert everything() == before
        assert counts(take_in(*rows)) == counts(dry)


class TestBatches:
    def test_an_interrupt_leaves_whole_products_and_the_next_run_completes(self, take_in):
        records = [{"name": f"Mug {number}", "price": 5, "stock": 1} for number in range(rows_at_once() + 5)]

        def interrupt(count, fraction, doing):
            raise KeyboardInterrupt

        stopped = take_in(*records, progress=interrupt)
        assert stopped.stopped
        assert StockMovement.objects.count() == Product.objects.count() == rows_at_once()

        assert counts(take_in(*records)) == (5, 0, rows_at_once(), 0)

    def test_what_stood_before_the_damage_is_in(self, tmp_path, db):
        packed = gzip.compress(b'{"name": "Mug", "price": 5}\n' + b"\n" * 100_000)
        (path := tmp_path / "products").write_bytes(packed[:-4])

        report = import_products(path, at=timezone.now())

        assert "cannot be read" in report.stopped
        assert Product.objects.filter(name="Mug").exists()

    def test_the_number_of_statements_does_not_grow_with_the_rows(self, take_in):
        def statements(first: int, last: int) -> int:
            rows = (
                {"sku": f"M{n}", "name": f"Mug {n}", "price": 5, "stock": 1, "color": "Red"} for n in range(first, last)
            )
            with CaptureQueriesContext(connection) as captured:
                take_in(*rows)
            return len(captured)

        assert statements(0, 2) == statements(100, 140)

    @pytest.mark.django_db(transaction=True)
    def test_what_the_database_refuses_keeps_only_its_own_product_out(self, take_in):
        take_in(
            shopify_row(Variant_SKU="A", Option1_Name="Size", Option1_Value="S"),
            further_row("mug", Option1_Value="L", Variant_SKU="B", Variant_Price="14"),
            as_csv=True,
        )

        report = take_in(
            shopify_row(Variant_SKU="B", Option1_Name="Size", Option1_Value="S"),
            further_row("mug", Option1_Value="L", Variant_SKU="A", Variant_Price="14"),
            shopify_row(Handle="bowl", Title="Bowl", Variant_SKU="BOWL"),
            as_csv=True,
        )

        assert counts(report) == (1, 0, 0, 1)
        assert Variant.objects.get(sku="A").title == "S"


class TestOurOwnExport:
    def record(self, **said):
        return {
            "handle": "Mug-XL",
            "external_id": None,
            "name": "Mug",
            "variants": [{"sku": "MUG", "price": "5.00"}],
        } | said

    def test_a_new_product_gets_its_address_as_it_was(self, take_in):
        take_in(self.record())

        assert Product.objects.values_list("slug", "external_id").get() == ("Mug-XL", None)

    def test_a_product_is_known_by_its_address(self, take_in):
        take_in(self.record())

        report = take_in(self.record(variants=[{"sku": "MUG-2", "price": "5.00"}]))

        assert counts(report) == (0, 1, 0, 0)
        assert Product.objects.get().slug == "Mug-XL"

    def test_an_address_that_another_product_has_here_does_not_mean_that_one(self, take_in):
        take_in(self.record())

        report = take_in(self.record(name="Bowl", variants=[{"sku": "BOWL", "price": "5.00"}]))

        assert counts(report) == (1, 0, 0, 0)
        assert Product.objects.get(name="Bowl").slug == "Mug-XL-2"


class TestClaims:
    def test_hold_over_batches_in_a_dry_run_too(self, take_in):
        between = [{"asin": f"C{number}", "name": f"Mug {number}"} for number in range(rows_at_once())]

        report = take_in({"asin": "B1", "name": "Mug"}, *between, {"asin": "B1", "name": "Mug"}, dry_run=True)

        assert counts(report) == (rows_at_once() + 1, 0, 0, 1)
        assert report.faults[0].sentence == "This product is in the file already, on record 1."
