import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Address
from accounts.tests.factories import AddressFactory, UserFactory

pytestmark = pytest.mark.django_db

PROFILE = "/accounts/profile/"
NEW = "/accounts/addresses/new/"


def typed(**changes):
    """A form as the browser sends it."""
    values = {"full_name": "Sam Shopper", "address_line1": "Invalidenstraße 1", "city": "Berlin", "postcode": "10115"}
    return {**values, "country": "DE", "region": "", **changes}


@pytest.fixture
def sam(client):
    user = UserFactory(email="sam@example.com")
    client.force_login(user)
    return user


class TestProfile:
    def test_says_who_is_logged_in(self, client, sam):
        response = client.get(PROFILE)

        assert "Signed in as sam@example.com" in response.content.decode()
        assert "no-store" in response.headers["Cache-Control"]

    def test_keeps_the_name(self, client, sam):
        response = client.post(PROFILE, {"full_name": "Samantha Shopper"})

        sam.refresh_from_db()
        assert response.url == PROFILE
        assert sam.full_name == "Samantha Shopper"

    def test_changes_nothing_but_the_name(self, client, sam):
        client.post(PROFILE, {"full_name": "Sam", "email": "other@example.com", "is_staff": "on"})

        sam.refresh_from_db()
        assert (sam.email, sam.is_staff) == ("sam@example.com", False)

    def test_lists_own_addresses_only(self, client, sam):
        own = AddressFactory(user=sam)
        AddressFactory()

        assert list(client.get(PROFILE).context["addresses"]) == [own]

    def test_asks_the_database_the_same_for_many_addresses(self, client, sam, django_assert_num_queries):
        client.get(PROFILE)
        AddressFactory.create_batch(2, user=sam)
        with CaptureQueriesContext(connection) as few:
            client.get(PROFILE)
        AddressFactory.create_batch(18, user=sam)

        with django_assert_num_queries(len(few)):
            client.get(PROFILE)


class TestAddressPages:
    def test_add_to_the_book(self, client, sam):
        response = client.post(NEW, typed(postcode="D-10115", phone="(030) 123-456"))

        address = Address.objects.get()
        assert response.url == PROFILE
        assert (address.user, address.postcode, address.phone) == (sam, "10115", "030 123 456")

    def test_say_what_is_wrong_and_keep_what_was_typed(self, client, sam):
        response = client.post(NEW, typed(postcode="1011", full_name=" "))

        form = response.context["form"]
        assert list(form.errors) == ["full_name", "postcode"]
        assert 'value="1011"' in response.content.decode()
        assert not Address.objects.exists()

    def test_ask_for_a_region_where_there_is_one(self, client, sam):
        response = client.post(NEW, typed(country="US", postcode="95014"))

        field = response.context["form"]["region"]
        assert field.errors == ["Choose a state, province or region."]
        assert ("CA", "California") in field.field.widget.choices

    def test_take_the_region_of_a_country_without_one_away(self, client, sam):
        address = AddressFactory(user=sam, country="US", region="CA", postcode="95014", city="Cupertino")

        client.post(f"/accounts/addresses/{address.pk}/", typed(region="CA"))

        address.refresh_from_db()
        assert (address.country, address.region) == ("DE", "")

    def test_open_with_the_country_of_the_shop(self, client, sam, settings):
        settings.SHOP_COUNTRY = "AT"

        assert '<option value="AT" selected>' in client.get(NEW).content.decode()

    def test_edit(self, client, sam):
        address = AddressFactory(user=sam)

        client.post(f"/accounts/addresses/{address.pk}/", typed(city="Hamburg"))

        address.refresh_from_db()
        assert address.city == "Hamburg"

    def test_delete(self, client, sam):
        address = AddressFactory(user=sam)

        response = client.post(f"/accounts/addresses/{address.pk}/deletion/")

        assert response.url == PROFILE
        assert not Address.objects.exists()

    def test_delete_only_by_a_form(self, client, sam):
        address = AddressFactory(user=sam)

        assert client.get(f"/accounts/addresses/{address.pk}/deletion/").status_code == 405

    @pytest.mark.parametrize("page", ["", "deletion/"])
    def test_of_a_stranger_are_not_found(self, client, sam, page):
        address = AddressFactory(city="Berlin")

        response = client.post(f"/accounts/addresses/{address.pk}/{page}", typed(city="Hamburg"))

        address.refresh_from_db()
        assert response.status_code == 404
        assert address.city == "Berlin"

    def test_of_a_number_no_database_knows_are_not_found(self, client, sam):
        assert client.get(f"/accounts/addresses/{10**30}/").status_code == 404

    def test_need_a_log_in(self, client):
        assert client.post(NEW, typed()).url == f"/accounts/login/?next={NEW}"
        assert not Address.objects.exists()
