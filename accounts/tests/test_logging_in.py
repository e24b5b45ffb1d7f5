import pytest
import time_machine
from django.contrib.messages import get_messages

from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
NOON = "2026-11-21 12:00:00Z"


def log_in(client, email="sam@example.com", password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def fail(client, times, email="sam@example.com", **extra):
    return [log_in(client, email, "not the password", **extra).status_code for _try in range(times)]


@pytest.fixture
def sam():
    return UserFactory(email="sam@example.com")


class TestLogIn:
    @pytest.mark.parametrize("typed", ["sam@example.com", "SAM@Example.com", " sam@example.com"])
    def test_takes_the_address_whatever_its_case(self, client, sam, typed):
        log_in(client, typed)

        assert client.session["_auth_user_id"] == str(sam.pk)

    def test_returns_to_the_page_of_origin(self, client, sam):
        page = client.get(f"{LOGIN}?next=/checkout/").content.decode()

        response = client.post(LOGIN, {"login": sam.email, "password": PASSWORD, "next": "/checkout/"})

        assert '<input type="hidden" name="next" value="/checkout/">' in page
        assert response.url == "/checkout/"

    @pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
    def test_leads_to_no_other_site(self, client, sam, elsewhere):
        response = client.post(LOGIN, {"login": sam.email, "password": PASSWORD, "next": elsewhere})

        assert response.url == "/"

    def test_gives_the_session_a_new_key(self, client, sam):
        session = client.session
        session["cart"] = "key-of-the-cart"
        session.save()

        log_in(client)

        assert client.session.session_key != session.session_key
        assert client.session["cart"] == "key-of-the-cart"

    def test_offers_password_managers_their_fields(self, client):
        fields = client.get(LOGIN).context["form"].fields

        assert {name: field.widget.attrs["autocomplete"] for name, field in fields.items()} == {
            "login": "username",
            "password": "current-password",
        }

    def test_is_kept_from_caches(self, client):
        assert "no-store" in client.get(LOGIN).headers["Cache-Control"]


class TestRefusedLogIn:
    def test_does_not_tell_which_part_was_wrong(self, client, sam):
        wrong_password = log_in(client, sam.email, "not the password")
        unknown = log_in(client, "nobody@example.com", PASSWORD)

        assert wrong_password.status_code == unknown.status_code == 200
        assert wrong_password.context["form"].non_field_errors() == ["E-mail address and password do not match."]
        assert unknown.context["form"].non_field_errors() == wrong_password.context["form"].non_field_errors()

    def test_is_told_apart_from_an_account_switched_off_only_with_its_password(self, client, sam):
        sam.is_active = False
        sam.save()

        assert log_in(client, password="not the password").status_code == 200
        assert log_in(client).url == "/accounts/inactive/"
        assert "_auth_user_id" not in client.session


class TestLockOut:
    def test_comes_after_five_wrong_passwords_for_an_account(self, client, sam):
        assert fail(client, 6) == [200] * 5 + [429]

    def test_holds_for_the_right_password_too(self, client, sam):
        fail(client, 5)

        assert log_in(client).status_code == 429
        assert "_auth_user_id" not in client.session

    def test_holds_from_any_address(self, client, sam):
        fail(client, 5, REMOTE_ADDR="192.0.2.1")

        assert log_in(client, REMOTE_ADDR="192.0.2.2").status_code == 429

    def test_says_when_to_try_again(self, client, sam):
        with time_machine.travel(NOON, tick=False) as clock:
            fail(client, 1)
            clock.shift(60)
            fail(client, 4)
            clock.shift(40)

            response = log_in(client)

        assert response.headers["Retry-After"] == "200"
        assert "200 seconds" in response.content.decode()

    def test_ends_when_it_said(self, client, sam):
        with time_machine.travel(NOON, tick=False) as clock:
            fail(client, 5)
            clock.shift(299)
            assert log_in(client).status_code == 429
            clock.shift(1)

            response = log_in(client)

        assert response.url == "/"

    def test_leaves_other_accounts_alone(self, client, sam):
        UserFactory(email="olga@example.com")
        fail(client, 5)

        assert log_in(client, "olga@example.com").status_code == 302

    def test_looks_the_same_for_an_unknown_address(self, client):
        assert fail(client, 6, "nobody@example.com") == [200] * 5 + [429]

    def test_is_not_lifted_by_another_case_or_blanks(self, client, sam):
        fail(client, 5)

        assert log_in(client, " SAM@example.com").status_code == 429

    def test_is_not_lifted_by_another_host_header(self, client, sam, settings):
        settings.ALLOWED_HOSTS = ["testserver", "shop.example"]
        fail(client, 5)

        assert log_in(client, headers={"host": "shop.example:8443"}).status_code == 429

    def test_ends_with_a_new_password(self, client, sam, mailoutbox):
        fail(client, 5)
        client.post("/accounts/password/reset/", {"email": sam.email})
        link = next(line for line in mailoutbox[0].body.splitlines() if "/password/reset/key/" in line)
        page = client.get(link, follow=True)
        client.post(page.redirect_chain[-1][0], {"password1": "seven blue bicycles"})

        assert log_in(client, password="seven blue bicycles").url == "/"


class TestLockOutOfAClient:
    def test_comes_after_ten_wrong_passwords_for_many_accounts(self, client):
        answers = [fail(client, 1, f"shopper{number}@example.com")[0] for number in range(11)]

        assert answers == [200] * 10 + [429]

    def test_is_not_lifted_by_a_forged_address(self, client):
        answers = [
            fail(client, 1, f"shopper{number}@example.com", headers={"x-forwarded-for": f"192.0.2.{number}"})[0]
            for number in range(11)
        ]

        assert answers[-1] == 429

    def test_is_not_lifted_by_a_forged_address_behind_a_proxy(self, client, settings):
        settings.TRUSTED_PROXIES = 1

        answers = [
            fail(client, 1, f"a{number}@example.com", headers={"x-forwarded-for": f"192.0.2.{number}, 203.0.113.9"})[0]
            for number in range(11)
        ]

        assert answers[-1] == 429

    def test_is_not_shared_by_clients_of_one_proxy(self, client, settings):
        settings.TRUSTED_PROXIES = 1

        answers = [
            fail(client, 1, f"a{number}@example.com", headers={"x-forwarded-for": f"192.0.2.{number}"})[0]
            for number in range(11)
        ]

        assert answers == [200] * 11

    def test_counts_good_log_ins_less_strictly(self, client_class, sam):
        answers = [log_in(client_class()).status_code for _time in range(31)]

        assert answers == [302] * 30 + [429]

    def test_is_switched_off_for_load_tests(self, client, sam, settings):
        settings.ACCOUNT_RATE_LIMITS = False  # what RATE_LIMITS=off comes to

        assert fail(client, 12) == [200] * 12


class TestAdminLogIn:
    def test_is_the_one_with_limits(self, client):
        response = client.get("/admin/", follow=True)

        assert response.redirect_chain[-1][0].startswith(f"{LOGIN}?next=")
        assert client.post("/admin/login/", {"username": "a@b.test", "password": "x"}).url.startswith(LOGIN)

    def test_returns_to_the_admin(self, client):
        UserFactory(email="sam@example.com", is_staff=True)

        response = client.post(f"{LOGIN}?next=/admin/", {"login": "sam@example.com", "password": PASSWORD})

        assert response.url == "/admin/"

    def test_is_no_door_for_shoppers(self, client, sam):
        client.force_login(sam)

        assert client.get("/admin/", follow=True).status_code == 403


class TestLogOut:
    def test_needs_a_post(self, client, sam):
        client.force_login(sam)

        page = client.get("/accounts/logout/")

        assert page.status_code == 200
        assert "_auth_user_id" in client.session

    def test_ends_the_session(self, client, sam):
        client.force_login(sam)

        response = client.post("/accounts/logout/")

        assert response.url == "/"
        assert "_auth_user_id" not in client.session
        assert [str(message) for message in get_messages(response.wsgi_request)] == ["You have signed out."]
