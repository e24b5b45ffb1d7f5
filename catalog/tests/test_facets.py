import pytest
from django.http import QueryDict

from catalog.facets import Facets, parameter_of
from catalog.menu import attribute_names
from catalog.models import Product
from catalog.tests.factories import ProductAttributeFactory, ProductFactory

pytestmark = pytest.mark.django_db


def facets(address: str = "") -> Facets:
    return Facets(attribute_names(), QueryDict(address))


def counted(address: str = "") -> dict[str, dict[str, int]]:
    """Counts of each value, by facet, with `address` chosen."""
    chosen, products = facets(address), Product.objects.all()
    found = chosen.counted(products, narrowed=chosen.narrowed(products))
    return {facet.name: {value.value: value.count for value in facet.values} for facet in found}


def narrowed(address: str) -> set[str]:
    return {product.name for product in facets(address).narrowed(Product.objects.all())}


@pytest.fixture
def furniture():
    """Five pieces of two brands in two materials and two colours."""
    for name, brand, material, colour in [
        ("chair", "Nord", "Oak", "Red"),
        ("table", "Nord", "Oak", "Blue"),
        ("stool", "Nord", "Pine", "Red"),
        ("shelf", "Süd", "Oak", "Red"),
        ("bench", "Süd", "Pine", "Blue"),
    ]:
        product = ProductFactory(name=name, brand=brand)
        ProductAttributeFactory(product=product, name="Material", value=material)
        ProductAttributeFactory(product=product, name="Main colour", value=colour)


class TestNarrowed:
    def test_values_of_one_facet_mean_or(self, furniture):
        assert narrowed("attr_material=Oak&attr_material=Pine") == {"chair", "table", "stool", "shelf", "bench"}

    def test_facets_mean_and(self, furniture):
        assert narrowed("attr_material=Oak&attr_main-colour=Red&brand=Nord") == {"chair"}

    @pytest.mark.parametrize("address", ["attr_weight=1", "attr_=1", "attr_material=", "brand=", "attr_material=%00"])
    def test_what_means_nothing_is_ignored(self, furniture, address):
        assert len(narrowed(address)) == 5

    def test_an_unknown_value_fits_nothing(self, furniture):
        assert narrowed("attr_material=Steel") == set()


class TestCounted:
    def test_every_value_says_how_many(self, furniture):
        assert counted() == {
            "Brand": {"Nord": 3, "Süd": 2},
            "Material": {"Oak": 3, "Pine": 2},
            "Main colour": {"Red": 3, "Blue": 2},
        }

    def test_counts_are_those_after_the_other_facets(self, furniture):
        assert counted("attr_material=Oak") == {
            "Brand": {"Nord": 2, "Süd": 1},
            "Material": {"Oak": 3, "Pine": 2},
            "Main colour": {"Red": 2, "Blue": 1},
        }

    def test_a_chosen_brand_leaves_the_other_to_choose(self, furniture):
        found = counted("brand=Nord&attr_material=Pine")

        assert found["Brand"] == {"Nord": 1, "Süd": 1}
        assert found["Material"] == {"Oak": 2, "Pine": 1}

    def test_a_chosen_value_stays_at_zero(self, furniture):
        assert counted("attr_material=Steel")["Material"]["Steel"] == 0

    def test_it_takes_one_statement_whatever_is_chosen(self, furniture, django_assert_num_queries):
        products, chosen = Product.objects.all(), facets("brand=Nord&attr_material=Oak&attr_main-colour=Red")

        with django_assert_num_queries(1):
            chosen.counted(products, narrowed=chosen.narrowed(products))

    def test_a_facet_of_one_value_tells_nothing(self):
        for _ in range(3):
            ProductAttributeFactory(name="Made in", value="Portugal")

        assert counted() == {}

    def test_a_facet_with_a_value_for_every_product_tells_nothing(self):
        for number in range(20):
            ProductAttributeFactory(name="ISBN", value=str(number))

        assert counted() == {}

    def test_the_most_frequent_values_are_shown_by_name(self):
        for number in range(20):
            ProductAttributeFactory(name="Size", value=f"{number:02}")
        ProductAttributeFactory(name="Size", value="19")

        values = list(counted()["Size"])

        assert len(values) == 12
        assert values == sorted(values)
        assert "19" in values


class TestParameter:
    @pytest.mark.parametrize("name, param", [("Material", "attr_material"), ("Größe & Länge", "attr_größe-länge")])
    def test_it_is_the_name_as_a_slug(self, name, param):
        assert parameter_of(name) == param

    def test_names_of_one_slug_are_one_facet(self):
        ProductAttributeFactory(name="Colour", value="Red")
        ProductAttributeFactory(name="colour", value="Red")
        ProductAttributeFactory(name="colour", value="Blue")

        assert list(counted().values()) == [{"Red": 2, "Blue": 1}]
        assert len(facets("attr_colour=Red").narrowed(Product.objects.all())) == 2
