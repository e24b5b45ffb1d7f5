"""The shop's operations, each described once: both clients, and the test against OpenAPI, go by this table.

An operation is named as its `operation_id`. What it takes stands in the path
where the path names it, in the query where `query` does, else in a JSON body, or in a
form where `file` names its file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

import httpx

from ecommerce_sdk import _wire
from ecommerce_sdk.results import (
    Cart,
    Category,
    Charge,
    Health,
    Login,
    Order,
    Page,
    Picture,
    Product,
    Refund,
    Shipment,
    Signup,
    Stock,
)

T = TypeVar("T")


def one(kind: type[T]) -> Callable[[httpx.Response], T]:
    read_one = _wire.reader(kind)

    def read(response: httpx.Response) -> T:
        result: T = read_one(_wire.loads(response.content))
        return result

    return read


def page(kind: type[T]) -> Callable[[httpx.Response], Page[T]]:
    read_all = _wire.each(_wire.reader(kind))

    def read(response: httpx.Response) -> Page[T]:
        total = response.headers.get("X-Total-Count", "")
        return Page(
            read_all(_wire.loads(response.content)),
            next_cursor=next_cursor(response),
            total=int(total) if total.isdecimal() else None,
        )

    return read


def next_cursor(response: httpx.Response) -> str | None:
    """The cursor of ``Link: rel="next"``: only that is taken of the address, so no link leads to another host."""
    link = response.links.get("next")
    return parse_qs(urlsplit(link["url"]).query).get("cursor", [None])[0] if link else None


def nothing(response: httpx.Response) -> None:
    return None


def text(response: httpx.Response) -> str:
    try:
        return response.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wire.Misfit("no UTF-8") from None


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """`repeatable`: sent twice it is done once, a POST by its key."""

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    query: frozenset[str] = frozenset()
    has_body: bool = False
    file: str | None = None
    repeatable: bool = True

    @property
    def takes_key(self) -> bool:
        return self.method == "POST" and self.repeatable


def operation(
    method: str, path: str, read: Callable[[httpx.Response], T], query: str = "", **more: Any
) -> Operation[T]:
    return Operation(method, path, read, frozenset(query.split()), **more)


HEALTH_CHECK = operation("GET", "/", one(Health))
SIGNUP = operation("POST", "/signup", one(Signup), has_body=True, repeatable=False)
LOGIN = operation("POST", "/login", one(Login), has_body=True, repeatable=False)

GET_PRODUCTS = operation(
    "GET", "/products", page(Product), "q category price_min price_max in_stock sort status limit cursor"
)
SEARCH_PRODUCTS = operation(
    "GET", "/products/search", page(Product), "query category price_min price_max in_stock sort status limit cursor"
)
GET_PRODUCT = operation("GET", "/products/{product_id}", one(Product))
GET_CATEGORIES = operation("GET", "/categories", page(Category))
ADD_PRODUCT = operation("POST", "/products", one(Product), has_body=True)
UPDATE_PRODUCT = operation("PUT", "/products/{product_id}", one(Product), has_body=True)
DELETE_PRODUCT = operation("DELETE", "/products/{product_id}", nothing)
UPLOAD_IMAGE = operation("POST", "/products/{product_id}/images", one(Picture), file="image")
GET_STOCK = operation("GET", "/products/{product_id}/stock", one(Stock), "variant_id")
CHANGE_STOCK = operation("POST", "/products/{product_id}/stock", one(Stock), has_body=True)

ADD_TO_CART = operation("POST", "/cart", one(Cart), "product_id quantity variant_id")
VIEW_CART = operation("GET", "/cart", one(Cart))
UPDATE_CART = operation("PUT", "/cart/{product_id}", one(Cart), "quantity variant_id")
REMOVE_FROM_CART = operation("DELETE", "/cart/{product_id}", one(Cart), "variant_id")

CHECKOUT = operation("POST", "/checkout", one(Order), has_body=True)
GET_ORDERS = operation("GET", "/orders", page(Order), "all limit cursor")
GET_ORDER = operation("GET", "/orders/{order_id}", one(Order), "token")
PAY_ORDER = operation("POST", "/orders/{order_id}/payment", one(Order), "token", has_body=True)
CANCEL_ORDER = operation("POST", "/orders/{order_id}/cancellation", one(Order), "token", has_body=True)
SHIP_ORDER = operation("POST", "/orders/{order_id}/shipments", one(Shipment), has_body=True)
REFUND_ORDER = operation("POST", "/orders/{order_id}/refunds", one(Refund), has_body=True)
GET_CHARGES = operation("GET", "/payments/test/charges", page(Charge), "limit cursor")
EXPORT_ORDERS = operation("GET", "/export/orders.csv", text)
