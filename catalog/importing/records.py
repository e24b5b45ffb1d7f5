"""Records of plain files (CSV, JSON, JSON lines): one flat mapping a product."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from catalog.importing.rows import Place, WrongProduct, fault
from catalog.importing.source import Source, UnreadableFile
from catalog.importing.tables import check_row, delimiter_of, rows

Record = dict[str, Any]
Records = Iterator[tuple[Place, Record | WrongProduct]]

# Numbers keep their digits; NaN and Infinity, which JSON does not know, are refused where a price is read.
DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=str)


def csv_records(source: Source) -> Records:
    table = rows(source.lines(), delimiter=delimiter_of(source.beginning))
    _place, names = next(table)
    header = [name.strip() for name in names]
    for place, row in table:
        try:
            check_row(place, row, header)
        except WrongProduct as wrong:
            yield place, wrong
        else:
            yield place, dict(zip(header, row, strict=False))


def json_lines(source: Source) -> Records:
    for number, line in enumerate(source.lines(), start=1):
        if not line.strip():
            continue
        place = Place(line=number)
        try:
            yield place, _record(place, DECODER.decode(line))
        except (ValueError, RecursionError):
            yield place, WrongProduct([fault(place, _("This line is not JSON."), value=line)])


def json_array(source: Source) -> Records:
    """The objects of ``[…]`` or ``{"products": […]}``; the whole file is held in memory."""
    try:
        document = DECODER.decode("".join(source.lines()))
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(_("The file is not JSON: %(reason)s.") % {"reason": error}) from error
    products = document.get("products") if isinstance(document, dict) else document
    if not isinstance(products, list):
        raise UnreadableFile(_('The file has no list of products; expected [ … ] or {"products": [ … ]}.'))
    for number, record in enumerate(products, start=1):
        place = Place(record=number)
        yield place, _record(place, record)


def _record(place: Place, record: Any) -> Record | WrongProduct:
    if isinstance(record, dict):
        return record
    return WrongProduct([fault(place, _("This is no product but a single value or a list."), value=record)])
