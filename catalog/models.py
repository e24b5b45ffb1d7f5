from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from catalog.querysets import ProductQuerySet, StockRecordQuerySet, VariantQuerySet
from catalog.text import plain_text
from pricing.fields import MoneyField
from pricing.models import TaxClass

LOW_STOCK_THRESHOLD = 5  # "Only 3 left" from here down, unless the record says otherwise


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


class ProductImage(models.Model):
    """A picture of a product in the two sizes that pages show."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="images")
    image = models.ImageField(
        _("picture"), upload_to="products/", width_field="width", height_field="height", max_length=200
    )
    thumbnail = models.ImageField(_("small picture"), upload_to="products/", max_length=200, editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    alt_text = models.CharField(_("alternative text"), max_length=200, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return self.alt_text or str(self.image)


class Variant(models.Model):
    """The sellable SKU. `price` and `compare_at_price` are in `currency`.

    Prices are written by `catalog.prices.set_price` only.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="variants")
    sku = models.CharField(_("SKU"), max_length=100, unique=True)
    barcode = models.CharField(_("barcode"), max_length=50, blank=True, db_index=True)
    options = models.JSONField(
        _("options"), default=list, blank=True, help_text=_('Pairs in order, for example [["Size", "M"]].')
    )
    title = models.CharField(_("title"), max_length=200, blank=True, help_text=_("The options' values: M / Red."))
    price = MoneyField(
        _("price"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    compare_at_price = MoneyField(
        _("compare-at price"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    currency = models.CharField(_("currency"), max_length=3)
    weight_grams = models.PositiveIntegerField(_("weight (g)"), null=True, blank=True)
    picture = models.ForeignKey(
        ProductImage, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    track_stock = models.BooleanField(_("track stock"), default=True)
    is_active = models.BooleanField(_("on sale"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = VariantQuerySet.as_manager()

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [
            models.UniqueConstraint(fields=["product", "title"], name="catalog_variant_title_unique_in_product"),
            models.CheckConstraint(condition=Q(price__gte=0), name="catalog_price_not_negative"),
            models.CheckConstraint(condition=Q(compare_at_price__gte=0), name="catalog_compare_at_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.product} ({self.title})" if self.title else str(self.product)

    def is_sellable(self) -> bool:
        """Whether it is offered at all, whatever its stock; reads `product`."""
        return (
            self.is_active
            and self.price is not None
            and self.currency == settings.SHOP_CURRENCY
            and self.product.status == Product.Status.ACTIVE
        )

    def is_reduced(self) -> bool:
        return self.price is not None and self.compare_at_price is not None and self.compare_at_price > self.price

    def available(self) -> int | None:
        """Units that can be bought now; None where stock is not tracked. Reads `stock`."""
        if not self.track_stock:
            return None
        record = getattr(self, "stock", None)
        return record.on_hand - record.reserved if record else 0

    def is_in_stock(self) -> bool:
        available = self.available()
        return available is None or available > 0

    def is_low(self) -> bool:
        available = self.available()
        return available is not None and 0 < available <= self.stock.low_stock_threshold


class StockRecord(models.Model):
    """Units of a tracked variant: counted on the shelf, and held for orders.

    Written by `catalog.stock` only, which books every change in the ledger.
    """

    variant = models.OneToOneField(Variant, models.PROTECT, related_name="stock", verbose_name=_("variant"))
    on_hand = models.PositiveIntegerField(_("on hand"), default=0)
    reserved = models.PositiveIntegerField(_("reserved"), default=0)
    low_stock_threshold = models.PositiveIntegerField(_("low from"), default=LOW_STOCK_THRESHOLD)

    objects = StockRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock record")
        verbose_name_plural = _("stock")
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved__gte=0, on_hand__gte=F("reserved")), name="catalog_reserved_within_on_hand"
            )
        ]

    def __str__(self) -> str:
        return str(self.variant)

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class StockMovement(models.Model):
    """One line of the ledger; never changed, never deleted."""

    class Reason(models.TextChoices):
        RECEIVE = "receive", _("Received")
        CORRECT = "correct", _("Corrected")
        RESERVE = "reserve", _("Reserved")
        RELEASE = "release", _("Released")
        SHIP = "ship", _("Shipped")
        RESTOCK = "restock", _("Returned to stock")

    variant = models.ForeignKey(Variant, models.PROTECT, related_name="movements", verbose_name=_("variant"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who")
    )
    on_hand_delta = models.IntegerField(_("on hand ±"), default=0)
    reserved_delta = models.IntegerField(_("reserved ±"), default=0)
    on_hand_after = models.PositiveIntegerField(_("on hand after"))
    reserved_after = models.PositiveIntegerField(_("reserved after"))
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reference = models.CharField(_("reference"), max_length=80, blank=True, db_index=True)

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock ledger")
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved_after__gte=0, on_hand_after__gte=F("reserved_after")),
                name="catalog_movement_leaves_sane_stock",
            ),
            models.CheckConstraint(
                condition=~Q(on_hand_delta=0, reserved_delta=0), name="catalog_movement_moves_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.get_reason_display()} {self.on_hand_delta:+d}/{self.reserved_delta:+d}"
