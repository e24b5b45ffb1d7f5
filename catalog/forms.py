from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.menu import Branch
from pricing.money import DECIMAL_PLACES

HIGHEST_DIGITS = 11


class FilterForm(forms.Form):
    """What narrows a list, from its address. A field in error is told and otherwise ignored."""

    category = forms.ChoiceField(label=_("Category"), required=False)
    price_min = forms.DecimalField(
        label=_("Price from"),
        required=False,
        min_value=0,
        max_digits=HIGHEST_DIGITS,
        decimal_places=DECIMAL_PLACES,
        error_messages={"invalid": _("Enter a price, for example 12.50.")},
    )
    price_max = forms.DecimalField(
        label=_("Price to"),
        required=False,
        min_value=0,
        max_digits=HIGHEST_DIGITS,
        decimal_places=DECIMAL_PLACES,
        error_messages={"invalid": _("Enter a price, for example 12.50.")},
    )
    in_stock = forms.BooleanField(label=_("In stock only"), required=False)

    def __init__(self, *args, categories: list[Branch], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if categories:
            self.fields["category"].choices = [("", _("All")), *((branch.slug, branch.name) for branch in categories)]
        else:
            del self.fields["category"]

    def clean(self):
        cleaned = super().clean()
        lowest, highest = cleaned.get("price_min"), cleaned.get("price_max")
        if lowest is not None and highest is not None and lowest > highest:
            self.add_error("price_max", _("This is below the price to start from."))
        return cleaned
