from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.facts import Fact, LineUnits
from orders.models.order import Order


class Shipment(Fact):
    """A parcel."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments")
    carrier = models.CharField(_("carrier"), max_length=80, blank=True)
    tracking_number = models.CharField(_("tracking number"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}".strip() or str(self.pk)


class ShipmentLine(LineUnits):
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="lines")


class Cancellation(Fact):
    """Units that will not be sent; `revoked_at` when late money revived the order."""

    class Cause(models.TextChoices):
        SHOPPER = "shopper", _("By the shopper")
        STAFF = "staff", _("By staff")
        EXPIRED = "expired", _("Not paid in time")

    cause = models.CharField(_("cause"), max_length=8, choices=Cause.choices)
    order = models.ForeignKey(Order, models.PROTECT, related_name="cancellations")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")

    def __str__(self) -> str:
        return self.reason


class CancellationLine(LineUnits):
    cancellation = models.ForeignKey(Cancellation, models.CASCADE, related_name="lines")


class Return(Fact):
    """Goods that came back."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")

    def __str__(self) -> str:
        return self.reason


class ReturnLine(LineUnits):
    return_of_goods = models.ForeignKey(Return, models.CASCADE, related_name="lines")
    restocked = models.BooleanField(_("back on the shelf"))
