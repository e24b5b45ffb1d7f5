from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class CartConfig(AppConfig):
    name = "cart"
    verbose_name = _("Cart")

    def ready(self) -> None:
        user_logged_in.connect(merge_cart, dispatch_uid="cart.merge_at_log_in")


def merge_cart(sender, request, user, **kwargs) -> None:
    """Bring the cart that was filled before log-in along."""
    from cart.change import Shopper, merge_at_log_in
    from cart.session import cart_key

    key = cart_key(request)
    if key:
        merge_at_log_in(Shopper(key, user))
