import pytest

from catalog import menu
from catalog.models import Category
from catalog.tests.factories import CategoryFactory, ProductAttributeFactory

pytestmark = pytest.mark.django_db


def names(branches) -> list[str]:
    return [branch.name for branch in branches]


@pytest.fixture
def kitchen():
    """Kitchen, with Mugs, with Espresso cups."""
    kitchen = CategoryFactory(name="Kitchen", slug="kitchen")
    mugs = CategoryFactory(name="Mugs", slug="mugs", parent=kitchen)
    CategoryFactory(name="Espresso cups", slug="espresso-cups", parent=mugs)
    return kitchen


class TestTree:
    def test_top_categories_hold_those_below(self, kitchen):
        CategoryFactory(name="Garden")

        tree = menu.tree()

        assert names(tree.top) == ["Kitchen", "Garden"]
        assert names(tree.top[0].children_shown) == ["Mugs"]
        assert names(tree.top[0].children_shown[0].children_shown) == ["Espresso cups"]

    def test_a_hidden_category_hides_all_below_it(self, kitchen):
        Category.objects.filter(slug="mugs").update(is_active=False)

        tree = menu.tree()

        assert tree.top[0].children_shown == []
        assert list(tree.by_slug) == ["kitchen"]

    def test_the_trail_leads_from_the_top_to_the_category(self, kitchen):
        cups = Category.objects.get(slug="espresso-cups")

        assert names(menu.tree().trail(cups)) == ["Kitchen", "Mugs", "Espresso cups"]

    def test_a_hidden_category_has_no_trail(self, kitchen):
        Category.objects.filter(slug="mugs").update(is_active=False)

        assert menu.tree().trail(Category.objects.get(slug="espresso-cups")) == []

    def test_it_is_read_once(self, kitchen, django_assert_num_queries):
        menu.tree()

        with django_assert_num_queries(0):
            assert menu.find("mugs").name == "Mugs"


class TestFind:
    def test_a_category_newer_than_the_cache_is_found(self, kitchen):
        menu.tree()
        CategoryFactory(name="Garden", slug="garden")

        assert menu.find("garden").name == "Garden"

    def test_an_unknown_one_is_none(self, kitchen):
        assert menu.find("cellar") is None


class TestForget:
    def test_a_new_name_shows_at_once(self, kitchen):
        menu.tree()
        Category.objects.filter(slug="kitchen").update(name="Cooking")

        menu.forget()

        assert names(menu.tree().top) == ["Cooking"]

    def test_a_new_attribute_is_known_at_once(self):
        assert menu.attribute_names() == []
        ProductAttributeFactory(name="Material")

        menu.forget()

        assert menu.attribute_names() == ["Material"]
