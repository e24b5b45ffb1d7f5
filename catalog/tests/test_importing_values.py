from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.importing import values
from catalog.importing.values import WrongValue


class TestPrice:
    @pytest.mark.parametrize(
        ("written", "amount"),
        [("12.34", "12.34"), (" 5 ", "5"), ("1,299.00", "1299"), ("15.990000", "15.99"), (9, "9"), ("0", "0")],
    )
    def test_plain_amounts_are_read(self, written, amount):
        assert values.price(written) == Decimal(amount)

    @pytest.mark.parametrize(
        "written",
        ["abc", "-1", "NaN", "Infinity", "1e3", "12,34", "1,299", "1_000", "٣", "9.999", "10" + "0" * 29, True, []],
    )
    def test_anything_else_is_refused(self, written):
        with pytest.raises(WrongValue):
            values.price(written)

    @pytest.mark.parametrize("number", [10**30, Decimal("1E+30"), Decimal("-0.01"), Decimal("1E-400")])
    def test_numbers_that_cannot_be_charged_are_refused(self, number):
        with pytest.raises(WrongValue):
            values.price(number)

    @given(st.text() | st.decimals() | st.integers())
    def test_whatever_is_written_is_an_amount_or_refused(self, written):
        try:
            assert values.price(written) >= 0
        except WrongValue as error:
            assert str(error)


class TestUnits:
    @pytest.mark.parametrize(("written", "count"), [("7", 7), ("5.0", 5), (0, 0), ("2147483647", 2_147_483_647)])
    def test_whole_numbers_are_read(self, written, count):
        assert values.units(written) == count

    @pytest.mark.parametrize("written", ["1.5", "-1", "many", "2147483648", "NaN", "٣", None, True])
    def test_anything_else_is_refused(self, written):
        with pytest.raises(WrongValue):
            values.units(written)


class TestGrams:
    @pytest.mark.parametrize(
        ("written", "weight"), [("350.0", 350), ("1.5 kg", 1500), ("2lb", 907), ("1 oz", 28), (4, 4), ("2 lbs", 907)]
    )
    def test_the_unit_counts(self, written, weight):
        assert values.grams(written) == weight

    @pytest.mark.parametrize("written", ["heavy", "-1", "3 stone", "3000000 kg"])
    def test_anything_else_is_refused(self, written):
        with pytest.raises(WrongValue):
            values.grams(written)


class TestShortText:
    def test_lines_and_spaces_become_single_spaces(self):
        assert values.short_text(" A\n  mug ", limit=5) == "A mug"

    def test_exactly_the_limit_fits(self):
        assert values.short_text("mugs", limit=4) == "mugs"

    def test_longer_text_is_refused(self):
        with pytest.raises(WrongValue, match="5 characters long; at most 4 fit"):
            values.short_text("mugs!", limit=4)

    @pytest.mark.parametrize("value", ["mug \udce9", {"en": "Mug"}, ["Mug"], False])
    def test_what_is_no_text_is_refused(self, value):
        with pytest.raises(WrongValue):
            values.short_text(value, limit=40)


class TestCategoryPath:
    @pytest.mark.parametrize("written", ["Home > Kitchen", ["Home", "Kitchen"], " Home >Kitchen> "])
    def test_a_path_is_read_from_a_list_or_a_line(self, written):
        assert values.category_path(written) == ("Home", "Kitchen")

    def test_a_slash_belongs_to_the_name(self):
        assert values.category_path("Food/Drink") == ("Food/Drink",)

    def test_a_bottomless_path_is_refused(self):
        with pytest.raises(WrongValue):
            values.category_path(["Box"] * 21)


class TestDescription:
    def test_scripts_are_removed(self):
        assert values.description("<p>Safe</p><script>alert(1)</script>") == "<p>Safe</p>"

    def test_plain_text_stays_as_it_is(self):
        assert values.description("2 < 3 & more") == "2 < 3 & more"
