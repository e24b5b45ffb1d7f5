from functools import cached_property

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import stock
from catalog.admin.options import OptionsField
from catalog.editing import check_on_sale
from catalog.errors import InvalidPicture, InvalidPrice, NothingToSell, UnitsReserved
from catalog.models import Product, ProductImage, Variant
from catalog.pictures import enqueue_widths, keep_files, prepare_picture
from catalog.prices import set_price
from catalog.text import clean_description
from catalog.variant_options import title_of
from pricing.money import DECIMAL_PLACES, MAX_DIGITS, rounded


class ProductForm(forms.ModelForm):
    class Meta:
        model = Product
        fields = [
            "name",
            "slug",
            "status",
            "category",
            "brand",
            "tax_class",
            "summary",
            "description",
            "seo_title",
            "seo_description",
        ]

    def clean_description(self):
        return clean_description(self.cleaned_data["description"])


class PictureForm(forms.ModelForm):
    upload = forms.FileField(
        label=gettext_lazy("file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif,image/avif"}),
    )
    position = forms.IntegerField(label=gettext_lazy("position"), min_value=0, max_value=9999, required=False)

    class Meta:
        model = ProductImage
        fields = ["alt_text", "position"]

    def clean_upload(self):
        upload = self.cleaned_data["upload"]
        if upload is None:
            if not self.instance.pk:
                raise forms.ValidationError(_("Choose a picture."))
            return None
        try:
            return prepare_picture(upload)
        except InvalidPicture as error:
            raise forms.ValidationError(f"{error} {error.fix}") from error

    def clean_position(self):
        return _position_or_last(self)

    def save(self, commit=True):
        if ready := self.cleaned_data["upload"]:
            keep_files(ready, self.instance)
        picture = super().save(commit)
        if ready and commit:
            enqueue_widths(picture)
        return picture


class VariantForm(forms.ModelForm):
    """One row of the variants.

    Prices and stock tracking are no columns of it: `book` passes them to
    `catalog.prices` and `catalog.stock` once the row is saved.
    """

    options = OptionsField(label=gettext_lazy("options"), required=False, empty_value="")
    price = forms.DecimalField(
        label=gettext_lazy("price"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, min_value=0, required=False
    )
    compare_at_price = forms.DecimalField(
        label=gettext_lazy("compare-at price"),
        max_digits=MAX_DIGITS,
        decimal_places=DECIMAL_PLACES,
        min_value=0,
        required=False,
        help_text=gettext_lazy("The price before a reduction."),
    )
    track_stock = forms.BooleanField(label=gettext_lazy("track stock"), initial=True, required=False)
    position = forms.IntegerField(label=gettext_lazy("position"), min_value=0, max_value=9999, required=False)

    class Meta:
        model = Variant
        fields = ["sku", "barcode", "weight_grams", "picture", "is_active", "position"]

    def __init__(self, *args, instance=None, initial=None, **kwargs):
        if instance is not None and instance.pk:
            initial = {
                "options": instance.options,
                "price": _in_digits(instance.price, instance.currency),
                "compare_at_price": _in_digits(instance.compare_at_price, instance.currency),
                "track_stock": instance.track_stock,
                **(initial or {}),
            }
        super().__init__(*args, instance=instance, initial=initial, **kwargs)

    @property
    def new_title(self) -> str:
        """The title that saving gives: unchanged options keep whatever title an import gave."""
        return title_of(self.cleaned_data["options"]) if "options" in self.changed_data else self.instance.title

    def clean_price(self):
        return self._checked_price("price")

    def clean_compare_at_price(self):
        return self._checked_price("compare_at_price")

    def clean_position(self):
        return _position_or_last(self)

    def clean_track_stock(self):
        wanted = self.cleaned_data["track_stock"]
        record = getattr(self.instance, "stock", None) if self.instance.pk else None
        if not wanted and record is not None and record.reserved:
            raise forms.ValidationError(
                str(UnitsReserved(self.instance.sku, record.reserved, stock.holders(self.instance.pk)))
            )
        return wanted

    def _checked_price(self, name):
        amount = self.cleaned_data[name]
        try:
            set_price(Variant(), amount)
        except InvalidPrice as error:
            raise forms.ValidationError(str(error)) from error
        return amount

    def save(self, commit=True):
        variant = self.instance
        columns = [name for name in self.changed_data if name in VariantForm.Meta.fields]
        if "options" in self.changed_data:
            variant.title = self.new_title
            variant.options = self.cleaned_data["options"]
            columns += ["title", "options"]
        if variant.pk:
            variant.save(update_fields=columns)  # the other columns may have moved on since the page was opened
            return variant
        variant.currency = settings.SHOP_CURRENCY
        variant.track_stock = False
        return super().save(commit)

    def book(self, *, by) -> None:
        """Hand the changed price and stock tracking to the modules that own them. Raises ShopError."""
        if {"price", "compare_at_price"}.intersection(self.changed_data):
            set_price(self.instance, self.cleaned_data["price"], compare_at_price=self.cleaned_data["compare_at_price"])
        wanted = self.cleaned_data["track_stock"]
        if wanted and not self.instance.track_stock:
            stock.start_tracking(self.instance)
        elif self.instance.track_stock and not wanted:
            stock.stop_tracking(self.instance, at=timezone.now(), by=by)


class VariantFormSet(forms.BaseInlineFormSet):
    """The variants of a product; `may_count` says whether this person may switch stock tracking."""

    may_count = False

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "picture" in form.fields:
            form.fields["picture"].choices = self.picture_choices
        if form.instance.pk and not self.may_count and "track_stock" in form.fields:
            form.fields["track_stock"].disabled = True

    @cached_property
    def picture_choices(self):
        pictures = self.instance.images.order_by("position", "pk") if self.instance.pk else []
        named = [(picture.pk, f"{number}: {picture.alt_text}") for number, picture in enumerate(pictures, start=1)]
        return [("", "–"), *named]

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        forms_kept = [form for form in self.forms if form.instance.pk or form.has_changed()]
        self._check_titles(forms_kept)
        prices = [form.cleaned_data["price"] for form in forms_kept if form.cleaned_data["is_active"]]
        try:
            check_on_sale(self.instance.status, prices)
        except NothingToSell as error:
            raise forms.ValidationError(f"{error} {error.fix}") from error

    def _check_titles(self, kept):
        """No two variants alike, nor one called what another still is until it is saved."""
        seen: dict[str, VariantForm] = {}
        for form in kept:
            for title in {form.new_title, form.instance.title} if form.instance.pk else {form.new_title}:
                if seen.setdefault(title, form) is not form:
                    raise forms.ValidationError(
                        _("Two variants have the same options (%(title)s). Tell them apart, one save at a time.")
                        % {"title": title or _("none")}
                    )


def _position_or_last(form):
    """What was entered, or the place behind the rows that the product has."""
    position = form.cleaned_data["position"]
    if position is not None:
        return position
    return type(form.instance).objects.filter(product_id=form.instance.product_id).count()


def _in_digits(amount, currency):
    return None if amount is None else rounded(amount, currency)
