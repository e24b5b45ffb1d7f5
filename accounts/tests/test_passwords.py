import pytest
import time_machine
from allauth.account.models import EmailAddress

from accounts.tests.factories import PASSWORD, UserFactory
from accounts.tests.test_signing_up import told

pytestmark = pytest.mark.django_db

RESET = "/accounts/password/reset/"
NEW = "seven blue bicycles"


@pytest.fixture
def sam():
    return UserFactory(email="sam@example.com")


def ask(client, email="sam@example.com", **extra):
    return client.post(RESET, {"email": email}, **extra)


def link_in(mail):
    return next(line for line in mail.body.splitlines() if "/accounts/password/reset/key/" in line)


def choose(client, link, password=NEW):
    """Open the link of a mail and send the form that it leads to."""
    page = client.get(link, follow=True)
    if not page.redirect_chain:
        return page
    return client.post(page.redirect_chain[-1][0], {"password1": password})


class TestPasswordReset:
    def test_sets_the_password(self, client, sam, mailoutbox):
        ask(client)

        choose(client, link_in(mailoutbox[0]))

        sam.refresh_from_db()
        assert sam.check_password(NEW)

    def test_ends_sessions_elsewhere(self, client, client_class, sam, mailoutbox):
        elsewhere = client_class()
        elsewhere.force_login(sam)
        ask(client)

        choose(client, link_in(mailoutbox[0]))

        assert elsewhere.get("/accounts/profile/").status_code == 302

    def test_answers_the_same_for_an_unknown_address(self, client_class, sam):
        known = told(ask(client_class(), follow=True))
        unknown = told(ask(client_class(), "nobody@example.com", follow=True))

        assert known == unknown

    def test_goes_to_the_owner_of_an_address_and_nobody_else(self, client, sam, mailoutbox):
        EmailAddress.objects.create(user=UserFactory(), email=sam.email, verified=False)

        ask(client)

        assert len(mailoutbox) == 1
        choose(client, link_in(mailoutbox[0]))
        sam.refresh_from_db()
        assert sam.check_password(NEW)

    def test_tells_an_unknown_address_so(self, client, mailoutbox):
        ask(client, "nobody@example.com")

        assert "there is no account with this address" in mailoutbox[0].body

    def test_is_for_accounts_in_use(self, client, sam, mailoutbox):
        sam.is_active = False
        sam.save()

        ask(client)

        assert "/accounts/password/reset/key/" not in mailoutbox[0].body

    def test_refuses_a_weak_password_and_keeps_the_link(self, client, sam, mailoutbox):
        ask(client)
        link = link_in(mailoutbox[0])

        response = choose(client, link, "short")

        assert response.context["form"].errors["password1"]
        choose(client, link)
        sam.refresh_from_db()
        assert sam.check_password(NEW)

    def test_is_limited_for_each_account(self, client, client_class, sam):
        answers = [ask(client_class(), REMOTE_ADDR=f"192.0.2.{number}").status_code for number in range(6)]

        assert answers == [302] * 5 + [429]


class TestPasswordResetLink:
    @pytest.mark.parametrize(("minutes", "works"), [(59, True), (61, False)])
    def test_is_valid_for_an_hour(self, client, sam, mailoutbox, minutes, works):
        with time_machine.travel("2026-11-21 12:00:00Z") as clock:
            ask(client)
            clock.shift(60 * minutes)

            choose(client, link_in(mailoutbox[0]))

        sam.refresh_from_db()
        assert sam.check_password(NEW) is works

    def test_works_once(self, client, client_class, sam, mailoutbox):
        ask(client)
        choose(client, link_in(mailoutbox[0]))

        choose(client_class(), link_in(mailoutbox[0]), "seven red bicycles")

        sam.refresh_from_db()
        assert sam.check_password(NEW)

    def test_offers_the_form_again_when_it_no_longer_works(self, client, sam, mailoutbox):
        ask(client)
        choose(client, link_in(mailoutbox[0]))

        page = client.get(link_in(mailoutbox[0])).content.decode()

        assert f'action="{RESET}"' in page
        assert 'name="email"' in page


class TestPasswordChange:
    def test_needs_the_current_one(self, client, sam):
        client.force_login(sam)

        response = client.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": NEW})

        assert response.context["form"].errors["oldpassword"] == ["This is not your current password."]

    def test_keeps_this_session(self, client, sam):
        client.force_login(sam)

        response = client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW}, follow=True)

        assert response.redirect_chain == [("/accounts/profile/", 302)]
        sam.refresh_from_db()
        assert sam.check_password(NEW)
