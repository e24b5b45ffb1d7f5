"""The category tree and the few other rows that every page needs, from the cache."""

from dataclasses import dataclass, field
from functools import cached_property

from django.core.cache import cache
from django.urls import reverse

from catalog.models import Category, ProductAttribute

TREE_KEY = "catalog.menu.tree"
ATTRIBUTES_KEY = "catalog.menu.attributes"
SECONDS = 60


@dataclass(slots=True)
class Branch:
    """A shown category as the tree knows it, to be read like a `Category`."""

    pk: int
    name: str
    slug: str
    path: str
    description: str
    seo_title: str
    seo_description: str
    children_shown: list["Branch"] = field(default_factory=list)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:category", args=[self.slug])


class Tree:
    """All categories that are shown, which means that all above them are shown too."""

    def __init__(self, rows: list[tuple]) -> None:
        self.top: list[Branch] = []
        self.branches: dict[str, Branch] = {}
        hidden: set[str] = set()
        for *values, is_active in rows:
            branch = Branch(*values)
            above = branch.path[: -Category.steplen]
            if not is_active or above in hidden:
                hidden.add(branch.path)
                continue
            self.branches[branch.path] = branch
            (self.branches[above].children_shown if above in self.branches else self.top).append(branch)

    @cached_property
    def by_slug(self) -> dict[str, Branch]:
        return {branch.slug: branch for branch in self.branches.values()}

    def named(self, name: str) -> list[Branch]:
        """The category with this slug, else those of this name, whatever its case."""
        if branch := self.by_slug.get(name):
            return [branch]
        return [branch for branch in self.branches.values() if branch.name.casefold() == name.casefold()]

    def parent(self, branch: Branch) -> Branch | None:
        return self.branches.get(branch.path[: -Category.steplen])

    def ancestors(self, path: str) -> list[Branch]:
        """The shown categories above `path`, the top one first."""
        lengths = range(Category.steplen, len(path), Category.steplen)
        return [self.branches[path[:length]] for length in lengths if path[:length] in self.branches]

    def trail(self, category: Category | Branch | None) -> list[Branch]:
        """Where `category` is in the tree: those above it and itself; empty where it is not shown."""
        if category is None or category.path not in self.branches:
            return []
        return [*self.ancestors(category.path), self.branches[category.path]]


def tree() -> Tree:
    """The shown categories; no statement while they are cached."""
    return Tree(cache.get_or_set(TREE_KEY, _category_rows, SECONDS) or [])


def fresh_tree() -> Tree:
    """The shown categories as they are just now, for answers that are kept longer than the cache keeps its own."""
    return Tree(_category_rows())


def find(slug: str) -> Branch | None:
    """The shown category at `slug`, also one that the cache does not know yet."""
    found = tree().by_slug.get(slug)
    if found is None and Category.objects.filter(slug=slug, is_active=True).exists():
        forget()
        found = tree().by_slug.get(slug)
    return found


def attribute_names() -> list[str]:
    """The names of all product attributes; no statement while they are cached."""
    return cache.get_or_set(ATTRIBUTES_KEY, _attribute_names, SECONDS) or []


def forget() -> None:
    """Read the tree and the names of attributes again; call it when they have changed."""
    cache.delete_many([TREE_KEY, ATTRIBUTES_KEY])


def _category_rows() -> list[tuple]:
    columns = ("pk", "name", "slug", "path", "description", "seo_title", "seo_description", "is_active")
    return list(Category.objects.order_by("path").values_list(*columns))


def _attribute_names() -> list[str]:
    return list(ProductAttribute.objects.order_by("name").values_list("name", flat=True).distinct())
