from django.utils.translation import gettext as _

from catalog.errors import NotForSale
from pricing.errors import ShopError


class InvalidQuantity(ShopError):
    """Something that is no quantity; the cart was left as it is."""

    code = "invalid_quantity"
    status = 422

    def __init__(self, sentence: str) -> None:
        self.fields = {"quantity": sentence}
        self.fix = _("The cart was left as it is. Enter the quantity again.")
        super().__init__(sentence)


class VariantRequired(ShopError):
    """The product has several variants and none was named; the cart was left as it is."""

    code = "variant_required"
    status = 422

    def __init__(self, name: str) -> None:
        self.fields = {"variant_id": _("Say which variant.")}
        self.fix = _("Choose one of its variants.")
        super().__init__(_("%(name)s comes in several variants.") % {"name": name})


class UnknownVariant(NotForSale):
    """The product has no such variant; the cart was left as it is."""

    code = "variant_not_found"
    status = 404

    def __init__(self, name: str) -> None:
        self.sku = ""
        self.fix = _("Choose one of its variants.")
        ShopError.__init__(self, _("%(name)s has no such variant.") % {"name": name})


class NotInCart(ShopError):
    """What is to be changed or removed is not there; the cart was left as it is."""

    code = "not_in_cart"
    status = 404

    def __init__(self) -> None:
        self.fix = _("Look at the cart, and add the product if need be.")
        super().__init__(_("That product is not in the cart."))
