import pytest

from accounts.address_book import keep_address
from accounts.models import Address
from accounts.tests.factories import AddressFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam():
    return UserFactory()


class TestKeepAddress:
    def test_makes_the_first_the_default_of_both_kinds(self, sam):
        keep_address(AddressFactory.build(user=sam))

        address = Address.objects.get()
        assert address.is_default
        assert address.is_default_billing

    def test_leaves_the_default_alone(self, sam):
        first = AddressFactory(user=sam, is_default=True, is_default_billing=True)

        keep_address(AddressFactory.build(user=sam))

        assert list(Address.objects.filter(is_default=True, is_default_billing=True)) == [first]

    @pytest.mark.parametrize(
        ("flag", "other"), [("is_default", "is_default_billing"), ("is_default_billing", "is_default")]
    )
    def test_gives_each_default_a_single_place(self, sam, flag, other):
        first = AddressFactory(user=sam, is_default=True, is_default_billing=True)
        second = AddressFactory.build(user=sam, **{flag: True})

        keep_address(second)

        assert list(Address.objects.filter(**{flag: True})) == [second]
        assert list(Address.objects.filter(**{other: True})) == [first]

    def test_keeps_a_default_that_is_edited(self, sam):
        address = AddressFactory(user=sam, is_default=True, is_default_billing=True)
        AddressFactory(user=sam)

        address.city = "Hamburg"
        keep_address(address)

        address.refresh_from_db()
        assert address.is_default

    def test_touches_nobody_elses(self, sam):
        stranger = AddressFactory(is_default=True)

        keep_address(AddressFactory.build(user=sam, is_default=True))

        stranger.refresh_from_db()
        assert stranger.is_default
