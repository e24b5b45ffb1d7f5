from decimal import Decimal

import factory
from django.conf import settings
from django.utils import timezone
from factory.django import DjangoModelFactory

from catalog import stock
from catalog.models import Category, PictureAddress, Product, ProductAttribute, ProductImage, Variant


class CategoryFactory(DjangoModelFactory):
    """A top category, or one below `parent`."""

    class Meta:
        model = Category

    name = factory.Sequence("Category {}".format)
    slug = factory.Sequence("category-{}".format)

    @classmethod
    def _create(cls, model_class, *args, parent=None, **columns):
        if parent is None:
            return Category.objects.add_root(create_kwargs=columns)
        return Category.objects.add_child(parent, create_kwargs=columns)


class ProductFactory(DjangoModelFactory):
    """An active product without a variant; `VariantFactory` makes one that is sold."""

    class Meta:
        model = Product

    name = factory.Sequence("Product {}".format)
    slug = factory.Sequence("product-{}".format)
    status = Product.Status.ACTIVE


class VariantFactory(DjangoModelFactory):
    """A variant on sale of which `on_hand` units were received; with None its stock is not tracked."""

    class Meta:
        model = Variant

    product = factory.SubFactory(ProductFactory)
    sku = factory.Sequence("SKU-{}".format)
    options = factory.List([])
    title = factory.LazyAttribute(lambda variant: " / ".join(value for _name, value in variant.options))
    price = Decimal("20.00")
    currency = factory.LazyFunction(lambda: settings.SHOP_CURRENCY)

    @classmethod
    def _create(cls, model_class, *args, on_hand=10, **columns):
        variant = super()._create(model_class, *args, **columns, track_stock=False)
        if on_hand is not None:
            stock.start_tracking(variant)
            if on_hand:
                stock.receive({variant.pk: on_hand}, at=timezone.now(), note="opening stock")
        return variant


class ProductImageFactory(DjangoModelFactory):
    """A row that names files; nothing is written."""

    class Meta:
        model = ProductImage

    product = factory.SubFactory(ProductFactory)
    image = factory.Sequence("products/{}-large.webp".format)
    thumbnail = factory.Sequence("products/{}-small.webp".format)
    width = 960
    height = 1200
    alt_text = "What is for sale"


class PictureAddressFactory(DjangoModelFactory):
    """An address that an import named and nobody asked to fetch."""

    class Meta:
        model = PictureAddress

    product = factory.SubFactory(ProductFactory)
    address = factory.Sequence("http://pictures.test/{}.png".format)


class ProductAttributeFactory(DjangoModelFactory):
    class Meta:
        model = ProductAttribute

    product = factory.SubFactory(ProductFactory)
    name = "Material"
    value = "Oak"
