import codecs
import logging
import time
from collections.abc import Callable
from urllib.parse import unquote_to_bytes
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ecommerce import client, logs
from ecommerce.errors import (
    ForeignOrigin,
    domain_error,
    is_for_programs,
    length_required,
    method_not_allowed,
    too_large,
    unreadable,
)
from pricing.errors import ShopError

GetResponse = Callable[[HttpRequest], HttpResponse]

access = logging.getLogger("shop.access")

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
FORM_MARGIN = 64 * 1024  # bytes of a form around its picture
UNUSED_FEATURES = ("camera", "display-capture", "geolocation", "microphone", "midi", "usb")


def request_log(get_response: GetResponse) -> GetResponse:
    """Give each request an id, and log one line for it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        current = uuid4().hex
        token = logs.request_id.set(current)
        try:
            response = get_response(request)
            response["X-Request-ID"] = current
            access.info(
                "request",
                extra={
                    "method": request.method,
                    "route": logs.route_of(request),
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - started) * 1000, 1),
                },
            )
            return response
        finally:
            logs.request_id.reset(token)

    return middleware


def client_address(get_response: GetResponse) -> GetResponse:
    """Make REMOTE_ADDR the client's address for all who read it, as the log-in rate limits do."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.META["REMOTE_ADDR"] = client.client_address(request)
        return get_response(request)

    return middleware


def readable_requests(get_response: GetResponse) -> GetResponse:
    """Refuse what no browser sends and later layers fail at: a NUL, and text in another encoding than UTF-8.

    PostgreSQL stores no NUL. Any codec of Python's can be named as a charset,
    also those that make no text of bytes or hide a NUL in other characters.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        reason = why_unreadable(request)
        return unreadable(request, reason) if reason else get_response(request)

    return middleware


def why_unreadable(request: HttpRequest) -> str:
    """In a few words; empty for a request that can be read. A page passes over bytes that are no text."""
    if getattr(request, "is_unreadable", False):
        return _("its content type cannot be read")
    if has_nul(request):
        return _("its address or a cookie holds a NUL")
    if not is_utf_8(request):
        return _("it names another encoding than UTF-8")
    if is_for_programs(request) and not has_utf_8_query(request):
        return _("its query is not UTF-8")
    return ""


def has_nul(request: HttpRequest) -> bool:
    query = request.META.get("QUERY_STRING", "")
    texts = (request.path_info, query.replace("%00", "\0"), *request.COOKIES.values())
    return any("\0" in text for text in texts)


def is_utf_8(request: HttpRequest) -> bool:
    """Whether the request names UTF-8 or no encoding that Django would use."""
    return request.encoding is None or codecs.lookup(request.encoding).name == "utf-8"


def has_utf_8_query(request: HttpRequest) -> bool:
    # PEP 3333 hands bytes over as Latin-1; ASGI's have been decoded.
    encoding = "latin-1" if isinstance(request, WSGIRequest) else "utf-8"
    query = request.META.get("QUERY_STRING", "").encode(encoding)
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return False
    return True


def announced_bodies(get_response: GetResponse) -> GetResponse:
    """Refuse a body that comes in pieces without its length (RFC 9112, 7.1): Django would take it for none.

    The shipped nginx collects such bodies, and says how long they are.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if "HTTP_TRANSFER_ENCODING" in request.META:
            return length_required(request)
        return get_response(request)

    return middleware


def bounded_bodies(get_response: GetResponse) -> GetResponse:
    """Refuse a program's body for its length, before anything of it is read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_for_programs(request):
            largest = largest_body(request)
            if body_length(request) > largest:
                return too_large(largest)
        return get_response(request)

    return middleware


def largest_body(request: HttpRequest) -> int:
    """Bytes that a program may send at once: a picture in a form, or JSON."""
    if request.content_type == "multipart/form-data":
        return settings.PICTURE_MAX_MB * 1024 * 1024 + FORM_MARGIN
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def body_length(request: HttpRequest) -> int:
    """What the request says; nothing is ever read beyond it."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() and len(length) < 20 else 0


def heads_as_gets(get_response: GetResponse) -> GetResponse:
    """Let a program ask for the headers of whatever it may read; the server leaves the body out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method != "HEAD" or not is_for_programs(request):
            return get_response(request)
        request.method = "GET"
        response = get_response(request)
        request.method = "HEAD"
        return response

    return middleware


def permissions_policy(get_response: GetResponse) -> GetResponse:
    """Say which features of the browser no page of the shop uses."""
    policy = ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault("Permissions-Policy", policy)
        return response

    return middleware


def own_origin(get_response: GetResponse) -> GetResponse:
    """Refuse changes of the cart, and cookie-borne ones of the API, that a page of another site sends.

    Pages are the same for everyone, so forms of the cart carry no CSRF token.
    Every browser sends at least one of the two headers with such a form; a
    client without them is no browser and holds no one else's cookies.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        is_change = request.method not in SAFE_METHODS and is_cookie_borne(request)
        if is_change and not is_from_own_origin(request) and not is_allowed_program(request):
            return domain_error(request, ForeignOrigin())
        return get_response(request)

    return middleware


def is_cookie_borne(request: HttpRequest) -> bool:
    """Whether a cookie, rather than a token of the form or of the program, says who asks."""
    if is_for_programs(request):
        return "Authorization" not in request.headers
    return request.path_info == "/cart" or request.path_info.startswith("/cart/")


def is_allowed_program(request: HttpRequest) -> bool:
    """Whether an origin that the settings allow asks without the shop's cookies, as to log in."""
    is_allowed = request.headers.get("Origin") in settings.CORS_ALLOWED_ORIGINS
    return is_allowed and is_for_programs(request) and settings.SESSION_COOKIE_NAME not in request.COOKIES


def is_from_own_origin(request: HttpRequest) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is None and origin is None:
        return True
    own = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    return site in {"same-origin", "none"} or origin in own


class DomainErrors:
    """Turn what no view expected into its page or JSON: a domain error, an unknown method of the API, a large form."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_unknown_method = response.status_code == 405 and is_for_programs(request)
        return method_not_allowed(response) if is_unknown_method else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, RequestDataTooBig) and is_for_programs(request):
            return too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)  # texts of a form, counted as they are read
        return domain_error(request, exception) if isinstance(exception, ShopError) else None
