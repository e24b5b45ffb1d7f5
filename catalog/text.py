"""Descriptions: what staff, imports and sellers write, made safe to show."""

from html import unescape

import nh3
from django.utils.html import linebreaks, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

ALLOWED_TAGS = {
    *("p", "br", "hr", "ul", "ol", "li", "dl", "dt", "dd", "strong", "b", "em", "i", "u", "s", "sub", "sup", "small"),
    *("h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "a", "span", "div"),
    *("table", "thead", "tbody", "tr", "th", "td", "caption"),
}
ALLOWED_ATTRIBUTES = {"a": {"href", "title"}, "th": {"colspan", "rowspan", "scope"}, "td": {"colspan", "rowspan"}}
CLEANER = nh3.Cleaner(tags=ALLOWED_TAGS, attributes=ALLOWED_ATTRIBUTES, url_schemes={"http", "https", "mailto"})


def clean_description(source: str) -> str:
    """`source` without anything that could run, track or restyle the page.

    Plain text is returned as it is, so that programs read back what they wrote.
    """
    source = source.replace("\x00", "").strip()
    if not nh3.is_html(source):
        return source
    return CLEANER.clean(source)


def rendered(description: str) -> SafeString:
    """`description` as safe HTML: cleaned once more, plain text in paragraphs."""
    if nh3.is_html(description):
        return mark_safe(clean_description(description))
    return mark_safe(linebreaks(description, autoescape=True))


def plain_text(description: str, *, limit: int) -> str:
    """The first `limit` characters of a description without markup, cut between words."""
    text = unescape(strip_tags(description.replace("<", " <"))) if nh3.is_html(description) else description
    return Truncator(" ".join(text.split())).chars(limit, truncate=" …")
