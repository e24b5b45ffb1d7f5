"""Who may call an operation of the API. Reads `request.user` only; who that is, `ecommerce.identity` says."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security.base import AuthBase

from pricing.errors import ShopError


class NotAuthenticated(ShopError):
    """Nobody is known to ask."""

    code = "not_authenticated"
    status = 401

    def __init__(self) -> None:
        self.fix = _("Send “Authorization: Bearer …” with the token of a log-in or an API key.")
        super().__init__(_("This needs a token."))


class NotPermitted(ShopError):
    """Who asks may not do this."""

    code = "forbidden"
    status = 403

    def __init__(self, permission: str = "") -> None:
        self.fix = _("Ask for the permission, or use a token or key that has it.")
        super().__init__(
            _("You may not do this: it needs the permission “%(permission)s”.") % {"permission": permission}
            if permission
            else _("You may not do this.")
        )


class Bearer(AuthBase):
    """An operation for whoever has one of these permissions, such as ``catalog.add_product``."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "The token of a log-in, or an API key. It beats a cookie."

    def __init__(self, *permissions: str) -> None:
        super().__init__()
        self.permissions = permissions

    def __call__(self, request: HttpRequest) -> bool:
        """Raises NotAuthenticated and NotPermitted."""
        check(request, *self.permissions)
        return True


class SessionCookie(AuthBase):
    """An operation for guests and accounts alike; a key needs the scope to buy."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"
    openapi_description = "A guest's cart lives in the session; the first change that needs one sets it."

    def __init__(self, *, required: bool = True) -> None:
        super().__init__()
        self.required = required

    def __call__(self, request: HttpRequest) -> bool:
        """Raises NotPermitted; where it is not `required`, what follows it decides."""
        if self.required:
            check_buyer(request)
        return may_buy(request)


def check(request: HttpRequest, *permissions: str) -> None:
    """Raises NotAuthenticated without an account, NotPermitted without one of the `permissions`."""
    if not request.user.is_authenticated:
        raise NotAuthenticated
    if not any(request.user.has_perm(permission) for permission in permissions):
        raise NotPermitted(permissions[0])


def may_buy(request: HttpRequest) -> bool:
    """Whether who asks may use a cart and orders of its own; a key needs the scope."""
    asks_account = getattr(request.user, "may_buy", None)
    return asks_account is None or asks_account()


def check_buyer(request: HttpRequest) -> None:
    """Raises NotPermitted for a key without the scope to buy."""
    if not may_buy(request):
        raise NotPermitted("buy")


buyers = [SessionCookie()]
