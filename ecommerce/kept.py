"""Whole answers, ready to be sent again for as long as nothing is committed to the database.

Operations mark what is the same for everyone (`catalog.freshness.keepable`).
This stands before nearly all other middleware, whose headers are part of what
is kept.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import re_accepts_gzip
from django.urls import ResolverMatch
from django.utils.cache import get_conditional_response

from catalog.freshness import version
from ecommerce.limits import by_address, seconds_to_wait

GetResponse = Callable[[HttpRequest], HttpResponse]
PATH = "/api/v1/"
LONGEST_ADDRESS = 1_000
MOST_ANSWERS = 256
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was sent; `made_of` is the version of the database, `match` what the log names it by."""

    made_of: str
    content: bytes
    headers: dict[str, str]
    match: ResolverMatch | None


class KeptAnswers:
    """The answers that were used last, by what tells them apart."""

    def __init__(
        self,
        *,
        version: Callable[[], str | None] = version,
        most: int = MOST_ANSWERS,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.version = version
        self.most = most
        self.most_bytes = most_bytes
        self.bytes = 0
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def before(self, get_response: GetResponse) -> GetResponse:
        """Middleware that asks `get_response` only for what is not kept."""

        def middleware(request: HttpRequest) -> HttpResponse:
            key = key_of(request)
            if key is None:
                return get_response(request)
            # What is kept is the whole answer, so whether it is wanted is looked at here.
            seen = request.META.pop("HTTP_IF_NONE_MATCH", None)
            response = self.find(key, request) or self.keep(key, request, get_response(request))
            if seen is not None and response.status_code == 200:
                request.META["HTTP_IF_NONE_MATCH"] = seen
                return get_conditional_response(request, etag=response.get("ETag"), response=response) or response
            return response

        return middleware

    def find(self, key: str, request: HttpRequest) -> HttpResponse | None:
        """The answer, if it still holds and its address may ask once more."""
        answer = self._answers.get(key)
        if answer is None or answer.made_of != self.version():
            return None
        if settings.RATE_LIMITS and seconds_to_wait(by_address(request), is_read=True):
            return None
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
        request.resolver_match = answer.match
        return HttpResponse(answer.content, headers=answer.headers)

    def keep(self, key: str, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Keep an answer that is marked, unless it is one shopper's all the same; returns it."""
        made_of = getattr(response, "made_of", None)
        session = getattr(request, "session", None)
        if made_of is None or response.cookies or (session is not None and session.accessed):
            return response
        answer = Answer(made_of, response.content, dict(response.items()), request.resolver_match)
        if len(answer.content) <= self.most_bytes:
            with self._lock:
                self._forget(key)
                self._answers[key] = answer
                self.bytes += len(answer.content)
                while len(self._answers) > self.most or self.bytes > self.most_bytes:
                    self._forget(next(iter(self._answers)))
        return response

    def _forget(self, key: str) -> None:
        if answer := self._answers.pop(key, None):
            self.bytes -= len(answer.content)


def kept_answers(get_response: GetResponse) -> GetResponse:
    return KeptAnswers().before(get_response)


def key_of(request: HttpRequest) -> str | None:
    """What tells an answer from others, where it may be the same for all who ask."""
    meta = request.META
    if request.method not in {"GET", "HEAD"} or not request.path_info.startswith(PATH):
        return None
    if "HTTP_AUTHORIZATION" in meta or "HTTP_ORIGIN" in meta:
        return None
    form = "gzip" if re_accepts_gzip.search(meta.get("HTTP_ACCEPT_ENCODING", "")) else "plain"
    # As it was sent: Django's own way to write an address makes one of `é` and `%C3%83%C2%A9`.
    query = meta.get("QUERY_STRING")
    address = f"{meta['PATH_INFO']}?{query}" if query else meta["PATH_INFO"]
    key = f"{form} {request.scheme}://{request.get_host()}{address}"
    return key if len(key) <= LONGEST_ADDRESS else None
