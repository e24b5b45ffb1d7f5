import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.text import clean_description, plain_text, rendered

HOSTILE = [
    "<script>alert(1)</script>",
    "<p onclick=alert(1)>x</p>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe src='https://example.com'></iframe>",
    "<style>body{display:none}</style>",
    "<p style='position:fixed'>x</p>",
    "<svg onload=alert(1)>",
    "<form action='https://example.com'><input></form>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<base href='https://example.com'>",
]


class TestCleanDescription:
    def test_simple_markup_stays(self):
        source = "<p>A <strong>heavy</strong> mug.</p><ul><li>300 ml</li></ul>"

        assert clean_description(source) == source

    def test_plain_text_is_returned_as_it_is(self):
        assert clean_description("  5 < 7 & 'so on'\nsecond line ") == "5 < 7 & 'so on'\nsecond line"

    def test_links_stay_and_tell_nothing(self):
        cleaned = clean_description('<a href="https://example.com/">more</a>')

        assert 'href="https://example.com/"' in cleaned
        assert "noopener" in cleaned and "noreferrer" in cleaned

    @pytest.mark.parametrize("source", HOSTILE)
    def test_what_could_run_track_or_restyle_is_removed(self, source):
        cleaned = clean_description(f"<p>before</p>{source}").lower()

        for danger in ("<script", "alert(1)</", "javascript:", "onerror", "onclick", "onload", "<img", "<iframe"):
            assert danger not in cleaned
        for danger in ("<style", "style=", "<form", "<input", "<base", "<svg", "data:"):
            assert danger not in cleaned

    def test_a_null_character_is_dropped(self):
        assert clean_description("a\x00b") == "ab"

    @given(st.text())
    def test_cleaning_twice_changes_nothing_more(self, source):
        once = clean_description(source)

        assert clean_description(once) == once


class TestRendered:
    def test_plain_text_becomes_paragraphs(self):
        assert rendered("first\n\nsecond") == "<p>first</p>\n\n<p>second</p>"

    def test_plain_text_is_escaped(self):
        assert rendered("5 < 7 & more") == "<p>5 &lt; 7 &amp; more</p>"

    @pytest.mark.parametrize("source", HOSTILE)
    def test_what_was_written_past_the_door_is_cleaned_again(self, source):
        html = rendered(f"<p>before</p>{source}").lower()

        assert "<script" not in html and "onerror" not in html and "javascript:" not in html


class TestPlainText:
    def test_markup_is_left_out(self):
        assert plain_text("<p>A&nbsp;mug.</p><p>Two &amp; more.</p>", limit=100) == "A mug. Two & more."

    def test_it_is_cut_at_the_limit(self):
        assert plain_text("a heavy mug for coffee", limit=12) == "a heavy mu …"
