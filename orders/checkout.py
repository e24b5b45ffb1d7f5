"""From a cart to an order: the one way in, for pages and programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from cart.change import Shopper
from cart.models import Cart, CartLine
from cart.quoting import quote_lines
from catalog import stock
from catalog.errors import NotForSale
from catalog.transactions import use_case
from orders.details import AddressDetails, CheckoutDetails
from orders.errors import (
    AlreadyOrdered,
    CartChanged,
    EmptyCart,
    KeyReused,
    NoDelivery,
    TotalChanged,
)
from orders.keys import CheckoutKey, Claimed, claim
from orders.models import IdempotencyKey, Order, OrderEvent, OrderLine, Payment
from orders.paying import charge, mark_paid, once_answered, start_payment
from orders.requoting import missing_details
from orders.timeline import record
from pricing.models import ShippingMethod
from pricing.quote import Quote
from pricing.shipping import methods_for
from pricing.tax import tax_table

__all__ = ["HOLD", "CheckoutKey", "Placed", "place_order"]

HOLD = timedelta(minutes=30)  # how long an unpaid order keeps its stock


@dataclass(frozen=True, slots=True)
class Placed:
    """An order and its latest payment; None while no charge was tried.

    `missing` names what kept a charge that was asked for from being tried.
    `lines` are those of an order that was placed just now, so that they need
    not be read again.
    """

    order: Order
    payment: Payment | None
    missing: Sequence[str] = ()
    lines: list[OrderLine] | None = None


def place_order(
    *, shopper: Shopper, cart: Cart | None, details: CheckoutDetails, key: CheckoutKey, at: datetime
) -> Placed:
    """Turn `cart` into an order, and charge it when `details` bring a payment token.

    Without all that a charge needs, none is tried: the order awaits payment,
    and what is missing is named. The same key and details answer the same order in its current state, as
    does any key of a cart that is an order already. Nothing is written when it
    raises: EmptyCart, CartChanged, NotForSale, OutOfStock, NoDelivery,
    TotalChanged, KeyReused (same key, other request), AlreadyOrdered (same
    cart, other request), InProgress (the twin request is still being charged),
    Busy. Must not be called inside a transaction.
    """
    is_for_this_cart = cart is not None and key.cart_id in (None, cart.pk)
    if not is_for_this_cart and (earlier := _earlier_order(shopper, key, details)) is not None:
        return _once_charged(earlier, details)
    if cart is None:
        raise EmptyCart
    if not is_for_this_cart:
        raise CartChanged
    try:
        placed = _write_order(shopper=shopper, cart_id=cart.pk, details=details, key=key, at=at)
    except Claimed:
        twin = _earlier_order(shopper, key, details)
        if twin is None:
            raise CartChanged from None
        return _once_charged(twin, details)
    if placed.payment is None:
        return placed
    payment = charge(placed.payment, token=details.payment_token, at=at)
    return Placed(payment.order, payment, lines=placed.lines)


def _earlier_order(shopper: Shopper, key: CheckoutKey, details: CheckoutDetails) -> Order | None:
    """The order that this key, or the cart it names, has become. Raises KeyReused, AlreadyOrdered."""
    claimed = IdempotencyKey.objects.filter(key=key.key).first()
    if claimed is not None:
        order = Order.objects.of_key(claimed, user=shopper.user, cart_key=shopper.key).first()
        if order is None and key.cart_id is None:
            raise KeyReused
        if order is not None and claimed.request_hash != details.request_hash():
            raise KeyReused if key.cart_id is None else AlreadyOrdered(order)
        return order
    if key.cart_id is not None:
        own = Order.objects.owned_by(user=shopper.user, cart_key=shopper.key)
        order = own.filter(cart_id=key.cart_id).first()
        if order is not None:
            raise AlreadyOrdered(order)
    return None


def _once_charged(order: Order, details: CheckoutDetails) -> Placed:
    """The order with its latest payment, once that has its gateway's answer. Raises InProgress."""
    latest = order.payments.order_by("-created_at").first()
    payment = None if latest is None else once_answered(latest)
    order = Order.objects.select_related("shipping_method").get(pk=order.pk)
    is_kept_waiting = details.payment_token and payment is None and order.is_awaiting_payment()
    return Placed(order, payment, missing_details(order) if is_kept_waiting else ())


@use_case
def _write_order(*, shopper: Shopper, cart_id: int, details: CheckoutDetails, key: CheckoutKey, at: datetime) -> Placed:
    """Transaction 1: key → cart → order and payment → stock.

    Raises Claimed, also when another key ordered the cart first, and what
    `place_order` says.
    """
    claimed = claim(key.key, details.request_hash(), at=at)
    cart = Cart.objects.select_for_update(of=("self",)).get(pk=cart_id)
    if cart.status == Cart.Status.ORDERED:
        raise Claimed
    lines = list(CartLine.objects.filter(cart=cart).select_related("variant__product").order_by("variant_id"))
    if cart.status != Cart.Status.OPEN:
        raise CartChanged
    if not lines:
        raise EmptyCart
    for line in lines:
        if not line.variant.is_sellable():
            raise NotForSale(str(line.variant), line.variant.sku)
    country = details.address.country or settings.SHOP_COUNTRY
    quoted, method = quote_for(lines, country=country, details=details)
    order = _new_order(shopper, cart, claimed, details, quoted, method, country, at)
    ordered = _new_lines(order, lines, quoted)
    missing = missing_details(order)
    payment = start_payment(order, at=at) if details.payment_token and order.total and not missing else None
    held = {line.variant_id: line.quantity for line in lines if line.variant.track_stock}
    stock.reserve(held, reference=order.stock_reference, at=at)
    Cart.objects.filter(pk=cart.pk).update(status=Cart.Status.ORDERED)
    record(order, OrderEvent.Kind.PLACED, at=at, by=shopper.user)
    if not order.total and not missing:
        mark_paid(order, at=at)
    return Placed(order, payment, missing if details.payment_token else (), ordered)


def quote_for(lines: list[CartLine], *, country: str, details: CheckoutDetails) -> tuple[Quote, ShippingMethod | None]:
    """Quote the lines as `details` ask. Raises NoDelivery and TotalChanged."""
    taxes = tax_table(country)
    goods = quote_lines(lines, taxes=taxes, method=None)
    methods = methods_for(country, currency=goods.currency, subtotal=goods.subtotal)
    wanted = details.shipping_method
    method = next((m for m in methods if m.code == wanted), None) if wanted else next(iter(methods), None)
    if method is None:
        raise NoDelivery(possible.code for possible in methods)
    quoted = quote_lines(lines, taxes=taxes, method=method)
    if details.expected_total not in (None, quoted.total):
        raise TotalChanged(expected=details.expected_total, total=quoted.total, currency=quoted.currency)
    return quoted, method


def _new_order(
    shopper: Shopper,
    cart: Cart,
    claim: IdempotencyKey,
    details: CheckoutDetails,
    quoted: Quote,
    method: ShippingMethod | None,
    country: str,
    at: datetime,
) -> Order:
    address = AddressDetails(**{**details.address.columns(), "country": country})
    billing = details.billing or address
    return Order.objects.create(
        user=shopper.user,
        cart=cart,
        claim=claim,
        email=details.email,
        **address.columns(),
        **billing.columns("billing_"),
        shipping_method=method,
        shipping_name=method.name if method else "",
        currency=quoted.currency,
        prices_include_tax=quoted.prices_include_tax,
        subtotal=quoted.subtotal,
        discount=quoted.discount,
        shipping=quoted.shipping,
        shipping_tax_rate=quoted.shipping_tax_rate,
        shipping_tax=quoted.shipping_tax,
        tax=quoted.tax,
        net=quoted.net,
        total=quoted.total,
        placed_at=at,
        hold_until=at + HOLD,
    )


def _new_lines(order: Order, lines: list[CartLine], quoted: Quote) -> list[OrderLine]:
    variants = {line.variant_id: line.variant for line in lines}
    return OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            variant=variants[line.key],
            sku=variants[line.key].sku,
            name=variants[line.key].product.name,
            variant_title=variants[line.key].title,
            unit_price=line.unit_price,
            quantity=line.quantity,
            line_total=line.line_total,
            discount=line.discount,
            tax_rate=line.tax_rate,
            tax=line.tax,
            stock_reserved=variants[line.key].track_stock,
        )
        for line in quoted.lines
    )
