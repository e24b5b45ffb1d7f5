import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import stock
from catalog.errors import UnitsReserved
from catalog.importing.options import StockRule
from catalog.models import StockMovement, StockRecord, Variant
from catalog.tests.factories import VariantFactory
from catalog.tests.importing import counts, everything
from catalog.tests.racing import overtaken

SET = StockRule.SET


def mug(stock=None, **said):
    return {"sku": "MUG", "name": "Mug", "price": 20, "stock": stock, **said}


def held():
    record = StockRecord.objects.get(variant__sku="MUG")
    return record.on_hand, record.reserved


def booked():
    return tuple(StockMovement.objects.aggregate(Sum("on_hand_delta"), Sum("reserved_delta")).values())


@pytest.fixture
def variant(db):
    """A mug of which 10 are on hand."""
    return VariantFactory(sku="MUG", product__name="Mug", on_hand=10)


class TestStockThatIsSet:
    def test_is_booked_as_a_correction(self, take_in, variant):
        report = take_in(mug(stock=7), stock=SET)

        movement = StockMovement.objects.latest("pk")
        assert counts(report) == (0, 1, 0, 0)
        assert held() == (7, 0)
        assert (movement.on_hand_delta, movement.on_hand_after, movement.reason) == (-3, 7, "correct")
        assert [change for _place, _product, change in report.changes] == [("MUG", "stock", "10", "7")]

    def test_that_is_the_same_changes_nothing(self, take_in, variant):
        take_in(mug(stock=10), stock=SET)
        before = everything()

        assert counts(take_in(mug(stock=10), stock=SET)) == (0, 0, 1, 0)
        assert everything() == before

    def test_down_to_what_orders_hold_goes_in(self, take_in, variant):
        stock.reserve({variant.pk: 4}, reference="order-7", at=timezone.now())

        take_in(mug(stock=4), stock=SET)

        assert held() == (4, 4)

    def test_below_what_orders_hold_keeps_that_product_out_and_no_other(self, take_in, variant):
        stock.reserve({variant.pk: 4}, reference="order-7", at=timezone.now())
        VariantFactory(sku="BOWL", product__name="Bowl", on_hand=1)

        bowl = {"sku": "BOWL", "name": "Bowl", "price": 20, "stock": 2}
        report = take_in(mug(stock=3, price=99), bowl, stock=SET)

        assert counts(report) == (0, 1, 0, 1)
        assert "held for: order-7" in report.faults[0].sentence
        assert held() == (10, 4)
        variant.refresh_from_db()
        assert variant.price == 20
        assert StockRecord.objects.get(variant__sku="BOWL").on_hand == 2

    def test_where_it_was_not_tracked_begins_to_be(self, take_in):
        VariantFactory(sku="MUG", product__name="Mug", on_hand=None)

        take_in(mug(stock=3), stock=SET)

        assert Variant.objects.get().track_stock
        assert held() == (3, 0)
        assert StockMovement.objects.get().reason == "correct"

    def test_is_left_alone_where_the_file_is_silent(self, take_in, variant):
        assert counts(take_in(mug(), stock=SET)) == (0, 0, 1, 0)
        assert held() == (10, 0)

    def test_is_left_alone_without_the_option(self, take_in, variant):
        assert counts(take_in(mug(stock=3))) == (0, 0, 1, 0)
        assert held() == (10, 0)

    def test_takes_a_fixed_number_of_statements(self, take_in):
        for number in range(40):
            VariantFactory(sku=f"S{number}", product__name=f"Mug {number}", on_hand=5)

        def statements(first: int, last: int) -> int:
            records = [{"sku": f"S{n}", "name": f"Mug {n}", "price": 20, "stock": 9} for n in range(first, last)]
            with CaptureQueriesContext(connection) as captured:
                take_in(*records, stock=SET)
            return len(captured)

        assert statements(0, 2) == statements(2, 40)
        assert StockMovement.objects.filter(reason="correct").count() == 40


class TestLowStockThreshold:
    def test_comes_with_a_new_variant(self, take_in):
        take_in(mug(stock=3, low_stock_threshold=2))

        assert StockRecord.objects.get().low_stock_threshold == 2

    def test_changes_on_a_known_one(self, take_in, variant):
        assert counts(take_in(mug(low_stock_threshold=0))) == (0, 1, 0, 0)
        assert StockRecord.objects.get().low_stock_threshold == 0
        assert counts(take_in(mug(low_stock_threshold=0))) == (0, 0, 1, 0)

    def test_says_nothing_of_stock_that_is_not_tracked(self, take_in):
        VariantFactory(sku="MUG", product__name="Mug", on_hand=None)

        assert counts(take_in(mug(low_stock_threshold=2))) == (0, 0, 1, 0)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestASaleMeanwhile:
    """An order holds four of ten mugs, and commits while the import waits for it."""

    def sell(self, variant):
        stock.reserve({variant.pk: 4}, reference="order-7", at=timezone.now())

    def test_keeps_its_units(self, take_in, variant):
        report = overtaken(lambda: self.sell(variant), lambda: take_in(mug(stock=7), stock=SET))

        assert counts(report) == (0, 1, 0, 0)
        assert held() == booked() == (7, 4)

    def test_refuses_a_count_that_would_take_them(self, take_in, variant):
        report = overtaken(lambda: self.sell(variant), lambda: take_in(mug(stock=3, price=99), stock=SET))

        assert counts(report) == (0, 0, 0, 1)
        assert "held for: order-7" in report.faults[0].sentence
        assert held() == booked() == (10, 4)
        assert Variant.objects.get().price == 20

    def test_keeps_them_from_corrections_of_staff_too(self, variant):
        refusal = overtaken(
            lambda: self.sell(variant),
            lambda: stock.correct_many({variant.pk: 3}, at=timezone.now(), note="counted"),
        )

        assert isinstance(refusal, UnitsReserved)
        assert held() == booked() == (10, 4)

    def test_read_then_write_would_lose_them(self, variant, on_postgresql):
        """The control: units can be lost here. SQLite in its IMMEDIATE mode lets nobody begin meanwhile."""

        def read_then_write():
            with transaction.atomic():
                record = StockRecord.objects.get()
                record.on_hand = 7
                record.save()

        overtaken(lambda: self.sell(variant), read_then_write)

        assert held() == ((7, 0) if on_postgresql else (7, 4))
