from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cart.quantities import HIGHEST_QUANTITY, most
from cart.querysets import CartLineQuerySet, CartQuerySet
from catalog.models import Variant
from pricing.fields import MoneyField
from pricing.money import shown


class Cart(models.Model):
    """What a shopper collects before ordering.

    `key` is the session's: it stays with the session when a cart has become an
    order, and finds a guest's next cart, so a session has one open cart even
    when several first adds arrive at once. An account's cart is found by the
    account alone, whatever session made it.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        MERGED = "merged", _("Merged into another")
        ORDERED = "ordered", _("Ordered")

    key = models.CharField(max_length=64, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="carts")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CartQuerySet.as_manager()

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(status="open", user=None), name="cart_one_open_cart_per_key"
            ),
            models.UniqueConstraint(fields=["user"], condition=Q(status="open"), name="cart_one_open_cart_per_user"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class CartLine(models.Model):
    """Units of one variant in a cart.

    `unit_price` is what the shopper saw when adding, `wanted` what was asked
    for before stock capped it; both only explain what changed since.
    """

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(HIGHEST_QUANTITY)], verbose_name=_("quantity")
    )
    unit_price = MoneyField()
    wanted = models.PositiveIntegerField(null=True, blank=True)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CartLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_one_line_per_variant"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=HIGHEST_QUANTITY), name="cart_quantity_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"

    def line_total(self):
        """In the variant's currency, at today's price. Reads `variant`."""
        return (self.variant.price or Decimal(0)) * self.quantity

    def price_changed(self) -> bool:
        return self.variant.price is not None and self.variant.price != self.unit_price

    def shortage(self) -> int | None:
        """Units still available when that is fewer than the quantity; None when there are enough."""
        available = self.variant.available()
        return None if available is None or available >= self.quantity else available

    def can_be_bought(self) -> bool:
        """Whether it is offered and any unit is left; a line that is not is no part of the total. Reads `stock`."""
        return self.variant.is_sellable() and self.variant.is_in_stock()

    def max_quantity(self) -> int:
        """The most that the line may hold now. Reads `variant.stock`."""
        return most(self.variant)

    def image(self):
        """The variant's picture, else the product's first. Reads the prefetched pictures."""
        return self.variant.picture or next(iter(self.variant.product.images.all()), None)

    def notice(self) -> str:
        """What changed since it was added, in a sentence; empty when nothing did."""
        if not self.variant.is_sellable():
            return gettext("No longer sold. It is not part of the total; remove it to check out.")
        shortage = self.shortage()
        if shortage == 0:
            return gettext("Sold out in the meantime. It is not part of the total; remove it to check out.")
        if shortage is not None:
            return gettext("Only %(units)d left. Change the quantity to check out.") % {"units": shortage}
        if self.wanted:
            return gettext("You asked for %(wanted)d; the quantity is now %(kept)d, which is all there is.") % {
                "wanted": self.wanted,
                "kept": self.quantity,
            }
        if self.price_changed():
            return gettext("The price changed from %(old)s to %(new)s since you added it.") % {
                "old": shown(self.unit_price, self.variant.currency),
                "new": shown(self.variant.price or Decimal(0), self.variant.currency),
            }
        return ""
