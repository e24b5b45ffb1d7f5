from django import forms
from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pricing.models import ShippingMethod, TaxClass, TaxRate, check_country_list
from pricing.money import rounded, shown


class CountriesField(forms.CharField):
    """Codes of ISO 3166 as staff write them: ``DE, AT``."""

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        codes = [code.strip().upper() for code in super().to_python(value).split(",")]
        countries = list(dict.fromkeys(filter(None, codes)))
        check_country_list(countries)
        return countries

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)

    def run_validators(self, value):
        """Those of a CharField are for texts; `to_python` has checked the list."""


class ShippingMethodForm(forms.ModelForm):
    countries = CountriesField(
        label=gettext_lazy("countries"),
        required=False,
        help_text=gettext_lazy("Two capital letters each, for example DE, AT. Empty: every country."),
    )

    class Meta:
        model = ShippingMethod
        fields = [
            "code",
            "name",
            "description",
            "price",
            "free_from",
            "countries",
            "tax_class",
            "min_days",
            "max_days",
            "position",
            "is_active",
        ]

    def clean_price(self):
        return self._payable("price")

    def clean_free_from(self):
        return self._payable("free_from")

    def _payable(self, name):
        amount = self.cleaned_data[name]
        currency = self.instance.currency or settings.SHOP_CURRENCY
        if amount is not None and amount != rounded(amount, currency):
            raise forms.ValidationError(
                _("Enter a whole number of the smallest unit of %(currency)s.") % {"currency": currency}
            )
        return amount


@admin.register(ShippingMethod)
class ShippingMethodAdmin(admin.ModelAdmin):
    form = ShippingMethodForm
    list_display = [
        "name",
        "code",
        "shown_price",
        "shown_free_from",
        "shown_countries",
        "days",
        "position",
        "is_active",
    ]
    list_filter = ["is_active"]
    search_fields = ["name", "code"]
    ordering = ["position", "pk"]
    show_full_result_count = False

    def save_model(self, request, obj, form, change):
        obj.currency = obj.currency or settings.SHOP_CURRENCY
        super().save_model(request, obj, form, change)

    @admin.display(description=gettext_lazy("price"), ordering="price")
    def shown_price(self, method):
        return shown(method.price, method.currency)

    @admin.display(description=gettext_lazy("free from"), ordering="free_from")
    def shown_free_from(self, method):
        return "–" if method.free_from is None else shown(method.free_from, method.currency)

    @admin.display(description=gettext_lazy("countries"))
    def shown_countries(self, method):
        return ", ".join(method.countries) or _("every country")

    @admin.display(description=gettext_lazy("days"))
    def days(self, method):
        return f"{method.min_days}–{method.max_days}"


class TaxRateInline(admin.TabularInline):
    model = TaxRate
    fields = ["country", "rate"]
    extra = 1

    def get_queryset(self, request):
        return super().get_queryset(request).order_by("country")


class TaxClassForm(forms.ModelForm):
    class Meta:
        model = TaxClass
        fields = ["code", "name", "is_default"]

    def clean_is_default(self):
        is_default = self.cleaned_data["is_default"]
        other = TaxClass.objects.filter(is_default=True).exclude(pk=self.instance.pk).first()
        if is_default and other is not None:
            raise forms.ValidationError(_("“%(name)s” is the default; switch it off there first.") % {"name": other})
        return is_default


@admin.register(TaxClass)
class TaxClassAdmin(admin.ModelAdmin):
    form = TaxClassForm
    inlines = [TaxRateInline]
    list_display = ["name", "code", "is_default", "rates_shown"]
    search_fields = ["name", "code"]
    ordering = ["name", "pk"]
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("rates")

    @admin.display(description=gettext_lazy("rates"))
    def rates_shown(self, tax_class):
        rates = sorted(tax_class.rates.all(), key=lambda rate: rate.country)
        return ", ".join(f"{rate.country} {rate.rate.normalize():f} %" for rate in rates) or "–"
