from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog import stock
from catalog.errors import OutOfStock, StockChanged, StockNotTracked, UnitsReserved
from catalog.models import StockMovement, StockRecord
from catalog.tests.factories import VariantFactory
from catalog.tests.racing import together

pytestmark = pytest.mark.django_db
NOW = timezone.now()
Reason = StockMovement.Reason


def counted(variant) -> tuple[int, int]:
    """On hand and reserved."""
    return StockRecord.objects.values_list("on_hand", "reserved").get(variant_id=variant.pk)


def booked(variant) -> tuple[int, int]:
    """On hand and reserved as the ledger sums them."""
    sums = StockMovement.objects.filter(variant_id=variant.pk).aggregate(Sum("on_hand_delta"), Sum("reserved_delta"))
    return tuple(total or 0 for total in sums.values())


def reserve(units: dict[int, int], reference="order A") -> None:
    stock.reserve(units, reference=reference, at=NOW)


@pytest.fixture
def mug():
    """Three on hand."""
    return VariantFactory(sku="MUG", on_hand=3)


@pytest.fixture
def plate():
    """Five on hand."""
    return VariantFactory(sku="PLATE", on_hand=5)


@pytest.fixture
def voucher():
    """Not tracked."""
    return VariantFactory(sku="VOUCHER", on_hand=None)


class TestReceive:
    def test_delivered_units_are_on_hand(self, mug):
        stock.receive({mug.pk: 4}, at=NOW)

        assert counted(mug) == (7, 0)

    def test_it_is_booked_with_who_and_why(self, mug, django_user_model):
        anna = django_user_model.objects.create_user("anna@example.com")

        stock.receive({mug.pk: 4}, at=NOW, by=anna, note="pallet 7", reference="delivery 12")

        movement = StockMovement.objects.latest("pk")
        assert (movement.by, movement.note, movement.reference, movement.at) == (anna, "pallet 7", "delivery 12", NOW)
        assert (movement.on_hand_delta, movement.reserved_delta, movement.reason) == (4, 0, Reason.RECEIVE)
        assert (movement.on_hand_after, movement.reserved_after) == (7, 0)

    def test_an_untracked_variant_is_refused_and_the_others_left(self, mug, voucher):
        with pytest.raises(StockNotTracked, match="VOUCHER"):
            stock.receive({mug.pk: 1, voucher.pk: 1}, at=NOW)

        assert counted(mug) == booked(mug) == (3, 0)

    @pytest.mark.parametrize("units", [0, -1])
    def test_units_are_at_least_one(self, mug, units):
        with pytest.raises(ValueError, match="at least 1"):
            stock.receive({mug.pk: units}, at=NOW)

        assert counted(mug) == (3, 0)


class TestReserve:
    def test_units_are_held_and_stay_on_hand(self, mug):
        reserve({mug.pk: 2})

        assert counted(mug) == booked(mug) == (3, 2)

    def test_the_last_unit_can_be_held(self, mug):
        reserve({mug.pk: 3})

        assert counted(mug) == (3, 3)

    def test_one_more_is_out_of_stock(self, mug):
        with pytest.raises(OutOfStock, match="MUG") as refusal:
            reserve({mug.pk: 4})

        assert refusal.value.available == 3
        assert counted(mug) == booked(mug) == (3, 0)

    def test_what_others_hold_is_not_available(self, mug):
        reserve({mug.pk: 2}, "order A")

        with pytest.raises(OutOfStock):
            reserve({mug.pk: 2}, "order B")

        assert counted(mug) == (3, 2)

    def test_it_is_all_or_nothing(self, mug, plate):
        with pytest.raises(OutOfStock, match="PLATE"):
            reserve({mug.pk: 1, plate.pk: 6})

        assert counted(mug) == booked(mug) == (3, 0)

    def test_the_first_short_variant_is_named(self, mug, plate):
        with pytest.raises(OutOfStock, match="MUG"):
            reserve({plate.pk: 6, mug.pk: 4})

    def test_an_untracked_variant_must_not_be_passed(self, voucher):
        with pytest.raises(StockNotTracked):
            reserve({voucher.pk: 1})

    def test_a_refusal_leaves_an_open_transaction_as_it_was(self, mug, plate):
        with transaction.atomic():
            with pytest.raises(OutOfStock):
                reserve({mug.pk: 1, plate.pk: 6})
            stock.receive({plate.pk: 1}, at=NOW)

        assert (counted(mug), counted(plate)) == ((3, 0), (6, 0))

    def test_it_takes_two_statements_and_one_a_variant(self, mug, plate, django_assert_num_queries):
        with transaction.atomic(), django_assert_num_queries(2 + 2 + 2):  # and a savepoint
            reserve({mug.pk: 1, plate.pk: 1})


class TestRelease:
    def test_held_units_are_available_again(self, mug):
        reserve({mug.pk: 3})
        stock.release({mug.pk: 2}, reference="order A", at=NOW)

        assert counted(mug) == booked(mug) == (3, 1)

    def test_all_of_them_can_be_released(self, mug):
        reserve({mug.pk: 3})
        stock.release({mug.pk: 3}, reference="order A", at=NOW)

        assert counted(mug) == (3, 0)

    def test_more_than_is_held_is_refused(self, mug):
        reserve({mug.pk: 1})

        with pytest.raises(ValueError, match="order A.*MUG"):
            stock.release({mug.pk: 2}, reference="order A", at=NOW)

        assert counted(mug) == booked(mug) == (3, 1)


class TestShip:
    def test_reserved_and_on_hand_fall_together(self, mug):
        reserve({mug.pk: 2})
        stock.ship({mug.pk: 2}, reference="order A", at=NOW)

        assert counted(mug) == booked(mug) == (1, 0)

    def test_the_last_unit_leaves_an_empty_shelf(self, mug):
        reserve({mug.pk: 3})
        stock.ship({mug.pk: 3}, reference="order A", at=NOW)

        assert counted(mug) == (0, 0)

    def test_what_is_not_held_cannot_be_shipped(self, mug):
        reserve({mug.pk: 1})

        with pytest.raises(ValueError, match="MUG"):
            stock.ship({mug.pk: 2}, reference="order A", at=NOW)

        assert counted(mug) == booked(mug) == (3, 1)


class TestRestock:
    def test_returned_units_are_on_hand_again(self, mug):
        stock.restock({mug.pk: 1}, reference="order A", at=NOW)

        assert counted(mug) == booked(mug) == (4, 0)

    def test_an_untracked_variant_is_refused(self, voucher):
        with pytest.raises(StockNotTracked):
            stock.restock({voucher.pk: 1}, reference="order A", at=NOW)


class TestCorrect:
    @pytest.mark.parametrize("on_hand", [0, 2, 10])
    def test_the_count_becomes_what_was_counted(self, mug, on_hand):
        stock.correct(mug.pk, on_hand=on_hand, at=NOW, note="stocktaking")

        assert counted(mug) == booked(mug) == (on_hand, 0)

    def test_the_same_count_is_not_booked(self, mug):
        stock.correct(mug.pk, on_hand=3, at=NOW, note="stocktaking")

        assert StockMovement.objects.filter(variant=mug).count() == 1

    def test_down_to_what_is_reserved_is_possible(self, mug):
        reserve({mug.pk: 2})

        stock.correct(mug.pk, on_hand=2, at=NOW, note="broken")

        assert counted(mug) == (2, 2)

    def test_below_it_is_refused_and_names_the_orders(self, mug):
        reserve({mug.pk: 1}, "order A")
        reserve({mug.pk: 1}, "order B")
        reserve({mug.pk: 1}, "order C")
        stock.release({mug.pk: 1}, reference="order C", at=NOW)

        with pytest.raises(UnitsReserved) as refusal:
            stock.correct(mug.pk, on_hand=1, at=NOW, note="broken")

        assert refusal.value.references == ["order A", "order B"]
        assert "2 units of MUG are held for: order A, order B" in str(refusal.value)
        assert counted(mug) == booked(mug) == (3, 2)

    def test_a_count_that_no_longer_holds_is_refused(self, mug):
        stock.receive({mug.pk: 1}, at=NOW)

        with pytest.raises(StockChanged, match="had 3 on hand .* has 4 now"):
            stock.correct(mug.pk, on_hand=2, at=NOW, note="broken", seen=3)

        assert counted(mug) == (4, 0)

    def test_an_untracked_variant_is_refused(self, voucher):
        with pytest.raises(StockNotTracked, match="VOUCHER"):
            stock.correct(voucher.pk, on_hand=1, at=NOW, note="")


class TestTracking:
    def test_started_it_counts_from_nothing(self, voucher):
        stock.start_tracking(voucher, low_stock_threshold=2)

        voucher.refresh_from_db()
        assert (voucher.track_stock, voucher.available(), voucher.stock.low_stock_threshold) == (True, 0, 2)

    def test_started_twice_it_keeps_its_count(self, mug):
        stock.start_tracking(mug)

        assert counted(mug) == (3, 0)

    def test_stopped_it_is_always_available(self, mug):
        stock.stop_tracking(mug, at=NOW)

        mug = type(mug).objects.get(pk=mug.pk)
        assert mug.available() is None
        assert not StockRecord.objects.filter(variant=mug).exists()
        assert booked(mug) == (0, 0)

    def test_while_units_are_held_it_cannot_stop(self, mug):
        reserve({mug.pk: 1}, "order A")

        with pytest.raises(UnitsReserved, match="order A"):
            stock.stop_tracking(mug, at=NOW)

        mug.refresh_from_db()
        assert mug.track_stock
        assert counted(mug) == (3, 1)

    def test_started_again_it_counts_from_nothing(self, mug):
        stock.stop_tracking(mug, at=NOW)
        stock.start_tracking(mug)

        assert counted(mug) == booked(mug) == (0, 0)

    def test_new_variants_get_their_first_count(self):
        some, none = VariantFactory.create_batch(2, on_hand=None)

        stock.open_records({some.pk: 4, none.pk: 0}, at=NOW)

        assert (counted(some), counted(none)) == ((4, 0), (0, 0))
        assert (booked(some), booked(none)) == ((4, 0), (0, 0))


class TestConstraints:
    def test_the_database_refuses_more_reserved_than_on_hand(self, mug):
        with pytest.raises(IntegrityError), transaction.atomic():
            StockRecord.objects.filter(variant=mug).update(reserved=4)

    def test_the_database_refuses_a_negative_count(self, mug):
        with pytest.raises(IntegrityError), transaction.atomic():
            StockRecord.objects.filter(variant=mug).update(on_hand=-1)

    def test_a_movement_moves_something(self, mug):
        with pytest.raises(IntegrityError), transaction.atomic():
            StockMovement.objects.create(variant=mug, on_hand_after=3, reserved_after=0, reason=Reason.CORRECT)


MOVES = {
    "receive": lambda pk, units: stock.receive({pk: units}, at=NOW),
    "reserve": lambda pk, units: stock.reserve({pk: units}, reference="o", at=NOW),
    "release": lambda pk, units: stock.release({pk: units}, reference="o", at=NOW),
    "ship": lambda pk, units: stock.ship({pk: units}, reference="o", at=NOW),
    "restock": lambda pk, units: stock.restock({pk: units}, reference="o", at=NOW),
    "correct": lambda pk, units: stock.correct(pk, on_hand=units, at=NOW, note=""),
}
# What each does to (on hand, reserved), as the shopkeeper would say it.
MEANT = {
    "receive": lambda on_hand, reserved, units: (on_hand + units, reserved),
    "reserve": lambda on_hand, reserved, units: (on_hand, reserved + units),
    "release": lambda on_hand, reserved, units: (on_hand, reserved - units),
    "ship": lambda on_hand, reserved, units: (on_hand - units, reserved - units),
    "restock": lambda on_hand, reserved, units: (on_hand + units, reserved),
    "correct": lambda on_hand, reserved, units: (units, reserved),
}


class TestAnySequence:
    @given(st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.integers(1, 6)), max_size=20))
    def test_stock_stays_in_range_and_is_what_the_ledger_says(self, moves):
        variant = VariantFactory(on_hand=5)
        expected = (5, 0)

        for name, units in moves:
            after = MEANT[name](*expected, units)
            if 0 <= after[1] <= after[0]:
                MOVES[name](variant.pk, units)
                expected = after
            else:
                with pytest.raises((OutOfStock, UnitsReserved, ValueError)):
                    MOVES[name](variant.pk, units)

            assert counted(variant) == booked(variant) == expected


@pytest.mark.race
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestTwelveBuyersOfThree:
    def successes(self, variant, buy) -> int:
        """How many of twelve who buy one unit at the same moment get it."""
        return [refusal is None for refusal in together(*[lambda: buy(variant)] * 12)].count(True)

    def test_exactly_three_get_one(self, mug):
        for _ in range(5):
            assert self.successes(mug, lambda mug: reserve({mug.pk: 1})) == 3
            assert counted(mug) == booked(mug) == (3, 3)
            stock.release({mug.pk: 3}, reference="order A", at=NOW)

    def test_read_then_write_would_oversell(self, mug, on_postgresql):
        """The control: this test sees overselling where there is some.

        SQLite in its IMMEDIATE mode lets nobody read in a transaction while
        another writes, so there it cannot happen, and proves nothing.
        """
        all_have_read = Barrier(12)

        def read_then_write(mug) -> OutOfStock | None:
            with transaction.atomic():
                record = StockRecord.objects.get(variant=mug)
                with suppress(BrokenBarrierError):  # the barrier widens the window
                    all_have_read.wait(timeout=10 if on_postgresql else 0.2)
                if record.on_hand - record.reserved < 1:
                    return OutOfStock("MUG", 0)
                record.reserved += 1
                record.save()

        sold = self.successes(mug, read_then_write)

        assert sold == 12 if on_postgresql else sold == 3

    def test_two_orders_of_the_same_variants_do_not_deadlock(self, mug, plate):
        for _ in range(5):
            refusals = together(
                lambda: reserve({mug.pk: 1, plate.pk: 1}, "order A"),
                lambda: reserve({plate.pk: 1, mug.pk: 1}, "order B"),
                lambda: reserve({plate.pk: 1, mug.pk: 1}, "order C"),
            )

            assert refusals == [None, None, None]
            stock.release({mug.pk: 3, plate.pk: 3}, reference="order A", at=NOW)
