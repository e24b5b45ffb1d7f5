"""One cart costs the same through whatever door: API, website, confirmation mail and SDK, to the cent."""

import json
import re
from contextlib import contextmanager
from decimal import Decimal

import httpx
import pytest
from django.core import mail
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.models import Variant
from catalog.tests.factories import VariantFactory
from ecommerce_sdk import EcommerceSDK
from orders.mail import send
from orders.models import Order, OrderMail
from pricing.defaults import rates
from pricing.models import ShippingMethod, TaxClass
from pricing.tests.factories import ShippingMethodFactory, TaxClassFactory, TaxRateFactory

CARTS = 1_000 if settings.default.max_examples >= 1_000 else 10
PRICES = ("0.01", "0.33", "0.99", "4.05", "7.77", "12.50", "19.99", "33.35", "149.95", "2499.00")
RATES = {"standard": "AT 20, DE 19, FI 25.5, FR 20, HU 27", "books": "AT 10, DE 7, FR 5.5"}
POSTCODES = {"AT": "1010", "CH": "8001", "DE": "10115", "FI": "00100", "FR": "75001", "HU": "1051"}
METHODS = {"standard": "4.90", "express": "12.95", "pickup": "0.00"}
SHOP = "http://testserver"


@pytest.fixture
def shelf(db):
    """A variant of each price in each tax class, and three methods that deliver everywhere."""
    ShippingMethod.objects.all().delete()
    TaxClass.objects.all().delete()
    for code, table in RATES.items():
        tax_class = TaxClassFactory(code=code, is_default=code == "standard")
        for country, rate in rates(table).items():
            TaxRateFactory(tax_class=tax_class, country=country, rate=rate)
        for price in PRICES:
            VariantFactory(price=Decimal(price), product__tax_class=tax_class, on_hand=None)
    for code, price in METHODS.items():
        ShippingMethodFactory(code=code, price=Decimal(price))


@contextmanager
def one_connection():
    """Let what is called as WSGI keep the test's connection; Django's own test client does so, and takes it back."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def delivery(country: str, method: str) -> dict[str, str]:
    return {
        "email": "sam@example.com",
        "full_name": "Sam Shopper",
        "address_line1": "Street 1",
        "city": "City",
        "postcode": POSTCODES[country],
        "country": country,
        "shipping_method": method,
        "payment_token": "tok_visa",
    }


def mark(name: str, page: str) -> Decimal:
    """An amount that a page carries for programs."""
    return Decimal(re.search(rf'data-{name}-total="([\d.]+)"', page)[1])


def bought_on_website(lines, details) -> tuple[Decimal, Decimal, int]:
    """The cart's total, what was paid, and the order's id."""
    browser = Client()
    for product_id, quantity in lines.items():
        browser.post(f"/cart/add/{product_id}/", {"quantity": quantity})
    cart = mark("cart", browser.get("/cart/").text)
    answer = browser.post("/place_order/", {**details, "billing_same": "on"}, follow=True)
    return cart, mark("order", answer.text), Order.objects.latest("pk").pk


def bought_by_api(lines, details) -> tuple[Decimal, Decimal, int]:
    program = Client()
    for product_id, quantity in lines.items():
        program.post(f"/api/v1/cart?product_id={product_id}&quantity={quantity}")
    cart = exact(program.get("/api/v1/cart"))["total"]
    placed = exact(program.post("/api/v1/checkout", json.dumps(details), content_type="application/json"))
    assert exact(program.get(f"/api/v1/orders/{placed['id']}")) == placed
    return cart, placed["total"], placed["id"]


def bought_by_sdk(lines, details) -> tuple[Decimal, Decimal, int]:
    with one_connection(), EcommerceSDK(SHOP, transport=httpx.WSGITransport(app=get_wsgi_application())) as sdk:
        for product_id, quantity in lines.items():
            sdk.add_to_cart(product_id, quantity)
        cart = sdk.view_cart().total
        placed = sdk.checkout(**details)
        assert sdk.get_order(placed.id).total == placed.total
    return cart, placed.total, placed.id


def exact(response):
    """An answer's JSON, its amounts without rounding."""
    return json.loads(response.content, parse_float=Decimal)


def said_in_mail(order: Order) -> Decimal:
    """The amount that the confirmation says was paid."""
    mail.outbox.clear()
    send(OrderMail.objects.get(order=order, kind=OrderMail.Kind.CONFIRMATION))
    return Decimal(re.search(r"is paid, €([\d,.]+)\.", mail.outbox[0].body)[1].replace(",", ""))


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.usefixtures("shelf")
class TestTotals:
    @settings(max_examples=CARTS)
    @given(
        st.dictionaries(st.integers(0, 2 * len(PRICES) - 1), st.integers(1, 40), min_size=1, max_size=4),
        st.sampled_from(sorted(POSTCODES)),
        st.sampled_from(sorted(METHODS)),
        st.booleans(),
    )
    def test_every_door_tells_the_same(self, units, country, method, prices_include_tax):
        with transaction.atomic(), override_settings(PRICES_INCLUDE_TAX=prices_include_tax, RATE_LIMITS=False):
            products = list(Variant.objects.order_by("pk").values_list("product_id", flat=True))
            lines = {products[place]: quantity for place, quantity in units.items()}
            details = delivery(country, method)

            doors = [door(lines, details) for door in (bought_on_website, bought_by_api, bought_by_sdk)]

            orders = [Order.objects.get(pk=pk) for _cart, _total, pk in doors]
            assert len({order.pk for order in orders}) == 3
            assert len({cart for cart, _total, _pk in doors}) == 1
            told = [total for _cart, total, _pk in doors]
            assert len({*told, *(order.total for order in orders), *map(said_in_mail, orders)}) == 1
            transaction.set_rollback(True)
