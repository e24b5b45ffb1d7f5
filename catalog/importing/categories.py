"""The shop's category tree by names, read once a run; what a file names and the shop lacks is added."""

from django.db import IntegrityError
from django.utils.text import slugify

from catalog.importing.names import first_free
from catalog.models import Category, OldSlug
from catalog.transactions import TRIES, use_case

Path = tuple[str, ...]


class CategoryTree:
    """Finds categories by their names from the top down, whatever their case."""

    def __init__(self) -> None:
        self._read()

    def _read(self) -> None:
        self._ids: dict[Path, int] = {}
        self._names: dict[int, Path] = {}
        self._slugs = set(OldSlug.objects.values_list("slug", flat=True))
        names: dict[str, Path] = {"": ()}
        for pk, path, name, slug in Category.objects.order_by("path").values_list("pk", "path", "name", "slug"):
            names[path] = (*names.get(path[: -Category.steplen], ()), name)
            self._ids.setdefault(_key(names[path]), pk)
            self._names[pk] = names[path]
            self._slugs.add(slug)

    def find(self, path: Path) -> int | None:
        """The category's key; None where the shop has none of that name there."""
        return self._ids.get(_key(path))

    def find_named(self, name: str) -> int | None:
        """The topmost category of this name, whatever lies above it."""
        named = [(len(path), pk) for path, pk in self._ids.items() if path[-1] == name.casefold()]
        return min(named)[1] if named else None

    def names(self, category: int | None) -> Path:
        """The names of a category and of those above it, from the top down."""
        return self._names.get(category or 0, ())

    def add(self, path: Path) -> int:
        """The category's key; it and those above it are made where the shop lacks them, each in its own transaction.

        Somebody else may make categories meanwhile: then the tree is read again.
        """
        for _try in range(TRIES - 1):
            try:
                return self._found_or_added(path)
            except IntegrityError:
                self._read()
        return self._found_or_added(path)

    def _found_or_added(self, path: Path) -> int:
        found = self.find(path)
        if found is None:
            parent = self._found_or_added(path[:-1]) if len(path) > 1 else None
            slug = first_free(slugify(path[-1]) or "category", self._slugs, limit=160)
            found = self._ids[_key(path)] = _add(path[-1], slug, parent)
            self._slugs.add(slug)
            self._names[found] = path
        return found


def _key(path: Path) -> Path:
    return tuple(name.casefold() for name in path)


@use_case
def _add(name: str, slug: str, parent: int | None) -> int:
    values = {"name": name, "slug": slug}
    if parent is None:
        return Category.objects.add_root(values).pk
    return Category.objects.add_child(Category.objects.get(pk=parent), values).pk
