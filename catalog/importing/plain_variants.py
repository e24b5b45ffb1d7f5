"""Variants of plain records: the record itself is one, or it lists several."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing import values
from catalog.importing.cells import Cells
from catalog.importing.options import Options
from catalog.importing.rows import ParsedVariant, fault
from catalog.importing.tables import plain_name

Pairs = tuple[tuple[str, str], ...]

# How Shopify writes that a product has a single variant.
NO_CHOICE = ("Title", "Default Title")

FIELDS = {
    "sku": "sku",
    "options": "options",
    "option_values": "options",
    "option1": "option1",
    "option2": "option2",
    "option3": "option3",
    "price": "price",
    "compare_at_price": "compare_at_price",
    "currency": "currency",
    **dict.fromkeys(("barcode", "ean", "gtin", "upc"), "barcode"),
    **dict.fromkeys(("weight_grams", "grams"), "weight"),
    **dict.fromkeys(("stock", "stock_quantity", "inventory_quantity", "quantity"), "stock"),
    "low_stock_threshold": "low_stock_threshold",
    "is_active": "is_active",
    **dict.fromkeys(("picture", "image", "image_url"), "picture"),
}


def own_variant(cells: Cells, options: Options) -> ParsedVariant:
    """What a record says of its product's single variant."""
    unit = cells.take("weight_unit", values.text, "").lower()
    _take_currency(cells, options)
    variant = _variant(cells, values.code, unit=unit)
    variant.weight_grams = variant.weight_grams or None
    return variant


def variants_of(product: Cells, options: Options) -> list[ParsedVariant]:
    """The variants that a record lists; what is wrong with them is added to what is wrong with it."""
    _column, listed = product.cells["variants"]
    no_names: tuple[str, ...] = ()
    names = product.take("options", _option_names, no_names)
    price = product.take("price", values.price, None)
    variants = []
    for number, record in enumerate(listed, start=1):
        column = f"variants[{number}]"
        if not isinstance(record, dict):
            product.faults.append(fault(product.place, _("This is no variant."), column, record))
            continue
        cells = Cells(product.place, _fields(column, record))
        variant = _listed_variant(cells, names, product, options)
        variant.price = price if variant.price is None else variant.price
        variants.append(variant)
        product.faults += cells.faults
    return variants


def _fields(column: str, record: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    return {
        FIELDS[name]: (f"{column}.{key}", value) for key, value in record.items() if (name := plain_name(key)) in FIELDS
    }


def _listed_variant(cells: Cells, names: tuple[str, ...], product: Cells, options: Options) -> ParsedVariant:
    currency = ""
    if product.has("external_id"):  # the shop's own export keeps each variant's currency
        currency = cells.take("currency", partial(values.short_text, limit=3), "")
    else:
        _take_currency(cells, options)
    variant = _variant(cells, values.short_text, currency=currency)
    variant.currency = currency
    variant.options = cells.take("options", _options, ()) or _numbered_options(cells, names)
    variant.is_active = cells.take("is_active", values.yes_or_no, None)
    variant.picture = cells.take("picture", lambda value: values.picture(value).address, "")
    return variant


def _variant(cells: Cells, code: Any, *, currency: str = "", unit: str = "") -> ParsedVariant:
    price = partial(values.price, currency=currency)
    return ParsedVariant(
        place=cells.place,
        sku=cells.take("sku", values.limited(code, 100), ""),
        sku_column=cells.column("sku"),
        price=cells.take("price", price, None),
        compare_at_price=cells.take("compare_at_price", price, None),
        says_compare_at=cells.has("compare_at_price"),
        barcode=cells.take("barcode", values.limited(code, 50), ""),
        weight_grams=cells.take("weight", partial(values.grams, unit=unit), None),
        stock=cells.take("stock", values.units, None),
        low_stock_threshold=cells.take("low_stock_threshold", values.units, None),
    )


def _take_currency(cells: Cells, options: Options) -> None:
    """Adds to what is wrong a currency that is not the one which is taken."""
    cells.take("currency", partial(values.currency, wanted=options.wanted_currency()), "")


def _options(value: Any) -> Pairs:
    said = [
        (values.short_text(name, limit=60), values.short_text(written, limit=120))
        for name, written in values.pairs(value)
    ]
    return _chosen(said)


def _option_names(value: list[Any]) -> tuple[str, ...]:
    """The names of ``[{"name": "Size"}]``, whose values the variants have as `option1` to `option3`."""
    named = [each.get("name", "") if isinstance(each, dict) else each for each in value]
    return tuple(values.short_text(name, limit=60) for name in named)


def _numbered_options(cells: Cells, names: tuple[str, ...]) -> Pairs:
    said = (
        (name, cells.take(f"option{number}", values.limited(values.short_text, 120), ""))
        for number, name in enumerate(names[:3], start=1)
    )
    return _chosen(said)


def _chosen(said: Iterable[tuple[str, str]]) -> Pairs:
    """The pairs that say something: beside others, a title called “Default Title” is one like any other."""
    pairs = tuple((name, value) for name, value in said if name and value)
    return () if pairs == (NO_CHOICE,) else pairs
