"""Rows of a CSV file, with the line on which each begins."""

import csv
import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from catalog.importing.rows import Place, WrongProduct, fault
from catalog.importing.source import UnreadableFile

DELIMITERS = ",;\t|"
LONGEST_CELL = 8 * 1024 * 1024


class OpenRow(list[str]):
    """A row that the end of the file cut off within quotation marks: it may hold the rows that follow it."""


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
    """Each row with the line on which it begins, the header first; empty lines are left out."""
    csv.field_size_limit(LONGEST_CELL)
    source = _Lines(lines)
    reader = csv.reader(source, delimiter=delimiter)
    line = 1
    is_header = True
    try:
        for row in reader:
            if source.ended and is_header:
                raise csv.Error(_("a quotation mark is never closed"))
            if any(row):
                yield Place(line=line), OpenRow(row) if source.ended else row
                is_header = False
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFile(
            _("From line %(line)d on the file is no readable CSV: %(reason)s.") % {"line": line, "reason": error}
        ) from error


class _Lines:
    """Lines that know whether more of them were asked for than there are, as a row does that is not complete."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        yield from self._lines
        self.ended = True


def check_row(place: Place, row: list[str], header: list[str]) -> None:
    """Raises WrongProduct for a row whose cells may be others than it seems: it has no end, or one cell too many."""
    if isinstance(row, OpenRow):
        raise WrongProduct([fault(place, _("A quotation mark is opened here and never closed."), value=row[-1])])
    if any(row[len(header) :]):
        sentence = _("This row has %(cells)d cells and the header %(columns)d; a quotation mark may be missing.")
        raise WrongProduct([fault(place, sentence % {"cells": len(row), "columns": len(header)})])
