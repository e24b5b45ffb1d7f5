from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class TestCharge(models.Model):
    """The test gateway's own ledger, as a provider keeps one on its side.

    Amounts are in minor units of `currency`. `refunds` maps idempotency keys
    to refunded amounts.
    """

    __test__ = False  # not a test class, whatever pytest makes of its name

    class Status(models.TextChoices):
        CAPTURED = "captured"
        DECLINED = "declined"
        NEEDS_ACTION = "needs_action"
        VOIDED = "voided"

    key = models.CharField(max_length=64, unique=True)
    order_ref = models.CharField(max_length=64, db_index=True)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=12, choices=Status.choices)
    code = models.CharField(max_length=40, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    return_url = models.CharField(max_length=500, blank=True)
    session_ends_at = models.DateTimeField(null=True, blank=True)
    refunded = models.PositiveBigIntegerField(default=0)
    refunds = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(refunded__lte=F("amount")), name="payments_refunds_within_test_charge")
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.status}"
