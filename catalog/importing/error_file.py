"""All that is wrong in a file, as a table that can be worked through: CSV, a fault a row."""

import csv
from typing import TextIO

from django.utils.translation import gettext as _

from catalog.importing.rows import Fault
from catalog.shopify_columns import neutral


class ErrorFile:
    """Writes faults as they are found, however many; cells that a spreadsheet would compute are made harmless."""

    def __init__(self, stream: TextIO, file: str) -> None:
        self._writer = csv.writer(stream, lineterminator="\n")
        self._file = neutral(file)
        self._writer.writerow([_("file"), _("line"), _("record"), _("column"), _("value"), _("sentence")])

    def write(self, found: Fault) -> None:
        cells = [neutral(text) for text in (found.column, found.value, found.sentence)]
        self._writer.writerow([self._file, found.place.line, found.place.record, *cells])
