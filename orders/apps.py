from allauth.account.signals import email_confirmed
from django.apps import AppConfig
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        email_confirmed.connect(join_orders, dispatch_uid="orders.join_when_email_is_confirmed")


def join_orders(sender, email_address, **kwargs) -> None:
    """Give an account the orders that its confirmed address placed as a guest."""
    from orders.joining import join_guest_orders

    join_guest_orders(email_address.user, email_address.email, at=timezone.now())
