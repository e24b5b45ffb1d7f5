from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node


class SearchSnippet(models.Model):
    """What a search engine is told of a page."""

    seo_title = models.CharField(_("title for search engines"), max_length=120, blank=True)
    seo_description = models.CharField(_("description for search engines"), max_length=320, blank=True)

    class Meta:
        abstract = True


class Category(MP_Node, SearchSnippet):  # type: ignore[django-manager-missing]
    """A node of the tree that shoppers browse."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=160, unique=True)
    description = models.TextField(_("description"), blank=True)
    is_active = models.BooleanField(_("shown"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:category", args=[self.slug])


class OldSlug(models.Model):
    """An address that a category had before; it redirects for good."""

    slug = models.SlugField(max_length=160, unique=True)
    category = models.ForeignKey(Category, models.CASCADE, related_name="old_slugs")

    def __str__(self) -> str:
        return self.slug
