from factory import LazyAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from cart.models import Cart, CartLine
from catalog.tests.factories import VariantFactory


class CartFactory(DjangoModelFactory):
    """A guest's open cart."""

    class Meta:
        model = Cart

    key = Sequence("session-{}".format)


class CartLineFactory(DjangoModelFactory):
    class Meta:
        model = CartLine

    cart = SubFactory(CartFactory)
    variant = SubFactory(VariantFactory)
    quantity = 1
    unit_price = LazyAttribute(lambda line: line.variant.price)
