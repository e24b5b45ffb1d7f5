"""How many requests a program may send; log-in and sign-up have stricter limits, shared with the website."""

import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from ecommerce.errors import is_for_programs, too_many_requests

GetResponse = Callable[[HttpRequest], HttpResponse]
SECONDS = 60
# Figures of our own: what one busy program needs, several times over.
READS = 1_200
WRITES = 300
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def program_limits(get_response: GetResponse) -> GetResponse:
    """Answer 429 once an account, or an address without one, has used up its minute."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.RATE_LIMITS and is_for_programs(request):
            wait = seconds_to_wait(request)
            if wait:
                request.retry_after = wait  # type: ignore[attr-defined]
                return too_many_requests(request)
        return get_response(request)

    return middleware


def seconds_to_wait(request: HttpRequest) -> int:
    """Count this request; 0 while there is room, else the seconds until the next minute begins."""
    is_read = request.method in SAFE_METHODS
    now = time.time()
    minute = int(now // SECONDS)
    who = f"account {request.user.pk}" if has_account(request) else f"address {request.META['REMOTE_ADDR']}"
    key = f"limits.{'read' if is_read else 'write'}.{minute}.{who}".replace(" ", ".")
    cache.add(key, 0, SECONDS * 2)
    try:
        count = cache.incr(key)
    except ValueError:  # thrown out of a full cache in between
        return 0
    if count <= (READS if is_read else WRITES):
        return 0
    return max(1, int((minute + 1) * SECONDS - now))


def has_account(request: HttpRequest) -> bool:
    """Whether an account asks; a session is not read for a visitor who has no cookie."""
    has_credentials = "Authorization" in request.headers or settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_credentials and request.user.is_authenticated
