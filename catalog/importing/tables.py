"""Rows of a CSV file, with the line on which each begins."""

import csv
import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from catalog.importing.rows import Place, WrongProduct, fault
from catalog.importing.source import UnreadableFile

DELIMITERS = ",;\t|"
LONGEST_CELL = 8 * 1024 * 1024


def delimiter_of(beginning: str) -> str:
    """The sign that splits the header into most columns."""
    header = beginning.splitlines()[0]
    return max(DELIMITERS, key=header.count)


def header_of(beginning: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([beginning.splitlines()[0]], delimiter=delimiter_of(beginning)))]


def plain_name(column: str) -> str:
    """A column's name for comparing: ``Variant Price`` and ``variantPrice`` are ``variant_price``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def rows(lines: Iterable[str], *, delimiter: str) -> Iterator[tuple[Place, list[str]]]:
    """Each row with the line on which it begins; empty lines are left out."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, delimiter=delimiter)
    line = 1
    try:
        for row in reader:
            if any(row):
                yield Place(line=line), row
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(
            _("From line %(line)d on the file is no readable CSV: %(reason)s.") % {"line": line, "reason": error}
        ) from error


def check_width(place: Place, row: list[str], header: list[str]) -> None:
    """Raises WrongProduct for a row with values beyond the last column: its cells may have shifted."""
    if any(row[len(header) :]):
        sentence = _("This row has %(cells)d cells and the header %(columns)d; a quotation mark may be missing.")
        raise WrongProduct([fault(place, sentence % {"cells": len(row), "columns": len(header)})])
