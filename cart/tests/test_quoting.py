from decimal import Decimal

import pytest

from cart.quoting import quote_lines
from cart.tests.factories import CartLineFactory
from catalog.models import Variant
from catalog.prices import set_price
from catalog.tests.factories import VariantFactory
from pricing.models import ShippingMethod, TaxClass
from pricing.tax import TaxTable

pytestmark = pytest.mark.django_db
GERMANY = TaxTable(by_class={}, default=Decimal(19))
PARCEL = ShippingMethod(price=Decimal("5.95"), free_from=Decimal(60))


@pytest.fixture
def cart():
    """Two at €20.00 and one at €15.00."""
    line = CartLineFactory(quantity=2)
    CartLineFactory(cart=line.cart, variant=VariantFactory(price=Decimal(15)))
    return line.cart


def lines(cart):
    return list(cart.lines.for_display())


class TestQuoteLines:
    def test_it_adds_up_todays_prices(self, cart):
        set_price(lines(cart)[0].variant, Decimal(22))

        assert quote_lines(lines(cart), taxes=GERMANY, method=None).total == Decimal("59.00")

    def test_delivery_is_part_of_the_total_and_taxed(self, cart):
        quoted = quote_lines(lines(cart), taxes=GERMANY, method=PARCEL)

        assert (quoted.goods, quoted.shipping, quoted.total) == (Decimal(55), Decimal("5.95"), Decimal("60.95"))
        assert quoted.shipping_tax == Decimal("0.95")

    def test_from_the_threshold_on_delivery_is_free(self, cart):
        set_price(lines(cart)[1].variant, Decimal(20))

        assert quote_lines(lines(cart), taxes=GERMANY, method=PARCEL).total == Decimal(60)

    def test_each_product_is_taxed_by_its_class(self, cart):
        books = TaxClass.objects.create(code="of-this-test", name="Books")
        product = lines(cart)[0].variant.product
        product.tax_class = books
        product.save()

        quoted = quote_lines(lines(cart), taxes=TaxTable({books.pk: Decimal(7)}, Decimal(19)), method=None)

        assert [line.tax_rate for line in quoted.lines] == [7, 19]

    def test_what_is_no_longer_sold_is_not_part_of_it(self, cart):
        Variant.objects.filter(pk=lines(cart)[0].variant_id).update(is_active=False)

        assert quote_lines(lines(cart), taxes=GERMANY, method=None).total == Decimal(15)

    def test_net_prices_carry_the_tax_on_top(self, cart, settings):
        settings.PRICES_INCLUDE_TAX = False

        quoted = quote_lines(lines(cart), taxes=GERMANY, method=None)

        assert (quoted.tax, quoted.total) == (Decimal("10.45"), Decimal("65.45"))

    def test_no_lines_cost_nothing(self):
        assert quote_lines([], taxes=GERMANY, method=PARCEL).goods == 0
