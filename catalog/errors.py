from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pricing.errors import ShopError


class OutOfStock(ShopError):
    """Fewer units are available than were asked for; nothing was changed."""

    code = "out_of_stock"
    status = 409

    def __init__(self, sku: str, available: int, name: str = "") -> None:
        self.sku = sku
        self.available = available
        self.fields = {"sku": sku, "available": available}
        self.fix = _("Choose fewer.") if available else _("Remove it, or choose something else.")
        subject = f"{name} ({sku})" if name else sku
        if available:
            sentence = ngettext(
                "Only %(count)d of %(subject)s is left.", "Only %(count)d of %(subject)s are left.", available
            ) % {"count": available, "subject": subject}
        else:
            sentence = _("%(subject)s is sold out.") % {"subject": subject}
        super().__init__(sentence)


class NotForSale(ShopError):
    """The variant is not offered (any more)."""

    code = "not_for_sale"
    status = 409

    def __init__(self, name: str, sku: str = "") -> None:
        self.sku = sku
        self.fix = _("Remove it from the cart, or choose something else.")
        super().__init__(_("%(name)s is no longer sold.") % {"name": name})


class UnitsReserved(ShopError):
    """Stock cannot fall below what orders hold; nothing was changed."""

    code = "units_reserved"
    status = 409

    def __init__(self, sku: str, reserved: int, references: list[str]) -> None:
        self.sku = sku
        self.references = references
        self.fields = {"sku": sku, "reserved": reserved, "orders": references}
        self.fix = _("Cancel or ship those orders first, or choose a higher number.")
        sentence = ngettext(
            "%(count)d unit of %(sku)s is held for: %(orders)s. Nothing was changed.",
            "%(count)d units of %(sku)s are held for: %(orders)s. Nothing was changed.",
            reserved,
        )
        super().__init__(sentence % {"count": reserved, "sku": sku, "orders": ", ".join(references)})


class StockChanged(ShopError):
    """The count that the change was based on no longer holds; nothing was changed."""

    code = "stock_changed"
    status = 409

    def __init__(self, sku: str, seen: int, on_hand: int) -> None:
        self.sku = sku
        self.fix = _("Look at the new count and enter the correction again.")
        super().__init__(
            _("%(sku)s had %(seen)d on hand when you opened the page and has %(on_hand)d now. Nothing was changed.")
            % {"sku": sku, "seen": seen, "on_hand": on_hand}
        )


class StockNotTracked(ShopError):
    """The variant has no stock record, so there is nothing to count."""

    code = "stock_not_tracked"
    status = 409

    def __init__(self, sku: str) -> None:
        self.sku = sku
        self.fields = {"sku": sku}
        self.fix = _("Switch stock tracking on for this variant first.")
        super().__init__(_("Stock of %(sku)s is not tracked.") % {"sku": sku})


class TooFewUnits(ShopError):
    """More units would be gone than were on hand; nothing was changed."""

    code = "too_few_units"
    status = 409

    def __init__(self, sku: str, on_hand: int) -> None:
        self.fields = {"sku": sku, "on_hand": on_hand}
        self.fix = _("Look at the count, and take away no more than that.")
        super().__init__(
            ngettext(
                "Only %(count)d unit of %(sku)s is on hand. Nothing was changed.",
                "Only %(count)d units of %(sku)s are on hand. Nothing was changed.",
                on_hand,
            )
            % {"count": on_hand, "sku": sku}
        )


class TooMuchStock(ShopError):
    """More units would be on hand than can be counted; nothing was changed."""

    code = "too_much_stock"
    status = 422

    def __init__(self, sku: str, most: int) -> None:
        self.fields = {"sku": sku, "most": most}
        self.fix = _("Look whether the number is right.")
        super().__init__(
            _("At most %(most)d units of %(sku)s can be on hand. Nothing was changed.") % {"most": most, "sku": sku}
        )


class InvalidPrice(ShopError):
    """A price that cannot be charged in its currency."""

    code = "invalid_price"
    status = 422

    def __init__(self, sentence: str, *, field: str = "price") -> None:
        self.fields = {field: sentence}
        self.fix = _("Enter an amount of zero or more in whole minor units of the currency.")
        super().__init__(sentence)


class Busy(ShopError):
    """The database stayed locked through every try; nothing was changed."""

    code = "busy"
    status = 503
    retry_after = 5

    def __init__(self) -> None:
        self.fix = _("Wait a few seconds and try again.")
        super().__init__(_("The shop is very busy just now. Nothing was changed."))


class InvalidPicture(ShopError):
    """An uploaded file that cannot become a picture; nothing was kept of it."""

    code = "invalid_picture"
    status = 422

    def __init__(self, sentence: str, fix: str = "") -> None:
        self.fields = {"image": sentence}
        self.fix = fix or _("Choose a JPEG, PNG, WebP, GIF or AVIF picture.")
        super().__init__(sentence)


class UnreadableFile(ShopError):
    """A file to import cannot be read, or is in no format that the shop knows."""

    code = "unreadable_file"
    status = 422


class WrongMap(ShopError):
    """What is said of the columns of a file to import cannot be."""

    code = "wrong_map"
    status = 422


class NotToBeConfirmed(ShopError):
    """An import is confirmed or discarded once, while it waits for that."""

    code = "not_to_be_confirmed"
    status = 409

    def __init__(self) -> None:
        self.fix = _("Look at its state, and upload the file again if need be.")
        super().__init__(_("This import does not wait for an answer any more; nothing was changed."))


class AnotherImport(ShopError):
    """One import at a time is taken in, so that two of them do not write the same products."""

    code = "another_import"
    status = 409

    def __init__(self) -> None:
        self.fix = _("Take this one in once that has ended.")
        super().__init__(_("Another import is being taken in just now; nothing was changed."))


class WrongCurrency(ShopError):
    """What was given as a currency is none."""

    code = "wrong_currency"
    status = 422


class InvalidCursor(ShopError):
    """A cursor that the shop did not give out for this list."""

    code = "invalid_cursor"
    status = 422

    def __init__(self) -> None:
        self.fix = _("Follow the link that came with a page, or begin again without a cursor.")
        sentence = _("This cursor does not belong to this list.")
        self.fields = {"cursor": sentence}
        super().__init__(sentence)


class ProductGone(ShopError):
    """The product is archived: it was here and is not sold any more."""

    code = "gone"
    status = 410

    def __init__(self, name: str) -> None:
        self.fix = _("Look for another one.")
        super().__init__(_("%(name)s is no longer sold.") % {"name": name})


class VariantRequired(ShopError):
    """The product has several variants and none was named; nothing was changed."""

    code = "variant_required"
    status = 422

    def __init__(self, name: str, ids: list[int]) -> None:
        self.fields = {"variant_id": ids}
        self.fix = _("Say which one by its variant_id.")
        super().__init__(_("%(name)s comes in several variants.") % {"name": name})


class UnknownVariant(ShopError):
    """The product has no variant of this id; nothing was changed."""

    code = "variant_not_found"
    status = 404

    def __init__(self, name: str, ids: list[int]) -> None:
        self.fields = {"variant_id": ids}
        self.fix = _("Name one of its own.")
        super().__init__(_("%(name)s has no such variant.") % {"name": name})


class InvalidOptions(ShopError):
    """Options by which variants cannot be told apart; nothing was changed."""

    code = "invalid_options"
    status = 422

    def __init__(self, sentence: str) -> None:
        self.fields = {"options": sentence}
        super().__init__(sentence)


class SkuTaken(ShopError):
    """A SKU stands for one variant of the whole shop; nothing was changed."""

    code = "sku_taken"
    status = 409

    def __init__(self, sku: str) -> None:
        self.fields = {"sku": sku}
        self.fix = _("Use another, or change the variant that has it.")
        super().__init__(_("The SKU %(sku)s stands for another variant. Nothing was changed.") % {"sku": sku})


class UnknownCategory(ShopError):
    """The shop has no such category, and none was made; nothing was changed."""

    code = "unknown_category"
    status = 422

    def __init__(self, sentence: str) -> None:
        self.fields = {"category": sentence}
        self.fix = _("Name one that the shop has, by its slug or name, or have it made.")
        super().__init__(sentence)


class NothingToSell(ShopError):
    """A product goes on sale only with something that can be bought; nothing was changed."""

    code = "nothing_to_sell"
    status = 422

    def __init__(self) -> None:
        sentence = _("An active product needs a variant that is on sale and has a price.")
        self.fields = {"status": sentence}
        self.fix = _("Enter one, or save a draft.")
        super().__init__(sentence)


class TooManyPictures(ShopError):
    """A product with more pictures would be too much for its page; nothing was kept."""

    code = "too_many_pictures"
    status = 409

    def __init__(self, most: int) -> None:
        self.fields = {"most": most}
        self.fix = _("Delete one of them first.")
        super().__init__(_("A product can have %(most)d pictures at most. Nothing was kept.") % {"most": most})
