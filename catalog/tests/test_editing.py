from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone

from catalog import menu
from catalog.editing import (
    NewProduct,
    NewVariant,
    add_picture,
    category_of,
    change_product,
    check_on_sale,
    create_product,
)
from catalog.errors import (
    InvalidOptions,
    InvalidPrice,
    NothingToSell,
    SkuTaken,
    TooManyPictures,
    UnknownCategory,
    UnknownVariant,
    VariantRequired,
)
from catalog.importing.limits import MOST_PICTURES
from catalog.models import (
    Category,
    PictureAddress,
    Product,
    ProductImage,
    StockMovement,
    Variant,
)
from catalog.pictures import ReadyPicture
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory
from catalog.tests.racing import together

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def new(*variants: NewVariant, **columns) -> NewProduct:
    """An oak shelf at €12.50, unless said otherwise."""
    columns = {"name": "Oak shelf", "description": "Oiled."} | columns
    return NewProduct(variants=variants or [NewVariant(price=Decimal("12.50"))], **columns)


def size(letter: str, **columns) -> NewVariant:
    return NewVariant(**{"price": Decimal("12.50"), "options": [["Size", letter]]} | columns)


def made(*variants: NewVariant, may_add_category: bool = False, by=None, **columns) -> Product:
    return create_product(new(*variants, **columns), at=NOW, by=by, may_add_category=may_add_category)


class TestCreateProduct:
    def test_it_is_on_sale_at_once(self):
        product = made()

        assert list(Product.objects.published()) == [product]
        assert (product.slug, product.created_at) == ("oak-shelf", NOW)

    def test_a_draft_is_not(self):
        made(status="draft")

        assert not Product.objects.published().exists()

    def test_its_description_is_made_safe(self):
        assert made(description="<p onclick=x>Oak</p><script>x</script>").description == "<p>Oak</p>"

    def test_without_a_count_stock_is_not_tracked(self):
        variant = made().variants.get()

        assert (variant.track_stock, variant.available()) == (False, None)

    @pytest.mark.parametrize("units", [0, 4])
    def test_with_one_it_is_tracked_through_the_ledger(self, units, django_user_model):
        anna = django_user_model.objects.create_user("anna@example.com")

        variant = made(size("M", stock=units), by=anna).variants.get()

        assert (variant.track_stock, variant.stock.on_hand) == (True, units)
        booked = list(StockMovement.objects.values_list("on_hand_delta", "reason", "by", "at"))
        assert booked == ([(units, "receive", anna.pk, NOW)] if units else [])

    def test_variants_keep_their_order_and_get_codes(self):
        product = made(size("M"), size("L", sku="OWN"), size("S", price=Decimal(9), compare_at_price=Decimal(12)))

        variants = list(product.variants.in_order())
        assert [variant.sku for variant in variants] == ["oak-shelf-1", "OWN", "oak-shelf-3"]
        assert [variant.title for variant in variants] == ["M", "L", "S"]
        assert (variants[2].price, variants[2].compare_at_price, variants[2].currency) == (9, 12, "EUR")

    def test_names_that_are_taken_get_a_number(self):
        ProductFactory(slug="oak-shelf")
        VariantFactory(sku="oak-shelf-2-1")

        product = made(size("M"), size("L", sku="oak-shelf-2-1-2"))

        assert product.slug == "oak-shelf-2"
        assert product.variants.in_order().first().sku == "oak-shelf-2-1-3"

    @pytest.mark.parametrize("name", ["日本", "–", "棚"])
    def test_a_name_without_a_latin_letter_has_an_address_too(self, name):
        assert made(name=name).slug == "product"

    @pytest.mark.parametrize(
        ("variants", "error"),
        [
            ([size("M", price=Decimal("12.505"))], InvalidPrice),
            ([size("M"), size("L", price=Decimal(-1))], InvalidPrice),
            ([size("M", compare_at_price=Decimal("NaN"))], InvalidPrice),
            ([size("M"), size("M")], InvalidOptions),
            ([NewVariant(price=Decimal(1), options=[["Size", "M"], ["size", "L"]])], InvalidOptions),
            ([size("x" * 201)], InvalidOptions),
            ([size("M", sku="TAKEN")], SkuTaken),
            ([size("M", sku="A"), size("L", sku="A")], SkuTaken),
        ],
    )
    def test_it_is_whole_or_not_at_all(self, variants, error):
        VariantFactory(sku="TAKEN", on_hand=None)

        with pytest.raises(error):
            made(*variants, category="New", may_add_category=True, picture_addresses=["http://pictures.test/a"])

        assert Product.objects.count() == Variant.objects.count() == 1
        assert not Category.objects.exists() and not PictureAddress.objects.exists()

    def test_a_taken_sku_is_named(self):
        VariantFactory(sku="TAKEN")

        with pytest.raises(SkuTaken, match="TAKEN") as refused:
            made(size("M", sku="FREE"), size("L", sku="TAKEN"))

        assert refused.value.fields == {"sku": "TAKEN"}

    def test_its_pictures_are_to_be_fetched_each_once(self):
        product = made(picture_addresses=["http://pictures.test/a", "http://pictures.test/b", "http://pictures.test/a"])

        rows = product.picture_addresses.order_by("position").values_list("address", "state")
        assert list(rows) == [("http://pictures.test/a", "wanted"), ("http://pictures.test/b", "wanted")]

    def test_what_the_database_refuses_for_another_reason_is_raised(self):
        with pytest.raises(IntegrityError):
            made(size("M", weight_grams=-1))

        assert not Product.objects.exists()

    @pytest.mark.race
    @pytest.mark.both_databases
    @pytest.mark.django_db(transaction=True)
    def test_of_ten_at_once_with_one_sku_one_is_made(self):
        results = together(*[lambda: made(size("M", sku="ONE"))] * 10)

        assert sorted(type(result).__name__ for result in results) == ["Product"] + ["SkuTaken"] * 9
        assert Product.objects.count() == 1

    @pytest.mark.race
    @pytest.mark.both_databases
    @pytest.mark.django_db(transaction=True)
    def test_ten_at_once_of_one_name_are_ten(self):
        results = together(*[lambda: made(category="New", may_add_category=True)] * 10)

        assert len({product.slug for product in results}) == Product.objects.count() == Variant.objects.count() == 10
        assert Category.objects.count() == 1


class TestChangeProduct:
    @pytest.fixture
    def shelf(self) -> Product:
        return made(brand="Fjord", summary="For books")

    @pytest.fixture
    def sizes(self) -> Product:
        return made(size("M"), size("L"))

    def test_only_what_is_named_changes(self, shelf):
        change_product(shelf, {"name": "Ash shelf", "description": "<b>Waxed</b><script></script>"})

        changed = Product.objects.get()
        assert (changed.name, changed.description) == ("Ash shelf", "<b>Waxed</b>")
        assert (changed.slug, changed.brand, changed.summary) == ("oak-shelf", "Fjord", "For books")

    def test_price_and_codes_are_those_of_the_only_variant(self, shelf):
        change_product(shelf, {"price": Decimal(9), "sku": "NEW", "barcode": "4006381333931", "weight_grams": 70})

        variant = Variant.objects.get()
        assert (variant.price, variant.sku, variant.barcode, variant.weight_grams) == (9, "NEW", "4006381333931", 70)

    def test_a_new_price_leaves_the_compare_at_price(self, shelf):
        change_product(shelf, {"compare_at_price": Decimal(15)})
        change_product(shelf, {"price": Decimal(9)})
        assert Variant.objects.values_list("price", "compare_at_price").get() == (9, 15)

        change_product(shelf, {"compare_at_price": Decimal(0)})
        assert Variant.objects.values_list("price", "compare_at_price").get() == (9, None)

    def test_a_price_in_another_currency_stays_in_it(self, shelf):
        Variant.objects.update(currency="USD")

        change_product(shelf, {"compare_at_price": Decimal(15)})
        assert Variant.objects.get().currency == "USD"

        change_product(shelf, {"price": Decimal(9)})
        assert Variant.objects.get().currency == "EUR"

    def test_of_several_variants_the_one_named_changes(self, sizes):
        medium, large = sizes.variants.in_order()

        change_product(sizes, {"price": Decimal(9)}, variant_id=large.pk)

        assert list(sizes.variants.in_order().values_list("price", flat=True)) == [Decimal("12.50"), 9]

    def test_of_several_and_none_named_nothing_changes(self, sizes):
        with pytest.raises(VariantRequired) as refused:
            change_product(sizes, {"price": Decimal(9), "name": "Ash shelf"})

        assert Product.objects.get().name == "Oak shelf"
        assert refused.value.fields == {"variant_id": [variant.pk for variant in sizes.variants.in_order()]}

    def test_what_is_the_whole_products_needs_no_variant(self, sizes):
        change_product(sizes, {"name": "Ash shelf"})

        assert Product.objects.get().name == "Ash shelf"

    def test_another_products_variant_is_unknown(self, sizes):
        other = VariantFactory()

        with pytest.raises(UnknownVariant):
            change_product(sizes, {"price": Decimal(9)}, variant_id=other.pk)

        other.refresh_from_db()
        assert other.price == 20

    def test_of_what_is_sold_only_one_that_is_the_only_one(self, sizes):
        sizes.variants.filter(title="M").update(is_active=False)

        change_product(sizes, {"price": Decimal(9)})

        assert sizes.variants.get(title="L").price == 9

    def test_a_taken_sku_leaves_all_as_it_is(self, shelf):
        VariantFactory(sku="TAKEN")

        with pytest.raises(SkuTaken):
            change_product(shelf, {"name": "Ash shelf", "sku": "TAKEN"})

        shelf.refresh_from_db()
        assert shelf.name == "Oak shelf"

    def test_its_own_sku_is_free_for_it(self, shelf):
        change_product(shelf, {"sku": "oak-shelf-1"})

        assert Variant.objects.get().sku == "oak-shelf-1"

    def test_a_wrong_price_leaves_all_as_it_is(self, shelf):
        with pytest.raises(InvalidPrice):
            change_product(shelf, {"sku": "NEW", "price": Decimal("9.999"), "name": "Ash shelf"})

        shelf.refresh_from_db()
        assert (shelf.name, Variant.objects.get().sku) == ("Oak shelf", "oak-shelf-1")

    def test_what_has_no_price_cannot_go_on_sale(self):
        draft = VariantFactory(product__status="draft", price=None).product

        with pytest.raises(NothingToSell):
            change_product(draft, {"status": "active"})
        change_product(draft, {"status": "active", "price": Decimal(9)})

        assert Product.objects.published().get() == draft

    def test_what_was_archived_can_come_back(self, shelf):
        Product.objects.all().archive()

        change_product(shelf, {"status": "active"})

        assert Product.objects.published().exists()

    def test_the_category_can_be_taken_away(self):
        product = made(category="New", may_add_category=True)

        change_product(product, {"category": ""})

        assert Product.objects.get().category is None

    @pytest.mark.race
    @pytest.mark.both_databases
    @pytest.mark.django_db(transaction=True)
    def test_of_ten_that_want_one_sku_at_once_one_gets_it(self):
        products = [made(name=f"Shelf {number}") for number in range(10)]

        results = together(
            *[lambda product=product: change_product(product, {"sku": "ONE", "name": "Mine"}) for product in products]
        )

        assert sorted(type(result).__name__ for result in results) == ["Product"] + ["SkuTaken"] * 9
        assert Product.objects.filter(name="Mine").count() == Variant.objects.filter(sku="ONE").count() == 1


class TestCategoryOf:
    @pytest.fixture
    def kitchen(self) -> Category:
        return CategoryFactory(name="Kitchen", slug="for-the-kitchen")

    def test_is_found_by_slug_name_and_path(self, kitchen):
        mugs = CategoryFactory(name="Mugs", slug="mugs-1", parent=kitchen)

        found = {category_of(said, may_add=False) for said in ("mugs-1", "mugs", "MUGS", "Kitchen > Mugs")}

        assert found == {mugs.pk}

    def test_of_one_name_the_topmost_is_meant(self, kitchen):
        CategoryFactory(name="Sale", parent=kitchen)
        top = CategoryFactory(name="Sale")

        assert category_of("sale", may_add=False) == top.pk

    def test_a_slug_comes_before_a_name(self, kitchen):
        CategoryFactory(name="for-the-kitchen", slug="other")

        assert category_of("for-the-kitchen", may_add=False) == kitchen.pk

    def test_nothing_said_is_none(self):
        assert category_of("", may_add=True) is None

    @pytest.mark.parametrize("said", ["Garden", "Kitchen > Garden", "x" * 121, ">", "a>" * 30 + "b"])
    def test_an_unknown_one_is_refused(self, kitchen, said):
        with pytest.raises(UnknownCategory):
            category_of(said, may_add=False)

        assert Category.objects.count() == 1

    @pytest.mark.parametrize("said", ["x" * 121, ">", "a>" * 30 + "b"])
    def test_what_can_be_none_is_refused_also_to_who_may_add(self, said):
        with pytest.raises(UnknownCategory):
            category_of(said, may_add=True)

        assert not Category.objects.exists()

    def test_who_may_adds_it_with_those_above(self, kitchen):
        large = Category.objects.get(pk=category_of("Kitchen > Mugs > Large", may_add=True))

        assert (large.name, large.depth, large.path[: Category.steplen]) == ("Large", 3, kitchen.path)

    def test_the_menu_shows_it(self, django_capture_on_commit_callbacks):
        menu.tree()

        with django_capture_on_commit_callbacks(execute=True):
            category_of("Garden", may_add=True)

        assert "garden" in menu.tree().by_slug


class TestCheckOnSale:
    @pytest.mark.parametrize(
        ("status", "prices"), [("draft", []), ("archived", [None]), ("active", [None, Decimal(0)])]
    )
    def test_passes_what_can_be_bought_or_is_not_on_sale(self, status, prices):
        check_on_sale(status, prices)

    @pytest.mark.parametrize("prices", [[], [None]])
    def test_refuses_what_nobody_could_buy(self, prices):
        with pytest.raises(NothingToSell):
            check_on_sale("active", prices)


class TestAddPicture:
    READY = ReadyPicture(b"large", b"small", 960, 1200)

    def test_it_comes_last(self):
        product = ProductFactory()
        ProductImageFactory(product=product, position=4)

        picture = add_picture(product, self.READY, alt_text="Oak")

        assert (picture.position, picture.alt_text, picture.width) == (5, "Oak", 960)

    def test_there_is_room_for_so_many(self):
        product = ProductFactory()
        ProductImage.objects.bulk_create(ProductImage(product=product) for _number in range(MOST_PICTURES - 2))
        PictureAddress.objects.create(product=product, address="http://pictures.test/a", state="wanted")

        add_picture(product, self.READY, alt_text="")

        with pytest.raises(TooManyPictures):
            add_picture(product, self.READY, alt_text="")
        assert product.images.count() == MOST_PICTURES - 1
