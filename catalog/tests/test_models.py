from decimal import Decimal

import pytest

from catalog.models import Product, Variant
from catalog.tests.factories import CategoryFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db
Status = Product.Status


class TestVariant:
    @pytest.mark.parametrize(
        "columns",
        [{"is_active": False}, {"price": None}, {"currency": "USD"}, {"product__status": "draft"}],
        ids=["off sale", "unpriced", "foreign currency", "draft"],
    )
    def test_it_is_not_sellable_for_one_reason_alone(self, columns):
        variant = VariantFactory(**columns)

        assert not variant.is_sellable()
        assert not Variant.objects.sellable().exists()

    def test_it_is_sellable_without_stock(self):
        variant = VariantFactory(on_hand=0)

        assert variant.is_sellable()
        assert list(Variant.objects.sellable()) == [variant]

    def test_untracked_stock_never_ends(self):
        variant = VariantFactory(on_hand=None)

        assert variant.available() is None
        assert variant.is_in_stock()
        assert not variant.is_low()

    @pytest.mark.parametrize("on_hand, is_in_stock", [(1, True), (0, False)])
    def test_the_last_unit_is_in_stock(self, on_hand, is_in_stock):
        variant = Variant.objects.get(pk=VariantFactory(on_hand=on_hand).pk)

        assert variant.is_in_stock() is is_in_stock
        assert Variant.objects.in_stock().exists() is is_in_stock

    @pytest.mark.parametrize("before, is_reduced", [(None, False), (20, False), (21, True)])
    def test_it_is_reduced_below_the_price_before(self, before, is_reduced):
        variant = VariantFactory(price=Decimal(20), compare_at_price=before)

        assert variant.is_reduced() is is_reduced
        assert Variant.objects.reduced().exists() is is_reduced


class TestProduct:
    def test_the_summary_describes_it(self):
        assert ProductFactory(summary="Short.", description="Long.").short_description() == "Short."

    def test_without_a_summary_the_description_begins(self):
        product = ProductFactory(description="<p>Oak &amp; linen</p>" + "<p>for every day</p>" * 20)

        assert product.short_description().startswith("Oak & linen for every day for")
        assert len(product.short_description()) <= 140


class TestPublished:
    def test_an_active_product_with_something_priced_is(self):
        product = VariantFactory(on_hand=0).product

        assert list(Product.objects.published()) == [product]

    @pytest.mark.parametrize("status", [Status.DRAFT, Status.ARCHIVED])
    def test_another_status_is_not(self, status):
        VariantFactory(product__status=status)

        assert not Product.objects.published().exists()

    def test_a_product_without_a_priced_variant_is_not(self):
        VariantFactory(price=None)
        ProductFactory()

        assert not Product.objects.published().exists()

    def test_a_product_appears_once_however_many_variants(self):
        product = ProductFactory()
        VariantFactory(product=product, title="S")
        VariantFactory(product=product, title="M")

        assert list(Product.objects.published().in_stock()) == [product]


class TestOffering:
    def test_one_variant_meets_all_that_is_asked(self):
        product = ProductFactory()
        VariantFactory(product=product, title="S", price=Decimal(10), on_hand=0)
        VariantFactory(product=product, title="M", price=Decimal(50), on_hand=5)

        offering = Product.objects.offering

        assert offering(price_max=20).exists()
        assert offering(price_min=20, in_stock=True).exists()
        assert not offering(price_max=20, in_stock=True).exists()

    def test_limits_are_within(self):
        VariantFactory(price=Decimal(20))

        assert Product.objects.offering(price_min=20, price_max=20).exists()
        assert not Product.objects.offering(price_min=Decimal("20.01")).exists()
        assert not Product.objects.offering(price_max=Decimal("19.99")).exists()


class TestLowestPrice:
    def test_it_is_that_of_a_variant_on_sale(self):
        product = ProductFactory()
        VariantFactory(product=product, title="S", price=Decimal(5), is_active=False)
        VariantFactory(product=product, title="M", price=Decimal(30))
        VariantFactory(product=product, title="L", price=Decimal(20))

        assert Product.objects.with_lowest_price().get().lowest_price == Decimal(20)


class TestInCategory:
    def test_it_counts_all_below(self):
        kitchen = CategoryFactory()
        mugs = CategoryFactory(parent=kitchen)
        mug = ProductFactory(category=mugs)
        pot = ProductFactory(category=kitchen)
        ProductFactory(category=CategoryFactory())

        assert set(Product.objects.in_category(kitchen)) == {mug, pot}
        assert list(Product.objects.in_category(mugs)) == [mug]
