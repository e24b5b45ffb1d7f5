from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.category import Category, SearchSnippet
from catalog.querysets import ProductQuerySet
from catalog.text import plain_text
from pricing.models import TaxClass


class Product(SearchSnippet):
    """What is described and shown; its variants are what is bought."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        ARCHIVED = "archived", _("Archived")

    name = models.CharField(_("name"), max_length=400)
    slug = models.SlugField(_("slug"), max_length=200, unique=True)
    summary = models.CharField(_("short description"), max_length=200, blank=True)
    description = models.TextField(
        _("description"), blank=True, help_text=_("Plain text or simple HTML; anything unsafe is removed.")
    )
    brand = models.CharField(_("brand"), max_length=120, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, blank=True, related_name="products", verbose_name=_("category")
    )
    tax_class = models.ForeignKey(
        TaxClass,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("tax class"),
        help_text=_("Empty: the default tax class."),
    )
    external_id = models.CharField(_("id at its source"), max_length=120, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes = [
            models.Index(fields=["status", "-created_at", "-id"], name="catalog_newest_products"),
            models.Index(fields=["name"], name="catalog_product_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:product", args=[self.pk, self.slug])

    def short_description(self) -> str:
        """One or two lines for a card: the summary, else the beginning of the description."""
        return self.summary or plain_text(self.description, limit=140)


class ProductAttribute(models.Model):
    """A fact by which products are compared and filtered, such as Material: Oak."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="attributes")
    name = models.CharField(_("name"), max_length=60)
    value = models.CharField(_("value"), max_length=120)

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        constraints = [models.UniqueConstraint(fields=["product", "name", "value"], name="catalog_attribute_said_once")]
        indexes = [models.Index(fields=["name", "value"], name="catalog_attribute_value")]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
