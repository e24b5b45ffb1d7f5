"""A shopper without a browser: keeps its cookies, reads the forms of pages."""

import re
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

ADDRESS = {
    "email": "visitor@example.org",
    "full_name": "Vera Visitor",
    "address_line1": "Invalidenstraße 1",
    "city": "Berlin",
    "postcode": "10115",
    "country": "DE",
    "billing_same": "on",
}


@dataclass(frozen=True)
class Page:
    status: int
    url: str
    text: str
    retry_after: str = ""

    def order_token(self) -> str:
        """The token in the address of a confirmation or an order's page; empty on other pages."""
        found = re.search(r"/(?:confirmation|orders)/([\w-]{20,})/", self.url)
        return found[1] if found else ""

    def hidden_fields(self) -> dict[str, str]:
        reader = HiddenFields()
        reader.feed(self.text)
        return reader.values

    def quantities(self) -> dict[int, int]:
        """``{variant id: quantity}`` of a cart's or order's lines, by their machine-readable marks."""
        found = re.findall(r'data-variant="(\d+)" data-quantity="(\d+)"', self.text)
        return {int(variant): int(quantity) for variant, quantity in found}


class HiddenFields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden" and given.get("name"):
            self.values[given["name"]] = given.get("value") or ""


class Visitor:
    """One shopper at `base`; its cookies may be shared with twins that act at the same time."""

    def __init__(self, base: str, cookies: CookieJar | None = None) -> None:
        self.base = base
        self.cookies = cookies if cookies is not None else CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def twin(self) -> "Visitor":
        """The same browser, for another request at the same time."""
        return Visitor(self.base, self.cookies)

    def get(self, path: str) -> Page:
        return self._open(Request(self.base + path))

    def post(self, path: str, **fields: object) -> Page:
        return self._open(Request(self.base + path, data=urlencode(fields).encode()))

    def add(self, product_id: int, quantity: int = 1) -> Page:
        return self.post(f"/cart/add/{product_id}/", quantity=quantity)

    def keep_adding(self, product_id: int, variant_id: int, quantity: int) -> None:
        """Add to the cart of a shop that may still answer 503 now and then, once for certain. Raises TimeoutError."""
        for _ in range(100):
            page = self.get("/cart/")
            if variant_id in page.quantities():
                return
            if page.status == 200:
                self.add(product_id, quantity)
            else:
                time.sleep(0.1)
        raise TimeoutError("the cart stays empty")

    def checkout_form(self, token: str = "tok_visa") -> dict[str, str]:
        """A filled-in checkout form, as the page gives it."""
        return {**self.get("/checkout/").hidden_fields(), **ADDRESS, "payment_token": token}

    def _open(self, request: Request) -> Page:
        try:
            with self.opener.open(request, timeout=60) as answer:
                return Page(answer.status, answer.url, answer.read().decode())
        except HTTPError as error:
            retry_after = error.headers.get("Retry-After", "")
            return Page(error.code, error.url or request.full_url, error.read().decode(), retry_after)
