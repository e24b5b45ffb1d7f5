import mimetypes

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class EcommerceConfig(AppConfig):
    name = "ecommerce"
    verbose_name = _("Shop")

    def ready(self) -> None:
        for ending in ("avif", "webp"):  # Python knows them from 3.13 on
            mimetypes.add_type(f"image/{ending}", f".{ending}")
        from ecommerce import checks  # noqa: F401  (registers them)
        from ecommerce.groups import make_groups

        post_migrate.connect(make_groups, sender=apps.get_app_config("auth"), dispatch_uid="ecommerce.groups")
