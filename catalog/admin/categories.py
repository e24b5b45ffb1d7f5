from django.contrib import admin
from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from treebeard.admin import TreeAdmin
from treebeard.forms import MoveNodeForm, movenodeform_factory

from catalog.models import Category, OldSlug
from catalog.text import clean_description


class CategoryForm(MoveNodeForm):
    def clean_description(self):
        return clean_description(self.cleaned_data["description"])


@admin.register(Category)
class CategoryAdmin(TreeAdmin):
    form = movenodeform_factory(
        Category,
        form=CategoryForm,
        fields=["name", "slug", "description", "is_active", "seo_title", "seo_description"],
    )
    fieldsets = [
        (None, {"fields": ["name", "slug", "is_active", "description"]}),
        (_("Place in the tree"), {"fields": ["treebeard_position", "treebeard_ref_node"]}),
        (_("Search engines"), {"classes": ["collapse"], "fields": ["seo_title", "seo_description"]}),
    ]
    prepopulated_fields = {"slug": ["name"]}
    list_display = ["name", "slug", "is_active", "product_count"]
    list_filter = ["is_active"]
    search_fields = ["name", "slug"]
    actions = None
    show_full_result_count = False

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(product_count=Count("products"))

    @admin.display(description=_("products"), ordering="product_count")
    def product_count(self, category):
        return category.product_count

    def has_delete_permission(self, request, obj=None):
        is_empty = obj is None or (obj.is_leaf() and not obj.products.exists())
        return is_empty and super().has_delete_permission(request, obj)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        OldSlug.objects.filter(slug=obj.slug).delete()
        if change and "slug" in form.changed_data:
            OldSlug.objects.create(slug=form.initial["slug"], category=obj)
