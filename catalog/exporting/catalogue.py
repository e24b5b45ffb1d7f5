"""Every product of the shop with all that belongs to it, read in bounded memory."""

from collections.abc import Iterator

from django.db.models import Prefetch

from catalog.models import Category, PictureAddress, Product, ProductAttribute, ProductImage, Variant

PRODUCTS_AT_ONCE = 500
RELATED = [
    Prefetch("variants", Variant.objects.select_related("stock", "picture_address").in_order()),
    Prefetch("attributes", ProductAttribute.objects.order_by("pk")),
    Prefetch("images", ProductImage.objects.order_by("position", "pk")),
    Prefetch("picture_addresses", PictureAddress.objects.order_by("position", "pk")),
]


def whole_catalogue() -> Iterator[Product]:
    """The products in the order in which they were made, in a fixed number of statements for each 500.

    A product is as it stands when its 500 are read: the shop goes on selling meanwhile.
    """
    products = Product.objects.select_related("category", "tax_class").prefetch_related(*RELATED)
    last = 0
    while chunk := list(products.filter(pk__gt=last).order_by("pk")[:PRODUCTS_AT_ONCE]):
        for product in chunk:
            yield product
            # Forgets what was prefetched, without a statement: each row of it names its product, and such
            # rings of objects would stay in memory until Python looks for them.
            product.refresh_from_db(fields=[lookup.prefetch_to for lookup in RELATED])
        last = chunk[-1].pk


def facts(product: Product) -> dict[str, list[str]]:
    """The values of each attribute, names and values sorted: ``{"Material": ["Ash", "Oak"]}``."""
    values: dict[str, list[str]] = {}
    for name, value in sorted((attribute.name, attribute.value) for attribute in product.attributes.all()):
        values.setdefault(name, []).append(value)
    return values


def units_on_hand(variant: Variant) -> int | None:
    """The units counted; None where stock is not tracked."""
    if not variant.track_stock:
        return None
    record = getattr(variant, "stock", None)
    return record.on_hand if record else 0


class CategoryPaths:
    """The names from the top of the tree down to a category, the tree read once."""

    def __init__(self) -> None:
        self._paths = self._read()

    def of(self, product: Product) -> tuple[str, ...]:
        if product.category is None:
            return ()
        if product.category.path not in self._paths:  # made or moved since
            self._paths = self._read()
        return self._paths.get(product.category.path, (product.category.name,))

    def _read(self) -> dict[str, tuple[str, ...]]:
        paths: dict[str, tuple[str, ...]] = {"": ()}
        for path, name in Category.objects.order_by("path").values_list("path", "name"):
            paths[path] = (*paths.get(path[: -Category.steplen], ()), name)
        return paths
