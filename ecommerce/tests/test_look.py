"""What holds for every page: the stylesheets' limits and how forms tell what is wrong."""

import re

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.conf import settings
from django.template.loader import render_to_string

STATIC = settings.BASE_DIR / "static"
SHOP_CSS = STATIC / "css" / "shop.css"
THEME_CSS = STATIC / "css" / "theme.css"
LARGEST_STYLES = 25_000  # bytes, both files
MOST_ICONS = 24


def declarations(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


class TestStylesheets:
    def test_stay_within_the_budget(self):
        assert SHOP_CSS.stat().st_size + THEME_CSS.stat().st_size <= LARGEST_STYLES

    def test_mirror_for_scripts_from_right_to_left(self):
        sides = re.findall(
            r"[\w-]*\b(?:left|right)\b[\w-]*\s*:|:\s*(?:left|right)\b", declarations(SHOP_CSS.read_text())
        )

        assert sides == []

    @pytest.mark.parametrize("literal", [r"#[0-9a-f]{3,8}\b", r"\b(?:rgb|hsl|oklch)a?\(", r"font-family:\s*[^v\s]"])
    def test_take_colours_and_fonts_from_the_theme(self, literal):
        assert re.findall(literal, declarations(SHOP_CSS.read_text())) == []

    def test_use_only_tokens_that_the_theme_has(self):
        tokens = set(re.findall(r"(--[\w-]+)\s*:", THEME_CSS.read_text() + SHOP_CSS.read_text()))

        assert set(re.findall(r"var\((--[\w-]+)", SHOP_CSS.read_text())) <= tokens


class TestSprite:
    def test_has_every_icon_that_a_page_shows(self):
        drawn = set(re.findall(r'<symbol id="(\w+)"', (STATIC / "img" / "sprite.svg").read_text()))
        pages = "".join(path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html"))

        assert set(re.findall(r'icon="(\w+)"', pages)) == drawn
        assert len(drawn) <= MOST_ICONS


class TestPages:
    def test_carry_no_inline_style_or_script(self):
        pages = (settings.BASE_DIR / "templates").rglob("*.html")
        wrong = [
            str(page)
            for page in pages
            if "email" not in page.parts and re.search(r"\sstyle=|<style|<script(?! src)|\son\w+=\"", page.read_text())
        ]

        assert wrong == []


class ParcelForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As on the door.")
    note = forms.CharField(label="Note", required=False)
    speed = forms.ChoiceField(label="Speed", choices=[("slow", "Slow"), ("fast", "Fast")], widget=forms.RadioSelect)


class TestForms:
    def test_describe_a_field_by_its_hint_and_its_error(self):
        page = render_crispy_form(ParcelForm({}))

        assert 'aria-describedby="id_name_helptext id_name_error"' in page
        assert 'id="id_name_helptext"' in page
        assert 'id="id_name_error"' in page
        assert 'aria-invalid="true"' in page

    def test_mark_optional_fields_only(self):
        page = render_crispy_form(ParcelForm())

        assert page.count("(optional)") == 1
        assert page.index("Note") < page.index("(optional)") < page.index("Speed")

    def test_summary_links_to_the_fields_in_error(self):
        summary = render_to_string("shop/errors.html", {"form": ParcelForm({})})

        assert "There is a problem" in summary
        assert re.findall(r'href="#(\w+)"', summary) == ["id_name", "id_speed_0"]

    def test_summary_is_absent_without_errors(self):
        assert render_to_string("shop/errors.html", {"form": ParcelForm()}).strip() == ""
