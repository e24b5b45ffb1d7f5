"""The demo's categories, products, stock and pictures."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from catalog import menu, stock
from catalog.demo.assortment import demo_categories
from catalog.demo.pictures import LARGE, alt_text, colour_shown, draw_all, draw_hero
from catalog.demo.records import DemoProduct
from catalog.models import Category, Product, ProductAttribute, ProductImage, Variant
from catalog.pictures import ReadyPicture, enqueue_widths, keep_files
from catalog.prices import NewPrice, set_prices
from pricing.models import TaxClass

BATCH = 12  # products a transaction: well under half a second on SQLite
CURRENCY = "EUR"


def load_categories() -> dict[str, Category]:
    """Write the category tree; returns all nodes by slug."""
    for top in demo_categories():
        node = Category.objects.filter(slug=top.slug).first() or Category.objects.add_root(
            {"slug": top.slug, "name": top.name, "description": top.description}
        )
        for slug, name in top.children:
            if not Category.objects.filter(slug=slug).exists():
                Category.objects.add_child(Category.objects.get(pk=node.pk), {"slug": slug, "name": name})
    menu.forget()
    return {category.slug: category for category in Category.objects.all()}


def load_products(records: list[DemoProduct], *, at: datetime) -> Iterator[int]:
    """Write the products that are not there yet, whole ones only; yields how many were looked at."""
    categories = load_categories()
    tax_classes = {"books": TaxClass.objects.filter(code="books").first()}
    known = set(Product.objects.values_list("slug", flat=True))
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        with transaction.atomic():
            for position, record in enumerate(batch, start):
                if record.slug not in known:
                    _write(record, categories, tax_classes, created_at=at - timedelta(hours=3 * position), at=at)
        yield len(batch)


def _write(
    record: DemoProduct,
    categories: Mapping[str, Category],
    tax_classes: Mapping[str, TaxClass | None],
    *,
    created_at: datetime,
    at: datetime,
) -> None:
    category = categories[record.category_slug]
    product = Product.objects.create(
        slug=record.slug,
        name=record.name,
        category=category,
        brand=record.brand,
        summary=record.summary,
        description=record.description,
        status=Product.Status.ACTIVE,
        tax_class=tax_classes.get(categories[record.category_slug].slug),
        created_at=created_at,
    )
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product=product, name=name, value=value) for name, value in record.attributes
    )
    variants = [
        Variant(
            product=product,
            sku=demo.sku,
            barcode=demo.barcode,
            options=[list(option) for option in demo.options],
            title=" / ".join(value for _, value in demo.options),
            weight_grams=demo.weight_grams,
            track_stock=demo.on_hand is not None,
            position=position,
        )
        for position, demo in enumerate(record.variants)
    ]
    set_prices(
        NewPrice(variant, demo.price, demo.compare_at_price, CURRENCY)
        for variant, demo in zip(variants, record.variants, strict=True)
    )
    Variant.objects.bulk_create(variants)
    counted = [(v, demo) for v, demo in zip(variants, record.variants, strict=True) if demo.on_hand is not None]
    for variant, demo in counted:
        stock.start_tracking(variant, low_stock_threshold=demo.low_stock_threshold)
    delivered = {variant.pk: demo.on_hand for variant, demo in counted if demo.on_hand}
    if delivered:
        stock.receive(delivered, at=at, note="opening stock")


def load_pictures(records: list[DemoProduct]) -> Iterator[int]:
    """Draw and store the pictures of products that have none; yields how many at a time."""
    _store_hero()
    pictured = set(ProductImage.objects.values_list("product__slug", flat=True))
    missing = {record.slug: record for record in records if record.slug not in pictured}
    ids = dict(Product.objects.filter(slug__in=missing).values_list("slug", "pk"))
    for slug, drawings in groupby(draw_all(missing.values()), key=itemgetter(0)):
        images = []
        for _, index, large, small in drawings:
            image = ProductImage(product_id=ids[slug], alt_text=alt_text(missing[slug], index), position=index)
            keep_files(ReadyPicture(large, small, *LARGE), image)
            images.append(image)
        with transaction.atomic():
            ProductImage.objects.bulk_create(images)
            for image in images:
                enqueue_widths(image)
                if colour := colour_shown(missing[slug], image.position):
                    _picture_variants(image, colour)
        yield len(images)


def _picture_variants(image: ProductImage, colour: str) -> None:
    """Let the variants of a colour show the picture of that colour."""
    variants = Variant.objects.filter(product_id=image.product_id)
    shown = [variant.pk for variant in variants if ["Colour", colour] in variant.options]
    variants.filter(pk__in=shown).update(picture=image)


def _store_hero() -> None:
    for name, portrait in (("shop/hero.webp", False), ("shop/hero-portrait.webp", True)):
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(draw_hero(portrait=portrait)))
