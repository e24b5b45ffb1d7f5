import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models.facts import Fact, LineUnits
from orders.models.order import IdempotencyKey, Order
from orders.querysets import PaymentQuerySet
from pricing.fields import MoneyField


class Payment(models.Model):
    """One attempt to charge an order; `id` is its idempotency key at the gateway."""

    class State(models.TextChoices):
        INITIATED = "initiated", _("Running")
        NEEDS_ACTION = "needs_action", _("Waiting for the shopper")
        UNKNOWN = "unknown", _("Being checked")
        CAPTURED = "captured", _("Captured")
        DECLINED = "declined", _("Declined")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="payments")
    claim = models.OneToOneField(
        IdempotencyKey, models.SET_NULL, null=True, blank=True, related_name="payment", editable=False
    )
    gateway = models.CharField(_("gateway"), max_length=20)
    amount = MoneyField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.INITIATED)
    code = models.CharField(_("code"), max_length=40, blank=True)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    action_url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(_("started"), default=timezone.now)
    captured_at = models.DateTimeField(_("captured"), null=True, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="orders_payment_positive"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=["initiated", "needs_action", "unknown"]),
                name="orders_one_unfinished_payment",
            ),
            models.CheckConstraint(
                condition=Q(state="captured", captured_at__isnull=False)
                | (~Q(state="captured") & Q(captured_at__isnull=True)),
                name="orders_capture_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.amount} {self.currency} {self.state}"

    def is_unfinished(self) -> bool:
        return self.state in (self.State.INITIATED, self.State.NEEDS_ACTION, self.State.UNKNOWN)


class Refund(Fact):
    """Money on its way back; `id` is its idempotency key at the gateway."""

    class State(models.TextChoices):
        INITIATED = "initiated", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    amount = MoneyField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.INITIATED)
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="orders_refund_positive")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.amount} {self.currency} {self.state}"


class RefundLine(LineUnits):
    refund = models.ForeignKey(Refund, models.CASCADE, related_name="lines")


class PaymentEvent(models.Model):
    """The inbox of what gateways tell; an event that cannot be handled yet waits here."""

    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=80)
    payload = models.JSONField()
    received_at = models.DateTimeField(default=timezone.now)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "event_id"], name="orders_event_once")]

    def __str__(self) -> str:
        return self.event_id
