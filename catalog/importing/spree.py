"""Spree's product CSV: a row for each variant and currency, the product's own row among them."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.importing import values
from catalog.importing.cells import Cells
from catalog.importing.columns import Columns
from catalog.importing.currencies import check_currencies, other_currency
from catalog.importing.rows import ParsedPicture, ParsedProduct, ParsedVariant, Skipped, WrongProduct, fault
from catalog.importing.spool import Row
from catalog.importing.table_format import TableFormat
from catalog.importing.tables import plain_name
from catalog.importing.texts import attribute_name

T = TypeVar("T")

FIELDS = {
    "slug": "handle",
    "sku": "sku",
    "name": "name",
    "price": "price",
    "compare_at_price": "compare_at_price",
    "currency": "currency",
    "status": "status",
    "description": "description",
    "meta_title": "seo_title",
    "meta_description": "seo_description",
    "barcode": "barcode",
    "weight": "weight",
    "weight_unit": "weight_unit",
    "inventory_count": "stock",
    "track_inventory": "is_tracked",
}
# Said of every product and of no use here, so not worth a note.
TAKEN_FOR_GRANTED = {"available_on", "discontinue_on", "dimensions_unit", "inventory_backorderable", "meta_keywords"}
# Columns that are counted through: category1, option2_value, image3_src.
COUNTED = re.compile(r"(category|option|image)([1-9]\d?)(_name|_value|_src)?")
CUSTOM_FIELD = "custom_field."
ONLY_IN_SPREE = {"category1", "option1_name", "image1_src", "tax_category", "track_inventory", "available_on"}


class SpreeProducts(TableFormat):
    name = gettext_lazy("Spree CSV")

    @staticmethod
    def recognises(columns: set[str]) -> bool:
        return {"slug", "sku", "name", "price", "currency"} <= columns and bool(columns & ONLY_IN_SPREE)

    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct | Skipped]:
        header, table = self.table()
        columns = Columns(header, _fields(header), granted=TAKEN_FOR_GRANTED, unused=self.unused)
        facts = {column: attribute_name(column.rpartition(".")[2]) for column in header if _is_custom(column)}
        currencies: Counter[str] = Counter()
        wanted = self.options.wanted_currency()
        for handle, group in self.together(_counting(table, columns, currencies), partial(columns.raw, field="handle")):
            check_currencies(self.source.name, currencies, wanted=wanted)
            if not handle:
                sentence = _("The row has no slug.")
                yield from (WrongProduct([fault(place, sentence, "slug")]) for place, _row in group)
                continue
            try:
                yield from _products([columns.cells(place, row) for place, row in group], wanted=wanted, facts=facts)
            except WrongProduct as wrong:
                yield wrong


def _is_custom(column: str) -> bool:
    return column.lower().startswith(CUSTOM_FIELD)


def _fields(header: list[str]) -> dict[str, str]:
    """The field of each column by its plain name; custom fields are named as they stand in the header."""
    fields = dict(FIELDS)
    for column in header:
        name = plain_name(column)
        if COUNTED.fullmatch(name):
            fields[name] = name
        elif _is_custom(column):
            fields[name] = column
    return fields


def _counting(table: Iterator[Row], columns: Columns, currencies: Counter[str]) -> Iterator[Row]:
    for place, row in table:
        currencies[columns.raw(row, "currency").upper()] += 1
        yield place, row


def _products(
    rows: list[Cells], *, wanted: str, facts: dict[str, str]
) -> Iterator[ParsedProduct | WrongProduct | Skipped]:
    """The product with the variants that have a price in `wanted`, if any; rows of other currencies are skipped.

    What another currency's row says of the same SKU besides its price is taken
    where the wanted one is silent.
    """
    priced = []
    for cells in rows:
        currency = cells.take("currency", values.text, "").upper() or wanted
        if currency == wanted:
            priced.append(cells)
        else:
            yield other_currency(cells.place, currency, wanted=wanted)
    by_sku = defaultdict(list)
    for cells in rows:
        by_sku[_raw(cells, "sku") or id(cells)].append(cells)
    variants = [_variant([cells, *by_sku[_raw(cells, "sku") or id(cells)]], wanted) for cells in priced]
    if any(_raw(cells, "option1_value") for cells in rows):
        variants = [variant for variant in variants if variant.options]
    if not variants:
        return
    product = _product(rows, variants, facts)
    if faults := dict.fromkeys(found for cells in rows for found in cells.faults):
        raise WrongProduct(list(faults))
    yield product


def _raw(cells: Cells, field: str) -> str:
    return cells.cells.get(field, ("", ""))[1]


def _first(rows: list[Cells], field: str, reader: Callable[[Any], T], empty: T) -> T:
    """The value in the first row that has one."""
    filled = next((cells for cells in rows if _raw(cells, field)), None)
    return filled.take(field, reader, empty) if filled else empty


def _product(rows: list[Cells], variants: list[ParsedVariant], facts: dict[str, str]) -> ParsedProduct:
    name = _first(rows, "name", values.limited(values.short_text, 400), "")
    if not name and not any(cells.faults for cells in rows):
        rows[0].refuse("name", _("One row of a slug needs the product's name."))
    no_path: tuple[str, ...] = ()
    said = {
        attribute: _first(rows, column, values.limited(values.short_text, 120), "")
        for column, attribute in facts.items()
        if attribute
    }
    return ParsedProduct(
        place=rows[0].place,
        name=name,
        name_column=rows[0].column("name"),
        variants=variants,
        ids={"handle": _first(rows, "handle", values.limited(values.short_text, 100), "")},
        description=_first(rows, "description", values.description, ""),
        category=_first(rows, "category1", _path, no_path),
        attributes={attribute: (value,) for attribute, value in said.items() if value},
        status=_first(rows, "status", values.status, ""),
        seo_title=_first(rows, "seo_title", values.limited(values.short_text, 120), ""),
        seo_description=_first(rows, "seo_description", values.limited(values.short_text, 320), ""),
        pictures=_pictures(rows),
    )


def _path(written: str) -> tuple[str, ...]:
    """``Kitchen -> Coffee Machines`` from the top of the tree down."""
    return values.category_path(written.split("->"))


def _pictures(rows: list[Cells]) -> tuple[ParsedPicture, ...]:
    fields = [field for field in rows[0].cells if field.endswith("_src")]
    addresses = [cells.take(field, values.text, "") for cells in rows for field in fields]
    return tuple(ParsedPicture(address) for address in dict.fromkeys(addresses) if address)


def _options(rows: list[Cells]) -> tuple[tuple[str, str], ...]:
    said = []
    for cells in rows:
        for number in range(1, 100):
            if not cells.has(f"option{number}_name"):
                break
            name = cells.take(f"option{number}_name", values.limited(values.short_text, 60), "")
            value = cells.take(f"option{number}_value", values.limited(values.short_text, 120), "")
            if name and value:
                said.append((name, value))
        if said:
            break
    return tuple(said)


def _variant(rows: list[Cells], currency: str) -> ParsedVariant:
    """The first row is the one with the price."""
    priced = rows[0]
    price = partial(values.price, currency=currency)
    unit = _first(rows, "weight_unit", values.text, "").lower()
    stock = _first(rows, "stock", values.whole_number, None)
    is_tracked = _first(rows, "is_tracked", values.yes_or_no, True)
    return ParsedVariant(
        place=priced.place,
        sku=_first(rows, "sku", values.limited(values.code, 100), ""),
        sku_column=priced.column("sku"),
        options=_options(rows),
        price=priced.take("price", price, None),
        # Spree writes 0 where nothing is compared with.
        compare_at_price=priced.take("compare_at_price", price, None) or None,
        says_compare_at=priced.has("compare_at_price"),
        barcode=_first(rows, "barcode", values.limited(values.code, 50), ""),
        weight_grams=_first(rows, "weight", partial(values.grams, unit=unit), None) or None,
        # Spree counts below zero what was ordered beyond the stock; nothing is on the shelf then.
        stock=max(stock, 0) if stock is not None and is_tracked else None,
        picture=_first(rows, "image1_src", values.text, ""),
    )
