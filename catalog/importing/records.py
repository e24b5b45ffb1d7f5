"""Records of plain files (CSV, JSON, JSON lines): one mapping a product."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing.json_list import listed
from catalog.importing.rows import Place, WrongProduct, fault
from catalog.importing.source import Source, UnreadableFile
from catalog.importing.tables import MOST_COLUMNS, check_row, delimiter_of, rows

Record = dict[str, Any]
Records = Iterator[tuple[Place, Record | WrongProduct]]

# Numbers keep their digits; NaN and Infinity, which JSON does not know, are refused where a price is read.
DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=str)


def csv_records(source: Source, *, has_header: bool = True) -> Records:
    """The rows below the header by its columns; without one, all rows by names as `numbered` gives."""
    table = rows(source.lines(), delimiter=delimiter_of(source.beginning))
    header: list[str] = []
    if has_header:
        _place, names = next(table)
        header = [name.strip() for name in names]
    for place, row in table:
        header = header or numbered(row)
        try:
            check_row(place, row, header)
        except WrongProduct as wrong:
            yield place, wrong
        else:
            yield place, dict(zip(header, row, strict=False))


def numbered(row: list[str]) -> list[str]:
    """Names for the columns of a table without a header."""
    return [_("column %(number)d") % {"number": number} for number in range(1, len(row) + 1)]


def json_lines(source: Source) -> Records:
    for number, line in enumerate(source.lines(), start=1):
        if not line.strip():
            continue
        place = Place(line=number)
        try:
            yield place, _record(place, DECODER.decode(line))
        except (json.JSONDecodeError, RecursionError):
            yield place, WrongProduct([fault(place, _("This line is not JSON."), value=line)])
        except (ValueError, ArithmeticError):  # Python's limits of int and Decimal
            yield place, WrongProduct([fault(place, _("A number in this line is too large to be read."), value=line)])


def json_array(source: Source) -> Records:
    """The objects of ``[…]`` or ``{"products": […]}``, one by one."""
    is_list = source.beginning.startswith("[")
    number = 0
    for number, record in enumerate(listed(source.text(), key="" if is_list else "products"), start=1):
        place = Place(record=number)
        yield place, _record(place, record)
    if not (is_list or number):
        raise UnreadableFile(_('The file has no list of products; expected [ … ] or {"products": [ … ]}.'))


def _record(place: Place, record: Any) -> Record | WrongProduct:
    if isinstance(record, dict):
        if len(record) <= MOST_COLUMNS:
            return record
        sentence = _("This record has %(count)d fields; at most %(limit)d are read.")
        return WrongProduct([fault(place, sentence % {"count": len(record), "limit": MOST_COLUMNS})])
    return WrongProduct([fault(place, _("This is no product but a single value or a list."), value=record)])
