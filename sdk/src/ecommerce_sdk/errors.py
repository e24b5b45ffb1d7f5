"""What can go wrong, as one tree:

    ShopError
      x BadRequest           the shop cannot read the request, or takes none like it
      x NotAuthenticated     the token is missing, unknown, expired or revoked
      x NotPermitted         the account or key may not do this
      x NotFound             there is no such thing, or not for who asks
        · Gone               there was
      x Conflict             the shop's state does not allow it now
        · OutOfStock         `sku`, `available`
        · TotalChanged       the order would cost something else than was seen
        · InProgress         the same request is still being worked on
      x Invalid              something sent is not valid: `fields`
      x RateLimited          too many requests: `retry_after`
      x ServerError          the shop failed, or is busy
      x ConnectionFailed     the shop does not answer, or broke off
        · Timeout            not in time
      x UnexpectedAnswer     what answers does not speak this SDK's language

Every one has the shop's `code` for programs, `detail` (what happened, what was
kept), `fix` (what to do), `fields`, and the HTTP `status` if there was an answer.
Printed, it says what happened and what to do.
"""

from collections.abc import Mapping
from typing import Any


class ShopError(Exception):
    """The root: whatever the shop refuses, and whatever keeps it from answering.

    `retry_after` is in seconds, where the shop says it. `idempotency_key` is the
    key that was sent: calling the same method again with it does nothing twice.
    A `fix` that is given is said after `detail` where the error is printed; the
    shop's own `detail` says what to do itself.
    """

    code = "shop_error"
    fix = "Look at code and detail."

    def __init__(
        self,
        detail: str,
        *,
        code: str = "",
        status: int | None = None,
        fields: Mapping[str, Any] | None = None,
        retry_after: float | None = None,
        fix: str = "",
        idempotency_key: str | None = None,
    ) -> None:
        super().__init__(f"{detail} {fix}" if fix else detail)
        self.detail = detail
        self.code = code or self.code
        self.status = status
        self.fields = dict(fields or {})
        self.retry_after = retry_after
        self.fix = fix or self.fix
        self.idempotency_key = idempotency_key


class BadRequest(ShopError):
    """The shop cannot read the request (400), or takes none like it (405, 413, 415)."""

    code = "malformed"
    fix = "Check what was sent, and that SDK and shop are of the same version."


class NotAuthenticated(ShopError):
    """The token is missing, unknown, expired or revoked, or the password is wrong (401)."""

    code = "not_authenticated"
    fix = "Log in again, or give a valid token to set_token()."


class NotPermitted(ShopError):
    """The account or API key may not do this (403)."""

    code = "forbidden"
    fix = "Use an account or key that may do this."


class NotFound(ShopError):
    """There is no such thing, or it belongs to somebody else (404)."""

    code = "not_found"
    fix = "Check the id, and that it belongs to this shopper or account."


class Gone(NotFound):
    """It was there once and is archived (410)."""

    code = "gone"
    fix = "Choose something else."


class Conflict(ShopError):
    """The state of cart, order or stock does not allow it now; nothing was changed (409)."""

    code = "conflict"
    fix = "Look at the present state, then decide again."


class OutOfStock(Conflict):
    """Fewer units can be bought than were asked for; nothing was changed."""

    code = "out_of_stock"
    fix = "Ask for fewer: available says how many are left."

    @property
    def sku(self) -> str:
        """The variant that is short."""
        return str(self.fields.get("sku", ""))

    @property
    def available(self) -> int:
        """Units that can be bought now."""
        return int(self.fields.get("available", 0))


class TotalChanged(Conflict):
    """The order would cost something else than `expected_total`; nothing was ordered or charged."""

    code = "total_changed"
    fix = "Look at the cart again, then order with the new total."


class InProgress(Conflict):
    """The same request is still being worked on, and was not done by the end of the patience."""

    code = "in_progress"
    fix = "Call it again a little later with this error's idempotency_key."


class Invalid(ShopError):
    """Something that was sent is not valid; nothing was changed. `fields` says what, by name (422)."""

    code = "invalid"
    fix = "Correct what fields names."


class RateLimited(ShopError):
    """Too many requests; come back in `retry_after` seconds (429)."""

    code = "rate_limited"
    fix = "Wait for retry_after seconds."


class ServerError(ShopError):
    """The shop failed, or is busy or away (500 and above)."""

    code = "server_error"
    fix = "Try again later; a POST with this error's idempotency_key is done once."


class ConnectionFailed(ShopError):
    """The shop does not answer, or broke off before it had answered."""

    code = "connection_failed"
    fix = "Check that the shop runs, and base_url."


class Timeout(ConnectionFailed):
    """The shop did not answer in time; whether it did what was asked is not known."""

    code = "timeout"
    fix = "Look whether it was done; a POST with this error's idempotency_key is done once."


class UnexpectedAnswer(ShopError):
    """The answer is none that this SDK can read."""

    code = "unexpected_answer"
    fix = "Check that base_url is the shop's address, and that SDK and shop are of the same version."
