"""The REST API: each app's router, and what all operations share. `ecommerce.identity` says who asks."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from csp.decorators import csp_replace
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from pydantic import Field

from accounts.api import router as accounts
from cart.api import router as cart
from catalog.api import router as catalog
from ecommerce.errors import domain_error, json_error, not_found
from ecommerce.exact_json import ExactParser, ExactRenderer
from ecommerce.idempotency import HEADER, LONGEST_KEY, answered_once
from orders.api import router as orders
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


class ShopAPI(NinjaAPI):
    """Adds to the schema what every operation shares."""

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**kwargs)
        schema["components"]["schemas"]["Error"] = Error.json_schema()
        for path in schema["paths"].values():
            for method, operation in path.items():
                describe(operation, method)
        return schema


def describe(operation: dict[str, Any], method: str) -> None:
    """Add the shared answers, and the header that a POST takes."""
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for status, description in SHARED_ANSWERS.items():
        operation["responses"].setdefault(status, {"description": description, "content": error})
    for status in (429, 503):
        header = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        operation["responses"][status].setdefault("headers", {"Retry-After": header})
    if method == "post":
        operation.setdefault("parameters", []).append(
            {
                "in": "header",
                "name": HEADER,
                "required": False,
                "description": "The same key and request get the same answer, for a day at least.",
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
            }
        )


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
    detail = _("The request cannot be read, so nothing was changed: send JSON in UTF-8.")
    return json_error(error.status_code, "malformed", detail)


@api.exception_handler(AuthenticationError)
def not_known(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return json_error(401, "invalid_credentials", error.message)


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return not_found(request, error)


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return json_error(413, "too_large", _("The request is too large, so nothing was changed."))


@api.exception_handler(ImmediateHttpResponse)
def answered_already(request: HttpRequest, error: ImmediateHttpResponse) -> HttpResponse:
    return error.response


def field_of(location: tuple[str | int, ...]) -> str:
    """The field that pydantic names, such as ``billing.city``, without where ninja keeps it."""
    places = [str(part) for part in location]
    inner = places[2:] if places[0] in {"body", "form"} else places[1:]
    return ".".join(inner) or places[-1]


for router in (catalog, cart, staff):
    router.add_decorator(answered_once, mode="view")
for router in (accounts, catalog, cart, orders, staff):
    api.add_router("", router)
