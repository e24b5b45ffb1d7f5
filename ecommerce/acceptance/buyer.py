"""A shopper who orders, whatever happens to the shop meanwhile, and keeps what the shop said."""

import re
from collections.abc import Callable, Iterable
from http.client import HTTPException
from urllib.parse import urlsplit

from ecommerce.acceptance.visitor import Page, Visitor

PAID = "Paid. Thank you."


class Buyer:
    """`seen` is ``{order token: whether a page of it said that it is paid}``, of pages read to their end."""

    def __init__(self, base: str, email: str, token: str) -> None:
        self.visitor = Visitor(base)
        self.email = email
        self.token = token
        self.form: dict[str, str] = {}
        self.seen: dict[str, bool] = {}
        self.refused = 0  # answers of 500 and above, and those that broke off

    def fill(self, product_ids: Iterable[int]) -> None:
        """Put one of each into the cart and fill in the checkout's form."""
        for product_id in product_ids:
            self.visitor.add(product_id)
        self.form = {**self.visitor.checkout_form(self.token), "email": self.email}

    def order(self) -> None:
        """Send the form, the same one each time; confirm at the bank if asked."""
        self._read(lambda: self.visitor.post("/place_order/", **self.form))

    def finish(self) -> None:
        """Pay on the order's page if it asks for that."""
        page = self.visitor.get("/confirmation/")
        path = f"/orders/{page.order_token()}/payment/"
        if f'action="{path}"' in page.text:
            self._read(lambda: self.visitor.post(path, **page.hidden_fields(), payment_token="tok_visa"))

    def _read(self, ask: Callable[[], Page]) -> None:
        try:
            page = ask()
            if "/payments/test/" in page.url:
                page = self._answer_bank(page)
        except (OSError, HTTPException):
            self.refused += 1
            return
        self.refused += page.status >= 500
        if page.status == 200 and (token := page.order_token()):
            self.seen[token] = self.seen.get(token, False) or PAID in page.text

    def _answer_bank(self, page: Page) -> Page:
        """Confirm, or go back to the order if that was done before."""
        if back := re.search(r'href="(/orders/[\w-]+/payment/return/)"', page.text):
            return self.visitor.get(back[1])
        return self.visitor.post(urlsplit(page.url).path, **page.hidden_fields(), answer="confirm")
