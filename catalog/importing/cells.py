"""A row read cell by cell: what is wrong is collected, so that one look names all of it."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from catalog.importing.rows import Fault, Place, WrongProduct, fault
from catalog.importing.values import WrongValue

T = TypeVar("T")


class Cells:
    """The cells of one row by field: ``{"price": ("Variant Price", "9.99")}``."""

    def __init__(self, place: Place, cells: Mapping[str, tuple[str, Any]]) -> None:
        self.place = place
        self.cells = cells
        self.faults: list[Fault] = []

    def take(self, field: str, reader: Callable[[Any], T], empty: T) -> T:
        """The value of a field; `empty` where the row says nothing of it or something wrong."""
        column, value = self.cells.get(field, ("", None))
        if value is None or value == "" or value == []:
            return empty
        try:
            return reader(value)
        except WrongValue as error:
            self.faults.append(fault(self.place, str(error), column, value))
            return empty

    def refuse(self, field: str, sentence: str) -> None:
        column, value = self.cells.get(field, (field, ""))
        self.faults.append(fault(self.place, sentence, column, value))

    def column(self, field: str) -> str:
        return self.cells.get(field, (field, None))[0]

    def has(self, field: str) -> bool:
        """Whether the file has such a column, whatever this row says in it."""
        return field in self.cells

    def must_be_right(self) -> None:
        """Raises WrongProduct with all that was found."""
        if self.faults:
            raise WrongProduct(self.faults)
