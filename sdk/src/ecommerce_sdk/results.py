"""What the shop answers, and what it is sent where that has a shape.

Amounts are in major units of the `currency` beside them, with all its digits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

T = TypeVar("T")

Amount = Decimal | int | float


class Page(list[T]):
    """A list, and where it goes on: `next_cursor` is None on the last page, `total` counts all pages on the first."""

    __slots__ = ("next_cursor", "total")

    def __init__(self, found: Iterable[T] = (), *, next_cursor: str | None = None, total: int | None = None) -> None:
        super().__init__(found)
        self.next_cursor = next_cursor
        self.total = total


@dataclass(frozen=True, slots=True)
class Health:
    message: str
    version: str


@dataclass(frozen=True, slots=True)
class Signup:
    detail: str


@dataclass(frozen=True, slots=True)
class Login:
    """The client keeps the token itself; it ends at `expires_at`, and when the password changes."""

    token: str = field(repr=False)
    token_type: str
    expires_at: datetime
    user_id: int
    email: str


@dataclass(frozen=True, slots=True)
class Category:
    """`parent` is the slug of the category above."""

    slug: str
    name: str
    parent: str | None
    url: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Width and height are in pixels."""

    id: int
    url: str
    alt_text: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Variant:
    """What can be bought. `stock` is what can be bought now, None where it is not tracked."""

    id: int
    sku: str
    title: str
    options: Mapping[str, str]
    price: Decimal | None
    compare_at_price: Decimal | None
    currency: str
    stock: int | None
    barcode: str
    weight_grams: int | None
    image: str | None


@dataclass(frozen=True, slots=True)
class Product:
    """`price` is the lowest of its variants, `stock` their sum (None if any is untracked), `sku` the default's.

    `status` is ``draft``, ``active`` or ``archived``; `category` is a slug.
    """

    id: int
    name: str
    description: str
    price: Decimal | None
    currency: str
    sku: str
    stock: int | None
    category: str | None
    url: str
    image: str | None
    variants: tuple[Variant, ...]
    summary: str
    brand: str
    status: str
    images: tuple[Picture, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewVariant:
    """A variant of a new product, at the product's price unless it has its own.

    With `stock` it is tracked from that count, without it always available.
    """

    options: Mapping[str, str]
    price: Amount | None = None
    sku: str | None = None
    compare_at_price: Amount | None = None
    stock: int | None = None
    barcode: str | None = None
    weight_grams: int | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """Units of one variant: `available` = `on_hand` − `reserved`; all None where stock is not tracked."""

    variant_id: int
    sku: str
    tracked: bool
    on_hand: int | None
    reserved: int | None
    available: int | None


@dataclass(frozen=True, slots=True)
class CartLine:
    """`notice` says what changed since it was added, such as a new price; empty when nothing did."""

    product_id: int
    variant_id: int
    sku: str
    name: str
    quantity: int
    unit_price: Decimal | None
    line_total: Decimal
    notice: str


@dataclass(frozen=True, slots=True)
class Cart:
    """`total` is `subtotal` − discounts, without shipping."""

    items: tuple[CartLine, ...]
    subtotal: Decimal
    total: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Address:
    """`country` is ISO 3166, such as ``DE``; which other fields an address needs, its country decides."""

    full_name: str = ""
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""
    country: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """How the last try to pay went: `status` is ``paid declined needs_action unknown`` or ``none``.

    For ``needs_action`` the shopper has to go to `action_url`.
    """

    status: str
    code: str
    detail: str
    action_url: str


@dataclass(frozen=True, slots=True)
class OrderLine:
    """As it was when ordered: `price` is the unit price, `tax_rate` is in percent."""

    id: int
    product_id: int
    variant_id: int
    sku: str
    name: str
    variant_title: str
    price: Decimal
    quantity: int
    line_total: Decimal
    discount: Decimal
    tax_rate: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Units:
    """So many units of an order line."""

    line_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Shipment:
    id: int
    carrier: str
    tracking_number: str
    created_at: datetime
    items: tuple[Units, ...]


@dataclass(frozen=True, slots=True)
class Refund:
    """`status` is ``initiated``, ``done`` or ``failed``."""

    id: str
    amount: Decimal
    currency: str
    status: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """`status` is one of ``awaiting_payment paid packed partly_shipped shipped delivered cancelled returned refunded
    partly_refunded``. `token` opens the order for whoever has it.
    """

    id: int
    number: str
    status: str
    items: tuple[OrderLine, ...]
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    tax: Decimal
    net: Decimal
    total: Decimal
    currency: str
    prices_include_tax: bool
    email: str
    delivery: Address
    billing: Address
    shipping_method: str
    payment: Payment
    shipments: tuple[Shipment, ...]
    refunds: tuple[Refund, ...]
    token: str | None = field(repr=False)
    url: str | None = field(repr=False)
    created_at: datetime
    hold_until: datetime


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge in the test gateway's own ledger; `order_ref` is the order's id."""

    order_ref: str
    amount: Decimal
    currency: str
    status: str
