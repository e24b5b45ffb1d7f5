"""What the API takes and gives about products and stock."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

from catalog.forms import HIGHEST_DIGITS
from catalog.importing.values import one_line
from catalog.prices import HIGHEST_PRICE
from catalog.search import LONGEST_QUERY
from pricing.money import DECIMAL_PLACES
from pricing.schemas import Money, MoneyIn

LARGEST_ID = 2**63 - 1
MOST_UNITS = 10**9
MOST_ROWS = 1_000
# Of one request; how much a product may have in all, `importing.limits` says.
VARIANTS_AT_ONCE = 100
ADDRESSES_AT_ONCE = 20


def said(text: str) -> str:
    """`text` in one line. Raises ValueError where nothing is left of it."""
    line = one_line(text)
    if not line:
        raise ValueError("This is empty.")
    return line


def not_zero(units: int) -> int:
    """Raises ValueError for 0, which would leave everything as it is."""
    if units == 0:
        raise ValueError("This changes nothing; send the units that came, or less the units that are gone.")
    return units


def counted_elsewhere(stock: object) -> None:
    """Raises ValueError, whatever is sent: two who set a count would undo each other."""
    raise ValueError("Units are booked in and out, not set: send a “delta” to POST /products/{id}/stock.")


Id = Annotated[int, Field(ge=1, le=LARGEST_ID, examples=[7])]
Limit = Annotated[int, Field(ge=1, le=MOST_ROWS, description="Rows of one page.")]
Cursor = Annotated[str | None, Field(description="Where a page begins; the link to it came with the page before.")]
Sku = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$"), AfterValidator(said)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(one_line)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400, pattern=r"\S"), AfterValidator(said)
]
Brand = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120), AfterValidator(one_line)]
Barcode = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50), AfterValidator(one_line)]
Html = Annotated[str, StringConstraints(max_length=100_000)]
Grams = Annotated[int, Field(ge=0, le=10**8, strict=True)]
Count = Annotated[int, Field(ge=0, le=MOST_UNITS, strict=True)]
OptionText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"\S"), AfterValidator(said)
]
Options = Annotated[dict[str, str], Field(examples=[{"Size": "M", "Colour": "Oak"}])]
OptionsIn = Annotated[
    dict[OptionText, OptionText], Field(min_length=1, max_length=10, examples=[{"Size": "M", "Colour": "Oak"}])
]
# `abs`: JSON knows a zero below zero, which databases keep in ways of their own.
PriceIn = Annotated[
    MoneyIn,
    Field(lt=HIGHEST_PRICE),
    AfterValidator(abs),
    WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": int(HIGHEST_PRICE), "examples": [12.50]}),
]
# As the website's filter takes it.
PriceLimit = Annotated[
    Decimal,
    Field(ge=0, max_digits=HIGHEST_DIGITS, decimal_places=DECIMAL_PLACES),
    WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": 10 ** (HIGHEST_DIGITS - DECIMAL_PLACES)}),
]


class Taken(Schema):
    """What is sent: a field that is not known is refused rather than ignored."""

    model_config = ConfigDict(extra="forbid")


def example(**fields: Any) -> ConfigDict:
    """A whole body, which the explorer fills in: it does no harm when it is sent as it is."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


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


class ProductsAsked(Schema):
    """Which products, in which order. What narrows the list can be combined."""

    category: str = Field(
        "", max_length=200, description="Slug or name; with all below it. An unknown one has no products."
    )
    price_min: PriceLimit | None = Field(None, description="In the shop's currency.")
    price_max: PriceLimit | None = Field(None, description="In the shop's currency.")
    in_stock: bool = Field(False, description="True: only what can be bought now.")
    sort: Literal["relevance", "newest", "price", "-price", "name"] | None = Field(
        None, description="`newest` by default, `relevance` for a search, which alone knows it."
    )
    status: Literal["active", "draft", "archived", "all"] = Field(
        "active", description="Any but `active` is for sellers only."
    )
    limit: Limit = 100
    cursor: Cursor = None


class ProductsListed(ProductsAsked):
    q: str = Field("", max_length=LONGEST_QUERY, description="Words, all of which are to be found, or a code.")


class ProductsSearched(ProductsAsked):
    query: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"\S")] = Field(
        max_length=LONGEST_QUERY, description="Words, all of which are to be found, or a code.", examples=["oak shelf"]
    )


class Codes(Taken):
    """A variant's own part; `stock` tracks it from that count, without it it is always available."""

    sku: Sku | None = Field(None, description="Made by the shop when none is given.", examples=["SH-1"])
    compare_at_price: PriceIn | None = Field(None, description="The price before a reduction.")
    stock: Count | None = Field(None, description="Units on hand; null: not tracked.", examples=[12])
    barcode: Barcode = ""
    weight_grams: Grams | None = None


class VariantIn(Codes):
    options: OptionsIn
    price: PriceIn | None = Field(None, description="The product's price, when none is given.")


class ProductIn(Codes):
    """A new product with one default variant, or with the `variants` given; then stock and codes stand there."""

    model_config = example(name="Oak shelf", price=21.00, description="Oiled, with hidden brackets.", stock=12)

    name: Name = Field(examples=["Oak shelf"])
    price: PriceIn
    description: Html = Field(
        description="Plain text or simple HTML; anything unsafe is removed.", examples=["Oiled, with hidden brackets."]
    )
    summary: Line = ""
    brand: Brand = ""
    category: Line | None = Field(
        None,
        description="Slug, name or path such as “Home > Kitchen”; one that is new is made if who asks may do that.",
    )
    status: Literal["draft", "active"] = "active"
    image_urls: list[Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\s/].*$")]] = Field(
        [],
        max_length=ADDRESSES_AT_ONCE,
        description="Fetched later by a task of the shop; addresses inside a network are refused.",
    )
    variants: list[VariantIn] = Field([], max_length=VARIANTS_AT_ONCE)

    @model_validator(mode="after")
    def says_codes_once(self) -> "ProductIn":
        """Raises ValueError for what would have to be passed over."""
        named = sorted(self.model_fields_set & Codes.model_fields.keys())
        if self.variants and named:
            raise ValueError(f"With variants, say this of each of them: {', '.join(named)}.")
        return self


class ProductChange(Taken):
    """What to change; the rest stays, as does what is null. Price and codes are those of one variant: `variant_id`."""

    model_config = example(price=19.50)

    name: Name | None = None
    description: Html | None = None
    summary: Line | None = None
    brand: Brand | None = None
    category: Line | None = Field(None, description="Slug, name or path; empty for none.")
    status: Literal["draft", "active", "archived"] | None = None
    variant_id: Id | None = None
    sku: Sku | None = None
    price: PriceIn | None = None
    compare_at_price: PriceIn | None = Field(None, description="0 for none.")
    barcode: Barcode | None = None
    weight_grams: Grams | None = None
    stock: SkipJsonSchema[Annotated[None, BeforeValidator(counted_elsewhere)]] = None


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

    model_config = example(delta=12, reason="delivery 4711")

    delta: Annotated[
        int,
        Field(ge=-MOST_UNITS, le=MOST_UNITS, strict=True, examples=[12, -1], json_schema_extra={"not": {"const": 0}}),
        AfterValidator(not_zero),
    ]
    reason: OptionText = Field(examples=["delivery 4711", "broken"])
    variant_id: Id | None = None
