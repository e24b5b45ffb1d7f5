import time
from math import ceil

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

LIMITS = {"app": "allauth.account", "action": "login_failed"}


def seconds_left(request: HttpRequest, *, account: str) -> int:
    """Seconds until this client may try again to log in to `account` (what the limit counts by); at least 1."""
    now = time.time()
    waits = [1.0]
    for rate in ratelimit.get_rates(**LIMITS):
        # As allauth keeps them: the times of the counted tries, the newest first.
        tries = cache.get(ratelimit.get_cache_key(request, rate=rate, key=account, **LIMITS), [])
        if len(tries) >= rate.amount:
            waits.append(tries[rate.amount - 1] + rate.duration - now)
    return ceil(max(waits))
