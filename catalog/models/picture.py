from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product

SMALL = (480, 600)  # width, height that the small WebP file fits in


def private_storage() -> Storage:
    """Where files lie that nobody is served: originals of pictures, uploaded catalogues."""
    return storages["private"]


class ProductImage(models.Model):
    """A picture of a product: the file as it came, and what pages show of it.

    `image` and the small `thumbnail` are WebP files made at once; `widths` (in
    pixels) are those in which a task has made AVIF, WebP and JPEG files since.
    """

    product = models.ForeignKey(Product, models.CASCADE, related_name="images")
    original = models.FileField(
        _("original"),
        storage=private_storage,
        upload_to="originals/",
        max_length=200,
        blank=True,
        editable=False,
        db_default="",
    )
    image = models.ImageField(
        _("picture"), upload_to="products/", width_field="width", height_field="height", max_length=200
    )
    thumbnail = models.ImageField(_("small picture"), upload_to="products/", max_length=200, editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    widths = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), editable=False)
    alt_text = models.CharField(_("alternative text"), max_length=200, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return self.alt_text or str(self.image)

    def file_name(self, width: int, ending: str) -> str:
        """The name of the file of a width (in pixels), where `ending` is ``avif``, ``webp`` or ``jpg``."""
        return f"{str(self.image).removesuffix('.webp')}-{width}.{ending}"

    def formats(self) -> list[tuple[str, str]]:
        """Content type and `srcset` of every format but JPEG, the smallest files first; none before they are made."""
        if not self.widths:
            return []
        return [("image/avif", self._srcset("avif")), ("image/webp", self._srcset("webp"))]

    def srcset(self) -> str:
        """What every browser reads: JPEG or, as long as there is none, the two WebP files."""
        if self.widths:
            return self._srcset("jpg")
        small = round(self.width * min(SMALL[0] / max(self.width, 1), SMALL[1] / max(self.height, 1), 1))
        return f"{self.thumbnail.url} {max(small, 1)}w, {self.image.url} {max(self.width, 1)}w"

    def url(self) -> str:
        """The address for whoever reads no `srcset`: a middling size."""
        if not self.widths:
            return self.thumbnail.url
        return self._url(max((width for width in self.widths if width <= SMALL[0]), default=self.widths[0]), "jpg")

    def smallest_url(self) -> str:
        """The address of a file for the smallest places: a thumbnail, a row of a table."""
        return self._url(self.widths[0], "webp") if self.widths else self.thumbnail.url

    def largest_url(self) -> str:
        """The address of the picture at its largest, in a format that everything reads."""
        return self._url(self.widths[-1], "jpg") if self.widths else self.image.url

    def _srcset(self, ending: str) -> str:
        return ", ".join(f"{self._url(width, ending)} {width}w" for width in self.widths)

    def _url(self, width: int, ending: str) -> str:
        return f"{self.image.url.removesuffix('.webp')}-{width}.{ending}"


class PictureAddress(models.Model):
    """Where an import says that a picture lies; it is fetched only when staff ask for it."""

    class State(models.TextChoices):
        KNOWN = "known", _("Known")
        WANTED = "wanted", _("To be fetched")
        FETCHED = "fetched", _("Fetched")
        FAILED = "failed", _("Failed")

    product = models.ForeignKey(Product, models.CASCADE, related_name="picture_addresses", db_index=False)
    address = models.CharField(_("address"), max_length=2000)
    alt_text = models.CharField(_("alternative text"), max_length=200, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.KNOWN)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    due_at = models.DateTimeField(_("next try"), null=True, blank=True)
    picture = models.ForeignKey(
        ProductImage, models.SET_NULL, null=True, blank=True, related_name="sources", db_index=False
    )

    class Meta:
        verbose_name = _("picture address")
        verbose_name_plural = _("picture addresses")
        constraints = [
            models.UniqueConstraint(fields=["product", "address"], name="catalog_picture_address_once_a_product")
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="wanted"), name="catalog_pictures_wanted"),
            models.Index(fields=["picture"], condition=Q(picture__isnull=False), name="catalog_picture_source"),
        ]

    def __str__(self) -> str:
        return self.address
