"""A buyer's program without our SDK: speaks the API, keeps its cookies."""

import json
from dataclasses import dataclass
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

DELIVERY = {
    "email": "program@example.org",
    "full_name": "Pia Program",
    "address_line1": "Invalidenstraße 1",
    "city": "Berlin",
    "postcode": "10115",
    "country": "DE",
    "payment_token": "tok_visa",
}


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any

    def code(self) -> str:
        """The refusal's code; empty when nothing was refused."""
        return self.body.get("code", "") if isinstance(self.body, dict) and self.status >= 400 else ""


class Program:
    """One guest at `base`; its cookies may be shared with twins that act at the same time."""

    def __init__(self, base: str, cookies: CookieJar | None = None) -> None:
        self.base = base
        self.cookies = cookies if cookies is not None else CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def twin(self) -> "Program":
        """The same guest, for another request at the same time."""
        return Program(self.base, self.cookies)

    def add(self, product_id: int, quantity: int = 1) -> Answer:
        return self.send("POST", f"/cart?product_id={product_id}&quantity={quantity}")

    def checkout(self, key: str | None = None, **changes: object) -> Answer:
        return self.send("POST", "/checkout", {**DELIVERY, **changes}, key=key)

    def send(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Answer:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        content = json.dumps(body).encode() if body is not None else None
        request = Request(f"{self.base}/api/v1{path}", data=content, headers=headers, method=method)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return Answer(answer.status, _read(answer.read()))
        except HTTPError as error:
            return Answer(error.code, _read(error.read()))


def _read(content: bytes) -> Any:
    """JSON, or the text of an answer that is none, such as a server's own error page."""
    try:
        return json.loads(content)
    except ValueError:
        return content.decode(errors="replace")
