"""The options by which a product's variants are told apart: pairs of name and value, such as ``[["Size", "M"]]``."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from catalog.errors import InvalidOptions
from catalog.models import Variant

Options = list[list[str]]

LONGEST_TITLE = Variant._meta.get_field("title").max_length or 0


def title_of(options: Options) -> str:
    return " / ".join(value for _name, value in options)


def check_options(options: Options) -> None:
    """Raises InvalidOptions where one is named twice, or where they are too long together."""
    if len({name.casefold() for name, _value in options}) < len(options):
        raise InvalidOptions(_("Each option can be named once only."))
    if len(title_of(options)) > LONGEST_TITLE:
        raise InvalidOptions(_("The options are too long."))


def check_titles(titles: Iterable[str]) -> None:
    """Raises InvalidOptions where two variants of a product would have the same title."""
    seen = set()
    for title in titles:
        if title in seen:
            sentence = _("Two variants have the same options (%(title)s). Tell them apart.")
            raise InvalidOptions(sentence % {"title": title or _("none")})
        seen.add(title)
