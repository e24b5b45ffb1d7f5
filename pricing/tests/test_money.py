from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pricing.money import allocate, digits, plain, rounded, shown, smallest_unit

currencies = st.sampled_from(["EUR", "JPY", "KWD"])
weights = st.lists(st.decimals(0, 10**6, places=3), min_size=1, max_size=12)


@st.composite
def amounts(draw, lowest=-(10**9), highest=10**9):
    """An amount in whole minor units, and its currency."""
    currency = draw(currencies)
    return draw(st.integers(lowest, highest)) * smallest_unit(currency), currency


class TestAllocate:
    @given(amounts(), weights)
    def test_shares_sum_to_the_amount(self, money, weights):
        amount, currency = money

        assert sum(allocate(amount, weights, currency)) == amount

    @given(amounts(), weights)
    def test_shares_are_whole_minor_units(self, money, weights):
        amount, currency = money

        assert all(share == rounded(share, currency) for share in allocate(amount, weights, currency))

    @given(amounts(), weights.filter(any))
    def test_each_share_is_within_one_unit_of_its_exact_part(self, money, weights):
        amount, currency = money

        shares = allocate(amount, weights, currency)

        parts = [amount * weight / sum(weights) for weight in weights]
        assert all(abs(share - part) < smallest_unit(currency) for share, part in zip(shares, parts, strict=True))

    @given(amounts(lowest=0), weights)
    def test_no_share_of_a_positive_amount_is_negative(self, money, weights):
        amount, currency = money

        assert min(allocate(amount, weights, currency)) >= 0

    def test_the_cent_left_over_goes_to_the_first_of_equals(self):
        assert allocate(Decimal(10), [Decimal(1)] * 3, "EUR") == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]

    def test_the_largest_remainder_comes_before_an_earlier_one(self):
        weights = [Decimal(10), Decimal(20), Decimal(70)]

        assert allocate(Decimal("0.09"), weights, "EUR") == [Decimal("0.01"), Decimal("0.02"), Decimal("0.06")]

    @pytest.mark.parametrize(
        ("currency", "shares"),
        [("EUR", ["33.34", "33.33", "33.33"]), ("JPY", ["34", "33", "33"]), ("KWD", ["33.334", "33.333", "33.333"])],
    )
    def test_it_splits_to_the_minor_unit_of_the_currency(self, currency, shares):
        assert allocate(Decimal(100), [Decimal(1)] * 3, currency) == [Decimal(share) for share in shares]

    def test_weights_of_zero_share_equally(self):
        assert allocate(Decimal(4), [Decimal(0), Decimal(0)], "EUR") == [Decimal(2), Decimal(2)]

    def test_a_weight_of_zero_beside_others_gets_nothing(self):
        assert allocate(Decimal("0.05"), [Decimal(0), Decimal(3), Decimal(3)], "EUR")[0] == 0

    def test_no_weights_no_shares(self):
        assert allocate(Decimal(4), [], "EUR") == []

    def test_a_negative_weight_is_refused(self):
        with pytest.raises(ValueError, match="negative"):
            allocate(Decimal(4), [Decimal(2), Decimal(-1)], "EUR")

    @pytest.mark.parametrize(("amount", "currency"), [("0.005", "EUR"), ("1.5", "JPY"), ("0.0001", "KWD")])
    def test_a_fraction_of_the_minor_unit_is_refused(self, amount, currency):
        with pytest.raises(ValueError, match=currency):
            allocate(Decimal(amount), [Decimal(1)], currency)


class TestRounded:
    @pytest.mark.parametrize(
        ("amount", "currency", "expected"),
        [
            ("1.005", "EUR", "1.01"),
            ("1.00499", "EUR", "1.00"),
            ("-1.005", "EUR", "-1.01"),
            ("2.5", "JPY", "3"),
            ("3.5", "JPY", "4"),
            ("0.0005", "KWD", "0.001"),
        ],
    )
    def test_half_a_unit_goes_up(self, amount, currency, expected):
        assert rounded(Decimal(amount), currency) == Decimal(expected)

    @given(st.decimals(-(10**9), 10**9, places=6), currencies)
    def test_rounding_twice_changes_nothing_more(self, amount, currency):
        once = rounded(amount, currency)

        assert rounded(once, currency) == once


class TestCurrencies:
    @pytest.mark.parametrize(("currency", "count"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
    def test_digits_are_those_of_iso_4217(self, currency, count):
        assert digits(currency) == count

    def test_programs_read_a_plain_decimal(self):
        assert plain(Decimal(1234), "EUR") == "1234.00"
        assert plain(Decimal(1234), "JPY") == "1234"

    def test_people_read_it_in_their_language(self):
        with translation.override("en-gb"):
            assert shown(Decimal("1234.5"), "EUR") == "€1,234.50"
        with translation.override("de"):
            assert shown(Decimal("1234.5"), "EUR") == "1.234,50\xa0€"
