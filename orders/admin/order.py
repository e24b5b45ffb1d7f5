from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from catalog.admin.readonly import ReadOnlyAdmin
from orders.admin.forms import CancellationForm, ShipmentForm
from orders.cancellation import cancel
from orders.fulfilment import deliver, pack, ship
from orders.models import Cancellation, Order, OrderEvent, OrderLine, Payment
from orders.refunds import refundable
from orders.states import FulfilmentState, PaymentState
from payments.gateway import GatewayError
from pricing.errors import ShopError
from pricing.money import shown

PAID = [PaymentState.PAID, PaymentState.PARTLY_REFUNDED]
STAGES = {
    "to_pay": (gettext_lazy("To pay"), {"payment_state": "awaiting", "fulfilment_state": "unfulfilled"}),
    "to_pack": (gettext_lazy("To pack"), {"payment_state__in": PAID, "fulfilment_state": "unfulfilled"}),
    "to_send": (
        gettext_lazy("To send"),
        {"payment_state__in": PAID, "fulfilment_state__in": ["packed", "partly_shipped"]},
    ),
    "sent": (gettext_lazy("On the way"), {"fulfilment_state": "shipped"}),
    "checking": (gettext_lazy("Payment being checked"), {"payments__state": Payment.State.UNKNOWN}),
}


class StageFilter(admin.SimpleListFilter):
    """What is to be done next."""

    title = gettext_lazy("stage")
    parameter_name = "stage"

    def lookups(self, request, model_admin):
        return [(key, label) for key, (label, _conditions) in STAGES.items()]

    def queryset(self, request, queryset):
        return queryset.filter(**STAGES[self.value()][1]) if self.value() in STAGES else queryset


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """The list, and one page an order: all of it to read, and buttons for what can happen next."""

    list_display = ["number", "when", "email", "shown_total", "shown_status", "payment_state", "fulfilment_state"]
    list_filter = [StageFilter, "payment_state", "fulfilment_state", "placed_at"]
    list_per_page = 50
    search_fields = ["number", "email", "full_name", "lines__sku"]
    search_help_text = gettext_lazy("Number, e-mail, name or SKU")
    ordering = ["-placed_at", "-pk"]
    actions = ["mark_packed"]

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("orders.change_order")

    def get_urls(self):
        def page(address, view, name):
            return path(f"<int:pk>/{address}/", self.admin_site.admin_view(view), name=f"orders_order_{name}")

        return [
            page("packing", self.packing_view, "packing"),
            page("shipments", self.shipment_view, "shipment"),
            page("delivery", self.delivery_view, "delivery"),
            page("cancellation", self.cancellation_view, "cancellation"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("placed"), ordering="placed_at")
    def when(self, order):
        return date_format(timezone.localtime(order.placed_at), "d M Y, H:i")

    @admin.display(description=gettext_lazy("total"), ordering="total")
    def shown_total(self, order):
        return shown(order.total, order.currency)

    @admin.display(description=gettext_lazy("status"))
    def shown_status(self, order):
        return format_html('<span class="tag tag-{}">{}</span>', order.status.value, order.status.label)

    @admin.action(description=gettext_lazy("Mark selected orders as packed"), permissions=["change"])
    def mark_packed(self, request, queryset):
        packed = 0
        for order_id in queryset.order_by("pk").values_list("pk", flat=True):
            try:
                pack(order_id, at=timezone.now(), by=request.user)
            except ShopError as error:
                messages.error(request, str(error))
            else:
                packed += 1
        if packed:
            messages.success(
                request, ngettext("%(count)d order packed.", "%(count)d orders packed.", packed) % {"count": packed}
            )

    @method_decorator(require_safe)
    def change_view(self, request, object_id, form_url="", extra_context=None):
        order = self.get_object(request, unquote(object_id))
        if order is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_or_change_permission(request, order):
            raise PermissionDenied
        return self._page(request, order)

    @method_decorator(require_POST)
    def packing_view(self, request, pk):
        order = self._order_to_change(request, pk)
        return self._step(
            request, order, lambda: pack(order.pk, at=timezone.now(), by=request.user), _("marked as packed")
        )

    @method_decorator(require_POST)
    def shipment_view(self, request, pk):
        order = self._order_to_change(request, pk)
        form = ShipmentForm(request.POST, order=order)
        if not form.is_valid():
            return self._page(request, order, shipment_form=form)

        def send():
            ship(
                order.pk,
                units=form.units(),
                carrier=form.cleaned_data["carrier"],
                tracking_number=form.cleaned_data["tracking_number"],
                at=timezone.now(),
                by=request.user,
            )

        return self._step(request, order, send, _("shipment written down"))

    @method_decorator(require_POST)
    def delivery_view(self, request, pk):
        order = self._order_to_change(request, pk)
        return self._step(
            request, order, lambda: deliver(order.pk, at=timezone.now(), by=request.user), _("marked as delivered")
        )

    @method_decorator(require_POST)
    def cancellation_view(self, request, pk):
        order = self._order_to_change(request, pk)
        form = CancellationForm(request.POST)
        if not form.is_valid():
            return self._page(request, order, cancellation_form=form)

        def call_off():
            cancel(
                order,
                cause=Cancellation.Cause.STAFF,
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
                by=request.user,
            )

        return self._step(request, order, call_off, _("cancelled, its stock is released and money goes back"))

    def _order_to_change(self, request, pk):
        order = get_object_or_404(Order, pk=pk)
        if not self.has_change_permission(request, order):
            raise PermissionDenied
        return order

    def _step(self, request, order, take_step, done):
        try:
            take_step()
        except ShopError as error:
            messages.error(request, f"{error} {error.fix}")
        except GatewayError:
            messages.error(
                request,
                _("The payment provider did not answer, so nothing was changed. Try again in a minute."),
            )
        else:
            messages.success(request, _("Order %(number)s: %(done)s.") % {"number": order.number, "done": done})
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))

    def _page(self, request, order, **bound_forms):
        order = _with_all_that_happened(order.pk)
        steps = self._next_steps(order) if self.has_change_permission(request, order) else set()
        captured = [payment for payment in order.payments.all() if payment.state == Payment.State.CAPTURED]
        return TemplateResponse(
            request,
            "admin/orders/order/page.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Order %(number)s") % {"number": order.number},
                "subtitle": None,
                "order": order,
                "steps": steps,
                "refundable": sum(refundable(payment) for payment in captured),
                "shipment_form": ShipmentForm(order=order) if "ship" in steps else None,
                "cancellation_form": CancellationForm(),
                **bound_forms,
            },
        )

    def _next_steps(self, order):
        possible = {
            "pack": order.may_become(FulfilmentState.PACKED),
            "ship": order.may_become(FulfilmentState.SHIPPED),
            "deliver": order.may_become(FulfilmentState.DELIVERED),
            "cancel": order.can_be_cancelled(),
        }
        return {step for step, is_possible in possible.items() if is_possible}


def _with_all_that_happened(order_id: int) -> Order:
    return (
        Order.objects.select_related("user")
        .prefetch_related(
            Prefetch("lines", OrderLine.objects.order_by("pk")),
            Prefetch("payments", Payment.objects.order_by("created_at", "pk")),
            Prefetch("events", OrderEvent.objects.select_related("by").order_by("at", "pk")),
            "refunds",
            "shipments__by",
            "shipments__lines__line",
            "cancellations__by",
            "returns__by",
            "returns__lines__line",
            "mails",
        )
        .get(pk=order_id)
    )
