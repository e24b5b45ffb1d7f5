from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.address_book import keep_address
from accounts.addresses import FIELDS, clean_address, countries, needs_region, region_choices
from accounts.api_keys import MOST_KEYS, scopes_open_to
from accounts.models import Address, ApiKey, User
from accounts.signing_up import sign_up

longest_email = MaxLengthValidator(User._meta.get_field("email").max_length)


class PlainFields:
    """Labels above the fields in place of allauth's placeholders, and each password entered once."""

    labels: dict[str, Any] = {}
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            field.help_text = " ".join(password_validators_help_texts()) if name == "password1" else ""


class SignupForm(PlainFields, allauth_forms.SignupForm):
    labels = {"email": _("E-mail"), "password1": _("Password")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].validators.append(longest_email)

    def validate_unique_email(self, value: str) -> str:
        """Say nothing about whether the address is known."""
        return value

    def try_save(self, request: HttpRequest) -> tuple[None, HttpResponse]:
        """Answer in place of the view, which would log the new account in."""
        sign_up(request, email=self.cleaned_data["email"], password=self.cleaned_data["password1"])
        return None, get_adapter().respond_email_verification_sent(request, None)


class LoginForm(PlainFields, allauth_forms.LoginForm):
    labels = {"login": _("E-mail"), "password": _("Password")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ReauthenticateForm(PlainFields, allauth_forms.ReauthenticateForm):
    labels = {"password": _("Password")}


class ChangePasswordForm(PlainFields, allauth_forms.ChangePasswordForm):
    labels = {"oldpassword": _("Current password"), "password1": _("New password")}


class ResetPasswordForm(PlainFields, allauth_forms.ResetPasswordForm):
    labels = {"email": _("E-mail")}

    def clean_email(self) -> str:
        """Only whom the address belongs to gets a link, not whoever added it to an account unconfirmed."""
        email: str = super().clean_email()
        owner = User.objects.owner_of(email)
        self.users = [owner] if owner is not None and owner.is_active else []
        return email


class ResetPasswordKeyForm(PlainFields, allauth_forms.ResetPasswordKeyForm):
    labels = {"password1": _("New password")}


class AddEmailForm(PlainFields, allauth_forms.AddEmailForm):
    labels = {"email": _("E-mail")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].validators.append(longest_email)

    def clean_email(self) -> str:
        """Refuse while the log-in itself is not confirmed.

        Who opens an account with someone else's address could otherwise add
        their own, and keep a way in after the owner has taken the account over.
        """
        email: str = super().clean_email()
        if not EmailAddress.objects.filter(user=self.user, email=self.user.email, verified=True).exists():
            raise ValidationError(_("Confirm %(email)s first."), params={"email": self.user.email})
        return email


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("full_name",)
        widgets = {"full_name": forms.TextInput(attrs={"autocomplete": "name"})}


class AddressForm(forms.ModelForm):
    """An address of the book. A region is asked for where the chosen country needs one."""

    country = forms.ChoiceField(
        label=_("Country"), choices=countries, widget=forms.Select(attrs={"autocomplete": "country"})
    )

    class Meta:
        model = Address
        fields = (
            "full_name",
            "address_line1",
            "address_line2",
            "postcode",
            "city",
            "region",
            "country",
            "phone",
            "is_default",
            "is_default_billing",
        )
        widgets = {
            "full_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "address_line1": forms.TextInput(attrs={"autocomplete": "address-line1"}),
            "address_line2": forms.TextInput(attrs={"autocomplete": "address-line2"}),
            "postcode": forms.TextInput(attrs={"autocomplete": "postal-code"}),
            "city": forms.TextInput(attrs={"autocomplete": "address-level2"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["country"] = self.instance.country or settings.SHOP_COUNTRY
        for name in FIELDS:
            self.fields[name].required = False  # the country decides, in clean_address
        self.fields["region"].widget = self._region_widget(self["country"].value())

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        try:
            cleaned.update(clean_address({name: cleaned.get(name, "") for name in FIELDS}))
        except ValidationError as error:
            for name, sentences in error.message_dict.items():
                if name not in self.errors:
                    self.add_error(name, sentences)
        return cleaned

    def save(self, commit: bool = True) -> Address:
        address: Address = super().save(commit=False)
        if commit:
            keep_address(address)
        return address

    def _region_widget(self, country: str) -> forms.Widget:
        if not needs_region(country):
            return forms.HiddenInput()
        attrs = {"autocomplete": "address-level1"}
        choices = region_choices(country)
        return forms.Select(attrs, choices=[("", ""), *choices]) if choices else forms.TextInput(attrs)


class ApiKeyForm(forms.ModelForm):
    """A new key of `account`, with scopes among those that make sense for it."""

    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = ApiKey
        fields = ("name", "scopes")

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        choices = [(scope.value, scope.label) for scope in scopes_open_to(account)]
        self.fields["scopes"].choices = choices
        if len(choices) == 1:
            self.initial["scopes"] = [choices[0][0]]

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.account.api_keys.filter(revoked_at=None).count() >= MOST_KEYS:
            raise ValidationError(_("You have %(most)d keys in use. Revoke one first."), params={"most": MOST_KEYS})
        return self.cleaned_data
