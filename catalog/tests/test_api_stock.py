from functools import partial

import pytest
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from catalog import stock
from catalog.models import StockMovement, StockRecord
from catalog.schemas import MOST_UNITS
from catalog.stock import MOST_ON_HAND
from catalog.tests.factories import ProductFactory, VariantFactory
from catalog.tests.programs import Program, refusal, staff_program
from catalog.tests.racing import together

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HUGE = 10**30


def book(program: Client, variant, delta: object, reason: object = "counted", **more):
    return program.send("post", f"/products/{variant.product_id}/stock", {"delta": delta, "reason": reason, **more})


def counted(variant) -> tuple[int, int]:
    """On hand, and what the ledger says."""
    booked = StockMovement.objects.filter(variant=variant).aggregate(total=Sum("on_hand_delta"))["total"]
    return StockRecord.objects.get(variant=variant).on_hand, booked


@pytest.fixture
def keeper() -> Program:
    return staff_program("Stock")


@pytest.fixture
def mug():
    """Five on hand, two of them held for an order."""
    variant = VariantFactory(sku="MUG", on_hand=5)
    stock.reserve({variant.pk: 2}, reference="order 7K3M-Q9TX", at=NOW)
    return variant


@pytest.fixture
def sizes():
    """M with three on hand, L with four."""
    product = ProductFactory()
    return [
        VariantFactory(product=product, options=[["Size", size]], on_hand=units) for size, units in (("M", 3), ("L", 4))
    ]


class TestRead:
    def test_tells_what_is_there_held_and_left(self, keeper, mug):
        answer = keeper.read(f"/products/{mug.product_id}/stock")

        assert answer.json() == {
            "variant_id": mug.pk,
            "sku": "MUG",
            "tracked": True,
            "on_hand": 5,
            "reserved": 2,
            "available": 3,
        }
        assert answer["Cache-Control"] == "private, no-cache"

    def test_of_what_is_not_counted_there_is_nothing_to_tell(self, keeper):
        voucher = VariantFactory(on_hand=None)

        told = keeper.read(f"/products/{voucher.product_id}/stock").json()

        assert (told["tracked"], told["on_hand"], told["reserved"], told["available"]) == (False, None, None, None)

    def test_of_several_variants_one_is_to_be_named(self, keeper, sizes):
        path = f"/products/{sizes[0].product_id}/stock"

        assert refusal(keeper.read(path)) == (422, "variant_required")
        assert keeper.read(path, variant_id=sizes[1].pk).json()["on_hand"] == 4

    def test_a_variant_of_another_product_is_unknown(self, keeper, mug, sizes):
        answer = keeper.read(f"/products/{mug.product_id}/stock", variant_id=sizes[0].pk)

        assert refusal(answer) == (404, "variant_not_found")
        assert sizes[0].sku not in answer.text

    @pytest.mark.parametrize("wrong", ["0", "-1", "x", "1.5", str(2**63), "", "9" * 50])
    def test_what_is_no_variant_is_refused(self, keeper, mug, wrong):
        assert refusal(keeper.read(f"/products/{mug.product_id}/stock", variant_id=wrong)) == (422, "invalid")

    def test_of_what_is_not_on_sale_too(self, keeper):
        draft = VariantFactory(product__status="draft", on_hand=4)

        assert keeper.read(f"/products/{draft.product_id}/stock").json()["on_hand"] == 4

    def test_an_unknown_product_is_not_found(self, keeper):
        assert refusal(keeper.read("/products/7/stock")) == (404, "not_found")


class TestBook:
    def test_units_that_came_are_received(self, keeper, mug):
        answer = book(keeper, mug, 12, " delivery 4711 ")

        assert (answer.json()["on_hand"], answer.json()["available"]) == (17, 15)
        movement = StockMovement.objects.latest("pk")
        assert (movement.reason, movement.note, movement.by) == ("receive", "delivery 4711", keeper.user)
        assert (movement.on_hand_delta, movement.on_hand_after) == (12, 17)

    def test_units_that_are_gone_are_a_correction(self, keeper, mug):
        answer = book(keeper, mug, -3, "broken")

        assert (answer.json()["on_hand"], answer.json()["available"]) == (2, 0)
        movement = StockMovement.objects.latest("pk")
        assert (movement.reason, movement.note, movement.on_hand_delta) == ("correct", "broken", -3)

    def test_what_orders_hold_stays(self, keeper, mug):
        answer = book(keeper, mug, -4)

        assert refusal(answer) == (409, "units_reserved")
        assert answer.json()["fields"] == {"sku": "MUG", "reserved": 2, "orders": ["order 7K3M-Q9TX"]}
        assert counted(mug) == (5, 5)

    def test_no_more_goes_than_is_there(self, keeper, sizes):
        answer = book(keeper, sizes[0], -4, variant_id=sizes[0].pk)

        assert refusal(answer) == (409, "too_few_units")
        assert answer.json()["fields"] == {"sku": sizes[0].sku, "on_hand": 3}
        assert counted(sizes[0]) == (3, 3)

    def test_the_last_one_may_go(self, keeper, sizes):
        assert book(keeper, sizes[0], -3, variant_id=sizes[0].pk).json()["on_hand"] == 0

    def test_what_is_not_counted_cannot_be_booked(self, keeper):
        for delta in (1, -1):
            answer = book(keeper, VariantFactory(on_hand=None), delta)

            assert refusal(answer) == (409, "stock_not_tracked")
            assert "Switch stock tracking on" in answer.json()["detail"]

    @pytest.mark.parametrize(("room", "status"), [(7, 200), (6, 422)])
    def test_no_more_fits_than_can_be_counted(self, keeper, mug, room, status):
        StockRecord.objects.filter(variant=mug).update(on_hand=MOST_ON_HAND - room)

        answer = book(keeper, mug, 7)

        assert answer.status_code == status
        if status == 422:
            assert refusal(answer) == (422, "too_much_stock")
        assert StockRecord.objects.get(variant=mug).on_hand == MOST_ON_HAND - (room if status == 422 else 0)

    def test_of_several_variants_one_is_to_be_named(self, keeper, sizes):
        refused = book(keeper, sizes[0], 1)
        booked = book(keeper, sizes[0], 1, variant_id=sizes[1].pk)

        assert refusal(refused) == (422, "variant_required")
        assert booked.json()["variant_id"] == sizes[1].pk
        assert [counted(size)[0] for size in sizes] == [3, 5]

    def test_a_variant_of_another_product_is_unknown(self, keeper, mug, sizes):
        assert refusal(book(keeper, mug, 1, variant_id=sizes[0].pk)) == (404, "variant_not_found")
        assert counted(sizes[0]) == (3, 3)

    @pytest.mark.parametrize(
        ("name", "wrong"),
        [
            *(("delta", value) for value in (0, -0.0, 1.0, 1.5, "1", "", None, True, HUGE, -HUGE, [], {})),
            *(("delta", value) for value in (MOST_UNITS + 1, -MOST_UNITS - 1)),
            *(("reason", value) for value in ("", "  ", None, "x" * 201, 7, [], "\x1c")),
            *(("variant_id", value) for value in (0, -1, 1.5, "x", 2**63, HUGE)),
            ("count", 7),
        ],
        ids=lambda value: f"{value!r:.30}",
    )
    def test_what_makes_no_sense_is_refused_by_name(self, keeper, mug, name, wrong):
        body = {"delta": 1, "reason": "counted", name: wrong}

        answer = keeper.send("post", f"/products/{mug.product_id}/stock", body)

        assert refusal(answer) == (422, "invalid")
        assert name in answer.json()["fields"]
        assert counted(mug) == (5, 5)

    @pytest.mark.parametrize("missing", ["delta", "reason"])
    def test_both_are_needed(self, keeper, mug, missing):
        body = {"delta": 1, "reason": "counted"}
        del body[missing]

        answer = keeper.send("post", f"/products/{mug.product_id}/stock", body)

        assert list(answer.json()["fields"]) == [missing]


@pytest.mark.race
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    @staticmethod
    def twin(program: Program) -> Program:
        other = Program()
        other.defaults = dict(program.defaults)
        return other

    def test_ten_threads_end_at_the_exact_count(self):
        keeper, variant = staff_program("Stock"), VariantFactory(on_hand=10)

        def book_all(deltas: list[int]) -> list[int]:
            program = self.twin(keeper)
            return [book(program, variant, delta).status_code for delta in deltas]

        statuses = together(*[partial(book_all, [number % 2 * 2 - 1] * 5 + [1]) for number in range(10)])

        assert {status for several in statuses for status in several} == {200}
        assert counted(variant) == (20, 20)
        assert StockMovement.objects.filter(variant=variant).count() == 61

    def test_the_last_units_go_once(self):
        keeper, variant = staff_program("Stock"), VariantFactory(on_hand=3)

        answers = together(*[partial(book, self.twin(keeper), variant, -1)] * 10)

        assert sorted(answer.status_code for answer in answers) == [200] * 3 + [409] * 7
        assert counted(variant) == (0, 0)

    def test_reading_before_writing_would_lose_some(self):
        """The negative control: ten threads do meet."""
        variant = VariantFactory(on_hand=10)
        seen = []

        def read_then_write():
            on_hand = StockRecord.objects.get(variant=variant).on_hand
            seen.append(on_hand)
            while len(seen) < 10:
                pass
            StockRecord.objects.filter(variant=variant).update(on_hand=on_hand + 1)

        together(*[read_then_write] * 10)

        assert StockRecord.objects.get(variant=variant).on_hand == 11
