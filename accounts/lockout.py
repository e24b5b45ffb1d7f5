import time
from math import ceil

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

APP = "allauth.account"


def seconds_left(request: HttpRequest, *, action: str, account: str = "") -> int:
    """Seconds until this client may try `action` again; at least 1.

    `action` is one of allauth's limits, such as ``login_failed``, which counts by `account` too.
    """
    now = time.time()
    waits = [1.0]
    for rate in ratelimit.get_rates(app=APP, action=action):
        # As allauth keeps them: the times of the counted tries, the newest first.
        kept = ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=account)
        tries = cache.get(kept, [])
        if len(tries) >= rate.amount:
            waits.append(tries[rate.amount - 1] + rate.duration - now)
    return ceil(max(waits))
