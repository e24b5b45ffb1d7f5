import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

SIGNUP = "/accounts/signup/"


def sign_up(client, email="new@example.com", password=PASSWORD, **extra):
    return client.post(SIGNUP, {"email": email, "password1": password}, **extra)


def told(response):
    """All that a visitor sees of an answer, but for what differs from page to page and from second to second."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    headers = {name: value for name, value in response.headers.items() if name not in ("X-Request-ID", "Expires")}
    return response.status_code, headers, body, sorted(response.cookies), list(get_messages(response.wsgi_request))


class TestSignUp:
    def test_makes_an_account_that_can_log_in_at_once(self, client):
        sign_up(client, "New@Example.com")

        assert User.objects.get().email == "new@example.com"
        assert EmailAddress.objects.get().verified is False
        assert client.login(email="new@example.com", password=PASSWORD)

    def test_logs_nobody_in(self, client):
        response = sign_up(client)

        assert response.url == reverse("account_email_verification_sent")
        assert not client.session.get("_auth_user_id")

    def test_makes_no_session(self, client):
        response = sign_up(client)

        assert "sessionid" not in response.cookies

    def test_leaves_the_session_as_it_was(self, client):
        session = client.session
        session["cart"] = "key-of-the-cart"
        session.save()

        sign_up(client)

        assert client.session.session_key == session.session_key
        assert dict(client.session) == {"cart": "key-of-the-cart"}

    def test_asks_a_new_address_to_be_confirmed(self, client, mailoutbox):
        sign_up(client)

        assert [mail.to for mail in mailoutbox] == [["new@example.com"]]
        assert "/accounts/confirm-email/" in mailoutbox[0].body

    def test_does_not_confirm_the_address_itself(self, client, mailoutbox):
        sign_up(client)

        page = client.get("/accounts/confirm-email/")

        assert page.status_code == 200
        assert not EmailAddress.objects.filter(verified=True).exists()

    def test_sends_no_second_mail_within_minutes(self, client, mailoutbox):
        sign_up(client)
        sign_up(client)

        assert len(mailoutbox) == 1


class TestSignUpWithAKnownAddress:
    @pytest.mark.parametrize("typed", ["sam@example.com", "Sam@EXAMPLE.com", " sam@example.com "])
    def test_gets_the_same_answer_as_a_new_one(self, client_class, typed):
        UserFactory(email="sam@example.com")

        known, new = sign_up(client_class(), typed), sign_up(client_class(), "new@example.com")

        assert told(known) == told(new)

    def test_leads_to_the_same_page(self, client_class):
        UserFactory(email="sam@example.com")
        clients = client_class(), client_class()

        known = told(sign_up(clients[0], "sam@example.com", follow=True))
        new = told(sign_up(clients[1], "new@example.com", follow=True))

        assert known == new

    def test_tells_the_owner_by_mail(self, client, mailoutbox):
        UserFactory(email="sam@example.com")

        sign_up(client, "sam@example.com")

        assert [mail.to for mail in mailoutbox] == [["sam@example.com"]]
        assert "/accounts/password/reset/" in mailoutbox[0].body
        assert "confirm-email" not in mailoutbox[0].body

    def test_leaves_the_account_as_it_was(self, client):
        user = UserFactory(email="sam@example.com")

        sign_up(client, "sam@example.com", password="quite another password")

        user.refresh_from_db()
        assert user.check_password(PASSWORD)
        assert User.objects.count() == 1

    def test_is_known_when_confirmed_on_another_account(self, client, mailoutbox):
        EmailAddress.objects.create(user=UserFactory(), email="second@example.com", verified=True)

        sign_up(client, "second@example.com")

        assert User.objects.count() == 1
        assert "There is one already" in mailoutbox[0].body

    def test_is_not_taken_by_an_account_that_only_claims_it(self, client):
        EmailAddress.objects.create(user=UserFactory(), email="claimed@example.com", verified=False)

        sign_up(client, "claimed@example.com")

        assert User.objects.filter(email="claimed@example.com").exists()


class TestRefusedSignUp:
    @pytest.mark.parametrize("password", ["eleven char", "qwerty123456", "", " " * 3])
    def test_needs_a_long_and_uncommon_password(self, client, password):
        response = sign_up(client, password=password)

        assert response.context["form"].errors["password1"]
        assert not User.objects.exists()

    def test_takes_twelve_characters_without_more_rules(self, client):
        response = sign_up(client, password="twelve chars")

        assert response.status_code == 302

    def test_says_the_same_about_a_known_address(self, client_class):
        UserFactory(email="sam@example.com")

        known = sign_up(client_class(), "sam@example.com", password="short")
        new = sign_up(client_class(), "new@example.com", password="short")

        assert known.context["form"].errors == new.context["form"].errors
        assert known.status_code == new.status_code

    @pytest.mark.parametrize("email", ["", "sam", f"{'s' * 250}@example.com", "sam@example.com\x00"])
    def test_needs_an_address_that_can_be_kept(self, client, email):
        response = sign_up(client, email)

        assert response.context["form"].errors["email"]
        assert not User.objects.exists()

    def test_has_one_password_field(self, client):
        form = client.get(SIGNUP).context["form"]

        assert list(form.fields) == ["email", "password1"]
        assert form.fields["password1"].widget.attrs["autocomplete"] == "new-password"
