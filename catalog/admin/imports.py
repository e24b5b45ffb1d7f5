from pathlib import PurePath

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from catalog.admin.exports import export_view
from catalog.admin.import_form import UploadForm
from catalog.admin.readonly import ReadOnlyAdmin
from catalog.importing import jobs
from catalog.importing.options import StockRule
from catalog.models import CatalogueImport
from pricing.errors import ShopError

PERMISSIONS = ["catalog.add_product", "catalog.change_product"]
STOCK_PERMISSION = "catalog.change_stockrecord"
ROWS_SHOWN = 100
SECONDS_BETWEEN_LOOKS = 2
COUNTS = [
    ("new", gettext_lazy("new")),
    ("changed", gettext_lazy("changed")),
    ("unchanged", gettext_lazy("unchanged")),
    ("wrong", gettext_lazy("wrong")),
]


@admin.register(CatalogueImport)
class CatalogueImportAdmin(ReadOnlyAdmin):
    """The history, the upload, and one page an import: its progress, what it would change, what it did."""

    list_display = ["name", "look", "counted", "when", "by"]
    list_filter = ["state"]
    list_select_related = ["by"]
    ordering = ["-created_at", "-pk"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("findings", "report")

    def has_module_permission(self, request):
        return self.has_add_permission(request)

    def has_view_permission(self, request, obj=None):
        return self.has_add_permission(request)

    def has_add_permission(self, request):
        return request.user.has_perms(PERMISSIONS)

    def get_urls(self):
        def page(address, view, name):
            return path(f"<int:pk>/{address}", self.admin_site.admin_view(view), name=f"catalog_catalogueimport_{name}")

        return [
            page("confirmation/", self.confirmation_view, "confirmation"),
            page("disposal/", self.disposal_view, "disposal"),
            page("errors.csv", self.errors_view, "errors"),
            path("export/<str:kind>/", self.admin_site.admin_view(export_view), name="catalog_export"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def look(self, job):
        return format_html('<span class="tag tag-import-{}">{}</span>', job.state, job.get_state_display())

    @admin.display(description=gettext_lazy("products"))
    def counted(self, job):
        return ", ".join(f"{job.counts[name]:,} {word}" for name, word in COUNTS if job.counts.get(name))

    @admin.display(description=gettext_lazy("when"), ordering="created_at")
    def when(self, job):
        return date_format(localtime(job.created_at), "d M Y, H:i")

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        may_set_stock = request.user.has_perm(STOCK_PERMISSION)
        if request.POST.get("stock") == StockRule.SET and not may_set_stock:
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None, may_set_stock=may_set_stock)
        if request.method == "POST" and form.is_valid():
            try:
                return self._begin(request, form)
            except ShopError as error:
                form.add_error("file", str(error))
        return self._answer(request, "add", title=_("Import products"), form=form)

    def _begin(self, request, form):
        file = form.cleaned_data["file"]
        job = jobs.begin(file=file, name=file.name, options=form.options(), by=request.user, at=timezone.now())
        self.log_addition(request, job, _("Uploaded."))
        return HttpResponseRedirect(self._address(job))

    @method_decorator(require_safe)
    def change_view(self, request, object_id, form_url="", extra_context=None):
        if not self.has_view_permission(request):
            raise PermissionDenied
        job = self.get_object(request, unquote(object_id))
        if job is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        outcome = job.report or job.findings or {}
        changes = outcome.get("changes", [])
        return self._answer(
            request,
            "page",
            title=job.name,
            job=job,
            outcome=outcome,
            counts=[(word, outcome[name]) for name, word in COUNTS] if outcome else [],
            changes=_part(request, "changes", changes),
            more_changes=outcome.get("changes_found", 0) - len(changes),
            faults=_part(request, "faults", outcome.get("faults", [])),
            more_faults=outcome.get("faults_found", 0) - len(outcome.get("faults", [])),
            went_on=job.tries > 1 and bool(job.report),
            is_open=job.state == job.State.CHECKED and not job.must_stay_out(),
            may_confirm=self._may_confirm(request, job),
            stock_rule=StockRule(job.options["stock"]).label,
            seconds=SECONDS_BETWEEN_LOOKS if job.is_under_way() else None,
        )

    @method_decorator(require_POST)
    def confirmation_view(self, request, pk):
        job = self._job(request, pk)
        if not self._may_confirm(request, job):
            raise PermissionDenied
        return self._decide(request, job, _("Confirmed."), lambda at: jobs.confirm(pk, by=request.user, at=at))

    @method_decorator(require_POST)
    def disposal_view(self, request, pk):
        job = self._job(request, pk)
        return self._decide(request, job, _("Discarded."), lambda at: jobs.discard(pk, at=at))

    @method_decorator(require_safe)
    def errors_view(self, request, pk):
        job = self._job(request, pk)
        if not job.errors:
            raise Http404
        return FileResponse(job.errors.open("rb"), as_attachment=True, filename=f"errors-{PurePath(job.name).stem}.csv")

    def _decide(self, request, job, done, decide):
        try:
            decide(timezone.now())
        except ShopError as error:
            messages.error(request, f"{error} {error.fix}")
        else:
            self.log_change(request, job, done)
        return HttpResponseRedirect(self._address(job))

    def _may_confirm(self, request, job):
        """Whoever has counts booked as corrections needs the permission for stock, too."""
        sets_stock = job.options["stock"] == StockRule.SET
        return self.has_add_permission(request) and (not sets_stock or request.user.has_perm(STOCK_PERMISSION))

    def _job(self, request, pk):
        if not self.has_add_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def _address(self, job):
        return reverse("admin:catalog_catalogueimport_change", args=[job.pk])

    def _answer(self, request, page, **context):
        site = self.admin_site.each_context(request)
        shown = {**site, "opts": self.opts, "subtitle": None, **context}
        return TemplateResponse(request, f"admin/catalog/catalogueimport/{page}.html", shown)


def _part(request, name, rows):
    """The hundred rows that the address asks for, the first by default."""
    return Paginator(rows, ROWS_SHOWN).get_page(request.GET.get(name))
