import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.api_keys import MOST_KEYS, key_of, make_key, revoke, scopes_open_to
from accounts.models import ApiKey, User
from accounts.tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

LIST = "/accounts/api-keys/"
NEW = "/accounts/api-keys/new/"
TYPED = {"name": "Till", "scopes": ["buy"]}
ADMIN_LIST = reverse("admin:accounts_apikey_changelist")
ADMIN_NEW = reverse("admin:accounts_apikey_add")
KEY = re.compile(r"shop_[\w-]{43}")


def keep_key(user, **changes) -> tuple[ApiKey, str]:
    return make_key(user, **{"name": "Till", "scopes": ["buy"], "at": timezone.now(), **changes})


def offered(page) -> list[str]:
    return [value for value, _label in page.context["form"].fields["scopes"].choices]


@pytest.fixture
def sam(client):
    """Logged in, and asked for the password a moment ago."""
    user = UserFactory(email="sam@example.com")
    client.force_login(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return user


class TestMakeKey:
    def test_keeps_no_more_than_a_hash_and_the_beginning(self):
        made, key = keep_key(UserFactory())

        columns = str(ApiKey.objects.values().get(pk=made.pk))
        assert KEY.fullmatch(key)
        assert key not in columns
        assert key[len(made.start) :] not in columns
        assert key_of(key, at=timezone.now()) == made

    @pytest.mark.parametrize("scopes", [[], ["all"], ["buy", "everything"]])
    def test_knows_no_other_scopes(self, scopes):
        with pytest.raises(ValueError, match="scopes are"):
            keep_key(UserFactory(), scopes=scopes)

        assert not ApiKey.objects.exists()

    def test_is_logged(self):
        sam, boss = UserFactory(), UserFactory()

        made, key = keep_key(sam, by=boss)
        revoke(made, at=timezone.now())
        revoke(made, at=timezone.now())

        entries = LogEntry.objects.order_by("pk")
        assert [(entry.user, entry.object_id) for entry in entries] == [(boss, str(made.pk)), (sam, str(made.pk))]
        assert not any(key in str(vars(entry)) for entry in entries)


class TestList:
    def test_shows_what_is_needed_to_tell_keys_apart(self, client, sam):
        made, key = keep_key(sam, scopes=["buy", "orders"])

        page = client.get(LIST).content.decode()

        assert "Till" in page
        assert made.start in page
        assert "Manage all orders" in page
        assert "never used" in page
        assert key not in page

    def test_shows_nobody_elses_and_none_that_is_revoked(self, client, sam):
        revoke(keep_key(sam)[0], at=timezone.now())
        keep_key(UserFactory())

        assert list(client.get(LIST).context["keys"]) == []

    def test_is_found_in_the_profile(self, client, sam):
        assert LIST in client.get("/accounts/profile/").content.decode()

    def test_needs_a_log_in(self, client):
        assert client.get(LIST).url == f"/accounts/login/?next={LIST}"

    def test_asks_the_database_the_same_for_many(self, client, sam):
        client.get(LIST)
        counts = []
        for wanted in (2, 18):
            for _ in range(wanted):
                keep_key(sam)
            with CaptureQueriesContext(connection) as statements:
                client.get(LIST)
            counts.append(len(statements))

        assert counts[0] == counts[1]


class TestMaking:
    def test_shows_the_key_once_on_a_page_that_nobody_keeps(self, client, sam):
        answer = client.post(NEW, TYPED)

        shown = KEY.findall(answer.content.decode())
        assert [key_of(key, at=timezone.now()).user for key in shown] == [sam]
        assert "no-store" in answer["Cache-Control"]
        assert not KEY.search(client.get(LIST).content.decode() + client.get("/accounts/profile/").content.decode())
        assert not any(KEY.search(str(session.get_decoded())) for session in Session.objects.all())

    def test_offers_a_shopper_to_buy_and_no_more(self, client, sam):
        answer = client.post(NEW, {"name": "Till", "scopes": ["buy", "orders"]})

        assert offered(client.get(NEW)) == ["buy"]
        assert "scopes" in answer.context["form"].errors
        assert not ApiKey.objects.exists()

    @pytest.mark.parametrize(
        ("group", "scopes"),
        [("Catalogue", ["buy", "catalogue"]), ("Stock", ["buy", "stock"]), ("Orders", ["buy", "orders"])],
    )
    def test_offers_staff_what_their_group_does(self, client, sam, group, scopes):
        sam.groups.add(Group.objects.get(name=group))

        assert offered(client.get(NEW)) == scopes

    def test_offers_a_superuser_all(self):
        assert scopes_open_to(User(is_superuser=True, is_active=True)) == list(ApiKey.Scope)

    @pytest.mark.parametrize(
        "typed", [{}, {"name": "Till"}, {"scopes": ["buy"]}, {"name": "x" * 81, "scopes": ["buy"]}]
    )
    def test_says_what_is_missing(self, client, sam, typed):
        answer = client.post(NEW, typed)

        assert answer.status_code == 200
        assert answer.context["form"].errors
        assert not ApiKey.objects.exists()

    def test_has_an_end(self, client, sam):
        for _ in range(MOST_KEYS):
            made, _key = keep_key(sam)

        refused = client.post(NEW, TYPED)
        revoke(made, at=timezone.now())
        client.post(NEW, TYPED)

        assert "Revoke one first." in refused.content.decode()
        assert sam.api_keys.filter(revoked_at=None).count() == MOST_KEYS

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_asks_for_the_password_first(self, client, method):
        client.force_login(UserFactory())

        answer = getattr(client, method)(NEW, TYPED)

        assert answer.url == f"/accounts/reauthenticate/?next={NEW.replace('/', '%2F')}" + (
            "%3Fname%3DTill%26scopes%3Dbuy" if method == "get" else ""
        )
        assert not ApiKey.objects.exists()

    def test_goes_on_after_the_password(self, client):
        client.force_login(UserFactory())
        ask = client.post(NEW, TYPED).url

        answer = client.post(ask, {"password": PASSWORD})

        assert KEY.search(answer.content.decode())
        assert "no-store" in answer["Cache-Control"]

    def test_needs_a_log_in(self, client):
        assert client.post(NEW, TYPED).url == f"/accounts/login/?next={NEW}"
        assert not ApiKey.objects.exists()

    def test_is_refused_to_other_sites(self, sam):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(sam)

        assert browser.post(NEW, TYPED).status_code == 403


class TestRevoking:
    def test_closes_the_key(self, client, sam):
        made, key = keep_key(sam)

        answer = client.post(f"{LIST}{made.pk}/revocation/")

        assert answer.url == LIST
        assert key_of(key, at=timezone.now()) is None
        assert ApiKey.objects.get().revoked_at is not None

    def test_of_a_strangers_is_not_found(self, client, sam):
        made, key = keep_key(UserFactory())

        assert client.post(f"{LIST}{made.pk}/revocation/").status_code == 404
        assert key_of(key, at=timezone.now()) == made

    def test_needs_a_form(self, client, sam):
        made, _key = keep_key(sam)

        assert client.get(f"{LIST}{made.pk}/revocation/").status_code == 405

    def test_leaves_a_deleted_time_alone(self, sam):
        made, _key = keep_key(sam)
        first = timezone.now()
        revoke(made, at=first)

        assert not revoke(made, at=first + timedelta(days=1))
        assert ApiKey.objects.get().revoked_at == first


class TestAdmin:
    def test_makes_a_key_for_any_account_and_shows_it_once(self, admin_client, admin_user):
        sam = UserFactory()
        typed = {"user": sam.pk, "name": "Warehouse", "scopes": ["stock", "orders"]}

        answer = admin_client.post(ADMIN_NEW, typed, follow=True)

        [key] = KEY.findall(answer.content.decode())
        made = key_of(key, at=timezone.now())
        assert (made.user, made.scopes) == (sam, ["orders", "stock"])
        assert not KEY.search(admin_client.get(ADMIN_LIST).content.decode())
        assert [entry.user for entry in LogEntry.objects.filter(object_id=made.pk)] == [admin_user]

    def test_revokes(self, admin_client, admin_user):
        keys = [keep_key(UserFactory()) for _ in range(2)]
        chosen = {"action": "revoke_keys", "_selected_action": [made.pk for made, _key in keys]}

        answer = admin_client.post(ADMIN_LIST, chosen, follow=True)

        assert "2 keys revoked." in answer.content.decode()
        assert [key_of(key, at=timezone.now()) for _made, key in keys] == [None, None]
        assert LogEntry.objects.filter(user=admin_user).count() == 2

    def test_changes_and_deletes_nothing(self, admin_client):
        made, _key = keep_key(UserFactory())
        page = reverse("admin:accounts_apikey_change", args=[made.pk])

        changed = admin_client.post(page, {"name": "Other", "scopes": ["orders"], "digest": "0" * 64})
        deleted = admin_client.post(reverse("admin:accounts_apikey_delete", args=[made.pk]), {"post": "yes"})

        assert admin_client.get(page).status_code == 200
        assert made.digest not in admin_client.get(page).content.decode()
        assert (changed.status_code, deleted.status_code) == (403, 403)
        assert ApiKey.objects.get().name == "Till"

    @pytest.mark.parametrize(("state", "count"), [("in_use", 2), ("revoked", 1), ("", 3)])
    def test_filters(self, admin_client, state, count):
        made = [keep_key(UserFactory())[0] for _ in range(3)]
        revoke(made[0], at=timezone.now())

        page = admin_client.get(f"{ADMIN_LIST}?state={state}" if state else ADMIN_LIST)

        assert page.context["cl"].queryset.count() == count

    def test_lists_in_the_same_few_statements(self, admin_client):
        counts = []
        for wanted in (2, 18):
            for _ in range(wanted):
                keep_key(UserFactory())
            with CaptureQueriesContext(connection) as statements:
                admin_client.get(ADMIN_LIST)
            counts.append(len(statements))

        assert counts[0] == counts[1]

    def test_lets_only_a_superuser_make_one(self, client):
        """Whoever has a key of an account can do what the account can."""
        staff = UserFactory(is_staff=True)
        staff.user_permissions.set(permissions("view_apikey", "add_apikey", "change_apikey", "view_user"))
        client.force_login(staff)
        boss = User.objects.create_superuser("boss@example.com", "x")

        answer = client.post(ADMIN_NEW, {"user": boss.pk, "name": "Mine", "scopes": ["orders"]})

        assert answer.status_code == 403
        assert not ApiKey.objects.exists()

    def test_lets_nobody_revoke_without_the_permission(self, client):
        staff = UserFactory(is_staff=True)
        staff.user_permissions.set(permissions("view_apikey"))
        client.force_login(staff)
        made, key = keep_key(UserFactory())

        client.post(ADMIN_LIST, {"action": "revoke_keys", "_selected_action": [made.pk]})

        assert key_of(key, at=timezone.now()) == made


def permissions(*codenames):
    return Permission.objects.filter(codename__in=codenames)
