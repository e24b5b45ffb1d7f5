"""Rows of a table brought together by what they belong to, in bounded memory however far apart they stand."""

import marshal
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from catalog.importing.rows import Place
from catalog.importing.tables import OpenRow

Row = tuple[Place, list[str]]
CACHE_KILOBYTES = 16 * 1024


def scratch_database() -> sqlite3.Connection:
    """A private temporary database of bounded memory, gone with the process, however that ends."""
    scratch = sqlite3.connect("", isolation_level=None)  # "": on disk, unlinked while it is in use
    scratch.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
    scratch.execute("PRAGMA journal_mode = OFF")
    scratch.execute("BEGIN")  # never ended: nothing of it is to outlive the process
    return scratch


def grouped(table: Iterable[Row], key_of: Callable[[list[str]], str]) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each key together, keys in the order in which they first appear, rows in the file's order.

    Everything is read before the first group comes out; it waits in a scratch
    database.
    """
    spool = Spool()
    try:
        spool.take_in(table, key_of)
        yield from spool.groups()
    finally:
        spool.close()


class Spool:
    """Runs of adjacent rows of one key, numbered in the file's order; a run names the first of its key."""

    def __init__(self) -> None:
        self._scratch = scratch_database()
        self._scratch.execute("CREATE TABLE key (key BLOB PRIMARY KEY, first INTEGER) WITHOUT ROWID")
        self._scratch.execute("CREATE TABLE run (number INTEGER PRIMARY KEY, first INTEGER, key BLOB, rows BLOB)")
        self._scratch.execute("CREATE INDEX further_run ON run (first, number) WHERE first < number")
        self._runs = 0
        self._given = 0

    def take_in(self, table: Iterable[Row], key_of: Callable[[list[str]], str]) -> None:
        self._scratch.executemany("INSERT INTO run VALUES (?, ?, ?, ?)", self._numbered(table, key_of))

    def groups(self) -> Iterator[tuple[str, list[Row]]]:
        runs = self._scratch.execute("SELECT number, key, rows FROM run WHERE first = number ORDER BY number")
        scattered = {row[0] for row in self._scratch.execute("SELECT first FROM run WHERE first < number")}
        for number, key, run in runs:
            self._given = number
            rows = unpacked(run)
            if number in scattered:
                rows += self._further(number)
            yield key.decode(errors="surrogateescape"), rows

    def fraction_given(self) -> float:
        """How much of the table has come out again, from 0 to 1."""
        return self._given / self._runs if self._runs else 1

    def close(self) -> None:
        self._scratch.close()

    def _numbered(
        self, table: Iterable[Row], key_of: Callable[[list[str]], str]
    ) -> Iterator[tuple[int, int, bytes, bytes]]:
        for name, rows in groupby(table, key=lambda row: key_of(row[1])):
            self._runs = number = self._runs + 1
            key = name.encode(errors="surrogateescape")
            yield number, self._first_of(key, number), key, packed(rows)

    def _first_of(self, key: bytes, number: int) -> int:
        """The number of the key's first run, which is this one where the key is new."""
        begun = self._scratch.execute("INSERT OR IGNORE INTO key VALUES (?, ?)", [key, number])
        if begun.rowcount:
            return number
        return self._scratch.execute("SELECT first FROM key WHERE key = ?", [key]).fetchone()[0]

    def _further(self, first: int) -> list[Row]:
        runs = self._scratch.execute("SELECT rows FROM run WHERE first = ? AND first < number ORDER BY number", [first])
        return [row for (run,) in runs for row in unpacked(run)]


def packed(rows: Iterable[Row]) -> bytes:
    """Rows as bytes for this process: `marshal` is several times as fast as `pickle`, and knows no classes."""
    return marshal.dumps([(place.line, place.record, isinstance(row, OpenRow), list(row)) for place, row in rows])


def unpacked(run: bytes) -> list[Row]:
    return [
        (Place(line, record), OpenRow(cells) if is_open else cells)
        for line, record, is_open, cells in marshal.loads(run)
    ]
