import json
import math
import time
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from orders.events import receive_event
from orders.models import Order, OrderEvent, PaymentEvent
from orders.reconcile import EVENT_IS_LATE, reconcile
from orders.states import OrderStatus
from orders.tests.factories import placed_order
from payments.gateway import Event, get_gateway
from payments.models import TestCharge
from payments.signature import sign

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
ADDRESS = "/api/v1/webhooks/test"
NOW = timezone.now()


def message(order_id, *, event_id="evt_1", kind="charge.succeeded") -> bytes:
    subject = {"id": "ch_1", "metadata": {"order_id": str(order_id)}}
    return json.dumps({"id": event_id, "type": kind, "data": {"object": subject}}).encode()


def with_id(event_id: str, *, more: str = "1") -> bytes:
    """A message whose id, and one more value, are written as given."""
    return f'{{"id": {event_id}, "more": {more}, '.encode() + message(7).removeprefix(b'{"id": "evt_1", ')


@pytest.fixture
def deliver(settings):
    """Send a message as the gateway does, without a cookie or token."""

    def deliver(body: bytes, *, signature=None, address=ADDRESS):
        signature = signature or sign(body, settings.TEST_GATEWAY_SECRET, at=int(time.time()))
        return Client(enforce_csrf_checks=True).post(
            address, body, content_type="application/json", headers={"Stripe-Signature": signature}
        )

    return deliver


def status(order) -> OrderStatus:
    return Order.objects.get(pk=order.pk).status


class TestWebhook:
    @pytest.fixture
    def order(self):
        """Its money moved, but the answer was lost."""
        return placed_order(token="tok_timeout")

    def test_it_pays_the_order(self, order, deliver):
        response = deliver(message(order.pk))

        assert (response.status_code, response.json()) == (200, {"received": True})
        assert status(order) is OrderStatus.PAID
        assert PaymentEvent.objects.get().handled_at is not None

    def test_repeated_it_changes_nothing(self, order, deliver):
        for _ in range(3):
            assert deliver(message(order.pk)).status_code == 200

        assert PaymentEvent.objects.count() == 1
        assert order.events.filter(kind=OrderEvent.Kind.PAID).count() == 1

    def test_what_it_says_is_only_a_hint(self, deliver):
        """The gateway is asked: an event cannot pay an order whose card was not charged."""
        order = placed_order(token="tok_3ds")

        deliver(message(order.pk, kind="charge.succeeded"))

        assert status(order) is OrderStatus.AWAITING_PAYMENT

    def test_a_confirmation_is_heard_of_before_the_shopper_returns(self, deliver):
        order = placed_order(token="tok_3ds")
        get_gateway("test").answer_action(str(order.payments.get().pk), confirmed=True)

        deliver(message(order.pk))

        assert status(order) is OrderStatus.PAID

    @pytest.mark.parametrize(
        "signature",
        ["t=1,v1=00", "garbage", "t=,v1=", sign(b"another body", "another secret", at=int(time.time()))],
        ids=["a made-up one", "garbage", "an empty one", "another secret's"],
    )
    def test_a_forged_one_is_refused_and_not_kept(self, order, deliver, signature):
        response = deliver(message(order.pk), signature=signature)

        assert (response.status_code, response.json()["code"]) == (400, "invalid_event")
        assert not PaymentEvent.objects.exists()
        assert status(order) is OrderStatus.AWAITING_PAYMENT

    def test_an_old_one_is_refused(self, order, deliver, settings):
        body = message(order.pk)

        response = deliver(body, signature=sign(body, settings.TEST_GATEWAY_SECRET, at=int(time.time()) - 301))

        assert response.status_code == 400
        assert status(order) is OrderStatus.AWAITING_PAYMENT

    def test_without_a_signature_it_is_refused(self, client, order):
        assert client.post(ADDRESS, message(order.pk), content_type="application/json").status_code == 400

    @pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"id": 1}'])
    def test_a_malformed_one_is_refused(self, deliver, body):
        assert deliver(body).status_code == 400

    @pytest.mark.both_databases
    @pytest.mark.parametrize(
        "body",
        [
            with_id("NaN"),
            with_id("-Infinity"),
            with_id("1e400"),
            with_id("9" * 5000),
            with_id('"\\ud800"'),
            with_id('"\\u0000"'),
            with_id('""'),
            with_id("null"),
            with_id('{"a": 1}'),
            with_id('"%s"' % ("x" * 256)),
            with_id('"evt_1"', more='"\\u0000"'),
            with_id('"evt_1"', more='{"\\u0000": 1}'),
            with_id('"evt_1"', more='["\\udfff"]'),
            with_id('"evt_1"', more="NaN"),
            with_id('"evt_1"', more="[" * 500 + "]" * 500),
            with_id('"evt_1"', more="[" * 100_000 + "]" * 100_000),
            message("\0"),
            message("\ud800"),
            b"[" * 100_000,
        ],
        ids=lambda body: f"{body[:60]!r}",
    )
    def test_one_that_no_database_can_keep_is_refused(self, deliver, body):
        response = deliver(body)

        assert (response.status_code, response.json()["code"]) == (400, "invalid_event")
        assert not PaymentEvent.objects.exists()

    @pytest.mark.both_databases
    @pytest.mark.parametrize("more", ["12.5", "1" * 400, '"\\\\u0000 \\ud83d\\ude00"', "[" * 20 + "]" * 20])
    def test_an_unusual_one_is_kept(self, deliver, more):
        assert deliver(with_id('"evt_1"', more=more)).status_code == 200

        assert PaymentEvent.objects.get().payload["more"] == json.loads(more)

    def test_a_large_one_is_refused(self, deliver):
        assert deliver(b"x" * (256 * 1024 + 1)).status_code == 413

    def test_another_gateways_address_is_not_found(self, order, deliver):
        assert deliver(message(order.pk), address="/api/v1/webhooks/stripe").status_code == 404

    def test_a_get_is_not_allowed(self, client):
        assert client.get(ADDRESS).status_code == 405

    @pytest.mark.parametrize("order_id", ["0", "999999999", "x", "-1", "٣", "9" * 40, ""])
    def test_one_for_an_order_that_is_not_known_stays_in_the_inbox(self, deliver, order_id):
        assert deliver(message(order_id)).status_code == 200

        assert PaymentEvent.objects.get().handled_at is None


@pytest.mark.both_databases
class TestReceiveEvent:
    def test_what_the_database_refuses_for_another_reason_is_not_hidden(self):
        event = Event(event_id="evt_1", kind="charge.succeeded", key="", reference="7", payload={"amount": math.nan})

        with pytest.raises(DatabaseError), transaction.atomic():
            receive_event(event, gateway="test", at=NOW)

    def test_the_same_event_is_kept_once(self):
        payload = json.loads(message(7))
        event = Event(event_id="evt_1", kind="charge.succeeded", key="", reference="7", payload=payload)

        first, second = (receive_event(event, gateway="test", at=NOW) for _ in range(2))

        assert first == second


class TestInbox:
    def test_an_event_that_came_before_its_order_is_taken_up(self, deliver):
        """The gateway may tell of a charge before the transaction that wrote the order is seen."""
        order = placed_order(token="tok_timeout")
        payment = order.payments.get()
        order.payments.update(gateway="elsewhere")  # not to be seen yet
        deliver(message(order.pk))
        assert status(order) is OrderStatus.AWAITING_PAYMENT
        order.payments.update(gateway=payment.gateway, state="declined")  # what only the event can put right

        report = reconcile(at=timezone.now() + EVENT_IS_LATE)

        assert report.events == 1
        assert status(order) is OrderStatus.PAID
        assert PaymentEvent.objects.get().handled_at is not None

    def test_one_that_just_came_is_left_to_its_request(self, deliver):
        deliver(message(0))

        received_at = PaymentEvent.objects.get().received_at

        assert reconcile(at=received_at + EVENT_IS_LATE - timedelta(seconds=1)).events == 0

    def test_an_event_of_late_money_revives_the_order(self, deliver, mug):
        order = placed_order({mug: 1}, token="tok_3ds", at=NOW)
        reconcile(at=order.hold_until)
        TestCharge.objects.update(status=TestCharge.Status.CAPTURED)

        deliver(message(order.pk))

        assert status(order) is OrderStatus.PAID
