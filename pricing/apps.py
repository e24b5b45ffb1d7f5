from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PricingConfig(AppConfig):
    name = "pricing"
    verbose_name = _("Pricing")

    def ready(self) -> None:
        post_migrate.connect(equip_new_shop, sender=self, dispatch_uid="pricing.equip_new_shop")


def equip_new_shop(sender, plan=(), **kwargs) -> None:
    """Give a shop whose tables were made just now its first rates and delivery methods."""
    from pricing.defaults import install_defaults

    made = {(migration.app_label, migration.name) for migration, backwards in plan if not backwards}
    if ("pricing", "0001_initial") in made:
        install_defaults()
