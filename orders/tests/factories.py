"""Orders as shops get them: through the cart and `place_order`."""

from collections.abc import Mapping
from datetime import datetime
from itertools import count

from django.utils import timezone

from cart.change import Shopper, add
from cart.models import Cart
from catalog.models import Variant
from catalog.tests.factories import VariantFactory
from orders.checkout import CheckoutKey, place_order
from orders.details import AddressDetails, CheckoutDetails
from orders.models import Order

_numbers = count(1)

ADDRESS = AddressDetails(
    full_name="Sam Shopper", address_line1="Invalidenstraße 1", city="Berlin", postcode="10115", country="DE"
)


def new_shopper(user=None) -> Shopper:
    return Shopper(f"session-{next(_numbers)}", user)


def filled_cart(quantities: Mapping[Variant, int], *, shopper: Shopper) -> Cart:
    """The shopper's cart with so many units of each variant."""
    for variant, units in quantities.items():
        add(shopper, variant=variant, quantity=units, at=timezone.now())
    return Cart.objects.open().reachable_by(user=shopper.user, key=shopper.key).get()


def details(**changes) -> CheckoutDetails:
    """A complete checkout, paid by a card that works."""
    return CheckoutDetails(**{"email": "sam@example.com", "address": ADDRESS, "payment_token": "tok_visa", **changes})


def placed_order(
    quantities: Mapping[Variant, int] | None = None,
    *,
    token: str = "tok_visa",
    shopper: Shopper | None = None,
    at: datetime | None = None,
    **changes,
) -> Order:
    """An order of two units of a new variant, or of `quantities`; `changes` are of its `CheckoutDetails`."""
    shopper = shopper or new_shopper()
    cart = filled_cart(quantities or {VariantFactory(): 2}, shopper=shopper)
    placed = place_order(
        shopper=shopper,
        cart=cart,
        details=details(payment_token=token, **changes),
        key=CheckoutKey.of_cart(cart.pk),
        at=at or timezone.now(),
    )
    return Order.objects.get(pk=placed.order.pk)
