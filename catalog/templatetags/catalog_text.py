from django import template
from django.utils.safestring import SafeString

from catalog.text import rendered

register = template.Library()


@register.filter
def rich_text(description: str) -> SafeString:
    """``{{ product.description|rich_text }}``: a description as safe HTML."""
    return rendered(description)
