"""JSON in which an amount is a number with its currency's digits, both ways."""

import json
from decimal import Decimal
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

DEEPEST = 20


class ExactRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return dumps(data)


class ExactParser(Parser):
    """Reads numbers without rounding. Raises ValueError for what is no JSON, or no database keeps."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = json.loads(request.body.decode(), parse_float=Decimal, parse_constant=_refuse)
        must_be_storable(body)
        return body

    def parse_querydict(self, data: MultiValueDict, list_fields: list[str], request: HttpRequest) -> Any:
        must_be_storable({name: list(values) for name, values in data.lists()})
        return super().parse_querydict(data, list_fields, request)


def dumps(data: Any) -> bytes:
    """`data` as JSON; a Decimal keeps its digits: ``12.50``."""
    return orjson.dumps(data, default=_as_number)


def must_be_storable(value: object, depth: int = 0) -> None:
    """Raises ValueError for a NUL, half of a surrogate pair, and nesting that no operation knows."""
    if depth > DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        value.encode()  # raises for half of a surrogate pair
        if "\0" in value:
            raise ValueError("a text holds a NUL")
    elif isinstance(value, dict):
        must_be_storable([*value, *value.values()], depth)
    elif isinstance(value, list):
        for part in value:
            must_be_storable(part, depth + 1)


def _as_number(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}")
    raise TypeError(f"{type(value).__name__} is no JSON")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
