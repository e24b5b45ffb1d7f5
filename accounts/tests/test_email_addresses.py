import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC

from accounts.models import User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

EMAIL = "/accounts/email/"


def confirm(client, address, **extra):
    return client.post(f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/", **extra)


@pytest.fixture
def sam(client):
    """Logged in, and asked for the password a moment ago."""
    user = UserFactory(email="sam@example.com", verified=True)
    client.force_login(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return user


class TestConfirmation:
    def test_comes_with_a_click_on_the_page_of_the_link(self, client):
        user = UserFactory()
        address = EmailAddress.objects.get(user=user)
        link = f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/"

        page = client.get(link)

        address.refresh_from_db()
        assert page.status_code == 200
        assert not address.verified
        client.post(link)
        address.refresh_from_db()
        assert address.verified

    def test_logs_nobody_in(self, client):
        confirm(client, EmailAddress.objects.get(user=UserFactory()))

        assert "_auth_user_id" not in client.session

    def test_is_refused_for_a_forged_link(self, client):
        user = UserFactory()

        response = client.post("/accounts/confirm-email/MQ:1vMXXX:forged/")

        assert response.status_code == 404
        assert not EmailAddress.objects.get(user=user).verified

    def test_is_refused_for_an_address_that_another_account_logs_in_with(self, client, sam):
        UserFactory(email="olga@example.com")
        claimed = EmailAddress.objects.create(user=sam, email="olga@example.com")

        response = confirm(client, claimed, follow=True)

        claimed.refresh_from_db()
        assert not claimed.verified
        assert "belongs to another account" in response.content.decode()


class TestAddingAnAddress:
    def test_asks_for_the_password_first(self, client):
        user = UserFactory(verified=True)
        client.force_login(user)

        response = client.post(EMAIL, {"action_add": "", "email": "second@example.com"})

        assert response.url.startswith("/accounts/reauthenticate/")
        assert not EmailAddress.objects.filter(email="second@example.com").exists()

    def test_goes_on_once_the_password_is_given(self, client):
        user = UserFactory(verified=True)
        client.force_login(user)
        asked = client.post(EMAIL, {"action_add": "", "email": "second@example.com"})

        client.post(asked.url, {"password": PASSWORD, "next": EMAIL})

        assert EmailAddress.objects.filter(user=user, email="second@example.com").exists()

    def test_counts_only_when_confirmed(self, client, sam, mailoutbox):
        client.post(EMAIL, {"action_add": "", "email": "second@example.com"})

        assert [mail.to for mail in mailoutbox] == [["second@example.com"]]
        assert User.objects.owner_of("second@example.com") is None
        confirm(client, EmailAddress.objects.get(email="second@example.com"))
        assert User.objects.owner_of("second@example.com") == sam

    def test_waits_for_the_first_to_be_confirmed(self, client, sam):
        EmailAddress.objects.update(verified=False)

        response = client.post(EMAIL, {"action_add": "", "email": "second@example.com"})

        assert response.context["form"].errors["email"] == ["Confirm sam@example.com first."]

    def test_does_not_tell_whether_it_is_taken(self, client, sam):
        UserFactory(email="olga@example.com")

        taken = client.post(EMAIL, {"action_add": "", "email": "olga@example.com"})
        free = client.post(EMAIL, {"action_add": "", "email": "free@example.com"})

        assert (taken.status_code, taken.url) == (free.status_code, free.url)

    def test_ends_at_five(self, client, sam):
        for number in range(4):
            EmailAddress.objects.create(user=sam, email=f"sam{number}@example.com")

        client.post(EMAIL, {"action_add": "", "email": "sixth@example.com"})

        assert EmailAddress.objects.filter(user=sam).count() == 5


class TestChoosingTheLogIn:
    def test_takes_a_confirmed_address(self, client, sam):
        EmailAddress.objects.create(user=sam, email="second@example.com", verified=True)

        client.post(EMAIL, {"action_primary": "", "email": "second@example.com"})

        sam.refresh_from_db()
        assert sam.email == "second@example.com"

    def test_refuses_one_that_is_not_confirmed(self, client, sam):
        EmailAddress.objects.create(user=sam, email="second@example.com")

        client.post(EMAIL, {"action_primary": "", "email": "second@example.com"})

        sam.refresh_from_db()
        assert sam.email == "sam@example.com"

    def test_keeps_the_log_in_from_being_removed(self, client, sam):
        client.post(EMAIL, {"action_remove": "", "email": "sam@example.com"})

        assert EmailAddress.objects.filter(email="sam@example.com").exists()


class TestPrivacy:
    @pytest.mark.parametrize("path", [EMAIL, "/accounts/password/change/", "/accounts/reauthenticate/"])
    def test_pages_of_an_account_are_kept_from_caches(self, client, sam, path):
        assert "no-store" in client.get(path).headers["Cache-Control"]

    @pytest.mark.parametrize("path", [EMAIL, "/accounts/password/change/", "/accounts/profile/"])
    def test_pages_of_an_account_need_a_log_in(self, client, path):
        assert client.get(path).url == f"/accounts/login/?next={path}"
