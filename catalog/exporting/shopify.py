"""Shopify's product CSV, in the columns of Shopify's own export, so that either shop takes it in.

https://help.shopify.com/en/manual/products/import-export/using-csv
"""

import csv
import io
import json
from collections.abc import Iterator
from itertools import zip_longest

from django.utils.text import slugify

from catalog import shopify_columns as own
from catalog.exporting.catalogue import CategoryPaths, facts, units_on_hand, whole_catalogue
from catalog.exporting.shopify_options import OptionCells, option_cells
from catalog.models import Product, ProductAttribute, Variant
from catalog.picture_addresses import AddressBook, address_book
from pricing.money import plain

COLUMNS = [
    *("Handle", "Title", "Body (HTML)", "Vendor", "Type", "Published"),
    *(f"Option{number} {part}" for number in (1, 2, 3) for part in ("Name", "Value")),
    *("Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty"),
    *("Variant Inventory Policy", "Variant Fulfillment Service", "Variant Price", "Variant Compare At Price"),
    *("Variant Requires Shipping", "Variant Taxable", "Variant Barcode"),
    *("Image Src", "Image Position", "Image Alt Text", "Gift Card", "SEO Title", "SEO Description"),
    *("Variant Image", "Variant Weight Unit", "Status"),
    *(own.SUMMARY, own.EXTERNAL_ID, own.CATEGORY_PATH, own.TAX_CLASS),
    *(own.OPTIONS, own.IS_ACTIVE, own.LOW_STOCK_THRESHOLD, own.CURRENCY),
]
BETWEEN_CATEGORIES = " > "

Cells = dict[str, str]


def shopify_csv() -> Iterator[str]:
    """The header, then the rows of one product after another.

    An attribute that is named for the first time while the export runs has no column and is left out.
    """
    names = sorted(ProductAttribute.objects.order_by().values_list("name", flat=True).distinct())
    attributes = dict(zip(names, _attribute_columns(names), strict=True))
    columns = [*COLUMNS, *attributes.values()]
    yield _text([columns])
    paths = CategoryPaths()
    for product in whole_catalogue():
        rows = _rows(product, paths, attributes)
        yield _text([row.get(column, "") for column in columns] for row in rows)


def _text(rows) -> str:
    """Rows as CSV. Lines end as RFC 4180 has it, which makes Python quote both of their characters within a cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([own.neutral(cell) for cell in row] for row in rows)
    return text.getvalue()


def _attribute_columns(names: list[str]) -> Iterator[str]:
    """A metafield column for each attribute: ``Material (product.metafields.custom.material)``, no key twice."""
    taken: set[str] = set()
    for name in names:
        wished = slugify(name).replace("-", "_")[:50] or "attribute"
        key, number = wished, 1
        while key in taken:
            number += 1
            key = f"{wished}_{number}"
        taken.add(key)
        yield f"{name} (product.metafields.{own.ATTRIBUTES}.{key})"


def _rows(product: Product, paths: CategoryPaths, attributes: dict[str, str]) -> Iterator[Cells]:
    """A row for each variant and picture, as many as there are of the more numerous."""
    book = address_book(product)
    variants = list(product.variants.all())
    options = option_cells(variants)
    first = _product_cells(product, paths, attributes)
    lines = zip_longest(variants, options, book.pictures.items())
    for number, (variant, option, picture) in enumerate(lines, start=1):
        row = {"Handle": product.slug, **first}
        if variant is not None:
            row |= _variant_cells(variant, option, book, is_first=number == 1)
        if picture is not None:
            row |= {"Image Src": picture[0], "Image Position": str(number), "Image Alt Text": picture[1]}
        yield row
        first = {}
    if not variants and not book.pictures:
        yield {"Handle": product.slug, **first}


def _product_cells(product: Product, paths: CategoryPaths, attributes: dict[str, str]) -> Cells:
    category = paths.of(product)
    return {
        "Title": product.name,
        "Body (HTML)": product.description,
        "Vendor": product.brand,
        "Type": BETWEEN_CATEGORIES.join(category),
        "Published": _yes_or_no(product.status == Product.Status.ACTIVE),
        "Gift Card": "false",
        "SEO Title": product.seo_title,
        "SEO Description": product.seo_description,
        "Status": product.status,
        own.SUMMARY: product.summary,
        own.EXTERNAL_ID: product.external_id or "",
        own.CATEGORY_PATH: _json(category) if any(">" in name for name in category) else "",
        own.TAX_CLASS: product.tax_class.code if product.tax_class else "",
        **{attributes[name]: own.packed(values) for name, values in facts(product).items() if name in attributes},
    }


def _variant_cells(variant: Variant, option: OptionCells, book: AddressBook, *, is_first: bool) -> Cells:
    units = units_on_hand(variant)
    record = getattr(variant, "stock", None)
    cells = {
        "Variant SKU": own.neutral_code(variant.sku),
        "Variant Grams": "" if variant.weight_grams is None else str(variant.weight_grams),
        "Variant Inventory Tracker": "" if units is None else "shopify",
        "Variant Inventory Qty": "" if units is None else str(units),
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Price": "" if variant.price is None else plain(variant.price, variant.currency),
        "Variant Compare At Price": (
            "" if variant.compare_at_price is None else plain(variant.compare_at_price, variant.currency)
        ),
        "Variant Requires Shipping": "true",
        "Variant Taxable": "true",
        "Variant Barcode": own.neutral_code(variant.barcode),
        "Variant Image": book.of_variant(variant),
        "Variant Weight Unit": "g",
        own.OPTIONS: _json(variant.options) if option.says_too_little else "",
        own.IS_ACTIVE: _yes_or_no(variant.is_active),
        own.LOW_STOCK_THRESHOLD: str(record.low_stock_threshold) if record else "",
        own.CURRENCY: variant.currency,
    }
    for column, (name, value) in enumerate(option.pairs, start=1):
        cells |= {f"Option{column} Value": value, **({f"Option{column} Name": name} if is_first else {})}
    return cells


def _yes_or_no(is_so: bool) -> str:
    return "true" if is_so else "false"


def _json(values) -> str:
    return json.dumps(values, ensure_ascii=False)
