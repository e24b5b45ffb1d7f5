"""How products and stock look in the API. `absolute` makes whole addresses of paths."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings

from catalog.cards import shown_variants
from catalog.menu import Branch, Tree
from catalog.models import Product, ProductImage, StockRecord, Variant
from pricing.money import rounded

Absolute = Callable[[str], str]
Fields = dict[str, Any]


def product_fields(product: Product, absolute: Absolute) -> Fields:
    """A product of which category, variants, stock and pictures have been read (`for_listing`); no statement."""
    variants = shown_variants(product.variants.all())
    images = {image.pk: picture_fields(image, absolute) for image in product.images.all()}
    return {
        "id": product.pk,
        "name": product.name,
        "description": product.description,
        "price": lowest_price(variants),
        "currency": settings.SHOP_CURRENCY,
        "sku": variants[0].sku if variants else "",
        "stock": summed_stock(variants),
        "category": product.category.slug if product.category else None,
        "url": absolute(product.get_absolute_url()),
        "image": next((image["url"] for image in images.values()), None),
        "variants": [variant_fields(variant, images) for variant in variants],
        "summary": product.summary,
        "brand": product.brand,
        "status": product.status,
        "images": list(images.values()),
        "created_at": product.created_at,
    }


def variant_fields(variant: Variant, images: dict[int, Fields]) -> Fields:
    """A variant, with the address of its own picture where it has one among the product's."""
    picture = images.get(variant.picture_id or 0)
    return {
        "id": variant.pk,
        "sku": variant.sku,
        "title": variant.title,
        "options": option_fields(variant),
        "price": amount(variant.price, variant.currency),
        "compare_at_price": amount(variant.compare_at_price, variant.currency),
        "currency": variant.currency,
        "stock": variant.available(),
        "barcode": variant.barcode,
        "weight_grams": variant.weight_grams,
        "image": picture["url"] if picture else None,
    }


def option_fields(variant: Variant) -> dict[str, str]:
    pairs = variant.options if isinstance(variant.options, list) else []
    return {str(pair[0]): str(pair[1]) for pair in pairs if isinstance(pair, list) and len(pair) == 2}


def picture_fields(picture: ProductImage, absolute: Absolute) -> Fields:
    return {
        "id": picture.pk,
        "url": absolute(picture.largest_url()),
        "alt_text": picture.alt_text,
        "width": picture.width,
        "height": picture.height,
    }


def category_fields(branch: Branch, tree: Tree, absolute: Absolute) -> Fields:
    parent = tree.parent(branch)
    return {
        "slug": branch.slug,
        "name": branch.name,
        "parent": parent.slug if parent else None,
        "url": absolute(branch.get_absolute_url()),
    }


def stock_fields(variant: Variant, record: StockRecord | None) -> Fields:
    return {
        "variant_id": variant.pk,
        "sku": variant.sku,
        "tracked": record is not None,
        "on_hand": record.on_hand if record else None,
        "reserved": record.reserved if record else None,
        "available": record.available if record else None,
    }


def lowest_price(variants: list[Variant]) -> Decimal | None:
    """In the shop's currency, with its digits; None where nothing has such a price."""
    currency = settings.SHOP_CURRENCY
    prices = [variant.price for variant in variants if variant.price is not None and variant.currency == currency]
    return amount(min(prices, default=None), currency)


def summed_stock(variants: list[Variant]) -> int | None:
    """What can be bought of all together; None where any is not tracked."""
    counts = [variant.available() for variant in variants]
    return None if None in counts else sum(count or 0 for count in counts)


def amount(price: Decimal | None, currency: str) -> Decimal | None:
    return None if price is None else rounded(price, currency)
