"""Who may do what: the table of docs/reference/api.md, with a real request for each of its cells."""

import json
import re
from decimal import Decimal

import pytest
from django.conf import settings
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from catalog.tests.factories import VariantFactory
from catalog.tests.web import picture_file
from ecommerce.api import api
from ecommerce.tests.programs import API, Program, staff_user, with_session, with_token
from ecommerce.tests.test_api_idempotency import Named
from orders.models import Order
from orders.tests.factories import new_shopper, placed_order
from payments.signature import sign
from pricing.defaults import install_defaults

pytestmark = pytest.mark.django_db

PAGE = (settings.BASE_DIR / "docs" / "reference" / "api.md").read_text()
ROLES = {
    "anyone": Program,
    "buyer": lambda: with_token(UserFactory()),
    "seller": lambda: with_token(staff_user("Catalogue")),
    "stock": lambda: with_token(staff_user("Stock")),
    "orders": lambda: with_token(staff_user("Orders")),
    "superuser": lambda: with_token(User.objects.create_superuser("boss@shop.test", "x")),
    "website session": lambda: with_session(User.objects.create_superuser("boss@shop.test", "x")),
}


def table() -> dict[str, list[str]]:
    """``{"`add_product` with `stock`": ["401", …]}``, a status for each role."""
    [_before, text] = PAGE.split("<!-- who may what -->")[:2]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.strip().splitlines()]
    assert rows[0] == ["operation", *ROLES]
    return {row[0]: row[1:] for row in rows[2:]}


def operations() -> dict[str, tuple[str, str]]:
    """``{operation_id: (method, path)}`` of the schema."""
    return {
        operation["operationId"]: (method.upper(), path.removeprefix(API))
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }


class World:
    """A shop, a program, and an order of somebody else's."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.variant = VariantFactory(on_hand=9)
        self.product = f"/products/{self.variant.product_id}"
        self.order = placed_order({VariantFactory(): 2}, shopper=new_shopper(UserFactory(email="victim@shop.test")))

    def fill_cart(self) -> None:
        assert self.program.send("POST", f"/cart?product_id={self.variant.product_id}").status_code == 200

    def own_order(self) -> int:
        self.fill_cart()
        return self.program.send("POST", "/checkout", {}).json()["id"]

    def upload(self):
        body = encode_multipart(BOUNDARY, {"image": Named(picture_file(), "oak.png")})
        return self.program.generic("POST", f"{API}{self.product}/images", body, content_type=MULTIPART_CONTENT)

    def webhook(self):
        subject = {"id": "ch_1", "metadata": {"order_id": str(self.order.pk)}}
        body = json.dumps({"id": "evt_1", "type": "charge.succeeded", "data": {"object": subject}})
        at = int(timezone.now().timestamp())
        signature = sign(body.encode(), secret=settings.TEST_GATEWAY_SECRET, at=at)
        path = f"{API}/webhooks/test"
        return self.program.generic(
            "POST", path, body, content_type="application/json", headers={"Stripe-Signature": signature}
        )

    def ask(self, row: str):
        """Send what the row says, with all that it needs to succeed."""
        send, order, new = self.program.send, self.order.pk, {"name": "Oak", "description": "", "price": 1}
        sam = {"email": "new@shop.test", "password": PASSWORD}
        paid = {
            **{"email": "sam@shop.test", "full_name": "Sam", "address_line1": "Invalidenstraße 1", "city": "Berlin"},
            **{"postcode": "10115", "country": "DE", "payment_token": "tok_visa"},
        }
        in_cart = f"/cart/{self.variant.product_id}"
        requests = {
            "`health_check`": lambda: send("GET", "/"),
            "`signup`": lambda: send("POST", "/signup", sam),
            "`login`": lambda: send("POST", "/login", {"email": "victim@shop.test", "password": PASSWORD}),
            "`get_products`": lambda: send("GET", "/products"),
            "`get_products` with `status`": lambda: send("GET", "/products?status=draft"),
            "`search_products`": lambda: send("GET", "/products/search?query=oak"),
            "`get_product`": lambda: send("GET", self.product),
            "`get_categories`": lambda: send("GET", "/categories"),
            "`add_product`": lambda: send("POST", "/products", new),
            "`add_product` with `stock`": lambda: send("POST", "/products", {**new, "stock": 3}),
            "`update_product`": lambda: send("PUT", self.product, {"name": "Ash"}),
            "`delete_product`": lambda: send("DELETE", self.product),
            "`upload_image`": self.upload,
            "`get_stock`": lambda: send("GET", f"{self.product}/stock"),
            "`change_stock`": lambda: send("POST", f"{self.product}/stock", {"delta": 1, "reason": "delivery"}),
            "`add_to_cart`": lambda: send("POST", f"/cart?product_id={self.variant.product_id}"),
            "`view_cart`": lambda: send("GET", "/cart"),
            "`update_cart`": lambda: self.fill_cart() or send("PUT", f"{in_cart}?quantity=2"),
            "`remove_from_cart`": lambda: self.fill_cart() or send("DELETE", in_cart),
            "`checkout`": lambda: self.fill_cart() or send("POST", "/checkout", {}),
            "`get_orders`": lambda: send("GET", "/orders"),
            "`get_orders` with `all=1`": lambda: send("GET", "/orders?all=1"),
            "`get_order`, one's own": lambda: send("GET", f"/orders/{self.own_order()}"),
            "`get_order`, another's": lambda: send("GET", f"/orders/{order}"),
            "`pay_order`, one's own": lambda: send("POST", f"/orders/{self.own_order()}/payment", paid),
            "`pay_order`, another's": lambda: send("POST", f"/orders/{order}/payment", paid),
            "`cancel_order`, one's own": lambda: send("POST", f"/orders/{self.own_order()}/cancellation", {}),
            "`cancel_order`, another's": lambda: send("POST", f"/orders/{order}/cancellation", {}),
            "`ship_order`": lambda: send("POST", f"/orders/{order}/shipments", {}),
            "`refund_order`": lambda: send("POST", f"/orders/{order}/refunds", {"amount": 1}),
            "`get_charges`": lambda: send("GET", "/payments/test/charges"),
            "`export_orders`": lambda: send("GET", "/export/orders.csv"),
            "`receive_webhook`": self.webhook,
        }
        return requests[row]()


@pytest.fixture(autouse=True)
def shop(db):
    install_defaults()


class TestTable:
    def test_lists_every_operation(self):
        named = {re.match(r"`(\w+)`", row)[1] for row in table()}

        assert named == set(operations())

    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize("row", table())
    def test_is_what_the_shop_does(self, row, role):
        expected = table()[row][list(ROLES).index(role)]
        world = World(ROLES[role]())

        answer = world.ask(row)

        assert str(answer.status_code) == expected, answer.content[:500]

    @pytest.mark.parametrize("row", table())
    def test_is_not_wider_for_an_account_that_is_switched_off(self, row):
        user = User.objects.create_superuser("boss@shop.test", "x")
        world = World(with_token(user))
        User.objects.filter(pk=user.pk).update(is_active=False)
        world.fill_cart = world.own_order = lambda: None

        assert world.ask(row).status_code == 401


GUESSED = ["0", "-1", "1", "2", "3", "999999", str(2**63 - 1), str(2**63), "9" * 40, "abc", "1.0", "%20", "1%00", "٣"]
TOKENS = ["", "x", "a" * 32, "a" * 5000, "%00", "null", "../..", "' OR 1=1 --"]


class TestStrangers:
    """Nobody sees a thing of an order, a cart or an account that is not theirs, whatever they ask for."""

    @pytest.fixture(params=["anyone", "buyer", "seller", "stock", "website session"])
    def world(self, request):
        return World(ROLES[request.param]())

    def secrets(self, world):
        order = world.order
        return [order.email, order.number, order.token, order.full_name, order.postcode]

    def ids(self, world, path):
        numbers = {str(world.order.pk), str(world.order.lines.get().pk), str(world.order.cart_id), *GUESSED}
        return [re.sub(r"\{\w+\}", number, path) for number in numbers]

    def test_by_any_id(self, world):
        """Every operation that takes one, with others' ids, guessed and malformed ones."""
        body = {
            "items": [{"line_id": world.order.lines.get().pk, "quantity": 1}],
            "amount": 1,
            "payment_token": "tok_visa",
        }

        answers = [
            (method, path, world.program.send(method, path, None if method in ("GET", "DELETE") else content))
            for operation, (method, pattern) in operations().items()
            if "{" in pattern and operation != "receive_webhook"
            for path in self.ids(world, pattern)
            for content in ({}, body)
        ]

        assert len(answers) > 200
        for method, path, answer in answers:
            assert answer.status_code < 500, (method, path)
            assert not [secret for secret in self.secrets(world) if secret in answer.content.decode()], (method, path)
            if "/orders/" in path:
                assert answer.status_code in (400, 401, 403, 404, 422), (method, path, answer.content)
        assert Order.objects.get(pk=world.order.pk).status == "paid"

    @pytest.mark.parametrize("token", TOKENS)
    def test_by_any_token(self, world, token):
        other = placed_order(shopper=new_shopper())
        order = f"/orders/{world.order.pk}"

        answers = [
            world.program.send(method, f"{order}{path}?token={given}", body)
            for given in (token, other.token, other.number)
            for method, path, body in [
                ("GET", "", None),
                ("POST", "/payment", {"payment_token": "tok_visa"}),
                ("POST", "/cancellation", {}),
            ]
        ]

        assert {answer.status_code for answer in answers} <= {400, 404, 422}
        assert not [s for s in self.secrets(world) for answer in answers if s in answer.content.decode()]

    def test_by_the_token_of_an_accounts_order(self, world):
        """An account's order opens for that account only."""
        answer = world.program.send("GET", f"/orders/{world.order.pk}?token={world.order.token}")

        assert answer.status_code == 404

    def test_by_somebody_elses_cursor(self, world):
        victim = with_token(world.order.user)
        placed_order(shopper=new_shopper(world.order.user))
        link = victim.send("GET", "/orders?limit=1")["Link"]
        staff = with_token(staff_user("Orders")).send("GET", "/orders?all=1&limit=1")["Link"]
        cursors = [re.search(r"cursor=([^&>]+)", text)[1] for text in (link, staff)]

        answers = [
            world.program.send("GET", f"{path}cursor={cursor}")
            for cursor in [*cursors, "", "x", cursors[0][:-1], cursors[0] + "A", "a" * 5000, "%00", "eyJhdCI6WzFdfQ"]
            for path in ("/orders?", "/orders?limit=1&", "/products?")
        ]

        assert {answer.status_code for answer in answers} <= {400, 422}
        assert not [s for s in self.secrets(world) for answer in answers if s in answer.content.decode()]

    def test_in_a_list(self, world):
        assert world.program.send("GET", "/orders").json() == []
        assert world.program.send("GET", "/cart").json()["items"] == []


class TestOwnerAfterAll:
    def test_a_guest_reads_and_pays_with_the_token_from_elsewhere(self):
        guest = Program()
        guest.send("POST", f"/cart?product_id={VariantFactory().product_id}")
        order = guest.send("POST", "/checkout", {}).json()

        answer = Program().send("GET", f"/orders/{order['id']}?token={order['token']}")

        assert answer.status_code == 200
        assert Decimal(str(answer.json()["total"])) == Decimal(str(order["total"]))
