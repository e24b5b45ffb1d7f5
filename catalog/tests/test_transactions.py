import sqlite3

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from catalog import stock
from catalog.errors import Busy, OutOfStock
from catalog.models import Product, StockRecord
from catalog.tests.factories import ProductFactory, VariantFactory
from catalog.tests.racing import together
from catalog.transactions import use_case


def locked() -> OperationalError:
    error = OperationalError("database is locked")
    error.__cause__ = sqlite3.OperationalError("database is locked")
    return error


def failing(times: int, error=locked):
    """A use case that writes a product, then fails so many times before it succeeds."""
    calls = []

    @use_case
    def write() -> int:
        ProductFactory()
        calls.append(len(calls))
        if len(calls) <= times:
            raise error()
        return len(calls)

    return write


@pytest.mark.django_db(transaction=True)
class TestUseCase:
    @pytest.mark.parametrize("times", [0, 1, 2])
    def test_a_lock_that_was_taken_is_tried_again(self, times):
        assert failing(times)() == times + 1
        assert Product.objects.count() == 1

    def test_after_three_tries_the_shop_is_busy(self):
        with pytest.raises(Busy):
            failing(3)()

        assert not Product.objects.exists()

    def test_another_fault_is_not_tried_again(self):
        write = failing(1, lambda: OperationalError("no such table"))

        with pytest.raises(OperationalError, match="no such table"):
            write()

        assert not Product.objects.exists()

    def test_a_refusal_undoes_what_was_written(self):
        with pytest.raises(OutOfStock):
            failing(1, lambda: OutOfStock("MUG", 0))()

        assert not Product.objects.exists()

    def test_inside_an_open_transaction_it_is_not_repeated_alone(self):
        with pytest.raises(OperationalError, match="locked"), transaction.atomic():
            failing(1)()

    def test_inside_an_open_transaction_a_refusal_undoes_its_part_only(self):
        with transaction.atomic():
            kept = ProductFactory()
            with pytest.raises(OutOfStock):
                failing(1, lambda: OutOfStock("MUG", 0))()

        assert list(Product.objects.all()) == [kept]


@pytest.mark.race
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestContention:
    def test_a_deadlock_is_survived(self):
        """Two that lock in opposite orders: PostgreSQL ends one, which then goes again."""
        first, second = VariantFactory.create_batch(2, on_hand=5)

        @use_case
        def receive_one_by_one(variants) -> None:
            for variant in variants:
                stock.receive({variant.pk: 1}, at=timezone.now())

        for _ in range(3):
            refusals = together(
                lambda: receive_one_by_one([first, second]), lambda: receive_one_by_one([second, first])
            )
            assert refusals == [None, None]

        assert list(StockRecord.objects.values_list("on_hand", flat=True)) == [11, 11]

    def test_a_lock_held_too_long_makes_the_shop_busy(self, on_postgresql):
        if not on_postgresql:
            return  # SQLite waits 20 s for its lock before it says the same, see TestUseCase
        variant = VariantFactory(on_hand=5)

        def receive_impatiently():
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '50ms'")
            stock.receive({variant.pk: 1}, at=timezone.now())

        with transaction.atomic():
            StockRecord.objects.select_for_update().get(variant=variant)
            refusals = together(receive_impatiently)

        assert [refusal.code for refusal in refusals] == ["busy"]
        assert StockRecord.objects.get(variant=variant).on_hand == 5
