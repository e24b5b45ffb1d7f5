from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from payments.gateway import Charge, GatewayError, Outcome, get_gateway, in_minor_units
from payments.models import TestCharge

pytestmark = pytest.mark.django_db
Status = TestCharge.Status


@pytest.fixture
def gateway():
    return get_gateway("test")


def charge(token="tok_visa", *, key=None, amount="12.34", currency="EUR") -> Charge:
    return get_gateway("test").charge(
        key=key or str(uuid4()),
        amount=Decimal(amount),
        currency=currency,
        token=token,
        reference="7",
        return_url="/back/",
    )


class TestTokens:
    def test_visa_is_paid_at_once(self):
        answer = charge("tok_visa", key="k")

        assert (answer.outcome, answer.amount, answer.currency) == (Outcome.PAID, Decimal("12.34"), "EUR")
        assert TestCharge.objects.get(key="k").status == Status.CAPTURED

    @pytest.mark.parametrize(
        ("token", "code"),
        [("tok_declined", "card_declined"), ("tok_insufficient_funds", "insufficient_funds")],
    )
    def test_a_refused_card_moves_no_money(self, token, code):
        answer = charge(token)

        assert (answer.outcome, answer.code, answer.amount) == (Outcome.DECLINED, code, None)
        assert answer.detail
        assert not TestCharge.objects.filter(status=Status.CAPTURED).exists()

    def test_3ds_asks_the_shopper_on_a_page_of_the_gateway(self):
        answer = charge("tok_3ds", key="k")

        assert answer.outcome is Outcome.NEEDS_ACTION
        assert answer.action_url == "/payments/test/k/"
        assert answer.session_ends_at > timezone.now()
        assert answer.amount is None

    @pytest.mark.parametrize("token", ["tok_timeout", "tok_error_after"])
    def test_an_answer_may_be_lost_although_the_money_moved(self, gateway, token):
        with pytest.raises(GatewayError):
            charge(token, key="k")

        assert gateway.query("k").outcome is Outcome.PAID

    def test_an_error_before_the_charge_moves_nothing(self, gateway):
        with pytest.raises(GatewayError):
            charge("tok_error", key="k")

        assert gateway.query("k") is None

    @pytest.mark.parametrize("token", ["", "visa", "tok_visax", "tok_unknown", "TOK_VISA", "4242424242424242"])
    def test_an_unknown_card_is_declined(self, token):
        answer = charge(token)

        assert (answer.outcome, answer.code) == (Outcome.DECLINED, "invalid_token")
        assert not TestCharge.objects.exists()

    def test_a_suffix_behaves_alike_with_a_fingerprint_of_its_own(self):
        assert charge("tok_visa_anna", key="a").outcome is Outcome.PAID
        charge("tok_visa_bert", key="b")
        charge("tok_visa_anna", key="c")

        prints = dict(TestCharge.objects.values_list("key", "fingerprint"))
        assert prints["a"] == prints["c"] != prints["b"]

    def test_error_after_is_not_taken_for_error(self, gateway):
        with pytest.raises(GatewayError):
            charge("tok_error_after_anna", key="k")

        assert gateway.query("k").outcome is Outcome.PAID

    def test_every_choice_of_the_page_is_known(self, gateway):
        for token, _ in gateway.choices():
            with suppress(GatewayError):
                assert charge(token).code != "invalid_token"


class TestIdempotency:
    def test_the_same_key_charges_once(self):
        first, second = charge(key="k"), charge(key="k")

        assert first == second
        assert TestCharge.objects.count() == 1

    def test_the_first_answer_holds_whatever_the_second_asks(self):
        charge("tok_declined", key="k")

        assert charge("tok_visa", key="k").outcome is Outcome.DECLINED

    def test_a_lost_answer_is_found_by_its_key(self):
        with pytest.raises(GatewayError):
            charge("tok_timeout", key="k")

        assert charge("tok_visa", key="k").outcome is Outcome.PAID
        assert TestCharge.objects.count() == 1


class TestVoid:
    def test_a_key_never_seen_is_blocked_for_good(self, gateway):
        assert gateway.void("k").outcome is Outcome.VOIDED

        assert charge("tok_visa", key="k").outcome is Outcome.VOIDED
        assert not TestCharge.objects.filter(status=Status.CAPTURED).exists()

    def test_a_captured_charge_stays_captured(self, gateway):
        charge(key="k")

        assert gateway.void("k").outcome is Outcome.PAID

    def test_a_declined_one_stays_declined(self, gateway):
        charge("tok_declined", key="k")

        assert gateway.void("k").outcome is Outcome.DECLINED

    def test_an_open_confirmation_can_no_longer_be_given(self, gateway):
        charge("tok_3ds", key="k")

        assert gateway.void("k").outcome is Outcome.VOIDED
        assert gateway.answer_action("k", confirmed=True).status == Status.VOIDED

    def test_twice_is_once(self, gateway):
        assert gateway.void("k") == gateway.void("k")


class TestAnswerAction:
    def test_a_confirmed_payment_is_captured(self, gateway):
        charge("tok_3ds", key="k", amount="5.00")
        gateway.answer_action("k", confirmed=True)

        assert gateway.query("k") == Charge(
            Outcome.PAID,
            amount=Decimal("5.00"),
            currency="EUR",
            session_ends_at=TestCharge.objects.get().session_ends_at,
        )

    def test_a_refused_one_is_declined(self, gateway):
        charge("tok_3ds", key="k")
        gateway.answer_action("k", confirmed=False)

        assert gateway.query("k").code == "authentication_failed"

    @pytest.mark.parametrize("first", [True, False])
    def test_the_first_answer_counts(self, gateway, first):
        charge("tok_3ds", key="k")
        status = gateway.answer_action("k", confirmed=first).status

        assert gateway.answer_action("k", confirmed=not first).status == status

    def test_after_the_sessions_end_nothing_is_captured(self, gateway):
        charge("tok_3ds", key="k")
        TestCharge.objects.update(session_ends_at=timezone.now() - timedelta(seconds=1))

        assert gateway.answer_action("k", confirmed=True).status == Status.NEEDS_ACTION


class TestRefund:
    def refund(self, amount, *, key="r", charge_key="k", currency="EUR") -> None:
        get_gateway("test").refund(key=key, charge_key=charge_key, amount=Decimal(amount), currency=currency)

    def test_part_of_a_charge_goes_back(self):
        charge(key="k", amount="10.00")

        self.refund("4.00")

        assert TestCharge.objects.get().refunded == 400

    def test_the_same_key_refunds_once(self):
        charge(key="k", amount="10.00")

        self.refund("4.00")
        self.refund("4.00")

        assert TestCharge.objects.get().refunded == 400

    def test_all_of_it_may_go_back_in_parts(self):
        charge(key="k", amount="10.00")

        self.refund("4.00", key="r1")
        self.refund("6.00", key="r2")

        assert TestCharge.objects.get().refunded == 1000

    def test_a_cent_more_is_refused(self):
        charge(key="k", amount="10.00")
        self.refund("4.00", key="r1")

        with pytest.raises(GatewayError):
            self.refund("6.01", key="r2")

        assert TestCharge.objects.get().refunded == 400

    @pytest.mark.parametrize("token", ["tok_declined", "tok_3ds"])
    def test_only_a_captured_charge_can_be_refunded(self, token):
        charge(token, key="k")

        with pytest.raises(GatewayError):
            self.refund("1.00")

    def test_an_unknown_charge_cannot(self):
        with pytest.raises(GatewayError):
            self.refund("1.00", charge_key="never seen")

    def test_nor_one_in_another_currency(self):
        charge(key="k", amount="10.00")

        with pytest.raises(GatewayError):
            self.refund("1.00", currency="USD")


class TestMinorUnits:
    @pytest.mark.parametrize(
        ("amount", "currency", "minor"), [("12.34", "EUR", 1234), ("1234", "JPY", 1234), ("1.234", "KWD", 1234)]
    )
    def test_the_ledger_counts_in_minor_units(self, amount, currency, minor):
        answer = charge(amount=amount, currency=currency)

        assert TestCharge.objects.get().amount == minor
        assert answer.amount == Decimal(amount)

    def test_trailing_zeros_are_no_fraction(self):
        assert in_minor_units(Decimal("12.340"), 2) == 1234

    def test_a_fraction_is_refused(self):
        with pytest.raises(ValueError, match="more than 2 decimals"):
            in_minor_units(Decimal("12.345"), 2)
