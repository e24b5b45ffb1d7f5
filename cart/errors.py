from django.utils.translation import gettext as _

from pricing.errors import ShopError


class InvalidQuantity(ShopError):
    """Something that is no quantity; the cart was left as it is."""

    code = "invalid_quantity"
    status = 422

    def __init__(self, sentence: str) -> None:
        self.fix = _("The cart was left as it is. Enter the quantity again.")
        super().__init__(sentence)


class VariantRequired(ShopError):
    """The product has several variants and none was named; the cart was left as it is."""

    code = "variant_required"
    status = 422

    def __init__(self, name: str) -> None:
        self.fix = _("Choose one of its variants.")
        super().__init__(_("%(name)s comes in several variants.") % {"name": name})
