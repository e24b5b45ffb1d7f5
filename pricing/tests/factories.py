from decimal import Decimal

from factory import SubFactory
from factory.django import DjangoModelFactory

from pricing.models import ShippingMethod, TaxClass, TaxRate


class TaxClassFactory(DjangoModelFactory):
    """By default the default class, 'standard'."""

    code = "standard"
    name = "Standard"
    is_default = True

    class Meta:
        model = TaxClass
        django_get_or_create = ("code",)


class TaxRateFactory(DjangoModelFactory):
    tax_class = SubFactory(TaxClassFactory)
    country = "DE"
    rate = Decimal(19)

    class Meta:
        model = TaxRate
        django_get_or_create = ("tax_class", "country")


class ShippingMethodFactory(DjangoModelFactory):
    code = "standard"
    name = "Standard parcel"
    price = Decimal("4.90")
    currency = "EUR"

    class Meta:
        model = ShippingMethod
        django_get_or_create = ("code",)
