"""The same POST with the same key does its work once, and is told the same."""

import sqlite3
from copy import deepcopy
from datetime import timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone
from PIL import Image

from accounts.tests.factories import UserFactory
from cart.models import CartLine
from catalog.models import Product, ProductImage, StockMovement, StockRecord
from catalog.tests.factories import VariantFactory
from catalog.tests.racing import together
from ecommerce.api import api
from ecommerce.idempotency import forget_old_answers
from ecommerce.models import StoredAnswer
from ecommerce.tests.programs import API, Program, code_of, staff_user, with_key, with_token
from orders.audit import audit
from orders.models import IdempotencyKey, Order, Refund, Shipment
from orders.tests.factories import placed_order
from pricing.defaults import install_defaults

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NEW = {"name": "Oak shelf", "description": "A shelf.", "price": 12.5, "stock": 3}
KEY = "7c8f5f0e"


@pytest.fixture(autouse=True)
def shop(db):
    install_defaults()


@pytest.fixture
def seller():
    return staff_user("Catalogue", "Stock")


def add_product(program, key=KEY, **changes):
    return program.send("POST", "/products", {**NEW, **changes}, Idempotency_Key=key)


def told(response):
    return response.status_code, response.content


class TestSameKey:
    def test_and_request_is_one_effect_and_one_answer(self, seller):
        program = with_token(seller)

        first, again = add_product(program), add_product(program)

        assert first.status_code == 201
        assert told(again) == told(first)
        assert (first.has_header("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (False, "true")
        assert Product.objects.count() == 1

    def test_and_another_body_is_refused(self, seller):
        program = with_token(seller)
        add_product(program)

        answer = add_product(program, name="Ash shelf")

        assert (answer.status_code, code_of(answer)) == (422, "idempotency_key_reused")
        assert Product.objects.get().name == "Oak shelf"

    def test_at_another_address_is_refused(self, seller):
        program = with_token(seller)
        product = add_product(program).json()["id"]
        change = {"delta": 1, "reason": "delivery"}
        program.send("POST", f"/products/{product}/stock", change, Idempotency_Key="k1")

        other = VariantFactory().product_id
        answer = program.send("POST", f"/products/{other}/stock", change, Idempotency_Key="k1")

        assert code_of(answer) == "idempotency_key_reused"

    def test_of_somebody_else_is_refused_without_a_word_of_theirs(self, seller):
        add_product(with_token(seller), sku="SECRET-SKU")

        answer = add_product(with_token(staff_user("Catalogue", "Stock")), sku="SECRET-SKU")

        assert (answer.status_code, code_of(answer)) == (422, "idempotency_key_reused")
        assert "SECRET-SKU" not in answer.content.decode()

    def test_with_a_token_that_may_less_is_refused(self, seller):
        order = placed_order()
        clerk = staff_user("Orders")
        ship = partial(Program.send, method="POST", path=f"/orders/{order.pk}/shipments", Idempotency_Key=KEY)
        assert ship(with_token(clerk)).status_code == 201

        answer = ship(with_key(clerk, "buy"))

        assert code_of(answer) == "idempotency_key_reused"

    def test_that_was_a_checkouts_is_refused(self, seller):
        sam = with_token(UserFactory())
        variant = VariantFactory()
        path = f"/cart?product_id={variant.product_id}"
        sam.send("POST", path)
        assert sam.send("POST", "/checkout", {}, Idempotency_Key=KEY).status_code == 201

        answer = sam.send("POST", path, Idempotency_Key=KEY)

        assert code_of(answer) == "idempotency_key_reused"
        assert not CartLine.objects.filter(cart__status="open").exists()

    def test_cannot_become_a_checkouts(self):
        sam = with_token(UserFactory())
        sam.send("POST", f"/cart?product_id={VariantFactory().product_id}", Idempotency_Key=KEY)

        answer = sam.send("POST", "/checkout", {}, Idempotency_Key=KEY)

        assert code_of(answer) == "idempotency_key_reused"
        assert not Order.objects.exists()

    def test_after_a_refusal_can_still_succeed(self, seller):
        program = with_token(seller)
        variant = VariantFactory(on_hand=0)
        path = f"/products/{variant.product_id}/stock"
        take = partial(program.send, "POST", path, {"delta": -1, "reason": "broken"}, Idempotency_Key=KEY)
        refused = take()
        program.send("POST", path, {"delta": 5, "reason": "delivery"})

        answer = take()

        assert (refused.status_code, answer.status_code) == (409, 200)
        assert StockRecord.objects.get(variant=variant).on_hand == 4
        assert IdempotencyKey.objects.count() == 1

    def test_of_a_guest_is_known_after_log_in(self):
        sam = UserFactory()
        path = f"/cart?product_id={VariantFactory().product_id}"
        browser = Program()
        browser.send("POST", path)
        browser.send("POST", path, Idempotency_Key=KEY)
        browser.force_login(sam)

        answer = browser.send("POST", path, Idempotency_Key=KEY)

        assert answer["Idempotent-Replayed"] == "true"

    def test_of_a_guest_holds_from_the_first_add_of_a_session(self):
        path = f"/cart?product_id={VariantFactory().product_id}"
        visitor = Program()
        visitor.cookies["sessionid"] = new_session()

        answers = [visitor.send("POST", path, Idempotency_Key=KEY) for _ in range(2)]

        assert [line["quantity"] for answer in answers for line in answer.json()["items"]] == [1, 1]

    def test_of_guests_without_a_session_is_each_ones_own(self):
        path = f"/cart?product_id={VariantFactory().product_id}"

        answers = [Program().send("POST", path, Idempotency_Key=KEY) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert not StoredAnswer.objects.exists()

    @pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "é"])
    def test_that_can_be_none_is_refused(self, seller, key):
        answer = add_product(with_token(seller), key=key)

        assert (answer.status_code, code_of(answer)) == (422, "invalid_idempotency_key")
        assert not Product.objects.exists()

    def test_means_nothing_to_a_reader(self, seller):
        program = with_token(seller)
        add_product(program)

        answer = program.send("GET", "/products", Idempotency_Key=KEY)

        assert isinstance(answer.json(), list)

    def test_leaves_the_shop_as_it_should_be(self, seller):
        program = with_token(seller)
        add_product(program)
        add_product(program, name="")

        assert audit() == []


def new_session() -> str:
    """The key of a session in which nothing was added to a cart yet."""
    session = Program().session
    session["seen"] = True
    session.save()
    return session.session_key


class TestKeptAnswers:
    def test_are_forgotten_after_a_week_and_orders_keys_never(self, seller):
        program = with_token(seller)
        add_product(program)
        order = placed_order()
        long_ago = timezone.now() - timedelta(days=8)
        IdempotencyKey.objects.update(created_at=long_ago)
        add_product(program, key="new")

        removed = forget_old_answers(at=timezone.now())

        assert removed == 1
        assert set(IdempotencyKey.objects.values_list("key", flat=True)) == {"client:new", order.claim.key}
        assert audit() == []

    def test_are_kept_for_a_week(self, seller):
        add_product(with_token(seller))
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=6, hours=23))

        assert forget_old_answers(at=timezone.now()) == 0

    def test_are_removed_by_a_command(self, seller, capsys):
        add_product(with_token(seller))
        IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(days=8))

        call_command("forget_old_answers")

        assert capsys.readouterr().out == "answers 1\n"
        assert not StoredAnswer.objects.exists()


class TestTrouble:
    """What passes by itself is tried again as a whole; nothing of a try that failed stays."""

    @pytest.fixture
    def failing(self, monkeypatch):
        """Let the statement that keeps an answer fail so many times."""

        def fail(times):
            create, left = StoredAnswer.objects.create, [times]

            def try_to_create(**columns):
                if left[0]:
                    left[0] -= 1
                    error = OperationalError("database is locked")
                    error.__cause__ = sqlite3.OperationalError("database is locked")
                    error.__cause__.sqlite_errorcode = sqlite3.SQLITE_BUSY
                    raise error
                return create(**columns)

            monkeypatch.setattr(StoredAnswer.objects, "create", try_to_create)

        return fail

    @pytest.mark.django_db(transaction=True)
    def test_twice_is_not_noticed(self, seller, failing):
        failing(2)

        answer = add_product(with_token(seller))

        assert answer.status_code == 201
        assert Product.objects.count() == StoredAnswer.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_that_lasts_is_told_with_a_wait(self, seller, failing):
        failing(3)

        answer = add_product(with_token(seller))

        assert (answer.status_code, code_of(answer), answer["Retry-After"]) == (503, "busy", "5")
        assert not Product.objects.exists()
        assert not IdempotencyKey.objects.exists()


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    return file.getvalue()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestTenAtOnce:
    """Each operation that keeps answers, with real threads."""

    def ten(self, program, send):
        def call():
            twin = Program()
            twin.defaults, twin.headers = program.defaults, program.headers
            twin.cookies = deepcopy(program.cookies)
            return send(twin)

        answers = together(*[call] * 10)

        assert len({told(answer) for answer in answers}) == 1, {told(answer) for answer in answers}
        assert [answer.has_header("Idempotent-Replayed") for answer in answers].count(True) == 9
        assert audit() == []
        return answers[0]

    def test_add_product(self, seller):
        answer = self.ten(with_token(seller), add_product)

        assert (answer.status_code, Product.objects.count()) == (201, 1)

    def test_add_to_cart(self):
        variant = VariantFactory()
        path = f"/cart?product_id={variant.product_id}&quantity=2"
        guest = Program()
        guest.send("POST", path)

        answer = self.ten(guest, lambda twin: twin.send("POST", path, Idempotency_Key=KEY))

        assert (answer.status_code, CartLine.objects.get().quantity) == (200, 4)

    def test_change_stock(self, seller):
        variant = VariantFactory(on_hand=1)
        path, body = f"/products/{variant.product_id}/stock", {"delta": 4, "reason": "delivery"}

        answer = self.ten(with_token(seller), lambda twin: twin.send("POST", path, body, Idempotency_Key=KEY))

        assert (answer.status_code, StockRecord.objects.get().on_hand) == (200, 5)
        assert StockMovement.objects.count() == 2

    def test_upload_image(self, seller):
        body = encode_multipart(BOUNDARY, {"image": Named(picture(), "oak.png"), "alt_text": "Oak"})
        path = f"{API}/products/{VariantFactory().product_id}/images"
        send = partial(
            Program.generic,
            method="POST",
            path=path,
            data=body,
            content_type=MULTIPART_CONTENT,
            headers={"Idempotency-Key": KEY},
        )

        answer = self.ten(with_token(seller), send)

        assert (answer.status_code, ProductImage.objects.count()) == (201, 1)

    def test_ship_order(self):
        order = placed_order({VariantFactory(): 3})
        body = {"items": [{"line_id": order.lines.get().pk, "quantity": 1}]}
        path = f"/orders/{order.pk}/shipments"

        answer = self.ten(
            with_token(staff_user("Orders")), lambda twin: twin.send("POST", path, body, Idempotency_Key=KEY)
        )

        assert (answer.status_code, Shipment.objects.count()) == (201, 1)

    def test_refund_order(self):
        order = placed_order()
        path, body = f"/orders/{order.pk}/refunds", {"amount": 1, "reason": "goodwill"}

        answer = self.ten(
            with_token(staff_user("Orders")), lambda twin: twin.send("POST", path, body, Idempotency_Key=KEY)
        )

        assert (answer.status_code, Refund.objects.get().amount) == (201, Decimal(1))

    def test_without_a_key_are_ten(self, seller):
        """The control: it is the key that makes them one."""
        variant = VariantFactory(on_hand=0)
        path, body = f"/products/{variant.product_id}/stock", {"delta": 1, "reason": "delivery"}

        together(*[lambda: with_token(seller).send("POST", path, body)] * 10)

        assert StockRecord.objects.get().on_hand == 10


class Named(BytesIO):
    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def test_every_router_that_writes_in_one_transaction_keeps_answers():
    """Otherwise a repeated POST would be done twice; checkout and payment keep keys of their own."""
    kept, own = set(), set()
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            for operation in view.operations:
                if "POST" in operation.methods:
                    is_kept = hasattr(operation.run, "__wrapped__")
                    (kept if is_kept else own).add(operation.operation_id)

    assert kept == {"add_product", "upload_image", "change_stock", "add_to_cart", "ship_order", "refund_order"}
    assert own == {"signup", "login", "checkout", "pay_order", "cancel_order", "receive_webhook"}
