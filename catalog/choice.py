"""Which variant of a product a page shows, and the ways from it to the others."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from catalog.cards import shown_variants
from catalog.errors import UnknownVariant, VariantRequired
from catalog.models import Product, Variant


@dataclass(frozen=True, slots=True)
class OptionValue:
    """A value of an option, and the variant that choosing it leads to."""

    value: str
    variant: Variant
    selected: bool

    @property
    def variant_url(self) -> str:
        return variant_address(self.variant)

    @property
    def sold_out(self) -> bool:
        return not self.variant.is_in_stock()


@dataclass(frozen=True, slots=True)
class Option:
    name: str
    values: list[OptionValue]


def variant_address(variant: Variant) -> str:
    """The product's page with this variant chosen. Reads `product`."""
    return f"{variant.product.get_absolute_url()}?{urlencode({'variant': variant.sku})}"


def chosen_variant(variants: list[Variant], sku: str) -> Variant | None:
    """The only variant, or the one named by `sku`; nothing is chosen for the shopper."""
    if len(variants) == 1:
        return variants[0]
    return next((variant for variant in variants if variant.sku.casefold() == sku.strip().casefold()), None)


def named_variant(product: Product, variant_id: int | None) -> Variant:
    """The variant of this id, on sale or not; without one the only one that programs are shown.

    Its stock is read with it. Raises UnknownVariant and VariantRequired.
    """
    variants = list(product.variants.with_stock().in_order())
    offered = shown_variants(variants)
    if variant_id is None:
        if len(offered) == 1:
            return offered[0]
        raise VariantRequired(product.name, [variant.pk for variant in offered])
    named = next((variant for variant in variants if variant.pk == variant_id), None)
    if named is None:
        raise UnknownVariant(product.name, [variant.pk for variant in offered])
    return named


def options(variants: list[Variant], chosen: Variant | None) -> list[Option]:
    """Every option with its values in the variants' order.

    A value leads to the variant that differs from the chosen one in that
    option alone, else to one that has it, if possible one in stock.
    """
    if len(variants) < 2:
        return []
    pairs = {variant.pk: option_pairs(variant) for variant in variants}
    values: dict[str, dict[str, list[Variant]]] = {}
    for variant in variants:
        for name, value in pairs[variant.pk].items():
            values.setdefault(name, {}).setdefault(value, []).append(variant)
    current = pairs[chosen.pk] if chosen else {}

    def leads_to(name: str, value: str, having: list[Variant]) -> Variant:
        wanted = current | {name: value}
        exact = (variant for variant in having if pairs[variant.pk] == wanted)
        in_stock = (variant for variant in having if variant.is_in_stock())
        return next(exact, None) or next(in_stock, having[0])

    return [
        Option(
            name,
            [
                OptionValue(value, leads_to(name, value, having), current.get(name) == value)
                for value, having in by_value.items()
            ],
        )
        for name, by_value in values.items()
    ]


def option_pairs(variant: Variant) -> dict[str, str]:
    """Option names and values of a variant; its title (or SKU) where it has none."""
    named = variant.options if isinstance(variant.options, list) else []
    pairs = {str(pair[0]): str(pair[1]) for pair in named if isinstance(pair, list) and len(pair) == 2}
    return pairs or {_("Variant"): variant.title or variant.sku}
