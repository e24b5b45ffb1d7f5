"""Google's product data: a row or element for each offer, variants held together by their group."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.importing import values
from catalog.importing.cells import Cells
from catalog.importing.columns import Columns
from catalog.importing.currencies import check_currencies, other_currency
from catalog.importing.offers import offer
from catalog.importing.rows import ParsedPicture, ParsedProduct, ParsedVariant, Skipped, WrongProduct
from catalog.importing.spool import Row
from catalog.importing.table_format import TableFormat

Pairs = tuple[tuple[str, str], ...]

# Names of https://support.google.com/merchants/answer/7052112, and the fields that they are here.
FIELDS = {
    "id": "sku",
    "title": "title",
    "item_group_id": "group",
    "item_group_title": "group_title",
    "description": "description",
    "image_link": "picture",
    "additional_image_link": "further_pictures",
    "availability": "availability",
    "quantity": "stock",
    "inventory": "stock",
    "price": "price",
    "sale_price": "sale_price",
    "sale_price_effective_date": "sale_dates",
    "brand": "brand",
    "gtin": "barcode",
    "product_type": "category",
    "google_product_category": "google_category",
    "product_weight": "weight",
    "shipping_weight": "shipping_weight",
    "mpn": "mpn",
    **{name: name for name in ("color", "size", "material", "pattern", "age_group", "gender", "condition")},
}
# What tells the variants of a group apart, in the order in which a shopper chooses.
OPTIONS = {
    "color": "Colour",
    "size": "Size",
    "material": "Material",
    "pattern": "Pattern",
    "gender": "Gender",
    "age_group": "Age group",
}
FACTS = OPTIONS | {"condition": "Condition", "mpn": "MPN"}
TAKEN_FOR_GRANTED = {"link", "mobile_link", "identifier_exists", "shipping", "tax", "adult", "is_bundle"}
ONLY_IN_FEEDS = {"link", "image_link", "availability", "google_product_category", "item_group_id", "condition"}
AMOUNT_AND_CURRENCY = re.compile(r"(?P<before>[A-Za-z]{3})? *(?P<amount>[^A-Za-z ].*?) *(?P<after>[A-Za-z]{3})?")
# Whether the merchant takes orders; none of these says how many units there are.
CAN_BE_BOUGHT = {"in_stock": True, "backorder": True, "preorder": True, "out_of_stock": False}


class MerchantFeed(TableFormat):
    name = gettext_lazy("Merchant feed")

    @staticmethod
    def recognises(columns: set[str]) -> bool:
        return {"id", "title"} <= columns and len(columns & ONLY_IN_FEEDS) >= 2

    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct | Skipped]:
        header, table = self.table()
        columns = Columns(header, FIELDS, granted=TAKEN_FOR_GRANTED, unused=self.unused)
        wanted = self.options.wanted_currency()
        currencies: Counter[str] = Counter()
        offers = _Offers(wanted)
        numbers = count()

        def key_of(row: list[str]) -> str:
            for field in ("group", "sku"):
                if key := columns.raw(row, field):
                    return f"{field} {key}"
            return f"row {next(numbers)}"

        for _key, rows in self.together(_counting(table, columns, currencies), key_of):
            check_currencies(self.source.name, currencies, wanted=wanted)
            try:
                yield from offers.products([columns.cells(place, row) for place, row in rows])
            except WrongProduct as wrong:
                yield wrong


def _counting(table: Iterator[Row], columns: Columns, currencies: Counter[str]) -> Iterator[Row]:
    for place, row in table:
        currencies[_currency(columns.raw(row, "price"))] += 1
        yield place, row


def _currency(price: str) -> str:
    """The currency of ``15.00 USD``; empty where none is named."""
    parts = AMOUNT_AND_CURRENCY.fullmatch(price)
    return (parts["after"] or parts["before"] or "").upper() if parts else ""


class _Offers:
    """Makes products of the offers of a group, with prices in the `wanted` currency."""

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted

    def products(self, rows: list[Cells]) -> Iterator[ParsedProduct | WrongProduct | Skipped]:
        offers = []
        for cells in rows:
            currency = _currency(_raw(cells, "price")) or self.wanted
            if currency == self.wanted:
                offers.append(cells)
            else:
                yield other_currency(cells.place, currency, wanted=self.wanted)
        if not offers:
            return
        product = self._product(offers)
        if faults := dict.fromkeys(found for cells in offers for found in cells.faults):
            raise WrongProduct(list(faults))
        yield product

    def _product(self, offers: list[Cells]) -> ParsedProduct:
        first = offers[0]
        facts = [_facts(cells) for cells in offers]
        # What all offers say alike describes the product; what differs is chosen by.
        common = {name: value for name, value in facts[0].items() if all(other.get(name) == value for other in facts)}
        options = [_options(said, common) for said in facts]
        if len(set(options)) < len(options):
            titles = [cells.take("title", values.limited(values.short_text, 400), "")[:120] for cells in offers]
            options = [(*said, ("Title", title)) for said, title in zip(options, titles, strict=True)]
        name = "group_title" if _raw(first, "group_title") else "title"
        no_path: tuple[str, ...] = ()
        if not _raw(first, name):
            first.refuse("title", _("The product has no title."))
        return ParsedProduct(
            place=first.place,
            name=first.take(name, values.limited(values.short_text, 400), ""),
            name_column=first.column(name),
            variants=[self._variant(cells, said) for cells, said in zip(offers, options, strict=True)],
            ids={"id": first.take("group" if _raw(first, "group") else "sku", values.limited(values.code, 100), "")},
            description=first.take("description", values.description, ""),
            brand=first.take("brand", values.limited(values.short_text, 120), ""),
            category=first.take("category", _first_path, no_path)
            or first.take("google_category", _named_path, no_path),
            attributes={FACTS[name]: (value,) for name, value in common.items()},
            pictures=_pictures(offers),
        )

    def _variant(self, cells: Cells, options: Pairs) -> ParsedVariant:
        # A sale of some days would begin at once here, and never end.
        price, compare_at_price = offer(cells, self._price, is_running=not _raw(cells, "sale_dates"))
        if not _raw(cells, "sku"):
            cells.refuse("sku", _("The offer has no id."))
        weight = "weight" if _raw(cells, "weight") else "shipping_weight"
        return ParsedVariant(
            place=cells.place,
            sku=cells.take("sku", values.limited(values.code, 100), ""),
            sku_column=cells.column("sku"),
            options=options,
            price=price,
            compare_at_price=compare_at_price,
            says_compare_at=cells.has("sale_price"),
            barcode=cells.take("barcode", values.limited(values.code, 50), ""),
            weight_grams=cells.take(weight, values.grams, None) or None,
            stock=_stock(cells),
            picture=cells.take("picture", values.text, ""),
        )

    def _price(self, value: Any) -> Decimal:
        """The amount of ``15.00 USD``."""
        written = values.text(value)
        parts = AMOUNT_AND_CURRENCY.fullmatch(written)
        if parts and _currency(written) in ("", self.wanted):
            written = parts["amount"]
        return values.price(written, currency=self.wanted)


def _raw(cells: Cells, field: str) -> str:
    return cells.cells.get(field, ("", ""))[1]


def _facts(cells: Cells) -> dict[str, str]:
    said = {name: cells.take(name, values.limited(values.short_text, 120), "") for name in FACTS}
    return {name: value for name, value in said.items() if value and (name, value.lower()) != ("condition", "new")}


def _options(said: dict[str, str], common: dict[str, str]) -> Pairs:
    return tuple((label, said[name]) for name, label in OPTIONS.items() if name in said and name not in common)


def _first_path(value: Any) -> tuple[str, ...]:
    """The first of paths that commas part; in a path of its own a comma is kept."""
    written = values.text(value)
    first, _comma, more = written.partition(",")
    return values.category_path(first if ">" in first and ">" in more else written)


def _named_path(value: Any) -> tuple[str, ...]:
    """Google's category by its names; its number says nothing here."""
    written = values.text(value)
    return () if written.isdecimal() else values.category_path(written)


def _pictures(offers: list[Cells]) -> tuple[ParsedPicture, ...]:
    nowhere: tuple[ParsedPicture, ...] = ()
    found = [
        picture
        for cells in offers
        for field in ("picture", "further_pictures")
        for picture in cells.take(field, values.pictures, nowhere)
    ]
    return tuple(dict.fromkeys(found))


def _stock(cells: Cells) -> int | None:
    """Units where they are counted, none where the offer is out of stock, else not tracked."""
    counted = cells.take("stock", values.units, None)
    can_be_bought = cells.take("availability", _can_be_bought, True)
    return counted if counted is not None or can_be_bought else 0


def _can_be_bought(value: Any) -> bool:
    written = values.text(value).lower().replace(" ", "_")
    if written not in CAN_BE_BOUGHT:
        raise values.WrongValue(_("This is no availability; write in_stock or out_of_stock."))
    return CAN_BE_BOUGHT[written]
