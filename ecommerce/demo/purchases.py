"""The demo's orders, brought to every state by the calls that would bring real ones there."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.db.models import F

from accounts.models import User
from cart.change import Shopper, add
from cart.models import Cart
from catalog.models import Variant
from orders.cancellation import cancel, expire
from orders.checkout import CheckoutKey, place_order
from orders.details import ADDRESS_FIELDS, AddressDetails, CheckoutDetails
from orders.fulfilment import deliver, pack, ship
from orders.models import Cancellation, Order, OrderMail, Refund
from orders.refunds import refund, send_refund
from orders.returns import accept_return
from orders.units import open_units
from pricing.money import rounded

Story = Callable[[Order, datetime], object]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def send_whole(order: Order, at: datetime) -> None:
    pack(order.pk, at=at + 3 * HOUR)
    ship(order.pk, at=at + 5 * HOUR, carrier="Demo Post", tracking_number=f"DP{order.pk:09d}")


def send_part(order: Order, at: datetime) -> None:
    line_id = min(open_units(order))
    ship(order.pk, at=at + 5 * HOUR, units={line_id: 1}, carrier="Demo Post", tracking_number=f"DP{order.pk:09d}")


def send_and_deliver(order: Order, at: datetime) -> None:
    send_whole(order, at)
    deliver(order.pk, at=at + 3 * DAY)


def send_and_take_back(order: Order, at: datetime) -> None:
    send_and_deliver(order, at)
    accept_return(order.pk, reason="did not fit the room", restock=True, at=at + 6 * DAY)


def take_back_and_refund(order: Order, at: datetime) -> None:
    send_and_take_back(order, at)
    refund(order.pk, amount=order.total, reason="goods returned", at=at + 6 * DAY)


def refund_part(order: Order, at: datetime) -> None:
    send_and_deliver(order, at)
    amount = rounded(order.total * Decimal("0.2"), order.currency)
    refund(order.pk, amount=amount, reason="arrived scratched", at=at + 5 * DAY)


# (how many, card, days ago at least, what happens after it is placed)
STORIES: tuple[tuple[int, str, int, Story | None], ...] = (
    (34, "tok_visa", 6, send_and_deliver),
    (16, "tok_visa", 1, send_whole),
    (10, "tok_visa", 1, lambda order, at: pack(order.pk, at=at + HOUR)),
    (18, "tok_visa", 0, None),
    (6, "tok_visa", 1, send_part),
    (6, "tok_visa", 9, send_and_take_back),
    (5, "tok_visa", 9, take_back_and_refund),
    (5, "tok_visa", 7, refund_part),
    (4, "tok_visa", 2, lambda order, at: cancel(order, cause=Cancellation.Cause.SHOPPER, at=at + HOUR)),
    (3, "tok_visa", 2, lambda order, at: cancel(order, cause=Cancellation.Cause.STAFF, at=at + HOUR, reason="damaged")),
    (5, "tok_declined", 2, lambda order, at: expire(order, at=at + HOUR)),
    (3, "tok_declined", 0, None),
    (1, "tok_3ds", 0, None),
)
COUNT = sum(count for count, *_ in STORIES)


def load_orders(shoppers: list[User], random: Random, *, at: datetime) -> Iterator[int]:
    """Place and carry on the orders up to `COUNT` that are not there yet; yields 1 an order."""
    variants = list(
        Variant.objects.sellable()
        .filter(stock__on_hand__gte=F("stock__reserved") + 10)
        .select_related("product", "stock")
        .order_by("pk")
    )
    if not variants:
        return
    plan = [(token, days, story) for count, token, days, story in STORIES for _ in range(count)]
    for token, days, story in plan[Order.objects.count() :]:
        age = timedelta(days=days, minutes=random.randint(1, 24 * 60 if days else 20))
        order = _buy(random.choice(shoppers), variants, token, random, at=at - age)
        if story is not None:
            story(order, at - age)
        yield 1
    for running in Refund.objects.filter(state=Refund.State.INITIATED):
        send_refund.call(str(running.pk))
    # Nobody waits for these mails.
    OrderMail.objects.filter(sent_at__isnull=True).update(sent_at=F("created_at"))


def _buy(user: User, variants: list[Variant], token: str, random: Random, *, at: datetime) -> Order:
    shopper = Shopper(key=f"demo-{user.pk}", user=user)
    for variant in random.sample(variants, random.randint(2, 4)):
        add(shopper, variant=variant, quantity=random.choice((1, 1, 1, 2)), at=at)
    cart = Cart.objects.open().get(user=user)
    address = user.addresses.get(is_default=True)
    details = CheckoutDetails(
        email=user.email,
        address=AddressDetails(**{name: getattr(address, name) for name in ADDRESS_FIELDS}),
        payment_token=token,
    )
    key = CheckoutKey.of_cart(cart.pk)
    return place_order(shopper=shopper, cart=cart, details=details, key=key, at=at).order
