from babel import Locale
from django import template
from django.utils.translation import get_language, to_locale

register = template.Library()


@register.filter
def country_name(code: str) -> str:
    """``{{ order.country|country_name }}``: an ISO 3166 country in the active language."""
    locale = Locale.parse(to_locale(get_language() or "en-gb"))
    return locale.territories.get(code, code)
