"""What a checkout says, whichever door it comes through: plain values."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.addresses import clean_address, missing_in
from orders.errors import InvalidDetails

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
PLACE_FIELDS = ("address_line1", "address_line2", "city", "postcode", "region", "country")


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

    def or_known(self, known: "AddressDetails") -> "AddressDetails":
        """This address with what it leaves out from the one that is `known` already.

        Name, phone and country are taken each by itself. The place is one
        thing: it is the known one if nothing that is given says otherwise.
        """
        given = {name: value for name, value in asdict(self).items() if value}
        is_same_place = all(
            given[name].casefold() == getattr(known, name).casefold() for name in PLACE_FIELDS if name in given
        )
        kept = ADDRESS_FIELDS if is_same_place else ("full_name", "country", "phone")
        return AddressDetails(**{name: getattr(known, name) for name in kept} | given)


AS_DELIVERY = AddressDetails()  # a billing address that says: no other one than for delivery


@dataclass(frozen=True, slots=True)
class CheckoutDetails:
    """All that a shopper gives.

    `shipping_method` is a method's code, the cheapest when empty; without a
    `payment_token` the order awaits payment. `expected_total` (in the shop's
    currency) is what the shopper saw: it can only refuse. `fingerprint` is
    that of the request where more stands here than was sent.
    """

    email: str = ""
    address: AddressDetails = field(default_factory=AddressDetails)
    billing: AddressDetails | None = None  # None: as delivery
    shipping_method: str = ""
    payment_token: str = ""
    expected_total: Decimal | None = None
    fingerprint: str = ""

    def request_hash(self) -> str:
        """Fingerprint of the request, kept beside its idempotency key."""
        return self.fingerprint or fingerprint_of(
            {name: value for name, value in asdict(self).items() if name != "fingerprint"}
        )

    def missing(self) -> list[str]:
        """Names of the fields that a charge needs and that are empty, such as ``city`` and ``billing.city``."""
        names = [] if self.email else ["email"]
        names += missing_in(self.address.columns())
        if self.billing is not None:
            names += [f"billing.{name}" for name in missing_in(self.billing.columns())]
        return names

    def or_known(self, known: "CheckoutDetails") -> "CheckoutDetails":
        """These details with what they leave out from those that are `known` already."""
        address = self.address.or_known(known.address)
        billing = known.billing
        if self.billing == AS_DELIVERY:
            billing = None
        elif self.billing is not None:
            billing = self.billing.or_known(known.billing or AddressDetails(country=address.country))
        return replace(
            self,
            email=self.email or known.email,
            address=address,
            billing=billing,
            shipping_method=self.shipping_method or known.shipping_method,
        )

    def put_right(self) -> "CheckoutDetails":
        """These details as they are written where they lead to; what is empty stays so.

        Raises InvalidDetails, naming each field, for what no address or mailbox
        can be.
        """
        wrong: dict[str, str] = {}
        addresses = {"": self.address} | ({} if self.billing is None else {"billing.": self.billing})
        for prefix, address in addresses.items():
            try:
                addresses[prefix] = AddressDetails(**clean_address(address.columns(), complete=False))
            except ValidationError as error:
                wrong |= {f"{prefix}{name}": " ".join(said) for name, said in error.message_dict.items()}
        email = self.email.strip()
        try:
            if email:
                validate_email(email)
        except ValidationError as error:
            wrong["email"] = " ".join(error.messages)
        if wrong:
            raise InvalidDetails(wrong)
        return replace(self, email=email, address=addresses[""], billing=addresses.get("billing."))


def fingerprint_of(request: Any) -> str:
    """The fingerprint of plain values."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()


def known_details(user) -> CheckoutDetails:
    """What an account already told the shop, so that nothing is asked twice; of others, the shop's own country."""
    at_home = AddressDetails(country=settings.SHOP_COUNTRY)
    if not user.is_authenticated:
        return CheckoutDetails(address=at_home)
    addresses = list(user.addresses.order_by("-is_default", "-pk"))
    delivery = next(iter(addresses), None)
    billing = next((address for address in addresses if address.is_default_billing), None)
    return CheckoutDetails(
        email=user.email,
        address=replace(at_home, full_name=user.full_name) if delivery is None else address_of(delivery),
        billing=None if billing in (None, delivery) else address_of(billing),
    )


def address_of(row, prefix: str = "") -> AddressDetails:
    """The address in a row's columns."""
    return AddressDetails(**{name: getattr(row, f"{prefix}{name}") for name in ADDRESS_FIELDS})
