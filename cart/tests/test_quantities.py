import pytest
from hypothesis import given
from hypothesis import strategies as st

from cart.errors import InvalidQuantity
from cart.quantities import HIGHEST_QUANTITY, parse_quantity

NO_QUANTITY = [
    "0",
    "-1",
    "−1",
    "+1",
    "1.5",
    "1,5",
    "1.0",
    "1e3",
    "0x10",
    "1_000",
    "1 000",
    "1,000",
    str(10**30),
    "9" * 5000,
    "10000",
    "٣",
    "３",
    "²",
    "Ⅳ",
    "NaN",
    "Infinity",
    "",
    "   ",
    "\x00",
    "1\x00",
    "two",
    "<b>1</b>",
    None,
    True,
    1.5,
    float("nan"),
    10**30,
    -1,
    [2],
]


class TestParseQuantity:
    @pytest.mark.parametrize(("typed", "quantity"), [("1", 1), ("9999", 9_999), (" 2 ", 2), ("007", 7), (3, 3)])
    def test_a_whole_number_is_one(self, typed, quantity):
        assert parse_quantity(typed) == quantity

    @pytest.mark.parametrize("typed", NO_QUANTITY, ids=lambda typed: repr(typed)[:20])
    def test_anything_else_is_refused_with_a_sentence(self, typed):
        with pytest.raises(InvalidQuantity) as refusal:
            parse_quantity(typed)

        assert str(refusal.value).endswith(".")
        assert len(str(refusal.value)) < 120

    def test_nothing_removes_where_that_is_allowed(self):
        assert parse_quantity("0", lowest=0) == 0

    @given(st.text() | st.integers() | st.floats() | st.none())
    def test_whatever_comes_is_in_range_or_refused(self, typed):
        try:
            quantity = parse_quantity(typed)
        except InvalidQuantity:
            return
        assert 1 <= quantity <= HIGHEST_QUANTITY
