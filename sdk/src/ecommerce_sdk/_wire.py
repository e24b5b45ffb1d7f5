"""JSON both ways: amounts stay exact, and what comes in becomes the dataclass that it should be."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints


class Misfit(Exception):
    """A value is not what it should be; `place` leads to it."""

    def __init__(self, what: str, place: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.place = place

    def inside(self, name: str) -> "Misfit":
        return Misfit(self.what, f"{name}.{self.place}".rstrip("."))

    def __str__(self) -> str:
        return f"{self.what} in {self.place}" if self.place else self.what


def loads(body: bytes) -> Any:
    """Parse JSON with fractions as Decimals. Raises Misfit."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Misfit("no JSON") from error


def dumps(value: Any) -> str:
    """`value` as JSON: a Decimal keeps its digits, a dataclass leaves out what is None.

    Raises ValueError and TypeError for what is none.
    """
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no amount")
        return f"{value:f}"
    if is_dataclass(value) and not isinstance(value, type):
        sent = {part.name: getattr(value, part.name) for part in fields(value)}
        return dumps({name: part for name, part in sent.items() if part is not None})
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(name))}:{dumps(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    return json.dumps(value, allow_nan=False)


def reader(kind: Any) -> Callable[[Any], Any]:
    """What turns a JSON value into a `kind`: unknown fields are left aside, a missing one raises Misfit."""
    if kind in SCALARS:
        return SCALARS[kind]
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        return each(reader(arguments[0]))
    if NoneType in arguments:
        return _optional(reader(next(part for part in arguments if part is not NoneType)))
    if origin is Mapping:
        return _of(dict, "object")
    raise TypeError(f"nothing reads a {kind}")


def _record(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = [(part.name, reader(hints[part.name])) for part in fields(kind)]

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise Misfit(f"no {kind.__name__}")
        found = []
        for name, read_part in readers:
            if name not in value:
                raise Misfit(f"no “{name}”")
            try:
                found.append(read_part(value[name]))
            except Misfit as error:
                raise error.inside(name) from None
        return kind(*found)

    return read


def each(read_one: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    """What turns a JSON list into a tuple."""

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Misfit("no list")
        return tuple(map(read_one, value))

    return read


def _optional(read_one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read_one(value)


def _of(kind: type, name: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise Misfit(f"no {name}")
        return value

    return read


def _amount(value: Any) -> Decimal:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise Misfit("no number")
    return Decimal(value)


def _time(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Misfit("no time") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


SCALARS: dict[Any, Callable[[Any], Any]] = {
    str: _of(str, "text"),
    int: _of(int, "whole number"),
    bool: _of(bool, "true or false"),
    Decimal: _amount,
    datetime: _time,
}
