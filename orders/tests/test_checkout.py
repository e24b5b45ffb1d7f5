from decimal import Decimal
from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from cart.models import Cart, CartLine
from catalog.errors import NotForSale, OutOfStock
from catalog.models import StockMovement, StockRecord, Variant
from catalog.prices import set_price
from catalog.tests.factories import VariantFactory
from orders.checkout import HOLD, CheckoutKey, place_order
from orders.details import AddressDetails
from orders.errors import (
    AlreadyOrdered,
    CartChanged,
    EmptyCart,
    KeyReused,
    NoDelivery,
    TotalChanged,
)
from orders.models import IdempotencyKey, Order, OrderMail, Payment
from orders.states import OrderStatus
from orders.tests.factories import ADDRESS, details, filled_cart, new_shopper, placed_order
from payments.models import TestCharge
from pricing.errors import AmountTooHigh
from pricing.models import ShippingMethod, TaxClass, TaxRate

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
NOW = timezone.now()


def place(cart, shopper, *, key=None, **changes) -> Order:
    key = key or CheckoutKey.of_cart(cart.pk)
    return place_order(shopper=shopper, cart=cart, details=details(**changes), key=key, at=NOW).order


def held(variant) -> tuple[int, int]:
    """On hand and reserved."""
    return StockRecord.objects.values_list("on_hand", "reserved").get(variant=variant)


@pytest.fixture
def shopper():
    return new_shopper()


@pytest.fixture
def cart(mug, plate, shopper):
    """Two mugs at €20 and a plate at €15, which makes €59.90 with delivery."""
    return filled_cart({mug: 2, plate: 1}, shopper=shopper)


@pytest.fixture
def nothing_happened(cart, mug):
    """A check that a refusal left no trace."""

    def check() -> bool:
        assert not Order.objects.exists()
        assert not IdempotencyKey.objects.exists()
        assert not TestCharge.objects.exists()
        assert not StockMovement.objects.filter(reason="reserve").exists()
        assert held(mug) == (5, 0)
        cart.refresh_from_db()
        assert (cart.status, cart.lines.count()) == (Cart.Status.OPEN, 2)
        return True

    return check


class TestPlaceOrder:
    def test_the_cart_becomes_a_paid_order(self, cart, shopper):
        order = place(cart, shopper)

        assert order.status is OrderStatus.PAID
        assert (order.subtotal, order.shipping, order.total) == (Decimal(55), Decimal("4.90"), Decimal("59.90"))
        assert order.net + order.tax == order.total
        cart.refresh_from_db()
        assert (cart.status, cart.order) == (Cart.Status.ORDERED, order)

    def test_the_card_is_charged_its_total_once(self, cart, shopper):
        order = place(cart, shopper)

        charge = TestCharge.objects.get()
        assert (charge.amount, charge.currency, charge.order_ref) == (5990, "EUR", str(order.pk))
        assert charge.key == str(order.payments.get().pk)

    def test_its_units_are_reserved_for_it(self, cart, shopper, mug, plate):
        order = place(cart, shopper)

        assert (held(mug), held(plate)) == ((5, 2), (5, 1))
        references = StockMovement.objects.filter(reason="reserve").values_list("reference", flat=True)
        assert set(references) == {f"order {order.number}"}

    def test_lines_are_copies(self, cart, shopper, mug):
        order = place(cart, shopper)
        set_price(mug, Decimal(99))
        Variant.objects.filter(pk=mug.pk).update(sku="RENAMED")
        type(mug.product).objects.filter(pk=mug.product_id).update(name="Renamed")

        line = order.lines.get(variant=mug)
        assert (line.sku, line.name, line.unit_price, line.quantity) == ("MUG", "Mug", Decimal(20), 2)
        assert (line.line_total, line.tax_rate, line.tax) == (Decimal(40), Decimal(19), Decimal("6.39"))

    def test_addresses_are_copied(self, cart, shopper):
        office = AddressDetails(
            full_name="Sam's Office", address_line1="Markt 2", city="Bonn", postcode="53111", country="DE"
        )

        order = place(cart, shopper, billing=office)

        assert (order.email, order.full_name, order.city) == ("sam@example.com", "Sam Shopper", "Berlin")
        assert (order.billing_full_name, order.billing_city) == ("Sam's Office", "Bonn")

    def test_without_another_the_billing_address_is_the_delivery_address(self, cart, shopper):
        order = place(cart, shopper)

        assert (order.billing_full_name, order.billing_postcode) == ("Sam Shopper", "10115")

    def test_the_method_chosen_is_copied_with_its_tax(self, cart, shopper):
        order = place(cart, shopper, shipping_method="express")
        ShippingMethod.objects.filter(code="express").delete()

        order.refresh_from_db()
        assert (order.shipping_name, order.shipping, order.total) == ("Courier", Decimal("12.90"), Decimal("67.90"))
        assert (order.shipping_tax_rate, order.shipping_tax) == (Decimal(19), Decimal("2.06"))

    def test_goods_are_taxed_by_class_and_destination(self, cart, shopper, mug):
        books = TaxClass.objects.create(code="books", name="Books")
        for country, rate in (("DE", 7), ("FR", 5.5)):
            TaxRate.objects.create(tax_class=books, country=country, rate=rate)
        type(mug.product).objects.filter(pk=mug.product_id).update(tax_class=books)

        order = place(cart, shopper, address=AddressDetails(**{**ADDRESS.columns(), "country": "FR"}))

        assert dict(order.lines.values_list("sku", "tax_rate")) == {"MUG": Decimal("5.5"), "PLATE": 0}

    def test_net_prices_carry_the_tax_on_top(self, cart, shopper, settings):
        settings.PRICES_INCLUDE_TAX = False

        order = place(cart, shopper)

        assert (order.tax, order.total) == (Decimal("11.38"), Decimal("71.28"))
        assert TestCharge.objects.get().amount == 7128

    def test_untracked_goods_reserve_nothing(self, shopper):
        voucher = VariantFactory(on_hand=None)

        order = place(filled_cart({voucher: 3}, shopper=shopper), shopper)

        assert not order.lines.get().stock_reserved
        assert order.status is OrderStatus.PAID

    def test_the_last_units_can_be_ordered(self, shopper, mug):
        place(filled_cart({mug: 5}, shopper=shopper), shopper)

        assert held(mug) == (5, 5)

    def test_without_a_token_it_awaits_payment_and_keeps_its_stock(self, cart, shopper, mug):
        order = place(cart, shopper, payment_token="")

        assert order.status is OrderStatus.AWAITING_PAYMENT
        assert order.hold_until == NOW + HOLD
        assert held(mug) == (5, 2)
        assert not Payment.objects.exists()

    def test_what_costs_nothing_is_paid_without_a_payment(self, shopper):
        ShippingMethod.objects.update(price=0)
        present = VariantFactory(price=Decimal(0))

        order = place(filled_cart({present: 1}, shopper=shopper), shopper)

        assert order.status is OrderStatus.PAID
        assert not Payment.objects.exists()
        assert OrderMail.objects.get().kind == OrderMail.Kind.CONFIRMATION

    def test_it_is_the_accounts(self, mug):
        anna = get_user_model().objects.create_user("anna@example.com")

        assert placed_order({mug: 1}, shopper=new_shopper(anna)).user == anna

    def test_its_link_cannot_be_guessed(self, cart, shopper):
        order = place(cart, shopper)

        assert len(order.token) >= 22  # 128 bit in base 64
        assert order.number not in order.token


class TestWithoutDetails:
    @pytest.mark.parametrize("missing", ["full_name", "address_line1", "city"])
    def test_an_order_is_not_charged_without_an_address(self, cart, shopper, missing):
        order = place(cart, shopper, address=AddressDetails(**{**ADDRESS.columns(), missing: ""}))

        assert order.status is OrderStatus.AWAITING_PAYMENT
        assert not Payment.objects.exists()

    def test_nor_without_an_email(self, cart, shopper):
        assert place(cart, shopper, email="").status is OrderStatus.AWAITING_PAYMENT
        assert not TestCharge.objects.exists()


class TestRefusals:
    def test_short_stock_leaves_no_trace(self, cart, shopper, plate, nothing_happened):
        StockRecord.objects.filter(variant=plate).update(on_hand=0)

        with pytest.raises(OutOfStock, match="PLATE"):
            place(cart, shopper)

        assert nothing_happened()

    def test_after_it_the_same_form_can_be_sent_again(self, cart, shopper, plate):
        StockRecord.objects.filter(variant=plate).update(on_hand=0)
        with pytest.raises(OutOfStock):
            place(cart, shopper)
        StockRecord.objects.filter(variant=plate).update(on_hand=5)

        assert place(cart, shopper).status is OrderStatus.PAID

    def test_what_is_no_longer_sold(self, cart, shopper, plate, nothing_happened):
        Variant.objects.filter(pk=plate.pk).update(is_active=False)

        with pytest.raises(NotForSale):
            place(cart, shopper)

        assert nothing_happened()

    def test_another_total_than_was_seen(self, cart, shopper, mug, nothing_happened):
        set_price(mug, Decimal(21))

        with pytest.raises(TotalChanged, match="from €59.90 to €61.90"):
            place(cart, shopper, expected_total=Decimal("59.90"))

        assert nothing_happened()

    def test_a_lower_total_is_another_too(self, cart, shopper, nothing_happened):
        with pytest.raises(TotalChanged):
            place(cart, shopper, expected_total=Decimal("59.91"))

        assert nothing_happened()

    def test_the_total_that_was_seen_is_charged(self, cart, shopper):
        assert place(cart, shopper, expected_total=Decimal("59.90")).total == Decimal("59.90")

    @pytest.mark.both_databases
    def test_more_than_any_column_holds(self, cart, shopper, mug, nothing_happened):
        set_price(mug, Decimal("99999999"))
        CartLine.objects.filter(variant=mug).update(quantity=9_999)

        with pytest.raises(AmountTooHigh):
            place(cart, shopper)

        assert nothing_happened()

    def test_the_total_seen_with_another_method_is_not_enough(self, cart, shopper, nothing_happened):
        """The button named a sum; no other is charged on its press."""
        with pytest.raises(TotalChanged):
            place(cart, shopper, shipping_method="express", expected_total=Decimal("59.90"))

        assert nothing_happened()

    @pytest.mark.parametrize(
        ("country", "method"), [("FR", "express"), ("DE", "pigeon")], ids=["not there", "no such method"]
    )
    def test_no_such_delivery(self, cart, shopper, nothing_happened, country, method):
        address = AddressDetails(**{**ADDRESS.columns(), "country": country})

        with pytest.raises(NoDelivery):
            place(cart, shopper, address=address, shipping_method=method)

        assert nothing_happened()

    def test_nowhere_to_deliver_to(self, cart, shopper, nothing_happened):
        ShippingMethod.objects.update(countries=["AT"])

        with pytest.raises(NoDelivery):
            place(cart, shopper)

        assert nothing_happened()

    def test_no_cart(self, shopper):
        with pytest.raises(EmptyCart):
            place_order(shopper=shopper, cart=None, details=details(), key=CheckoutKey.of_cart(0), at=NOW)

    def test_an_emptied_cart(self, cart, shopper):
        cart.lines.all().delete()

        with pytest.raises(EmptyCart):
            place(cart, shopper)

        assert not Order.objects.exists()

    def test_a_form_of_another_cart(self, cart, shopper, nothing_happened):
        with pytest.raises(CartChanged):
            place(cart, shopper, key=CheckoutKey.of_cart(cart.pk + 1))

        assert nothing_happened()

    def test_a_cart_that_was_merged_meanwhile(self, cart, shopper):
        Cart.objects.update(status=Cart.Status.MERGED)

        with pytest.raises(CartChanged):
            place(cart, shopper)

        assert not Order.objects.exists()


class TestKeyOfTheSite:
    @pytest.fixture
    def again(self, cart, shopper):
        """Send a form of the first cart once more; the session has no cart now."""
        key = CheckoutKey.of_cart(cart.pk)
        return partial(place, None, shopper, key=key)

    def test_the_same_form_twice_is_one_order_and_one_charge(self, cart, shopper, again):
        order = place(cart, shopper)

        assert again() == order
        assert TestCharge.objects.count() == 1

    def test_it_answers_the_orders_current_state(self, cart, shopper, again):
        order = place(cart, shopper, payment_token="tok_declined")
        Order.objects.filter(pk=order.pk).update(fulfilment_state="cancelled")

        assert again(payment_token="tok_declined").status is OrderStatus.CANCELLED

    def test_changed_it_leads_to_the_order_that_exists(self, cart, shopper, again):
        order = place(cart, shopper)

        with pytest.raises(AlreadyOrdered) as refusal:
            again(email="another@example.com")

        assert refusal.value.order == order
        assert TestCharge.objects.count() == 1

    def test_after_logging_in_it_is_still_ones_own(self, cart, shopper):
        order = place(cart, shopper)
        anna = get_user_model().objects.create_user("anna@example.com")

        known = type(shopper)(shopper.key, anna)

        assert place(None, known, key=CheckoutKey.of_cart(cart.pk)) == order

    def test_nobody_elses_form_opens_it(self, cart, shopper):
        place(cart, shopper)

        with pytest.raises((EmptyCart, CartChanged)):
            place(None, new_shopper(), key=CheckoutKey.of_cart(cart.pk))

    def test_an_accounts_order_is_no_longer_its_sessions(self, mug):
        """Logged out, the session's key must not open what the account ordered."""
        anna = get_user_model().objects.create_user("anna@example.com")
        shopper = new_shopper(anna)
        order = placed_order({mug: 1}, shopper=shopper)

        assert list(Order.objects.owned_by(user=anna, cart_key=None)) == [order]
        assert not Order.objects.owned_by(user=None, cart_key=shopper.key).exists()

    def test_with_a_new_cart_the_old_form_leads_to_the_old_order(self, cart, shopper, plate):
        order = place(cart, shopper)
        new_cart = filled_cart({plate: 1}, shopper=shopper)

        assert place(new_cart, shopper, key=CheckoutKey.of_cart(cart.pk)) == order
        new_cart.refresh_from_db()
        assert new_cart.status == Cart.Status.OPEN

    def test_the_cart_ordered_by_a_clients_key_is_ordered(self, cart, shopper, again):
        place(cart, shopper, key=CheckoutKey.of_client("mine"))

        with pytest.raises(AlreadyOrdered):
            again()


class TestKeyOfAClient:
    KEY = CheckoutKey.of_client("mine")

    def test_the_same_request_twice_is_one_order_and_one_charge(self, cart, shopper):
        order = place(cart, shopper, key=self.KEY)

        assert place(None, shopper, key=self.KEY) == order
        assert TestCharge.objects.count() == 1

    def test_with_a_new_cart_too(self, cart, shopper, plate):
        order = place(cart, shopper, key=self.KEY)
        new_cart = filled_cart({plate: 1}, shopper=shopper)

        assert place(new_cart, shopper, key=self.KEY) == order

    @pytest.mark.parametrize("has_cart", [True, False])
    def test_another_request_is_refused(self, cart, shopper, plate, has_cart):
        place(cart, shopper, key=self.KEY)
        new_cart = filled_cart({plate: 1}, shopper=shopper) if has_cart else None

        with pytest.raises(KeyReused):
            place(new_cart, shopper, key=self.KEY, email="another@example.com")

        assert Order.objects.count() == 1

    def test_a_strangers_key_is_refused(self, cart, shopper, plate):
        place(cart, shopper, key=self.KEY)
        stranger = new_shopper()

        with pytest.raises(KeyReused):
            place(filled_cart({plate: 1}, shopper=stranger), stranger, key=self.KEY)

        assert Order.objects.count() == 1

    def test_it_survives_log_in(self, cart, shopper):
        order = place(cart, shopper, key=self.KEY)
        anna = get_user_model().objects.create_user("anna@example.com")

        assert place(None, type(shopper)(shopper.key, anna), key=self.KEY) == order

    def test_it_is_no_key_of_the_site(self, cart, shopper):
        """A client that calls its key after a cart does not claim that cart's key."""
        place(cart, shopper, key=CheckoutKey.of_client(f"cart:{cart.pk + 1}"))

        assert not IdempotencyKey.objects.filter(key=f"cart:{cart.pk + 1}").exists()

    def test_a_refusal_is_not_stored(self, cart, shopper):
        with pytest.raises(TotalChanged):
            place(cart, shopper, key=self.KEY, expected_total=Decimal(1))

        assert place(cart, shopper, key=self.KEY).status is OrderStatus.PAID


class TestRequestHash:
    def test_the_same_details_have_one(self):
        assert details().request_hash() == details().request_hash()

    @pytest.mark.parametrize(
        "change",
        [
            {"email": "x@example.com"},
            {"payment_token": "tok_3ds"},
            {"billing": ADDRESS},
            {"shipping_method": "express"},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_other_details_have_another(self, change):
        assert details(**change).request_hash() != details().request_hash()
