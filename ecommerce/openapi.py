"""What the API says of itself: the schema that ninja makes, with what all operations share."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from orders.keys import HEADER, LONGEST_KEY
from pricing.schemas import Error

# What operations answer when they refuse: what it means, and for example which `code` with which sentence.
REFUSALS = {
    400: (
        "The request cannot be read: no JSON, no UTF-8, a NUL.",
        "malformed",
        "The request cannot be read, so nothing was changed: it is no JSON from line 1, column 1. Send JSON in UTF-8.",
    ),
    401: (
        "The token is missing, unknown, expired or revoked.",
        "invalid_token",
        "This token is unknown, expired or revoked. Log in again, or use another key.",
    ),
    403: (
        "Who asks may not do this, or a page of another site asks.",
        "forbidden",
        "You may not do this: it needs the permission “catalog.add_product”.",
    ),
    404: (
        "There is no such thing, or it is somebody else's.",
        "not_found",
        "There is nothing with this id that you may see. Check the id, and log in or send the token if it is yours.",
    ),
    409: (
        "The state of things does not allow it now; nothing was changed.",
        "out_of_stock",
        "Only 2 of Oak shelf (SH-1) are left. Choose fewer.",
    ),
    410: ("It was there, and is sold no more.", "gone", "Oak shelf is no longer sold. Look for another one."),
    411: (
        "The body came in pieces, without its length.",
        "length_required",
        "The request does not say how long it is, so it was not read and nothing was changed. Send a Content-Length.",
    ),
    413: ("The request is too large.", "too_large", "The request is too large, so nothing was changed."),
    415: (
        "The body was not sent as JSON.",
        "unsupported_media_type",
        "The body was not sent as JSON, so nothing was changed. Send “Content-Type: application/json”.",
    ),
    422: (
        "Something in the request is not valid; `fields` names it.",
        "invalid",
        "This is not valid, so nothing was changed: quantity.",
    ),
    429: (
        "Too many requests; `Retry-After` says when to come back.",
        "rate_limited",
        "Too many tries in a short time. Nothing was changed.",
    ),
    503: (
        "The shop is busy or its database away; `Retry-After` says when to come back.",
        "busy",
        "The shop is very busy just now. Nothing was changed. Wait a few seconds and try again.",
    ),
}
SHARED = (400, 401, 403, 411, 413, 422, 429, 503)  # of every operation
WAIT = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
REFUSAL_HEADERS = {
    401: {"WWW-Authenticate": {"description": "`Bearer`.", "schema": {"type": "string"}}},
    429: WAIT,
    503: WAIT,
}
# Without an example: the explorer would send that one each time, for whatever is tried.
KEY_HEADER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "The same key and request get the same answer, for a day at least.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
}
# A second one does no harm, or is told by its event's id.
WITHOUT_KEY = {"signup", "login", "receive_webhook"}


class ShopAPI(NinjaAPI):
    """Adds to the schema what every operation shares."""

    _schema: OpenAPISchema | None = None

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """The schema, made once: nothing in it depends on who asks."""
        if self._schema is None:
            self._schema = super().get_openapi_schema(**kwargs)
            self._schema["components"]["schemas"]["Error"] = Error.json_schema()
            for path in self._schema["paths"].values():
                for method, operation in path.items():
                    describe(operation, method)
        return self._schema


def describe(operation: dict[str, Any], method: str) -> None:
    """Add what an operation shares with the others: answers, the header that a POST takes, who may ask."""
    answers = operation["responses"]
    json_body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if json_body and "default" in json_body["schema"]:
        [json_body["schema"]] = json_body["schema"]["allOf"]  # the explorer would fill in empty fields, not the example
    for status in SHARED if json_body is None else [*SHARED, 415]:
        answers.setdefault(status, {})
    for status in REFUSALS.keys() & answers.keys():
        answers[status] |= refusal(status)
    if method == "get" and "application/json" in answers[200]["content"]:
        answers[304] = {"description": "Not changed since the answer whose `ETag` came as `If-None-Match`."}
    operation["responses"] = dict(sorted(answers.items()))
    for parameter in operation.setdefault("parameters", []):
        parameter.pop("examples", None)  # a list, as its schema has too; here OpenAPI wants names for them
    if method == "post" and operation["operationId"] not in WITHOUT_KEY:
        operation["parameters"].append(KEY_HEADER)
    if {"SessionCookie": []} in operation.get("security", []):
        operation["security"] = [{"SessionCookie": []}, {"Bearer": []}, {}]


def refusal(status: int) -> dict[str, Any]:
    meaning, code, detail = REFUSALS[status]
    example = {"code": code, "detail": detail, "fields": {}}
    content = {"schema": {"$ref": "#/components/schemas/Error"}, "example": example}
    answer = {"description": meaning, "content": {"application/json": content}}
    return answer | ({"headers": REFUSAL_HEADERS[status]} if status in REFUSAL_HEADERS else {})
