"""The built-in test gateway: no money moves, everything else is as with a real provider.

It keeps its own ledger (`TestCharge`) with idempotency keys. The token decides:

=========================  =====================================================
tok_visa                   paid
tok_declined               refused by the bank
tok_insufficient_funds     refused for lack of funds
tok_3ds                    the shopper confirms on a page of the gateway
tok_timeout                the money moves, the answer comes too late
tok_error                  the gateway fails before the money moves
tok_error_after            the gateway fails after the money moved
=========================  =====================================================

``tok_<name>_<suffix>`` behaves alike, with a card fingerprint of its own.
"""

import hashlib
import json
import math
import time
from datetime import timedelta
from decimal import Decimal

from babel.numbers import get_currency_precision
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from payments.gateway import Charge, Event, GatewayError, InvalidEvent, Outcome, in_minor_units
from payments.models import TestCharge
from payments.signature import is_valid

Status = TestCharge.Status
LONGEST_EVENT_ID = 255
DEEPEST_MESSAGE = 50
SESSION_LENGTH = timedelta(minutes=15)
TOKENS = (
    "tok_visa",
    "tok_declined",
    "tok_insufficient_funds",
    "tok_3ds",
    "tok_timeout",
    "tok_error_after",
    "tok_error",
)
DECLINES = {"tok_declined": "card_declined", "tok_insufficient_funds": "insufficient_funds"}
OUTCOMES = {
    Status.CAPTURED: Outcome.PAID,
    Status.DECLINED: Outcome.DECLINED,
    Status.NEEDS_ACTION: Outcome.NEEDS_ACTION,
    Status.VOIDED: Outcome.VOIDED,
}


class TestGateway:
    """See the module; one row of `TestCharge` a key."""

    __test__ = False

    name = "test"
    time_limit = timedelta(seconds=5)

    def charge(
        self, *, key: str, amount: Decimal, currency: str, token: str, reference: str, return_url: str
    ) -> Charge:
        behaviour = next((name for name in TOKENS if token == name or token.startswith(f"{name}_")), "")
        if not behaviour:
            return Charge(Outcome.DECLINED, code="invalid_token", detail=_("The test gateway does not know this card."))
        if behaviour == "tok_error":
            raise GatewayError("the test gateway failed before the charge")
        charge = self._write(
            key=key,
            order_ref=reference,
            amount=in_minor_units(amount, get_currency_precision(currency)),
            currency=currency,
            status=_first_status(behaviour),
            code=DECLINES.get(behaviour, ""),
            fingerprint=hashlib.sha256(token.encode()).hexdigest()[:16],
            return_url=return_url,
            session_ends_at=timezone.now() + SESSION_LENGTH if behaviour == "tok_3ds" else None,
        )
        if behaviour == "tok_timeout":
            raise GatewayError("the test gateway answered too late")
        if behaviour == "tok_error_after":
            raise GatewayError("the test gateway failed after the charge")
        return _as_charge(charge)

    def query(self, key: str) -> Charge | None:
        charge = TestCharge.objects.filter(key=key).first()
        return _as_charge(charge) if charge else None

    def void(self, key: str) -> Charge:
        self._write(key=key, order_ref="", amount=0, currency="", status=Status.VOIDED)
        TestCharge.objects.filter(key=key, status=Status.NEEDS_ACTION).update(status=Status.VOIDED)
        return _as_charge(TestCharge.objects.get(key=key))

    def refund(self, *, key: str, charge_key: str, amount: Decimal, currency: str) -> None:
        minor = in_minor_units(amount, get_currency_precision(currency))
        with transaction.atomic():
            charge = TestCharge.objects.select_for_update().filter(key=charge_key, status=Status.CAPTURED).first()
            if charge is None or charge.currency != currency:
                raise GatewayError("the test gateway has no such captured charge")
            if key in charge.refunds:
                return
            if charge.refunded + minor > charge.amount:
                raise GatewayError("the test gateway refuses to refund more than was charged")
            charge.refunds[key] = minor
            charge.refunded = F("refunded") + minor
            charge.save(update_fields=["refunds", "refunded"])

    def answer_action(self, key: str, *, confirmed: bool) -> TestCharge:
        """The shopper's answer on the gateway's page; the first one in time counts."""
        open_charge = TestCharge.objects.filter(key=key, status=Status.NEEDS_ACTION, session_ends_at__gt=timezone.now())
        if confirmed:
            open_charge.update(status=Status.CAPTURED)
        else:
            open_charge.update(status=Status.DECLINED, code="authentication_failed")
        return TestCharge.objects.get(key=key)

    def read_event(self, body: bytes, signature: str) -> Event:
        if not settings.TEST_GATEWAY_SECRET:
            raise InvalidEvent("TEST_GATEWAY_SECRET is not set")
        if not is_valid(signature, body, settings.TEST_GATEWAY_SECRET, now=time.time()):
            raise InvalidEvent("the signature does not hold")
        try:
            payload = json.loads(body)
            _must_be_storable(payload)
            subject = payload["data"]["object"]
            return Event(
                event_id=_event_id(payload["id"]),
                kind=str(payload["type"])[:80],
                key=str(subject.get("key") or subject.get("id") or ""),
                reference=str(subject["metadata"]["order_id"]),
                payload=payload,
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise InvalidEvent("the message is malformed") from error

    def choices(self) -> list[tuple[str, str]]:
        return [
            ("tok_visa", _("Test card that pays")),
            ("tok_3ds", _("Test card that asks you to confirm")),
            ("tok_declined", _("Test card that is declined")),
            ("tok_insufficient_funds", _("Test card without funds")),
            ("tok_timeout", _("Test card whose answer comes too late")),
            ("tok_error", _("Test card: failure before the charge")),
            ("tok_error_after", _("Test card: failure after the charge")),
        ]

    def _write(self, *, key: str, **values) -> TestCharge:
        """The row of `key`, written if the key is new: an idempotency key moves money once."""
        try:
            with transaction.atomic():
                return TestCharge.objects.create(key=key, **values)
        except IntegrityError:
            return TestCharge.objects.get(key=key)


def _event_id(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_EVENT_ID:
        raise ValueError(f"an event's id is a text of 1 to {LONGEST_EVENT_ID} characters")
    return value


def _must_be_storable(value: object, depth: int = 0) -> None:
    """Raises ValueError for what Python reads as JSON but not every database keeps."""
    if depth > DEEPEST_MESSAGE:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        value.encode()  # raises for half of a surrogate pair
        if "\0" in value:
            raise ValueError("a text holds a NUL")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is out of range")
    elif isinstance(value, dict):
        _must_be_storable([*value, *value.values()], depth)
    elif isinstance(value, list):
        for part in value:
            _must_be_storable(part, depth + 1)


def _first_status(behaviour: str) -> Status:
    if behaviour in DECLINES:
        return Status.DECLINED
    return Status.NEEDS_ACTION if behaviour == "tok_3ds" else Status.CAPTURED


def _as_charge(charge: TestCharge) -> Charge:
    status = Status(charge.status)
    captured = status is Status.CAPTURED
    return Charge(
        OUTCOMES[status],
        code=charge.code,
        detail=_detail(charge.code),
        action_url=reverse("payments:test_action", args=[charge.key]) if status is Status.NEEDS_ACTION else "",
        session_ends_at=charge.session_ends_at,
        amount=Decimal(charge.amount).scaleb(-get_currency_precision(charge.currency)) if captured else None,
        currency=charge.currency,
    )


def _detail(code: str) -> str:
    return {
        "card_declined": _("Your bank declined the payment."),
        "insufficient_funds": _("There is not enough money on this card."),
        "authentication_failed": _("The payment was not confirmed."),
    }.get(code, "")
