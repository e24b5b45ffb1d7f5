"""The groups that staff belong to, each with just what its work needs."""

from django.apps import apps
from django.contrib.auth.management import create_permissions

GROUPS = {
    "Catalogue": {
        "catalog": [
            "add_category",
            "change_category",
            "delete_category",
            "view_category",
            "add_product",
            "change_product",
            "delete_product",  # which archives it
            "view_product",
            "add_variant",
            "change_variant",
            "view_variant",
            "add_productimage",
            "change_productimage",
            "delete_productimage",
            "view_productimage",
            "add_productattribute",
            "change_productattribute",
            "delete_productattribute",
            "view_productattribute",
        ],
    },
    "Stock": {"catalog": ["view_stockrecord", "change_stockrecord", "view_stockmovement"]},
    "Orders": {"orders": ["view_order", "change_order"], "payments": ["view_testcharge"]},
}


def make_groups(using: str, **kwargs) -> None:
    """Give each group exactly its permissions, after every migration; groups of other names stay as they are."""
    from django.contrib.auth.models import Group, Permission

    for app_label in {label for permissions in GROUPS.values() for label in permissions}:
        create_permissions(apps.get_app_config(app_label), verbosity=0, using=using)
    for name, permissions in GROUPS.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        wanted = [
            permission
            for app_label, codenames in permissions.items()
            for permission in Permission.objects.using(using).filter(
                content_type__app_label=app_label, codename__in=codenames
            )
        ]
        group.permissions.set(wanted)
