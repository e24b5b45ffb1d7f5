"""Loaded by schemathesis: brings the shop to where a valid request means something, before it is sent.

A checkout finds goods in the cart, and payment, cancellation, parcel and refund
an order of the same caller. `SHOP_CALLER` tells the shop's address, the
caller's headers and the product of which there is always some.
"""

import json
import os
from collections.abc import Callable
from typing import Any

import requests
import schemathesis

from ecommerce.acceptance.program import DELIVERY

caller = json.loads(os.environ["SHOP_CALLER"])
session = requests.Session()
session.headers.update(caller["headers"])


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    prepare = PREPARATIONS.get(case.operation.definition.raw["operationId"])
    if prepare is not None and case.meta is not None and case.meta.generation.mode.is_positive:
        prepare(case)


def fill_cart(case: schemathesis.Case) -> None:
    post(f"/cart?product_id={caller['product']}&quantity=2")


def choose_line(case: schemathesis.Case) -> None:
    """Fill the cart and let the request be about what is in it."""
    fill_cart(case)
    case.path_parameters["product_id"] = caller["product"]
    case.query.pop("variant_id", None)


def order_unpaid(case: schemathesis.Case) -> None:
    choose_order(case, {})


def order_paid(case: schemathesis.Case) -> None:
    choose_order(case, DELIVERY)


def choose_order(case: schemathesis.Case, details: dict[str, str]) -> None:
    """Place an order and let the request be about it."""
    fill_cart(case)
    placed = post("/checkout", json=details)
    if placed.status_code != 201:
        return
    order = placed.json()
    case.path_parameters["order_id"] = order["id"]
    if "token" in case.operation.query:
        case.query["token"] = order["token"]
    if isinstance(case.body, dict) and case.body.get("items"):
        case.body["items"][0]["line_id"] = order["items"][0]["id"]


def post(path: str, **content: Any) -> requests.Response:
    return session.post(f"{caller['base']}/api/v1{path}", timeout=60, **content)


PREPARATIONS: dict[str, Callable[[schemathesis.Case], None]] = {
    "checkout": fill_cart,
    "update_cart": choose_line,
    "remove_from_cart": choose_line,
    "pay_order": order_unpaid,
    "cancel_order": order_paid,
    "ship_order": order_paid,
    "refund_order": order_paid,
}
