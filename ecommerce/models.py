from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models import IdempotencyKey


class StoredAnswer(models.Model):
    """What a program's POST was answered, kept in the transaction of what it did, for the same POST sent again."""

    claim = models.OneToOneField(IdempotencyKey, models.CASCADE, related_name="answer")
    owner = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")

    def __str__(self) -> str:
        return f"{self.claim} {self.status}"
