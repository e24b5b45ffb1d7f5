"""Who a program is: the one place that reads tokens and keys."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts import api_keys, tokens
from accounts.models import BUY, ApiKey, User
from ecommerce.errors import is_for_programs, json_error
from ecommerce.groups import GROUPS

GetResponse = Callable[[HttpRequest], HttpResponse]
Scope = ApiKey.Scope
GROUP_OF = {Scope.CATALOGUE: "Catalogue", Scope.STOCK: "Stock", Scope.ORDERS: "Orders"}


def bearer_beats_cookies(get_response: GetResponse) -> GetResponse:
    """Let a request with a token have no session: whose it is, the token says alone. Its cookies stay as they are."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not (is_for_programs(request) and "Authorization" in request.headers):
            return get_response(request)
        request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        response = get_response(request)
        response.cookies.clear()
        return response

    return middleware


def identified(get_response: GetResponse) -> GetResponse:
    """Set `request.user` of a program to whom its token belongs; a website's session counts as a buyer only."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_for_programs(request):
            if "Authorization" in request.headers:
                request.user = bearer(request.headers["Authorization"]) or UnknownBearer()
            else:
                of_session = request.user
                request.user = SimpleLazyObject(lambda: as_buyer(of_session))  # type: ignore[assignment]
        return get_response(request)

    return middleware


def known_tokens(get_response: GetResponse) -> GetResponse:
    """Refuse a token that is nobody's; after the limits, so that tries are counted."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_refused = "Authorization" in request.headers and isinstance(request.user, UnknownBearer)
        return unknown_token() if is_refused else get_response(request)

    return middleware


class UnknownBearer(AnonymousUser):
    """Whoever sent a token that is unknown, expired or revoked."""


def bearer(header: str) -> User | None:
    """The account that an ``Authorization`` header speaks for, limited to the key's scopes."""
    scheme, _blank, secret = header.strip().partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret or len(secret) > 1_000 or not secret.isascii():
        return None
    if not secret.startswith(api_keys.BEGINNING):
        return tokens.owner_of(secret)
    key = api_keys.key_of(secret, at=timezone.now())
    if key is None:
        return None
    key.user.limits = permissions_of(key.scopes)
    return key.user


def permissions_of(scopes: list[str]) -> frozenset[str]:
    """What a key's scopes allow at most."""
    allowed = {BUY} & set(scopes)
    for scope, group in GROUP_OF.items():
        if scope in scopes:
            allowed |= {f"{app}.{name}" for app, names in GROUPS[group].items() for name in names}
    return frozenset(allowed)


def as_buyer(user):
    """The session's account without what it may do as staff: a page of another site could use its cookie."""
    if user.is_authenticated:
        user.limits = frozenset({BUY})
    return user


def unknown_token() -> HttpResponse:
    detail = _("This token is unknown, expired or revoked. Log in again, or use another key.")
    response = json_error(401, "invalid_token", detail)
    response["WWW-Authenticate"] = 'Bearer error="invalid_token"'  # RFC 6750, 3.1
    return response
