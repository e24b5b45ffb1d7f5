from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from treebeard.forms import TreeNodeChoiceField

from catalog.admin.product_forms import PictureForm, ProductForm, VariantForm, VariantFormSet
from catalog.models import Category, Product, ProductAttribute, ProductImage, StockRecord, Variant
from pricing.money import shown

NOTHING = "–"


def preview(picture: ProductImage | None, width: int = 48) -> str:
    if picture is None or not picture.thumbnail:
        return NOTHING
    return format_html(
        '<img class="preview" src="{}" alt="{}" width="{}" loading="lazy">',
        picture.smallest_url(),
        picture.alt_text,
        width,
    )


class PictureInline(admin.TabularInline):
    model = ProductImage
    form = PictureForm
    fields = ["look", "upload", "alt_text", "position"]
    readonly_fields = ["look"]
    extra = 1

    def get_queryset(self, request):
        return super().get_queryset(request).order_by("position", "pk")

    @admin.display(description=gettext_lazy("preview"))
    def look(self, picture):
        return preview(picture, 96) if picture.pk else NOTHING


class VariantInline(admin.TabularInline):
    model = Variant
    form = VariantForm
    formset = VariantFormSet
    fields = [
        "options",
        "sku",
        "barcode",
        "price",
        "compare_at_price",
        "foreign_currency",
        "is_active",
        "track_stock",
        "stock_level",
        "weight_grams",
        "picture",
        "position",
    ]
    readonly_fields = ["stock_level", "foreign_currency"]
    can_delete = False
    min_num = 1
    extra = 0

    def get_fields(self, request, obj=None):
        """The currency has a column only where a price is in another than the shop's, as after an import."""
        fields = list(super().get_fields(request, obj))
        if obj is None or not obj.variants.exclude(price=None).exclude(currency=settings.SHOP_CURRENCY).exists():
            fields.remove("foreign_currency")
        return fields

    def get_queryset(self, request):
        return super().get_queryset(request).with_stock().in_order()

    def get_formset(self, request, obj=None, **kwargs):
        # Without `fields` the admin would make columns of all that the form shows, prices too.
        formset = super().get_formset(request, obj, fields=VariantForm.Meta.fields, validate_min=True, **kwargs)
        formset.may_count = request.user.has_perm("catalog.change_stockrecord")
        self.may_see_stock = request.user.has_perm("catalog.view_stockrecord")
        return formset

    @admin.display(description=gettext_lazy("currency"))
    def foreign_currency(self, variant):
        if variant.price is None or variant.currency == settings.SHOP_CURRENCY:
            return settings.SHOP_CURRENCY
        sentence = _("%(currency)s, so it is not on sale. A price entered here is in %(own)s.")
        return sentence % {"currency": variant.currency, "own": settings.SHOP_CURRENCY}

    @admin.display(description=gettext_lazy("available"))
    def stock_level(self, variant):
        if not variant.pk or (record := getattr(variant, "stock", None)) is None:
            return NOTHING
        if not self.may_see_stock:
            return record.available
        page = reverse("admin:catalog_stockrecord_change", args=[record.pk])
        return format_html('<a href="{}">{}</a>', page, record.available)


class AttributeInline(admin.TabularInline):
    model = ProductAttribute
    fields = ["name", "value"]
    extra = 1


class CategoryFilter(admin.SimpleListFilter):
    """Products of a category and of all below it."""

    title = gettext_lazy("category")
    parameter_name = "category"

    def lookups(self, request, model_admin):
        categories = Category.objects.filter(depth__lte=2).order_by("path").only("name", "depth", "path")
        return [(category.path, "– " * (category.depth - 1) + category.name) for category in categories]

    def queryset(self, request, queryset):
        return queryset.filter(category__path__startswith=self.value()) if self.value() else queryset


class StockFilter(admin.SimpleListFilter):
    title = gettext_lazy("stock")
    parameter_name = "stock"

    def lookups(self, request, model_admin):
        return [("low", _("A variant is low")), ("out", _("A variant is sold out"))]

    def queryset(self, request, queryset):
        records = StockRecord.objects.filter(variant__product=OuterRef("pk"), variant__is_active=True)
        levels = {"low": records.low, "out": records.out}
        return queryset.filter(Exists(levels[self.value()]())) if self.value() in levels else queryset


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    form = ProductForm
    inlines = [PictureInline, VariantInline, AttributeInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "status", "category", "brand", "summary", "description"]}),
        (gettext_lazy("Tax"), {"fields": ["tax_class"]}),
        (gettext_lazy("Search engines"), {"classes": ["collapse"], "fields": ["seo_title", "seo_description"]}),
    ]
    prepopulated_fields = {"slug": ["name"]}
    list_display = ["picture", "name", "price_range", "available", "state", "category"]
    list_display_links = ["picture", "name"]
    list_filter = ["status", StockFilter, CategoryFilter]
    list_per_page = 50
    search_fields = ["name", "brand", "variants__sku", "variants__barcode"]
    search_help_text = gettext_lazy("Name, brand, SKU or barcode")
    show_full_result_count = False
    ordering = ["-created_at", "-pk"]
    actions = ["archive"]

    def get_queryset(self, request):
        products = super().get_queryset(request)
        is_list = getattr(request.resolver_match, "url_name", "").endswith("_changelist")
        return products.for_listing() if is_list else products

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # it would delete rows; `archive` stands in for it
        return actions

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "category":
            kwargs |= {"form_class": TreeNodeChoiceField, "queryset": Category.objects.order_by("path")}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(widget := getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            widget.can_add_related = widget.can_change_related = False
            widget.can_delete_related = widget.can_view_related = False
        return field

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, product):
        return preview(next(iter(product.images.all()), None))

    @admin.display(description=gettext_lazy("price"))
    def price_range(self, product):
        priced = [variant for variant in product.variants.all() if variant.price is not None]
        prices = sorted(variant.price for variant in priced if variant.currency == settings.SHOP_CURRENCY)
        if priced and not prices:
            return _("%(price)s, not on sale") % {"price": shown(priced[0].price, priced[0].currency)}
        if not prices:
            return NOTHING
        ends = dict.fromkeys(shown(price, settings.SHOP_CURRENCY) for price in (prices[0], prices[-1]))
        return " – ".join(ends)

    @admin.display(description=gettext_lazy("available"))
    def available(self, product):
        levels = [variant.available() for variant in product.variants.all()]
        if any(level is None for level in levels):
            return _("always")
        return sum(levels)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, product):
        return format_html('<span class="tag tag-{}">{}</span>', product.status, product.get_status_display())

    @admin.action(description=gettext_lazy("Archive selected products"), permissions=["delete"])
    def archive(self, request, queryset):
        for product in queryset:
            self.log_change(request, product, _("Archived."))
        count = Product.objects.filter(pk__in=queryset.values("pk")).archive()
        messages.success(
            request, ngettext("%(count)d product archived.", "%(count)d products archived.", count) % {"count": count}
        )

    def delete_view(self, request, object_id, extra_context=None):
        """Products are archived, so that orders go on naming them."""
        product = self.get_object(request, unquote(object_id))
        if product is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_delete_permission(request, product):
            raise PermissionDenied
        if request.method == "POST":
            Product.objects.filter(pk=product.pk).archive()
            self.log_change(request, product, _("Archived."))
            messages.success(request, _("%(name)s is archived.") % {"name": product})
            return HttpResponseRedirect(reverse("admin:catalog_product_changelist"))
        return TemplateResponse(
            request,
            "admin/catalog/product/archive.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Archive this product?"),
                "object": product,
            },
        )

    def save_formset(self, request, form, formset, change):
        super().save_formset(request, form, formset, change)
        if formset.model is Variant:
            for variant_form in formset.forms:
                if variant_form.has_changed():
                    variant_form.book(by=request.user)
