"""What people and programs get when something is refused or fails: one mapping for every door."""

import errno
import re
import sqlite3
import sys
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ecommerce.exact_json import dumps
from ecommerce.logs import request_id
from pricing.errors import ShopError

RETRY_SECONDS = 5
LONGEST_LIMIT_SECONDS = 5 * 60  # of those on log-in
SQLITE_AWAY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN}
# SQLite tells a full disk as an I/O error where a file beside the database cannot grow.
SQLITE_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
DISK_FULL = "53100"  # PostgreSQL, appendix A
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
TROUBLES = {
    "unavailable": gettext_lazy("The shop cannot reach its database just now."),
    "no_room": gettext_lazy("The shop has no room left to save anything just now."),
}


class ForeignOrigin(ShopError):
    """A browser sent the request from a page of another site."""

    code = "foreign_origin"
    status = 403

    def __init__(self) -> None:
        self.fix = _("Open the shop itself and do it there.")
        super().__init__(_("This request came from another website, so nothing was changed."))


def is_for_programs(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def json_error(status: int, code: str, detail: str, fields: dict[str, object] | None = None) -> HttpResponse:
    body = dumps({"code": code, "detail": detail, "fields": fields or {}})
    response = HttpResponse(body, status=status, content_type="application/json")
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"  # RFC 9110, 15.5.2
    return response


def method_not_allowed(response: HttpResponse) -> HttpResponse:
    """The same refusal for a program: what the address knows stands in ``Allow``."""
    methods = set(response["Allow"].split(", "))
    allowed = ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))  # see `heads_as_gets`
    refusal = json_error(405, "method_not_allowed", _("This address takes %(methods)s only.") % {"methods": allowed})
    refusal["Allow"] = allowed
    return refusal


def too_large(largest: int) -> HttpResponse:
    """Answer a program's body of more than `largest` bytes."""
    sentence = _("The request is too large, so nothing was changed: send at most %(largest)s.")
    return json_error(413, "too_large", sentence % {"largest": filesizeformat(largest)})


def domain_error(request: HttpRequest, error: ShopError) -> HttpResponse:
    """Answer a domain error with its status, sentence and fix, as a page or as JSON."""
    response: HttpResponse
    if is_for_programs(request):
        detail = " ".join(filter(None, [str(error), str(error.fix)]))
        response = json_error(error.status, error.code, detail, dict(error.fields))
    else:
        response = render(request, "errors/domain.html", {"error": error}, status=error.status)
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what cannot be read with a file: not even cookie and address can be relied on."""
    return _static_answer(request, 400, "bad_request", _("This request cannot be read, so nothing was changed."))


def length_required(request: HttpRequest) -> HttpResponse:
    sentence = _("The request does not say how long it is, so it was not read and nothing was changed.")
    if is_for_programs(request):
        return json_error(411, "length_required", f"{sentence} {_('Send a Content-Length.')}")
    return _static_answer(request, 400, "length_required", sentence)


def unreadable(request: HttpRequest, reason: str) -> HttpResponse:
    """Answer what no layer below can take, with the reason in a few words."""
    sentence = _("This request cannot be read, so nothing was changed: %(reason)s.") % {"reason": reason}
    return _static_answer(request, 400, "malformed", sentence)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return json_error(403, "forbidden", _("You may not do this."))
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Nothing was done; the checkout's entries come along to a page with a new token."""
    typed = []
    if request.path_info.rstrip("/") in {"/place_order", "/checkout"}:
        typed = [(name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"]
    return render(request, "403_csrf.html", {"typed": typed}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_programs(request):
        return json_error(404, "not_found", _("There is nothing at this address."))
    last_part = request.path_info.rstrip("/").rpartition("/")[2]
    words = " ".join(re.findall(r"[^\W\d_]{2,30}", last_part)[:6])
    return render(request, "404.html", {"search_for": words}, status=404)


def unknown_id(request: HttpRequest) -> HttpResponse:
    """Answer an operation of the API that found nothing, or nothing that is for who asks."""
    return json_error(
        404,
        "not_found",
        _("There is nothing with this id that you may see. Check the id, and log in or send the token if it is yours."),
    )


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer a limit that was reached; `request.retry_after` (seconds) is set where the wait is known."""
    seconds = getattr(request, "retry_after", None)
    response: HttpResponse
    if is_for_programs(request):
        response = json_error(429, "rate_limited", _("Too many tries in a short time. Nothing was changed."))
    else:
        response = render(request, "429.html", {"retry_after": seconds}, status=429)
    response["Retry-After"] = str(seconds or LONGEST_LIMIT_SECONDS)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an unhandled exception with a file: nothing here may need what has just failed.

    Trouble that passes by itself or by an operator's hand is told as 503 with ``Retry-After``.
    """
    if trouble := passing_trouble(sys.exc_info()[1]):
        response = _static_answer(request, 503, trouble, str(TROUBLES[trouble]))
        response["Retry-After"] = str(RETRY_SECONDS)
        return response
    return _static_answer(request, 500, "server_error", _("Something went wrong on our side."))


def passing_trouble(error: BaseException | None) -> str | None:
    """Which of `TROUBLES` an error tells of; none when the shop itself is at fault."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return "no_room"
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    if getattr(error.__cause__, "sqlstate", None) == DISK_FULL:
        return "no_room"
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF  # the low byte is SQLite's primary code
    if primary in SQLITE_FULL:
        return "no_room"
    return "unavailable" if primary is None or primary in SQLITE_AWAY else None


def _static_answer(request: HttpRequest, status: int, code: str, sentence: str) -> HttpResponse:
    if is_for_programs(request):
        return json_error(status, code, sentence)
    page = Path(settings.BASE_DIR, "templates", f"{status}.html").read_text(encoding="utf-8")
    page = page.replace("REQUEST_ID", request_id.get()).replace("WHAT_HAPPENED", sentence)
    return HttpResponse(page, status=status)
