"""Whose orders programs read and cancel."""

import re
from decimal import Decimal
from functools import partial

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.api_keys import make_key
from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory
from catalog.models import StockRecord
from catalog.tests.racing import together
from orders.audit import audit
from orders.fulfilment import pack, ship
from orders.models import Cancellation, Order, Payment, Refund
from orders.refunds import refund
from orders.tests.buying import API, PAID, Program, code_of
from orders.tests.factories import new_shopper, placed_order
from payments.gateway import GATEWAYS, GatewayError, get_gateway
from payments.models import TestCharge
from payments.test import TestGateway

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
NOW = timezone.now()


def staff(*names: str) -> User:
    """Somebody with these permissions on orders."""
    user = UserFactory(staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names, content_type__app_label="orders"))
    return user


def with_key(user: User, *scopes: str) -> Program:
    program = Program()
    program.defaults["HTTP_AUTHORIZATION"] = f"Bearer {make_key(user, name='test', scopes=scopes, at=NOW)[1]}"
    return program


def ids(answer) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [order["id"] for order in answer.json()]


def token_of(order_id: int) -> str:
    return Order.objects.get(pk=order_id).token


@pytest.fixture
def anna():
    return UserFactory()


@pytest.fixture
def hers(anna, mug) -> int:
    """The id of an order of Anna's account."""
    return Program(anna).ordered(mug, **PAID)["id"]


@pytest.fixture
def guest():
    return Program()


@pytest.fixture
def guests(guest, plate) -> int:
    """The id of the guest's order."""
    return guest.ordered(plate, **PAID)["id"]


class TestList:
    def test_nobody_has_none_and_no_session(self, hers, guests):
        answer = Program().read("/orders")

        assert ids(answer) == []
        assert not answer.cookies

    def test_an_account_has_its_own(self, anna, hers, guests):
        assert ids(Program(anna).read("/orders")) == [hers]

    def test_a_session_has_its_guests(self, guest, hers, guests):
        assert ids(guest.read("/orders")) == [guests]

    def test_logged_in_on_the_website_both_are_listed(self, guest, anna, hers, guests):
        guest.post("/accounts/login/", {"login": anna.email, "password": PASSWORD})

        assert ids(guest.read("/orders")) == [guests, hers]

    def test_the_newest_is_first(self, anna, mug, hers):
        newer = Program(anna).ordered(mug, **PAID)["id"]

        assert ids(Program(anna).read("/orders")) == [newer, hers]

    def test_an_order_is_told_as_by_itself(self, anna, hers):
        program = Program(anna)

        assert program.read("/orders").json() == [program.read(f"/orders/{hers}").json()]

    def test_pages_lead_through_it_once(self, anna):
        placed = [placed_order(shopper=new_shopper(anna), at=NOW).pk for _ in range(5)]
        program, seen, path = Program(anna), [], f"{API}/orders?limit=2"

        while path:
            answer = program.get(path)
            seen += ids(answer)
            path = "".join(re.findall(r"<(.*)>; rel=\"next\"", answer.get("Link", "")))

        assert seen == placed[::-1]

    def test_the_cursor_of_another_leads_nowhere(self, anna):
        for _ in range(2):
            placed_order(shopper=new_shopper(anna))
        link = Program(anna).read("/orders", limit=1)["Link"]
        cursor = re.findall(r"cursor=([^&>]+)", link)[0]

        for other in (Program(), Program(UserFactory()), Program(staff("view_order"))):
            assert code_of(other.read("/orders", cursor=cursor)) == (422, "invalid_cursor")
        assert code_of(Program(staff("view_order")).read("/orders", cursor=cursor, all=1)) == (422, "invalid_cursor")

    @pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "1e2"])
    def test_a_page_has_1_to_1000(self, anna, limit):
        assert Program(anna).read("/orders", limit=limit).status_code == 422

    @pytest.mark.parametrize("everybodys", [{}, {"all": 1}])
    def test_statements_do_not_grow_with_the_orders(self, anna, everybodys, django_assert_num_queries):
        anna.user_permissions.set(Permission.objects.filter(codename="view_order"))
        program = Program(anna)
        for _ in range(2):
            ship(placed_order(shopper=new_shopper(anna)).pk, at=NOW)
        with CaptureQueriesContext(connection) as statements:
            program.read("/orders", **everybodys)
        of_two = len(statements)
        for _ in range(18):
            order = placed_order(shopper=new_shopper(anna))
            ship(order.pk, at=NOW)
            refund(order.pk, amount=order.total, reason="?", at=NOW)

        with django_assert_num_queries(of_two):
            assert len(ids(program.read("/orders", **everybodys))) == 20


class TestAll:
    def test_staff_see_everybodys_and_nobodys_token(self, hers, guests):
        answer = Program(staff("view_order")).read("/orders", all=1)

        assert ids(answer) == [guests, hers]
        assert {order["token"] for order in answer.json()} == {order["url"] for order in answer.json()} == {None}

    def test_but_their_own_ones_alone_without_asking_for_all(self, hers, guests):
        assert ids(Program(staff("view_order")).read("/orders")) == []

    def test_a_key_for_orders_is_enough(self, hers, guests):
        program = with_key(staff("view_order"), "orders")

        assert ids(program.read("/orders", all=1)) == [guests, hers]
        assert program.read(f"/orders/{hers}").status_code == 200
        assert code_of(program.read("/orders")) == (403, "forbidden")

    def test_that_key_does_not_speak_for_the_buyer(self, mug):
        member = staff("view_order")
        own = Program(member).ordered(mug)

        assert with_key(member, "orders").read(f"/orders/{own['id']}").json()["token"] is None

    def test_a_buyer_may_not(self, anna, hers):
        assert code_of(Program(anna).read("/orders", all=1)) == (403, "forbidden")

    def test_a_guest_has_to_say_who_asks(self, guest, guests):
        assert code_of(guest.read("/orders", all=1)) == (401, "not_authenticated")

    def test_a_cookie_speaks_for_a_buyer_only(self, hers):
        browser = Program()
        browser.force_login(staff("view_order"))

        assert code_of(browser.read("/orders", all=1)) == (403, "forbidden")
        assert browser.read(f"/orders/{hers}").status_code == 404


class TestRead:
    def test_its_account_reads_it(self, anna, hers):
        answer = Program(anna).read(f"/orders/{hers}")

        assert (answer.status_code, answer.json()["token"]) == (200, token_of(hers))
        assert answer["Cache-Control"] == "private, no-cache"

    def test_unchanged_it_is_not_sent_again(self, anna, hers):
        program = Program(anna)
        tag = program.read(f"/orders/{hers}")["ETag"]

        assert program.get(f"{API}/orders/{hers}", headers={"If-None-Match": tag}).status_code == 304

    def test_a_guests_session_reads_it(self, guest, guests):
        assert guest.read(f"/orders/{guests}").json()["token"] == token_of(guests)

    def test_so_does_whoever_has_a_guests_token(self, guests):
        for program in (Program(), Program(UserFactory())):
            assert program.read(f"/orders/{guests}", token=token_of(guests)).json()["number"]

    def test_an_accounts_token_opens_nothing(self, hers):
        for program in (Program(), Program(UserFactory())):
            assert program.read(f"/orders/{hers}", token=token_of(hers)).status_code == 404

    def test_strangers_find_nothing(self, guest, hers, guests):
        for program, order_id in ((guest, hers), (Program(), guests), (Program(UserFactory()), guests)):
            assert code_of(program.read(f"/orders/{order_id}")) == (404, "not_found")

    @pytest.mark.parametrize("token", ["", "x", "é", "%", "0" * 32])
    def test_with_another_token_neither(self, guests, token):
        assert Program().read(f"/orders/{guests}", token=token).status_code == 404

    def test_nor_with_that_of_another_order(self, guests, plate):
        other = Program().ordered(plate)

        assert Program().read(f"/orders/{guests}", token=other["token"]).status_code == 404

    def test_once_logged_out_an_accounts_order_is_closed(self, anna, mug):
        browser = Program()
        browser.force_login(anna)
        order_id = browser.ordered(mug)["id"]
        browser.logout()

        assert browser.read(f"/orders/{order_id}").status_code == 404

    @pytest.mark.parametrize("order_id", ["999999999", str(2**63 - 1)])
    def test_one_that_is_not_there_looks_the_same(self, anna, hers, order_id):
        strangers = Program(UserFactory()).read(f"/orders/{hers}")

        assert Program(anna).read(f"/orders/{order_id}").json() == strangers.json()

    @pytest.mark.parametrize("order_id", ["0", "-1", "x", "1.5", str(2**63), "9" * 40])
    def test_what_is_no_id_is_refused(self, anna, order_id):
        assert Program(anna).read(f"/orders/{order_id}").status_code in (404, 422)

    def test_staff_read_it_without_its_token(self, hers):
        told = Program(staff("view_order")).read(f"/orders/{hers}").json()

        assert (told["id"], told["token"], told["url"]) == (hers, None, None)

    def test_a_key_that_may_not_buy_does_not(self, anna, hers):
        assert with_key(anna, "stock").read(f"/orders/{hers}").status_code == 403

    def test_parcels_and_refunds_are_told(self, anna, hers):
        shipment = ship(hers, carrier="Post", tracking_number="T1", at=NOW)
        refund(hers, amount=Decimal(5), reason="scratched", at=NOW)

        told = Program(anna).read(f"/orders/{hers}").json()

        line = Order.objects.get(pk=hers).lines.get()
        assert told["status"] == "partly_refunded"
        assert told["shipments"][0]["items"] == [{"line_id": line.pk, "quantity": 1}]
        assert (told["shipments"][0]["id"], told["shipments"][0]["tracking_number"]) == (shipment.pk, "T1")
        assert (told["refunds"][0]["amount"], told["refunds"][0]["reason"]) == (5, "scratched")

    def test_money_that_came_late_and_went_back_is_not_called_a_decline(self, guest, mug):
        order_id = guest.ordered(mug, **PAID | {"payment_token": "tok_declined"})["id"]
        guest.cancel(order_id)
        Payment.objects.update(state=Payment.State.CAPTURED, captured_at=NOW)

        assert guest.read(f"/orders/{order_id}").json()["payment"]["status"] == "paid"


class DeadGateway(TestGateway):
    """Answers nothing."""

    def query(self, key):
        raise GatewayError("no route")


@pytest.fixture
def dead_gateway(monkeypatch):
    def die():
        monkeypatch.setitem(GATEWAYS, "test", f"{__name__}.DeadGateway")
        get_gateway.cache_clear()

    yield die
    get_gateway.cache_clear()


class TestCancel:
    def test_its_stock_is_released_and_its_money_goes_back(self, anna, hers, mug):
        answer = Program(anna).cancel(hers, reason="ordered twice")

        told = answer.json()
        assert (answer.status_code, told["status"], told["token"]) == (201, "cancelled", token_of(hers))
        assert told["refunds"][0]["amount"] == told["total"]
        assert StockRecord.objects.get(variant=mug).reserved == 0
        cancellation = Cancellation.objects.get()
        assert (cancellation.cause, cancellation.reason, cancellation.by) == ("shopper", "ordered twice", anna)

    def test_a_guest_cancels_by_session_or_token(self, guest, guests, plate):
        other = Program().ordered(plate)

        assert guest.cancel(guests).json()["status"] == "cancelled"
        assert Program().cancel(other["id"], token=other["token"]).json()["status"] == "cancelled"

    @pytest.mark.parametrize("key", [None, "mine"])
    def test_a_second_time_it_is_as_it_was(self, anna, hers, key):
        first, second = (Program(anna).cancel(hers, key=key) for _ in range(2))

        assert (second.status_code, second.text) == (201, first.text)
        assert Cancellation.objects.count() == Refund.objects.count() == 1

    def test_strangers_cancel_nothing(self, guest, hers, guests):
        for program, order_id in ((guest, hers), (Program(), guests), (Program(UserFactory()), guests)):
            assert code_of(program.cancel(order_id)) == (404, "not_found")
        assert code_of(Program().cancel(hers, token=token_of(hers))) == (404, "not_found")
        assert not Cancellation.objects.exists()

    def test_staff_who_may_only_look_cancel_nothing(self, hers):
        assert Program(staff("view_order")).cancel(hers).status_code == 404
        assert not Cancellation.objects.exists()

    def test_staff_cancel_what_is_packed_the_shopper_cannot(self, anna, hers):
        pack(hers, at=NOW)
        member = staff("change_order")

        assert code_of(Program(anna).cancel(hers)) == (409, "illegal_move")
        told = with_key(member, "orders").cancel(hers, reason="broken").json()

        assert (told["status"], told["token"]) == ("cancelled", None)
        assert (Cancellation.objects.get().cause, Cancellation.objects.get().by) == ("staff", member)

    def test_what_the_other_side_cancelled_is_not_ones_own_doing(self, anna, hers):
        Program(staff("change_order")).cancel(hers)

        assert code_of(Program(anna).cancel(hers)) == (409, "illegal_move")

    def test_what_has_left_cannot_be(self, anna, hers):
        ship(hers, at=NOW)

        assert code_of(Program(anna).cancel(hers)) == (409, "illegal_move")
        assert not Refund.objects.exists()

    def test_while_the_gateway_is_away_it_is_asked_to_come_back(self, guest, mug, dead_gateway):
        order_id = guest.ordered(mug, **PAID | {"payment_token": "tok_timeout"})["id"]
        dead_gateway()

        answer = guest.cancel(order_id)

        assert code_of(answer) == (503, "gateway_away")
        assert int(answer["Retry-After"]) > 0
        assert not Cancellation.objects.exists()

    def test_a_running_charge_is_settled_first(self, guest, mug):
        order_id = guest.ordered(mug, **PAID | {"payment_token": "tok_3ds"})["id"]

        assert guest.cancel(order_id).json()["status"] == "cancelled"
        assert TestCharge.objects.get().status == TestCharge.Status.VOIDED

    @pytest.mark.parametrize("body", [{"reason": "x" * 201}, {"reason": 7}, {"why": "x"}])
    def test_what_is_no_reason_is_refused(self, anna, hers, body):
        assert code_of(Program(anna).cancel(hers, **body)) == (422, "invalid")
        assert not Cancellation.objects.exists()

    def test_a_key_that_can_be_none_is_refused(self, anna, hers):
        assert code_of(Program(anna).cancel(hers, key="")) == (422, "invalid_idempotency_key")


@pytest.mark.race
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_six_cancellations_are_one_that_all_are_told(self, anna, hers):
        answers = together(*[partial(Program(anna).cancel, hers)] * 6)

        assert {code_of(answer) for answer in answers} == {(201, "")}
        assert Cancellation.objects.count() == Refund.objects.count() == 1
        assert audit() == []

    def test_shopper_and_staff_cancel_once(self, anna, hers):
        member = staff("change_order")

        answers = together(partial(Program(anna).cancel, hers), partial(Program(member).cancel, hers))

        assert sorted(code_of(answer) for answer in answers) == [(201, ""), (409, "illegal_move")]
        assert Refund.objects.count() == 1
        assert audit() == []
