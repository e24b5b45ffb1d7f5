"""Programs of buyers."""

from copy import deepcopy
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from catalog.models import Variant

API = "/api/v1"
DELIVERY = {
    "full_name": "Pia Program",
    "address_line1": "Invalidenstraße 1",
    "city": "Berlin",
    "postcode": "10115",
    "country": "DE",
}
DETAILS = {"email": "pia@example.com", **DELIVERY}
PAID = {**DETAILS, "payment_token": "tok_visa"}


class Program(Client):
    """A client with a cookie jar of its own, or with an account's token."""

    def __init__(self, user: User | None = None) -> None:
        headers = {}
        if user is not None:
            headers["Authorization"] = f"Bearer {tokens.issue(user, at=timezone.now())[0]}"
        super().__init__(headers=headers)

    def twin(self) -> "Program":
        """The same shopper, for another request at the same time."""
        other = Program()
        other.cookies, other.defaults = deepcopy(self.cookies), dict(self.defaults)
        return other

    def send(self, path: str, body: Any = None, *, key: str | None = None, **query: Any):
        headers = {} if key is None else {"Idempotency-Key": key}
        content = "" if body is None else body  # left out, the client would send an empty form
        return self.post(
            f"{API}{path}", content, content_type="application/json", headers=headers, query_params=query or None
        )

    def add(self, variant: Variant, quantity: int = 1):
        return self.send("/cart", product_id=variant.product_id, variant_id=variant.pk, quantity=quantity)

    def checkout(self, body: Any = None, *, key: str | None = None):
        return self.send("/checkout", body, key=key)

    def ordered(self, variant: Variant, quantity: int = 1, **body: Any) -> dict[str, Any]:
        """An order of this shopper's, as it was answered."""
        self.add(variant, quantity)
        answer = self.checkout(body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def read(self, path: str, **query: Any):
        return self.get(f"{API}{path}", query_params=query or None)

    def pay(self, order_id: int, *, key: str | None = None, token: str = "", **body: Any):
        return self.send(f"/orders/{order_id}/payment", body, key=key, token=token)

    def cancel(self, order_id: int, *, key: str | None = None, token: str = "", **body: Any):
        return self.send(f"/orders/{order_id}/cancellation", body or None, key=key, token=token)


def code_of(answer) -> tuple[int, str]:
    """The status and, of a refusal, its code."""
    return answer.status_code, answer.json().get("code", "")
