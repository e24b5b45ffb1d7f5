"""Rows of a CSV file, with the line on which each begins."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from catalog.importing.rows import Place, WrongProduct, fault
from catalog.importing.source import UnreadableFile

DELIMITERS = ",;\t|"
# Each is a name that is kept for the whole file, and may become an attribute of each product.
MOST_COLUMNS = 1_000
LONGEST_CELL = 8 * 1024 * 1024
LONGEST_ROW = 32 * 1024 * 1024


class OpenRow(list[str]):
    """A row that the end of the file cut off within quotation marks: it may hold the rows that follow it."""


def delimiter_of(beginning: str) -> str:
    """The sign that splits the header into most columns; within quotation marks none does."""
    header = re.sub(r'"[^"]*"', "", beginning).splitlines()[:1]
    return max(DELIMITERS, key="".join(header).count)


def header_of(beginning: str) -> list[str]:
    """The names of the columns; they may be quoted, and then go over several lines. Raises UnreadableFile as `rows`."""
    lines = io.StringIO(beginning, newline="")
    return [name.strip() for name in _not_too_wide(next(csv.reader(lines, delimiter=delimiter_of(beginning))))]


def plain_name(column: str) -> str:
    """A column's name for comparing: ``Variant Price`` and ``variantPrice`` are ``variant_price``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")


def rows(lines: Iterable[str], *, delimiter: str) -> Iterator[tuple[Place, list[str]]]:
    """Each row with the line on which it begins, the header first; empty lines are left out.

    Raises UnreadableFile for a header of more than MOST_COLUMNS, and from where on the text is no table.
    """
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
                if is_header:
                    _not_too_wide(row)
                yield Place(line=line), OpenRow(row) if source.ended else row
                is_header = False
            line = reader.line_num + 1
            source.row_length = 0
    except csv.Error as error:
        raise UnreadableFile(
            _("From line %(line)d on the file is no readable CSV: %(reason)s.") % {"line": line, "reason": error}
        ) from error


def _not_too_wide(header: list[str]) -> list[str]:
    if len(header) > MOST_COLUMNS:
        sentence = _("The table has more than %(limit)d columns; leave out those that the shop does not need.")
        raise UnreadableFile(sentence % {"limit": MOST_COLUMNS})
    return header


class _Lines:
    """Lines of rows none of which is endless.

    They know whether more of them were asked for than there are, as a row does
    that is not complete.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.ended = False
        self.row_length = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.row_length += len(line)
            if self.row_length > LONGEST_ROW:
                raise csv.Error(_("a row is longer than %(limit)d characters") % {"limit": LONGEST_ROW})
            yield line
        self.ended = True


def check_row(place: Place, row: list[str], header: list[str]) -> None:
    """Raises WrongProduct for a row whose cells may be others than it seems: it has no end, or one cell too many."""
    if isinstance(row, OpenRow):
        raise WrongProduct([fault(place, _("A quotation mark is opened here and never closed."), value=row[-1])])
    if any(row[len(header) :]):
        sentence = _("This row has %(cells)d cells and the header %(columns)d; a quotation mark may be missing.")
        raise WrongProduct([fault(place, sentence % {"cells": len(row), "columns": len(header)})])
