"""Several values in one cell."""

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from catalog.importing.values import Texts, WrongValue

UNESCAPED_COMMA = re.compile(r"(?<!\\),")
# code=value, or code="value" with doubled quotation marks within; a comma parts two only where a code follows.
NEXT = r"(?=, *[a-z]\w*=|\Z)"
PAIR = re.compile(
    rf'(?:^|, *)(?P<code>[a-z]\w*)=(?P<value>"(?:[^"]|"")*"{NEXT}|.*?{NEXT})', re.ASCII | re.IGNORECASE | re.DOTALL
)


def distinct(values: Iterable[str]) -> Texts:
    """The values as text of one line, each once, without empty ones."""
    return tuple(dict.fromkeys(value for written in values if (value := " ".join(written.split()))))


def parted(cell: str) -> Texts:
    r"""The values that commas part; ``\,`` is a comma within one."""
    return distinct(part.replace("\\,", ",") for part in UNESCAPED_COMMA.split(cell))


def coded(cell: str) -> dict[str, str]:
    """``color=Red,size=M, tall`` by code. Raises WrongValue for anything else."""
    found = {}
    cell = cell.strip()
    position = 0
    while position < len(cell):
        pair = PAIR.match(cell, position)
        if pair is None:
            raise WrongValue(_("This is not a list of attributes; write it like color=Red,size=M."))
        value = pair["value"]
        quoted = len(value) > 1 and value.startswith('"') and value.endswith('"')
        found[pair["code"]] = (value[1:-1].replace('""', '"') if quoted else value).strip()
        position = pair.end()
    return found


def first_path(paths: Iterable[Sequence[str]]) -> Texts:
    """The first of several paths of a tree, led on by others: of Gear, Sale and Gear > Bags the last."""
    chosen: Texts = ()
    for path in paths:
        if tuple(path[: len(chosen)]) == chosen:
            chosen = tuple(path)
    return chosen
