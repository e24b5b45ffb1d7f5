"""A variant's options as staff write them: ``Size: M, Colour: Red``."""

import re

from django import forms
from django.utils.translation import gettext as _

from catalog.errors import InvalidOptions
from catalog.variant_options import Options, check_options

# A comma parts two options only before another "name:", so that "Volume: 1,5 l" stays whole.
BETWEEN_OPTIONS = re.compile(r",(?=[^,:]+:)")


def as_text(options: Options) -> str:
    return ", ".join(f"{name}: {value}" for name, value in options)


def from_text(text: str) -> Options:
    """Pairs of name and value, in order. Raises ValueError with a sentence, and InvalidOptions."""
    pairs = []
    for part in BETWEEN_OPTIONS.split(text) if text.strip() else []:
        name, colon, value = (piece.strip() for piece in part.partition(":"))
        if not (name and colon and value):
            raise ValueError(_("Write each option as name: value, for example “Size: M, Colour: Red”."))
        pairs.append([name, value])
    check_options(pairs)
    return pairs


class OptionsField(forms.CharField):
    def prepare_value(self, value):
        return as_text(value) if isinstance(value, list) else value

    def to_python(self, value):
        try:
            return from_text(super().to_python(value))
        except (ValueError, InvalidOptions) as error:
            raise forms.ValidationError(str(error)) from None

    def validate(self, value):
        """The length is that of the title, which is checked; an empty list is one without options."""

    def run_validators(self, value):
        """The checks of a CharField are for texts; `to_python` has answered a list."""

    def has_changed(self, initial, data):
        return as_text(initial or []) != (data or "").strip()
