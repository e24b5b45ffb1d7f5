from itertools import islice

from django.contrib import admin, messages
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.admin.readonly import ReadOnlyAdmin
from catalog.fetching import want
from catalog.models import PictureAddress

PERMISSION = "catalog.change_product"
WANTED_AT_ONCE = 1000  # keeps a write transaction well below half a second on SQLite


@admin.register(PictureAddress)
class PictureAddressAdmin(ReadOnlyAdmin):
    """Where imports say that pictures lie, what came of fetching them, and a way to fetch them (again)."""

    actions = ["fetch"]
    list_display = ["address", "product_name", "look", "problem", "tries", "next_try"]
    list_filter = ["state"]
    list_select_related = ["product"]
    search_fields = ["address", "product__name"]
    search_help_text = gettext_lazy("Address, or name of the product")
    ordering = ["-pk"]
    fields = ["product", "address", "alt_text", "position", "state", "problem", "tries", "due_at", "picture"]

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm(PERMISSION)

    @admin.display(description=gettext_lazy("product"), ordering="product__name")
    def product_name(self, row):
        page = reverse("admin:catalog_product_change", args=[row.product_id])
        return format_html('<a href="{}">{}</a>', page, row.product.name)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def look(self, row):
        return format_html('<span class="tag tag-address-{}">{}</span>', row.state, row.get_state_display())

    @admin.display(description=gettext_lazy("next try"), ordering="due_at")
    def next_try(self, row):
        return date_format(localtime(row.due_at), "d M Y, H:i") if row.due_at else ""

    @admin.action(description=gettext_lazy("Fetch selected pictures (again)"), permissions=["view"])
    def fetch(self, request, queryset):
        keys = queryset.order_by("pk").values_list("pk", flat=True).iterator()
        at, count = timezone.now(), 0
        while part := list(islice(keys, WANTED_AT_ONCE)):
            count += want(PictureAddress.objects.filter(pk__in=part), at=at)
        if not count:
            messages.warning(request, _("Nothing to fetch: these pictures are here, or on their way."))
            return
        sentence = ngettext("%(count)d picture will be fetched.", "%(count)d pictures will be fetched.", count)
        messages.success(request, sentence % {"count": count})
