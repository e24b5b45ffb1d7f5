"""A product as a program writes it, whole or not at all.

What a price, a count, a text, a picture or a category has to be, the modules
say that own them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalog import menu, stock
from catalog.choice import named_variant
from catalog.errors import NothingToSell, SkuTaken, TooManyPictures, UnknownCategory
from catalog.fetching import want_pictures
from catalog.importing.categories import CategoryTree
from catalog.importing.limits import MOST_PICTURES
from catalog.importing.names import SKU_LIMIT, SLUG_LIMIT, free_names, wished_sku
from catalog.importing.values import WrongValue, category_path
from catalog.models import Category, PictureAddress, Product, ProductImage, Variant
from catalog.pictures import ReadyPicture, enqueue_widths, keep_files
from catalog.prices import NewPrice, set_price, set_prices
from catalog.text import clean_description
from catalog.transactions import use_case
from catalog.variant_options import Options, check_options, check_titles, title_of

# Of several that want one name at the same moment, one gets it at each try.
MOST_TRIES = 20
PRODUCT_COLUMNS = ("name", "summary", "brand", "description", "status")
VARIANT_COLUMNS = ("sku", "barcode", "weight_grams")
PRICES = ("price", "compare_at_price")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVariant:
    """Prices are in the shop's currency; `stock` is the count that tracking begins with, None: not tracked."""

    price: Decimal
    compare_at_price: Decimal | None = None
    sku: str = ""
    options: Options = field(default_factory=list)
    stock: int | None = None
    barcode: str = ""
    weight_grams: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """`category` is a slug, a name or a path of names; `picture_addresses` are fetched later."""

    name: str
    description: str
    variants: Sequence[NewVariant]
    summary: str = ""
    brand: str = ""
    category: str = ""
    status: str = Product.Status.ACTIVE
    picture_addresses: Sequence[str] = ()


def create_product(new: NewProduct, *, at: datetime, by: Any = None, may_add_category: bool = False) -> Product:
    """Make a product with its variants, stock and pictures to be fetched; `by` stands in the ledger.

    Raises InvalidPrice, InvalidOptions, SkuTaken, UnknownCategory and NothingToSell.
    """
    for _try in range(MOST_TRIES):
        try:
            return _create(new, at=at, by=by, may_add_category=may_add_category)
        except IntegrityError:
            continue  # somebody else took the slug or a SKU in between: look again
    return _create(new, at=at, by=by, may_add_category=may_add_category)


def change_product(
    product: Product, changes: Mapping[str, Any], *, variant_id: int | None = None, may_add_category: bool = False
) -> Product:
    """Change what `changes` name: columns of the product, its category, and price and codes of one variant.

    That variant is the only one, or the one with `variant_id`. A
    `compare_at_price` of 0 takes it away, as an empty category does. Raises
    what `create_product` does, VariantRequired and UnknownVariant.
    """
    for _try in range(MOST_TRIES):
        try:
            return _change(product, changes, variant_id=variant_id, may_add_category=may_add_category)
        except IntegrityError:
            continue
    return _change(product, changes, variant_id=variant_id, may_add_category=may_add_category)


def add_picture(product: Product, ready: ReadyPicture, *, alt_text: str) -> ProductImage:
    """Show an unpacked picture behind those that the product has. Raises TooManyPictures."""
    picture = ProductImage(product=product, alt_text=alt_text)
    keep_files(ready, picture)  # before the transaction: the files may lie elsewhere
    return _add_picture(picture)


def check_on_sale(status: str, prices: Iterable[Decimal | None]) -> None:
    """Raises NothingToSell where an active product has no price among those of its variants on sale."""
    if status == Product.Status.ACTIVE and all(price is None for price in prices):
        raise NothingToSell


@use_case
def _create(new: NewProduct, *, at: datetime, by: Any, may_add_category: bool) -> Product:
    check_on_sale(new.status, [variant.price for variant in new.variants])
    check_skus([variant.sku for variant in new.variants if variant.sku])
    product = Product(
        name=new.name,
        slug=free_names(Product.objects.all(), "slug", [slugify(new.name) or "product"], limit=SLUG_LIMIT)[0],
        summary=new.summary,
        description=clean_description(new.description),
        brand=new.brand,
        status=new.status,
        category_id=category_of(new.category, may_add=may_add_category),
        created_at=at,
    )
    product.save(force_insert=True)
    variants = _create_variants(product, new.variants)
    counts = {
        variant.pk: said.stock for variant, said in zip(variants, new.variants, strict=True) if said.stock is not None
    }
    if counts:
        stock.open_records(counts, at=at, by=by, note=_("new product"))
    if new.picture_addresses:
        _want_pictures(product, new.picture_addresses, at=at)
    return product


def _create_variants(product: Product, new: Sequence[NewVariant]) -> list[Variant]:
    for said in new:
        check_options(said.options)
    check_titles(title_of(said.options) for said in new)
    variants = [
        Variant(
            product=product,
            sku=sku,
            barcode=said.barcode,
            options=said.options,
            title=title_of(said.options),
            weight_grams=said.weight_grams,
            track_stock=said.stock is not None,
            position=position,
        )
        for position, (said, sku) in enumerate(zip(new, _skus(product, new), strict=True))
    ]
    set_prices(
        NewPrice(variant, said.price, said.compare_at_price or None)
        for variant, said in zip(variants, new, strict=True)
    )
    return Variant.objects.bulk_create(variants)


def _skus(product: Product, new: Sequence[NewVariant]) -> list[str]:
    """The SKUs given, and free ones after the product's slug for the others."""
    given = {said.sku for said in new if said.sku}
    wished = [wished_sku(product.slug, number) for number, said in enumerate(new, start=1) if not said.sku]
    free = iter(free_names(Variant.objects.all(), "sku", wished, limit=SKU_LIMIT, reserved=given))
    return [said.sku or next(free) for said in new]


def _want_pictures(product: Product, addresses: Sequence[str], *, at: datetime) -> None:
    PictureAddress.objects.bulk_create(
        PictureAddress(product=product, address=address, position=position)
        for position, address in enumerate(dict.fromkeys(addresses))
    )
    want_pictures([product.pk], at=at)


@use_case
def _change(product: Product, changes: Mapping[str, Any], *, variant_id: int | None, may_add_category: bool) -> Product:
    product = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    if variant_id is not None or any(name in changes for name in (*VARIANT_COLUMNS, *PRICES)):
        _change_variant(named_variant(product, variant_id), changes)
    columns = {name: changes[name] for name in PRODUCT_COLUMNS if name in changes}
    if "description" in columns:
        columns["description"] = clean_description(columns["description"])
    if "category" in changes:
        columns["category_id"] = category_of(changes["category"], may_add=may_add_category)
    if "status" in columns:
        check_on_sale(columns["status"], product.variants.priced().values_list("price", flat=True))
    if columns:
        Product.objects.filter(pk=product.pk).update(**columns)
    return product


def _change_variant(variant: Variant, changes: Mapping[str, Any]) -> None:
    columns = {name: changes[name] for name in VARIANT_COLUMNS if name in changes}
    if columns.get("sku", variant.sku) != variant.sku:
        check_skus([columns["sku"]])
    if columns:
        Variant.objects.filter(pk=variant.pk).update(**columns)
    if any(name in changes for name in PRICES):
        set_price(
            variant,
            changes.get("price", variant.price),
            compare_at_price=changes.get("compare_at_price", variant.compare_at_price) or None,
            currency=None if "price" in changes else variant.currency,
        )


@use_case
def _add_picture(picture: ProductImage) -> ProductImage:
    product = Product.objects.select_for_update(of=("self",)).get(pk=picture.product_id)
    positions = list(product.images.values_list("position", flat=True))
    awaited = product.picture_addresses.filter(picture=None).exclude(state=PictureAddress.State.FETCHED)
    if len(positions) + awaited.count() >= MOST_PICTURES:
        raise TooManyPictures(MOST_PICTURES)
    picture.position = max(positions, default=-1) + 1
    picture.save(force_insert=True)
    enqueue_widths(picture)
    return picture


def check_skus(skus: Sequence[str]) -> None:
    """Raises SkuTaken for the first of these SKUs of new variants that stands for another, or for two of them."""
    taken = set(Variant.objects.filter(sku__in=skus).values_list("sku", flat=True))
    for sku in skus:
        if sku in taken:
            raise SkuTaken(sku)
        taken.add(sku)


def category_of(said: str, *, may_add: bool) -> int | None:
    """The key of the category with this slug, name or path such as ``Home > Kitchen``; None for nothing said.

    Raises UnknownCategory, unless it `may_add` one.
    """
    if not said:
        return None
    known = Category.objects.filter(slug=said).values_list("pk", flat=True).first()
    if known is not None:
        return known
    try:
        path = category_path(said)
    except WrongValue as error:
        raise UnknownCategory(str(error)) from None
    tree = CategoryTree()
    found = tree.find(path) or (tree.find_named(path[0]) if len(path) == 1 else None)
    if found is None:
        if not (may_add and path):
            raise UnknownCategory(_("The shop has no category “%(name)s”.") % {"name": said})
        found = tree.add(path)
        transaction.on_commit(menu.forget)
    return found
