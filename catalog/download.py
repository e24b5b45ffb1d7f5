"""Fetch a file from an address that somebody else wrote, without being led astray, flooded or kept waiting.

The host is looked up once, each address found must be outside, and the
connection goes to one of those very addresses: a name that says something else
a moment later changes nothing. Redirects are followed by hand, each target
checked in the same way. Every byte is read against one deadline and one limit.
Proxies that the environment names are not used: they would do the looking up.
"""

import io
import socket
import ssl
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from ipaddress import ip_address
from threading import Thread
from urllib.parse import quote, urljoin, urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.outside import IPAddress, is_outside

PORTS = {"http": 80, "https": 443}
MOST_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
# Statuses of servers that are busy or broken just now, besides all from 500 on.
PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
CONNECT_SECONDS = 5.0  # for one of several addresses, so that a dead one leaves time for the next
HEADER_BYTES = 64 * 1024
PIECE_BYTES = 64 * 1024
HEADERS = {
    # The file as it was uploaded there: some servers convert it for who takes newer formats.
    "Accept": "image/jpeg, image/png, image/*;q=0.8",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "shop-picture-fetcher",
}
# What may stand in the path of a request as it is; `%` because most addresses are quoted already.
SAFE_IN_PATH = "/%:@!$&'()*+,;=-._~?[]"

Resolver = Callable[[str, int], Collection[str]]


class DownloadFailed(Exception):
    """Why there is no file, as a sentence.

    `may_pass`: another try may succeed, not before `retry_after` seconds where
    the server asked for that.
    """

    def __init__(self, sentence: str, *, may_pass: bool = False, retry_after: float = 0.0) -> None:
        self.may_pass = may_pass
        self.retry_after = retry_after
        super().__init__(sentence)


def look_up(host: str, port: int) -> list[str]:
    """All addresses of a host, as the system's resolver has them."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a download may do: `largest` bytes within `seconds`, redirects and all.

    The rest is as the internet asks for, and no setting changes it; tests pass
    what lets them reach a server of their own.
    """

    largest: int
    seconds: float = 20.0
    may_connect: Callable[[IPAddress], bool] = is_outside
    ports: Collection[int] = frozenset(PORTS.values())
    resolve: Resolver = look_up
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context


@dataclass(frozen=True, slots=True)
class _Target:
    """Where one request goes; `path` with its query, quoted."""

    is_secure: bool
    host: str
    port: int
    path: str


def download(address: str, rules: Rules) -> bytes:
    """The content at an address, which may be of any kind. Raises DownloadFailed."""
    ends_at = time.monotonic() + rules.seconds
    location = ""
    try:
        for _hop in range(MOST_REDIRECTS + 1):
            address, target = _target(address, location, rules)
            with closing(_connected(target, rules, ends_at)) as connection:
                response = connection.ask(target.path)
                if response.status not in REDIRECTS:
                    return _content(response, connection, rules)
                location = response.getheader("Location") or ""
    except TimeoutError:
        raise DownloadFailed(_("The server did not answer, or not in time."), may_pass=True) from None
    except ssl.SSLCertVerificationError:
        raise DownloadFailed(_("The server's certificate is not valid for this address.")) from None
    except (OSError, HTTPException) as error:
        sentence = _("The connection failed: %(reason)s.") % {"reason": _reason(error)}
        raise DownloadFailed(sentence, may_pass=True) from error
    raise DownloadFailed(_("The server redirects more than %(count)d times.") % {"count": MOST_REDIRECTS})


def _target(address: str, location: str, rules: Rules) -> tuple[str, _Target]:
    """Where an address leads, or the location that it redirects to; and that as an address of its own."""
    try:
        address = urljoin(address.strip(), location)
        parts = urlsplit(address)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
        port = parts.port or PORTS.get(parts.scheme, 0)
        path = quote(parts.path or "/", safe=SAFE_IN_PATH)
        if parts.query:
            path += "?" + quote(parts.query, safe=SAFE_IN_PATH)
    except ValueError:  # UnicodeError is one
        raise DownloadFailed(_("This is not an address.")) from None
    if parts.scheme not in PORTS:
        raise DownloadFailed(_("Only addresses that begin with http:// or https:// are fetched."))
    if not host or not host.isprintable() or any(character in host for character in " /\\%"):
        raise DownloadFailed(_("This is not an address."))
    if "@" in parts.netloc:
        raise DownloadFailed(_("Addresses with a user name or password are not fetched."))
    if port not in rules.ports:
        raise DownloadFailed(_("Port %(port)d is not one of the web.") % {"port": port})
    return address, _Target(parts.scheme == "https", host, port, path)


def _checked_addresses(target: _Target, rules: Rules, ends_at: float) -> list[str]:
    """The addresses of a host. One inside is reason enough to refuse them all."""
    try:
        found = list(dict.fromkeys(_in_time(lambda: rules.resolve(target.host, target.port), ends_at)))
    except UnicodeError:
        raise DownloadFailed(_("This is not an address.")) from None
    except socket.gaierror:
        raise DownloadFailed(_("The host %(host)s is not known.") % {"host": target.host}, may_pass=True) from None
    if not all(rules.may_connect(ip_address(address)) for address in found):
        raise DownloadFailed(_("The address leads inside the shop's own network."))
    return found


def _in_time(call: Callable[[], Collection[str]], ends_at: float) -> Collection[str]:
    """What `call` returns, unless it takes too long: the system's resolver takes no time limit."""
    answer: Future[Collection[str]] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except Exception as error:
            answer.set_exception(error)

    Thread(target=run, daemon=True).start()
    return answer.result(timeout=_left(ends_at))


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Wire(io.RawIOBase):
    """What comes from a socket, until the deadline and up to `allowed` bytes, however slowly it drips."""

    def __init__(self, connected: socket.socket, ends_at: float) -> None:
        self.connected = connected
        self.raw = connected.makefile("rb", buffering=0)
        self.ends_at = ends_at
        self.allowed = HEADER_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        if self.allowed <= 0:
            raise DownloadFailed(_("The server sends more than a picture."))
        self.connected.settimeout(_left(self.ends_at))
        count = self.raw.readinto(buffer)
        self.allowed -= count or 0
        return count

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def close(self) -> None:
        self.raw.close()
        super().close()


class _Connection(HTTPConnection):
    """A connection that is open already, to an address that was checked."""

    def __init__(self, target: _Target, connected: socket.socket, ends_at: float) -> None:
        super().__init__(target.host, target.port)
        self.default_port = PORTS["https" if target.is_secure else "http"]  # left out of the header Host
        self.sock = connected
        self.wire = _Wire(connected, ends_at)

    def ask(self, path: str) -> HTTPResponse:
        self.request("GET", path, headers=HEADERS)
        response = HTTPResponse(self.wire, method="GET")  # type: ignore[arg-type]  # only `makefile` is used
        response.begin()
        return response

    def close(self) -> None:
        self.wire.close()
        super().close()


def _connected(target: _Target, rules: Rules, ends_at: float) -> _Connection:
    connected = _opened(_checked_addresses(target, rules, ends_at), target.port, ends_at)
    try:
        connected.settimeout(_left(ends_at))
        if target.is_secure:
            connected = rules.trust().wrap_socket(connected, server_hostname=target.host)
        return _Connection(target, connected, ends_at)
    except BaseException:
        connected.close()
        raise


def _opened(addresses: list[str], port: int, ends_at: float) -> socket.socket:
    problem: OSError = ConnectionError(_("no address is known"))
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout=min(CONNECT_SECONDS, _left(ends_at)))
        except OSError as error:
            problem = error
    raise problem


def _content(response: HTTPResponse, connection: _Connection, rules: Rules) -> bytes:
    if response.status != HTTPStatus.OK:
        raise DownloadFailed(
            _("The server answered %(status)d.") % {"status": response.status},
            may_pass=response.status >= 500 or response.status in PASSING,
            retry_after=_retry_after(response),
        )
    if response.getheader("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise DownloadFailed(_("The server sends the file compressed, which may unpack to any size."))
    too_large = DownloadFailed(
        _("The file is larger than %(limit)g MB.") % {"limit": round(rules.largest / 1024 / 1024, 1)}
    )
    if (response.length or 0) > rules.largest:
        raise too_large
    connection.wire.allowed = 2 * rules.largest + HEADER_BYTES  # chunks have lines of their own between them
    content = bytearray()
    while piece := _piece(response):
        content += piece
        if len(content) > rules.largest:
            raise too_large
    if response.length:
        raise DownloadFailed(_("The connection ended before the file did."), may_pass=True)
    return bytes(content)


def _piece(response: HTTPResponse) -> bytes:
    """The next bytes of the body. Raises HTTPException where chunks are not as HTTP has them."""
    try:
        return response.read(PIECE_BYTES)
    except ValueError as error:  # a chunk of a negative size
        raise IncompleteRead(b"") from error


def _retry_after(response: HTTPResponse) -> float:
    """Seconds that the server asks to wait (RFC 9110, 10.2.3: a number or a date); 0 without or with nonsense."""
    said = (response.getheader("Retry-After") or "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        return max((parsedate_to_datetime(said) - timezone.now()).total_seconds(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or type(error).__name__).rstrip(".")
