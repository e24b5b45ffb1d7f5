"""Which product of the shop a row of a file means."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import F, Q
from django.utils.translation import gettext as _

from catalog import stock
from catalog.importing.lookups import AmongThem
from catalog.importing.pictures import KnownPictures
from catalog.importing.rows import KEYS, ParsedProduct, WrongProduct, fault
from catalog.models import PictureAddress, Product, ProductAttribute, ProductImage, StockRecord, Variant


def external_id(column: str, value: str) -> str:
    """As `Product.external_id` keeps it: ``asin:B00005N5PF``."""
    return f"{column}:{value}"


@dataclass(slots=True)
class KnownProduct:
    """A product of the shop with its variants, its pictures and its attributes: ``{name: {value: row's key}}``."""

    product: Product
    variants: list[Variant] = field(default_factory=list)
    attributes: dict[str, dict[str, int]] = field(default_factory=dict)
    pictures: KnownPictures = field(default_factory=KnownPictures)


class KnownProducts:
    """The shop's products that a batch of rows may mean, read in a fixed number of statements.

    `counted` asks for their stock records too, ``{variant_id: record}``, which
    are locked where that is wanted; then call inside a transaction.
    """

    def __init__(self, batch: Collection[ParsedProduct], *, counted: bool = False, lock: bool = False) -> None:
        self._products: dict[int, KnownProduct] = {}
        self._owners: dict[str, int] = {}
        self._add(_meant(batch))
        self._add_owners({sku for parsed in batch for sku in parsed.skus()} - self._owners.keys())
        _add_attributes(self._products)
        if any(parsed.pictures or any(variant.picture for variant in parsed.variants) for parsed in batch):
            _add_pictures(self._products)
        self._by_external_id = {known.product.external_id: known for known in self._products.values()}
        self._by_slug = {known.product.slug: known for known in self._products.values()}
        self._by_name: dict[str, list[KnownProduct]] = defaultdict(list)
        for known in self._products.values():
            self._by_name[known.product.name].append(known)
        variants = [variant.pk for known in self._products.values() for variant in known.variants]
        self.stock: dict[int, StockRecord] = stock.records(variants, lock=lock) if counted else {}

    def _add(self, products: Q) -> None:
        """Read products with their variants, and whose SKUs these are."""
        found = {product.pk: KnownProduct(product) for product in Product.objects.filter(products)} if products else {}
        if not found:
            return
        for variant in Variant.objects.filter(AmongThem(F("product_id"), found)).order_by("pk"):
            found[variant.product_id].variants.append(variant)
            self._owners[variant.sku] = variant.product_id
        self._products |= found

    def _add_owners(self, skus: Collection[str]) -> None:
        """Read the products that the remaining SKUs belong to."""
        if skus:
            owners = set(Variant.objects.filter(AmongThem(F("sku"), skus)).values_list("product_id", flat=True))
            self._add(Q(AmongThem(F("pk"), owners)) if owners else Q())

    def keys(self) -> Collection[int]:
        return self._products.keys()

    def find(self, parsed: ParsedProduct) -> KnownProduct | None:
        """The product that a row means, or None for a new one. Raises WrongProduct where that cannot be told."""
        known = self._by_keys(parsed) if parsed.has_keys() else self._named(parsed)
        self._check_skus(parsed, known)
        return known

    def is_taken(self, identity: str) -> bool:
        return identity in self._by_external_id

    def _by_keys(self, parsed: ParsedProduct) -> KnownProduct | None:
        for column in KEYS:
            if column == "sku":
                known = self._by_sku(parsed)
            elif column == "slug":
                known = self._by_slug.get(parsed.slug)
            else:
                known = self._by_external_id.get(external_id(column, parsed.ids.get(column, "")))
            if known and not (column in ("id", "slug") and _contradicts(known, parsed)):
                return known
        return None

    def _by_sku(self, parsed: ParsedProduct) -> KnownProduct | None:
        for variant in parsed.variants:
            if owner := self._owners.get(variant.sku):
                return None if _comes_from_elsewhere(self._products[owner], parsed) else self._products[owner]
        return None

    def _named(self, parsed: ParsedProduct) -> KnownProduct | None:
        namesakes = self._by_name.get(parsed.name, [])
        if len(namesakes) > 1:
            sentence = _("%(count)d products have this name; add a column sku, id, asin or handle that tells which.")
            raise WrongProduct(
                [fault(parsed.place, sentence % {"count": len(namesakes)}, parsed.name_column, parsed.name)]
            )
        return namesakes[0] if namesakes else None

    def _check_skus(self, parsed: ParsedProduct, known: KnownProduct | None) -> None:
        faults = []
        for variant in parsed.variants:
            owner = self._owners.get(variant.sku)
            if owner and (known is None or owner != known.product.pk):
                name = self._products[owner].product.name
                sentence = _("This SKU belongs to another product: %(name)s.") % {"name": name}
                faults.append(fault(variant.place, sentence, variant.sku_column, variant.sku))
        if faults:
            raise WrongProduct(faults)


def _meant(batch: Iterable[ParsedProduct]) -> Q:
    """The products that the batch's keys other than SKUs lead to, and its names where it has no keys."""
    ids: set[str] = set()
    slugs: set[str] = set()
    names: set[str] = set()
    for parsed in batch:
        ids.update(external_id(column, value) for column, value in parsed.ids.items())
        if parsed.slug:
            slugs.add(parsed.slug)
        if not parsed.has_keys():
            names.add(parsed.name)
    wanted = Q()
    for column, values in (("external_id", ids), ("slug", slugs), ("name", names)):
        if values:
            wanted |= Q(AmongThem(F(column), values))
    return wanted


def _add_attributes(products: dict[int, KnownProduct]) -> None:
    if products:
        found = ProductAttribute.objects.filter(AmongThem(F("product_id"), products))
        for pk, product, name, value in found.values_list("pk", "product", "name", "value"):
            products[product].attributes.setdefault(name, {})[value] = pk


def _add_pictures(products: dict[int, KnownProduct]) -> None:
    if products:
        for source in PictureAddress.objects.filter(AmongThem(F("product_id"), products)):
            products[source.product_id].pictures.sources[source.address] = source
        for image in ProductImage.objects.filter(AmongThem(F("product_id"), products)):
            products[image.product_id].pictures.images[image.pk] = image


def _same_name(product: Product, parsed: ParsedProduct) -> bool:
    return product.name.casefold() == parsed.name.casefold()


def _contradicts(known: KnownProduct, parsed: ParsedProduct) -> bool:
    """Whether a key that two files happen to share means two products: neither a SKU nor the name agrees."""
    skus = parsed.skus()
    shared = skus & {variant.sku for variant in known.variants}
    return bool(skus) and not shared and not _same_name(known.product, parsed)


def _comes_from_elsewhere(known: KnownProduct, parsed: ParsedProduct) -> bool:
    """Whether a shared SKU means two products: they have different keys of one kind, and different names."""
    column, _colon, value = (known.product.external_id or "").partition(":")
    other_key = column in parsed.ids and parsed.ids[column] != value
    return other_key and not _same_name(known.product, parsed)
