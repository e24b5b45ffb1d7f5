"""What the columns of a header mean to a format, so that each row is read by field."""

from collections.abc import Callable, Collection, Iterable, Mapping

from catalog.importing.cells import Cells
from catalog.importing.rows import Place
from catalog.importing.tables import check_row, plain_name


def fields_of(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The field of each column's name, from the names of each field."""
    return {name: field for field, columns in names.items() for name in columns}


class Columns:
    """A header's fields; columns outside them that hold something are added to `unused`.

    `fields` maps plain names of columns to fields, `granted` are plain names
    of columns that every product has and that are worth no note, `read` gives a
    cell's text.
    """

    def __init__(
        self,
        header: list[str],
        fields: Mapping[str, str],
        *,
        granted: Collection[str] = (),
        unused: set[str],
        read: Callable[[str], str] = str,
    ) -> None:
        self.header = header
        self._plain = [plain_name(column) for column in header]
        self._fields = [fields.get(name, "") for name in self._plain]
        self._notable = [
            not field and name not in granted for field, name in zip(self._fields, self._plain, strict=True)
        ]
        self._unused = unused
        self._read = read
        self._at = {field: number for number, field in reversed(list(enumerate(self._fields))) if field}

    def raw(self, row: list[str], field: str) -> str:
        """The first cell of a field as it is, without a look at the rest of the row."""
        at = self._at.get(field)
        return self._read(row[at]).strip() if at is not None and at < len(row) else ""

    def cells(self, place: Place, row: list[str]) -> Cells:
        """The row by field, the first filled column of each. Raises WrongProduct where `check_row` does."""
        check_row(place, row, self.header)
        named: dict[str, tuple[str, str]] = {}
        for field, notable, column, value in zip(self._fields, self._notable, self.header, row, strict=False):
            if field and not named.get(field, ("", ""))[1]:
                named[field] = column, self._read(value).strip() if value else ""
            elif notable and value.strip():
                self._unused.add(column)
        return Cells(place, named)
