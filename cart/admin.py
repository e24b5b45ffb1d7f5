from django.contrib import admin
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy

from cart.models import Cart, CartLine
from catalog.admin.readonly import ReadOnlyAdmin


class CartLineInline(admin.TabularInline):
    model = CartLine
    fields = readonly_fields = ["variant", "quantity", "unit_price", "wanted", "added_at"]
    can_delete = False
    extra = 0

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("variant__product").order_by("added_at", "pk")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Cart)
class CartAdmin(ReadOnlyAdmin):
    inlines = [CartLineInline]
    list_display = ["pk", "user", "status", "line_count", "units", "created_at"]
    list_filter = ["status", "created_at"]
    list_select_related = ["user"]
    search_fields = ["user__email", "lines__variant__sku"]
    search_help_text = gettext_lazy("E-mail or SKU")
    ordering = ["-created_at", "-pk"]
    fields = ["user", "status", "created_at"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(line_count=Count("lines"), units=Sum("lines__quantity"))

    @admin.display(description=gettext_lazy("lines"), ordering="line_count")
    def line_count(self, cart):
        return cart.line_count

    @admin.display(description=gettext_lazy("units"), ordering="units")
    def units(self, cart):
        return cart.units or 0
