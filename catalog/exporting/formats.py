"""The formats in which the catalogue can be had."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.exporting.jsonl import json_lines
from catalog.exporting.shopify import shopify_csv

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Format(models.TextChoices):
    SHOPIFY = "shopify", _("Shopify CSV")
    JSONL = "jsonl", _("JSON lines")


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """`texts` gives the file piece by piece, after the `heading` pieces a piece a product."""

    name: "StrOrPromise"
    ending: str
    content_type: str
    heading: int
    texts: Callable[[], Iterator[str]]


FORMATS = {
    Format.SHOPIFY: ExportFormat(Format.SHOPIFY.label, ".csv", "text/csv; charset=utf-8", 1, shopify_csv),
    Format.JSONL: ExportFormat(Format.JSONL.label, ".jsonl", "application/x-ndjson", 0, json_lines),
}
