"""What a file says, before the shop is asked: plain records without a database."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

VALUE_SHOWN = 80
# The columns by which a product is known again, in this order.
KEYS = ("id", "sku", "asin", "handle", "slug")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file: a line of text, or a record of a JSON array; both count from 1."""

    line: int | None = None
    record: int | None = None

    def order(self) -> int:
        return self.line or self.record or 0


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, with the place, the column and the value as the file has it."""

    place: Place
    sentence: str
    column: str = ""
    value: str = ""


class WrongProduct(Exception):
    """A product of the file that stays out, with all that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(faults)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is right and not wanted, such as a price in another currency; `reason` is a sentence."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True)
class ParsedPicture:
    """Where a picture lies, as the file says."""

    address: str
    alt_text: str = ""


@dataclass(slots=True)
class ParsedVariant:
    """What a file says of one variant. Amounts are in `currency`, the import's where that is empty.

    None, or no options: the file says nothing of it. `stock` is the units
    counted, None where stock is not tracked. `says_compare_at` tells an empty
    compare-at price from a file without such a column. `picture` is an address.
    """

    place: Place
    sku: str = ""
    sku_column: str = ""
    options: tuple[tuple[str, str], ...] = ()
    price: Decimal | None = None
    compare_at_price: Decimal | None = None
    says_compare_at: bool = False
    currency: str = ""
    barcode: str = ""
    weight_grams: int | None = None
    stock: int | None = None
    picture: str = ""
    is_active: bool | None = None
    low_stock_threshold: int | None = None

    @property
    def title(self) -> str:
        return " / ".join(value for _name, value in self.options)


@dataclass(slots=True)
class ParsedProduct:
    """What a file says of one product. Empty or None: it says nothing of it.

    `ids` are its keys at its source other than SKUs: ``{"asin": "B00…"}``; `slug`
    is its address in a shop of ours, which only our own exports say.
    `category` is the path from the top of the tree; `description` is safe HTML
    or plain text; `status` a value of `Product.Status`; `attributes` has the
    values of each name: ``{"Material": ("Oak", "Wool")}``; `tax_class` is the
    code of one.
    """

    place: Place
    name: str
    name_column: str
    variants: list[ParsedVariant]
    ids: dict[str, str] = field(default_factory=dict)
    slug: str = ""
    description: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    attributes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    status: str = ""
    summary: str = ""
    seo_title: str = ""
    seo_description: str = ""
    tax_class: str = ""
    pictures: tuple[ParsedPicture, ...] = ()

    def skus(self) -> set[str]:
        return {variant.sku for variant in self.variants if variant.sku}

    def has_keys(self) -> bool:
        return bool(self.ids or self.slug or self.skus())


def fault(place: Place, sentence: str, column: str = "", value: Any = "") -> Fault:
    """A fault whose value is short enough to show; all of it can be stored."""
    shown = "" if value is None else storable(str(value))
    if len(shown) > VALUE_SHOWN:
        shown = shown[: VALUE_SHOWN - 1] + "…"
    return Fault(place, storable(str(sentence)), storable(column), shown)


def storable(text: str) -> str:
    """A text of a file without what PostgreSQL does not store: NUL goes, half a character becomes a question mark."""
    return text.replace("\x00", "").encode(errors="replace").decode()
