"""Whole catalogues: what two of them are compared by, and an empty shop to take one in."""

from typing import Any

from catalog.models import Category, Product, StockMovement, StockRecord, Variant
from catalog.picture_addresses import address_book


def described() -> list[dict[str, Any]]:
    """All that an export and its import keep, product by product in the order in which they were made."""
    products = Product.objects.select_related("category", "tax_class").order_by("pk")
    return [_product(product) for product in products.iterator(chunk_size=500)]


def differences(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    """What of two catalogues is not equal, a line each, for people."""
    names = [product["name"] for product in before], [product["name"] for product in after]
    if len(before) != len(after):
        return [f"{len(before)} products, then {len(after)}"] + sorted(map(repr, set(names[0]) ^ set(names[1])))
    return [
        f"{old['slug']}, {field}: {old[field]!r}, then {new[field]!r}"
        for old, new in zip(before, after, strict=True)
        for field in old
        if old[field] != new[field]
    ]


def empty_shop() -> None:
    """Remove the whole catalogue, with its stock, ledger and categories."""
    for model in (StockMovement, StockRecord, Variant, Product, Category):
        model.objects.all().delete()


def _product(product: Product) -> dict[str, Any]:
    columns = ("name", "slug", "external_id", "summary", "description", "brand", "status")
    book = address_book(product)
    return {
        **{name: getattr(product, name) for name in (*columns, "seo_title", "seo_description")},
        "category": _path(product.category),
        "tax_class": product.tax_class and product.tax_class.code,
        "attributes": sorted(product.attributes.values_list("name", "value")),
        "pictures": list(book.pictures.items()),
        "variants": [
            _variant(variant, book.of_variant(variant))
            for variant in product.variants.select_related("stock", "picture_address").order_by("position", "pk")
        ],
    }


def _path(category: Category | None) -> list[str]:
    if category is None:
        return []
    paths = [category.path[:length] for length in range(Category.steplen, len(category.path) + 1, Category.steplen)]
    return list(Category.objects.filter(path__in=paths).order_by("path").values_list("name", flat=True))


def _variant(variant: Variant, picture: str) -> dict[str, Any]:
    columns = ("sku", "barcode", "options", "title", "price", "compare_at_price", "currency")
    stock = getattr(variant, "stock", None)
    return {
        **{name: getattr(variant, name) for name in (*columns, "weight_grams", "track_stock", "is_active")},
        "on_hand": stock and stock.on_hand,
        "low_stock_threshold": stock and stock.low_stock_threshold,
        "picture": picture,
    }
