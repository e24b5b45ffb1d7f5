"""Filters by brand and by attribute: several values of one mean "or", several of them "and"."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, F, Value
from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _

from catalog.models import ProductAttribute
from catalog.querysets import ProductQuerySet

BRAND = "brand"
PREFIX = "attr_"
LONGEST_VALUE = 120
MOST_CHOSEN_VALUES = 20
MOST_CHOSEN_FACETS = 8
MOST_FACETS = 8
MOST_VALUES = 12
MOST_COUNTED = 500

Choices = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """`count` is what the list would show of this value with the other facets as they are."""

    value: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    param: str
    values: list[FacetValue]


class Facets:
    """The brand and the attributes called `names`, as `parameters` of an address choose among them."""

    def __init__(self, names: list[str], parameters: QueryDict) -> None:
        self.names: dict[str, list[str]] = defaultdict(list)
        for name in names:
            self.names[parameter_of(name)].append(name)
        known = sorted(param for param in parameters if param == BRAND or param in self.names)
        chosen = {param: _clean_values(parameters.getlist(param)) for param in known}
        self.chosen: Choices = dict([pair for pair in chosen.items() if pair[1]][:MOST_CHOSEN_FACETS])

    def narrowed(self, products: ProductQuerySet, *, except_for: str = "") -> ProductQuerySet:
        """Those of `products` that fit what is chosen, leaving out the facet `except_for`."""
        for param, values in self.chosen.items():
            if param == except_for:
                continue
            if param == BRAND:
                products = products.filter(brand__in=values)
            else:
                fitting = ProductAttribute.objects.filter(name__in=self.names[param], value__in=values)
                products = products.filter(pk__in=fitting.values("product_id"))
        return products

    def counted(self, products: ProductQuerySet, *, narrowed: ProductQuerySet) -> list[Facet]:
        """The facets of `products`, and of what is left of them as `narrowed`, in one statement."""
        counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        counts.update({param: defaultdict(int, dict.fromkeys(values, 0)) for param, values in self.chosen.items()})
        labels = {BRAND: _("Brand")}
        for name, value, count in self._counts(products, narrowed):
            param = parameter_of(name) if name else BRAND
            labels.setdefault(param, name)
            counts[param][value] += count
        facets = [
            self._facet(labels.get(param, next(iter(self.names[param]), param)), param, values)
            for param, values in counts.items()
        ]
        facets = [facet for facet in facets if facet.param in self.chosen or _is_telling(facet)]
        facets.sort(key=lambda facet: (facet.param != BRAND, facet.param not in self.chosen, -_sum(facet), facet.name))
        return facets[:MOST_FACETS]

    def _counts(self, products: ProductQuerySet, narrowed: ProductQuerySet):
        """Rows of name, value and count; the brand's have an empty name.

        Facets without a choice share one part of the statement; each facet with
        one is counted as if it had none.
        """
        chosen_names = [name for param in self.chosen for name in self.names.get(param, ())]
        unchosen = _counted_attributes(narrowed).exclude(name__in=chosen_names)
        parts = [
            _counted_attributes(self.narrowed(products, except_for=param)).filter(name__in=self.names[param])
            for param in self.chosen
            if param != BRAND
        ]
        branded = self.narrowed(products, except_for=BRAND) if BRAND in self.chosen else narrowed
        labelled = branded.exclude(brand="").annotate(label=Value(""), worth=F("brand"))
        parts.append(labelled.values_list("label", "worth").annotate(n=Count("pk")))
        return unchosen.union(*parts, all=True).order_by("-n")[:MOST_COUNTED]

    def _facet(self, name: str, param: str, values: dict[str, int]) -> Facet:
        chosen = self.chosen.get(param, [])
        ranked = sorted(values.items(), key=lambda pair: (pair[0] not in chosen, -pair[1], pair[0].casefold()))
        shown = sorted(ranked[:MOST_VALUES], key=lambda pair: pair[0].casefold())
        return Facet(name, param, [FacetValue(value, count, value in chosen) for value, count in shown])


def parameter_of(name: str) -> str:
    """The parameter of an address that filters by the attribute `name`."""
    return PREFIX + slugify(name, allow_unicode=True)


def _clean_values(values: list[str]) -> list[str]:
    cleaned = {value.replace("\x00", "").strip()[:LONGEST_VALUE] for value in values[:MOST_CHOSEN_VALUES]}
    return sorted(cleaned - {""})


def _counted_attributes(products: ProductQuerySet):
    attributes = ProductAttribute.objects.filter(product__in=products.values("pk"))
    return attributes.annotate(label=F("name"), worth=F("value")).values_list("label", "worth").annotate(n=Count("pk"))


def _is_telling(facet: Facet) -> bool:
    """Whether it divides the list: not one value for all, nor another for each of many products."""
    return len(facet.values) > 1 and (len(facet.values) < MOST_VALUES or any(value.count > 1 for value in facet.values))


def _sum(facet: Facet) -> int:
    return sum(value.count for value in facet.values)
