"""Who asks, and where: what both clients have in common and no request is needed for."""

import copy
import threading
from collections.abc import Generator, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx

from ecommerce_sdk import _wire
from ecommerce_sdk._exchange import KEY, Pace, Reply, Step, exchange
from ecommerce_sdk._operations import LOGIN, SIGNUP, Operation

T = TypeVar("T")

API = "/api/v1"
LONGEST_KEY = 200
HEADERS = {"Accept": "application/json, text/csv", "Accept-Encoding": "gzip, deflate", "User-Agent": "ecommerce-sdk"}
# These say who somebody is: a token that no longer holds would only get them refused.
WITHOUT_TOKEN = (LOGIN, SIGNUP)

_jars: dict[tuple[str, str], httpx.Cookies] = {}
_jars_lock = threading.Lock()


class Shopper:
    """`user_id` names a shopper at this client: each has a cookie jar, and so a guest's cart, of its own.

    Jars last as long as the process, and are shared by all clients with the same
    `base_url` and `user_id`; a client without one has a jar to itself. A token
    beats the jar: with it, cart and orders are those of its account. Several
    threads or tasks may share a client; let a new guest's first addition to the
    cart come back before others are made at once, as it begins the session.
    """

    def __init__(
        self,
        base_url: str,
        user_id: str | None = None,
        token: str | None = None,
        *,
        timeout: float = Pace.timeout,
        connect_timeout: float = Pace.connect_timeout,
        retries: int = Pace.retries,
        patience: float = Pace.patience,
        first_pause: float = Pace.first_pause,
    ) -> None:
        self.base_url = shop_address(base_url)
        self._pace = Pace(connect_timeout, timeout, retries, patience, first_pause)
        self._owns_connections = True
        self._become(user_id, token)

    def __repr__(self) -> str:
        who = f", user_id={self.user_id!r}" if self.user_id is not None else ""
        return f"{type(self).__name__}({self.base_url!r}{who}{', with a token' if self._token else ''})"

    @property
    def user_id(self) -> str | None:
        return self._user_id

    def as_user(self, user_id: str | None, token: str | None = None) -> Self:
        """A client for another shopper, on the same connections; they are closed with the client they come from."""
        other = copy.copy(self)
        other._owns_connections = False
        other._become(user_id, token)
        return other

    def set_token(self, token: str | None) -> None:
        """Act for the account of this token, of a log-in or an API key, from now on.

        Raises ValueError for what can be none.
        """
        if token is not None and not is_word(token):
            raise ValueError("A token is printable ASCII without blanks.")
        self._token = token

    def logout(self) -> None:
        """Forget the token: what follows is done as a guest again. The token itself lasts until its time ends."""
        self._token = None

    def _become(self, user_id: str | None, token: str | None) -> None:
        self._user_id = user_id
        self._cookies = httpx.Cookies() if user_id is None else jar_of(self.base_url, user_id)
        self.set_token(token)

    def _exchange(
        self,
        operation: Operation[T],
        arguments: Mapping[str, Any],
        key: str | None,
    ) -> Generator[Step, Reply, T]:
        """All of one call but sending and waiting. Raises ShopError; ValueError for what cannot be sent."""
        request = build(self.base_url, operation, arguments)
        if operation.takes_key:
            request.headers[KEY] = checked_key(key)
        jar: httpx.Cookies | None = self._cookies
        if self._token is not None and operation not in WITHOUT_TOKEN:
            request.headers["Authorization"] = f"Bearer {self._token}"
            jar = None
        return exchange(request, operation.read, jar=jar, repeatable=operation.repeatable, pace=self._pace)


def shop_address(base_url: str) -> str:
    """``http://host:port`` without what follows. Raises ValueError."""
    try:
        url = httpx.URL(base_url.strip())
    except httpx.InvalidURL as error:
        raise ValueError(f"base_url is no address: {error}") from None
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        raise ValueError("base_url is the shop's address, such as http://127.0.0.1:8000")
    return str(url).rstrip("/").removesuffix(API).rstrip("/")


def jar_of(base_url: str, user_id: str) -> httpx.Cookies:
    with _jars_lock:
        return _jars.setdefault((base_url, user_id), httpx.Cookies())


def build(base_url: str, operation: Operation[Any], arguments: Mapping[str, Any]) -> httpx.Request:
    """The request of a call; what is None is left out. Its body is in memory, so it can be sent again as it is."""
    body = {name: value for name, value in arguments.items() if value is not None}
    in_path = {name: quote(str(body.pop(name)), safe="") for name in arguments if f"{{{name}}}" in operation.path}
    query = {name: plain(body.pop(name)) for name in arguments if name in operation.query and name in body}
    request = partial(
        httpx.Request, operation.method, f"{base_url}{API}{operation.path.format(**in_path)}", params=query
    )
    if operation.file is not None:
        return request(headers=HEADERS, files={operation.file: file_of(body.pop(operation.file))}, data=body)
    if operation.has_body:
        return request(headers={**HEADERS, "Content-Type": "application/json"}, content=_wire.dumps(body))
    return request(headers=HEADERS)


def file_of(given: str | Path | bytes) -> tuple[str, bytes]:
    """A file's name and content. Raises OSError."""
    return ("picture", given) if isinstance(given, bytes) else (Path(given).name, Path(given).read_bytes())


def plain(value: Any) -> str:
    """A value as it stands in a query: ``true``, ``12.50``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def checked_key(key: str | None) -> str:
    """The caller's key, or a new one. Raises ValueError for what can be none."""
    if key is not None and not (is_word(key) and len(key) <= LONGEST_KEY):
        raise ValueError(f"An idempotency key is 1 to {LONGEST_KEY} printable ASCII characters without blanks.")
    return key or str(uuid4())


def is_word(text: str) -> bool:
    return bool(text) and all("!" <= character <= "~" for character in text)
