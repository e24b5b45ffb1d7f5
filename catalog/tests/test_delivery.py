from decimal import Decimal

import pytest

from catalog import delivery
from pricing.models import ShippingMethod
from pricing.tests.factories import ShippingMethodFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_methods():
    """Only the methods that a test makes."""
    ShippingMethod.objects.all().delete()


class TestDeliveryNote:
    def test_the_cheapest_method_of_the_country_is_told(self, settings):
        settings.SHOP_COUNTRY = "DE"
        ShippingMethodFactory(code="express", price=Decimal("9.90"), min_days=1, max_days=1)
        ShippingMethodFactory(code="parcel", price=Decimal("4.90"), min_days=2, max_days=4)
        ShippingMethodFactory(code="local", price=Decimal("1.00"), countries=["AT"])

        assert delivery.delivery_note(Decimal(20)) == "Delivery to Germany from €4.90, in 2 to 4 days."

    def test_it_is_free_from_the_threshold_on(self):
        ShippingMethodFactory(price=Decimal("4.90"), free_from=Decimal(50), min_days=1, max_days=1)

        assert delivery.delivery_note(Decimal(50)) == "Free delivery to Germany, in 1 day."
        assert delivery.delivery_note(Decimal("49.99")).startswith("Delivery to Germany from €4.90")

    def test_nothing_is_promised_without_a_method(self):
        ShippingMethodFactory(code="abroad", countries=["AT"])
        ShippingMethodFactory(code="old", is_active=False)

        assert delivery.delivery_note(Decimal(20)) == ""

    def test_the_methods_are_read_once(self, django_assert_num_queries):
        ShippingMethodFactory()
        delivery.delivery_note(Decimal(20))

        with django_assert_num_queries(0):
            delivery.delivery_note(Decimal(20))


class TestTaxNote:
    @pytest.mark.parametrize(
        "included, sentence", [(True, "Tax included, delivery extra."), (False, "Plus tax and delivery.")]
    )
    def test_it_follows_the_setting(self, settings, included, sentence):
        settings.PRICES_INCLUDE_TAX = included

        assert delivery.tax_note() == sentence
