"""JSON lines: a product a line, with all that the shop says of it."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from catalog.exporting.catalogue import CategoryPaths, facts, units_on_hand, whole_catalogue
from catalog.models import Product, Variant
from catalog.picture_addresses import AddressBook, address_book
from pricing.money import plain


def json_lines() -> Iterator[str]:
    """One line a product. Amounts are texts, such as "12.50", in the `currency` beside them."""
    paths = CategoryPaths()
    for product in whole_catalogue():
        yield json.dumps(_product(product, paths), ensure_ascii=False, separators=(",", ":")) + "\n"


def _product(product: Product, paths: CategoryPaths) -> dict[str, Any]:
    book = address_book(product)
    return {
        "handle": product.slug,
        "external_id": product.external_id,
        "name": product.name,
        "summary": product.summary,
        "description": product.description,
        "brand": product.brand,
        "category": paths.of(product),
        "status": product.status,
        "tax_class": product.tax_class.code if product.tax_class else "",
        "attributes": facts(product),
        "seo_title": product.seo_title,
        "seo_description": product.seo_description,
        "pictures": [{"address": address, "alt_text": text} for address, text in book.pictures.items()],
        "variants": [_variant(variant, book) for variant in product.variants.all()],
    }


def _variant(variant: Variant, book: AddressBook) -> dict[str, Any]:
    stock = getattr(variant, "stock", None)
    return {
        "sku": variant.sku,
        "options": variant.options,
        "price": _amount(variant.price, variant),
        "compare_at_price": _amount(variant.compare_at_price, variant),
        "currency": variant.currency,
        "barcode": variant.barcode,
        "weight_grams": variant.weight_grams,
        "stock": units_on_hand(variant),
        "low_stock_threshold": stock.low_stock_threshold if stock else None,
        "is_active": variant.is_active,
        "picture": book.of_variant(variant) or None,
    }


def _amount(amount: Decimal | None, variant: Variant) -> str | None:
    return None if amount is None else plain(amount, variant.currency)
