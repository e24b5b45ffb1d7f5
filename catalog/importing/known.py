"""Which product of the shop a row of a file means."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from catalog.importing.rows import KEYS, ParsedProduct, WrongProduct, fault
from catalog.models import Product, ProductAttribute, Variant


def external_id(column: str, value: str) -> str:
    """As `Product.external_id` keeps it: ``asin:B00005N5PF``."""
    return f"{column}:{value}"


@dataclass(slots=True)
class KnownProduct:
    """A product of the shop with its variants and its attributes' values by name."""

    product: Product
    variants: list[Variant] = field(default_factory=list)
    attributes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


class KnownProducts:
    """The shop's products that a batch of rows may mean, read in a fixed number of statements."""

    def __init__(self, batch: Iterable[ParsedProduct]) -> None:
        ids: set[str] = set()
        skus: set[str] = set()
        names: set[str] = set()
        for parsed in batch:
            ids.update(external_id(column, value) for column, value in parsed.ids.items())
            skus |= parsed.skus()
            if not parsed.has_keys():
                names.add(parsed.name)
        self._owners = dict(Variant.objects.filter(sku__in=skus).values_list("sku", "product_id")) if skus else {}
        wanted = set(self._owners.values())
        if ids:
            wanted.update(Product.objects.filter(external_id__in=ids).values_list("pk", flat=True))
        if names:
            wanted.update(Product.objects.filter(name__in=names).values_list("pk", flat=True))
        self._products = _read(wanted) if wanted else {}
        self._by_external_id = {known.product.external_id: known for known in self._products.values()}
        self._by_name: dict[str, list[KnownProduct]] = defaultdict(list)
        for known in self._products.values():
            self._by_name[known.product.name].append(known)

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
            else:
                known = self._by_external_id.get(external_id(column, parsed.ids.get(column, "")))
            if known and not (column == "id" and _contradicts(known, parsed)):
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


def _read(keys: Iterable[int]) -> dict[int, KnownProduct]:
    products = {pk: KnownProduct(product) for pk, product in Product.objects.in_bulk(keys).items()}
    for variant in Variant.objects.filter(product__in=products).order_by("pk"):
        products[variant.product_id].variants.append(variant)
    attributes = ProductAttribute.objects.filter(product__in=products)
    for product, name, value in attributes.values_list("product", "name", "value"):
        products[product].attributes[name].add(value)
    return products


def _same_name(product: Product, parsed: ParsedProduct) -> bool:
    return product.name.casefold() == parsed.name.casefold()


def _contradicts(known: KnownProduct, parsed: ParsedProduct) -> bool:
    """Whether an id that two files happen to share means two products: neither a SKU nor the name agrees."""
    skus = parsed.skus()
    shared = skus & {variant.sku for variant in known.variants}
    return bool(skus) and not shared and not _same_name(known.product, parsed)


def _comes_from_elsewhere(known: KnownProduct, parsed: ParsedProduct) -> bool:
    """Whether a shared SKU means two products: they have different keys of one kind, and different names."""
    column, _colon, value = (known.product.external_id or "").partition(":")
    other_key = column in parsed.ids and parsed.ids[column] != value
    return other_key and not _same_name(known.product, parsed)
