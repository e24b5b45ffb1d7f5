import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:accounts_user_changelist")
ADD = reverse("admin:accounts_user_add")
NEW = {
    "email": "new@example.com",
    "usable_password": "true",
    "password1": "twelve green bottles",
    "password2": "twelve green bottles",
}


def page_of(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def form(user, **changes):
    columns = {"email": user.email, "full_name": user.full_name, "is_active": "on"}
    return {**columns, "addresses-TOTAL_FORMS": 0, "addresses-INITIAL_FORMS": 0, **changes}


class TestUserAdmin:
    def test_lists_in_the_same_few_statements(self, admin_client):
        counts = []
        for wanted in (2, 20):
            while User.objects.count() < wanted:
                UserFactory()
            with CaptureQueriesContext(connection) as statements:
                assert admin_client.get(LIST).status_code == 200
            counts.append(len(statements))

        assert counts[0] == counts[1] <= 10

    def test_makes_a_user_who_logs_in_by_email(self, admin_client):
        admin_client.post(ADD, NEW | {"email": "New@Example.com"})

        user = User.objects.get(email="new@example.com")
        assert user.check_password("twelve green bottles")
        assert not user.is_staff

    def test_refuses_the_address_of_another_whatever_its_case(self, admin_client):
        UserFactory(email="new@example.com")

        response = admin_client.post(ADD, NEW | {"email": "NEW@example.com"})

        assert "Another account has this e-mail address." in response.content.decode()
        assert User.objects.filter(email__iexact="new@example.com").count() == 1

    def test_sets_a_password(self, admin_client):
        user = UserFactory()

        admin_client.post(
            reverse("admin:auth_user_password_change", args=[user.pk]),
            {"usable_password": "true", "password1": "twelve green bottles", "password2": "twelve green bottles"},
        )

        user.refresh_from_db()
        assert user.check_password("twelve green bottles")

    def test_forgets_the_address_that_was_verified_when_it_changes(self, admin_client):
        user = UserFactory(email="old@example.com", verified=True)

        admin_client.post(page_of(user), form(user, email="new@example.com"))

        user.refresh_from_db()
        assert user.email == "new@example.com"
        assert not EmailAddress.objects.filter(email="old@example.com").exists()

    def test_switches_an_account_off_and_never_deletes_it(self, admin_client):
        user = UserFactory()

        admin_client.post(page_of(user), form(user, is_active=""))
        response = admin_client.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"})

        user.refresh_from_db()
        assert not user.is_active
        assert response.status_code == 403
