from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.picture import PictureAddress, ProductImage
from catalog.models.product import Product
from catalog.querysets import VariantQuerySet
from pricing.fields import MoneyField


class Variant(models.Model):
    """The sellable SKU. `price` and `compare_at_price` are in `currency`.

    Prices are written by `catalog.prices.set_price` only.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    sku = models.CharField(_("SKU"), max_length=100, unique=True)
    barcode = models.CharField(_("barcode"), max_length=50, blank=True, db_index=True)
    options = models.JSONField(
        _("options"), default=list, blank=True, help_text=_('Pairs in order, for example [["Size", "M"]].')
    )
    title = models.CharField(_("title"), max_length=200, blank=True, help_text=_("The options' values: M / Red."))
    price = MoneyField(
        _("price"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    compare_at_price = MoneyField(
        _("compare-at price"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    currency = models.CharField(_("currency"), max_length=3)
    weight_grams = models.PositiveIntegerField(_("weight (g)"), null=True, blank=True)
    picture = models.ForeignKey(
        ProductImage, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    # No index, for which each imported variant would pay: queries name the product, too; deletions are rare.
    picture_address = models.ForeignKey(
        PictureAddress, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False, editable=False
    )
    track_stock = models.BooleanField(_("track stock"), default=True)
    is_active = models.BooleanField(_("on sale"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = VariantQuerySet.as_manager()

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [
            models.UniqueConstraint(fields=["product", "title"], name="catalog_variant_title_unique_in_product"),
            models.CheckConstraint(condition=Q(price__gte=0), name="catalog_price_not_negative"),
            models.CheckConstraint(condition=Q(compare_at_price__gte=0), name="catalog_compare_at_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.product} ({self.title})" if self.title else str(self.product)

    def is_sellable(self) -> bool:
        """Whether it is offered at all, whatever its stock; reads `product`."""
        return (
            self.is_active
            and self.price is not None
            and self.currency == settings.SHOP_CURRENCY
            and self.product.status == Product.Status.ACTIVE
        )

    def is_reduced(self) -> bool:
        return self.price is not None and self.compare_at_price is not None and self.compare_at_price > self.price

    def available(self) -> int | None:
        """Units that can be bought now; None where stock is not tracked. Reads `stock`."""
        if not self.track_stock:
            return None
        record = getattr(self, "stock", None)
        return record.on_hand - record.reserved if record else 0

    def is_in_stock(self) -> bool:
        available = self.available()
        return available is None or available > 0

    def is_low(self) -> bool:
        available = self.available()
        return available is not None and 0 < available <= self.stock.low_stock_threshold
