from datetime import datetime

from catalog.transactions import use_case
from orders.models import IdempotencyKey, Order, OrderEvent
from orders.timeline import record


@use_case
def keep_keys(user, cart_key: str) -> None:
    """Let the keys with which a session's guest ordered be the account's, too, that was logged in to from it.

    The orders themselves stay the guest's: see `join_guest_orders`.
    """
    IdempotencyKey.objects.filter(order__user=None, order__cart__key=cart_key).update(user=user)


@use_case
def join_guest_orders(user, email: str, *, at: datetime) -> list[Order]:
    """Put the orders that were placed as a guest with `email` into an account, and return them.

    Call it only for an address that the account has proved to be its own.
    Orders of other accounts stay where they are; a second call finds nothing.
    """
    found = Order.objects.filter(user=None, email__iexact=email).select_for_update(of=("self",)).order_by("pk")
    # PostgreSQL takes "ı" for "i" when it ignores case: that would be someone else's mailbox.
    orders = [order for order in found if order.email.lower() == email.lower()]
    for order in orders:
        order.user = user
        order.save(update_fields=["user"])
        record(order, OrderEvent.Kind.JOINED, at=at, by=user)
    return orders
