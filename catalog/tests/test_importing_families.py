import pytest

from catalog.importing.families import Families
from catalog.importing.rows import Place


class TestFamilies:
    @pytest.fixture
    def together(self):
        """Families of rows written as ``name`` or ``name>other>other``, each as its name and its lines."""
        families = Families()

        def together(*rows: str):
            table = [(Place(line=line), row.split(">")) for line, row in enumerate(rows, start=1)]
            families.take_in(table, lambda row: (row[0], row[1:]))
            return [(family, [place.line for place, _row in members]) for family, members in families.groups()]

        yield together
        families.close()

    def test_rows_come_to_the_one_that_names_them(self, together):
        assert together("a", "x", "b>a>c", "c", "x") == [("b", [1, 3, 4]), ("x", [2, 5])]

    def test_the_first_that_names_a_row_has_it(self, together):
        assert together("b>a", "c>a", "a") == [("b", [1, 3]), ("c", [2])]

    def test_names_may_hold_bytes_that_are_no_characters(self, together):
        assert together("\udce9", "b>\udce9") == [("b", [1, 2])]

    def test_it_tells_how_much_has_come_out(self):
        families = Families()
        families.take_in([(Place(line=line), [str(line % 2)]) for line in range(4)], lambda row: (row[0], ()))

        fractions = [families.fraction_given() for _family, rows in families.groups() if list(rows)]
        families.close()

        assert fractions == [0.5, 1]
