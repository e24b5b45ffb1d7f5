from decimal import Decimal

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.tests.factories import VariantFactory
from orders.audit import audit
from orders.details import AddressDetails, CheckoutDetails
from orders.models import Order
from orders.paying import pay
from orders.requoting import details_of, missing_details
from orders.tests.factories import ADDRESS, placed_order
from pricing.defaults import rates
from pricing.models import ShippingMethod, TaxClass
from pricing.tests.factories import ShippingMethodFactory, TaxClassFactory, TaxRateFactory

NOW = timezone.now()
RATES = {"standard": "AT 20, DE 19, FI 25.5, FR 20", "books": "AT 10, DE 7, FR 5.5"}
PLACES = {"AT": "1010", "DE": "10115", "FI": "00100", "FR": "75001", "CH": "8001"}
METHODS = {"standard": ("4.90", "50"), "express": ("12.95", None), "pickup": ("0", None)}
AMOUNTS = ("subtotal", "discount", "shipping", "shipping_tax_rate", "shipping_tax", "tax", "net", "total")
LINES = ("variant_id", "unit_price", "quantity", "line_total", "discount", "tax_rate", "tax")


@pytest.fixture
def fair(db):
    """Two tax classes, and three methods that deliver everywhere."""
    ShippingMethod.objects.all().delete()
    TaxClass.objects.all().delete()
    for code, table in RATES.items():
        tax_class = TaxClassFactory(code=code, is_default=code == "standard")
        for country, rate in rates(table).items():
            TaxRateFactory(tax_class=tax_class, country=country, rate=rate)
    for code, (price, free_from) in METHODS.items():
        ShippingMethodFactory(code=code, price=Decimal(price), free_from=free_from and Decimal(free_from))


def going_to(country: str, method: str, **more) -> CheckoutDetails:
    place = {**ADDRESS.columns(), "country": country, "postcode": PLACES[country]}
    return CheckoutDetails(email="sam@example.com", address=AddressDetails(**place), shipping_method=method, **more)


def amounts(order: Order) -> dict[str, object]:
    order.refresh_from_db()
    return {name: getattr(order, name) for name in AMOUNTS}


def lines(order: Order, *names: str) -> list[tuple]:
    return list(order.lines.order_by("pk").values_list(*(names or LINES)))


destinations = st.tuples(st.sampled_from(sorted(PLACES)), st.sampled_from(sorted(METHODS)))
goods = st.lists(
    st.tuples(st.decimals("0.01", "999.99", places=2), st.integers(1, 12), st.sampled_from(sorted(RATES))),
    min_size=1,
    max_size=4,
)


@pytest.mark.both_databases
@pytest.mark.usefixtures("fair")
class TestRequoting:
    @settings(max_examples=max(15, settings.default.max_examples // 5))
    @given(goods, destinations, st.lists(destinations, min_size=1, max_size=3), st.booleans())
    def test_an_order_costs_what_it_would_have_cost_had_all_been_known(self, bought, first, moves, is_gross):
        with transaction.atomic(), override_settings(PRICES_INCLUDE_TAX=is_gross):
            cart = {
                VariantFactory(
                    price=price, on_hand=None, product__tax_class=TaxClass.objects.get(code=tax_class)
                ): units
                for price, units, tax_class in bought
            }
            order = placed_order(cart, token="", address=AddressDetails(country=first[0]), shipping_method=first[1])
            agreed = lines(order, "variant_id", "unit_price", "quantity", "line_total")

            for country, method in moves:
                pay(order, token="", details=going_to(country, method), at=NOW)

            country, method = moves[-1]
            known_at_once = placed_order(cart, token="", address=going_to(country, "").address, shipping_method=method)
            assert amounts(order) == amounts(known_at_once)
            assert lines(order) == lines(known_at_once)
            assert lines(order, "variant_id", "unit_price", "quantity", "line_total") == agreed
            assert missing_details(order) == []
            assert audit() == []

            paid = pay(order, token="tok_visa", at=NOW)
            if order.total:
                assert paid.amount == order.total
            assert audit() == []
            transaction.set_rollback(True)

    def test_delivery_is_free_from_its_threshold_on(self):
        order = placed_order({VariantFactory(price=Decimal(25)): 2}, token="", shipping_method="express")

        pay(order, token="", details=going_to("DE", "standard"), at=NOW)

        assert amounts(order)["total"] == Decimal(50)


@pytest.mark.usefixtures("fair")
class TestDetailsOf:
    def test_a_billing_address_is_told_only_where_it_differs(self):
        order = placed_order(token="")
        assert details_of(order).billing is None

        order.billing_city = "Bonn"

        assert details_of(order).billing.city == "Bonn"

    def test_a_method_that_is_gone_is_not_asked_for(self):
        order = placed_order(token="", shipping_method="express")
        ShippingMethod.objects.filter(code="express").delete()
        order.refresh_from_db()

        assert details_of(order).shipping_method == ""
        assert missing_details(order) == []


class TestOrKnown:
    HOME = AddressDetails(
        full_name="Ada", address_line1="Weg 1", address_line2="Hof", city="Köln", postcode="50667", country="DE",
        phone="0221 1",
    )  # fmt: skip

    def test_nothing_given_is_all_that_is_known(self):
        assert AddressDetails().or_known(self.HOME) == self.HOME

    def test_another_place_is_not_mixed_with_the_known_one(self):
        given = AddressDetails(address_line1="Gasse 2", city="Wien", postcode="1010", country="AT")

        completed = given.or_known(self.HOME)

        assert (completed.full_name, completed.address_line2, completed.city) == ("Ada", "", "Wien")

    def test_another_street_leaves_the_country(self):
        completed = AddressDetails(address_line1="Platz 3").or_known(self.HOME)

        assert (completed.country, completed.city) == ("DE", "")

    def test_a_part_of_the_same_place_is_that_place(self):
        assert AddressDetails(city="KÖLN", country="de").or_known(self.HOME).postcode == "50667"

    def test_a_name_goes_with_the_known_place(self):
        completed = AddressDetails(full_name="Bo").or_known(self.HOME)

        assert (completed.full_name, completed.city) == ("Bo", "Köln")
