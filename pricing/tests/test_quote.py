from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.errors import AmountTooHigh
from pricing.money import TOO_HIGH, rounded, smallest_unit
from pricing.quote import PricedLine, quote, tax_of


def line(unit_price: str, quantity: int = 1, rate: str = "19", key: int = 1) -> PricedLine:
    return PricedLine(key=key, unit_price=Decimal(unit_price), quantity=quantity, tax_rate=Decimal(rate))


@st.composite
def quotes(draw):
    """A quote of up to eight lines, gross or net, with a discount and shipping."""
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    # Eight lines of 9,999 stay below what a column holds.
    amounts = st.integers(0, 10**6).map(lambda minor: minor * smallest_unit(currency))
    rates = st.sampled_from(["0", "5.5", "7", "19", "25"]).map(Decimal)
    lines = draw(st.lists(st.builds(PricedLine, st.integers(), amounts, st.integers(1, 9_999), rates), max_size=8))
    return quote(
        lines,
        currency=currency,
        prices_include_tax=draw(st.booleans()),
        shipping=draw(amounts),
        shipping_tax_rate=draw(rates),
        discount=draw(amounts),
    )


class TestQuote:
    @given(quotes())
    def test_total_is_the_sum_of_its_parts(self, quoted):
        on_top = 0 if quoted.prices_include_tax else quoted.tax

        assert quoted.total == quoted.subtotal - quoted.discount + quoted.shipping + on_top

    @given(quotes())
    def test_net_and_tax_are_the_total(self, quoted):
        assert quoted.net + quoted.tax == quoted.total
        assert quoted.tax == sum(line.tax for line in quoted.lines) + quoted.shipping_tax

    @given(quotes())
    def test_nothing_is_negative(self, quoted):
        amounts = [quoted.subtotal, quoted.discount, quoted.shipping, quoted.tax, quoted.net, quoted.total]
        amounts += [amount for line in quoted.lines for amount in (line.tax, line.discount, line.line_total)]

        assert min(amounts) >= 0

    @given(quotes())
    def test_every_amount_can_be_paid(self, quoted):
        amounts = [quoted.subtotal, quoted.discount, quoted.shipping, quoted.tax, quoted.total]

        assert all(amount == rounded(amount, quoted.currency) for amount in amounts)

    @given(quotes())
    def test_lines_add_up_to_subtotal_and_discount(self, quoted):
        assert sum(line.line_total for line in quoted.lines) == quoted.subtotal
        assert sum(line.discount for line in quoted.lines) == quoted.discount

    @given(quotes())
    def test_no_line_is_discounted_below_zero(self, quoted):
        assert all(line.discount <= line.line_total for line in quoted.lines)

    def test_gross_prices_hold_their_tax(self):
        quoted = quote(
            [line("119.00")],
            currency="EUR",
            prices_include_tax=True,
            shipping=Decimal("5.95"),
            shipping_tax_rate=Decimal(19),
        )

        assert (quoted.total, quoted.tax, quoted.net) == (Decimal("124.95"), Decimal("19.95"), Decimal("105.00"))

    def test_net_prices_carry_it_on_top(self):
        quoted = quote(
            [line("100.00")],
            currency="EUR",
            prices_include_tax=False,
            shipping=Decimal("5.00"),
            shipping_tax_rate=Decimal(19),
        )

        assert (quoted.total, quoted.tax, quoted.net) == (Decimal("124.95"), Decimal("19.95"), Decimal("105.00"))

    def test_tax_is_rounded_once_a_line(self):
        """Three lines of 0.07 at 7 %: 0.0049 each is nothing, three times 0.0049 would be a cent."""
        quoted = quote([line("0.07", rate="7", key=key) for key in range(3)], currency="EUR", prices_include_tax=False)

        assert quoted.tax == 0

    def test_a_line_is_taxed_as_a_whole(self):
        quoted = quote([line("0.07", quantity=3, rate="7")], currency="EUR", prices_include_tax=False)

        assert quoted.tax == Decimal("0.01")

    def test_a_discount_lowers_each_lines_tax(self):
        lines = [line("119.00", key=1), line("107.00", rate="7", key=2)]

        quoted = quote(lines, currency="EUR", prices_include_tax=True, discount=Decimal("113.00"))

        assert [line.discount for line in quoted.lines] == [Decimal("59.50"), Decimal("53.50")]
        assert [line.tax for line in quoted.lines] == [Decimal("9.50"), Decimal("3.50")]

    def test_a_discount_above_the_subtotal_leaves_shipping_to_pay(self):
        quoted = quote(
            [line("10.00")], currency="EUR", prices_include_tax=True, shipping=Decimal(5), discount=Decimal(11)
        )

        assert (quoted.discount, quoted.goods, quoted.total) == (Decimal(10), 0, Decimal(5))

    def test_an_empty_cart_costs_nothing(self):
        assert quote([], currency="EUR", prices_include_tax=True).total == 0

    @pytest.mark.parametrize(
        "wrong",
        [{"discount": Decimal(-1)}, {"shipping": Decimal(-1)}, {"lines": [line("-1")]}, {"lines": [line("1", -1)]}],
    )
    def test_a_negative_amount_is_refused(self, wrong):
        values = {"lines": [line("1")], "currency": "EUR", "prices_include_tax": True} | wrong

        with pytest.raises(ValueError, match="must not be negative"):
            quote(values.pop("lines"), **values)


class TestTaxOf:
    @pytest.mark.parametrize(
        ("amount", "rate", "included", "tax"),
        [
            ("119.00", "19", True, "19.00"),
            ("100.00", "19", False, "19.00"),
            ("0.50", "5", False, "0.03"),  # 0.025: half goes up
            ("0.10", "5", False, "0.01"),  # 0.005
            ("0.09", "5", False, "0.00"),  # 0.0045
            ("2.10", "5", True, "0.10"),
            ("10.00", "0", True, "0.00"),
            ("9.99", "100", True, "5.00"),  # 4.995
        ],
    )
    def test_known_figures(self, amount, rate, included, tax):
        assert tax_of(Decimal(amount), Decimal(rate), included=included, currency="EUR") == Decimal(tax)

    def test_more_than_a_column_holds_is_refused(self):
        assert quote([line("9999999.99", 9_999)], currency="EUR", prices_include_tax=True).total < TOO_HIGH
        with pytest.raises(AmountTooHigh):
            quote([line("10001000.11", 9_999)], currency="EUR", prices_include_tax=True)
