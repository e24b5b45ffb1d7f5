"""Idempotency keys: what can be one, and how one is claimed."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from orders.errors import InvalidKey, TwoKeys
from orders.models import IdempotencyKey

HEADER = "Idempotency-Key"
LONGEST_KEY = 200
VISIBLE_ASCII = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")


class Claimed(Exception):
    """Another request has the key."""


@dataclass(frozen=True, slots=True)
class CheckoutKey:
    """A checkout's idempotency key.

    The website's own names the cart that its form was rendered for, in
    `cart_id`; a client's own key leaves it None.
    """

    key: str
    cart_id: int | None = None

    @classmethod
    def of_cart(cls, cart_id: int) -> "CheckoutKey":
        return cls(f"cart:{cart_id}", cart_id)

    @classmethod
    def of_client(cls, key: str) -> "CheckoutKey":
        return cls(f"client:{key}")


@dataclass(frozen=True, slots=True)
class PaymentKey:
    """A client's own key of a try to pay, with the fingerprint of its request."""

    key: str
    request_hash: str

    @classmethod
    def of_client(cls, key: str, request_hash: str) -> "PaymentKey":
        return cls(f"client:{key}", request_hash)


def is_key(text: str) -> bool:
    """Whether it is 1 to 200 visible ASCII characters, as HTTP keeps them in a header."""
    return VISIBLE_ASCII.fullmatch(text) is not None


def sent_key(header: str | None, field: str = "") -> str | None:
    """The key that a client sent, in a header or a field; None without one. Raises InvalidKey and TwoKeys."""
    keys = {key for key in (header, field or None) if key is not None}
    if not all(map(is_key, keys)):
        raise InvalidKey(LONGEST_KEY)
    if len(keys) > 1:
        raise TwoKeys
    return next(iter(keys), None)


def claim(key: str, request_hash: str, *, at: datetime) -> IdempotencyKey:
    """Claim a key for a request; whoever holds it already is waited for.

    Call inside the transaction of what the request does, before any lock.
    Raises Claimed when the other request went through.
    """
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(key=key, request_hash=request_hash, created_at=at)
    except IntegrityError:
        raise Claimed from None
