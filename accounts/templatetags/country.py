from django import template

from accounts import addresses

register = template.Library()


@register.filter
def country_name(code: str) -> str:
    """``{{ order.country|country_name }}``: an ISO 3166 country in the active language."""
    return addresses.country_name(code)
