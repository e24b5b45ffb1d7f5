from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Return the address of the client, for rate limits only: it is neither stored nor logged.

    Each trusted proxy appends the address it saw to ``X-Forwarded-For``, so
    the client is that many hops from the end; whatever a client wrote there
    itself stands further left and counts for nothing.
    """
    peer: str = request.META.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    if not settings.TRUSTED_PROXIES or len(hops) < settings.TRUSTED_PROXIES:
        return peer
    return hops[-settings.TRUSTED_PROXIES] or peer
