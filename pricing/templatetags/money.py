from django import template

from pricing.money import plain as plain_amount
from pricing.money import shown

register = template.Library()


@register.filter
def money(amount, currency):
    """``{{ price|money:currency }}``: the amount as people read it; nothing for None."""
    return "" if amount is None else shown(amount, currency)


@register.filter
def plain(amount, currency):
    """``{{ price|plain:currency }}``: the amount as programs read it, ``12.34``."""
    return "" if amount is None else plain_amount(amount, currency)
