"""Shoppers at the same moment: nothing oversold, nothing charged twice, nothing lost."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Barrier, Thread
from typing import TypeVar

from ecommerce.acceptance.throwaway import Shop
from ecommerce.acceptance.visitor import Visitor

Seen = TypeVar("Seen")
PRODUCTS = """
from django.utils import timezone
from catalog import stock
from catalog.models import Product, Variant
from catalog.prices import set_price
from decimal import Decimal
result = []
for number in range({count}):
    product = Product.objects.create(name=f"Race {{number}}", slug=f"race-{{number}}", status="active")
    variant = Variant(product=product, sku=f"RACE-{{number}}")
    set_price(variant, Decimal("10.00"))
    variant.save()
    stock.start_tracking(variant)
    stock.receive({{variant.pk: {units}}}, at=timezone.now())
    result.append([product.pk, variant.pk])
"""
COUNTS = """
from orders.models import Order, OrderLine
from payments.models import TestCharge
from django.db.models import Count
result = {
    "orders": Order.objects.count(),
    "paid": Order.objects.filter(payment_state="paid").count(),
    "charges": TestCharge.objects.filter(status="captured").count(),
    "by_variant": dict(OrderLine.objects.values_list("variant_id").annotate(Count("pk")).order_by()),
}
"""


@dataclass
class Finding:
    """What a proof printed and whether it holds."""

    name: str
    printed: str
    holds: bool


def new_products(shop: Shop, name: str, *, count: int, units: int) -> list[list[int]]:
    """So many products with so many units each: ``[[product id, variant id], …]``; `name` once a shop."""
    code = PRODUCTS.format(count=count, units=units)
    return shop.run(code.replace("race-", f"{name}-").replace("RACE-", f"{name.upper()}-"))


def together(actions: Sequence[Callable[[], Seen]]) -> list[Seen]:
    """Start all actions at one moment, each in a thread, and wait for what they see."""
    barrier = Barrier(len(actions))
    seen: list[Seen | None] = [None] * len(actions)

    def run(index: int) -> None:
        barrier.wait()
        seen[index] = actions[index]()

    threads = [Thread(target=run, args=(index,)) for index in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for one in seen if one is not None]


def last_units(shop: Shop, *, trials: int, buyers: int = 20, units: int = 5) -> tuple[list[int], int]:
    """`buyers` for `units`, over HTTP; returns the orders of each trial and the number of answers ≥ 500."""
    broken = 0
    products = new_products(shop, "race", count=trials, units=units)
    for product_id, _ in products:
        visitors = [Visitor(shop.base) for _ in range(buyers)]
        together([partial(visitor.add, product_id) for visitor in visitors])
        forms = [visitor.checkout_form() for visitor in visitors]
        pages = together(
            [partial(visitor.post, "/place_order/", **form) for visitor, form in zip(visitors, forms, strict=True)]
        )
        broken += sum(page.status >= 500 for page in pages)
    placed = shop.run(COUNTS)["by_variant"]
    return [placed.get(str(variant_id), 0) for _, variant_id in products], broken


def oversell(shop: Shop, vendor: str, *, trials: int) -> Finding:
    with shop.serving():
        orders, broken = last_units(shop, trials=trials)
    violations = shop.audit()
    return Finding(
        f"20 buyers for 5 units, {vendor}",
        f"{trials} trials, orders {sorted(set(orders))}, {broken} answers ≥ 500, {len(violations)} audit violations",
        orders == [5] * trials and not broken and not violations,
    )


def oversell_control(shop: Shop, name: str, orders_of: Callable[[], Sequence[int]]) -> Finding:
    """`orders_of` lets 20 buyers fight for 5 units each trial, and tells the orders of each."""
    granian = (sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(shop.port))
    workers = ("--workers", "8", "--blocking-threads", "1", "--log-level", "warning")
    with shop.serving(*granian, *workers, "ecommerce.acceptance.unsafe_wsgi:application"):
        orders = orders_of()
    oversold = sum(count > 5 for count in orders)
    return Finding(
        f"negative control: read-then-write, {name}, postgresql",
        f"{len(orders)} trials, oversold in {oversold}, most orders for 5 units: {max(orders)}",
        oversold > 0,
    )


def repeated_forms(shop: Shop, vendor: str, *, forms: int, times: int = 10) -> Finding:
    """One checkout form posted `times` at once."""
    products = new_products(shop, "form", count=1, units=forms)
    split = broken = 0
    with shop.serving():
        before = shop.run(COUNTS)
        for _ in range(forms):
            visitor = Visitor(shop.base)
            visitor.add(products[0][0])
            form = visitor.checkout_form()
            pages = together([partial(visitor.twin().post, "/place_order/", **form) for _ in range(times)])
            broken += sum(page.status >= 500 for page in pages)
            split += len({page.order_token() for page in pages}) != 1 or not pages[0].order_token()
        after = shop.run(COUNTS)
    orders, charges = (after[name] - before[name] for name in ("orders", "charges"))
    return Finding(
        f"one form posted {times} times at once, {vendor}",
        f"{forms} forms: {orders} orders, {charges} charges, {split} forms with different answers, {broken} ≥ 500",
        orders == charges == forms and not split and not broken and not shop.audit(),
    )


def simultaneous_adds(shop: Shop, vendor: str, *, trials: int, adds: int = 6) -> Finding:
    """Several adds of one browser at once, its first ones and later ones."""
    product_id, variant_id = new_products(shop, "adds", count=1, units=1000)[0]
    lost = 0
    with shop.serving():
        for _ in range(trials):
            visitor = Visitor(shop.base)
            visitor.add(product_id)
            together([partial(visitor.twin().add, product_id) for _ in range(adds)])
            lost += 1 + adds - visitor.get("/cart/").quantities().get(variant_id, 0)
    return Finding(f"{adds} simultaneous adds, {vendor}", f"{trials} trials, {lost} units lost", lost == 0)


def add_during_checkout(shop: Shop, vendor: str, *, trials: int) -> Finding:
    """An add races the checkout: its unit is in the order or in the next cart, and the charge is the order's."""
    (product_id, variant_id), (late_id, late_variant) = new_products(shop, "late", count=2, units=10_000)
    vanished = wrong = broken = 0
    with shop.serving():
        for _ in range(trials):
            visitor = Visitor(shop.base)
            visitor.add(product_id)
            form = visitor.checkout_form()
            form.pop("expected_total", None)
            pages = together(
                [
                    partial(visitor.twin().post, "/place_order/", **form),
                    partial(visitor.twin().add, late_id),
                ]
            )
            broken += sum(page.status >= 500 for page in pages)
            ordered = visitor.get("/confirmation/").quantities()
            kept = visitor.get("/cart/").quantities()
            vanished += ordered.get(late_variant, 0) + kept.get(late_variant, 0) != 1
            wrong += ordered.get(variant_id, 0) != 1
    violations = shop.audit()
    return Finding(
        f"an add racing the checkout, {vendor}",
        f"{trials} trials, {vanished} units vanished, {wrong} wrong orders, "
        f"{broken} ≥ 500, {len(violations)} violations",
        not (vanished or wrong or broken or violations),
    )
