"""What a product page says of tax and delivery before anything is in the cart."""

from decimal import Decimal

from babel import Locale
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _

from pricing.models import ShippingMethod
from pricing.money import shown

METHODS_KEY = "catalog.delivery.methods"
SECONDS = 60


def tax_note() -> str:
    return _("Tax included, delivery extra.") if settings.PRICES_INCLUDE_TAX else _("Plus tax and delivery.")


def delivery_note(price: Decimal) -> str:
    """What the cheapest delivery of goods of `price` (shop's currency) to the shop's country costs and takes.

    Empty where nothing is delivered there. No statement while the methods are cached.
    """
    offered = [method for method in _methods() if method.delivers_to(settings.SHOP_COUNTRY)]
    if not offered:
        return ""
    method = min(offered, key=lambda method: method.price_for(price))
    cost = method.price_for(price)
    place = {"country": _country_name(), "price": shown(cost, settings.SHOP_CURRENCY)}
    sentence = _("Delivery to %(country)s from %(price)s") if cost else _("Free delivery to %(country)s")
    return f"{sentence % place}, {_days(method)}."


def _days(method: ShippingMethod) -> str:
    span = {"shortest": method.min_days, "longest": method.max_days}
    if method.min_days == method.max_days:
        return ngettext("in %(longest)d day", "in %(longest)d days", method.max_days) % span
    return _("in %(shortest)d to %(longest)d days") % span


def _country_name() -> str:
    locale = Locale.parse(to_locale(get_language() or settings.LANGUAGE_CODE))
    return locale.territories.get(settings.SHOP_COUNTRY, settings.SHOP_COUNTRY)


def _methods() -> list[ShippingMethod]:
    rows = cache.get_or_set(METHODS_KEY, _method_rows, SECONDS) or []
    return [ShippingMethod(**row) for row in rows]


def _method_rows() -> list[dict]:
    columns = ("price", "currency", "free_from", "countries", "min_days", "max_days")
    return list(ShippingMethod.objects.offered(settings.SHOP_CURRENCY).values(*columns))
