"""How many requests a program may send; log-in and sign-up have stricter limits, shared with the website.

A request is counted in the cache, which all processes share. Writing there for
each read would cost a third of what the read itself does, so that each process
tells of its reads some at a time: it may let `READS_AT_ONCE` too many through.
"""

import contextlib
import time
from collections.abc import Callable
from ipaddress import ip_network
from math import ceil
from threading import Lock

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from ecommerce.errors import is_for_programs, too_many_requests

GetResponse = Callable[[HttpRequest], HttpResponse]
SECONDS = 60
# Figures of our own: what one busy program needs, several times over.
READS = 1_200
WRITES = 300
READS_AT_ONCE = 20
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def program_limits(get_response: GetResponse) -> GetResponse:
    """Answer 429 once an account, or an address without one, has used up its minute."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.RATE_LIMITS and is_for_programs(request):
            who = f"account.{request.user.pk}" if has_account(request) else by_address(request)
            if wait := seconds_to_wait(who, is_read=request.method in SAFE_METHODS):
                return must_wait(request, wait)
        return get_response(request)

    return middleware


def must_wait(request: HttpRequest, seconds: int) -> HttpResponse:
    request.retry_after = seconds  # type: ignore[attr-defined]
    return too_many_requests(request)


def seconds_to_wait(who: str, *, is_read: bool) -> int:
    """Count a request of an account or address; 0 while there is room, else the seconds until the next minute."""
    now = time.time()
    minute = int(now // SECONDS)
    if is_read:
        is_over = tally.count(minute, f"limits.read.{minute}.{who}", told_at=READS_AT_ONCE) > READS
    else:
        is_over = tally.count(minute, f"limits.write.{minute}.{who}", told_at=1) > WRITES
    return ceil((minute + 1) * SECONDS - now) if is_over else 0


def by_address(request: HttpRequest) -> str:
    """Whom a request without an account counts for; of IPv6 the network of 64 bits, all of which one client has."""
    address = request.META["REMOTE_ADDR"]
    if ":" in address:
        with contextlib.suppress(ValueError):
            address = ip_network((address, 64), strict=False).network_address
    return f"address.{address}"


def has_account(request: HttpRequest) -> bool:
    """Whether an account asks; a session is not read for a visitor who has no cookie."""
    has_credentials = "Authorization" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_credentials and request.user.is_authenticated


class Tally:
    """What this process has counted in the current minute."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.forget()

    def forget(self) -> None:
        self.minute = 0
        self.counts: dict[str, tuple[int, int]] = {}  # what the cache said last, and what it was not told yet

    def count(self, minute: int, key: str, *, told_at: int) -> int:
        """How many requests the key has had, this one included; the first is told at once."""
        with self.lock:
            if minute != self.minute:
                self.forget()
                self.minute = minute
            known, untold = self.counts.get(key, (0, told_at - 1))
            is_first = key not in self.counts
            untold += 1
            if untold < told_at:
                self.counts[key] = known, untold
                return known + untold
            told = 1 if is_first else untold
            self.counts[key] = known + told, 0
        total = _told(key, told)
        with self.lock:
            known, untold = self.counts.get(key, (0, 0))
            self.counts[key] = max(known, total), untold
            return max(known, total) + untold


def _told(key: str, requests: int) -> int:
    """What the cache has counted with these; 0 while it is away."""
    for _attempt in range(2):
        try:
            return cache.incr(key, requests)
        except ValueError:  # the first of the minute, or thrown out of a full cache
            cache.add(key, 0, SECONDS * 2)
    return 0


tally = Tally()
