"""One page of a list of products: what its address asks for, and the addresses around it."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from functools import cached_property
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import menu, search
from catalog.cards import with_cards
from catalog.facets import BRAND, Facets
from catalog.forms import FilterForm
from catalog.menu import Branch, Tree
from catalog.models import Category, Product
from catalog.querysets import ProductQuerySet
from pricing.money import shown

PER_PAGE = 24
MOST_NAMED = 5000  # ids that a statement lists rather than searching again
RELEVANCE = "relevance"
SORTS: dict[str, Promise | str] = {
    "newest": gettext_lazy("Newest"),
    "price": gettext_lazy("Price, low to high"),
    "-price": gettext_lazy("Price, high to low"),
    "name": gettext_lazy("Name"),
}
# Columns, annotations among them, that no two products have alike.
COLUMNS = {
    RELEVANCE: ("rank", "-created_at", "-pk"),
    "newest": ("-created_at", "-pk"),
    "price": ("lowest_price", "pk"),
    "-price": ("-lowest_price", "pk"),
    "name": ("name", "pk"),
}
Parameters = dict[str, list[str]]


def products_with(
    *,
    price_min: Decimal | None = None,
    price_max: Decimal | None = None,
    in_stock: bool = False,
    categories: Collection[Branch | Category] | None = None,
    query: str = "",
    status: str | None = Product.Status.ACTIVE,
) -> ProductQuerySet:
    """Products that meet all that is asked, by a clean `query`; active ones have something to sell.

    Prices are in the shop's currency. None stands for any status and, of
    `categories`, for any or none.
    """
    products = Product.objects.filter(status=status) if status else Product.objects.all()
    if status == Product.Status.ACTIVE or in_stock or price_min is not None or price_max is not None:
        products = products.offering(price_min=price_min, price_max=price_max, in_stock=in_stock)
    if categories is not None:
        products = products.in_category(*categories)
    return search.matching(products, query) if query else products


def sortable(products: ProductQuerySet, sort: str, query: str = "") -> ProductQuerySet:
    """`products` with what the `COLUMNS` of this sort are read from."""
    if sort == RELEVANCE:
        return search.with_rank(products, query)
    return products.with_lowest_price() if sort in {"price", "-price"} else products


class Listing:
    """The published products at `path`, as the `parameters` of its address narrow and order them.

    `within` is the category whose page it is, `query` a clean search. What
    makes no sense is ignored; only `filter_form` tells of it.
    """

    def __init__(self, path: str, parameters: QueryDict, *, within: Branch | None = None, query: str = "") -> None:
        self.path = path
        self.within = within
        self.query = query
        self.tree: Tree = menu.tree()
        self.facets = Facets(menu.attribute_names(), parameters)
        self.subcategory = self._subcategory(parameters.get("category", ""))
        self.filter_form = self._filter_form(parameters)
        self.sorts = ({RELEVANCE: gettext_lazy("Best match")} if query else {}) | SORTS
        self.default_sort = next(iter(self.sorts))
        asked = parameters.get("sort", "")
        self.sort = asked if asked in self.sorts else self.default_sort
        self.asked_page = _page_number(parameters.get("page", ""))

    @cached_property
    def scope(self) -> ProductQuerySet:
        """What the form leaves of the list; brand and attributes narrow it further."""
        asked = self.filter_form.cleaned_data
        category = self.subcategory or self.within
        return products_with(
            price_min=asked.get("price_min"),
            price_max=asked.get("price_max"),
            in_stock=asked.get("in_stock", False),
            categories=[category] if category else None,
            query=self.query,
        )

    @cached_property
    def narrowed(self) -> ProductQuerySet:
        """What brand and attributes leave of the scope."""
        return self.facets.narrowed(self.scope)

    @cached_property
    def found(self) -> list[int]:
        """Ids of what a search found, in order: reading every text once is enough."""
        return list(self._ordered(self.narrowed).values_list("pk", flat=True))

    @cached_property
    def page(self) -> Page:
        """The page asked for, or the last one; its products have their cards."""
        rows = self.found if self.query else self._ordered(self.narrowed)
        page = Paginator(rows, PER_PAGE).get_page(self.asked_page)
        if self.query:
            products = Product.objects.in_bulk(page.object_list)
            page.object_list = [products[pk] for pk in page.object_list if pk in products]
        else:
            page.object_list = list(page.object_list)
        with_cards(page.object_list)
        return page

    @property
    def is_plain(self) -> bool:
        """Whether nothing is filtered, sorted or turned over."""
        return not self.filters and self.sort == self.default_sort and self.asked_page == 1

    def address(self, filters: Iterable[tuple[str, str]] | None = None, **others: str | int) -> str:
        """The address with other `filters`, sort or page; without what goes without saying."""
        others = {"q": self.query, "sort": self.sort, **others}
        if others["sort"] == self.default_sort:
            others["sort"] = ""
        pairs = [*(self.filters if filters is None else filters), *((n, str(v)) for n, v in others.items() if v)]
        return f"{self.path}?{urlencode(sorted(pairs))}" if pairs else self.path

    @property
    def canonical(self) -> str:
        """The one address for search engines: the page of the whole list."""
        page = self.page.number if self.page.number > 1 and not self.filters else ""
        return self.address([], sort="", page=page)

    @cached_property
    def filters(self) -> list[tuple[str, str]]:
        """What narrows the list: pairs of parameter and value."""
        asked = self.filter_form.cleaned_data
        pairs = [("category", self.subcategory.slug)] if self.subcategory else []
        pairs += [(name, f"{asked[name]:f}") for name in ("price_min", "price_max") if asked.get(name) is not None]
        pairs += [("in_stock", "on")] if asked.get("in_stock") else []
        return pairs + [(param, value) for param, values in self.facets.chosen.items() for value in values]

    def context(self) -> dict[str, object]:
        """What the templates of lists need."""
        is_short_search = self.query and len(self.found) <= MOST_NAMED
        narrowed = Product.objects.filter(pk__in=self.found) if is_short_search else self.narrowed
        prefix = self.address()
        return {
            "page_obj": self.page,
            "paginator": self.page.paginator,
            "result_count": self.page.paginator.count,
            "filter_form": self.filter_form,
            "facets": self.facets.counted(self.scope, narrowed=narrowed),
            "applied": [
                {"label": self._label(pair), "remove_url": self.address([p for p in self.filters if p != pair])}
                for pair in self.filters
            ],
            "clear_url": self.address([]),
            "sort": "" if self.sort == self.default_sort else self.sort,
            "sorts": [
                {"value": value, "label": label, "url": self.address(sort=value), "current": value == self.sort}
                for value, label in self.sorts.items()
            ],
            "page_url": f"{prefix}&" if "?" in prefix else f"{prefix}?",
            "noindex": bool(self.query or self.filters) or self.sort != self.default_sort,
        }

    def _subcategory(self, slug: str) -> Branch | None:
        """The category to narrow to, if it is one below the page's own."""
        branch = self.tree.by_slug.get(slug)
        above = self.within.path if self.within else ""
        return branch if branch and branch.path != above and branch.path.startswith(above) else None

    def _filter_form(self, parameters: QueryDict) -> FilterForm:
        categories = list(self.within.children_shown if self.within else self.tree.top)
        if self.subcategory and self.subcategory not in categories:
            categories.append(self.subcategory)
        typed = parameters.copy()
        typed["category"] = self.subcategory.slug if self.subcategory else ""
        form = FilterForm(typed, categories=categories)
        form.is_valid()
        return form

    def _ordered(self, products: ProductQuerySet) -> ProductQuerySet:
        return sortable(products, self.sort, self.query).order_by(*COLUMNS[self.sort])

    def _label(self, pair: tuple[str, str]) -> str:
        param, value = pair
        if param == "category" and self.subcategory:
            return self.subcategory.name
        if param == "in_stock":
            return _("In stock")
        if param in {"price_min", "price_max"}:
            amount = shown(self.filter_form.cleaned_data[param], settings.SHOP_CURRENCY)
            return (_("From %(price)s") if param == "price_min" else _("Up to %(price)s")) % {"price": amount}
        name = _("Brand") if param == BRAND else self.facets.names[param][0]
        return _("%(name)s: %(value)s") % {"name": name, "value": value}


def _page_number(typed: str) -> int:
    """The page in the address; 1 for what is no page number."""
    is_number = typed.isascii() and typed.isdecimal() and len(typed) < 10
    return max(int(typed), 1) if is_number else 1
