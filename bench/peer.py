"""The peer of the benchmark: a shop's API as a small FastAPI app that keeps everything in memory.

It takes what it sells from the file that `PEER_PRODUCTS` names, a JSON array
as `GET /api/v1/products` gives it, and answers the same fields under the same
paths. Nothing outlives its process, so carts and orders need a single one:
``uvicorn bench.peer:app --workers 1``; for reads it may have more.
"""

import os
import secrets
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from pathlib import Path as File
from typing import Annotated, Literal

from fastapi import Cookie, FastAPI, HTTPException, Path, Query, Request, Response
from pydantic import TypeAdapter

from bench.peer_schemas import (
    AddressOut,
    CartLineOut,
    CartOut,
    CheckoutIn,
    OrderLineOut,
    OrderOut,
    PaymentOut,
    ProductOut,
    VariantOut,
)

CENT = Decimal("0.01")
TAX_RATE = Decimal(19)  # percent, within the prices
SHIPPING, FREE_FROM = Decimal("4.90"), Decimal(60)
HOLD = timedelta(minutes=30)
CART_COOKIE = "cart"

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


class Memory:
    """Products (newest first, as the file has them) and orders by id; carts as ``{key: {variant id: units}}``."""

    def __init__(self, products: list[ProductOut]) -> None:
        self.products = {product.id: product for product in products}
        self.variants = {variant.id: (product, variant) for product in products for variant in product.variants}
        self.carts: dict[str, dict[int, int]] = {}
        self.orders: dict[int, OrderOut] = {}
        self.ids = count(1)


def memory() -> Memory:
    products = File(os.environ["PEER_PRODUCTS"]).read_bytes()
    return Memory(TypeAdapter(list[ProductOut]).validate_json(products))


SORTS = {
    "price": (lambda product: (product.price or 0, product.id), False),
    "-price": (lambda product: (product.price or 0, product.id), True),
    "name": (lambda product: (product.name.casefold(), product.id), False),
}

app = FastAPI(title="Peer")
kept = memory()


@app.get("/api/v1/products")
async def get_products(
    request: Request,
    response: Response,
    q: Annotated[str, Query(max_length=200)] = "",
    sort: Literal["newest", "price", "-price", "name"] = "newest",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[int, Query(ge=0)] = 0,
) -> list[ProductOut]:
    words = q.casefold().split()
    found = [product for product in kept.products.values() if product.status == "active" and matches(product, words)]
    if sort != "newest":
        order, backwards = SORTS[sort]
        found.sort(key=order, reverse=backwards)
    response.headers["X-Total-Count"] = str(len(found))
    if cursor + limit < len(found):
        following = request.url.include_query_params(cursor=cursor + limit)
        response.headers["Link"] = f'<{following}>; rel="next"'
    return found[cursor : cursor + limit]


def matches(product: ProductOut, words: list[str]) -> bool:
    return all(word in f"{product.name} {product.description}".casefold() for word in words)


@app.get("/api/v1/products/{product_id}")
async def get_product(product_id: Id) -> ProductOut:
    if product_id not in kept.products:
        raise HTTPException(404, "There is no such product.")
    return kept.products[product_id]


@app.post("/api/v1/cart")
async def add_to_cart(
    response: Response,
    product_id: Annotated[int, Query(ge=1)],
    quantity: Annotated[int, Query(ge=1, le=9999)] = 1,
    variant_id: int | None = None,
    cart: Annotated[str, Cookie(alias=CART_COOKIE)] = "",
) -> CartOut:
    variant = chosen(product_id, variant_id)
    lines = kept.carts.get(cart, {})
    units = lines.get(variant.id, 0) + quantity
    refuse_short(variant, units)
    if cart not in kept.carts:
        cart = secrets.token_urlsafe(24)
        kept.carts[cart] = lines
        response.set_cookie(CART_COOKIE, cart, max_age=1_209_600, httponly=True, samesite="lax")
    lines[variant.id] = units
    return shown(lines)


@app.get("/api/v1/cart")
async def view_cart(cart: Annotated[str, Cookie(alias=CART_COOKIE)] = "") -> CartOut:
    return shown(kept.carts.get(cart, {}))


@app.post("/api/v1/checkout", status_code=201)
async def checkout(
    response: Response, details: CheckoutIn, cart: Annotated[str, Cookie(alias=CART_COOKIE)] = ""
) -> OrderOut:
    lines = kept.carts.get(cart)
    if not lines:
        raise HTTPException(409, "The cart is empty.")
    order = placed(lines, details)
    if details.expected_total is not None and details.expected_total != order.total:
        raise HTTPException(409, "The total has changed.")
    for variant_id, units in lines.items():
        refuse_short(kept.variants[variant_id][1], units)
    for variant_id, units in lines.items():
        take(*kept.variants[variant_id], units)
    kept.orders[order.id] = order
    del kept.carts[cart]
    response.delete_cookie(CART_COOKIE)
    return order


@app.get("/api/v1/orders/{order_id}")
async def get_order(order_id: Id, token: str = "") -> OrderOut:
    order = kept.orders.get(order_id)
    if order is None or not secrets.compare_digest(order.token, token):
        raise HTTPException(404, "There is no such order.")
    return order


def chosen(product_id: int, variant_id: int | None) -> VariantOut:
    product = kept.products.get(product_id)
    variants = [variant for variant in product.variants if variant_id in {None, variant.id}] if product else []
    if not variants:
        raise HTTPException(404, "There is no such product.")
    if len(variants) > 1:
        raise HTTPException(422, "Name the variant.")
    return variants[0]


def refuse_short(variant: VariantOut, units: int) -> None:
    if variant.stock is not None and variant.stock < units:
        raise HTTPException(409, f"Only {variant.stock} of {variant.sku} are left.")


def take(product: ProductOut, variant: VariantOut, units: int) -> None:
    if variant.stock is not None:
        variant.stock -= units
    if product.stock is not None:
        product.stock -= units


def shown(lines: dict[int, int]) -> CartOut:
    items = [
        CartLineOut(
            product_id=product.id,
            variant_id=variant.id,
            sku=variant.sku,
            name=f"{product.name} ({variant.title})" if variant.title else product.name,
            quantity=units,
            unit_price=variant.price,
            line_total=(variant.price or Decimal(0)) * units,
            notice="",
        )
        for (product, variant), units in ((kept.variants[key], units) for key, units in lines.items())
    ]
    subtotal = sum((item.line_total for item in items), Decimal(0))
    return CartOut(items=items, subtotal=subtotal, total=subtotal, currency="EUR")


def tax_within(amount: Decimal) -> Decimal:
    """Rounded half up once."""
    return (amount * TAX_RATE / (100 + TAX_RATE)).quantize(CENT, ROUND_HALF_UP)


def placed(lines: dict[int, int], details: CheckoutIn) -> OrderOut:
    order_id, token, at = next(kept.ids), secrets.token_urlsafe(24), datetime.now(UTC)
    items = [order_line(number, *kept.variants[key], units) for number, (key, units) in enumerate(lines.items(), 1)]
    subtotal = sum((item.line_total for item in items), Decimal(0))
    shipping = Decimal(0) if subtotal >= FREE_FROM else SHIPPING
    tax = sum((item.tax for item in items), tax_within(shipping))
    total = subtotal + shipping
    delivery = AddressOut.model_validate(details.model_dump(include=set(AddressOut.model_fields)))
    is_paid = details.payment_token == "tok_visa"
    return OrderOut(
        id=order_id,
        number=f"{order_id:08}",
        status="paid" if is_paid else "awaiting_payment",
        items=items,
        subtotal=subtotal,
        discount=Decimal(0),
        shipping=shipping,
        tax=tax,
        net=total - tax,
        total=total,
        currency="EUR",
        prices_include_tax=True,
        email=details.email,
        delivery=delivery,
        billing=details.billing or delivery,
        shipping_method="Standard delivery",
        payment=PaymentOut(status="paid" if is_paid else "none", code="", detail="", action_url=""),
        shipments=[],
        refunds=[],
        token=token,
        url=f"/orders/{token}/",
        created_at=at,
        hold_until=at + HOLD,
    )


def order_line(number: int, product: ProductOut, variant: VariantOut, units: int) -> OrderLineOut:
    total = (variant.price or Decimal(0)) * units
    return OrderLineOut(
        id=number,
        product_id=product.id,
        variant_id=variant.id,
        sku=variant.sku,
        name=product.name,
        variant_title=variant.title,
        price=variant.price or Decimal(0),
        quantity=units,
        line_total=total,
        discount=Decimal(0),
        tax_rate=TAX_RATE,
        tax=tax_within(total),
    )
