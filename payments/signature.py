"""Webhook signatures as Stripe documents them (https://docs.stripe.com/webhooks#verify-manually)."""

import hashlib
import hmac

TOLERANCE = 300  # seconds, Stripe's default


def sign(body: bytes, secret: str, *, at: int) -> str:
    """The header ``t=<unix time>,v1=<hex HMAC-SHA256 of "t.body">``."""
    mac = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def is_valid(header: str, body: bytes, secret: str, *, now: float) -> bool:
    """Whether `header` signs `body` with `secret`, at most `TOLERANCE` seconds away from `now`."""
    parts = [part.partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name.strip() == "t"]
    signatures = [value for name, _, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not times[0].isdecimal() or not times[0].isascii() or len(times[0]) > 12:
        return False
    at = int(times[0])
    expected = sign(body, secret, at=at).partition("v1=")[2]
    matches = [hmac.compare_digest(expected.encode(), signature.strip().encode()) for signature in signatures]
    return any(matches) and abs(now - at) <= TOLERANCE
