"""One call, without sending anything: what goes out, whether and when it goes out again, and what the end means.

`exchange` is a generator. It yields a request to be sent, and is given the
answer or what kept it away; it yields a pause to be made, and is given nothing.
So the client that waits and the one that awaits share every decision.
"""

import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

from ecommerce_sdk import _wire, errors
from ecommerce_sdk.errors import ShopError

T = TypeVar("T")

KEY = "Idempotency-Key"
# Busy or away: the request was not worked on, or a gateway in between lost the answer.
PASSING = {429, 502, 503, 504}
# These say that nothing was sent.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
BY_CODE = {kind.code: kind for kind in (errors.OutOfStock, errors.TotalChanged, errors.InProgress)}
BY_STATUS = {
    401: errors.NotAuthenticated,
    403: errors.NotPermitted,
    404: errors.NotFound,
    409: errors.Conflict,
    410: errors.Gone,
    422: errors.Invalid,
    429: errors.RateLimited,
}
WITHOUT_THE_SHOPS_WORDS = {413, 429}  # given by a proxy in front of the shop, too


@dataclass(frozen=True)
class Pace:
    """How often and how fast to try; times in seconds. `patience` is for a call with all its tries and pauses."""

    connect_timeout: float = 5.0
    timeout: float = 30.0
    retries: int = 4
    patience: float = 60.0
    first_pause: float = 0.2
    longest_pause: float = 8.0

    def limits(self, left: float) -> dict[str, float]:
        """httpx's time limits for one try."""
        wait = max(min(self.timeout, left), 0.001)
        return {"connect": min(self.connect_timeout, wait), "read": wait, "write": wait, "pool": wait}

    def pause(self, attempt: int, asked: float | None) -> float:
        """Doubled with each attempt, and partly random so that many clients do not come back together.

        What the shop asked for by ``Retry-After`` is waited in any case.
        """
        full = min(self.first_pause * float(2**attempt), self.longest_pause)
        return (asked or 0) + full * random.uniform(0.5, 1)


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


Step = httpx.Request | Pause
Reply = httpx.Response | httpx.RequestError | None


def exchange(
    request: httpx.Request,
    read: Callable[[httpx.Response], T],
    *,
    jar: httpx.Cookies | None,
    repeatable: bool,
    pace: Pace,
    clock: Callable[[], float] = time.monotonic,
) -> Generator[Step, Reply, T]:
    """Have `request` answered, and return what `read` makes of the answer. Raises ShopError.

    `repeatable`: sent twice, by its method or its key, it is done once. Another
    one is sent again only when it certainly was not sent before. `jar` gives and
    keeps the cookies.
    """
    if jar is not None:
        jar.set_cookie_header(request)
    ends_at = clock() + pace.patience
    attempt = 0
    while True:
        request.extensions["timeout"] = pace.limits(ends_at - clock())
        reply = yield request
        assert reply is not None
        if jar is not None and isinstance(reply, httpx.Response):
            jar.extract_cookies(reply)
        pause = pace.pause(attempt, asked_pause(reply))
        if attempt == pace.retries or not may_resend(reply, repeatable=repeatable) or clock() + pause >= ends_at:
            break
        yield Pause(pause)
        attempt += 1
    if isinstance(reply, httpx.RequestError):
        raise unanswered(request, reply) from reply
    if not reply.is_success:
        raise refusal(request, reply)
    try:
        return read(reply)
    except _wire.Misfit as error:
        raise unreadable(request, reply, f"cannot be read: {error}") from error


def may_resend(reply: httpx.Response | httpx.RequestError, *, repeatable: bool) -> bool:
    if isinstance(reply, NOT_SENT) or not repeatable:
        return isinstance(reply, NOT_SENT)
    if isinstance(reply, httpx.RequestError):
        return isinstance(reply, httpx.TimeoutException | httpx.NetworkError | httpx.RemoteProtocolError)
    return reply.status_code in PASSING or said(reply).get("code") == errors.InProgress.code


def asked_pause(reply: httpx.Response | httpx.RequestError) -> float | None:
    """Seconds that ``Retry-After`` asks for, given as such or as a time."""
    text = reply.headers.get("Retry-After") if isinstance(reply, httpx.Response) else None
    if text is None:
        return None
    if text.strip().isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max((until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0)


def said(response: httpx.Response) -> dict[str, Any]:
    """The shop's own words about a refusal; empty when something else answers."""
    try:
        body = _wire.loads(response.content) if response.is_error else None
    except _wire.Misfit:
        return {}
    if isinstance(body, dict) and isinstance(body.get("code"), str) and isinstance(body.get("detail"), str):
        return body
    return {}


def refusal(request: httpx.Request, response: httpx.Response) -> ShopError:
    """What an answer other than success means."""
    status, words = response.status_code, said(response)
    may_be_a_proxy = status >= 500 or status in WITHOUT_THE_SHOPS_WORDS
    if not words and not may_be_a_proxy:
        where = f"leads to {response.headers['Location']}" if response.has_redirect_location else f"is a {status}"
        return unreadable(request, response, f"{where}, and not in the shop's words")
    fallback = errors.ServerError if status >= 500 else errors.BadRequest
    kind: type[ShopError] = BY_CODE.get(words.get("code", "")) or BY_STATUS.get(status, fallback)
    fields = words.get("fields")
    return kind(
        words.get("detail", f"The shop answered {status} {response.reason_phrase} without saying why."),
        code=words.get("code", ""),
        status=status,
        fields=fields if isinstance(fields, dict) else None,
        retry_after=asked_pause(response),
        fix="" if "detail" in words else kind.fix,
        idempotency_key=request.headers.get(KEY),
    )


def unreadable(request: httpx.Request, response: httpx.Response, why: str) -> ShopError:
    """The answer of something else than the shop, or of another version of it."""
    address = request.url.copy_with(query=None)  # an order's token may stand there
    return errors.UnexpectedAnswer(
        f"The answer to {request.method} {address} {why}.",
        status=response.status_code,
        fix=errors.UnexpectedAnswer.fix,
        idempotency_key=request.headers.get(KEY),
    )


def unanswered(request: httpx.Request, error: httpx.RequestError) -> ShopError:
    """What it means that there was no answer, or none to be read."""
    key = request.headers.get(KEY)
    shop = f"The shop at {request.url.scheme}://{request.url.netloc.decode('ascii')}"
    why = str(error) or type(error).__name__
    kind: type[ShopError] = errors.ConnectionFailed
    unsure = "" if request.method == "GET" else "; whether it did what was asked is not known"
    fix = "Call it again with this error's idempotency_key: nothing is done twice." if key else "Try again later."
    if isinstance(error, httpx.PoolTimeout):
        kind, detail = errors.Timeout, "All connections to the shop were busy for too long; nothing was sent."
        fix = "Use fewer threads or tasks, or a longer timeout."
    elif isinstance(error, NOT_SENT):
        detail = f"{shop} does not answer ({why}); nothing was sent."
        fix = "Is it running? Check base_url, then try again."
    elif isinstance(error, httpx.DecodingError):
        kind, detail = errors.UnexpectedAnswer, f"{shop} sent a damaged answer ({why})."
    elif isinstance(error, httpx.TimeoutException):
        kind, detail = errors.Timeout, f"{shop} did not answer in time{unsure}."
    else:
        detail = f"{shop} broke off ({why}){unsure}."
    return kind(detail, fix=fix, idempotency_key=key)
