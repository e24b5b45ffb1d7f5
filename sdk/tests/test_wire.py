import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecommerce_sdk import Cart, NewVariant, Units
from ecommerce_sdk._wire import Misfit, dumps, loads, reader

LINE = {
    "product_id": 1,
    "variant_id": 2,
    "sku": "SH-1",
    "name": "Oak shelf",
    "quantity": 3,
    "unit_price": Decimal("12.50"),
    "line_total": Decimal("37.50"),
    "notice": "",
}
CART = {"items": [LINE], "subtotal": Decimal("37.50"), "total": 37, "currency": "EUR"}
amounts = st.decimals(min_value=0, max_value=10**12, places=4)


@dataclass(frozen=True, slots=True)
class Flags:
    given: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Tagged:
    options: Mapping[str, str]


class TestAmounts:
    @given(amounts)
    def test_go_out_and_come_back_with_all_their_digits(self, amount):
        back = reader(Decimal)(loads(dumps({"price": amount}).encode())["price"])

        assert (back, back.as_tuple().exponent) == (amount, amount.as_tuple().exponent)

    @pytest.mark.parametrize(
        ("amount", "written"),
        [
            (Decimal("12.50"), "12.50"),
            (Decimal("1E+3"), "1000"),
            (Decimal("1E-7"), "0.0000001"),
            (Decimal("-0"), "-0"),
            (19.99, "19.99"),
            (7, "7"),
        ],
    )
    def test_are_numbers_as_a_person_writes_them(self, amount, written):
        assert dumps(amount) == written

    @pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity"), float("nan"), float("inf")])
    def test_are_finite(self, amount):
        with pytest.raises(ValueError, match="."):
            dumps({"price": amount})

    @pytest.mark.parametrize("amount", ["12.50", True, None, 12.5])
    def test_of_another_kind_do_not_pass(self, amount):
        with pytest.raises(Misfit, match="no number in subtotal"):
            reader(Cart)({**CART, "subtotal": amount})


class TestWriting:
    @given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
    def test_is_json_like_any_other(self, value):
        assert json.loads(dumps({"key": value})) == {"key": value}

    def test_leaves_out_what_was_not_given(self):
        variant = NewVariant({"Size": "M"}, Decimal("12.50"), stock=0)

        assert dumps([variant]) == '[{"options":{"Size":"M"},"price":12.50,"stock":0}]'

    def test_refuses_what_is_no_json(self):
        with pytest.raises(TypeError, match="set"):
            dumps({"options": {1, 2}})


class TestReading:
    def test_makes_dataclasses_all_the_way_down(self):
        cart = reader(Cart)(CART)

        assert (cart.items[0].sku, cart.items[0].unit_price) == ("SH-1", Decimal("12.50"))
        assert cart.total == Decimal(37)
        assert isinstance(cart.total, Decimal)

    def test_leaves_new_fields_aside(self):
        assert reader(Units)({"line_id": 1, "quantity": 2, "since": "next year"}) == Units(1, 2)

    def test_keeps_what_may_be_nothing(self):
        at = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)

        assert reader(Flags)({"given": False, "at": None}) == Flags(False, None)
        assert reader(Flags)({"given": True, "at": "2026-11-21T16:30:00Z"}) == Flags(True, at)

    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            ({**CART, "items": [{**LINE, "sku": 5}]}, "no text in items.sku"),
            ({**CART, "items": [{**LINE, "quantity": True}]}, "no whole number in items.quantity"),
            ({**CART, "items": [{**LINE, "quantity": Decimal("1.5")}]}, "no whole number in items.quantity"),
            ({**CART, "items": None}, "no list in items"),
            ({**CART, "items": ["shelf"]}, "no CartLine in items"),
            ({name: value for name, value in CART.items() if name != "total"}, "no “total”"),
            ([CART], "no Cart"),
        ],
    )
    def test_says_what_does_not_fit_and_where(self, answer, fault):
        with pytest.raises(Misfit) as caught:
            reader(Cart)(answer)

        assert str(caught.value) == fault

    @pytest.mark.parametrize(("value", "fault"), [("noon", "no time in at"), (5, "no time in at")])
    def test_takes_times_as_iso_8601(self, value, fault):
        with pytest.raises(Misfit) as caught:
            reader(Flags)({"given": True, "at": value})

        assert str(caught.value) == fault

    def test_gives_options_by_name(self):
        assert reader(Tagged)({"options": {"Size": "M"}}).options == {"Size": "M"}
        with pytest.raises(Misfit, match="no object in options"):
            reader(Tagged)({"options": ["M"]})

    def test_is_not_made_up_for_other_kinds(self):
        with pytest.raises(TypeError, match="complex"):
            reader(complex)

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[NaN]", b"\xff", b"[" * 100_000])
    def test_refuses_what_is_no_json(self, body):
        with pytest.raises(Misfit, match="no JSON"):
            loads(body)
