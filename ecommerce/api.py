"""The REST API: each app's router, and what all operations share. `ecommerce.identity` says who asks."""

from allauth.core.exceptions import ImmediateHttpResponse
from csp.decorators import csp_replace
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, RawPostDataException
from django.utils.translation import gettext as _
from ninja import Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger
from pydantic import Field

from accounts.api import router as accounts
from cart.api import router as cart
from catalog.api import pictures, unpacked
from catalog.api import router as catalog
from ecommerce.errors import domain_error, json_error, unknown_id
from ecommerce.exact_json import ExactParser, ExactRenderer, NotSentAsJson, Unreadable
from ecommerce.idempotency import answered_once
from ecommerce.openapi import ShopAPI
from orders.api import router as orders
from orders.staff_api import router as staff
from pricing.errors import ShopError

VERSION = "1.0.0"
MOST_FAULTS_TOLD = 20
DESCRIPTION = """
Sellers manage products, buyers fill a cart and check out: the same prices, stock, orders and rules as on the website.

Send `Authorization: Bearer <token>` with the token of `POST /login` or an API key. Without one a guest's cart lives
in the session cookie, so a client with a cookie jar keeps its cart. A `POST` with an `Idempotency-Key` does its work
once, however often it is sent. Amounts are JSON numbers with their currency's digits.
"""
TAGS = {
    "shop": "Whether it is open.",
    "accounts": "Sign-up and log-in.",
    "products": "To look at for everybody; to manage for sellers.",
    "cart": "A guest's or an account's.",
    "orders": "Checkout, payment, and one's own orders.",
    "staff": "Parcels, refunds and exports.",
    "webhooks": "What payment providers tell.",
}

api = ShopAPI(
    title=f"{settings.SHOP_NAME} API",
    version=VERSION,
    description=DESCRIPTION,
    renderer=ExactRenderer(),
    parser=ExactParser(),
    urls_namespace="api",
    openapi_extra={"tags": [{"name": name, "description": text} for name, text in TAGS.items()]},
    # Neither schemas to scroll past, nor a judge of them outside the shop.
    docs=Swagger({"defaultModelsExpandDepth": -1, "tryItOutEnabled": True, "validatorUrl": None}),
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
    fields: dict[str, object] = {
        field_of(found["loc"]): str(found["msg"]).removeprefix("Value error, ")
        for found in error.errors[:MOST_FAULTS_TOLD]
    }
    detail = _("This is not valid, so nothing was changed: %(fields)s.") % {"fields": ", ".join(fields)}
    return json_error(422, "invalid", detail, fields)


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja makes of all that the parser raises."""
    cause = error.__cause__
    if isinstance(cause, ShopError):
        return domain_error(request, cause)
    if isinstance(cause, BadRequest):
        cause = Unreadable(str(cause))
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
    return unknown_id(request)


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
