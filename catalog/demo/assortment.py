"""The assortment of Quiet Shelf, the demo shop: the same products, prices and stock on every machine.

The words live in `ranges/*.toml`, one file for each top-level category; this
module turns them into records, adds SKUs, barcodes and stock, and multiplies
the assortment for load tests.
"""

import random
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from catalog.demo.palette import COLOURS, FAMILIES
from catalog.demo.records import DemoCategory, DemoProduct, DemoVariant

__all__ = ["SHOP_NAME", "DemoCategory", "DemoProduct", "DemoVariant", "demo_categories", "demo_products"]

SHOP_NAME = "Quiet Shelf"
SEED = "quiet shelf"
LOW_STOCK_THRESHOLD = 5
RANGES = Path(__file__).with_name("ranges")
EDITIONS = (
    "spring",
    "harvest",
    "winter",
    "midsummer",
    "studio",
    "orchard",
    "harbour",
    "jubilee",
    "workshop",
    "lantern",
)

Words = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Offer:
    """One variant before it has a SKU and stock."""

    options: tuple[tuple[str, str], ...]
    price: Decimal


def demo_categories() -> list[DemoCategory]:
    """The twelve top-level categories with their subcategories, in shop order."""
    return [
        DemoCategory(words["slug"], words["name"], words["description"], tuple(words["children"].items()))
        for words in _ranges()
    ]


def demo_products(scale: int = 1) -> list[DemoProduct]:
    """The assortment, `scale` times over: the first part is always the base.

    Further copies are the same things in other colours and editions, with their
    own names, slugs, SKUs and barcodes. Raises ValueError for a scale below 1.
    """
    if scale < 1:
        raise ValueError(f"The scale of the demo shop is 1 or more, not {scale}.")
    return [product for copy in range(scale) for product in _copy_of_the_assortment(copy)]


@lru_cache(maxsize=1)
def _ranges() -> tuple[Words, ...]:
    return tuple(tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(RANGES.glob("*.toml")))


def _copy_of_the_assortment(copy: int) -> Iterator[DemoProduct]:
    serial = 0
    for category in _ranges():
        size = len(category["products"])
        for position, words in enumerate(category["products"], start=1):
            entry = words if copy == 0 else _in_another_edition(words, copy)
            number = copy * size + position
            product = _product(entry, f"{category['slug'][:3].upper()}-{number:03d}", copy, serial)
            serial += len(product.variants)
            yield product


def _in_another_edition(words: Words, copy: int) -> Words:
    """The same thing in a colour of its own and, once the colours are used up, in a named edition."""
    own = {*words["colours"], *words.get("more_colours", ()), "Clear"}
    free = [name for name in COLOURS if name not in own]
    random.Random(f"{SEED} editions {words['name']}").shuffle(free)
    turn, place = divmod(copy - 1, len(free))
    name = f"{words['name']} in {free[place].lower()}"
    if turn:
        season, number = EDITIONS[(turn - 1) % len(EDITIONS)], (turn - 1) // len(EDITIONS)
        name += f", {season} edition" + (f" {number + 1}" if number else "")
    kept = {key: value for key, value in words.items() if key not in ("more_colours", "short")}
    return kept | {"name": name, "colours": [free[place], *words["colours"][1:]]}


def _product(words: Words, code: str, copy: int, serial: int) -> DemoProduct:
    slug = _slug(words["name"])
    return DemoProduct(
        slug=slug,
        name=words["name"],
        category_slug=words["in"],
        brand=words["brand"],
        summary=words["summary"],
        description=_description(words),
        attributes=(
            ("Material", words["material"]),
            ("Colour", FAMILIES[words["colours"][0]]),
            ("Made in", words["made"]),
        ),
        variants=tuple(
            _variant(words, offer, code, _barcode(copy, serial + place), random.Random(f"{SEED} {slug} {place}"))
            for place, offer in enumerate(_offers(words))
        ),
        picture_kind=words["picture"],
        picture_form=words.get("form", ""),
        picture_pattern=words.get("pattern", ""),
        picture_stretch=tuple(words.get("stretch", (1.0, 1.0))),
        colours=tuple(words["colours"]),
        other_colours=tuple(words.get("more_colours", ())),
    )


def _description(words: Words) -> str:
    first, *rest = (f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in words["text"])
    points = "".join(f"<li>{escape(point, quote=False)}</li>" for point in words["points"])
    return "\n".join([first, *rest, f"<ul>{points}</ul>"])


def _offers(words: Words) -> list[_Offer]:
    sizes = [((words["size_name"], value), Decimal(price)) for value, price in words.get("sizes", ())]
    colours = [("Colour", name) for name in (words["colours"][0], *words.get("more_colours", ()))]
    if not words.get("more_colours"):
        return [_Offer((size,), price) for size, price in sizes] or [_Offer((), Decimal(words["price"]))]
    if not sizes:
        return [_Offer((shade,), Decimal(words["price"])) for shade in colours]
    return [_Offer((size, shade), price) for shade in colours for size, price in sizes]


def _variant(words: Words, offer: _Offer, code: str, barcode: str, chance: random.Random) -> DemoVariant:
    base = Decimal(words["price"])
    values = [value for _, value in offer.options]
    return DemoVariant(
        sku="-".join([code, *(_slug(value).replace("-", "").upper() for value in values)]),
        barcode=barcode,
        options=offer.options,
        price=offer.price,
        compare_at_price=_before(offer.price, base, Decimal(words["was"])) if "was" in words else None,
        weight_grams=round(words["weight"] * float(offer.price / base)),
        on_hand=_on_hand(words, " / ".join(values), chance),
        low_stock_threshold=LOW_STOCK_THRESHOLD,
    )


def _before(price: Decimal, base: Decimal, was: Decimal) -> Decimal:
    """The former price of a size, reduced by the same share as the first one."""
    return (price * was / base).quantize(Decimal("1"), ROUND_HALF_UP).quantize(Decimal("0.01"))


def _on_hand(words: Words, value: str, chance: random.Random) -> int | None:
    usual = chance.randint(8, 64)
    stock = words.get("short", {}).get(value, words.get("stock", usual))
    return stock if isinstance(stock, int) else None


def _barcode(copy: int, serial: int) -> str:
    """An EAN-13 of the range that GS1 leaves to shops for their own use (prefixes 200 to 299)."""
    body = f"2{copy:05d}{serial:06d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
