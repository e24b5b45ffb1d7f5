import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog import stock
from catalog.models import StockMovement, StockRecord
from catalog.tests.factories import VariantFactory
from catalog.tests.staff import messages_of, staff_client

pytestmark = pytest.mark.django_db

LIST = reverse("admin:catalog_stockrecord_changelist")
LEDGER = reverse("admin:catalog_stockmovement_changelist")


def address(name, variant):
    return reverse(f"admin:catalog_stockrecord_{name}", args=[variant.stock.pk])


def counts(variant):
    return StockRecord.objects.values_list("on_hand", "reserved").get(variant=variant)


@pytest.fixture
def keeper():
    return staff_client("Stock")


@pytest.fixture
def variant():
    """Ten on hand, three of them held for an order."""
    variant = VariantFactory(sku="MUG-7", on_hand=10)
    stock.reserve({variant.pk: 3}, reference="order 7K3M-Q9TX", at=timezone.now())
    return variant


class TestStockList:
    def test_takes_the_same_few_statements_for_2_and_20_records(self, keeper):
        statement_counts = []
        for wanted in (2, 20):
            while StockRecord.objects.count() < wanted:
                VariantFactory()
            with CaptureQueriesContext(connection) as statements:
                assert keeper.get(LIST).status_code == 200
            statement_counts.append(len(statements))

        assert statement_counts[0] == statement_counts[1] <= 10

    def test_shows_on_hand_reserved_and_available(self, keeper, variant):
        record = keeper.get(LIST).context["cl"].result_list[0]

        assert (record.on_hand, record.reserved, record.available_units) == (10, 3, 7)

    @pytest.mark.parametrize(("level", "skus"), [("low", ["FIVE"]), ("out", ["NONE"])])
    def test_filters_what_is_low_or_sold_out(self, keeper, level, skus):
        for sku, on_hand in [("SIX", 6), ("FIVE", 5), ("NONE", 0)]:
            VariantFactory(sku=sku, on_hand=on_hand)

        found = keeper.get(LIST, {"level": level}).context["cl"].result_list

        assert [record.variant.sku for record in found] == skus

    @pytest.mark.parametrize("words", ["mug-7", "4001234567890", "stoneware"])
    def test_finds_by_sku_barcode_and_name(self, keeper, words):
        wanted = VariantFactory(sku="MUG-7", barcode="4001234567890", product__name="Stoneware mug")
        VariantFactory()

        found = keeper.get(LIST, {"q": words}).context["cl"].result_list

        assert list(found) == [wanted.stock]

    def test_has_nothing_to_add_delete_or_edit(self, keeper, variant):
        assert keeper.get(reverse("admin:catalog_stockrecord_add")).status_code == 403
        assert keeper.post(address("delete", variant)).status_code == 403
        assert keeper.post(address("change", variant), {"on_hand": 99}).status_code == 405
        assert counts(variant) == (10, 3)


class TestStockPage:
    def test_shows_counts_and_the_latest_movements(self, keeper, variant):
        page = keeper.get(address("change", variant)).content.decode()

        for text in ("<dd>10</dd>", "<dd>3</dd>", "<dd>7</dd>", "opening stock", "order 7K3M-Q9TX"):
            assert text in page

    @pytest.mark.parametrize("group", ["Catalogue", "Orders"])
    def test_is_closed_to_other_groups(self, variant, group):
        assert staff_client(group).get(address("change", variant)).status_code == 403


class TestReceiving:
    def test_books_the_units_with_who_and_why(self, keeper, variant):
        response = keeper.post(
            address("receipt", variant), {"units": 5, "note": "pallet 3", "reference": "DN 12"}, follow=True
        )

        movement = StockMovement.objects.order_by("pk").last()
        assert counts(variant) == (15, 3)
        assert (movement.reason, movement.on_hand_delta, movement.by) == ("receive", 5, keeper.user)
        assert (movement.note, movement.reference) == ("pallet 3", "DN 12")
        assert "Now 15 on hand, 3 reserved, 12 available." in messages_of(response)[0]

    @pytest.mark.parametrize("units", ["0", "-1", "1.5", "1e3", "", "NaN", "9999999999999999999999"])
    def test_refuses_what_is_no_number_of_units(self, keeper, variant, units):
        response = keeper.post(address("receipt", variant), {"units": units, "note": "pallet 3"})

        assert response.context["receipt_form"].errors
        assert counts(variant) == (10, 3)

    def test_asks_for_a_reason(self, keeper, variant):
        keeper.post(address("receipt", variant), {"units": 5, "note": " "})

        assert counts(variant) == (10, 3)

    def test_is_no_link_to_follow(self, keeper, variant):
        assert keeper.get(address("receipt", variant)).status_code == 405


class TestCorrecting:
    def test_books_the_difference_with_who_and_why(self, keeper, variant):
        keeper.post(address("correction", variant), {"on_hand": 8, "seen": 10, "note": "two broken"})

        movement = StockMovement.objects.order_by("pk").last()
        assert counts(variant) == (8, 3)
        assert (movement.reason, movement.on_hand_delta, movement.by) == ("correct", -2, keeper.user)
        assert movement.note == "two broken"

    def test_goes_down_to_what_is_held(self, keeper, variant):
        keeper.post(address("correction", variant), {"on_hand": 3, "seen": 10, "note": "counted"})

        assert counts(variant) == (3, 3)

    def test_below_what_is_held_is_refused_and_names_the_orders(self, keeper, variant):
        response = keeper.post(
            address("correction", variant), {"on_hand": 2, "seen": 10, "note": "counted"}, follow=True
        )

        assert "order 7K3M-Q9TX" in messages_of(response)[0]
        assert counts(variant) == (10, 3)

    def test_of_a_count_that_has_changed_meanwhile_is_refused(self, keeper, variant):
        page = keeper.get(address("change", variant))
        seen = page.context["correction_form"]["seen"].value()
        stock.receive({variant.pk: 1}, at=timezone.now())

        response = keeper.post(
            address("correction", variant), {"on_hand": 9, "seen": seen, "note": "counted"}, follow=True
        )

        assert "had 10 on hand when you opened the page and has 11 now" in messages_of(response)[0]
        assert counts(variant) == (11, 3)

    def test_asks_what_was_seen(self, keeper, variant):
        keeper.post(address("correction", variant), {"on_hand": 9, "note": "counted"})

        assert counts(variant) == (10, 3)


class TestThreshold:
    def test_changes_without_touching_the_counts(self, keeper, variant):
        keeper.post(address("threshold", variant), {"low_stock_threshold": 8, "on_hand": 99})

        variant.stock.refresh_from_db()
        assert variant.stock.low_stock_threshold == 8
        assert counts(variant) == (10, 3)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("receipt", {"units": 5, "note": "pallet 3"}),
        ("correction", {"on_hand": 8, "seen": 10, "note": "counted"}),
        ("threshold", {"low_stock_threshold": 8}),
    ],
)
class TestWhoMayChangeStock:
    def test_is_not_who_only_sees_it(self, keeper, variant, name, values):
        keeper.user.groups.clear()
        keeper.user.user_permissions.add(Permission.objects.get(codename="view_stockrecord"))

        assert keeper.get(address("change", variant)).status_code == 200
        assert keeper.post(address(name, variant), values).status_code == 403
        assert counts(variant) == (10, 3)

    def test_is_not_a_stranger(self, client, variant, name, values):
        response = client.post(address(name, variant), values)

        assert response.status_code == 302
        assert counts(variant) == (10, 3)


class TestLedger:
    def test_takes_the_same_few_statements_for_2_and_20_movements(self, keeper):
        statement_counts = []
        for wanted in (2, 20):
            while StockMovement.objects.count() < wanted:
                VariantFactory()
            with CaptureQueriesContext(connection) as statements:
                assert keeper.get(LEDGER).status_code == 200
            statement_counts.append(len(statements))

        assert statement_counts[0] == statement_counts[1] <= 10

    def test_is_written_by_nobody(self, variant):
        owner = staff_client()
        movement = StockMovement.objects.first()
        before = StockMovement.objects.values().get(pk=movement.pk)

        answers = [
            owner.post(reverse("admin:catalog_stockmovement_change", args=[movement.pk]), {"note": "x"}),
            owner.post(reverse("admin:catalog_stockmovement_delete", args=[movement.pk]), {"post": "yes"}),
            owner.post(reverse("admin:catalog_stockmovement_add"), {"note": "x"}),
        ]

        assert [answer.status_code for answer in answers] == [403, 403, 403]
        assert StockMovement.objects.values().get(pk=movement.pk) == before

    @pytest.mark.parametrize("words", ["MUG-7", "7K3M-Q9TX"])
    def test_finds_by_sku_and_reference(self, keeper, variant, words):
        VariantFactory()

        found = keeper.get(LEDGER, {"q": words, "reason": "reserve"}).context["cl"].result_list

        assert [movement.reference for movement in found] == ["order 7K3M-Q9TX"]
