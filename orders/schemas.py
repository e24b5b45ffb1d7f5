"""What the API takes and gives about orders."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints, WithJsonSchema

from catalog.schemas import Id, Taken, example
from orders.details import ADDRESS_FIELDS, AS_DELIVERY, AddressDetails, CheckoutDetails, fingerprint_of
from orders.states import OrderStatus
from pricing.schemas import Money, MoneyIn

ORDERED = {
    "email": "ada@example.org",
    "full_name": "Ada Lovelace",
    "address_line1": "Lindenstraße 9",
    "postcode": "10969",
    "city": "Berlin",
    "country": "DE",
    "payment_token": "tok_visa",  # the test gateway's
}
Status = Annotated[str, WithJsonSchema({"type": "string", "enum": OrderStatus.values})]


class AddressIn(Taken):
    """`country` is ISO 3166; which other fields an address needs, its country decides."""

    full_name: Annotated[str, StringConstraints(max_length=150)] = ""
    address_line1: Annotated[str, StringConstraints(max_length=200)] = ""
    address_line2: Annotated[str, StringConstraints(max_length=200)] = ""
    city: Annotated[str, StringConstraints(max_length=120)] = ""
    postcode: Annotated[str, StringConstraints(max_length=20)] = ""
    region: Annotated[str, StringConstraints(max_length=120)] = ""
    country: Annotated[str, StringConstraints(max_length=2)] = Field("", examples=["DE"])
    phone: Annotated[str, StringConstraints(max_length=40)] = ""

    def address(self) -> AddressDetails:
        return AddressDetails(**{name: getattr(self, name).strip() for name in ADDRESS_FIELDS})


class DetailsIn(AddressIn):
    """Where an order goes and who pays.

    What is left out stays as it is known: at checkout from the account and its default addresses, later from the
    order itself. Of an address the place (street to country) is one thing: another one is taken as it is given.
    """

    model_config = example(**ORDERED)

    email: Annotated[str, StringConstraints(max_length=254)] = Field("", examples=["ada@example.org"])
    billing: AddressIn | None = Field(
        None, description="Left out: the account's or the order's own, if there is another than for delivery."
    )
    billing_same: bool | None = Field(None, description="True: as delivery, whatever else is given or known.")
    shipping_method: Annotated[str, StringConstraints(max_length=50)] = Field(
        "",
        description="Its code, which the shop's staff give it; the cheapest one that goes there if left out. "
        "One that is none is refused with `no_delivery`, whose `fields` name those possible.",
        examples=["standard"],
    )
    payment_token: Annotated[str, StringConstraints(max_length=100)] = Field(
        "", description="Without one the order awaits payment.", examples=["tok_visa"]
    )

    def details(self) -> CheckoutDetails:
        """What is given, as `place_order` and `pay` take it."""
        billing = None if self.billing is None else self.billing.address()
        return CheckoutDetails(
            email=self.email,
            address=self.address(),
            billing=AS_DELIVERY if self.billing_same else billing,
            shipping_method=self.shipping_method,
            payment_token=self.payment_token,
        )

    def fingerprint(self) -> str:
        """Of the request, whatever its key, and however its JSON is written."""
        return fingerprint_of(self.model_dump(exclude={"idempotency_key"}))


class CheckoutIn(DetailsIn):
    expected_total: MoneyIn | None = Field(
        None, description="What the shopper saw: another total is refused with `total_changed`."
    )
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] = Field(
        "", description="For clients that cannot send the header."
    )

    def details(self) -> CheckoutDetails:
        return replace(super().details(), expected_total=self.expected_total)


class PaymentOut(Schema):
    """How the last try to pay went; the shopper has to go to `action_url` for `needs_action`."""

    status: Literal["paid", "declined", "needs_action", "unknown", "none"]
    code: str = Field(
        description="Why not, as the payment provider calls it; `details_missing` where no charge was tried.",
        examples=["card_declined"],
    )
    detail: str
    action_url: str


class AddressOut(Schema):
    full_name: str
    address_line1: str
    address_line2: str
    city: str
    postcode: str
    region: str
    country: str
    phone: str


class OrderLineOut(Schema):
    """As it was when ordered. `price` is the unit price."""

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
    tax_rate: Annotated[Decimal, Field(json_schema_extra={"type": "number"})]
    tax: Money


class ShipmentOut(Schema):
    id: int
    carrier: str
    tracking_number: str
    created_at: datetime
    items: list["UnitsOut"]


class UnitsOut(Schema):
    line_id: int
    quantity: int


class RefundOut(Schema):
    id: str
    amount: Money
    currency: str
    status: Literal["initiated", "done", "failed"]
    reason: str
    created_at: datetime


class OrderOut(Schema):
    """`token` opens the order without a session: `?token=`; it is given to whoever ordered, not to staff."""

    id: int
    number: str = Field(examples=["7K3M-Q9TX"])
    status: Status
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
    shipping_method: str = Field(description="The delivery method's name.")
    payment: PaymentOut
    shipments: list[ShipmentOut]
    refunds: list[RefundOut]
    token: str | None
    url: str | None
    created_at: datetime
    hold_until: datetime = Field(description="Until then it waits for payment.")


class CancellationIn(Taken):
    model_config = example(reason="ordered twice")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = Field(
        "", examples=["ordered twice"]
    )


class Received(Schema):
    received: bool = True


class Units(Taken):
    line_id: Id
    quantity: Annotated[int, Field(ge=1, le=9_999, strict=True)]


class ShipmentIn(Taken):
    """A parcel with all that is open, or with the `items` given."""

    model_config = example(carrier="DHL", tracking_number="00340434161094042557")

    items: list[Units] | None = Field(None, min_length=1, max_length=1_000)
    carrier: Annotated[str, StringConstraints(max_length=80)] = ""
    tracking_number: Annotated[str, StringConstraints(max_length=80)] = ""


class RefundIn(Taken):
    """`amount` in the order's currency; all that is left of the payment without one. `items` says what it is for."""

    model_config = example(amount=1.00, reason="scratched")

    amount: MoneyIn | None = None
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    items: list[Units] | None = Field(None, min_length=1, max_length=1_000)


class ChargeOut(Schema):
    order_ref: str
    amount: Money
    currency: str
    status: str
