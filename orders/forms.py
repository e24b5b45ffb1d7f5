from collections.abc import Callable, Iterable

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.addresses import clean_address, countries, region_choices
from orders.checkout import CheckoutKey
from orders.details import ADDRESS_FIELDS, AddressDetails, CheckoutDetails
from payments.gateway import get_gateway
from pricing.money import DECIMAL_PLACES, MAX_DIGITS

CART_SIGNER = Signer(salt="orders.checkout.cart")


def address_fields(section: str) -> dict[str, forms.Field]:
    """Fields of an address with the autofill names of WCAG 1.3.5 for ``shipping`` or ``billing``."""

    def text(label, token: str, length: int, *, missing: str = "", **attrs) -> forms.CharField:
        attrs["autocomplete"] = f"{section} {token}"
        return forms.CharField(
            label=label,
            max_length=length,
            required=bool(missing),
            widget=forms.TextInput(attrs=attrs),
            error_messages={"required": missing},
        )

    return {
        "full_name": text(_("Full name"), "name", 150, missing=_("Enter your full name.")),
        "address_line1": text(_("Address"), "address-line1", 200, missing=_("Enter street and house number.")),
        "address_line2": text(_("Address line 2"), "address-line2", 200),
        "postcode": text(_("Postcode"), "postal-code", 20),
        "city": text(_("City"), "address-level2", 120),
        "region": text(_("Region"), "address-level1", 120),
        "country": forms.ChoiceField(
            label=_("Country"),
            choices=countries,
            widget=forms.Select(attrs={"autocomplete": f"{section} country"}),
        ),
        "phone": forms.CharField(
            label=_("Phone"),
            max_length=40,
            required=False,
            help_text=_("Only for questions about the delivery."),
            widget=forms.TextInput(attrs={"type": "tel", "autocomplete": f"{section} tel"}),
        ),
    }


class PaymentForm(forms.Form):
    """One more try to pay an order."""

    payment_token = forms.CharField(
        label=_("How do you want to pay?"),
        max_length=100,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you want to pay.")},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        choices = get_gateway().choices()
        self.fields["payment_token"].widget.choices = choices
        self.fields["payment_token"].initial = choices[0][0]


class CheckoutForm(PaymentForm):
    """The whole checkout: contact, delivery, billing when it differs, method and payment."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("For the confirmation of your order."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter an e-mail address like name@example.com."),
        },
    )
    shipping_method = forms.CharField(label=_("Delivery method"), max_length=50, required=False)
    billing_same = forms.BooleanField(
        label=_("The billing address is the delivery address"), required=False, initial=True
    )
    idempotency_key = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    expected_total = forms.DecimalField(
        label=_("Total"),
        max_digits=MAX_DIGITS,
        decimal_places=DECIMAL_PLACES,
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(address_fields("shipping"))
        for name, field in address_fields("billing").items():
            field.required = False
            field.label = format_lazy("{} ({})", field.label, _("billing"))
            self.fields[f"billing_{name}"] = field
        self.fields["country"].initial = self.fields["billing_country"].initial = settings.SHOP_COUNTRY
        self.fields["country"].required = False
        for prefix in ("", "billing_"):
            regions = region_choices(str(self[f"{prefix}country"].value()))
            if regions:
                attrs = self.fields[f"{prefix}region"].widget.attrs
                self.fields[f"{prefix}region"].widget = forms.Select(attrs, choices=[("", ""), *regions])

    def clean(self):
        cleaned = super().clean()
        cleaned["country"] = cleaned.get("country") or settings.SHOP_COUNTRY
        self._clean_address("")
        if self.bills_elsewhere():
            cleaned["billing_country"] = cleaned.get("billing_country") or cleaned["country"]
            for name in ("billing_full_name", "billing_address_line1"):
                if name not in self.errors and not cleaned.get(name):
                    self.add_error(name, self.fields[name].error_messages["required"])
            self._clean_address("billing_")
        return cleaned

    def bills_elsewhere(self) -> bool:
        """Whether another billing address is given: the tick is gone and something is filled in."""
        cleaned = self.cleaned_data
        return not cleaned.get("billing_same") and any(cleaned.get(f"billing_{name}") for name in ADDRESS_FIELDS)

    def details(self) -> CheckoutDetails:
        """What the form says, as `place_order` takes it."""
        cleaned = self.cleaned_data
        return CheckoutDetails(
            email=cleaned["email"],
            address=self._address(""),
            billing=self._address("billing_") if self.bills_elsewhere() else None,
            shipping_method=cleaned["shipping_method"],
            payment_token=cleaned["payment_token"],
            expected_total=cleaned["expected_total"],
        )

    def offer_countries(self, delivers: Iterable[Callable[[str], bool]]) -> None:
        """Let the page name only countries that one of the delivery methods goes to."""
        ways = list(delivers)
        self.fields["country"].choices = [
            (code, name) for code, name in countries() if any(delivers_to(code) for delivers_to in ways)
        ]

    def stand_for(self, cart_id: int, *, total: str) -> None:
        """Make the page's hidden fields those of this cart and this total, also when it is shown again."""
        keep = {"idempotency_key": CART_SIGNER.sign(str(cart_id)), "expected_total": total}
        if self.is_bound:
            self.data = self.data.copy()
            for name, value in keep.items():
                self.data.setlist(name, [value])
        else:
            self.initial |= keep

    def country(self) -> str:
        """Where the page quotes delivery to: the country chosen, the shop's own for what is no choice."""
        chosen = self["country"].value()
        return chosen if chosen in dict(countries()) else settings.SHOP_COUNTRY

    def key(self, cart_id: int | None) -> CheckoutKey:
        """The idempotency key: of the cart that the form was rendered for, or a client's own.

        Without one, the current cart stands for itself.
        """
        given = self.cleaned_data["idempotency_key"]
        if not given:
            return CheckoutKey.of_cart(cart_id or 0)
        try:
            return CheckoutKey.of_cart(int(CART_SIGNER.unsign(given)))
        except BadSignature:
            looks_signed = given.partition(CART_SIGNER.sep)[0].isdecimal()
            return CheckoutKey.of_cart(0) if looks_signed else CheckoutKey.of_client(given)

    def _address(self, prefix: str) -> AddressDetails:
        return AddressDetails(**{name: self.cleaned_data.get(f"{prefix}{name}", "") for name in ADDRESS_FIELDS})

    def _clean_address(self, prefix: str) -> None:
        values = {name: self.cleaned_data.get(f"{prefix}{name}") or "" for name in ADDRESS_FIELDS}
        try:
            values = clean_address(values)
        except ValidationError as error:
            for name, sentences in error.message_dict.items():
                if f"{prefix}{name}" in self.fields and f"{prefix}{name}" not in self.errors:
                    self.add_error(f"{prefix}{name}", sentences)
        else:
            self.cleaned_data.update({f"{prefix}{name}": value for name, value in values.items()})
