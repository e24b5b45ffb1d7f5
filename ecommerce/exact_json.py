"""JSON in which an amount is a number with its currency's digits, both ways."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from pricing.errors import ShopError

JSON_TYPE = re.compile(r"application/([\w.-]+\+)?json", re.IGNORECASE)
DEEPEST = 20
MOST_VALUES = 10_000  # three times what the largest request of any operation holds
LONGEST_NUMBER = 100  # characters
LARGEST_POWER = 400  # of ten: more than a double knows takes long to compute with, and means nothing here


class Unreadable(ValueError):
    """What was sent is no JSON, or no database keeps it; says why."""


class NotSentAsJson(ShopError):
    """The content type says that the body is something else; it was not read."""

    code = "unsupported_media_type"
    status = 415

    def __init__(self) -> None:
        self.fix = _("Send “Content-Type: application/json”.")
        super().__init__(_("The body was not sent as JSON, so nothing was changed."))


class ExactRenderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return dumps(data)


class ExactParser(Parser):
    """Reads numbers without rounding. Raises Unreadable and NotSentAsJson."""

    def parse_body(self, request: HttpRequest) -> Any:
        if is_empty_form(request):
            return {}
        if request.content_type and not JSON_TYPE.fullmatch(request.content_type):
            raise NotSentAsJson
        try:
            text = request.body.decode()
        except UnicodeDecodeError as error:
            raise Unreadable(_("it is not UTF-8")) from error
        body = loads(text)
        must_be_storable(body)
        if values_in(body) > MOST_VALUES:
            raise Unreadable(_("it holds more than %(most)d values") % {"most": MOST_VALUES})
        return body

    def parse_querydict(self, data: MultiValueDict, list_fields: list[str], request: HttpRequest) -> Any:
        must_be_storable({name: list(values) for name, values in data.lists()})
        return super().parse_querydict(data, list_fields, request)


def is_empty_form(request: HttpRequest) -> bool:
    """Whether nothing was sent, in the way of clients that send whatever they send as a form."""
    boundary = (request.content_params or {}).get("boundary", "")
    return request.content_type == "multipart/form-data" and request.body.strip() == f"--{boundary}--".encode()


def loads(text: str) -> Any:
    """`text` as JSON, each amount a Decimal. Raises Unreadable."""
    try:
        return json.loads(
            text, parse_float=_decimal, parse_int=_integer, parse_constant=_refuse, object_pairs_hook=_unique
        )
    except RecursionError as error:
        raise Unreadable(_("it is nested too deeply")) from error
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise Unreadable(_("it is no JSON from line %(line)d, column %(column)d") % place) from error


def dumps(data: Any) -> bytes:
    """`data` as JSON; a Decimal keeps its digits: ``12.50``."""
    return orjson.dumps(data, default=_written)


def must_be_storable(value: object, depth: int = 0) -> None:
    """Raises Unreadable for a NUL, half of a surrogate pair, and nesting that no operation knows."""
    if depth > DEEPEST:
        raise Unreadable(_("it is nested too deeply"))
    if isinstance(value, str):
        if "\0" in value:
            raise Unreadable(_("a text holds a NUL"))
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Unreadable(_("a text holds half of a surrogate pair")) from error
    elif isinstance(value, dict):
        must_be_storable([*value, *value.values()], depth)
    elif isinstance(value, list):
        for part in value:
            must_be_storable(part, depth + 1)


def values_in(value: object) -> int:
    """How many values a body has, those within others included."""
    if isinstance(value, dict):
        return len(value) + sum(values_in(part) for part in value.values())
    if isinstance(value, list):
        return len(value) + sum(values_in(part) for part in value)
    return 0


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}")
    if isinstance(value, Promise):  # a sentence that is translated when it is read
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def _decimal(digits: str) -> Decimal:
    if len(digits) <= LONGEST_NUMBER:
        try:
            number = Decimal(digits)
        except InvalidOperation:  # an exponent past what Decimal knows
            number = Decimal("Infinity")
        if number.is_finite() and abs(number.adjusted()) <= LARGEST_POWER:
            return number
    raise Unreadable(_("a number is too long"))


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise Unreadable(_("a number is too long"))
    return int(digits)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises Unreadable for a name given twice: which of both counts, readers do not agree on."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Unreadable(_("an object names a field twice"))
    return fields


def _refuse(constant: str) -> None:
    raise Unreadable(_("%(constant)s is no JSON") % {"constant": constant})
