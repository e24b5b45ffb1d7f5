import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import reverse

from catalog.tests.staff import staff_client

pytestmark = pytest.mark.django_db

PAGES = {
    "catalog_category_changelist": {"Catalogue"},
    "catalog_category_add": {"Catalogue"},
    "catalog_catalogueimport_changelist": {"Catalogue"},
    "catalog_catalogueimport_add": {"Catalogue"},
    "catalog_pictureaddress_changelist": {"Catalogue"},
    "catalog_product_changelist": {"Catalogue"},
    "catalog_product_add": {"Catalogue"},
    "catalog_stockrecord_changelist": {"Stock"},
    "catalog_stockmovement_changelist": {"Stock"},
    "orders_order_changelist": {"Orders"},
    "payments_testcharge_changelist": {"Orders"},
    "cart_cart_changelist": set(),
    "pricing_shippingmethod_changelist": set(),
    "pricing_taxclass_changelist": set(),
    "accounts_user_changelist": set(),
    "accounts_user_add": set(),
    "auth_group_changelist": set(),
}


@pytest.mark.parametrize("group", ["Catalogue", "Stock", "Orders"])
class TestGroup:
    def test_opens_its_own_pages_and_gets_403_for_all_others(self, group):
        client = staff_client(group)

        opened = {page for page in PAGES if client.get(reverse(f"admin:{page}")).status_code == 200}
        refused = {page for page in PAGES if client.get(reverse(f"admin:{page}")).status_code == 403}

        assert opened == {page for page, groups in PAGES.items() if group in groups}
        assert opened | refused == set(PAGES)

    def test_sees_only_its_own_in_the_menu(self, group):
        apps = staff_client(group).get(reverse("admin:index")).context["app_list"]

        shown = {f"{app['app_label']}_{model['object_name'].lower()}" for app in apps for model in app["models"]}
        assert shown == {page.rsplit("_", 1)[0] for page, groups in PAGES.items() if group in groups}

    def test_can_do_nothing_without_its_permissions(self, group):
        Group.objects.get(name=group).permissions.clear()
        client = staff_client(group)

        assert {client.get(reverse(f"admin:{page}")).status_code for page in PAGES} == {403}


class TestMakeGroups:
    def test_gives_each_group_just_its_permissions_again(self):
        stock = Group.objects.get(name="Stock")
        before = set(stock.permissions.all())
        stock.permissions.set(Permission.objects.filter(codename="delete_user"))

        call_command("migrate", verbosity=0)

        assert set(stock.permissions.all()) == before

    def test_leaves_other_groups_alone(self):
        own = Group.objects.create(name="Accountants")
        own.permissions.set(Permission.objects.filter(codename="view_order"))

        call_command("migrate", verbosity=0)

        assert own.permissions.count() == 1


class TestAdmin:
    def test_carries_the_shops_name(self, settings):
        settings.SHOP_NAME = "Oak & Clay"

        page = staff_client().get(reverse("admin:index")).content.decode()

        assert "Oak &amp; Clay</a>" in page

    def test_is_closed_to_shoppers(self, client, django_user_model):
        client.force_login(django_user_model.objects.create_user("shopper@example.com"))

        assert client.get(reverse("admin:orders_order_changelist")).status_code in (302, 403)
