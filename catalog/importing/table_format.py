"""What formats of tables share: they are told by their columns and read row by row."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from catalog.importing.options import Options
from catalog.importing.rows import ParsedProduct, Skipped, WrongProduct
from catalog.importing.source import Source
from catalog.importing.spool import Row, Spool
from catalog.importing.tables import delimiter_of, rows

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ROWS_BETWEEN_LOOKS = 1_000


class TableFormat(ABC):
    """Reads the products of a table; `unused` collects the columns that held something and were not taken.

    `told` hears of rows read and the fraction of the file while nothing else
    can be said yet.
    """

    name: ClassVar["StrOrPromise"]

    def __init__(self, source: Source, options: Options) -> None:
        self.source = source
        self.options = options
        self.unused: set[str] = set()
        self.told: Callable[[int, float], None] | None = None
        self._spool: Spool | None = None

    @staticmethod
    @abstractmethod
    def recognises(columns: set[str]) -> bool:
        """Whether a header is of this format; `columns` as `tables.plain_name` writes them."""

    @abstractmethod
    def __iter__(self) -> Iterator[ParsedProduct | WrongProduct | Skipped]: ...

    def table(self) -> tuple[list[str], Iterator[Row]]:
        """The header and the rows below it."""
        below = rows(self.source.lines(), delimiter=delimiter_of(self.source.beginning))
        _place, names = next(below)
        return [name.strip() for name in names], below

    def together(self, table: Iterable[Row], key_of: Callable[[list[str]], str]) -> Iterator[tuple[str, list[Row]]]:
        """The rows of each key together, in the order in which keys first appear; see `spool.grouped`."""
        self._spool = spool = Spool()
        try:
            spool.take_in(self._watched(table), key_of)
            yield from spool.groups()
        finally:
            spool.close()

    def fraction_read(self) -> float:
        """How much of the file has come out as products, from 0 to 1."""
        return self._spool.fraction_given() if self._spool else self.source.fraction_read()

    def _watched(self, table: Iterable[Row]) -> Iterator[Row]:
        for number, row in enumerate(table):
            if self.told and number % ROWS_BETWEEN_LOOKS == 0:
                self.told(number, self.source.fraction_read())
            yield row
