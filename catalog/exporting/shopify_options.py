"""Options of variants in Shopify's three columns, whose names hold for all variants of a product."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.models import Variant

COLUMNS = 3
NO_OPTIONS = ("Title", "Default Title")  # what Shopify writes for a product with a single variant

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OptionCells:
    """Name and value of each column of one variant; `says_too_little` where they are not all its options."""

    pairs: Sequence[Pair]
    says_too_little: bool


def option_cells(variants: Sequence[Variant]) -> list[OptionCells]:
    """The columns of each variant, no two of them alike where the variants are not.

    More than three options share the third column; variants whose options
    have different names are told apart by their titles.
    """
    options = [[(name, value) for name, value in variant.options] for variant in variants]
    if len(variants) == 1 and not options[0]:
        return [OptionCells([NO_OPTIONS], says_too_little=False)]
    names = {tuple(name for name, _value in pairs) for pairs in options}
    if len(names) == 1 and all(options):
        return [_in_columns(pairs) for pairs in options]
    return [
        OptionCells([(NO_OPTIONS[0], variant.title or NO_OPTIONS[1])], says_too_little=True) for variant in variants
    ]


def _in_columns(pairs: list[Pair]) -> OptionCells:
    if len(pairs) > COLUMNS:
        alone, together = pairs[: COLUMNS - 1], pairs[COLUMNS - 1 :]
        name, value = (" / ".join(parts) for parts in zip(*together, strict=True))
        return OptionCells([*alone, (name, value)], says_too_little=True)
    is_plain = all(name and value for name, value in pairs) and NO_OPTIONS not in pairs
    return OptionCells(pairs, says_too_little=not is_plain)
