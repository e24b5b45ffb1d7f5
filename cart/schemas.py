"""What the API gives about a cart."""

from ninja import Schema
from pydantic import Field

from pricing.schemas import Money


class CartLineOut(Schema):
    """`notice` says what changed since it was added, such as a new price; empty when nothing did."""

    product_id: int
    variant_id: int
    sku: str
    name: str = Field(examples=["Oak shelf (M)"])
    quantity: int
    unit_price: Money | None
    line_total: Money
    notice: str


class CartOut(Schema):
    """`total` is `subtotal` − discounts, without shipping; what cannot be bought just now is no part of it."""

    items: list[CartLineOut]
    subtotal: Money
    total: Money
    currency: str = Field(examples=["EUR"])
