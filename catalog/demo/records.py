"""What the demo shop sells, as plain records."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class DemoCategory:
    """A top-level category; `children` are its subcategories as (slug, name)."""

    slug: str
    name: str
    description: str
    children: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DemoVariant:
    """What is bought. Prices are gross, in EUR; `on_hand` is None where stock is not tracked."""

    sku: str
    barcode: str
    options: tuple[tuple[str, str], ...]
    price: Decimal
    compare_at_price: Decimal | None
    weight_grams: int
    on_hand: int | None
    low_stock_threshold: int


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """What is described. The `picture_` fields say which drawing shows it and how."""

    slug: str
    name: str
    category_slug: str
    brand: str
    summary: str
    description: str
    attributes: tuple[tuple[str, str], ...]
    variants: tuple[DemoVariant, ...]
    picture_kind: str
    picture_form: str
    picture_pattern: str
    picture_stretch: tuple[float, float]
    colours: tuple[str, ...]
    other_colours: tuple[str, ...]
