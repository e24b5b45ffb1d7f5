from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.variant import Variant
from catalog.querysets import StockRecordQuerySet

LOW_STOCK_THRESHOLD = 5  # "Only 3 left" from here down, unless the record says otherwise


class StockRecord(models.Model):
    """Units of a tracked variant: counted on the shelf, and held for orders.

    Written by `catalog.stock` only, which books every change in the ledger.
    """

    variant = models.OneToOneField(Variant, models.PROTECT, related_name="stock", verbose_name=_("variant"))
    on_hand = models.PositiveIntegerField(_("on hand"), default=0)
    reserved = models.PositiveIntegerField(_("reserved"), default=0)
    low_stock_threshold = models.PositiveIntegerField(_("low from"), default=LOW_STOCK_THRESHOLD)

    objects = StockRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock record")
        verbose_name_plural = _("stock")
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved__gte=0, on_hand__gte=F("reserved")), name="catalog_reserved_within_on_hand"
            )
        ]

    def __str__(self) -> str:
        return str(self.variant)

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class StockMovement(models.Model):
    """One line of the ledger; never changed, never deleted."""

    class Reason(models.TextChoices):
        RECEIVE = "receive", _("Received")
        CORRECT = "correct", _("Corrected")
        RESERVE = "reserve", _("Reserved")
        RELEASE = "release", _("Released")
        SHIP = "ship", _("Shipped")
        RESTOCK = "restock", _("Returned to stock")

    variant = models.ForeignKey(Variant, models.PROTECT, related_name="movements", verbose_name=_("variant"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    on_hand_delta = models.IntegerField(_("on hand ±"), default=0)
    reserved_delta = models.IntegerField(_("reserved ±"), default=0)
    on_hand_after = models.PositiveIntegerField(_("on hand after"))
    reserved_after = models.PositiveIntegerField(_("reserved after"))
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True, db_index=True)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock ledger")
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved_after__gte=0, on_hand_after__gte=F("reserved_after")),
                name="catalog_movement_leaves_sane_stock",
            ),
            models.CheckConstraint(
                condition=~Q(on_hand_delta=0, reserved_delta=0), name="catalog_movement_moves_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.get_reason_display()} {self.on_hand_delta:+d}/{self.reserved_delta:+d}"
