"""What the API takes and gives about a cart."""

from typing import Annotated

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import BeforeValidator, Field

from cart.errors import InvalidQuantity
from cart.quantities import HIGHEST_QUANTITY, parse_quantity
from pricing.schemas import Money


def _new_quantity(text: object) -> int:
    """Raises InvalidQuantity, for zero with what to do instead."""
    typed = str(text).strip()
    if typed and not typed.strip("0"):
        raise InvalidQuantity(_("A line holds at least one unit: to take it out of the cart, send DELETE."))
    return parse_quantity(text)


_range = Field(ge=1, le=HIGHEST_QUANTITY, examples=[2])
Quantity = Annotated[int, BeforeValidator(parse_quantity), _range]
NewQuantity = Annotated[int, BeforeValidator(_new_quantity), _range]


class CartLineOut(Schema):
    """`notice` says what changed since it was added, such as a new price; empty when nothing did."""

    product_id: int
    variant_id: int
    sku: str
    name: str = Field(examples=["Oak shelf (M)"])
    quantity: int
    unit_price: Money | None = Field(description="Today's; null for what is no longer sold.")
    line_total: Money
    notice: str


class CartOut(Schema):
    """`total` is `subtotal` − discounts, without shipping; what cannot be bought just now is no part of it."""

    items: list[CartLineOut]
    subtotal: Money
    total: Money
    currency: str = Field(examples=["EUR"])
