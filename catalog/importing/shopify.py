"""Shopify's product CSV: the rows of one handle are a product, its variants and its pictures."""

import json
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.importing import values
from catalog.importing.cells import Cells
from catalog.importing.rows import KEYS, ParsedPicture, ParsedProduct, ParsedVariant, WrongProduct, fault
from catalog.importing.shopify_header import NAMES, ONLY_IN_SHOPIFY, Header
from catalog.importing.spool import Row
from catalog.importing.table_format import TableFormat
from catalog.importing.tables import check_row
from catalog.models import Product
from catalog.shopify_columns import unpacked

NAME = values.limited(values.short_text, 400)
# Vendors, options and types come back row after row.
LONG_NAME = lru_cache(2_048)(values.limited(values.short_text, 120))
OPTION_NAME = lru_cache(2_048)(values.limited(values.short_text, 60))
CATEGORY = lru_cache(2_048)(values.category_path)
SUMMARY = values.limited(values.short_text, 200)
SEO_DESCRIPTION = values.limited(values.short_text, 320)
HANDLE = values.limited(values.short_text, 100)
SLUG = values.limited(values.short_text, 200)
SKU = values.limited(values.code, 100)
BARCODE = values.limited(values.code, 50)
OPTIONS = [(f"option{n}_name", f"option{n}_value") for n in (1, 2, 3)]


class ShopifyProducts(TableFormat):
    name = gettext_lazy("Shopify CSV")

    @staticmethod
    def recognises(columns: set[str]) -> bool:
        return bool(columns & set(NAMES["handle"])) and "title" in columns and bool(columns & ONLY_IN_SHOPIFY)

    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct]:
        columns, table = self.table()
        header = Header(columns, self.unused)
        reader = _Reader(header, currency=self.options.wanted_currency())
        for handle, rows in self.together(table, header.handle):
            if not handle:
                sentence = _("The row has no handle.")
                yield from (WrongProduct([fault(place, sentence, header.columns["handle"])]) for place, _row in rows)
                continue
            try:
                for place, row in rows:
                    check_row(place, row, columns)
                yield reader.product(rows)
            except WrongProduct as wrong:
                yield wrong


class _Reader:
    """Makes products of the rows of one handle each; `currency` is that of prices which name none."""

    def __init__(self, header: Header, *, currency: str) -> None:
        self._header = header
        self._price = partial(values.price, currency=currency)
        self._is_ours = "external_id" in header.columns

    def product(self, rows: list[Row]) -> ParsedProduct:
        """Raises WrongProduct with all that is wrong in the rows."""
        all_cells = [Cells(place, self._header.named(row)) for place, row in rows]
        at = next((at for at, cells in enumerate(all_cells) if "name" in cells.cells), 0)
        main = all_cells[at]
        name = main.take("name", NAME, "")
        if not name and not main.faults:
            sentence = _("The first row of a handle needs the product's name.")
            main.faults.append(fault(main.place, sentence, self._header.columns["name"]))
        option_names = [main.take(name_field, OPTION_NAME, "") for name_field, _value_field in OPTIONS]
        handle = main.take("handle", SLUG if self._is_ours else HANDLE, "")
        product = ParsedProduct(
            place=main.place,
            name=name,
            name_column=self._header.columns["name"],
            variants=[
                self._variant(cells, option_names)
                for cells in all_cells
                if cells is main or not cells.cells.keys().isdisjoint(("option1_value", "sku", "price"))
            ],
            ids=_external_id(main) if self._is_ours else {"handle": handle},
            slug=handle if self._is_ours else "",
            description=main.take("description", values.description, ""),
            brand=main.take("brand", LONG_NAME, ""),
            category=_category(main),
            attributes=self._attributes(rows[at][1]),
            status=_status(main),
            summary=main.take("summary", SUMMARY, ""),
            seo_title=main.take("seo_title", LONG_NAME, ""),
            seo_description=main.take("seo_description", SEO_DESCRIPTION, ""),
            tax_class=main.take("tax_class", values.text, ""),
            pictures=_pictures(all_cells),
        )
        if faults := [found for cells in all_cells for found in cells.faults]:
            raise WrongProduct(faults)
        return product

    def _attributes(self, row: list[str]) -> dict[str, tuple[str, ...]]:
        """Facts that are short enough; others are left out like columns that mean nothing here."""
        attributes = {}
        for name, column, cell in self._header.attributes(row):
            try:
                attributes[name] = tuple(LONG_NAME(value) for value in unpacked(cell))
            except values.WrongValue:
                self._header.leave_out(column)
        return {name: said for name, said in attributes.items() if said}

    def _variant(self, cells: Cells, option_names: list[str]) -> ParsedVariant:
        currency = cells.take("currency", values.text, "").upper()
        price = partial(values.price, currency=currency) if currency else self._price
        stock = cells.take("stock", values.whole_number, 0)
        is_tracked = "tracker" not in self._header.columns or "tracker" in cells.cells
        return ParsedVariant(
            place=cells.place,
            sku=cells.take("sku", SKU, ""),
            sku_column=self._header.columns.get("sku", ""),
            options=_options(cells, option_names),
            price=cells.take("price", price, None),
            compare_at_price=cells.take("compare_at_price", price, None),
            says_compare_at="compare_at_price" in self._header.columns,
            currency=currency,
            barcode=cells.take("barcode", BARCODE, ""),
            weight_grams=cells.take("weight", values.grams, None) or None,
            # Shopify counts below zero what it sold beyond the stock; nothing is on the shelf then.
            stock=max(stock, 0) if is_tracked else None,
            picture=cells.take("variant_picture", values.text, ""),
            is_active=cells.take("is_active", values.yes_or_no, None),
            low_stock_threshold=cells.take("low_stock_threshold", values.units, None),
        )


def _external_id(main: Cells) -> dict[str, str]:
    """The key that the product had where it first came from: ``{"handle": "mug"}`` of ``handle:mug``."""
    kind, _colon, value = main.take("external_id", values.text, "").partition(":")
    return {kind: value} if kind in KEYS and value else {}


def _category(main: Cells) -> tuple[str, ...]:
    """The shop's own path, else the type, else the place in Shopify's taxonomy."""
    nothing: tuple[str, ...] = ()
    return (
        main.take("category_path", _json_list, nothing)
        or main.take("category", CATEGORY, nothing)
        or main.take("standard_category", CATEGORY, nothing)
    )


def _json_list(value: Any) -> tuple[str, ...]:
    return values.category_path(_json(value))


def _json(value: Any) -> list:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise values.WrongValue(_("This should be a list in JSON."))
    return found


def _status(main: Cells) -> str:
    """Active products that are not published in the online store are drafts here."""
    status = main.take("status", values.status, "")
    published = main.take("published", values.status, "")
    return published if status in ("", Product.Status.ACTIVE) and published else status


def _options(cells: Cells, option_names: list[str]) -> tuple[tuple[str, str], ...]:
    nothing: tuple[tuple[str, str], ...] = ()
    if pairs := cells.take("options", _pairs, nothing):
        return pairs
    said = cells.cells
    options = tuple(
        (name, cells.take(value_field, LONG_NAME, ""))
        for name, (_name_field, value_field) in zip(option_names, OPTIONS, strict=True)
        if name and value_field in said
    )
    return () if options == (("Title", "Default Title"),) else options


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((name, LONG_NAME(said)) for name, said in values.pairs(_json(value)))


def _pictures(all_cells: list[Cells]) -> tuple[ParsedPicture, ...]:
    """The pictures in the order of their positions, else of their rows."""
    pictures = []
    for at, cells in enumerate(all_cells, start=1):
        if "picture" in cells.cells:
            alt_text = cells.take("alt_text", values.one_line, "")
            position = cells.take("picture_position", values.whole_number, at)
            pictures.append((position, at, ParsedPicture(cells.take("picture", values.text, ""), alt_text)))
    return tuple(picture for _position, _at, picture in sorted(pictures, key=lambda placed: placed[:2]))
