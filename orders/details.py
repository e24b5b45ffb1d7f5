"""What a checkout says, whichever door it comes through: plain values."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from decimal import Decimal

ADDRESS_FIELDS = (
    "full_name",
    "address_line1",
    "address_line2",
    "city",
    "postcode",
    "region",
    "country",
    "phone",
)


@dataclass(frozen=True, slots=True)
class AddressDetails:
    """A postal address; `country` is ISO 3166."""

    full_name: str = ""
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    postcode: str = ""
    region: str = ""
    country: str = ""
    phone: str = ""

    def columns(self, prefix: str = "") -> dict[str, str]:
        """The address as columns of `Order`: ``billing_`` for the billing one."""
        return {f"{prefix}{name}": value for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class CheckoutDetails:
    """All that a shopper gives.

    `shipping_method` is a method's code, the cheapest when empty; without a
    `payment_token` the order awaits payment. `expected_total` (in the shop's
    currency) is what the shopper saw: it can only refuse.
    """

    email: str = ""
    address: AddressDetails = field(default_factory=AddressDetails)
    billing: AddressDetails | None = None  # None: as delivery
    shipping_method: str = ""
    payment_token: str = ""
    expected_total: Decimal | None = None

    def request_hash(self) -> str:
        """Fingerprint of the request, kept beside its idempotency key."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=str).encode()).hexdigest()

    def missing(self) -> list[str]:
        """Names of the fields that a charge needs and that are empty."""
        values = {
            "email": self.email,
            "full_name": self.address.full_name,
            "address_line1": self.address.address_line1,
            "country": self.address.country,
        }
        return [name for name, value in values.items() if not value]
