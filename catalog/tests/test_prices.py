from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from catalog.errors import InvalidPrice
from catalog.models import Variant
from catalog.prices import HIGHEST_PRICE, NewPrice, set_price, set_prices
from catalog.tests.factories import VariantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mug():
    """€20.00."""
    return VariantFactory(on_hand=None)


class TestSetPrice:
    def test_the_price_is_kept(self, mug):
        assert set_price(mug, Decimal("12.50"), compare_at_price=Decimal("15.00"))

        mug.refresh_from_db()
        assert (mug.price, mug.compare_at_price, mug.currency) == (Decimal("12.50"), Decimal("15.00"), "EUR")

    def test_the_same_price_changes_nothing(self, mug):
        assert not set_price(mug, Decimal("20.00"))

    def test_without_a_compare_at_price_the_old_one_goes(self, mug):
        set_price(mug, Decimal("12.50"), compare_at_price=Decimal("15.00"))
        set_price(mug, Decimal("12.50"))

        mug.refresh_from_db()
        assert mug.compare_at_price is None

    @pytest.mark.parametrize("price", [Decimal(0), HIGHEST_PRICE - Decimal("0.01")])
    def test_from_nothing_to_the_highest_it_can_be_charged(self, mug, price):
        set_price(mug, price)

        mug.refresh_from_db()
        assert mug.price == price

    def test_without_a_price_it_is_not_sold(self, mug):
        set_price(mug, None)

        mug.refresh_from_db()
        assert not mug.is_sellable()

    @pytest.mark.parametrize("price", ["-0.01", "0.005", "NaN", "Infinity", "-Infinity", "sNaN", str(HIGHEST_PRICE)])
    def test_what_cannot_be_charged_is_refused(self, mug, price):
        with pytest.raises(InvalidPrice):
            set_price(mug, Decimal(price))

        mug.refresh_from_db()
        assert mug.price == Decimal("20.00")

    def test_so_is_such_a_compare_at_price(self, mug):
        with pytest.raises(InvalidPrice):
            set_price(mug, Decimal(10), compare_at_price=Decimal("-1"))

        mug.refresh_from_db()
        assert mug.price == Decimal("20.00")

    @pytest.mark.parametrize(("price", "currency"), [("1000", "JPY"), ("1.234", "KWD")])
    def test_it_is_in_whole_minor_units_of_its_currency(self, mug, price, currency):
        set_price(mug, Decimal(price), currency=currency)

        mug.refresh_from_db()
        assert (mug.price, mug.currency) == (Decimal(price), currency)

    def test_half_a_yen_is_refused(self, mug):
        with pytest.raises(InvalidPrice, match="JPY"):
            set_price(mug, Decimal("10.5"), currency="JPY")


class TestSetPrices:
    def test_it_counts_what_changed(self):
        same, other = VariantFactory.create_batch(2, on_hand=None)

        assert set_prices([NewPrice(same, Decimal("20.00")), NewPrice(other, Decimal(30))]) == 1

    def test_one_bad_price_changes_none(self):
        good, bad = VariantFactory.create_batch(2, on_hand=None)

        with pytest.raises(InvalidPrice):
            set_prices([NewPrice(good, Decimal(30)), NewPrice(bad, Decimal(-1))])

        assert set(Variant.objects.values_list("price", flat=True)) == {Decimal("20.00")}

    def test_many_take_one_statement(self, django_assert_num_queries):
        variants = VariantFactory.create_batch(20, on_hand=None)

        with transaction.atomic(), django_assert_num_queries(1 + 2):  # and a savepoint
            set_prices(NewPrice(variant, Decimal(30)) for variant in variants)

    def test_one_that_is_not_saved_yet_is_filled_in(self):
        new = Variant(sku="NEW")

        set_prices([NewPrice(new, Decimal(30))])

        assert (new.price, new.currency, new.pk) == (Decimal(30), "EUR", None)


class TestConstraint:
    def test_the_database_refuses_a_negative_price(self, mug):
        with pytest.raises(IntegrityError), transaction.atomic():
            Variant.objects.filter(pk=mug.pk).update(price=-1)
