from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import timezone

from cart import change
from cart.change import Shopper, choose_variant, fit_to_stock, merge_at_log_in
from cart.models import Cart, CartLine
from cart.tests.factories import CartFactory, CartLineFactory
from catalog import stock
from catalog.errors import NotForSale, OutOfStock, UnknownVariant, VariantRequired
from catalog.models import Product, StockRecord
from catalog.prices import set_price
from catalog.tests.factories import ProductFactory, VariantFactory
from catalog.tests.racing import together

pytestmark = pytest.mark.django_db
NOW = timezone.now()
GUEST = Shopper("session-a")

add = partial(change.add, at=NOW)
set_quantity = change.set_quantity


def held(shopper: Shopper) -> dict[str, int]:
    """What the shopper's open cart holds, by SKU."""
    carts = Cart.objects.open().filter(user=shopper.user)
    carts = carts if shopper.user else carts.filter(key=shopper.key)
    return dict(CartLine.objects.filter(cart__in=carts).values_list("variant__sku", "quantity"))


def sell(variant, units: int) -> None:
    stock.reserve({variant.pk: units}, reference="another order", at=NOW)


@pytest.fixture
def mug():
    """Five on hand."""
    return VariantFactory(sku="MUG", on_hand=5)


@pytest.fixture
def plate():
    return VariantFactory(sku="PLATE", on_hand=5)


@pytest.fixture
def voucher():
    """Not tracked."""
    return VariantFactory(sku="VOUCHER", on_hand=None)


@pytest.fixture
def anna():
    return get_user_model().objects.create_user("anna@example.com")


class TestAdd:
    def test_the_first_add_makes_the_cart(self, mug):
        changed = add(GUEST, variant=mug, quantity=2)

        assert held(GUEST) == {"MUG": 2}
        assert not changed.was_capped()

    def test_every_add_counts(self, mug, plate):
        add(GUEST, variant=mug, quantity=2)
        add(GUEST, variant=plate, quantity=1)
        add(GUEST, variant=mug, quantity=1)

        assert held(GUEST) == {"MUG": 3, "PLATE": 1}
        assert Cart.objects.count() == 1

    def test_the_last_unit_can_be_added(self, mug):
        assert not add(GUEST, variant=mug, quantity=5).was_capped()
        assert held(GUEST) == {"MUG": 5}

    def test_more_than_available_keeps_the_highest_possible(self, mug):
        changed = add(GUEST, variant=mug, quantity=6)

        assert held(GUEST) == {"MUG": 5}
        assert (changed.quantity, changed.wanted, changed.was_capped()) == (5, 6, True)

    def test_what_is_in_the_cart_already_counts_against_stock(self, mug):
        add(GUEST, variant=mug, quantity=4)
        changed = add(GUEST, variant=mug, quantity=4)

        assert held(GUEST) == {"MUG": 5}
        assert changed.wanted == 8

    def test_what_is_sold_out_is_refused_and_the_cart_left(self, mug, plate):
        add(GUEST, variant=plate, quantity=1)
        sell(mug, 5)

        with pytest.raises(OutOfStock, match="MUG"):
            add(GUEST, variant=mug, quantity=1)

        assert held(GUEST) == {"PLATE": 1}

    def test_a_refused_first_add_makes_no_cart(self, mug):
        sell(mug, 5)

        with pytest.raises(OutOfStock):
            add(GUEST, variant=mug, quantity=1)

        assert not Cart.objects.exists()

    def test_untracked_goods_go_up_to_9999(self, voucher):
        add(GUEST, variant=voucher, quantity=9_999)
        changed = add(GUEST, variant=voucher, quantity=1)

        assert held(GUEST) == {"VOUCHER": 9_999}
        assert changed.was_capped()

    def test_it_reserves_nothing(self, mug):
        add(GUEST, variant=mug, quantity=5)

        assert StockRecord.objects.get(variant=mug).reserved == 0

    def test_the_price_that_was_seen_stays(self, mug):
        add(GUEST, variant=mug, quantity=1)
        set_price(mug, mug.price + 1)
        add(GUEST, variant=mug, quantity=1)

        line = CartLine.objects.select_related("variant").get()
        assert line.price_changed()
        assert (line.quantity, line.line_total()) == (2, 2 * mug.price)

    def test_sessions_do_not_see_each_other(self, mug):
        add(GUEST, variant=mug, quantity=1)
        add(Shopper("session-b"), variant=mug, quantity=2)

        assert held(GUEST) == {"MUG": 1}
        assert held(Shopper("session-b")) == {"MUG": 2}

    def test_after_an_order_the_next_add_makes_a_new_cart(self, mug):
        add(GUEST, variant=mug, quantity=2)
        Cart.objects.update(status=Cart.Status.ORDERED)

        add(GUEST, variant=mug, quantity=1)

        assert held(GUEST) == {"MUG": 1}


class TestSetQuantity:
    def test_the_line_becomes_what_was_asked(self, mug):
        add(GUEST, variant=mug, quantity=2)
        set_quantity(GUEST, variant_id=mug.pk, quantity=5)

        assert held(GUEST) == {"MUG": 5}

    def test_more_than_available_keeps_the_highest_possible(self, mug):
        add(GUEST, variant=mug, quantity=2)
        changed = set_quantity(GUEST, variant_id=mug.pk, quantity=6)

        assert held(GUEST) == {"MUG": 5}
        assert changed.was_capped()

    def test_zero_removes(self, mug, plate):
        add(GUEST, variant=mug, quantity=2)
        add(GUEST, variant=plate, quantity=2)
        set_quantity(GUEST, variant_id=mug.pk, quantity=0)

        assert held(GUEST) == {"PLATE": 2}

    def test_a_line_that_sold_out_stays_to_be_seen(self, mug):
        add(GUEST, variant=mug, quantity=2)
        sell(mug, 5)
        set_quantity(GUEST, variant_id=mug.pk, quantity=2)

        assert held(GUEST) == {"MUG": 1}

    def test_another_variant_is_not_added(self, mug, plate):
        add(GUEST, variant=mug, quantity=2)

        assert set_quantity(GUEST, variant_id=plate.pk, quantity=1) is None
        assert held(GUEST) == {"MUG": 2}

    def test_without_a_cart_none_is_made(self, mug):
        assert set_quantity(GUEST, variant_id=mug.pk, quantity=1) is None
        assert not Cart.objects.exists()

    def test_a_strangers_line_is_left(self, mug):
        add(GUEST, variant=mug, quantity=2)

        assert set_quantity(Shopper("session-b"), variant_id=mug.pk, quantity=1) is None
        assert held(GUEST) == {"MUG": 2}

    def test_it_makes_the_new_price_the_seen_one(self, mug):
        add(GUEST, variant=mug, quantity=2)
        set_price(mug, mug.price + 1)
        set_quantity(GUEST, variant_id=mug.pk, quantity=2)

        assert not CartLine.objects.select_related("variant").get().price_changed()

    def test_remove_takes_the_line_out(self, mug):
        add(GUEST, variant=mug, quantity=2)
        change.remove(GUEST, variant_id=mug.pk)

        assert held(GUEST) == {}


class TestFitToStock:
    def test_lines_are_lowered_to_what_is_there_and_say_so(self, mug, plate):
        add(GUEST, variant=mug, quantity=5)
        add(GUEST, variant=plate, quantity=5)
        sell(mug, 3)

        lowered = fit_to_stock(GUEST)

        assert [(changed.variant, changed.quantity, changed.wanted) for changed in lowered] == [(mug, 2, 5)]
        assert held(GUEST) == {"MUG": 2, "PLATE": 5}
        assert CartLine.objects.get(variant=mug).wanted == 5

    def test_what_fits_is_left(self, mug):
        add(GUEST, variant=mug, quantity=5)

        assert fit_to_stock(GUEST) == []


class TestMergeAtLogIn:
    def test_quantities_are_added(self, anna, mug, plate, voucher):
        add(Shopper("at home", anna), variant=mug, quantity=1)
        add(Shopper("at home", anna), variant=plate, quantity=1)
        add(GUEST, variant=mug, quantity=2)
        add(GUEST, variant=voucher, quantity=3)

        merge_at_log_in(Shopper(GUEST.key, anna))

        assert held(Shopper("", anna)) == {"MUG": 3, "PLATE": 1, "VOUCHER": 3}
        assert held(GUEST) == {}

    def test_what_stock_caps_is_said_on_the_line(self, anna, mug):
        add(Shopper("at home", anna), variant=mug, quantity=4)
        add(GUEST, variant=mug, quantity=4)

        merge_at_log_in(Shopper(GUEST.key, anna))

        assert held(Shopper("", anna)) == {"MUG": 5}
        assert "You asked for 8; the quantity is now 5" in CartLine.objects.get(cart__status="open").notice()

    def test_what_is_sold_out_is_not_lost(self, anna, mug):
        add(Shopper("at home", anna), variant=mug, quantity=2)
        add(GUEST, variant=mug, quantity=2)
        sell(mug, 5)

        merge_at_log_in(Shopper(GUEST.key, anna))

        assert held(Shopper("", anna)) == {"MUG": 1}
        assert "Sold out" in CartLine.objects.get(cart__status="open").notice()

    def test_a_second_log_in_adds_nothing(self, anna, mug):
        add(Shopper("at home", anna), variant=mug, quantity=1)
        add(GUEST, variant=mug, quantity=2)

        merge_at_log_in(Shopper(GUEST.key, anna))
        merge_at_log_in(Shopper(GUEST.key, anna))

        assert held(Shopper("", anna)) == {"MUG": 3}

    def test_without_a_cart_of_its_own_the_account_takes_the_guests(self, anna, mug):
        add(GUEST, variant=mug, quantity=2)

        merge_at_log_in(Shopper(GUEST.key, anna))

        cart = Cart.objects.get()
        assert (cart.user, cart.status) == (anna, Cart.Status.OPEN)
        assert held(Shopper("", anna)) == {"MUG": 2}

    def test_on_another_device_the_account_finds_its_cart(self, anna, mug):
        add(GUEST, variant=mug, quantity=2)
        merge_at_log_in(Shopper(GUEST.key, anna))

        merge_at_log_in(Shopper("another device", anna))
        add(Shopper("another device", anna), variant=mug, quantity=1)

        assert held(Shopper("", anna)) == {"MUG": 3}

    def test_nobody_elses_cart_is_touched(self, anna, mug):
        add(Shopper("session-b"), variant=mug, quantity=2)
        bert = get_user_model().objects.create_user("bert@example.com")
        add(Shopper("berts", bert), variant=mug, quantity=1)

        merge_at_log_in(Shopper(GUEST.key, anna))

        assert held(Shopper("session-b")) == {"MUG": 2}
        assert held(Shopper("", bert)) == {"MUG": 1}

    def test_with_nothing_to_bring_no_cart_is_made(self, anna):
        merge_at_log_in(Shopper(GUEST.key, anna))

        assert not Cart.objects.exists()

    def test_a_key_of_another_account_opens_nothing(self, anna, mug):
        """A token of one account may come with the cookie of another's session."""
        bert = get_user_model().objects.create_user("bert@example.com")
        add(Shopper("berts", bert), variant=mug, quantity=1)

        add(Shopper("berts", anna), variant=mug, quantity=2)

        assert held(Shopper("", bert)) == {"MUG": 1}
        assert held(Shopper("", anna)) == {"MUG": 2}


class TestChooseVariant:
    def test_the_only_variant_is_meant(self, mug):
        assert choose_variant(mug.product, None) == mug

    def test_of_several_one_must_be_named(self, mug):
        large = VariantFactory(product=mug.product, title="L")

        with pytest.raises(VariantRequired):
            choose_variant(mug.product, None)
        assert choose_variant(mug.product, large.pk) == large

    def test_those_that_are_not_offered_leave_no_choice(self, mug):
        VariantFactory(product=mug.product, title="L", is_active=False)
        VariantFactory(product=mug.product, title="XL", price=None)
        VariantFactory(product=mug.product, title="US", currency="USD")

        assert choose_variant(mug.product, None) == mug

    def test_a_variant_of_another_product_is_refused(self, mug, plate):
        with pytest.raises(UnknownVariant):
            choose_variant(mug.product, plate.pk)

    @pytest.mark.parametrize("status", [Product.Status.DRAFT, Product.Status.ARCHIVED])
    def test_a_product_that_is_not_on_sale_is_refused(self, status):
        variant = VariantFactory(product=ProductFactory(status=status))

        with pytest.raises(NotForSale):
            choose_variant(variant.product, variant.pk)


class TestWithoutASession:
    def test_nobodys_cart_is_not_ones_own(self, anna, mug):
        """An account that is gone leaves a cart without one."""
        CartLineFactory(cart=CartFactory(key=""), variant=mug)

        merge_at_log_in(Shopper("", anna))

        assert held(Shopper("", anna)) == {}


class TestConstraints:
    def test_a_key_has_one_open_cart(self):
        CartFactory(key="k")
        CartFactory(key="k", status=Cart.Status.ORDERED)

        with pytest.raises(IntegrityError), transaction.atomic():
            CartFactory(key="k")

    def test_an_account_has_one_open_cart(self, anna):
        CartFactory(user=anna)
        CartFactory(user=anna, status=Cart.Status.MERGED)

        with pytest.raises(IntegrityError), transaction.atomic():
            CartFactory(user=anna)

    def test_a_cart_has_one_line_a_variant(self):
        line = CartLineFactory()

        with pytest.raises(IntegrityError), transaction.atomic():
            CartLineFactory(cart=line.cart, variant=line.variant)

    @pytest.mark.parametrize("quantity", [0, -1, 10_000])
    def test_a_line_holds_1_to_9999(self, quantity):
        with pytest.raises(IntegrityError), transaction.atomic():
            CartLineFactory(quantity=quantity)


@pytest.mark.race
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestSimultaneousAdds:
    def test_six_first_adds_of_one_session_lose_nothing(self):
        mug = VariantFactory(sku="MUG", on_hand=50)

        for trial in range(8):
            shopper = Shopper(f"session-{trial}")
            together(*[lambda shopper=shopper: add(shopper, variant=mug, quantity=1)] * 6)

            assert held(shopper) == {"MUG": 6}
            assert Cart.objects.filter(key=shopper.key).count() == 1

    def test_six_first_adds_of_one_account_on_two_devices_lose_nothing(self, anna):
        mug = VariantFactory(sku="MUG", on_hand=50)
        devices = [Shopper("desk", anna), Shopper("phone", anna)] * 3

        together(*[partial(add, shopper, variant=mug, quantity=1) for shopper in devices])

        assert held(Shopper("", anna)) == {"MUG": 6}

    def test_an_add_while_logging_in_is_not_lost(self, anna):
        mug = VariantFactory(sku="MUG", on_hand=500)
        add(Shopper("at home", anna), variant=mug, quantity=1)

        for trial in range(8):
            guest, known = Shopper(f"session-{trial}"), Shopper(f"session-{trial}", anna)
            add(guest, variant=mug, quantity=1)
            together(
                lambda known=known: merge_at_log_in(known),
                lambda known=known: merge_at_log_in(known),
                lambda known=known: add(known, variant=mug, quantity=1),
                lambda known=known: add(known, variant=mug, quantity=1),
            )

        assert held(Shopper("", anna)) == {"MUG": 1 + 8 * 3}
