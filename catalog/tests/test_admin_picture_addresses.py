import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from catalog.admin import picture_addresses
from catalog.models import PictureAddress
from catalog.tests.factories import PictureAddressFactory
from catalog.tests.staff import messages_of, staff_client

pytestmark = pytest.mark.django_db

LIST = reverse("admin:catalog_pictureaddress_changelist")
State = PictureAddress.State


@pytest.fixture
def staff():
    return staff_client("Catalogue")


def fetch(client, *rows):
    return client.post(LIST, {"action": "fetch", "_selected_action": [row.pk for row in rows]}, follow=True)


class TestList:
    def test_takes_the_same_few_statements_for_2_and_20_addresses(self, staff):
        statement_counts = []
        for wanted in (2, 20):
            while PictureAddress.objects.count() < wanted:
                PictureAddressFactory()
            with CaptureQueriesContext(connection) as statements:
                assert staff.get(LIST).status_code == 200
            statement_counts.append(len(statements))

        assert statement_counts[0] == statement_counts[1] <= 10

    def test_says_what_is_wrong_and_when_it_is_tried_again(self, staff):
        due = timezone.make_aware(timezone.datetime(2026, 3, 1, 12, 5))
        PictureAddressFactory(state=State.WANTED, problem="The server answered 503.", tries=1, due_at=due)

        page = staff.get(LIST).content.decode()

        assert "The server answered 503." in page
        assert "01 Mar 2026, 12:05" in page

    def test_filters_by_state(self, staff):
        failed = PictureAddressFactory(state=State.FAILED)
        PictureAddressFactory()

        assert list(staff.get(LIST, {"state": "failed"}).context["cl"].result_list) == [failed]

    @pytest.mark.parametrize("words", ["blue-mug.png", "stoneware"])
    def test_finds_by_address_and_product(self, staff, words):
        row = PictureAddressFactory(address="http://pictures.test/blue-mug.png", product__name="Stoneware mug")
        PictureAddressFactory()

        assert list(staff.get(LIST, {"q": words}).context["cl"].result_list) == [row]

    def test_has_nothing_to_add_delete_or_edit(self, staff):
        row = PictureAddressFactory(address="http://pictures.test/a.png")
        page = reverse("admin:catalog_pictureaddress_change", args=[row.pk])

        assert staff.get(page).status_code == 200
        assert staff.post(page, {"address": "http://127.0.0.1/"}).status_code == 403
        assert staff.get(reverse("admin:catalog_pictureaddress_add")).status_code == 403
        assert staff.post(reverse("admin:catalog_pictureaddress_delete", args=[row.pk])).status_code == 403
        row.refresh_from_db()
        assert row.address == "http://pictures.test/a.png"


class TestFetch:
    def test_wants_what_is_known_or_failed(self, staff):
        rows = [PictureAddressFactory(), PictureAddressFactory(state=State.FAILED, tries=5, problem="Gone.")]
        other = PictureAddressFactory()

        response = fetch(staff, *rows)

        assert messages_of(response) == ["2 pictures will be fetched."]
        states = PictureAddress.objects.order_by("pk").values_list("state", "tries", "problem")
        assert list(states) == [(State.WANTED, 0, ""), (State.WANTED, 0, ""), (other.state, 0, "")]
        assert DBTaskResult.objects.count() == 1

    def test_says_that_there_is_nothing_to_fetch(self, staff):
        response = fetch(staff, PictureAddressFactory(state=State.FETCHED), PictureAddressFactory(state=State.WANTED))

        assert messages_of(response) == ["Nothing to fetch: these pictures are here, or on their way."]
        assert not DBTaskResult.objects.exists()

    def test_many_are_wanted_in_parts(self, staff, monkeypatch):
        monkeypatch.setattr(picture_addresses, "WANTED_AT_ONCE", 2)

        response = fetch(staff, *[PictureAddressFactory() for _ in range(5)])

        assert messages_of(response) == ["5 pictures will be fetched."]

    @pytest.mark.parametrize("groups", [["Stock"], ["Orders"]])
    def test_is_closed_to_other_groups(self, groups):
        row = PictureAddressFactory()

        assert fetch(staff_client(*groups), row).status_code == 403

        row.refresh_from_db()
        assert row.state == State.KNOWN

    def test_is_closed_to_who_may_only_look_at_products(self):
        client = staff_client("Stock")
        client.user.user_permissions.add(Permission.objects.get(codename="view_product"))

        assert fetch(client, PictureAddressFactory()).status_code == 403
