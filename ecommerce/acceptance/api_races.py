"""Programs at the same moment, over the API: nothing oversold, one order per key and per cart."""

from collections import Counter
from functools import partial

from ecommerce.acceptance.program import Answer, Program
from ecommerce.acceptance.races import COUNTS, Finding, new_products, together
from ecommerce.acceptance.throwaway import Shop


def last_units_by_api(shop: Shop, *, trials: int, buyers: int = 20, units: int = 5) -> tuple[list[int], Counter[str]]:
    """`buyers` for `units`; returns the orders of each trial and what was answered other than 201."""
    products = new_products(shop, "api", count=trials, units=units)
    refused: Counter[str] = Counter()
    for product_id, _ in products:
        programs = [Program(shop.base) for _ in range(buyers)]
        together([partial(program.add, product_id) for program in programs])
        answers = together([partial(program.checkout, f"{id(program)}-{product_id}") for program in programs])
        refused.update(f"{answer.status} {answer.code()}" for answer in answers if answer.status != 201)
    placed = shop.run(COUNTS)["by_variant"]
    return [placed.get(str(variant_id), 0) for _, variant_id in products], refused


def oversell_by_api(shop: Shop, vendor: str, *, trials: int) -> Finding:
    with shop.serving():
        orders, refused = last_units_by_api(shop, trials=trials)
    violations = shop.audit()
    return Finding(
        f"API: 20 buyers for 5 units, {vendor}",
        f"{trials} trials, orders {sorted(set(orders))}, refused: {dict(refused)}, {len(violations)} audit violations",
        orders == [5] * trials and refused == {"409 out_of_stock": 15 * trials} and not violations,
    )


def equal_checkouts(shop: Shop, vendor: str, *, trials: int, times: int = 10) -> Finding:
    """`times` equal POSTs of a checkout at once, by turns with a key and without; then the key with another body.

    Whoever comes after the first without a key finds no cart, or the order that it became.
    """
    product_id, _ = new_products(shop, "equal", count=1, units=2 * trials)[0]
    split = lost = mistaken = 0
    with shop.serving():
        before = shop.run(COUNTS)
        for trial in range(2 * trials):
            program, key = Program(shop.base), f"equal-{trial}" if trial % 2 else None
            program.add(product_id)
            answers = together([partial(program.twin().checkout, key) for _ in range(times)])
            split += len({answer.body["id"] for answer in answers if answer.status == 201}) != 1
            lost += sum(not is_fair(answer, has_key=key is not None) for answer in answers)
            if key is not None:
                mistaken += program.checkout(key, city="Potsdam").code() != "idempotency_key_reused"
        after = shop.run(COUNTS)
    orders, charges = (after[name] - before[name] for name in ("orders", "charges"))
    violations = shop.audit()
    return Finding(
        f"API: {times} equal checkouts at once, {vendor}",
        f"{trials} carts with a key and {trials} without: {orders} orders, {charges} charges, {split} carts with "
        f"more or fewer orders than one, {lost} odd answers, {mistaken} keys taken with another body, "
        f"{len(violations)} audit violations",
        orders == charges == 2 * trials and not (split or lost or mistaken or violations),
    )


def is_fair(answer: Answer, *, has_key: bool) -> bool:
    """Whether a twin's answer is the order, or without a key that there is nothing left to order."""
    return answer.status == 201 or (not has_key and answer.code() in {"empty_cart", "cart_changed"})


def simultaneous_adds_by_api(shop: Shop, vendor: str, *, trials: int, adds: int = 6) -> Finding:
    """Several adds of one guest at once."""
    product_id, _ = new_products(shop, "many", count=1, units=1000)[0]
    missing = 0
    with shop.serving():
        for _ in range(trials):
            program = Program(shop.base)
            program.add(product_id)
            together([partial(program.twin().add, product_id) for _ in range(adds)])
            missing += 1 + adds - sum(line["quantity"] for line in program.send("GET", "/cart").body["items"])
    return Finding(f"API: {adds} simultaneous adds, {vendor}", f"{trials} trials, {missing} units lost", missing == 0)
