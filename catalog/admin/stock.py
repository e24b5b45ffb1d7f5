from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from catalog import stock
from catalog.admin.readonly import ReadOnlyAdmin
from catalog.models import StockRecord
from pricing.errors import ShopError

MOST_UNITS = 1_000_000  # of one delivery or count: more is a slip of the keyboard
MOVEMENTS_SHOWN = 10
RECEIPT_ID = "id_receipt_%s"
CORRECTION_ID = "id_correction_%s"


class ReceiptForm(forms.Form):
    units = forms.IntegerField(label=gettext_lazy("units"), min_value=1, max_value=MOST_UNITS)
    note = forms.CharField(label=gettext_lazy("reason"), max_length=200)
    reference = forms.CharField(label=gettext_lazy("delivery note number"), max_length=80, required=False)


class CorrectionForm(forms.Form):
    on_hand = forms.IntegerField(label=gettext_lazy("counted on hand"), min_value=0, max_value=MOST_UNITS)
    note = forms.CharField(label=gettext_lazy("reason"), max_length=200)
    seen = forms.IntegerField(widget=forms.HiddenInput)


class ThresholdForm(forms.ModelForm):
    class Meta:
        model = StockRecord
        fields = ["low_stock_threshold"]


class LevelFilter(admin.SimpleListFilter):
    title = gettext_lazy("level")
    parameter_name = "level"

    def lookups(self, request, model_admin):
        return [("low", _("Low")), ("out", _("Sold out"))]

    def queryset(self, request, queryset):
        return {"low": queryset.low, "out": queryset.out}.get(self.value(), queryset.all)()


@admin.register(StockRecord)
class StockRecordAdmin(ReadOnlyAdmin):
    """The list, and one page a record from which units are received and corrected through the ledger."""

    list_display = ["sku", "product", "on_hand", "reserved", "available", "low_stock_threshold", "level"]
    list_filter = [LevelFilter, "variant__product__status"]
    list_select_related = ["variant__product"]
    search_fields = ["variant__sku", "variant__barcode", "variant__product__name"]
    search_help_text = gettext_lazy("SKU, barcode or name")
    ordering = ["variant__sku", "pk"]

    def get_queryset(self, request):
        return super().get_queryset(request).with_available()

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("catalog.change_stockrecord")

    def get_urls(self):
        def page(address, view, name):
            return path(f"<int:pk>/{address}/", self.admin_site.admin_view(view), name=f"catalog_stockrecord_{name}")

        return [
            page("receipts", self.receipt_view, "receipt"),
            page("corrections", self.correction_view, "correction"),
            page("threshold", self.threshold_view, "threshold"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("SKU"), ordering="variant__sku")
    def sku(self, record):
        return record.variant.sku

    @admin.display(description=gettext_lazy("product"), ordering="variant__product__name")
    def product(self, record):
        return str(record.variant)

    @admin.display(description=gettext_lazy("available"), ordering="available_units")
    def available(self, record):
        return record.available_units

    @admin.display(description=gettext_lazy("level"))
    def level(self, record):
        if record.available <= 0:
            return format_html('<span class="tag tag-bad">{}</span>', _("Sold out"))
        if record.available <= record.low_stock_threshold:
            return format_html('<span class="tag tag-warn">{}</span>', _("Low"))
        return ""

    @method_decorator(require_safe)
    def change_view(self, request, object_id, form_url="", extra_context=None):
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        return self._page(request, record)

    @method_decorator(require_POST)
    def receipt_view(self, request, pk):
        record = self._record_to_change(request, pk)
        form = ReceiptForm(request.POST, auto_id=RECEIPT_ID)
        if not form.is_valid():
            return self._page(request, record, receipt_form=form)
        units = form.cleaned_data["units"]

        def receive():
            stock.receive(
                {record.variant_id: units},
                at=timezone.now(),
                by=request.user,
                note=form.cleaned_data["note"],
                reference=form.cleaned_data["reference"],
            )

        done = ngettext("%(count)d unit received.", "%(count)d units received.", units) % {"count": units}
        return self._book(request, record, receive, done)

    @method_decorator(require_POST)
    def correction_view(self, request, pk):
        record = self._record_to_change(request, pk)
        form = CorrectionForm(request.POST, auto_id=CORRECTION_ID)
        if not form.is_valid():
            return self._page(request, record, correction_form=form)

        def correct():
            stock.correct(record.variant_id, at=timezone.now(), by=request.user, **form.cleaned_data)

        return self._book(request, record, correct, _("Count corrected."))

    @method_decorator(require_POST)
    def threshold_view(self, request, pk):
        record = self._record_to_change(request, pk)
        form = ThresholdForm(request.POST, instance=record)
        if not form.is_valid():
            return self._page(request, record, threshold_form=form)
        record.save(update_fields=["low_stock_threshold"])
        self.log_change(request, record, self.construct_change_message(request, form, None))
        messages.success(request, _("Low from %(count)d units.") % {"count": record.low_stock_threshold})
        return HttpResponseRedirect(self._address(record))

    def _record_to_change(self, request, pk):
        record = get_object_or_404(self.get_queryset(request).select_related("variant__product"), pk=pk)
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        return record

    def _book(self, request, record, change, done):
        try:
            change()
        except ShopError as error:
            messages.error(request, f"{error} {error.fix}")
        else:
            record.refresh_from_db(fields=["on_hand", "reserved"])
            messages.success(
                request,
                _("%(sku)s: %(done)s Now %(on_hand)d on hand, %(reserved)d reserved, %(available)d available.")
                % {
                    "sku": record.variant.sku,
                    "done": done,
                    "on_hand": record.on_hand,
                    "reserved": record.reserved,
                    "available": record.available,
                },
            )
        return HttpResponseRedirect(self._address(record))

    def _address(self, record):
        return reverse("admin:catalog_stockrecord_change", args=[record.pk])

    def _page(self, request, record, **forms):
        movements = record.variant.movements.select_related("by").order_by("-at", "-pk")
        ledger = reverse("admin:catalog_stockmovement_changelist")
        return TemplateResponse(
            request,
            "admin/catalog/stockrecord/page.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": record.variant.sku,
                "subtitle": None,
                "record": record,
                "variant": record.variant,
                "can_change": self.has_change_permission(request, record),
                "receipt_form": ReceiptForm(auto_id=RECEIPT_ID),
                "correction_form": CorrectionForm(initial={"seen": record.on_hand}, auto_id=CORRECTION_ID),
                "threshold_form": ThresholdForm(instance=record),
                "movements": movements[:MOVEMENTS_SHOWN],
                "ledger_url": f"{ledger}?{urlencode({'q': record.variant.sku})}",
                **forms,
            },
        )
