import pytest

from catalog import choice
from catalog.models import Variant
from catalog.tests.factories import ProductFactory, VariantFactory

pytestmark = pytest.mark.django_db


def shirt(*rows: tuple[str, str, int]) -> list[Variant]:
    """Variants of one shirt by size, colour and units on hand; the SKU is size-colour."""
    product = ProductFactory(name="Shirt", slug="shirt")
    for position, (size, colour, on_hand) in enumerate(rows):
        VariantFactory(
            product=product,
            sku=f"{size}-{colour}",
            options=[["Size", size], ["Colour", colour]],
            on_hand=on_hand,
            position=position,
        )
    return list(product.variants.with_stock().in_order())


def ways(options) -> dict[str, dict[str, str]]:
    """The SKU to which each value of each option leads."""
    return {option.name: {value.value: value.variant.sku for value in option.values} for option in options}


class TestChosenVariant:
    def test_the_only_one_is_chosen_even_if_sold_out(self):
        variants = shirt(("S", "Red", 0))

        assert choice.chosen_variant(variants, "") == variants[0]

    def test_of_several_none_is_chosen_for_the_shopper(self):
        assert choice.chosen_variant(shirt(("S", "Red", 1), ("M", "Red", 0)), "") is None

    @pytest.mark.parametrize("sku", ["M-Red", "m-red", " M-Red "])
    def test_a_sku_chooses(self, sku):
        variants = shirt(("S", "Red", 1), ("M", "Red", 1))

        assert choice.chosen_variant(variants, sku) == variants[1]

    @pytest.mark.parametrize("sku", ["XL-Red", "\x00", "%", "x" * 10_000])
    def test_another_sku_chooses_none(self, sku):
        assert choice.chosen_variant(shirt(("S", "Red", 1), ("M", "Red", 1)), sku) is None


class TestOptions:
    def test_a_value_leads_to_what_differs_in_it_alone(self):
        variants = shirt(("S", "Red", 1), ("S", "Blue", 1), ("M", "Red", 1), ("M", "Blue", 1))

        options = choice.options(variants, variants[3])

        assert ways(options) == {
            "Size": {"S": "S-Blue", "M": "M-Blue"},
            "Colour": {"Red": "M-Red", "Blue": "M-Blue"},
        }

    def test_the_chosen_values_are_selected(self):
        variants = shirt(("S", "Red", 1), ("M", "Blue", 1))

        options = choice.options(variants, variants[1])

        assert [[value.selected for value in option.values] for option in options] == [[False, True], [False, True]]

    def test_a_value_without_that_combination_leads_to_one_in_stock(self):
        variants = shirt(("S", "Blue", 1), ("M", "Red", 0), ("M", "Green", 1))

        options = choice.options(variants, variants[0])

        assert ways(options)["Size"]["M"] == "M-Green"

    def test_a_sold_out_combination_says_so_and_can_be_looked_at(self):
        variants = shirt(("S", "Red", 1), ("M", "Red", 0))

        small, medium = choice.options(variants, variants[0])[0].values

        assert (small.sold_out, medium.sold_out) == (False, True)
        assert medium.variant_url.endswith("-shirt/?variant=M-Red")

    def test_variants_without_options_are_told_by_title(self):
        product = ProductFactory()
        VariantFactory(product=product, title="Small box", sku="A")
        VariantFactory(product=product, title="", sku="B")

        options = choice.options(list(product.variants.in_order().with_stock()), None)

        assert ways(options) == {"Variant": {"Small box": "A", "B": "B"}}

    @pytest.mark.parametrize("written", [{"Size": "M"}, ["Size", "M"], [["Size"]], "M", None, 7])
    def test_options_of_another_shape_are_passed_over(self, written):
        assert choice.option_pairs(Variant(options=written, title="Large")) == {"Variant": "Large"}

    def test_a_single_variant_has_no_choice(self):
        variants = shirt(("S", "Red", 1))

        assert choice.options(variants, variants[0]) == []
