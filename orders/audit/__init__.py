"""Whether the database keeps what the shop promises (see docs/explanation/invariants.md).

Each check reads whole tables and yields the rows that break it, so a new
invariant is one more function in `CHECKS`. A check that a damaged row breaks
off is a violation itself, and the others still run.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from orders.audit import amounts, goods, money, rows, stock
from orders.audit.violation import Violation

__all__ = ["CHECKS", "Violation", "audit"]

Check = Callable[[], Iterator[Violation]]

CHECKS: tuple[Check, ...] = (
    rows.rows_can_be_read,
    stock.stock_is_in_range,
    stock.stock_is_its_ledger,
    stock.the_ledger_walks,
    stock.tracked_variants_have_stock,
    stock.reserved_is_what_orders_hold,
    stock.the_ledger_names_what_orders_hold,
    goods.units_add_up,
    goods.units_are_of_their_order,
    amounts.totals_add_up,
    amounts.lines_multiply,
    amounts.taxes_follow_their_rates,
    money.money_matches_state,
    money.cancelled_orders_are_settled,
    money.money_stays_with_its_order,
    money.refunds_fit_their_payment,
    money.one_charge_is_kept,
    money.paid_orders_are_complete,
    goods.goods_match_state,
    goods.carts_become_one_order,
    goods.cart_lines_are_in_range,
    money.charges_have_orders,
    money.refunds_are_the_gateways,
)


def audit() -> list[Violation]:
    """All violations, read from one snapshot of the database; nobody who writes has to wait."""
    with _snapshot():
        return [violation for check in CHECKS for violation in _run(check)]


def _run(check: Check) -> Iterator[Violation]:
    try:
        yield from check()
    except Exception as error:
        rule = check.__name__.replace("_", " ")
        yield Violation(rule, check.__module__, check.__name__, f"broke off: {type(error).__name__}: {error}")


@contextmanager
def _snapshot() -> Iterator[None]:
    """One consistent view of the database, or the open transaction's."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        # `atomic()` would take the write lock, because of transaction_mode IMMEDIATE.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
