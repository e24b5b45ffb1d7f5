from django.utils.translation import gettext as _

from pricing.errors import ShopError


class InvalidQuantity(ShopError):
    """Something that is no quantity; the cart was left as it is."""

    code = "invalid_quantity"
    status = 422

    def __init__(self, sentence: str) -> None:
        self.fields = {"quantity": sentence}
        self.fix = _("The cart was left as it is. Enter the quantity again.")
        super().__init__(sentence)


class NotInCart(ShopError):
    """What is to be changed or removed is not there; the cart was left as it is."""

    code = "not_in_cart"
    status = 404

    def __init__(self) -> None:
        self.fix = _("Look at the cart, and add the product if need be.")
        super().__init__(_("That product is not in the cart."))
