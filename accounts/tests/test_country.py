from django.utils import translation

from accounts.templatetags.country import country_name


class TestCountryName:
    def test_is_said_in_the_active_language(self):
        with translation.override("en-gb"):
            assert country_name("DE") == "Germany"

    def test_is_the_code_where_none_is_known(self):
        assert country_name("??") == "??"
