"""What columns mean that the shop does not know by itself, as the person who imports says: ``3=barcode``."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from catalog.errors import UnreadableFile, WrongMap
from catalog.importing.options import Options
from catalog.importing.plain import FIELDS, NAMES, PlainProducts
from catalog.importing.records import csv_records, numbered
from catalog.importing.source import Source
from catalog.importing.tables import header_of, plain_name

MOST_SHOWN = 400


def column_map(words: Iterable[str]) -> dict[str, str]:
    """Columns and the fields that they hold: ``{"3": "barcode"}`` of ``["3=barcode"]``.

    A field may be written as the columns of plain files are (`title` is the
    name). Raises WrongMap for what is no such pair, for a field that the shop
    does not know and for a column or a field that is named twice.
    """
    columns: dict[str, str] = {}
    for word in words:
        column, equals, written = (part.strip() for part in word.rpartition("="))
        if not (column and equals and written):
            raise WrongMap(_("“%(word)s” says no column and field; write it like 3=barcode.") % {"word": word})
        field = FIELDS.get(plain_name(written), "")
        if not field:
            sentence = _("The shop knows no field “%(field)s”; it knows %(fields)s.")
            raise WrongMap(sentence % {"field": written, "fields": ", ".join(NAMES)})
        if column in columns:
            raise WrongMap(_("The column “%(column)s” is named twice.") % {"column": column})
        if field in columns.values():
            raise WrongMap(_("Two columns are named for the field “%(field)s”.") % {"field": field})
        columns[column] = field
    return columns


def mapped_products(source: Source, options: Options) -> PlainProducts:
    """The products of a table, a row each. Raises UnreadableFile where its columns and `options.columns` disagree.

    A map of numbers alone is of a file without a header.
    """
    has_header = not all(column.isdecimal() for column in options.columns)
    first = header_of(source.beginning)
    header = first if has_header else numbered(first)
    mapped = {_column(source, header, column): field for column, field in options.columns.items()}
    known = {FIELDS.get(plain_name(column)) for column in header} if has_header else set()
    if "name" not in known | set(mapped.values()):
        sentence = _("No column of %(file)s is said to be the product's name; say so, like 4=name.")
        raise UnreadableFile(sentence % {"file": source.name})
    records = csv_records(source, has_header=has_header)
    return PlainProducts(records, options, mapped=mapped, only_mapped=not has_header)


def _column(source: Source, header: list[str], said: str) -> str:
    """The column's name in the header: the one that is said, whatever its case, or the one of that number."""
    for column in header:
        if column.casefold() == said.casefold():
            return column
    if said.isdecimal() and 1 <= int(said) <= len(header):
        return header[int(said) - 1]
    sentence = _("%(file)s has no column “%(column)s”; its columns are %(columns)s.")
    raise UnreadableFile(
        sentence % {"file": source.name, "column": said, "columns": ", ".join(filter(None, header))[:MOST_SHOWN]}
    )
