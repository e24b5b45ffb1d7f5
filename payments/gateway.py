"""What every payment provider must offer, in plain values.

A gateway has never heard of an order: it takes an amount, a currency, an
opaque reference and an idempotency key, and returns a plain `Charge`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

GATEWAYS = {"test": "payments.test.TestGateway"}


class Outcome(StrEnum):
    """What became of a charge, as far as the gateway said."""

    PAID = "paid"
    DECLINED = "declined"
    NEEDS_ACTION = "needs_action"
    UNKNOWN = "unknown"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Charge:
    """A gateway's answer. `amount` is what was captured, in major units of `currency`."""

    outcome: Outcome
    code: str = ""
    detail: str = ""
    action_url: str = ""
    session_ends_at: datetime | None = None
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A verified message of a gateway; `reference` is the opaque one given at the charge."""

    event_id: str
    kind: str
    key: str
    reference: str
    payload: dict


class GatewayError(Exception):
    """The gateway did not answer, or failed: whether money moved is not known."""


class InvalidEvent(Exception):
    """A message that the gateway did not sign, or that is too old or malformed."""


class Gateway(Protocol):
    """`key` is the caller's idempotency key: the same key never moves money twice."""

    name: str
    time_limit: timedelta  # after which a call counts as unanswered

    def charge(
        self, *, key: str, amount: Decimal, currency: str, token: str, reference: str, return_url: str
    ) -> Charge:
        """Charge a card at once. Raises GatewayError."""

    def query(self, key: str) -> Charge | None:
        """What became of a charge; None for a key that was never seen. Raises GatewayError."""

    def void(self, key: str) -> Charge:
        """Make sure that no money will move for `key`, seen or not; a captured charge stays captured.

        Raises GatewayError.
        """

    def refund(self, *, key: str, charge_key: str, amount: Decimal, currency: str) -> None:
        """Send money of a captured charge back. Raises GatewayError."""

    def read_event(self, body: bytes, signature: str) -> Event:
        """Verify and read a message. Raises InvalidEvent."""

    def choices(self) -> list[tuple[str, str]]:
        """Tokens that the checkout page may offer, each with its words."""


def in_minor_units(amount: Decimal, digits: int) -> int:
    """``12.34`` with two digits is 1234. Raises ValueError for a fraction of the minor unit."""
    minor = amount.scaleb(digits)
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} has more than {digits} decimals")
    return int(minor)


@cache
def get_gateway(name: str | None = None) -> Gateway:
    """The gateway called `name`, by default the one that the settings choose."""
    return import_string(GATEWAYS[name or settings.PAYMENT_GATEWAY])()
