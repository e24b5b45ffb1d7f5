import pytest

from catalog import search
from catalog.cards import with_cards
from catalog.listing import COLUMNS, RELEVANCE
from catalog.models import Product
from catalog.tests.factories import CategoryFactory, ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def found(query: str) -> list[str]:
    query = search.clean_query(query)
    products = search.with_rank(search.matching(Product.objects.published(), query), query)
    return [product.name for product in products.order_by(*COLUMNS[RELEVANCE])]


@pytest.fixture
def mug():
    """A product with something to be found in every place."""
    product = ProductFactory(
        name="Hugo mug",
        brand="Fjordware",
        summary="For long mornings",
        description="<p>Fired twice in stoneware.</p>",
        category=CategoryFactory(name="Tableware"),
    )
    return VariantFactory(product=product, sku="HUGO-01", barcode="4006381333931")


class TestMatching:
    @pytest.mark.parametrize("word", ["hugo", "FJORD", "mornings", "stoneware", "tablew", "hugo-01", "4006381333931"])
    def test_a_word_fits_in_every_place(self, mug, word):
        assert found(word) == ["Hugo mug"]

    def test_words_may_fit_in_different_places(self, mug):
        assert found("stoneware hugo") == ["Hugo mug"]

    def test_every_word_must_fit(self, mug):
        assert found("hugo porcelain") == []

    @pytest.mark.parametrize("wildcard", ["%", "_", "h_go", "\\"])
    def test_wildcards_are_letters(self, mug, wildcard):
        assert found(wildcard) == []

    def test_codes_of_what_is_not_sold_find_nothing(self, mug):
        VariantFactory(product=mug.product, title="old", sku="OLD-7", is_active=False)

        assert found("OLD-7") == []


class TestRelevance:
    def test_the_name_counts_before_the_text(self):
        for name, description in [
            ("Plate", "goes with every bowl"),
            ("Bowl", ""),
            ("Salad bowl", ""),
            ("Bowl stand", ""),
        ]:
            VariantFactory(product__name=name, product__description=description)

        assert found("bowl") == ["Bowl", "Bowl stand", "Salad bowl", "Plate"]

    def test_an_exact_code_comes_first(self):
        VariantFactory(product__name="A100 holder")
        VariantFactory(product__name="Lamp", sku="a100")

        assert found("A100") == ["Lamp", "A100 holder"]


class TestCleanQuery:
    @pytest.mark.parametrize(
        "typed, query", [("  oak \t table\n", "oak table"), ("oak\x00table", "oak table"), ("\x00", ""), ("", "")]
    )
    def test_it_is_one_plain_line(self, typed, query):
        assert search.clean_query(typed) == query

    def test_it_ends(self):
        assert len(search.clean_query("x" * 10_000)) == search.LONGEST_QUERY


class TestExactly:
    def exactly(self, query):
        products = list(Product.objects.published())
        with_cards(products)
        return search.exactly(products, query)

    @pytest.mark.parametrize("query", ["HUGO-01", "hugo-01", "4006381333931"])
    def test_a_code_names_its_variant(self, mug, query):
        assert self.exactly(query) == mug

    def test_part_of_a_code_names_none(self, mug):
        assert self.exactly("HUGO") is None

    def test_a_barcode_of_two_products_names_none(self, mug):
        VariantFactory(barcode=mug.barcode)

        assert self.exactly(mug.barcode) is None
