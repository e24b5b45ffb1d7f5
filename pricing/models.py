from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pricing.fields import MoneyField
from pricing.querysets import ShippingMethodQuerySet

country_code = RegexValidator(r"^[A-Z]{2}$", _("Use the two capital letters of ISO 3166, for example DE."))


def check_country_list(value: object) -> None:
    """Refuse anything but a list of ISO 3166 codes in a JSON column."""
    if not isinstance(value, list):
        country_code("")
    else:
        for code in value:
            country_code(code)


class TaxClass(models.Model):
    """A kind of goods taxed alike; a product without one takes the default."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    is_default = models.BooleanField(_("default"), default=False)

    class Meta:
        verbose_name = _("tax class")
        verbose_name_plural = _("tax classes")
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="pricing_one_default_tax_class"
            )
        ]

    def __str__(self) -> str:
        return self.name


class TaxRate(models.Model):
    """The rate of one tax class in one country, in percent."""

    tax_class = models.ForeignKey(TaxClass, models.CASCADE, related_name="rates", verbose_name=_("tax class"))
    country = models.CharField(_("country"), max_length=2, validators=[country_code])
    rate = models.DecimalField(
        _("rate (%)"), max_digits=6, decimal_places=3, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.UniqueConstraint(fields=["tax_class", "country"], name="pricing_one_rate_per_country_and_class"),
            models.CheckConstraint(condition=Q(rate__gte=0, rate__lte=100), name="pricing_rate_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.tax_class}: {self.rate.normalize():f} %"


class ShippingMethod(models.Model):
    """A flat way of delivery. `price` and `free_from` are in `currency`."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=200, blank=True)
    price = MoneyField(_("price"), validators=[MinValueValidator(0)])
    currency = models.CharField(_("currency"), max_length=3)
    free_from = MoneyField(
        _("free from a subtotal of"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    countries = models.JSONField(
        _("countries"),
        default=list,
        blank=True,
        validators=[check_country_list],
        help_text=_('Codes of ISO 3166, for example ["DE", "AT"]. An empty list means every country.'),
    )
    tax_class = models.ForeignKey(
        TaxClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tax class")
    )
    min_days = models.PositiveSmallIntegerField(_("days at least"), default=2)
    max_days = models.PositiveSmallIntegerField(_("days at most"), default=4)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ShippingMethodQuerySet.as_manager()

    class Meta:
        verbose_name = _("shipping method")
        verbose_name_plural = _("shipping methods")
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="pricing_shipping_price_not_negative"),
            models.CheckConstraint(
                condition=Q(min_days__lte=models.F("max_days")), name="pricing_shipping_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def delivers_to(self, country: str) -> bool:
        return not self.countries or country in self.countries

    def price_for(self, subtotal):
        """Price in `currency` for goods of `subtotal`: zero from the threshold on."""
        if self.free_from is not None and subtotal >= self.free_from:
            return self.price * 0
        return self.price
