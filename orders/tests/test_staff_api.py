"""Parcels, refunds, charges and the export, for programs of staff."""

import csv
import io
from datetime import datetime
from decimal import Decimal
from functools import partial

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.factories import UserFactory
from catalog.models import StockRecord
from catalog.tests.factories import VariantFactory
from catalog.tests.racing import together
from orders.audit import audit
from orders.cancellation import cancel
from orders.exporting import COLUMNS, orders_csv
from orders.models import Cancellation, Order, OrderLine, OrderMail, Refund, Shipment
from orders.refunds import refund
from orders.states import OrderStatus
from orders.tests.buying import Program, code_of
from orders.tests.factories import placed_order
from payments.models import TestCharge
from payments.test import TestGateway

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases, pytest.mark.usefixtures("shop")]


def new_clerk() -> Program:
    user = UserFactory()
    user.groups.add(Group.objects.get(name="Orders"))
    return Program(user)


@pytest.fixture
def clerk():
    return new_clerk()


@pytest.fixture
def order(mug, plate):
    """Two mugs and one plate, paid: €59.90 with delivery."""
    return placed_order({mug: 2, plate: 1})


def line(order: Order, sku: str) -> OrderLine:
    return order.lines.get(sku=sku)


def send_parcel(clerk, order, body=None):
    return clerk.send(f"/orders/{order.pk}/shipments", body)


def send_back(clerk, order, body=None):
    return clerk.send(f"/orders/{order.pk}/refunds", body)


def status_of(order: Order) -> OrderStatus:
    return Order.objects.get(pk=order.pk).status


class TestShipOrder:
    @pytest.mark.parametrize("body", [None, {}, {"items": None}])
    def test_sends_all_that_is_open(self, clerk, order, mug, body):
        answer = send_parcel(clerk, order, body)

        sent = {item["line_id"]: item["quantity"] for item in answer.json()["items"]}
        assert answer.status_code == 201
        assert sent == {line(order, "MUG").pk: 2, line(order, "PLATE").pk: 1}
        assert status_of(order) is OrderStatus.SHIPPED
        assert StockRecord.objects.values_list("on_hand", "reserved").get(variant=mug) == (3, 0)

    def test_sends_the_units_named_with_carrier_and_number(self, clerk, order):
        body = {"items": [{"line_id": line(order, "MUG").pk, "quantity": 1}], "carrier": "DHL", "tracking_number": "1Z"}

        answer = send_parcel(clerk, order, body).json()

        parcel = Shipment.objects.get()
        assert answer == {
            "id": parcel.pk,
            "carrier": "DHL",
            "tracking_number": "1Z",
            "created_at": answer["created_at"],
            "items": body["items"],
        }
        assert datetime.fromisoformat(answer["created_at"]) == parcel.at
        assert status_of(order) is OrderStatus.PARTLY_SHIPPED

    def test_counts_a_line_that_is_named_twice_twice(self, clerk, order):
        once = {"line_id": line(order, "MUG").pk, "quantity": 1}

        assert send_parcel(clerk, order, {"items": [once, once]}).json()["items"] == [{**once, "quantity": 2}]
        assert code_of(send_parcel(clerk, order, {"items": [once]})) == (422, "too_many_units")

    def test_says_who_did_it_and_owes_the_shopper_a_mail(self, clerk, order):
        send_parcel(clerk, order)

        assert Shipment.objects.get().by.groups.get().name == "Orders"
        assert OrderMail.objects.filter(kind=OrderMail.Kind.SHIPPED).count() == 1

    def test_of_more_than_is_open_is_refused(self, clerk, order):
        answer = send_parcel(clerk, order, {"items": [{"line_id": line(order, "MUG").pk, "quantity": 3}]})

        assert code_of(answer) == (422, "too_many_units")
        assert answer.json()["fields"] == {"sku": "MUG", "available": 2}
        assert not Shipment.objects.exists()

    def test_of_a_line_of_another_order_is_refused_without_a_word_of_it(self, clerk, order):
        other = placed_order({VariantFactory(sku="SECRET"): 1}).lines.get()

        answer = send_parcel(clerk, order, {"items": [{"line_id": other.pk, "quantity": 1}]})

        assert code_of(answer) == (422, "unknown_line")
        assert "SECRET" not in answer.content.decode()
        assert not Shipment.objects.exists()

    @pytest.mark.parametrize("token", ["", "tok_declined"])
    def test_of_an_unpaid_order_is_refused(self, clerk, mug, token):
        answer = send_parcel(clerk, placed_order({mug: 1}, token=token))

        assert code_of(answer) == (409, "illegal_move")

    def test_of_a_cancelled_or_shipped_order_is_refused(self, clerk, order, mug):
        cancelled = placed_order({mug: 1})
        cancel(cancelled, cause=Cancellation.Cause.STAFF, at=timezone.now())
        send_parcel(clerk, order)

        assert [code_of(send_parcel(clerk, each)) for each in (cancelled, order)] == [(409, "illegal_move")] * 2

    @pytest.mark.parametrize("number", [1, 10**9, 2**63 - 1])
    def test_of_an_unknown_order_is_not_found(self, clerk, number):
        answer = clerk.send(f"/orders/{number}/shipments", {})

        assert code_of(answer) == (404, "not_found")

    @pytest.mark.parametrize(
        "items",
        [[], [{}], [{"line_id": 1}], [{"line_id": 1, "quantity": 0}], [{"line_id": 1, "quantity": 1.5}], 1, "all"],
    )
    def test_of_odd_items_is_refused(self, clerk, order, items):
        assert send_parcel(clerk, order, {"items": items}).status_code == 422

    def test_shows_in_the_order(self, clerk, order):
        parcel = send_parcel(clerk, order).json()

        assert clerk.read(f"/orders/{order.pk}").json()["shipments"] == [parcel]


class TestRefundOrder:
    def test_sends_part_of_the_money_back(self, clerk, order):
        answer = send_back(clerk, order, {"amount": 10.5, "reason": "scratched"})

        made = Refund.objects.get()
        assert answer.status_code == 201
        assert b'"amount":10.50' in answer.content
        assert answer.json() | {"created_at": ""} == {
            "id": str(made.pk),
            "amount": 10.5,
            "currency": "EUR",
            "status": "initiated",
            "reason": "scratched",
            "created_at": "",
        }
        assert (made.amount, made.by.groups.get().name) == (Decimal("10.50"), "Orders")
        assert status_of(order) is OrderStatus.PARTLY_REFUNDED

    @pytest.mark.parametrize("body", [None, {}, {"amount": None, "reason": "goodwill"}])
    def test_sends_all_that_is_left_back(self, clerk, order, body):
        send_back(clerk, order, {"amount": 10})

        answer = send_back(clerk, order, body)

        assert answer.json()["amount"] == float(order.total - 10)
        assert status_of(order) is OrderStatus.REFUNDED
        assert audit() == []

    def test_says_what_it_is_for(self, clerk, order):
        send_back(clerk, order, {"amount": 20, "items": [{"line_id": line(order, "MUG").pk, "quantity": 1}]})

        assert Refund.objects.get().lines.values_list("line__sku", "units").get() == ("MUG", 1)

    @pytest.mark.parametrize(
        ("amount", "code"),
        [(59.91, "refund_too_high"), (10**10, "refund_too_high"), (0, "invalid_refund"), (0.001, "invalid_refund")],
    )
    def test_of_another_amount_is_refused(self, clerk, order, amount, code):
        answer = send_back(clerk, order, {"amount": amount})

        assert code_of(answer) == (422, code)
        assert set(answer.json()["fields"]) == {"amount"}
        assert not Refund.objects.exists()

    def test_of_the_last_cent_is_made(self, clerk, order):
        send_back(clerk, order, {"amount": 59.89})

        answers = [send_back(clerk, order, {"amount": amount}) for amount in (0.02, 0.01)]

        assert list(map(code_of, answers)) == [(422, "refund_too_high"), (201, "")]

    def test_of_what_is_refunded_already_is_refused(self, clerk, order):
        send_back(clerk, order)

        answer = send_back(clerk, order)

        assert code_of(answer) == (409, "illegal_move")
        assert Refund.objects.get().amount == order.total

    def test_of_an_unpaid_order_is_refused(self, clerk, mug):
        answer = send_back(clerk, placed_order({mug: 1}, token=""), {"amount": 1})

        assert code_of(answer) == (409, "illegal_move")

    def test_for_a_line_of_another_order_is_refused(self, clerk, order):
        other = placed_order().lines.get()

        answer = send_back(clerk, order, {"amount": 1, "items": [{"line_id": other.pk, "quantity": 1}]})

        assert code_of(answer) == (422, "unknown_line")
        assert not Refund.objects.exists()

    def test_of_an_unknown_order_is_not_found(self, clerk):
        assert clerk.send("/orders/4711/refunds", {"amount": 1}).status_code == 404

    def test_shows_in_the_order(self, clerk, order):
        made = send_back(clerk, order).json()

        assert clerk.read(f"/orders/{order.pk}").json()["refunds"] == [made]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestTenAtOnce:
    def test_refunds_of_the_whole_are_one(self, order):
        clerks = [new_clerk() for _ in range(10)]

        answers = together(*[partial(send_back, clerk, order, {"amount": 59.9}) for clerk in clerks])

        assert sorted(answer.status_code for answer in answers) == [201] + [422] * 9
        assert Refund.objects.get().amount == order.total
        assert audit() == []

    def test_refunds_of_all_that_is_left_are_one(self, order):
        clerks = [new_clerk() for _ in range(10)]

        answers = together(*[partial(send_back, clerk, order) for clerk in clerks])

        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
        assert Refund.objects.get().amount == order.total

    def test_refunds_of_a_fifth_and_a_little_more_are_four(self, mug):
        order = placed_order({mug: 1})
        clerks = [new_clerk() for _ in range(10)]

        answers = together(*[partial(send_back, clerk, order, {"amount": 5}) for clerk in clerks])

        assert order.total == Decimal("24.90")
        assert sorted(answer.status_code for answer in answers) == [201] * 4 + [422] * 6
        assert audit() == []

    def test_parcels_of_all_that_is_open_are_one(self, order):
        clerks = [new_clerk() for _ in range(10)]

        answers = together(*[partial(send_parcel, clerk, order) for clerk in clerks])

        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
        assert Shipment.objects.count() == 1
        assert audit() == []


class TestGetCharges:
    PATH = "/payments/test/charges"

    def test_is_the_gateways_ledger_in_major_units(self, clerk, order, mug):
        placed_order({mug: 1}, token="tok_declined")

        answer = clerk.read(self.PATH)

        declined, captured = answer.json()
        assert captured == {"order_ref": str(order.pk), "amount": 59.9, "currency": "EUR", "status": "captured"}
        assert declined["status"] == "declined"
        assert b'"amount":59.90' in answer.content
        assert answer["Cache-Control"] == "private, no-cache"

    @pytest.mark.parametrize(("currency", "written"), [("JPY", b"1250"), ("KWD", b"1.250"), ("EUR", b"12.50")])
    def test_has_the_digits_of_each_currency(self, clerk, currency, written):
        TestCharge.objects.create(key="k", order_ref="1", amount=1250, currency=currency, status="captured")

        assert b'"amount":' + written + b"," in clerk.read(self.PATH).content

    def test_leaves_out_what_was_voided_before_it_was_seen(self, clerk):
        TestGateway().void("never charged")

        assert clerk.read(self.PATH).json() == []
        assert TestCharge.objects.count() == 1

    def test_comes_in_pages(self, clerk):
        for number in range(5):
            TestCharge.objects.create(
                key=f"{number}", order_ref=f"{number}", amount=1, currency="EUR", status="captured"
            )

        first = clerk.read(f"{self.PATH}?limit=3")
        second = clerk.get(first["Link"].partition(">")[0].removeprefix("<"))

        assert [charge["order_ref"] for charge in first.json() + second.json()] == list("43210")
        assert not second.has_header("Link")

    @pytest.mark.parametrize("query", ["limit=0", "limit=10001", "limit=x", "cursor=x", "cursor=", "cursor=eyJhIjoxfQ"])
    def test_refuses_odd_pages(self, clerk, query):
        assert clerk.read(f"{self.PATH}?{query}").status_code == 422

    def test_asks_the_database_the_same_for_many(self, clerk):
        counts = []
        for wanted in (2, 20):
            for number in range(wanted):
                key = f"{wanted}-{number}"
                TestCharge.objects.create(key=key, order_ref=key, amount=1, currency="EUR", status="captured")
            with CaptureQueriesContext(connection) as statements:
                clerk.read(self.PATH)
            counts.append(len(statements))

        assert counts[0] == counts[1]

    def test_is_not_there_with_another_gateway(self, clerk, settings):
        settings.PAYMENT_GATEWAY = "stripe"

        assert clerk.read(self.PATH).status_code == 404


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def exported(clerk) -> list[dict[str, str]]:
    answer = clerk.read("/export/orders.csv")
    return rows_of(b"".join(answer.streaming_content).decode())


class TestExport:
    def test_has_a_row_for_each_line(self, clerk, order, mug):
        other = placed_order({mug: 1}, token="")

        rows = exported(clerk)

        assert [(row["number"], row["sku"], row["quantity"]) for row in rows] == [
            (order.number, "MUG", "2"),
            (order.number, "PLATE", "1"),
            (other.number, "MUG", "1"),
        ]
        assert [row["status"] for row in rows] == ["paid", "paid", "awaiting_payment"]

    def test_tells_all_of_a_line_and_its_order(self, clerk, order, mug):
        row = exported(clerk)[0]

        assert list(row) == COLUMNS
        assert row | {"placed_at": ""} == {
            **dict.fromkeys(COLUMNS, ""),
            "order_id": str(order.pk),
            "number": order.number,
            "status": "paid",
            "payment_state": "paid",
            "fulfilment_state": "unfulfilled",
            "email": "sam@example.com",
            **{
                f"{prefix}{name}": value
                for prefix in ("", "billing_")
                for name, value in {
                    "full_name": "Sam Shopper",
                    "address_line1": "Invalidenstraße 1",
                    "city": "Berlin",
                    "postcode": "10115",
                    "country": "DE",
                }.items()
            },
            "shipping_method": order.shipping_name,
            "line_id": str(line(order, "MUG").pk),
            "product_id": str(mug.product_id),
            "variant_id": str(mug.pk),
            "sku": "MUG",
            "name": "Mug",
            "quantity": "2",
            "unit_price": "20.00",
            "line_total": "40.00",
            "line_discount": "0.00",
            "tax_rate": "19",
            "line_tax": "6.39",
            "currency": "EUR",
            "prices_include_tax": "true",
            "subtotal": "55.00",
            "discount": "0.00",
            "shipping": "4.90",
            "tax": str(order.tax.quantize(Decimal("0.01"))),
            "net": str(order.net.quantize(Decimal("0.01"))),
            "total": "59.90",
        }
        assert datetime.fromisoformat(row["placed_at"]) == order.placed_at.replace(microsecond=0)

    def test_sums_up_to_the_orders(self, clerk, order):
        rows = exported(clerk)

        assert sum(Decimal(row["line_total"]) for row in rows) == order.subtotal

    @pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@cmd", "\t=1", "'=1", '=HYPERLINK("http://x")'])
    def test_lets_no_spreadsheet_compute_what_a_shopper_typed(self, clerk, order, text):
        Order.objects.update(full_name=text)
        OrderLine.objects.filter(sku="MUG").update(name=text)

        row = exported(clerk)[0]

        assert (row["full_name"], row["name"]) == (f"'{text}", f"'{text}")

    def test_keeps_quotation_marks_and_line_breaks(self, clerk, order):
        Order.objects.update(address_line1='a "b",\r\nc; d')

        assert exported(clerk)[0]["address_line1"] == 'a "b",\r\nc; d'

    def test_is_a_file_of_its_own_that_nobody_keeps(self, clerk):
        answer = clerk.read("/export/orders.csv")

        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer["Content-Disposition"] == 'attachment; filename="orders.csv"'
        assert answer["Cache-Control"] == "private, no-store"
        assert b"".join(answer.streaming_content).decode() == ",".join(COLUMNS) + "\r\n"

    def test_asks_the_database_the_same_for_many(self, order, mug):
        with CaptureQueriesContext(connection) as few:
            list(orders_csv())
        for _ in range(2):
            placed_order({mug: 1})

        with CaptureQueriesContext(connection) as many:
            list(orders_csv())

        assert len(few) == len(many) == 3

    def test_reads_few_orders_at_a_time(self, order, mug, monkeypatch):
        placed_order({mug: 1})
        monkeypatch.setattr("orders.exporting.ORDERS_AT_ONCE", 1)

        pieces = [piece.count("\r\n") for piece in orders_csv()]

        assert pieces == [1, 2, 1]


def test_money_back_by_the_admin_and_the_api_is_one_sum(clerk, order):
    refund(order.pk, amount=Decimal("50.00"), reason="by phone", at=timezone.now())

    assert send_back(clerk, order).json()["amount"] == 9.9
