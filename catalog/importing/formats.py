"""The formats that files come in, found from what they hold, whatever their name."""

import json
from collections.abc import Iterator
from typing import Protocol

from django.utils.translation import gettext as _

from catalog.importing.plain import FIELDS, PlainProducts
from catalog.importing.records import csv_records, json_array, json_lines
from catalog.importing.rows import ParsedProduct, WrongProduct
from catalog.importing.shopify import ShopifyProducts, is_shopify
from catalog.importing.source import Source, UnreadableFile
from catalog.importing.tables import header_of, plain_name


class Products(Protocol):
    """What a format makes of a file: its products in order, and the columns that it left out."""

    unused: set[str]

    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct]: ...


def read(source: Source) -> tuple[str, Products]:
    """The format's name and the products of a file. Raises UnreadableFile for a format that is not known."""
    beginning = source.beginning
    if beginning.startswith("["):
        return "JSON", PlainProducts(json_array(source))
    if beginning.startswith("{"):
        if _is_json_lines(beginning):
            return _("JSON lines"), PlainProducts(json_lines(source))
        return "JSON", PlainProducts(json_array(source))
    header = header_of(beginning)
    if is_shopify(header):
        return _("Shopify CSV"), ShopifyProducts(source)
    if "name" in (FIELDS.get(plain_name(column)) for column in header):
        return "CSV", PlainProducts(csv_records(source))
    raise UnreadableFile(
        _(
            "%(file)s is in no format that the shop knows: it is neither JSON nor a CSV file whose first line names "
            "the columns (a name or title, a price, a description …). The first line is: %(line)s"
        )
        % {"file": source.name, "line": beginning.splitlines()[0][:120]}
    )


def _is_json_lines(beginning: str) -> bool:
    """Whether each line is an object of its own, rather than the whole file one object that lists products."""
    first, *more = beginning.splitlines()
    try:
        record = json.loads(first)
    except (ValueError, RecursionError):
        return bool(more) and more[0].startswith("{")
    return not isinstance(record.get("products"), list)
