import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.addresses import (
    FIELDS,
    clean_address,
    countries,
    country_name,
    needs_city,
    needs_postcode,
    needs_region,
    region_choices,
)

CODES = [code for code, _name in countries()]


def address(**changes):
    values = {"full_name": "Sam Shopper", "address_line1": "Street 1", "city": "Town", "postcode": "10115"}
    return {**values, "country": "DE", **changes}


def errors_of(**changes):
    with pytest.raises(ValidationError) as caught:
        clean_address(address(**changes))
    return {name: sentences[0] for name, sentences in caught.value.message_dict.items()}


class TestCountries:
    def test_come_by_name(self):
        assert countries()[:2] == [("AF", "Afghanistan"), ("AX", "Åland Islands")]
        assert len(countries()) > 240

    def test_speak_the_active_language(self):
        with translation.override("de"):
            assert ("DE", "Deutschland") in countries()
            assert country_name("AT") == "Österreich"

    def test_that_are_not_known_keep_their_code(self):
        assert country_name("ZZ9") == "ZZ9"


class TestNeeds:
    def test_differ_by_country(self):
        assert (needs_region("US"), needs_region("DE"), needs_region("IT")) == (True, False, True)
        assert (needs_postcode("DE"), needs_postcode("HK"), needs_postcode("IE")) == (True, False, False)
        assert (needs_city("DE"), needs_city("SG")) == (True, False)

    @pytest.mark.parametrize("code", ["", "??", "ZZ", "de", "../DE"])
    def test_of_no_country_are_those_of_anywhere(self, code):
        assert (needs_region(code), needs_postcode(code), needs_city(code)) == (False, False, True)
        assert region_choices(code) == []


class TestRegionChoices:
    def test_are_codes_with_names(self):
        assert region_choices("US")[:2] == [("AL", "Alabama"), ("AK", "Alaska")]
        assert ("北海道", "Hokkaido") in region_choices("JP")

    def test_are_empty_where_any_text_will_do(self):
        assert region_choices("DE") == []

    @pytest.mark.parametrize("country", CODES)
    def test_are_each_accepted(self, country):
        for stored, shown in region_choices(country):
            for given_as in (stored, shown, shown.lower()):
                values = address(country=country, region=given_as, postcode=example_postcode(country))
                assert clean_address(values)["region"] == stored


def example_postcode(country):
    """A postcode that the rules' own error message gives as an example."""
    if not needs_postcode(country):
        return ""
    sentence = errors_of(country=country, postcode="?").get("postcode", "")
    return sentence.rpartition(" looks like ")[2].rstrip(".")


class TestCleanAddress:
    def test_returns_every_column(self):
        assert tuple(clean_address(address())) == FIELDS

    def test_trims_and_joins_blanks(self):
        assert clean_address(address(full_name="  Sam \t\n Shopper\x00 "))["full_name"] == "Sam Shopper"

    def test_keeps_names_of_any_script(self):
        assert clean_address(address(full_name="Đorđe 山田 O’Neill-Müller"))["full_name"] == "Đorđe 山田 O’Neill-Müller"

    def test_takes_a_country_in_small_letters(self):
        assert clean_address(address(country="de"))["country"] == "DE"

    @pytest.mark.parametrize(
        ("country", "typed", "written"),
        [
            ("DE", " 10 115 ", "10115"),
            ("DE", "D-10115", "10115"),
            ("GB", "sw1a1aa", "SW1A 1AA"),
            ("GB", "SW1A-1AA", "SW1A 1AA"),
            ("NL", "1234ab", "1234 AB"),
            ("PL", "00950", "00-950"),
            ("PT", "1000 205", "1000-205"),
            ("LU", "L-4750", "4750"),
            ("LV", "1073", "LV-1073"),
            ("SE", "111 57", "111 57"),
            ("JP", "１５４００２３", "154-0023"),
        ],
    )
    def test_writes_a_postcode_as_its_country_does(self, country, typed, written):
        region = region_choices(country)[0][0] if needs_region(country) else ""

        assert clean_address(address(country=country, postcode=typed, region=region))["postcode"] == written

    @pytest.mark.parametrize("postcode", ["1011", "101155", "1011A", "SW1A 1AA", "—"])
    def test_refuses_a_postcode_of_elsewhere_with_an_example(self, postcode):
        assert errors_of(postcode=postcode) == {"postcode": "This is not a postcode of Germany; one looks like 26133."}

    def test_keeps_what_a_country_does_not_ask_for(self):
        assert clean_address(address(country="HK", region="Kowloon", postcode="None"))["postcode"] == "NONE"
        assert clean_address(address(country="SG", city="Singapore", postcode="546080"))["city"] == "Singapore"

    def test_drops_a_region_where_addresses_have_none(self):
        assert clean_address(address(region="CA"))["region"] == ""

    def test_takes_a_region_by_name_or_code(self):
        for typed in ("california", "CA", "ca"):
            assert clean_address(address(country="US", postcode="95014", region=typed))["region"] == "CA"

    def test_names_each_field_that_is_missing(self):
        nothing = dict.fromkeys(("full_name", "address_line1", "city", "postcode"), " ")

        assert errors_of(**nothing) == {
            "full_name": "Enter a full name.",
            "address_line1": "Enter street and house number.",
            "city": "Enter a town or city.",
            "postcode": "Enter a postcode.",
        }

    def test_needs_a_region_where_the_country_does(self):
        assert errors_of(country="US", postcode="95014") == {"region": "Choose a state, province or region."}
        assert errors_of(country="US", postcode="95014", region="Bavaria") == {
            "region": "Choose a region from the list."
        }

    @pytest.mark.parametrize(
        ("country", "sentence"), [("", "Choose a country."), ("ZZ", "Choose a country from the list.")]
    )
    def test_needs_a_country(self, country, sentence):
        assert errors_of(country=country) == {"country": sentence}

    @pytest.mark.parametrize(
        ("typed", "written"),
        [
            ("", ""),
            ("(030) 123/456", "030 123 456"),
            ("+49 (0)30 1234-567", "+49 30 1234 567"),
            ("0049 30 123456", "+49 30 123456"),
            ("+1 555.123.4567", "+1 555 123 4567"),
        ],
    )
    def test_writes_a_phone_number_in_digits(self, typed, written):
        assert clean_address(address(phone=typed))["phone"] == written

    @pytest.mark.parametrize("phone", ["1234", "call me", "030 123456 ext 5", "1" * 18])
    def test_refuses_what_is_no_phone_number(self, phone):
        assert list(errors_of(phone=phone)) == ["phone"]

    def test_refuses_what_does_not_fit_its_column(self):
        assert errors_of(full_name="x" * 151) == {"full_name": "Use at most 150 characters."}
        assert clean_address(address(full_name="x" * 150))

    @given(
        country=st.sampled_from(CODES),
        values=st.dictionaries(st.sampled_from([name for name in FIELDS if name != "country"]), st.text(max_size=250)),
    )
    def test_leaves_a_clean_address_as_it_is(self, country, values):
        try:
            clean = clean_address({**values, "country": country})
        except ValidationError:
            return

        assert clean_address(clean) == clean
