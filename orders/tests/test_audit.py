import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from cart.models import Cart, CartLine
from cart.tests.factories import CartFactory, CartLineFactory
from catalog.models import StockMovement, StockRecord, Variant
from catalog.stock import receive
from catalog.tests.factories import VariantFactory
from catalog.tests.racing import together
from orders.audit import CHECKS, audit
from orders.cancellation import cancel
from orders.fulfilment import deliver, pack, ship
from orders.models import (
    Cancellation,
    CancellationLine,
    IdempotencyKey,
    Order,
    OrderLine,
    OrderMail,
    Payment,
    Refund,
    ReturnLine,
    ShipmentLine,
)
from orders.paying import settle
from orders.reconcile import reconcile
from orders.refunds import refund
from orders.returns import accept_return
from orders.states import OrderStatus
from orders.tests.factories import new_shopper, placed_order
from orders.tests.worker import run_tasks
from payments.gateway import Charge, Outcome, get_gateway
from payments.models import TestCharge
from pricing.models import ShippingMethod

NOW = timezone.now()


def two_lines() -> dict[Variant, int]:
    return {VariantFactory(on_hand=9): 3, VariantFactory(on_hand=9): 2}


def fill_shop() -> dict[str, Order]:
    """An order in every state, by the name of what happened to it."""
    orders = {
        name: placed_order(two_lines(), at=NOW)
        for name in (
            *("paid", "packed", "partly_shipped", "shipped", "delivered", "returned", "partly_returned"),
            *("cancelled", "refunded", "partly_refunded"),
        )
    }
    for token in ("tok_declined", "tok_3ds", "tok_timeout", "tok_error"):
        orders[token] = placed_order(two_lines(), token=token, at=NOW)
    orders["unpaid"] = placed_order(token="", email="", at=NOW)
    orders["untracked"] = placed_order({VariantFactory(on_hand=None): 1}, at=NOW)
    for name in ("expired", "revived", "too_late"):
        orders[name] = placed_order(two_lines(), token="tok_3ds", at=NOW - timedelta(hours=1))

    pack(orders["packed"].pk, at=NOW)
    ship(orders["partly_shipped"].pk, units={orders["partly_shipped"].lines.first().pk: 1}, at=NOW)
    for name in ("shipped", "delivered", "returned", "partly_returned", "partly_refunded"):
        ship(orders[name].pk, at=NOW)
    deliver(orders["delivered"].pk, at=NOW)
    accept_return(orders["returned"].pk, reason="does not fit", restock=True, at=NOW)
    accept_return(
        orders["partly_returned"].pk,
        units={orders["partly_returned"].lines.first().pk: 1},
        reason="broken",
        restock=False,
        at=NOW,
    )
    cancel(orders["cancelled"], cause=Cancellation.Cause.STAFF, at=NOW)
    refund(orders["refunded"].pk, amount=orders["refunded"].total, reason="goodwill", at=NOW)
    refund(orders["partly_refunded"].pk, amount=Decimal(1), reason="goodwill", at=NOW)

    for name in ("expired", "revived", "too_late"):
        order = orders[name]
        payment = order.payments.get()
        get_gateway("test").void(str(payment.pk))
        settle(payment, Charge(Outcome.VOIDED), at=NOW)
    reconcile(at=NOW)
    for name in ("revived", "too_late"):
        payment = orders[name].payments.get()
        if name == "too_late":
            Cancellation.objects.filter(order=orders[name]).update(cause=Cancellation.Cause.SHOPPER)
        TestCharge.objects.filter(key=str(payment.pk)).update(
            status=TestCharge.Status.CAPTURED, amount=int(payment.amount * 100), currency="EUR"
        )
        settle(payment, Charge(Outcome.PAID, amount=payment.amount, currency="EUR"), at=NOW)

    ShippingMethod.objects.update(price=0)
    orders["free"] = placed_order({VariantFactory(price=Decimal(0)): 1}, at=NOW)
    ShippingMethod.objects.update(price=Decimal("4.90"))
    CartLineFactory()
    run_tasks()
    return {name: Order.objects.get(pk=order.pk) for name, order in orders.items()}


@contextmanager
def unconstrained(model: type[Model], constraint: str) -> Iterator[None]:
    """Let what a CHECK constraint would refuse be written, as a broken restore or a hand-made UPDATE might."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
            yield
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {model._meta.db_table} DROP CONSTRAINT {constraint}")
            yield


@dataclass(frozen=True)
class Corruption:
    """A write that breaks `rule`; `refused_by` names the CHECK constraint that stands in its way."""

    name: str
    rule: str
    write: Callable[[dict[str, Order]], object]
    refused_by: tuple[type[Model], str] | None = None

    def __str__(self) -> str:
        return self.name


def stock_of(order: Order) -> QuerySet[StockRecord]:
    return StockRecord.objects.filter(variant=order.lines.first().variant)


def of(order: Order) -> QuerySet[Order]:
    return Order.objects.filter(pk=order.pk)


def extra_payment(order: Order, **values) -> Payment:
    columns = {"gateway": "test", "amount": order.total, "currency": "EUR", "state": "captured", "captured_at": NOW}
    return Payment.objects.create(order=order, **columns | values)


def captured_at_gateway(payment: Payment) -> TestCharge:
    return TestCharge.objects.create(
        key=str(payment.pk), order_ref="", amount=int(payment.amount * 100), currency="EUR", status="captured"
    )


def charge_of(order: Order) -> QuerySet[TestCharge]:
    return TestCharge.objects.filter(key=str(order.payments.get().pk))


def movements_of(order: Order) -> QuerySet[StockMovement]:
    return StockMovement.objects.filter(reference=order.stock_reference)


def keep_money(order: Order) -> None:
    order.refunds.all().delete()
    charge_of(order).update(refunded=0, refunds={})
    of(order).update(payment_state="paid")


def swap_references(left: Order, right: Order) -> None:
    references = {left.stock_reference: right.stock_reference, right.stock_reference: left.stock_reference}
    for movement in [*movements_of(left), *movements_of(right)]:
        StockMovement.objects.filter(pk=movement.pk).update(reference=references[movement.reference])


def move_cent_of_tax(order: Order) -> None:
    first, second = order.lines.order_by("pk")
    OrderLine.objects.filter(pk=first.pk).update(tax=F("tax") - Decimal("0.01"))
    OrderLine.objects.filter(pk=second.pk).update(tax=F("tax") + Decimal("0.01"))


def make_unreadable(table: str, column: str, order: Order) -> None:
    """Write an amount that the database takes and Django cannot read."""
    amount = "123456789012345678" if connection.vendor == "sqlite" else "'NaN'"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = {amount} WHERE order_id = %s", [order.pk])


CORRUPTIONS = [
    Corruption(
        "an amount that no column holds",
        "rows can be read",
        lambda shop: make_unreadable("orders_payment", "amount", shop["tok_declined"]),
    ),
    Corruption(
        "more reserved than on hand",
        "stock in range",
        lambda shop: stock_of(shop["paid"]).update(reserved=F("on_hand") + 1),
        (StockRecord, "catalog_reserved_within_on_hand"),
    ),
    Corruption(
        "a unit that nobody booked",
        "stock is its ledger",
        lambda shop: stock_of(shop["paid"]).update(on_hand=F("on_hand") + 1),
    ),
    Corruption(
        "a line torn out of the ledger",
        "stock is its ledger",
        lambda shop: StockMovement.objects.filter(reason="ship").first().delete(),
    ),
    Corruption(
        "a ledger that says another count",
        "stock is its ledger",
        lambda shop: StockMovement.objects.filter(pk=StockMovement.objects.latest("pk").pk).update(
            on_hand_after=F("on_hand_after") + 1
        ),
    ),
    Corruption(
        "a count in the middle of the ledger",
        "the ledger walks",
        lambda shop: (
            movements_of(shop["returned"]).filter(reason="reserve").update(on_hand_after=F("on_hand_after") + 1)
        ),
    ),
    Corruption(
        "a first count that was not counted",
        "the ledger walks",
        lambda shop: StockMovement.objects.filter(pk=StockMovement.objects.earliest("pk").pk).update(
            reserved_after=F("reserved_after") + 1
        ),
    ),
    Corruption(
        "two orders' movements swapped",
        "the ledger names what orders hold",
        lambda shop: swap_references(shop["paid"], shop["packed"]),
    ),
    Corruption(
        "movements of another order's, of as many units",
        "the ledger names what orders hold",
        lambda shop: movements_of(shop["shipped"]).update(reference=shop["delivered"].stock_reference),
    ),
    Corruption(
        "a return to stock for an order that there is not",
        "the ledger names what orders hold",
        lambda shop: movements_of(shop["returned"]).filter(reason="restock").update(reference="order 2222-2222"),
    ),
    Corruption(
        "a number that the ledger does not know",
        "the ledger names what orders hold",
        lambda shop: of(shop["delivered"]).update(number="2222-2222"),
    ),
    Corruption(
        "a stock record removed under its ledger",
        "stock is its ledger",
        lambda shop: stock_of(shop["delivered"]).delete(),
    ),
    Corruption(
        "tracking switched off by hand",
        "tracked variants have stock",
        lambda shop: Variant.objects.filter(stock__isnull=False).update(track_stock=False),
    ),
    Corruption(
        "a line that forgot its reservation",
        "reserved is what orders hold",
        lambda shop: shop["paid"].lines.update(stock_reserved=False),
    ),
    Corruption(
        "a cancelled order that still holds its stock",
        "reserved is what orders hold",
        lambda shop: CancellationLine.objects.filter(cancellation__order=shop["cancelled"]).delete(),
    ),
    Corruption(
        "more shipped than ordered",
        "units add up",
        lambda shop: ShipmentLine.objects.filter(shipment__order=shop["shipped"]).update(units=99),
    ),
    Corruption(
        "more returned than shipped",
        "units add up",
        lambda shop: ReturnLine.objects.filter(return_of_goods__order=shop["returned"]).update(units=99),
    ),
    Corruption(
        "a parcel with another order's line",
        "units are of their order",
        lambda shop: ShipmentLine.objects.filter(shipment__order=shop["delivered"]).update(
            line=shop["shipped"].lines.first()
        ),
    ),
    Corruption(
        "a total that is not the sum",
        "totals add up",
        lambda shop: of(shop["paid"]).update(total=F("total") + 1, net=F("net") + 1),
        (Order, "orders_total_is_the_sum"),
    ),
    Corruption(
        "a total raised with all that it is made of",
        "totals add up",
        lambda shop: of(shop["paid"]).update(subtotal=F("subtotal") + 1, total=F("total") + 1, net=F("net") + 1),
    ),
    Corruption(
        "net and tax that are not the total",
        "totals add up",
        lambda shop: of(shop["paid"]).update(net=F("net") + Decimal("0.01")),
        (Order, "orders_net_plus_tax_is_total"),
    ),
    Corruption(
        "a cent of tax moved into net",
        "totals add up",
        lambda shop: of(shop["paid"]).update(net=F("net") + Decimal("0.01"), tax=F("tax") - Decimal("0.01")),
    ),
    Corruption(
        "a discount that no line has",
        "totals add up",
        lambda shop: of(shop["paid"]).update(discount=1, total=F("total") - 1, net=F("net") - 1),
    ),
    Corruption(
        "an order without lines",
        "totals add up",
        lambda shop: shop["unpaid"].lines.all()._raw_delete("default"),
    ),
    Corruption(
        "a line that does not multiply",
        "lines multiply",
        lambda shop: shop["paid"].lines.update(unit_price=F("unit_price") + 1),
        (OrderLine, "orders_line_total_is_the_product"),
    ),
    Corruption(
        "a cent of tax moved between lines",
        "taxes follow their rates",
        lambda shop: move_cent_of_tax(shop["paid"]),
    ),
    Corruption(
        "another tax rate",
        "taxes follow their rates",
        lambda shop: shop["paid"].lines.update(tax_rate=7),
    ),
    Corruption(
        "another tax rate of shipping",
        "taxes follow their rates",
        lambda shop: of(shop["paid"]).update(shipping_tax_rate=7),
    ),
    Corruption(
        "a discount that left the tax as it was",
        "taxes follow their rates",
        lambda shop: (
            shop["unpaid"].lines.update(discount=1),
            of(shop["unpaid"]).update(discount=1, total=F("total") - 1, net=F("net") - 1),
        ),
    ),
    Corruption(
        "called paid without a capture",
        "money matches state",
        lambda shop: of(shop["tok_declined"]).update(payment_state="paid"),
    ),
    Corruption(
        "captured, but awaiting payment",
        "money matches state",
        lambda shop: of(shop["paid"]).update(payment_state="awaiting"),
    ),
    Corruption(
        "a capture of another amount",
        "money matches state",
        lambda shop: shop["paid"].payments.update(amount=F("amount") - 1),
    ),
    Corruption(
        "a capture in another currency",
        "money matches state",
        lambda shop: shop["paid"].payments.update(currency="USD"),
    ),
    Corruption(
        "a refund that failed unnoticed",
        "money matches state",
        lambda shop: shop["refunded"].refunds.update(state="failed"),
    ),
    Corruption(
        "a partial refund that failed unnoticed",
        "money matches state",
        lambda shop: shop["partly_refunded"].refunds.update(state="failed"),
    ),
    Corruption(
        "called paid although all went back",
        "money matches state",
        lambda shop: of(shop["refunded"]).update(payment_state="paid"),
    ),
    Corruption(
        "a refunded order that awaits payment again",
        "money matches state",
        lambda shop: of(shop["refunded"]).update(payment_state="awaiting"),
    ),
    Corruption(
        "a free order that is called refunded",
        "money matches state",
        lambda shop: of(shop["free"]).update(payment_state="refunded"),
    ),
    Corruption(
        "called wholly refunded although some was kept",
        "money matches state",
        lambda shop: of(shop["partly_refunded"]).update(payment_state="refunded"),
    ),
    Corruption(
        "called partly refunded although all went back",
        "money matches state",
        lambda shop: of(shop["refunded"]).update(payment_state="partly_refunded"),
    ),
    Corruption(
        "a cancelled order that kept its money",
        "cancelled orders are settled",
        lambda shop: keep_money(shop["cancelled"]),
    ),
    Corruption(
        "a cancelled order whose charge is still running",
        "cancelled orders are settled",
        lambda shop: extra_payment(shop["cancelled"], state="unknown", captured_at=None),
    ),
    Corruption(
        "a try in another currency",
        "money stays with its order",
        lambda shop: shop["tok_declined"].payments.update(currency="USD"),
    ),
    Corruption(
        "a refund in another currency",
        "money stays with its order",
        lambda shop: shop["partly_refunded"].refunds.update(currency="USD"),
    ),
    Corruption(
        "a refund of another order's payment",
        "money stays with its order",
        lambda shop: shop["partly_refunded"].refunds.update(payment=shop["paid"].payments.get()),
    ),
    Corruption(
        "more sent back than was taken",
        "refunds fit their payment",
        lambda shop: shop["refunded"].refunds.update(amount=F("amount") + 1),
    ),
    Corruption(
        "a refund of a declined payment",
        "refunds fit their payment",
        lambda shop: Refund.objects.update(payment=shop["tok_declined"].payments.get()),
    ),
    Corruption(
        "a refund that the gateway never made",
        "refunds are the gateway's",
        lambda shop: TestCharge.objects.filter(refunded__gt=0).update(refunded=0, refunds={}),
    ),
    Corruption(
        "money that the gateway sent back and nobody knows of",
        "refunds are the gateway's",
        lambda shop: charge_of(shop["paid"]).update(refunded=1, refunds={"unknown": 1}),
    ),
    Corruption(
        "a refund that the gateway made of another charge",
        "refunds are the gateway's",
        lambda shop: (
            charge_of(shop["paid"]).update(refunded=100, refunds={str(shop["partly_refunded"].refunds.get().pk): 100}),
            charge_of(shop["partly_refunded"]).update(refunded=0, refunds={}),
        ),
    ),
    Corruption(
        "a charge whose refunds do not sum up",
        "refunds are the gateway's",
        lambda shop: charge_of(shop["partly_refunded"]).update(refunded=F("refunded") + 1),
    ),
    Corruption(
        "two charges kept",
        "one charge is kept",
        lambda shop: captured_at_gateway(extra_payment(shop["paid"])),
    ),
    Corruption(
        "a paid order without an e-mail",
        "paid orders are complete",
        lambda shop: of(shop["paid"]).update(email=""),
        (Order, "orders_paid_order_is_complete"),
    ),
    Corruption(
        "a paid order without its confirmation",
        "paid orders are complete",
        lambda shop: OrderMail.objects.filter(order=shop["paid"]).delete(),
    ),
    Corruption(
        "delivered without a parcel",
        "goods match state",
        lambda shop: of(shop["paid"]).update(fulfilment_state="delivered"),
    ),
    Corruption(
        "sent, but called to pack",
        "goods match state",
        lambda shop: of(shop["shipped"]).update(fulfilment_state="unfulfilled"),
    ),
    Corruption(
        "sent before it was paid",
        "goods match state",
        lambda shop: of(shop["tok_declined"]).update(fulfilment_state="shipped"),
        (Order, "orders_nothing_packed_before_payment"),
    ),
    Corruption(
        "a state that there is not",
        "goods match state",
        lambda shop: of(shop["paid"]).update(fulfilment_state="lost"),
        (Order, "orders_known_states"),
    ),
    Corruption(
        "an ordered cart that is open again",
        "carts become one order",
        lambda shop: Cart.objects.filter(order=shop["paid"]).update(status="open"),
    ),
    Corruption(
        "an ordered cart without its order",
        "carts become one order",
        lambda shop: CartFactory(status="ordered"),
    ),
    Corruption(
        "a key without its order",
        "carts become one order",
        lambda shop: IdempotencyKey.objects.create(key="cart:0", request_hash=""),
    ),
    Corruption(
        "a cart line of nothing",
        "cart lines are in range",
        lambda shop: CartLine.objects.filter(cart__status="open").update(quantity=0),
        (CartLine, "cart_quantity_in_range"),
    ),
    Corruption(
        "a charge without a payment",
        "charges have orders",
        lambda shop: TestCharge.objects.create(
            key="unknown", order_ref="1", amount=1, currency="EUR", status="captured"
        ),
    ),
    Corruption(
        "a charge that is called declined",
        "charges have orders",
        lambda shop: captured_at_gateway(extra_payment(shop["tok_declined"], state="declined", captured_at=None)),
    ),
    Corruption(
        "a charge that names another order",
        "charges have orders",
        lambda shop: charge_of(shop["paid"]).update(order_ref=str(shop["packed"].pk)),
    ),
    Corruption(
        "a declined charge that names another order",
        "charges have orders",
        lambda shop: charge_of(shop["tok_declined"]).update(order_ref=str(shop["packed"].pk)),
    ),
    Corruption(
        "a charge of another amount",
        "charges have orders",
        lambda shop: charge_of(shop["paid"]).update(amount=1),
    ),
    Corruption(
        "a capture of which the gateway knows nothing",
        "charges have orders",
        lambda shop: charge_of(shop["paid"]).delete(),
    ),
]


@pytest.fixture
def filled_shop(shop):
    return fill_shop()


@pytest.mark.django_db
class TestCleanShop:
    def test_with_orders_in_every_state_nothing_is_wrong(self, filled_shop):
        assert {order.status for order in filled_shop.values()} == set(OrderStatus)
        assert audit() == []

    def test_nor_with_an_empty_one(self):
        assert audit() == []

    def test_nor_with_net_prices(self, shop, settings):
        settings.PRICES_INCLUDE_TAX = False
        placed_order(two_lines())

        assert audit() == []

    @pytest.mark.parametrize(("currency", "price"), [("JPY", 980), ("KWD", "1.235")])
    def test_nor_in_a_currency_with_other_digits(self, shop, settings, currency, price):
        settings.SHOP_CURRENCY = currency
        ShippingMethod.objects.update(currency=currency, price=1)
        order = placed_order({VariantFactory(price=Decimal(price)): 3})
        cancel(order, cause=Cancellation.Cause.STAFF, at=NOW)
        run_tasks()

        assert audit() == []

    def test_nor_with_a_delivery_that_staff_call_an_order(self, shop, mug):
        receive({mug.pk: 1}, at=NOW, reference="order 2222-2222")

        assert audit() == []

    def test_sums_of_many_cents_are_exact(self, shop):
        """SQLite adds decimals as binary fractions."""
        order = placed_order({VariantFactory(price=Decimal("0.10")): units for units in range(1, 8)})
        for _ in range(3):
            refund(order.pk, amount=Decimal("0.10"), reason="goodwill", at=NOW)
        run_tasks()

        assert audit() == []


@pytest.mark.django_db
@pytest.mark.both_databases
class TestCorruption:
    def test_each_is_found(self, filled_shop, subtests):
        for corruption in CORRUPTIONS:
            with subtests.test(corruption.name), transaction.atomic():
                with unconstrained(*corruption.refused_by) if corruption.refused_by else nullcontext():
                    corruption.write(filled_shop)

                assert corruption.rule in {violation.rule for violation in audit()}
                transaction.set_rollback(True)

        assert audit() == []

    def test_each_that_a_constraint_can_refuse_is_refused(self, filled_shop, subtests):
        for corruption in filter(lambda corruption: corruption.refused_by, CORRUPTIONS):
            refused = pytest.raises(IntegrityError, match=corruption.refused_by[1])
            with subtests.test(corruption.name), refused, transaction.atomic():
                corruption.write(filled_shop)

    def test_every_check_finds_one(self):
        assert len({corruption.rule for corruption in CORRUPTIONS}) == len(CHECKS)


@pytest.mark.django_db
@pytest.mark.both_databases
class TestUnreadableRow:
    def test_is_named_and_ends_no_other_check(self, filled_shop):
        payment = filled_shop["paid"].payments.get()
        make_unreadable("orders_payment", "amount", filled_shop["paid"])
        CartFactory(status="ordered")

        violations = audit()

        named = [(found.table, found.row) for found in violations if found.rule == "rows can be read"]
        assert named == [("orders_payment", str(payment.pk))]
        assert "carts become one order" in {found.rule for found in violations}

    def test_is_named_in_each_table_where_it_stands(self, filled_shop):
        for order in (filled_shop["shipped"], filled_shop["cancelled"], filled_shop["unpaid"]):
            make_unreadable("orders_orderline", "tax_rate", order)
        make_unreadable("orders_refund", "amount", filled_shop["cancelled"])

        tables = [found.table for found in audit() if found.rule == "rows can be read"]

        assert tables == ["orders_orderline"] * 5 + ["orders_refund"]

    def test_that_breaks_a_check_off_is_a_violation_of_that_check(self, filled_shop):
        charge_of(filled_shop["partly_refunded"]).update(refunds=["not a mapping"])
        CartFactory(status="ordered")

        violations = {found.rule: found for found in audit()}

        assert violations["refunds are the gateways"].sentence.startswith("broke off: AttributeError")
        assert "carts become one order" in violations


@pytest.mark.django_db
class TestUniqueness:
    """What only a unique constraint can say, and so needs no check."""

    @pytest.fixture
    def pair(self, shop):
        return placed_order(), placed_order()

    def test_a_cart_becomes_one_order(self, pair):
        with pytest.raises(IntegrityError), transaction.atomic():
            of(pair[0]).update(cart=pair[1].cart)

    def test_a_key_is_claimed_by_one_order(self, pair):
        with pytest.raises(IntegrityError), transaction.atomic():
            of(pair[0]).update(claim=pair[1].claim)

    @pytest.mark.parametrize("column", ["number", "token"])
    def test_an_orders_names_are_its_own(self, pair, column):
        with pytest.raises(IntegrityError), transaction.atomic():
            of(pair[0]).update(**{column: getattr(pair[1], column)})

    def test_a_key_is_unique_in_the_whole_shop(self, pair):
        with pytest.raises(IntegrityError), transaction.atomic():
            IdempotencyKey.objects.create(key=pair[0].claim.key, request_hash="")


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestSnapshot:
    def test_outside_a_transaction_it_reads_one_snapshot(self, shop):
        placed_order(two_lines())

        assert audit() == []
        assert not connection.in_atomic_block

    @pytest.mark.race
    def test_while_orders_are_placed_it_sees_nothing_half_done(self, shop):
        placed_order(two_lines())
        quantities = two_lines()
        results = together(audit, lambda: placed_order(quantities), audit)

        assert (results[0], results[2]) == ([], [])
        assert Order.objects.count() == 2


@pytest.mark.django_db
class TestCommand:
    def test_it_names_the_row_and_ends_with_1(self, shop):
        order = placed_order()
        of(order).update(payment_state="awaiting")
        out = StringIO()

        with pytest.raises(SystemExit) as end:
            call_command("shop_audit", stdout=out)

        assert end.value.code == 1
        assert f"money matches state: orders_order {order.pk}: awaits payment but" in out.getvalue()

    def test_for_programs_it_prints_json(self):
        CartFactory(status="ordered")
        out = StringIO()

        with pytest.raises(SystemExit):
            call_command("shop_audit", "--json", stdout=out)

        assert json.loads(out.getvalue())[0]["rule"] == "carts become one order"

    def test_a_clean_shop_ends_well(self, shop):
        placed_order(shopper=new_shopper())
        out = StringIO()

        call_command("shop_audit", stdout=out)

        assert "0 violations" in out.getvalue()
