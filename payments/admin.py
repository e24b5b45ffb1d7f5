from django.contrib import admin

from payments.models import TestCharge


@admin.register(TestCharge)
class TestChargeAdmin(admin.ModelAdmin):
    """What the test gateway says that it did; only the gateway writes it."""

    list_display = ["key", "order_ref", "amount", "currency", "status", "refunded", "created_at"]
    list_filter = ["status", "created_at"]
    search_fields = ["key", "order_ref"]
    ordering = ["-created_at", "-pk"]
    fields = ["key", "order_ref", "amount", "currency", "status", "code", "refunded", "refunds", "created_at"]
    actions = None
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
