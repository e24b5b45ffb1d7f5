from decimal import Decimal

import pytest

from pricing.defaults import install_defaults
from pricing.models import TaxClass
from pricing.shipping import methods_for
from pricing.tax import tax_table


@pytest.mark.django_db
class TestInstallDefaults:
    def test_a_new_shop_can_tax_and_deliver(self):
        install_defaults()

        books = TaxClass.objects.get(code="books")
        assert (tax_table("DE").rate(None), tax_table("DE").rate(books.pk)) == (19, 7)
        methods = methods_for("DE", currency="EUR", subtotal=Decimal("59.99"))
        assert [method.price for method in methods] == [Decimal("4.90"), Decimal("12.90")]

    def test_in_a_currency_without_cents_prices_are_whole(self, settings):
        settings.SHOP_CURRENCY = "JPY"

        install_defaults()

        assert [method.price for method in methods_for("DE", currency="JPY", subtotal=Decimal(1))] == [490, 1290]
