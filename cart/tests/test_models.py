from decimal import Decimal

import pytest
from django.utils import timezone

from cart.models import CartLine
from cart.tests.factories import CartLineFactory
from catalog import stock
from catalog.models import Variant
from catalog.prices import set_price
from catalog.tests.factories import ProductImageFactory, VariantFactory

pytestmark = pytest.mark.django_db


def reread(line: CartLine) -> CartLine:
    return CartLine.objects.for_display().get(pk=line.pk)


@pytest.fixture
def line():
    """Three mugs of which five are there."""
    return CartLineFactory(variant=VariantFactory(on_hand=5), quantity=3)


class TestNotice:
    def test_where_nothing_changed_there_is_none(self, line):
        assert reread(line).notice() == ""

    def test_a_changed_price_is_shown_with_the_old_one(self, line):
        set_price(line.variant, Decimal("21.50"))

        assert reread(line).notice() == "The price changed from €20.00 to €21.50 since you added it."

    def test_a_shortage_says_what_is_left(self, line):
        stock.reserve({line.variant_id: 3}, reference="another order", at=timezone.now())

        assert reread(line).notice() == "Only 2 left. Change the quantity to check out."
        assert (reread(line).shortage(), reread(line).max_quantity()) == (2, 2)

    def test_the_last_units_are_no_shortage(self, line):
        stock.reserve({line.variant_id: 2}, reference="another order", at=timezone.now())

        assert reread(line).notice() == ""

    def test_sold_out_in_the_meantime(self, line):
        stock.reserve({line.variant_id: 5}, reference="another order", at=timezone.now())

        assert reread(line).notice().startswith("Sold out")

    def test_no_longer_sold(self, line):
        Variant.objects.filter(pk=line.variant_id).update(is_active=False)

        assert reread(line).notice().startswith("No longer sold")

    def test_what_was_capped(self, line):
        CartLine.objects.filter(pk=line.pk).update(wanted=8)

        assert reread(line).notice() == "You asked for 8; the quantity is now 3, which is all there is."


class TestForDisplay:
    def test_it_takes_two_statements_however_many_lines(self, django_assert_num_queries):
        cart = CartLineFactory().cart
        CartLineFactory.create_batch(9, cart=cart)
        for line in cart.lines.all():
            ProductImageFactory(product=line.variant.product)

        with django_assert_num_queries(2):
            for line in cart.lines.for_display():
                assert line.image() and not line.notice() and line.line_total()


class TestImage:
    def test_the_variants_own_picture_comes_first(self, line):
        ProductImageFactory(product=line.variant.product)
        own = ProductImageFactory(product=line.variant.product)
        Variant.objects.filter(pk=line.variant_id).update(picture=own)

        assert reread(line).image() == own

    def test_else_the_products_first_in_order(self, line):
        ProductImageFactory(product=line.variant.product, position=2)
        first = ProductImageFactory(product=line.variant.product, position=1)

        assert reread(line).image() == first

    def test_without_any_there_is_none(self, line):
        assert reread(line).image() is None
