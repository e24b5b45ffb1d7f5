"""What a product's card says: price, stock word, picture."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import prefetch_related_objects

from catalog.models import Product, ProductImage, Variant
from catalog.querysets import card_lookups


@dataclass(frozen=True, slots=True)
class Card:
    """`price` is the lowest, in `currency`; `stock_word` is ``in_stock``, ``low`` or ``sold_out``.

    `low_count` and `variant` are told where the product has a single variant.
    """

    price: Decimal | None
    currency: str
    compare_at_price: Decimal | None
    price_varies: bool
    stock_word: str
    low_count: int | None
    variant: Variant | None
    image: ProductImage | None


def with_cards(*shelves: Iterable[Product]) -> None:
    """Give every product of every shelf its `card`: two statements in all, none for what is prefetched."""
    products = [product for shelf in shelves for product in shelf]
    prefetch_related_objects(products, *card_lookups())
    for product in products:
        product.card = card(product)  # type: ignore[attr-defined]


def sellable_variants(product: Product) -> list[Variant]:
    """The variants offered, in order, from what is prefetched."""
    return [variant for variant in product.variants.all() if variant.is_sellable()]


def shown_variants(variants: Iterable[Variant]) -> list[Variant]:
    """What programs see of a product's variants: those offered; all, where none is, which only sellers see."""
    every = list(variants)
    return [variant for variant in every if variant.is_sellable()] or every


def card(product: Product) -> Card:
    """The card of a product whose variants and pictures are prefetched; no statement."""
    variants = sellable_variants(product)
    cheapest = min(variants, key=lambda variant: variant.price or 0, default=None)
    single = variants[0] if len(variants) == 1 else None
    word = _stock_word(variants)
    return Card(
        price=cheapest.price if cheapest else None,
        currency=settings.SHOP_CURRENCY,
        compare_at_price=cheapest.compare_at_price if cheapest and cheapest.is_reduced() else None,
        price_varies=len({variant.price for variant in variants}) > 1,
        stock_word=word,
        low_count=single.available() if single and word == "low" else None,
        variant=single,
        image=next(iter(product.images.all()), None),
    )


def _stock_word(variants: list[Variant]) -> str:
    """Low only when whatever can be bought is low."""
    buyable = [variant for variant in variants if variant.is_in_stock()]
    if not buyable:
        return "sold_out"
    return "low" if all(variant.is_low() for variant in buyable) else "in_stock"
