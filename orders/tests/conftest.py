from decimal import Decimal

import pytest

from catalog.tests.factories import VariantFactory
from pricing.models import ShippingMethod, TaxClass
from pricing.tests.factories import ShippingMethodFactory, TaxRateFactory


@pytest.fixture
def shop(db):
    """Germany at 19 %; a parcel at €4.90 and a courier at €12.90."""
    ShippingMethod.objects.all().delete()
    TaxClass.objects.all().delete()
    TaxRateFactory()
    ShippingMethodFactory(code="standard", price=Decimal("4.90"))
    ShippingMethodFactory(code="express", name="Courier", price=Decimal("12.90"), countries=["DE"])


@pytest.fixture
def mug(db):
    """€20.00, five on hand."""
    return VariantFactory(sku="MUG", product__name="Mug", on_hand=5)


@pytest.fixture
def plate(db):
    """€15.00, five on hand."""
    return VariantFactory(sku="PLATE", product__name="Plate", price=Decimal(15), on_hand=5)
