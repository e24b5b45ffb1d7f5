"""How a request finds its cart: by account, else by the key that its session carries."""

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from cart.change import Shopper
from cart.models import Cart, CartLine
from cart.querysets import CartLineQuerySet

SESSION_KEY = "cart"


def cart_key(request: HttpRequest) -> str | None:
    """The session's key, or None while nothing was added. Makes no session."""
    return request.session.get(SESSION_KEY)


def ensure_cart_key(request: HttpRequest) -> str:
    """The session's key, made now if there is none.

    It is derived from the session's own secret key, so first adds that arrive
    together find the same cart.
    """
    key = cart_key(request)
    if key is None:
        if not request.session.session_key:
            request.session.create()
        key = salted_hmac("cart.session", str(request.session.session_key), algorithm="sha256").hexdigest()[:40]
        request.session[SESSION_KEY] = key
    return key


def shopper_of(request: HttpRequest) -> Shopper:
    """Who is about to change a cart; makes a session for a guest who has none."""
    if request.user.is_authenticated:
        return Shopper(cart_key(request) or "", request.user)
    return Shopper(ensure_cart_key(request))


def known_shopper(request: HttpRequest) -> Shopper | None:
    """Who has a cart to change, or None for a visitor who never added anything. Makes no session."""
    return shopper_of(request) if request.user.is_authenticated or cart_key(request) else None


def current_carts(request: HttpRequest):
    """The open cart that this request shows: the account's, or the guest's; no statement without either."""
    if request.user.is_authenticated:
        return Cart.objects.open().filter(user=request.user)
    key = cart_key(request)
    return Cart.objects.open().filter(key=key, user__isnull=True) if key else Cart.objects.none()


def current_cart(request: HttpRequest) -> Cart | None:
    """The open cart of this request, or None."""
    return current_carts(request).first()


def current_lines(request: HttpRequest) -> list[CartLine]:
    """The lines of the current cart with all that a page shows; two statements at most."""
    return list(_lines_of(request).select_related("cart").for_display())


def quoted_lines(request: HttpRequest) -> list[CartLine]:
    """The lines of the current cart with all that a quote reads; one statement at most."""
    return list(_lines_of(request).for_quoting())


def _lines_of(request: HttpRequest) -> CartLineQuerySet:
    return CartLine.objects.filter(cart__in=current_carts(request))
