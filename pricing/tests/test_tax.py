from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from pricing.models import TaxRate
from pricing.tax import tax_table
from pricing.tests.factories import TaxClassFactory, TaxRateFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def books():
    return TaxClassFactory(code="books", name="Books", is_default=False)


class TestTaxTable:
    def test_goods_without_a_class_take_the_defaults_rate(self):
        TaxRateFactory(rate=Decimal(19))

        assert tax_table("DE").rate(None) == 19

    def test_a_class_has_its_own_rate(self, books):
        TaxRateFactory(rate=Decimal(19))
        TaxRateFactory(tax_class=books, rate=Decimal(7))

        assert tax_table("DE").rate(books.pk) == 7

    def test_rates_are_the_countrys(self):
        TaxRateFactory(country="DE", rate=Decimal(19))
        TaxRateFactory(country="FR", rate=Decimal(20))

        assert tax_table("FR").rate(None) == 20

    def test_a_country_without_rates_is_untaxed(self):
        TaxRateFactory(country="DE")

        assert tax_table("CH").rate(None) == 0

    def test_a_class_without_a_rate_in_the_country_is_untaxed(self, books):
        TaxRateFactory(country="DE")

        assert tax_table("DE").rate(books.pk) == 0

    def test_it_takes_one_statement(self, books, django_assert_num_queries):
        TaxRateFactory()
        TaxRateFactory(tax_class=books)

        with django_assert_num_queries(1):
            tax_table("DE").rate(books.pk)


class TestTaxRate:
    def test_a_class_has_one_rate_a_country(self):
        rate = TaxRateFactory()

        with pytest.raises(IntegrityError), transaction.atomic():
            TaxRate.objects.create(tax_class=rate.tax_class, country="DE", rate=7)

    @pytest.mark.parametrize("rate", ["-0.001", "100.001"])
    def test_a_rate_is_a_percentage(self, rate):
        with pytest.raises(IntegrityError), transaction.atomic():
            TaxRateFactory(rate=Decimal(rate))

    def test_only_one_class_is_the_default(self):
        TaxClassFactory()

        with pytest.raises(IntegrityError), transaction.atomic():
            TaxClassFactory(code="another")
