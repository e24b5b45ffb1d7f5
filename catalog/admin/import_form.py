from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.importing.mapping import column_map
from catalog.importing.options import Options, StockRule
from pricing.errors import ShopError

LARGEST_UPLOAD = 19 * 1024 * 1024  # bytes; nginx, as the shop ships it, takes 20 MiB with what a form adds


class UploadForm(forms.Form):
    """A file to import, and how; `may_set_stock` says whether this person may have its counts booked."""

    file = forms.FileField(
        label=gettext_lazy("file"),
        help_text=gettext_lazy("From Shopify, WooCommerce, Magento, Spree, a merchant feed, or plain CSV or JSON."),
    )
    currency = forms.CharField(
        label=gettext_lazy("currency of the prices"), max_length=3, help_text=gettext_lazy("Others are left out.")
    )
    stock = forms.ChoiceField(
        label=gettext_lazy("stock of variants that the shop has"),
        choices=StockRule.choices,
        initial=StockRule.KEEP,
        widget=forms.RadioSelect,
    )
    strict = forms.BooleanField(
        label=gettext_lazy("Take in nothing unless all of it is right"),
        required=False,
    )
    fetch_images = forms.BooleanField(
        label=gettext_lazy("Fetch the pictures whose addresses the file names"),
        required=False,
    )
    columns = forms.CharField(
        label=gettext_lazy("columns"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy("Only for what is not found by itself: one a line, such as 3=barcode or Farbe=name."),
    )

    def __init__(self, *args, may_set_stock: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["currency"].initial = settings.SHOP_CURRENCY
        if not may_set_stock:
            del self.fields["stock"]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_UPLOAD:
            megabyte = 1024 * 1024
            sentence = _(
                "The file has %(size).1f MB; at most %(limit)d MB can be uploaded. Pack it with gzip, or have it taken "
                "in on the server: manage.py import_products FILE."
            )
            raise forms.ValidationError(sentence % {"size": file.size / megabyte, "limit": LARGEST_UPLOAD // megabyte})
        return file

    def clean_currency(self):
        currency = self.cleaned_data["currency"].strip().upper()
        if currency not in settings.CURRENCIES:
            raise forms.ValidationError(_("Write a currency as in ISO 4217, for example EUR."))
        return currency

    def clean_columns(self):
        lines = (line.strip() for line in self.cleaned_data["columns"].splitlines())
        try:
            return column_map(filter(None, lines))
        except ShopError as error:
            raise forms.ValidationError(str(error)) from error

    def options(self) -> Options:
        chosen = self.cleaned_data
        return Options(
            strict=chosen["strict"],
            stock=StockRule(chosen.get("stock", StockRule.KEEP)),
            currency=chosen["currency"],
            columns=chosen["columns"],
            fetch_images=chosen["fetch_images"],
        )
