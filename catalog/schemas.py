"""What the API takes and gives about products and stock."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from pricing.schemas import Money, MoneyIn

LARGEST_ID = 2**63 - 1
MOST_UNITS = 10**9
MOST_VARIANTS = 100
MOST_PICTURES = 20

Id = Annotated[int, Field(ge=1, le=LARGEST_ID, examples=[7])]
Sku = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Count = Annotated[int, Field(ge=0, le=MOST_UNITS, strict=True)]
Options = Annotated[dict[Line, Line], Field(max_length=10, examples=[{"Size": "M", "Colour": "Oak"}])]


class Taken(Schema):
    """What is sent: a field that is not known is refused rather than ignored."""

    model_config = ConfigDict(extra="forbid")


class Picture(Schema):
    id: int
    url: str = Field(examples=["https://shop.example.org/media/products/oak.webp"])
    alt_text: str
    width: int
    height: int


class VariantOut(Schema):
    """What can be bought. `stock` is what can be bought now, null where it is not tracked."""

    id: int
    sku: str = Field(examples=["SH-1"])
    title: str = Field(examples=["M / Oak"])
    options: Options
    price: Money | None
    compare_at_price: Money | None
    currency: str = Field(examples=["EUR"])
    stock: int | None
    barcode: str
    weight_grams: int | None
    image: str | None


class ProductOut(Schema):
    """`price` is the lowest of its variants, `stock` their sum (null if any is untracked), `sku` the default's."""

    id: int
    name: str = Field(examples=["Oak shelf"])
    description: str
    price: Money | None
    currency: str = Field(examples=["EUR"])
    sku: str = Field(examples=["SH-1"])
    stock: int | None
    category: str | None = Field(description="The category's slug.", examples=["shelves"])
    url: str
    image: str | None
    variants: list[VariantOut]
    summary: str
    brand: str
    status: Literal["draft", "active", "archived"]
    images: list[Picture]
    created_at: datetime


class CategoryOut(Schema):
    slug: str = Field(examples=["shelves"])
    name: str = Field(examples=["Shelves"])
    parent: str | None = Field(description="The slug of the category above.")
    url: str


class Offer(Taken):
    """A variant's own part; `stock` tracks it from that count, without it it is always available."""

    sku: Sku | None = Field(None, description="Made by the shop when none is given.")
    price: MoneyIn
    compare_at_price: MoneyIn | None = None
    stock: Count | None = None
    barcode: Annotated[str, StringConstraints(max_length=50)] = ""
    weight_grams: Annotated[int, Field(ge=0, le=10**8, strict=True)] | None = None


class VariantIn(Offer):
    options: Options = Field(min_length=1)


class ProductIn(Offer):
    """A new product with one default variant, or with the `variants` given; then stock and codes stand there."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
    description: Annotated[str, StringConstraints(max_length=100_000)]
    summary: Line = ""
    brand: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    category: Line | None = Field(None, description="Slug or name; a name that is new makes a category.")
    status: Literal["draft", "active"] = "active"
    image_urls: list[Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://")]] = Field(
        [],
        max_length=MOST_PICTURES,
        description="Fetched later by a task of the shop; addresses inside a network are refused.",
    )
    variants: list[VariantIn] = Field([], max_length=MOST_VARIANTS)


class ProductChange(Taken):
    """What to change; what is left out stays. Price and codes are those of the only variant, or of `variant_id`."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)] | None = None
    description: Annotated[str, StringConstraints(max_length=100_000)] | None = None
    summary: Line | None = None
    brand: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] | None = None
    category: Line | None = Field(None, description="Slug or name; empty for none.")
    status: Literal["draft", "active", "archived"] | None = None
    variant_id: Id | None = None
    sku: Sku | None = None
    price: MoneyIn | None = None
    compare_at_price: MoneyIn | None = Field(None, description="0 for none.")
    barcode: Annotated[str, StringConstraints(max_length=50)] | None = None
    weight_grams: Annotated[int, Field(ge=0, le=10**8, strict=True)] | None = None


class StockOut(Schema):
    """Units of one variant: `available` = `on_hand` − `reserved`; all null where stock is not tracked."""

    variant_id: int
    sku: str
    tracked: bool
    on_hand: int | None
    reserved: int | None
    available: int | None


class StockChange(Taken):
    """Units that came (positive) or are gone (negative); `reason` is kept in the ledger."""

    delta: Annotated[int, Field(ge=-MOST_UNITS, le=MOST_UNITS, strict=True, examples=[12, -1])]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        examples=["delivery 4711", "broken"]
    )
    variant_id: Id | None = None
