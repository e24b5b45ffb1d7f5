from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.order import OrderLine


class Fact(models.Model):
    """Something that happened to an order: when, by whom and why."""

    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who")
    )

    class Meta:
        abstract = True


class LineUnits(models.Model):
    """Units of an order line that a shipment, cancellation, return or refund concerns."""

    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+", verbose_name=_("line"))
    units = models.PositiveIntegerField(_("units"), validators=[MinValueValidator(1)])

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.units} × {self.line_id}"
