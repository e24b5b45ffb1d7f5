import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import Category, OldSlug
from catalog.tests.factories import CategoryFactory, ProductFactory
from catalog.tests.staff import staff_client

pytestmark = pytest.mark.django_db

LIST = reverse("admin:catalog_category_changelist")


def form(category=None, **fields):
    columns = {"name": "Cups", "slug": "cups", "is_active": "on", "treebeard_position": "first-child"}
    if category is not None:
        columns |= {"name": category.name, "slug": category.slug}
    return {**columns, **fields}


@pytest.fixture
def catalogue():
    return staff_client("Catalogue")


class TestCategoryAdmin:
    def test_lists_in_the_same_few_statements(self, catalogue):
        counts = []
        for wanted in (2, 20):
            while Category.objects.count() < wanted:
                ProductFactory(category=CategoryFactory())
            with CaptureQueriesContext(connection) as statements:
                assert catalogue.get(LIST).status_code == 200
            counts.append(len(statements))

        assert counts[0] == counts[1] <= 10

    def test_puts_a_category_below_another(self, catalogue):
        top = CategoryFactory()

        catalogue.post(reverse("admin:catalog_category_add"), form(treebeard_ref_node=top.pk))

        assert Category.objects.get_parent(Category.objects.get(slug="cups")) == top

    def test_makes_its_description_safe(self, catalogue):
        catalogue.post(reverse("admin:catalog_category_add"), form(description="<p>Oak<script>x</script></p>"))

        assert Category.objects.get().description == "<p>Oak</p>"

    def test_remembers_the_address_before(self, catalogue):
        category = CategoryFactory(slug="mugs")

        catalogue.post(reverse("admin:catalog_category_change", args=[category.pk]), form(category, slug="cups"))

        assert OldSlug.objects.get(slug="mugs").category == category

    def test_takes_an_old_address_into_use_again(self, catalogue):
        category = CategoryFactory(slug="cups")
        OldSlug.objects.create(slug="mugs", category=category)

        catalogue.post(reverse("admin:catalog_category_change", args=[category.pk]), form(category, slug="mugs"))

        assert list(OldSlug.objects.values_list("slug", flat=True)) == ["cups"]

    def test_deletes_only_what_is_empty(self, catalogue):
        top = CategoryFactory()
        CategoryFactory(parent=top)
        filled = ProductFactory(category=CategoryFactory()).category
        empty = CategoryFactory()
        top.refresh_from_db()

        answers = [
            catalogue.post(reverse("admin:catalog_category_delete", args=[category.pk]), {"post": "yes"}).status_code
            for category in (top, filled, empty)
        ]

        assert answers == [403, 403, 302]
        assert Category.objects.count() == 3
