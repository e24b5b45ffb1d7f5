"""Answers to who has no token, ready to be sent, for as long as nothing is committed to the database."""

import gzip
import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from threading import Lock
from typing import Any

from django.http import HttpRequest, HttpResponse

from catalog.freshness import version

View = Callable[..., HttpResponse]
ACCEPTS_GZIP = re.compile(r"\bgzip\b")
WORTH_COMPRESSING = 200  # bytes, as Django's middleware has it
LONGEST_ADDRESS = 2_000
MOST_ANSWERS = 256
MOST_BYTES = 16 * 1024 * 1024


@dataclass
class Answer:
    """A body with the headers that go with it."""

    body: bytes
    headers: dict[str, str]

    @classmethod
    def of(cls, response: HttpResponse) -> "Answer":
        headers = dict(response.items())
        # Weak, as it stands for the compressed body too.
        headers["ETag"] = f'W/"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        headers["Cache-Control"] = "no-cache"
        headers["Vary"] = "Accept-Encoding"
        return cls(response.content, headers)

    @cached_property
    def compressed(self) -> bytes:
        return gzip.compress(self.body, compresslevel=6, mtime=0)

    @property
    def size(self) -> int:
        """Bytes that it takes at most, compressed form and all."""
        return 2 * len(self.body)

    def response(self, request: HttpRequest) -> HttpResponse:
        if len(self.body) < WORTH_COMPRESSING or not ACCEPTS_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            return HttpResponse(self.body, headers=self.headers)
        response = HttpResponse(self.compressed, headers=self.headers)
        response["Content-Encoding"] = "gzip"
        return response


class KeptAnswers:
    """Answers by address, each with the `version` of the database that it was made of; the latest used are kept."""

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
        self._answers: OrderedDict[str, tuple[str, Answer]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def kept(self, view: View) -> View:
        """Decorate an operation whose answer depends on its address and the database alone, without a token."""

        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if "HTTP_AUTHORIZATION" in request.META:
                response = view(request, *args, **kwargs)
                response["Cache-Control"] = "private, no-cache"
                return response
            address = f"{request.scheme}://{request.get_host()}{request.get_full_path()}"
            now = self.version() if len(address) <= LONGEST_ADDRESS else None
            answer = self._find(address, now)
            if answer is None:
                response = view(request, *args, **kwargs)
                if response.status_code != 200:
                    return response
                answer = Answer.of(response)
                self._keep(address, now, answer)
            return answer.response(request)

        return run

    def _find(self, address: str, now: str | None) -> Answer | None:
        with self._lock:
            made_of, answer = self._answers.get(address, (None, None))
            if answer is None or made_of != now:
                return None
            self._answers.move_to_end(address)
            return answer

    def _keep(self, address: str, now: str | None, answer: Answer) -> None:
        if now is None or answer.size > self.most_bytes:
            return
        with self._lock:
            self._forget(address)
            self._answers[address] = now, answer
            self._bytes += answer.size
            while len(self._answers) > self.most or self._bytes > self.most_bytes:
                self._forget(next(iter(self._answers)))

    def _forget(self, address: str) -> None:
        if address in self._answers:
            _made_of, answer = self._answers.pop(address)
            self._bytes -= answer.size
