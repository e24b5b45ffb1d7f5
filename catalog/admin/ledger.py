from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from catalog.admin.readonly import ReadOnlyAdmin
from catalog.models import StockMovement


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    list_display = [
        "at",
        "sku",
        "reason",
        "on_hand_change",
        "on_hand_after",
        "reserved_change",
        "reserved_after",
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

    @admin.display(description=_("SKU"), ordering="variant__sku")
    def sku(self, movement):
        return movement.variant.sku

    @admin.display(description=_("on hand ±"), ordering="on_hand_delta")
    def on_hand_change(self, movement):
        return _signed(movement.on_hand_delta)

    @admin.display(description=_("reserved ±"), ordering="reserved_delta")
    def reserved_change(self, movement):
        return _signed(movement.reserved_delta)


def _signed(delta: int) -> str:
    return f"{delta:+d}".replace("-", "−") if delta else "0"
