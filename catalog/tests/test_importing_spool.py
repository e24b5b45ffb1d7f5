import pytest

from catalog.importing.claims import ClaimBook
from catalog.importing.rows import Place
from catalog.importing.spool import Spool, grouped
from catalog.importing.tables import OpenRow


def table(keys: str):
    return [(Place(line=line), [key]) for line, key in enumerate(keys, start=1)]


def lines(keys: str):
    return [(key, [place.line for place, _row in rows]) for key, rows in grouped(table(keys), lambda row: row[0])]


class TestGrouped:
    @pytest.mark.parametrize(
        ("keys", "groups"),
        [
            ("", []),
            ("aab", [("a", [1, 2]), ("b", [3])]),
            ("abacb", [("a", [1, 3]), ("b", [2, 5]), ("c", [4])]),
        ],
    )
    def test_brings_rows_of_a_key_together_in_the_order_of_the_file(self, keys, groups):
        assert lines(keys) == groups

    def test_keeps_rows_as_they_were(self):
        rows = [(Place(record=3), ["a", "ü", "\udc80", ""]), (Place(line=4), OpenRow(["a", "cut"]))]

        [(key, found)] = grouped(rows, lambda row: row[0])

        assert found == rows
        assert isinstance(found[1][1], OpenRow)

    def test_takes_keys_that_are_no_text(self):
        assert lines("\udc80a\udc80") == [("\udc80", [1, 3]), ("a", [2])]

    def test_says_how_much_has_come_out_again(self):
        spool = Spool()
        spool.take_in(table("abcd"), lambda row: row[0])

        assert [spool.fraction_given() for _group in spool.groups()] == [0.25, 0.5, 0.75, 1]
        spool.close()


class TestClaimBook:
    def test_knows_what_was_kept_and_nothing_else(self):
        book = ClaimBook()
        book.keep({"sku:MUG": 2, "handle:mug": 2})

        assert book.among(["sku:MUG", "sku:BOWL"]) == {"sku:MUG": 2}
        book.close()
