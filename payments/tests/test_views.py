from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from payments.gateway import Outcome, get_gateway
from payments.models import TestCharge

pytestmark = pytest.mark.django_db


@pytest.fixture
def page():
    """The address of the page on which a charge waits for the shopper."""
    charge = get_gateway("test").charge(
        key="k", amount=Decimal("12.34"), currency="EUR", token="tok_3ds", reference="7", return_url="/back/"
    )
    return charge.action_url


class TestTestActionView:
    def test_it_shows_what_is_to_be_confirmed(self, client, page):
        response = client.get(page)

        assert "€12.34" in response.text
        assert response.context["expired"] is False
        assert "no-store" in response["Cache-Control"]

    def test_looking_does_not_confirm(self, client, page):
        client.get(page)

        assert get_gateway("test").query("k").outcome is Outcome.NEEDS_ACTION

    @pytest.mark.parametrize(
        ("answer", "outcome"), [("confirm", Outcome.PAID), ("refuse", Outcome.DECLINED), ("", Outcome.DECLINED)]
    )
    def test_the_answer_leads_back_to_the_shop(self, client, page, answer, outcome):
        response = client.post(page, {"answer": answer})

        assert (response.status_code, response["Location"]) == (302, "/back/")
        assert get_gateway("test").query("k").outcome is outcome

    def test_confirmed_twice_is_paid_once(self, client, page):
        client.post(page, {"answer": "confirm"})
        client.post(page, {"answer": "confirm"})

        assert TestCharge.objects.get().status == TestCharge.Status.CAPTURED

    def test_a_session_that_is_over_says_so(self, client, page):
        TestCharge.objects.update(session_ends_at=timezone.now() - timedelta(seconds=1))

        assert client.get(page).context["expired"] is True

    def test_a_confirmation_after_its_end_moves_no_money(self, client, page):
        TestCharge.objects.update(session_ends_at=timezone.now() - timedelta(seconds=1))
        client.post(page, {"answer": "confirm"})

        assert not TestCharge.objects.filter(status=TestCharge.Status.CAPTURED).exists()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_an_unknown_key_is_not_found(self, client, method):
        assert getattr(client, method)(reverse("payments:test_action", args=["unknown"])).status_code == 404

    def test_a_key_that_was_only_blocked_can_be_looked_at(self, client):
        get_gateway("test").void("blocked")

        response = client.get(reverse("payments:test_action", args=["blocked"]))

        assert (response.status_code, response.context["expired"]) == (200, True)
