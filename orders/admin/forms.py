from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import Order
from orders.units import open_units


class ShipmentForm(forms.Form):
    """A parcel: who carries it, and how many units of each open line are in it (all, unless changed)."""

    carrier = forms.CharField(label=gettext_lazy("carrier"), max_length=80, required=False)
    tracking_number = forms.CharField(label=gettext_lazy("tracking number"), max_length=80, required=False)

    def __init__(self, *args, order: Order, **kwargs):
        super().__init__(*args, **kwargs)
        left = open_units(order)
        self.lines = [line for line in order.lines.all() if line.pk in left]
        for line in self.lines:
            self.fields[f"units_{line.pk}"] = forms.IntegerField(
                label=f"{line.sku} – {line.name}", min_value=0, max_value=left[line.pk], initial=left[line.pk]
            )

    def units(self) -> dict[int, int]:
        """``{order line id: units}`` of the lines that are in the parcel."""
        entered = {line.pk: self.cleaned_data[f"units_{line.pk}"] for line in self.lines}
        return {line_id: units for line_id, units in entered.items() if units}

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not self.units():
            raise forms.ValidationError(_("Put at least one unit into the parcel."))
        return cleaned


class CancellationForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)
