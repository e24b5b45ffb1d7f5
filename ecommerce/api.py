"""The REST API: each app's router, and what all operations share. `ecommerce.identity` says who asks."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, RawPostDataException
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from pydantic import Field

from accounts.api import router as accounts
from cart.api import router as cart
from catalog.api import pictures, unpacked
from catalog.api import router as catalog
from ecommerce.errors import domain_error, json_error, not_found
from ecommerce.exact_json import ExactParser, ExactRenderer, NotSentAsJson, Unreadable
from ecommerce.idempotency import answered_once
from orders.api import router as orders
from orders.keys import HEADER, LONGEST_KEY
from orders.staff_api import router as staff
from pricing.errors import ShopError
from pricing.schemas import Error

VERSION = "1.0.0"
DESCRIPTION = """
Sellers manage products, buyers fill a cart and check out: the same prices, stock, orders and rules as on the website.

Send `Authorization: Bearer <token>` with the token of `POST /login` or an API key. Without one a guest's cart lives
in the session cookie, so a client with a cookie jar keeps its cart. A `POST` with an `Idempotency-Key` does its work
once, however often it is sent. Amounts are JSON numbers with their currency's digits.
"""
# What any operation can answer besides its own.
SHARED_ANSWERS = {
    400: "The request cannot be read: no JSON, no UTF-8, a NUL.",
    401: "The token is missing, unknown, expired or revoked.",
    403: "Who asks may not do this, or a page of another site asks.",
    413: "The request is too large.",
    422: "Something in the request is not valid; `fields` names it.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "The shop is busy or its database away; `Retry-After` says when to come back.",
}

WAIT = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
SHARED_HEADERS = {
    401: {"WWW-Authenticate": {"description": "`Bearer`.", "schema": {"type": "string"}}},
    429: WAIT,
    503: WAIT,
}
KEY_HEADER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "The same key and request get the same answer, for a day at least.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
    "example": "7c8f5f0e-3a51-4c43-9f5a-0d3c1f7a5b11",
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
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    answers = operation["responses"]
    for status, description in SHARED_ANSWERS.items():
        answers.setdefault(status, {"description": description, "content": error})
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        answers.setdefault(415, {"description": "The body was not sent as JSON.", "content": error})
    for status, headers in SHARED_HEADERS.items():
        answers[status].setdefault("headers", headers)
    operation["responses"] = dict(sorted(answers.items()))
    for parameter in operation.setdefault("parameters", []):
        parameter.pop("examples", None)  # a list, as its schema has too; here OpenAPI wants names for them
    if method == "post" and operation["operationId"] not in WITHOUT_KEY:
        operation["parameters"].append(KEY_HEADER)
    if {"SessionCookie": []} in operation.get("security", []):
        operation["security"] = [{"SessionCookie": []}, {"Bearer": []}, {}]


api = ShopAPI(
    title=settings.SHOP_NAME,
    version=VERSION,
    description=DESCRIPTION,
    renderer=ExactRenderer(),
    parser=ExactParser(),
    urls_namespace="api",
    docs_decorator=csp_replace(
        {
            "default-src": ["'self'"],
            "style-src": ["'self'", "'unsafe-inline'"],  # the explorer writes styles into its page
            "img-src": ["'self'", "data:"],
            "frame-ancestors": ["'none'"],
        }
    ),
)


class Health(Schema):
    message: str = Field(examples=["The shop is open."])
    version: str = Field(examples=[VERSION])


@api.get("/", response=Health, summary="Health", operation_id="health_check", tags=["shop"])
def health(request: HttpRequest) -> dict[str, str]:
    return {"message": _("The shop is open."), "version": VERSION}


@api.exception_handler(ShopError)
def refused(request: HttpRequest, error: ShopError) -> HttpResponse:
    return domain_error(request, error)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = {field_of(found["loc"]): str(found["msg"]).removeprefix("Value error, ") for found in error.errors}
    detail = _("This is not valid, so nothing was changed: %(fields)s.") % {"fields": ", ".join(fields)}
    return json_error(422, "invalid", detail, fields)


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja makes of all that the parser raises."""
    cause = error.__cause__
    if isinstance(cause, ShopError):
        return domain_error(request, cause)
    return malformed(request, cause if isinstance(cause, Unreadable) else Unreadable(error.message))


@api.exception_handler(Unreadable)
def malformed(request: HttpRequest, error: Unreadable) -> HttpResponse:
    detail = _("The request cannot be read, so nothing was changed: %(reason)s. Send JSON in UTF-8.")
    return json_error(400, "malformed", detail % {"reason": error})


@api.exception_handler(RawPostDataException)
def read_as_form(request: HttpRequest, error: RawPostDataException) -> HttpResponse:
    """The body came as a form and was read as one, where JSON is wanted."""
    return domain_error(request, NotSentAsJson())


@api.exception_handler(AuthenticationError)
def not_known(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return json_error(401, "invalid_credentials", error.message)


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return not_found(request, error)


@api.exception_handler(ImmediateHttpResponse)
def answered_already(request: HttpRequest, error: ImmediateHttpResponse) -> HttpResponse:
    return error.response


def field_of(location: tuple[str | int, ...]) -> str:
    """The field that pydantic names, such as ``billing.city``, without where ninja keeps it."""
    places = [str(part) for part in location]
    if places[0] == "body":
        return ".".join(places[2:]) or "body"
    inner = places[2:] if places[0] == "form" else places[1:]
    return ".".join(inner) or places[-1]


for router in (catalog, pictures, cart, staff):
    router.add_decorator(answered_once, mode="view")
pictures.add_decorator(unpacked, mode="view")
for router in (accounts, catalog, pictures, cart, orders, staff):
    api.add_router("", router)
