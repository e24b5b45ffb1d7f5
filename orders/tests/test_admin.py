from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cart.change import Shopper, add
from cart.models import Cart
from catalog.models import StockRecord
from catalog.tests.factories import VariantFactory
from catalog.tests.staff import messages_of, staff_client
from orders.checkout import CheckoutKey, place_order
from orders.details import AddressDetails, CheckoutDetails
from orders.models import Cancellation, Order, Refund, Shipment
from payments.gateway import GATEWAYS, GatewayError
from pricing.tests.factories import ShippingMethodFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:orders_order_changelist")
ADDRESS = AddressDetails(
    full_name="Ada Shopper", address_line1="1 Long Street", city="Berlin", postcode="10115", country="DE"
)
STEPS = {
    "packing": {},
    "shipment": {},
    "delivery": {},
    "cancellation": {"reason": "out of clay"},
}


def order_of(variant, *, quantity=2, token="tok_visa", email="ada@example.com"):
    ShippingMethodFactory()
    now = timezone.now()
    shopper = Shopper(key=f"session {Cart.objects.count()}")
    add(shopper, variant=variant, quantity=quantity, at=now)
    cart = Cart.objects.get(key=shopper.key)
    details = CheckoutDetails(email=email, address=ADDRESS, payment_token=token)
    placed = place_order(shopper=shopper, cart=cart, details=details, key=CheckoutKey.of_cart(cart.pk), at=now)
    return Order.objects.get(pk=placed.order.pk)


def address(name, order):
    return reverse(f"admin:orders_order_{name}", args=[order.pk])


def state(order):
    return Order.objects.values_list("payment_state", "fulfilment_state").get(pk=order.pk)


def offered(client, order):
    return client.get(address("change", order)).context["steps"]


def parcel(order, **units):
    return {f"units_{line.pk}": units.get(line.sku, line.quantity) for line in order.lines.all()}


@pytest.fixture
def clerk():
    return staff_client("Orders")


@pytest.fixture
def variant():
    return VariantFactory(sku="MUG", price=Decimal("20.00"), on_hand=10)


@pytest.fixture
def paid(variant):
    return order_of(variant)


class TestOrderList:
    def test_takes_the_same_few_statements_for_2_and_20_orders(self, clerk):
        variant = VariantFactory(on_hand=100)
        counts = []
        for wanted in (2, 20):
            while Order.objects.count() < wanted:
                order_of(variant, quantity=1)
            with CaptureQueriesContext(connection) as statements:
                assert clerk.get(LIST).status_code == 200
            counts.append(len(statements))

        assert counts[0] == counts[1] <= 10

    @pytest.mark.parametrize("column", ["number", "email", "full_name", "sku"])
    def test_finds_by_number_email_name_and_sku(self, clerk, paid, column):
        Order.objects.filter(pk=order_of(VariantFactory()).pk).update(email="b@example.org", full_name="Bo Buyer")
        words = "MUG" if column == "sku" else getattr(paid, column)

        found = clerk.get(LIST, {"q": words}).context["cl"].result_list

        assert list(found) == [paid]

    def test_shows_money_and_the_status_as_shoppers_see_it(self, clerk, paid):
        page = clerk.get(LIST).content.decode()

        assert "€44.90" in page
        assert '<span class="tag tag-paid">Paid</span>' in page

    @pytest.mark.parametrize(("stage", "token"), [("to_pack", "tok_visa"), ("to_pay", "tok_declined")])
    def test_filters_by_what_is_to_be_done(self, clerk, variant, stage, token):
        orders = {name: order_of(variant, token=name) for name in ("tok_visa", "tok_declined")}

        found = clerk.get(LIST, {"stage": stage}).context["cl"].result_list

        assert list(found) == [orders[token]]

    def test_marks_selected_orders_packed_and_says_which_cannot_be(self, clerk, variant):
        paid, unpaid = order_of(variant), order_of(variant, token="tok_declined")

        response = clerk.post(LIST, {"action": "mark_packed", "_selected_action": [paid.pk, unpaid.pk]}, follow=True)

        assert state(paid) == ("paid", "packed")
        assert state(unpaid) == ("awaiting", "unfulfilled")
        assert any(unpaid.number in message for message in messages_of(response))

    def test_has_nothing_to_add_delete_or_edit(self, paid):
        owner = staff_client()

        answers = [
            owner.post(reverse("admin:orders_order_add"), {"email": "x@example.com"}),
            owner.post(address("delete", paid), {"post": "yes"}),
            owner.post(address("change", paid), {"total": "1"}),
        ]

        assert [answer.status_code for answer in answers] == [403, 403, 405]
        assert Order.objects.get().total == Decimal("44.90")


class TestOrderPage:
    def test_shows_lines_money_payments_and_timeline(self, clerk, paid):
        page = clerk.get(address("change", paid)).content.decode()

        for text in ("MUG", "€20.00", "€40.00", "€4.90", "€44.90", "Captured", "Payment received", "1 Long Street"):
            assert text in page

    def test_offers_what_is_legal_next(self, clerk, variant):
        order = order_of(variant)
        seen = [offered(clerk, order)]
        for step in ("packing", "shipment", "delivery"):
            clerk.post(address(step, order), parcel(order))
            seen.append(offered(clerk, order))

        assert seen == [{"pack", "ship", "cancel"}, {"ship", "cancel"}, {"deliver"}, set()]

    def test_offers_only_to_cancel_what_is_not_paid(self, clerk, variant):
        assert offered(clerk, order_of(variant, token="tok_declined")) == {"cancel"}

    def test_takes_no_more_statements_for_more_lines(self, clerk, paid):
        def statements():
            with CaptureQueriesContext(connection) as captured:
                clerk.get(address("change", paid))
            return len(captured)

        before = statements()
        paid.lines.create(
            variant=VariantFactory(),
            sku="PLATE",
            name="Plate",
            unit_price=0,
            quantity=1,
            line_total=0,
            tax_rate=0,
            tax=0,
            stock_reserved=False,
        )

        assert statements() == before

    @pytest.mark.parametrize("group", ["Catalogue", "Stock"])
    def test_is_closed_to_other_groups(self, paid, group):
        assert staff_client(group).get(address("change", paid)).status_code == 403

    def test_of_an_order_that_is_not_there_leads_back(self, clerk):
        assert clerk.get(reverse("admin:orders_order_change", args=[999])).status_code == 302


class TestPackingButton:
    def test_packs_with_who(self, clerk, paid):
        clerk.post(address("packing", paid))

        assert state(paid) == ("paid", "packed")
        assert paid.events.get(kind="packed").by == clerk.user

    def test_says_what_an_unpaid_order_cannot_do(self, clerk, variant):
        order = order_of(variant, token="tok_declined")

        response = clerk.post(address("packing", order), follow=True)

        assert "it cannot be packed. Nothing was changed." in messages_of(response)[0]
        assert state(order) == ("awaiting", "unfulfilled")


class TestShippingButton:
    def test_sends_a_parcel_and_takes_it_off_the_shelf(self, clerk, paid, variant):
        clerk.post(address("shipment", paid), {"carrier": "DHL", "tracking_number": "00340", **parcel(paid)})

        shipment = Shipment.objects.get(order=paid)
        assert (shipment.carrier, shipment.tracking_number, shipment.by) == ("DHL", "00340", clerk.user)
        assert state(paid) == ("paid", "shipped")
        assert StockRecord.objects.values_list("on_hand", "reserved").get(variant=variant) == (8, 0)

    def test_sends_a_part_and_then_the_rest(self, clerk, paid):
        clerk.post(address("shipment", paid), parcel(paid, MUG=1))
        assert state(paid) == ("paid", "partly_shipped")

        clerk.post(address("shipment", paid), parcel(paid, MUG=1))

        assert state(paid) == ("paid", "shipped")

    @pytest.mark.parametrize("units", ["3", "0", "-1", "1.5", "", "NaN", "٣"])
    def test_refuses_other_units_than_are_open(self, clerk, paid, units):
        response = clerk.post(address("shipment", paid), parcel(paid, MUG=units))

        assert response.context["shipment_form"].errors
        assert state(paid) == ("paid", "unfulfilled")


class TestDeliveryButton:
    def test_is_refused_before_anything_was_sent(self, clerk, paid):
        clerk.post(address("delivery", paid))

        assert state(paid) == ("paid", "unfulfilled")


class TestCancellationButton:
    def test_releases_stock_and_starts_the_refund(self, clerk, paid, variant):
        clerk.post(address("cancellation", paid), {"reason": "out of clay"})

        cancellation = Cancellation.objects.get(order=paid)
        assert (cancellation.cause, cancellation.reason, cancellation.by) == ("staff", "out of clay", clerk.user)
        assert state(paid) == ("refunded", "cancelled")
        assert Refund.objects.get(order=paid).amount == paid.total
        assert variant.movements.order_by("pk").last().reason == "release"

    def test_asks_for_a_reason(self, clerk, paid):
        response = clerk.post(address("cancellation", paid), {"reason": ""})

        assert response.context["cancellation_form"].errors
        assert state(paid) == ("paid", "unfulfilled")

    def test_is_refused_once_something_was_sent(self, clerk, paid):
        clerk.post(address("shipment", paid), parcel(paid))

        response = clerk.post(address("cancellation", paid), {"reason": "too late"}, follow=True)

        assert "it cannot be cancelled" in messages_of(response)[-1]
        assert not Cancellation.objects.exists()

    def test_waits_while_the_gateway_has_not_said_what_happened(self, clerk, variant):
        order = order_of(variant, token="tok_error")

        response = clerk.post(address("cancellation", order), {"reason": "changed mind"}, follow=True)

        assert "not finished yet" in messages_of(response)[0]
        assert state(order) == ("awaiting", "unfulfilled")

    def test_says_when_the_gateway_does_not_answer(self, clerk, variant, monkeypatch):
        monkeypatch.setitem(GATEWAYS, "away", f"{__name__}.GatewayThatIsAway")
        order = order_of(variant, token="tok_error")
        order.payments.update(gateway="away")

        response = clerk.post(address("cancellation", order), {"reason": "changed mind"}, follow=True)

        assert "did not answer, so nothing was changed" in messages_of(response)[0]
        assert state(order) == ("awaiting", "unfulfilled")


class GatewayThatIsAway:
    def query(self, key):
        raise GatewayError


class TestWhoMayChangeOrders:
    @pytest.mark.parametrize("step", STEPS)
    def test_is_not_who_only_sees_them(self, clerk, paid, step):
        clerk.user.groups.clear()
        clerk.user.user_permissions.add(Permission.objects.get(codename="view_order"))

        response = clerk.post(address(step, paid), STEPS[step] | parcel(paid))

        assert response.status_code == 403
        assert state(paid) == ("paid", "unfulfilled")
        assert offered(clerk, paid) == set()

    @pytest.mark.parametrize("step", STEPS)
    def test_is_not_a_shopper(self, client, paid, step):
        response = client.post(address(step, paid), STEPS[step] | parcel(paid))

        assert response.status_code == 302
        assert state(paid) == ("paid", "unfulfilled")

    @pytest.mark.parametrize("step", STEPS)
    def test_change_nothing_by_following_a_link(self, clerk, paid, step):
        assert clerk.get(address(step, paid)).status_code == 405
