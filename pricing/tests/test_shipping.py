from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from pricing.models import ShippingMethod
from pricing.shipping import arrival, methods_for
from pricing.tests.factories import ShippingMethodFactory


def codes(country="DE", currency="EUR", subtotal="20") -> list[str]:
    return [method.code for method in methods_for(country, currency=currency, subtotal=Decimal(subtotal))]


@pytest.mark.django_db
class TestMethodsFor:
    def test_the_cheapest_comes_first(self):
        ShippingMethodFactory(code="express", price=Decimal(15))
        ShippingMethodFactory(code="standard", price=Decimal(5))

        assert codes() == ["standard", "express"]

    def test_free_delivery_may_make_another_the_cheapest(self):
        ShippingMethodFactory(code="express", price=Decimal(15), free_from=Decimal(100))
        ShippingMethodFactory(code="standard", price=Decimal(5))

        assert codes(subtotal="99.99") == ["standard", "express"]
        assert codes(subtotal="100.00") == ["express", "standard"]

    def test_equal_prices_keep_the_order_that_staff_gave(self):
        ShippingMethodFactory(code="second", position=2)
        ShippingMethodFactory(code="first", position=1)

        assert codes() == ["first", "second"]

    def test_a_method_is_offered_where_it_delivers(self):
        ShippingMethodFactory(code="inland", countries=["DE"])
        ShippingMethodFactory(code="everywhere", countries=[])

        assert codes("DE") == ["inland", "everywhere"]
        assert codes("FR") == ["everywhere"]

    def test_an_inactive_one_is_not_offered(self):
        ShippingMethodFactory(is_active=False)

        assert codes() == []

    def test_one_priced_in_another_currency_is_not_offered(self):
        ShippingMethodFactory(currency="USD")

        assert codes() == []


class TestPriceFor:
    @pytest.mark.parametrize(("subtotal", "price"), [("49.99", "4.90"), ("50.00", "0"), ("50.01", "0")])
    def test_it_is_free_from_the_threshold_on(self, subtotal, price):
        method = ShippingMethod(price=Decimal("4.90"), free_from=Decimal(50))

        assert method.price_for(Decimal(subtotal)) == Decimal(price)

    def test_without_a_threshold_it_is_never_free(self):
        assert ShippingMethod(price=Decimal("4.90")).price_for(Decimal(10**6)) == Decimal("4.90")


class TestCountries:
    @pytest.mark.parametrize("countries", [["de"], ["DEU"], "DE", [1], [None]])
    def test_only_a_list_of_iso_codes_is_accepted(self, countries):
        with pytest.raises(ValidationError):
            ShippingMethod(code="x", name="x", price=1, currency="EUR", countries=countries).clean_fields()


class TestArrival:
    def test_a_weekend_does_not_count(self):
        method = ShippingMethod(min_days=1, max_days=3)
        friday = date(2026, 11, 20)

        assert arrival(method, today=friday) == (date(2026, 11, 23), date(2026, 11, 25))

    def test_what_is_sent_on_saturday_leaves_on_monday(self):
        method = ShippingMethod(min_days=1, max_days=1)

        assert arrival(method, today=date(2026, 11, 21)) == (date(2026, 11, 23), date(2026, 11, 23))

    def test_no_days_is_today(self):
        method = ShippingMethod(min_days=0, max_days=1)

        assert arrival(method, today=date(2026, 11, 18)) == (date(2026, 11, 18), date(2026, 11, 19))
