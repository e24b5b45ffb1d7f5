"""The cart for programs."""

from decimal import Decimal

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import cache_control
from ninja import Router
from ninja.decorators import decorate_view

from cart import change
from cart.errors import NotInCart
from cart.models import CartLine
from cart.quantities import check_available
from cart.quoting import quote_lines
from cart.schemas import CartOut, NewQuantity, Quantity
from cart.session import current_carts, known_shopper, quoted_lines, shopper_of
from catalog.models import Product
from catalog.permissions import buyers
from catalog.schemas import Id
from pricing.errors import AmountTooHigh
from pricing.money import rounded
from pricing.schemas import Error
from pricing.tax import tax_table

router = Router(tags=["cart"], auth=buyers)


@router.get("/cart", response=CartOut, operation_id="view_cart", summary="The cart")
@decorate_view(cache_control(private=True, no_cache=True))
def view_cart(request: HttpRequest):
    """The account's, or this session's guest's; empty for whoever never added anything."""
    return cart_of(request)


@router.post(
    "/cart", response={200: CartOut, 404: Error, 409: Error}, operation_id="add_to_cart", summary="Add to the cart"
)
def add_to_cart(request: HttpRequest, product_id: Id, quantity: Quantity = 1, variant_id: Id | None = None):
    """Put so many more units of a product into the cart, all of them or none.

    Without `variant_id` the product's only variant is meant; of several one has to be named (422
    `variant_required`). More than is available is refused with 409 `out_of_stock`, whose `fields` name the `sku` and
    how many the cart may hold (`available`). A guest's first add sets the session's cookie.
    """
    product = get_object_or_404(Product.objects.viewable(), pk=product_id)
    variant = change.choose_variant(product, variant_id)
    check_available(variant, quantity)  # before a session is made for what cannot be
    change.add(shopper_of(request), variant=variant, quantity=quantity, at=timezone.now(), all_or_nothing=True)
    return cart_of(request)


@router.put(
    "/cart/{product_id}",
    response={200: CartOut, 404: Error, 409: Error},
    operation_id="update_cart",
    summary="Change a quantity",
)
def update_cart(request: HttpRequest, product_id: Id, quantity: NewQuantity, variant_id: Id | None = None):
    """Set how many units of a product the cart holds, 1 to 9,999; to take it out, send DELETE.

    404 `not_in_cart` when it is not in the cart. More than is available is refused with 409 `out_of_stock`, and the
    cart stays as it is.
    """
    shopper = known_shopper(request)
    if shopper is None:
        raise NotInCart
    meant = change.variant_in_cart(current_carts(request), product_id=product_id, variant_id=variant_id)
    if change.set_quantity(shopper, variant_id=meant, quantity=quantity, all_or_nothing=True) is None:
        raise NotInCart
    return cart_of(request)


@router.delete(
    "/cart/{product_id}",
    response={200: CartOut, 404: Error},
    operation_id="remove_from_cart",
    summary="Remove from the cart",
)
def remove_from_cart(request: HttpRequest, product_id: Id, variant_id: Id | None = None):
    """Take a product out of the cart: all its lines, or that of `variant_id`.

    404 `not_in_cart` when there is nothing of it, so also the second time.
    """
    shopper = known_shopper(request)
    if shopper is None:
        raise NotInCart
    change.remove_product(shopper, product_id=product_id, variant_id=variant_id)
    return cart_of(request)


def cart_of(request: HttpRequest) -> dict[str, object]:
    """The cart as `CartOut`, at today's prices: two statements, however many lines."""
    lines, currency = quoted_lines(request), settings.SHOP_CURRENCY
    subtotal, total = totals([line for line in lines if line.can_be_bought()])
    return {
        "items": [line_of(line, currency) for line in lines],
        "subtotal": rounded(subtotal, currency),
        "total": rounded(total, currency),
        "currency": currency,
    }


def line_of(line: CartLine, currency: str) -> dict[str, object]:
    variant = line.variant
    price = variant.price if variant.is_sellable() else None
    return {
        "product_id": variant.product_id,
        "variant_id": line.variant_id,
        "sku": variant.sku,
        "name": str(variant),
        "quantity": line.quantity,
        "unit_price": None if price is None else rounded(price, currency),
        "line_total": rounded((price or Decimal(0)) * line.quantity, currency),
        "notice": line.notice(),
    }


def totals(lines: list[CartLine]) -> tuple[Decimal, Decimal]:
    """What the lines come to, before and after discounts, without shipping."""
    if not lines:
        return Decimal(0), Decimal(0)
    try:
        quoted = quote_lines(lines, taxes=tax_table(settings.SHOP_COUNTRY), method=None)
    except AmountTooHigh:  # the checkout refuses it: until then the cart can be seen, and made smaller
        subtotal = sum((line.line_total() for line in lines), Decimal(0))
        return subtotal, subtotal
    return quoted.subtotal, quoted.goods
