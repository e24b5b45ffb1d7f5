import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError

from accounts.models import User
from accounts.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


class TestUser:
    def test_has_an_address_of_its_own_whatever_its_case(self):
        UserFactory(email="sam@example.com")

        with pytest.raises(IntegrityError):
            User.objects.create(email="SAM@example.com")

    def test_is_kept_in_small_letters(self):
        assert User.objects.create_user(" Sam@Example.com ").email == "sam@example.com"


class TestOwnerOf:
    def test_is_who_logs_in_with_the_address(self):
        user = UserFactory(email="sam@example.com")

        assert User.objects.owner_of("Sam@example.com") == user

    def test_is_who_confirmed_it(self):
        user = UserFactory()
        EmailAddress.objects.create(user=user, email="second@example.com", verified=True)

        assert User.objects.owner_of("second@example.com") == user

    def test_is_not_who_merely_claims_it(self):
        EmailAddress.objects.create(user=UserFactory(), email="second@example.com", verified=False)

        assert User.objects.owner_of("second@example.com") is None
