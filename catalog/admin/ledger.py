from django.contrib import admin
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from catalog.admin.readonly import ReadOnlyAdmin
from catalog.models import StockMovement


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    list_display = [
        "when",
        "sku",
        "reason",
        "on_hand",
        "reserved",
        "by",
        "reference",
        "note",
    ]
    list_filter = ["reason", "at"]
    list_select_related = ["variant", "by"]
    search_fields = ["variant__sku", "reference"]
    search_help_text = _("SKU or reference, such as an order's number")
    ordering = ["-at", "-pk"]
    fields = [
        "at",
        "by",
        "variant",
        "reason",
        ("on_hand_delta", "on_hand_after"),
        ("reserved_delta", "reserved_after"),
        "reference",
        "note",
    ]

    @admin.display(description=_("when"), ordering="at")
    def when(self, movement):
        return date_format(localtime(movement.at), "d M Y, H:i")

    @admin.display(description=_("SKU"), ordering="variant__sku")
    def sku(self, movement):
        return movement.variant.sku

    @admin.display(description=_("on hand"))
    def on_hand(self, movement):
        return _after(movement.on_hand_after, movement.on_hand_delta)

    @admin.display(description=_("reserved"))
    def reserved(self, movement):
        return _after(movement.reserved_after, movement.reserved_delta)


def _after(units: int, delta: int) -> str:
    """``12 (−1)``: what there was afterwards, and by how much it changed."""
    sign = "+" if delta > 0 else "−"
    return f"{units} ({sign}{abs(delta)})" if delta else str(units)
