"""Catalogues of all that the shop's doors let in, however odd, for Hypothesis to choose from."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from catalog.models import Category, PictureAddress, Product, ProductAttribute, StockRecord
from catalog.tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, VariantFactory
from catalog.text import clean_description
from pricing.models import TaxClass

LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
AWKWARD = [
    *("=1+1", "+49", "-20%", "@home", "'=x", "''", "'007", '"quoted"', "a; b", "[Oak]", '["Oak"]', "Oak; Ash"),
    *(
        "x,y",
        "a | b",
        "two  spaces",
        "Größe",
        "材質",
        "🫖",
        "Default Title",
        "Title",
        "null",
        "true",
        "0",
        "007",
        "a\u00a0b",
        "1 > 2",
    ),
]
SHOPIFYS_NONE = [["Title", "Default Title"]]  # which every import takes for no options
CATEGORIES = [
    *((), ("Home",), ("Home", "Kitchen"), ("Home", "Knives > Forks"), ("=Sum", "a; b")),
    *(("Küche", "Große  Töpfe"), ('"Quoted"',), ("[x]",)),
]


def line(longest: int, *, least: int = 1) -> st.SearchStrategy[str]:
    """A text of one line, as forms keep it: without space around it."""
    free = st.text(LETTERS, min_size=least, max_size=min(longest, 30)).map(str.strip)
    return (free | st.sampled_from(AWKWARD)).filter(lambda text: least <= len(text) <= longest)


lines = st.text(LETTERS | st.sampled_from('\n\r\t"<>&,;'), max_size=60)
descriptions = st.one_of(
    st.just(""),
    lines,
    lines.map("<p>{}</p>".format),
    st.just('<p>He said "so",\r\n twice.</p>\n\n<ul><li>=1</li></ul>'),
).map(clean_description)
amounts = st.decimals(0, 99_999, places=2, allow_nan=False, allow_infinity=False)
slugs = st.from_regex(r"\A[-a-zA-Z0-9_]{1,40}\Z") | st.just("x" * 200)
external_ids = st.none() | st.builds("{}:{}".format, st.sampled_from(["id", "asin", "handle"]), line(100))
option_names = st.lists(line(20), max_size=5, unique_by=str.casefold)


@st.composite
def variants(draw) -> list[dict[str, Any]]:
    """One to four variants, mostly with options of the same names, no two alike."""
    shared = draw(option_names)
    made: dict[str, dict[str, Any]] = {}
    for _number in range(draw(st.integers(1, 4))):
        names = shared if draw(st.integers(0, 3)) else draw(option_names)
        options = [[name, draw(line(20))] for name in names]
        if options == SHOPIFYS_NONE:
            options = []
        made[" / ".join(value for _name, value in options)] = {
            "options": options,
            "price": draw(st.none() | st.just(Decimal(0)) | amounts),
            "compare_at_price": draw(st.none() | amounts),
            "currency": draw(st.sampled_from(["EUR", "EUR", "EUR", "USD"])),
            "barcode": draw(line(50, least=0)),
            "weight_grams": draw(st.none() | st.integers(1, 10**6)),
            "on_hand": draw(st.none() | st.integers(0, 10**6)),
            "low_stock_threshold": draw(st.integers(0, 10**4)),
            "is_active": draw(st.booleans()),
            "picture": draw(st.integers(0, 4)),
        }
    return list(made.values())


@st.composite
def products(draw) -> dict[str, Any]:
    parts = draw(variants())
    statuses = list(Product.Status) if any(part["price"] is not None for part in parts) else ["draft", "archived"]
    return {
        "name": draw(line(400)),
        "summary": draw(line(200, least=0)),
        "description": draw(descriptions),
        "brand": draw(line(120, least=0)),
        "status": draw(st.sampled_from(statuses)),
        "seo_title": draw(line(120, least=0)),
        "seo_description": draw(line(320, least=0)),
        "is_reduced_tax": draw(st.booleans()),
        "category": draw(st.sampled_from(CATEGORIES)),
        "attributes": draw(st.sets(st.tuples(line(60), line(120)), max_size=6)),
        "pictures": draw(st.lists(st.tuples(st.booleans(), line(200, least=0)), max_size=3)),
        "variants": parts,
    }


@st.composite
def catalogues(draw) -> list[dict[str, Any]]:
    wanted = draw(st.lists(products(), min_size=1, max_size=4))
    skus = sum(len(product["variants"]) for product in wanted)
    given = {
        "slug": draw(st.lists(slugs, min_size=len(wanted), max_size=len(wanted), unique=True)),
        "external_id": draw(st.lists(external_ids, min_size=len(wanted), max_size=len(wanted))),
    }
    codes = draw(st.lists(line(100), min_size=skus, max_size=skus, unique=True))
    seen: set[str | None] = set()
    for number, product in enumerate(wanted):
        product["slug"] = given["slug"][number]
        external_id = given["external_id"][number]
        product["external_id"] = None if external_id in seen else external_id
        seen.add(external_id)
        for variant in product["variants"]:
            variant["sku"] = codes.pop()
    return wanted


def make(catalogue: list[dict[str, Any]]) -> None:
    """Put the products into the shop."""
    for wanted in catalogue:
        _make(dict(wanted))


def _make(wanted: dict[str, Any]) -> None:
    names = ("attributes", "pictures", "variants", "category", "is_reduced_tax")
    attributes, pictures, parts, path, is_reduced_tax = (wanted.pop(name) for name in names)
    tax_class = TaxClass.objects.get_or_create(code="reduced", defaults={"name": "Reduced"})[0]
    product = ProductFactory(category=_category(path), tax_class=tax_class if is_reduced_tax else None, **wanted)
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product=product, name=name, value=value) for name, value in sorted(attributes)
    )
    shown: list[dict[str, Any]] = [_picture(product, number, *picture) for number, picture in enumerate(pictures)]
    for position, part in enumerate(parts):
        columns = dict(part)
        picture, threshold = columns.pop("picture"), columns.pop("low_stock_threshold")
        columns |= shown[picture] if picture < len(shown) else {}
        variant = VariantFactory(product=product, position=position, **columns)
        StockRecord.objects.filter(variant=variant).update(low_stock_threshold=threshold)


def _picture(product: Product, number: int, is_own: bool, alt_text: str) -> dict[str, Any]:
    """The column of a variant that names the picture made."""
    if is_own:
        return {"picture": ProductImageFactory(product=product, position=number, alt_text=alt_text)}
    address = f"https://pictures.test/{product.pk}/ü {number}.jpg?v=1,2;3"
    columns = {"product": product, "position": number, "address": address, "alt_text": alt_text}
    return {"picture_address": PictureAddress.objects.create(**columns)}


def _category(path: tuple[str, ...]) -> Category | None:
    category = None
    for name in path:
        above, depth = (category.path, category.depth) if category else ("", 0)
        known = Category.objects.filter(path__startswith=above, depth=depth + 1, name=name).first()
        category = known or CategoryFactory(name=name, parent=category)
    return category
