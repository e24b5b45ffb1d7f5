"""What the peer takes and gives: the fields of the shop's own schemas, as pydantic models. Amounts are JSON numbers."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, PlainSerializer

Number = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
Money = Number


class Picture(BaseModel):
    id: int
    url: str
    alt_text: str
    width: int
    height: int


class VariantOut(BaseModel):
    id: int
    sku: str
    title: str
    options: dict[str, str]
    price: Money | None
    compare_at_price: Money | None
    currency: str
    stock: int | None
    barcode: str
    weight_grams: int | None
    image: str | None


class ProductOut(BaseModel):
    id: int
    name: str
    description: str
    price: Money | None
    currency: str
    sku: str
    stock: int | None
    category: str | None
    url: str
    image: str | None
    variants: list[VariantOut]
    summary: str
    brand: str
    status: Literal["draft", "active", "archived"]
    images: list[Picture]
    created_at: datetime


class CartLineOut(BaseModel):
    product_id: int
    variant_id: int
    sku: str
    name: str
    quantity: int
    unit_price: Money | None
    line_total: Money
    notice: str


class CartOut(BaseModel):
    items: list[CartLineOut]
    subtotal: Money
    total: Money
    currency: str


class AddressOut(BaseModel):
    full_name: str = ""
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""
    country: str = ""
    phone: str = ""


class CheckoutIn(AddressOut):
    email: str = ""
    billing: AddressOut | None = None
    shipping_method: str = ""
    payment_token: str = ""
    expected_total: Decimal | None = None


class PaymentOut(BaseModel):
    status: Literal["paid", "declined", "needs_action", "unknown", "none"]
    code: str
    detail: str
    action_url: str


class OrderLineOut(BaseModel):
    id: int
    product_id: int
    variant_id: int
    sku: str
    name: str
    variant_title: str
    price: Money
    quantity: int
    line_total: Money
    discount: Money
    tax_rate: Number
    tax: Money


class OrderOut(BaseModel):
    id: int
    number: str
    status: Literal["awaiting_payment", "paid"]
    items: list[OrderLineOut]
    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money
    net: Money
    total: Money
    currency: str
    prices_include_tax: bool
    email: str
    delivery: AddressOut
    billing: AddressOut
    shipping_method: str
    payment: PaymentOut
    shipments: list[str]
    refunds: list[str]
    token: str
    url: str
    created_at: datetime
    hold_until: datetime
