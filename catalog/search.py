"""A plain search: every word must occur somewhere in what is written about a product."""

from collections.abc import Iterable

from django.db.models import Case, IntegerField, Q, Value, When

from catalog.cards import sellable_variants
from catalog.models import Product, Variant
from catalog.querysets import ProductQuerySet

LONGEST_QUERY = 200
MOST_WORDS = 8
TEXT_FIELDS = ("name", "brand", "summary", "category__name", "description")


def clean_query(typed: str) -> str:
    """What was typed, in one line of at most 200 characters, without what no text contains."""
    return " ".join(typed.replace("\x00", " ").split())[:LONGEST_QUERY].rstrip()


def matching(products: ProductQuerySet, query: str) -> ProductQuerySet:
    """Those of `products` that contain every word of a clean `query`, in any order and place."""
    for word in query.split()[:MOST_WORDS]:
        anywhere = Q(pk__in=_with_code("icontains", word))
        for field in TEXT_FIELDS:
            anywhere |= Q(**{f"{field}__icontains": word})
        products = products.filter(anywhere)
    return products


def with_rank(products: ProductQuerySet, query: str) -> ProductQuerySet:
    """Annotate `rank`: 0 for an exact SKU or barcode, then the name, its beginning, all words in it, the rest."""
    words_in_name = Q(*(Q(name__icontains=word) for word in query.split()[:MOST_WORDS]))
    rank = Case(
        When(pk__in=_with_code("iexact", query), then=Value(0)),
        When(name__iexact=query, then=Value(1)),
        When(name__istartswith=query, then=Value(2)),
        When(words_in_name, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return products.annotate(rank=rank)


def exactly(products: Iterable[Product], query: str) -> Variant | None:
    """The variant whose SKU or barcode is the query, if all that have it are of one product. Reads the cards."""
    code = query.casefold()
    found = [
        variant
        for product in products
        for variant in sellable_variants(product)
        if code in {variant.sku.casefold(), variant.barcode.casefold()}
    ]
    return found[0] if len({variant.product_id for variant in found}) == 1 else None


def _with_code(lookup: str, code: str):
    """Ids of products with a variant on sale whose SKU or barcode fits; looked up once, not for each product."""
    fits = Q(**{f"sku__{lookup}": code}) | Q(**{f"barcode__{lookup}": code})
    return Variant.objects.priced().filter(fits).values("product_id")
