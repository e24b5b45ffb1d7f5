from allauth.account.signals import email_confirmed
from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        email_confirmed.connect(join_orders, dispatch_uid="orders.join_when_email_is_confirmed")
        user_logged_in.connect(keep_keys, dispatch_uid="orders.keep_keys_at_log_in")


def join_orders(sender, email_address, **kwargs) -> None:
    """Give an account the orders that its confirmed address placed as a guest."""
    from orders.joining import join_guest_orders

    join_guest_orders(email_address.user, email_address.email, at=timezone.now())


def keep_keys(sender, request, user, **kwargs) -> None:
    """Let a request that was sent before log-in be sent again after it."""
    from cart.session import cart_key
    from orders.joining import keep_keys

    key = cart_key(request)
    if key:
        keep_keys(user, key)
