from decimal import Decimal

import pytest
from django.utils import timezone

from catalog import stock
from catalog.errors import StockNotTracked
from catalog.models import StockMovement, StockRecord
from catalog.tests.factories import VariantFactory
from orders.cancellation import cancel
from orders.errors import IllegalMove, TooManyUnits, UnknownLine
from orders.fulfilment import deliver, pack, ship
from orders.models import Cancellation, Order, OrderEvent, OrderMail, Return, Shipment, ShipmentLine
from orders.refunds import refund
from orders.returns import accept_return
from orders.states import OrderStatus
from orders.tests.factories import placed_order
from pricing.models import ShippingMethod

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
NOW = timezone.now()


def held(variant) -> tuple[int, int]:
    """On hand and reserved."""
    return StockRecord.objects.values_list("on_hand", "reserved").get(variant=variant)


def status(order) -> OrderStatus:
    return Order.objects.get(pk=order.pk).status


def line_id(order, sku: str) -> int:
    return order.lines.get(sku=sku).pk


@pytest.fixture
def order(mug, plate):
    """Paid: three mugs and two plates, of five each."""
    return placed_order({mug: 3, plate: 2})


class TestPack:
    def test_a_paid_order_is_packed(self, order, django_user_model):
        anna = django_user_model.objects.create_user("anna@example.com")

        pack(order.pk, at=NOW, by=anna)

        assert status(order) is OrderStatus.PACKED
        event = order.events.get(kind=OrderEvent.Kind.PACKED)
        assert (event.by, event.at) == (anna, NOW)

    @pytest.mark.parametrize("token", ["", "tok_declined", "tok_3ds", "tok_timeout"])
    def test_an_unpaid_one_is_not(self, token):
        order = placed_order(token=token)

        with pytest.raises(IllegalMove, match="awaiting payment: it cannot be packed"):
            pack(order.pk, at=NOW)

        assert status(order) is OrderStatus.AWAITING_PAYMENT

    def test_twice_is_refused(self, order):
        pack(order.pk, at=NOW)

        with pytest.raises(IllegalMove):
            pack(order.pk, at=NOW)


class TestShip:
    def test_all_that_is_open_leaves_the_shelf(self, order, mug, plate):
        ship(order.pk, at=NOW, carrier="Post", tracking_number="JJ1")

        assert status(order) is OrderStatus.SHIPPED
        assert (held(mug), held(plate)) == ((2, 0), (3, 0))
        assert order.shipments.get().tracking_number == "JJ1"

    def test_it_is_booked_for_the_order(self, order):
        ship(order.pk, at=NOW)

        booked = StockMovement.objects.filter(reason="ship").values_list("reference", flat=True)
        assert set(booked) == {f"order {order.number}"}

    def test_a_packed_order_can_leave(self, order):
        pack(order.pk, at=NOW)
        ship(order.pk, at=NOW)

        assert status(order) is OrderStatus.SHIPPED

    def test_in_parts(self, order, mug, plate):
        ship(order.pk, at=NOW, units={line_id(order, "MUG"): 2})
        assert status(order) is OrderStatus.PARTLY_SHIPPED
        assert (held(mug), held(plate)) == ((3, 1), (5, 2))

        ship(order.pk, at=NOW, units={line_id(order, "MUG"): 1})
        assert status(order) is OrderStatus.PARTLY_SHIPPED

        ship(order.pk, at=NOW)
        assert status(order) is OrderStatus.SHIPPED
        assert (held(mug), held(plate)) == ((2, 0), (3, 0))

    @pytest.mark.parametrize("units", [4, 0, -1])
    def test_only_open_units_can_leave(self, order, mug, units):
        with pytest.raises(TooManyUnits, match="3 of MUG"):
            ship(order.pk, at=NOW, units={line_id(order, "MUG"): units})

        assert status(order) is OrderStatus.PAID
        assert held(mug) == (5, 3)

    def test_a_line_of_another_order_cannot(self, order):
        other = placed_order()

        with pytest.raises(UnknownLine):
            ship(order.pk, at=NOW, units={other.lines.get().pk: 1})

        assert not Shipment.objects.exists()

    def test_an_empty_parcel_is_none(self, order):
        with pytest.raises(IllegalMove):
            ship(order.pk, at=NOW, units={})

        assert not Shipment.objects.exists()

    def test_what_was_shipped_does_not_leave_again(self, order, mug):
        ship(order.pk, at=NOW)

        with pytest.raises(IllegalMove):
            ship(order.pk, at=NOW)

        assert held(mug) == (2, 0)

    def test_an_unpaid_order_stays(self, mug):
        order = placed_order({mug: 1}, token="tok_declined")

        with pytest.raises(IllegalMove):
            ship(order.pk, at=NOW)

        assert held(mug) == (5, 1)

    def test_a_cancelled_order_stays(self, order):
        cancel(order, cause=Cancellation.Cause.STAFF, at=NOW)

        with pytest.raises(IllegalMove):
            ship(order.pk, at=NOW)

        assert status(order) is OrderStatus.CANCELLED

    def test_so_does_one_that_cost_nothing(self):
        ShippingMethod.objects.update(price=0)
        order = placed_order({VariantFactory(price=Decimal(0)): 1})
        cancel(order, cause=Cancellation.Cause.STAFF, at=NOW)

        with pytest.raises(IllegalMove):
            ship(order.pk, at=NOW)

        assert status(order) is OrderStatus.CANCELLED
        assert not Shipment.objects.exists()

    def test_a_wholly_refunded_order_stays(self, order):
        refund(order.pk, amount=order.total, reason="goodwill", at=NOW)

        with pytest.raises(IllegalMove):
            ship(order.pk, at=NOW)

    def test_a_partly_refunded_one_leaves(self, order):
        refund(order.pk, amount=Decimal(1), reason="goodwill", at=NOW)

        ship(order.pk, at=NOW)

        assert status(order) is OrderStatus.PARTLY_REFUNDED
        assert order.shipments.count() == 1

    def test_the_shopper_is_told_by_mail(self, order):
        ship(order.pk, at=NOW)

        assert order.mails.filter(kind=OrderMail.Kind.SHIPPED).count() == 1

    def test_untracked_goods_move_no_stock(self):
        order = placed_order({VariantFactory(on_hand=None): 2})

        ship(order.pk, at=NOW)

        assert ShipmentLine.objects.get().units == 2
        assert not StockMovement.objects.exists()

    def test_it_follows_the_line_and_not_todays_tracking(self):
        variant = VariantFactory(on_hand=None)
        order = placed_order({variant: 2})
        stock.start_tracking(variant)
        stock.receive({variant.pk: 5}, at=NOW)

        ship(order.pk, at=NOW)

        assert held(variant) == (5, 0)


class TestDeliver:
    def test_what_was_shipped_arrives(self, order):
        ship(order.pk, at=NOW)
        deliver(order.pk, at=NOW)

        assert status(order) is OrderStatus.DELIVERED

    def test_what_is_still_here_does_not(self, order):
        with pytest.raises(IllegalMove):
            deliver(order.pk, at=NOW)

        assert status(order) is OrderStatus.PAID

    def test_nor_what_left_in_part(self, order):
        ship(order.pk, at=NOW, units={line_id(order, "MUG"): 1})

        with pytest.raises(IllegalMove):
            deliver(order.pk, at=NOW)


class TestAcceptReturn:
    @pytest.fixture
    def sent(self, order):
        ship(order.pk, at=NOW)
        return order

    def test_all_of_it_back_on_the_shelf(self, sent, mug, plate):
        accept_return(sent.pk, reason="does not fit", restock=True, at=NOW)

        assert status(sent) is OrderStatus.RETURNED
        assert (held(mug), held(plate)) == ((5, 0), (5, 0))

    def test_broken_goods_do_not_go_back_on_the_shelf(self, sent, mug):
        accept_return(sent.pk, reason="broken", restock=False, at=NOW)

        assert status(sent) is OrderStatus.RETURNED
        assert held(mug) == (2, 0)

    def test_in_parts(self, sent, mug, plate):
        accept_return(sent.pk, units={line_id(sent, "MUG"): 1}, reason="one", restock=True, at=NOW)
        assert status(sent) is OrderStatus.SHIPPED
        assert held(mug) == (3, 0)

        accept_return(sent.pk, reason="the rest", restock=True, at=NOW)
        assert status(sent) is OrderStatus.RETURNED
        assert (held(mug), held(plate)) == ((5, 0), (5, 0))

    def test_a_delivered_order_can_come_back(self, sent):
        deliver(sent.pk, at=NOW)
        accept_return(sent.pk, reason="does not fit", restock=True, at=NOW)

        assert status(sent) is OrderStatus.RETURNED

    def test_not_more_than_was_sent(self, sent, mug):
        with pytest.raises(TooManyUnits, match="3 of MUG"):
            accept_return(sent.pk, units={line_id(sent, "MUG"): 4}, reason="?", restock=True, at=NOW)

        assert held(mug) == (2, 0)

    def test_not_twice(self, sent, mug):
        accept_return(sent.pk, reason="does not fit", restock=True, at=NOW)

        with pytest.raises(IllegalMove):
            accept_return(sent.pk, reason="again", restock=True, at=NOW)

        assert held(mug) == (5, 0)

    def test_nothing_comes_back_before_it_left(self, order):
        with pytest.raises(IllegalMove):
            accept_return(order.pk, reason="?", restock=True, at=NOW)

        assert not Return.objects.exists()

    def test_goods_that_are_no_longer_tracked_cannot_go_on_the_shelf(self, sent, mug):
        stock.stop_tracking(mug, at=NOW)

        with pytest.raises(StockNotTracked):
            accept_return(sent.pk, reason="does not fit", restock=True, at=NOW)

        assert not Return.objects.exists()

    def test_it_sends_no_money_back_by_itself(self, sent):
        accept_return(sent.pk, reason="does not fit", restock=True, at=NOW)

        assert not sent.refunds.exists()
