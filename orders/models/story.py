from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.facts import Fact
from orders.models.order import Order


class OrderEvent(Fact):
    """One line of an order's timeline."""

    class Kind(models.TextChoices):
        PLACED = "placed", _("Order placed")
        PAID = "paid", _("Payment received")
        PAYMENT_DECLINED = "payment_declined", _("Payment declined")
        PAYMENT_FAILED = "payment_failed", _("Payment failed")
        PAYMENT_UNKNOWN = "payment_unknown", _("Payment being checked")
        PAYMENT_ACTION = "payment_action", _("Waiting for confirmation at the bank")
        LATE_PAYMENT = "late_payment", _("Payment arrived late")
        PACKED = "packed", _("Packed")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")
        EXPIRED = "expired", _("Cancelled, because it was not paid in time")
        REVIVED = "revived", _("Taken up again")
        RETURNED = "returned", _("Goods returned")
        REFUND_STARTED = "refund_started", _("Refund started")
        REFUNDED = "refunded", _("Refunded")
        JOINED = "joined", _("Joined to an account")
        DETAILS_CHANGED = "details_changed", _("Details changed")

    order = models.ForeignKey(Order, models.PROTECT, related_name="events")
    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    detail = models.CharField(_("detail"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("timeline")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.detail}".strip()


class OrderMail(models.Model):
    """A mail that an order owes its shopper, once per kind; `sent_at` when it left."""

    class Kind(models.TextChoices):
        CONFIRMATION = "confirmation", _("Order confirmation")
        SHIPPED = "shipped", _("Sent")
        CANCELLED = "cancelled", _("Cancelled")
        LATE_REFUND = "late_refund", _("Late payment refunded")

    order = models.ForeignKey(Order, models.PROTECT, related_name="mails")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices)
    message_id = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints = [models.UniqueConstraint(fields=["order", "kind"], name="orders_one_mail_of_a_kind")]
        indexes = [models.Index(fields=["created_at"], condition=Q(sent_at__isnull=True), name="orders_unsent_mails")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.kind}"
