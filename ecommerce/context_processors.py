from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from cart.models import CartLine
from cart.session import current_carts
from catalog import menu


def shop(request: HttpRequest) -> dict[str, object]:
    """What every page may show; the menu and the cart's count are read only where they are shown."""
    return {
        "shop": {
            "name": settings.SHOP_NAME,
            "currency": settings.SHOP_CURRENCY,
            "country": settings.SHOP_COUNTRY,
            "prices_include_tax": settings.PRICES_INCLUDE_TAX,
            "contact": settings.DEFAULT_FROM_EMAIL,
        },
        "menu": SimpleLazyObject(lambda: menu.tree().top),
        "cart_count": SimpleLazyObject(lambda: cart_count(request)),
    }


def cart_count(request: HttpRequest) -> int:
    """Units in the current cart: one statement, none for a visitor without a session."""
    if not hasattr(request, "user"):  # refused before anyone was recognised
        return 0
    lines = CartLine.objects.filter(cart__in=current_carts(request))
    return lines.aggregate(units=Sum("quantity"))["units"] or 0
