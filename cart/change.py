"""Adding to a cart and changing it. Every function locks the cart first.

A cart that a checkout is turning into an order is waited for; what is added
then goes into the session's next cart, so nothing vanishes.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from cart.errors import NotInCart
from cart.models import Cart, CartLine
from cart.quantities import check_available, most
from cart.querysets import CartQuerySet
from catalog.errors import NotForSale, OutOfStock, UnknownVariant, VariantRequired
from catalog.models import Product, Variant
from catalog.transactions import use_case


@dataclass(frozen=True, slots=True)
class Shopper:
    """Whose cart it is: the session's key and, when logged in, the account."""

    key: str
    user: Any = None  # the account, an AUTH_USER_MODEL


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change came to: `quantity` is what the line holds now, `wanted` what was asked for."""

    variant: Variant
    quantity: int
    wanted: int

    def was_capped(self) -> bool:
        return self.quantity < self.wanted


def choose_variant(product: Product, variant_id: int | None) -> Variant:
    """The variant of `product` to add: the one named, or its only one.

    Raises NotForSale for what is not offered, UnknownVariant for what the
    product has never had, VariantRequired when there are several and none is
    named.
    """
    variants = list(product.variants.select_related("product", "stock").order_by("position", "pk"))
    offered = [variant for variant in variants if variant.is_sellable()]
    if variant_id is not None:
        if variant_id not in {variant.pk for variant in variants}:
            raise UnknownVariant(product.name, [variant.pk for variant in offered])
        offered = [variant for variant in offered if variant.pk == variant_id]
    if not offered:
        raise NotForSale(product.name)
    if len(offered) > 1:
        raise VariantRequired(product.name, [variant.pk for variant in offered])
    return offered[0]


@use_case
def add(shopper: Shopper, *, variant: Variant, quantity: int, at: datetime, all_or_nothing: bool = False) -> Changed:
    """Put `quantity` more units into the cart, as many as stock allows, or all of them or none.

    Raises OutOfStock when none is available, or not all that have to be, and
    NotForSale; the cart is then left as it is.
    """
    cart = lock_or_make_cart(shopper, at=at)
    variant = Variant.objects.select_related("product", "stock").get(pk=variant.pk)
    if variant.price is None or not variant.is_sellable():
        raise NotForSale(str(variant), variant.sku)
    line = cart.lines.filter(variant=variant).first()
    held = line.quantity if line else 0
    wanted = held + quantity
    if all_or_nothing:
        check_available(variant, wanted)
    kept = min(wanted, most(variant))
    if kept < 1:
        raise OutOfStock(variant.sku, 0, str(variant))
    if line is None:
        cart.lines.create(variant=variant, quantity=kept, unit_price=variant.price, added_at=at)
    else:
        cart.lines.filter(pk=line.pk).update(quantity=kept, wanted=None)
    return Changed(variant, kept, wanted)


@use_case
def set_quantity(shopper: Shopper, *, variant_id: int, quantity: int, all_or_nothing: bool = False) -> Changed | None:
    """Set a line's quantity, as far as stock allows; 0 removes it. None when there is no such line.

    With `all_or_nothing` raises NotForSale, and OutOfStock for more than is
    available, and leaves the line as it is.
    """
    cart = lock_open_cart(shopper)
    if cart is None:
        return None
    line = cart.lines.select_related("variant__product", "variant__stock").filter(variant_id=variant_id).first()
    if line is None:
        return None
    if all_or_nothing:
        if not line.variant.is_sellable():
            raise NotForSale(str(line.variant), line.variant.sku)
        check_available(line.variant, quantity)
    kept = min(quantity, max(most(line.variant), 1))
    if quantity == 0:
        line.delete()
    else:
        CartLine.objects.filter(pk=line.pk).update(quantity=kept, wanted=None, unit_price=line.variant.price or 0)
    return Changed(line.variant, kept, quantity)


def remove(shopper: Shopper, *, variant_id: int) -> Changed | None:
    """Take a line out of the cart. None when there is no such line."""
    return set_quantity(shopper, variant_id=variant_id, quantity=0)


@use_case
def remove_product(shopper: Shopper, *, product_id: int, variant_id: int | None = None) -> None:
    """Take all lines of a product out of the cart, or the one of a variant. Raises NotInCart."""
    cart = lock_open_cart(shopper)
    lines = CartLine.objects.filter(cart=cart, variant__product=product_id)
    if variant_id is not None:
        lines = lines.filter(variant=variant_id)
    if cart is None or not lines.delete()[0]:
        raise NotInCart


def variant_in_cart(carts: CartQuerySet, *, product_id: int, variant_id: int | None) -> int:
    """The id of the variant whose line is meant: the one named, or the product's only one.

    Raises NotInCart, and VariantRequired where the product has several.
    """
    lines = CartLine.objects.filter(cart__in=carts, variant__product=product_id).for_quoting()
    found = [line.variant for line in lines if variant_id in (None, line.variant_id)]
    if not found:
        raise NotInCart
    if variant_id is None:
        product = found[0].product
        choice = {variant.pk for variant in found} | set(product.variants.sellable().values_list("pk", flat=True))
        if len(choice) > 1:
            raise VariantRequired(product.name, sorted(choice))
    return found[0].pk


@use_case
def fit_to_stock(shopper: Shopper) -> list[Changed]:
    """Lower each line to what is available, keeping sold-out ones to be seen; returns what was lowered."""
    cart = lock_open_cart(shopper)
    lowered = []
    for line in cart.lines.select_related("variant__product", "variant__stock").order_by("pk") if cart else ():
        kept = max(most(line.variant), 1)
        if kept < line.quantity:
            CartLine.objects.filter(pk=line.pk).update(quantity=kept, wanted=line.quantity)
            lowered.append(Changed(line.variant, kept, line.quantity))
    return lowered


def lock_open_cart(shopper: Shopper) -> Cart | None:
    """The shopper's open cart, locked until the transaction ends; None if there is none.

    Waits for whoever holds it. Call inside a transaction.
    """
    found = Cart.objects.open().reachable_by(user=shopper.user, key=shopper.key)
    carts = list(found.select_for_update(of=("self",)).order_by("pk"))
    return _one_of(carts, shopper) if carts else None


def lock_or_make_cart(shopper: Shopper, *, at: datetime) -> Cart:
    """As `lock_open_cart`, with a new cart where there is none."""
    while True:
        cart = lock_open_cart(shopper)
        if cart is not None:
            return cart
        try:
            with transaction.atomic():
                # Each key is one shopper's, also once the account is gone.
                key = shopper.key or secrets.token_hex(20)
                return Cart.objects.create(key=key, user=shopper.user, created_at=at)
        except IntegrityError:
            continue  # another request of this shopper made it first


def _one_of(carts: list[Cart], shopper: Shopper) -> Cart:
    """The account's cart, with a guest's cart of the same session taken into it."""
    if shopper.user is None:
        return carts[0]
    own = next((cart for cart in carts if cart.user_id == shopper.user.pk), None)
    guest = next((cart for cart in carts if cart.user_id is None), None)
    if guest is not None:
        if own is None:
            guest.user = shopper.user
            guest.save(update_fields=["user"])
            return guest
        _pour(guest, own)
    return own or carts[0]


def _pour(guest: Cart, own: Cart) -> None:
    """Add the guest's lines to the account's and consume the guest's cart. Both are locked."""
    lines = {line.variant_id: line for line in own.lines.all()}
    for line in guest.lines.select_related("variant__product", "variant__stock").order_by("pk"):
        here = lines.get(line.variant_id)
        wanted = line.quantity + (here.quantity if here else 0)
        kept = max(min(wanted, most(line.variant)), 1)
        changes = {"quantity": kept, "wanted": wanted if kept < wanted else None}
        if here is None:
            CartLine.objects.filter(pk=line.pk).update(cart=own, **changes)
        else:
            CartLine.objects.filter(pk=here.pk).update(**changes)
    guest.status = Cart.Status.MERGED
    guest.save(update_fields=["status"])


@use_case
def merge_at_log_in(shopper: Shopper) -> None:
    """Take the guest's cart of this session into the account's; a second call adds nothing."""
    lock_open_cart(shopper)
