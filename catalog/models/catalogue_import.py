from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.picture import private_storage


class CatalogueImport(models.Model):
    """A file that staff uploaded: checked in a dry run, then taken in once they have seen what it would change.

    Written by `catalog.importing.jobs`. `options` are those of
    `importing.options.Options`, `findings` the dry run's report and `report`
    the import's, both as `Report.as_json` gives them; `counts` are those of the
    latest, and `errors` all that is wrong, as CSV. The worker at work is the one
    that `lease` names; `beat_at` is when it last said so.
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        IMPORTING = "importing", _("Being taken in")
        DONE = "done", _("Taken in")
        FAILED = "failed", _("Failed")
        DISCARDED = "discarded", _("Discarded")

    UNDER_WAY = (State.CHECKING, State.IMPORTING)

    file = models.FileField(_("file"), storage=private_storage, upload_to="imports/", max_length=200, blank=True)
    name = models.CharField(_("file"), max_length=120)
    options = models.JSONField(_("options"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.CHECKING)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("who")
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    lease = models.CharField(max_length=32, blank=True)
    beat_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    products_read = models.PositiveIntegerField(default=0)
    fraction_read = models.FloatField(default=0)
    findings = models.JSONField(null=True)
    report = models.JSONField(null=True)
    counts = models.JSONField(default=dict)
    errors = models.FileField(storage=private_storage, upload_to="imports/", max_length=200, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="importing"), name="catalog_one_import_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY

    def must_stay_out(self) -> bool:
        """Whether all of it has to be right and something is wrong."""
        return bool(self.options.get("strict") and self.counts.get("wrong"))

    @property
    def percent_read(self) -> int:
        return min(round(self.fraction_read * 100), 100)
