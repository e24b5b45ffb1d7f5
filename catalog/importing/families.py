"""Rows of one product brought together, also where only another row says that they belong to it."""

from abc import ABC
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from catalog.importing.spool import Row, packed, scratch_database, unpacked
from catalog.importing.table_format import TableFormat

# A row's own name, and the names of other rows that belong to its family.
Names = tuple[str, Iterable[str]]
NamesOf = Callable[[list[str]], Names]
Family = tuple[str, Iterator[Row]]
BYTES_AS_MARKS = "surrogateescape"  # bytes that are no characters, as `Source` keeps them


class FamilyFormat(TableFormat, ABC):
    """A table in which one row may name others, anywhere in the file, as its own."""

    _families: "Families | None" = None

    def families(self, table: Iterable[Row], names_of: NamesOf) -> Iterator[Family]:
        """The rows of each family together, as `Families.groups` gives them."""
        self._families = families = Families()
        try:
            families.take_in(self._watched(table), names_of)
            yield from families.groups()
        finally:
            families.close()

    def fraction_read(self) -> float:
        return self._families.fraction_given() if self._families else super().fraction_read()


class Families:
    """Rows and what they are named for, in a scratch database, so that memory is bounded.

    A row belongs to the family that another row has named it for, else to the
    one of its own name; the first that names it has it.
    """

    def __init__(self) -> None:
        self._scratch = scratch_database()
        self._scratch.execute("CREATE TABLE row (number INTEGER PRIMARY KEY, name BLOB, packed BLOB)")
        self._scratch.execute("CREATE TABLE belongs (name BLOB PRIMARY KEY, family BLOB) WITHOUT ROWID")
        self._rows = 0
        self._given = 0

    def take_in(self, table: Iterable[Row], names_of: NamesOf) -> None:
        self._scratch.executemany("INSERT INTO row VALUES (?, ?, ?)", self._numbered(table, names_of))
        self._scratch.execute(
            "CREATE TABLE member AS SELECT row.number, coalesce(belongs.family, row.name) AS family"
            " FROM row LEFT JOIN belongs ON belongs.name = row.name"
        )
        self._scratch.execute("CREATE TABLE begun (family BLOB PRIMARY KEY, first INTEGER) WITHOUT ROWID")
        self._scratch.execute("INSERT INTO begun SELECT family, min(number) FROM member GROUP BY family")
        self._scratch.execute("CREATE TABLE placed (position INTEGER PRIMARY KEY, number INTEGER, family BLOB)")
        self._scratch.execute(
            "INSERT INTO placed (number, family) SELECT member.number, member.family FROM member"
            " JOIN begun ON begun.family = member.family ORDER BY begun.first, member.number"
        )

    def groups(self) -> Iterator[Family]:
        """The families in the order in which the first row of each appears, their rows in the file's order.

        Take the rows of a family before the next one.
        """
        found = self._scratch.execute(
            "SELECT placed.family, row.packed FROM placed JOIN row ON row.number = placed.number"
            " ORDER BY placed.position"
        )
        for family, rows in groupby(found, key=lambda row: row[0]):
            yield family.decode(errors=BYTES_AS_MARKS), self._unpacked(row for _family, row in rows)

    def fraction_given(self) -> float:
        """How much of the table has come out again, from 0 to 1."""
        return self._given / self._rows if self._rows else 1

    def close(self) -> None:
        self._scratch.close()

    def _numbered(self, table: Iterable[Row], names_of: NamesOf) -> Iterator[tuple[int, bytes, bytes]]:
        for row in table:
            name, others = names_of(row[1])
            own = name.encode(errors=BYTES_AS_MARKS)
            for other in others:
                self._scratch.execute(
                    "INSERT OR IGNORE INTO belongs VALUES (?, ?)", (other.encode(errors=BYTES_AS_MARKS), own)
                )
            self._rows += 1
            yield self._rows, own, packed([row])

    def _unpacked(self, rows: Iterable[bytes]) -> Iterator[Row]:
        for row in rows:
            self._given += 1
            yield from unpacked(row)
