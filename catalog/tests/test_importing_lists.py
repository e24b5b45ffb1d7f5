import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.importing.lists import coded, distinct, first_path, parted
from catalog.importing.values import WrongValue

WORDS = (
    st.text(st.sampled_from("ab ,=|é"), min_size=1)
    .map(str.strip)
    .filter(lambda word: word and word == " ".join(word.split()))
)


class TestParted:
    @given(st.lists(WORDS, unique=True))
    def test_what_was_joined_comes_apart_again(self, words):
        assert parted(", ".join(word.replace(",", "\\,") for word in words)) == tuple(words)

    def test_each_value_comes_once_and_empty_ones_never(self):
        assert parted(" Red,, Blue , Red") == ("Red", "Blue")

    def test_values_are_text_of_one_line(self):
        assert distinct(["With a\n lid", " \n"]) == ("With a lid",)


class TestCoded:
    @given(st.dictionaries(st.sampled_from(["a", "color", "care_label"]), WORDS))
    def test_quoted_values_are_read_whatever_they_hold(self, facts):
        assert coded(",".join(f'{code}="{value}"' for code, value in facts.items())) == facts

    @pytest.mark.parametrize(
        ("cell", "facts"),
        [
            ("color=Red", {"color": "Red"}),
            ("color=Red, size=M", {"color": "Red", "size": "M"}),
            ("care=Cold, by hand,size=M", {"care": "Cold, by hand", "size": "M"}),
            ("color=,size=M", {"color": "", "size": "M"}),
            ('color="Red,size=M', {"color": '"Red', "size": "M"}),
            ('inches="4""",size=M', {"inches": '4"', "size": "M"}),
        ],
    )
    def test_a_comma_parts_two_where_a_code_follows(self, cell, facts):
        assert coded(cell) == facts

    @pytest.mark.parametrize("cell", ["Red", "=Red", "1=Red"])
    def test_anything_else_is_refused(self, cell):
        with pytest.raises(WrongValue, match="color=Red"):
            coded(cell)


class TestFirstPath:
    @pytest.mark.parametrize(
        ("paths", "chosen"),
        [
            ([], ()),
            ([("Gear",)], ("Gear",)),
            ([("Gear",), ("Sale", "Bags"), ("Gear", "Bags")], ("Gear", "Bags")),
            ([("Gear", "Bags"), ("Gear",), ("Gear", "Watches")], ("Gear", "Bags")),
            ([(), ("Gear",)], ("Gear",)),
        ],
    )
    def test_the_first_is_led_on_by_those_below_it(self, paths, chosen):
        assert first_path(paths) == chosen
