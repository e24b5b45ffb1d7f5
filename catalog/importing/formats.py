"""The formats that files come in, found from what they hold, whatever their name."""

import json
from collections.abc import Iterator
from typing import Protocol

from django.utils.translation import gettext as _

from catalog.importing.magento import MagentoProducts
from catalog.importing.magento_tables import MagentoTables
from catalog.importing.mapping import mapped_products
from catalog.importing.merchant import MerchantFeed
from catalog.importing.merchant_xml import MerchantXml
from catalog.importing.options import Options
from catalog.importing.plain import FIELDS, PlainProducts
from catalog.importing.records import csv_records, json_array, json_lines
from catalog.importing.rows import ParsedProduct, Skipped, WrongProduct
from catalog.importing.shopify import ShopifyProducts
from catalog.importing.source import Source, UnreadableFile
from catalog.importing.spree import SpreeProducts
from catalog.importing.table_format import TableFormat
from catalog.importing.tables import header_of, plain_name
from catalog.importing.woocommerce import WooCommerceProducts


class Products(Protocol):
    """What a format makes of a file: its products in order, and the columns that it left out."""

    unused: set[str]

    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct | Skipped]: ...


# The first that recognises a header reads the file.
TABLES: list[type[TableFormat]] = [
    ShopifyProducts,
    SpreeProducts,
    MerchantFeed,
    WooCommerceProducts,
    MagentoProducts,
    MagentoTables,
]


def read(source: Source, options: Options) -> tuple[str, Products]:
    """The format's name and the products of a file. Raises UnreadableFile for a format that is not known."""
    beginning = source.beginning
    if beginning.startswith("["):
        return "JSON", PlainProducts(json_array(source), options, mapped=options.columns)
    if beginning.startswith("{"):
        if _is_json_lines(beginning):
            return _("JSON lines"), PlainProducts(json_lines(source), options, mapped=options.columns)
        return "JSON", PlainProducts(json_array(source), options, mapped=options.columns)
    if beginning.startswith("<"):
        return str(MerchantXml.name), MerchantXml(source, options)
    if options.columns:
        return "CSV", mapped_products(source, options)
    columns = {plain_name(column) for column in header_of(beginning)}
    for table in TABLES:
        if table.recognises(columns):
            return str(table.name), table(source, options)
    if "name" in (FIELDS.get(column) for column in columns):
        return "CSV", PlainProducts(csv_records(source), options)
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
        record = json.loads(first, parse_int=str)
    except (ValueError, RecursionError):
        return bool(more) and more[0].startswith("{")
    return not isinstance(record.get("products"), list)
