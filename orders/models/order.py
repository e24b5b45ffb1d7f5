import secrets

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.db.models.lookups import Exact
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import PostalAddress
from cart.models import Cart
from catalog.models import Variant
from orders.errors import IllegalMove
from orders.querysets import OrderQuerySet
from orders.states import FulfilmentState, OrderStatus, PaymentState, shown_status
from pricing.fields import MoneyField
from pricing.models import ShippingMethod
from pricing.money import DECIMAL_PLACES, TOO_HIGH

# Without I, L, O, U, 0 and 1, which are misread on paper and misheard on the phone.
NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_number() -> str:
    """A number for people, such as ``7K3M-Q9TX``: says nothing about how many orders there are."""
    digits = "".join(secrets.choice(NUMBER_ALPHABET) for _ in range(8))
    return f"{digits[:4]}-{digits[4:]}"


def new_token() -> str:
    """An unguessable token of 192 bits for the links of an order."""
    return secrets.token_urlsafe(24)


def same(left, right) -> Q:
    """Constraint: two sums of amounts are equal (SQLite adds decimals as binary fractions)."""
    return Q(Exact(Round(left, precision=DECIMAL_PLACES), Round(right, precision=DECIMAL_PLACES)))


class IdempotencyKey(models.Model):
    """A request's key, claimed in the transaction of what the request did.

    `user` is the account that was logged in to from the session that used it.
    """

    key = models.CharField(max_length=255, unique=True)
    request_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    def __str__(self) -> str:
        return self.key


class Order(PostalAddress):
    """The contract: what was bought, at which prices, and where it goes.

    The address columns are the delivery address. Amounts are in `currency`;
    those and the lines never change once placed, except that shipping and tax
    are quoted again when an order that has not been charged gets its address.
    """

    number = models.CharField(_("number"), max_length=9, unique=True, default=new_number, editable=False)
    token = models.CharField(max_length=43, unique=True, default=new_token, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("account"),
    )
    cart = models.OneToOneField(Cart, models.PROTECT, related_name="order", editable=False)
    claim = models.OneToOneField(IdempotencyKey, models.PROTECT, related_name="order", editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)

    billing_full_name = models.CharField(_("billing name"), max_length=150, blank=True)
    billing_address_line1 = models.CharField(_("billing address"), max_length=200, blank=True)
    billing_address_line2 = models.CharField(_("billing address line 2"), max_length=200, blank=True)
    billing_city = models.CharField(_("billing city"), max_length=120, blank=True)
    billing_postcode = models.CharField(_("billing postcode"), max_length=20, blank=True)
    billing_region = models.CharField(_("billing region"), max_length=120, blank=True)
    billing_country = models.CharField(_("billing country"), max_length=2, blank=True)
    billing_phone = models.CharField(_("billing phone"), max_length=40, blank=True)

    shipping_method = models.ForeignKey(ShippingMethod, models.SET_NULL, null=True, related_name="+")
    shipping_name = models.CharField(_("delivery method"), max_length=80, blank=True)

    currency = models.CharField(_("currency"), max_length=3)
    prices_include_tax = models.BooleanField(_("prices include tax"))
    subtotal = MoneyField(_("subtotal"))
    discount = MoneyField(_("discount"), default=0)
    shipping = MoneyField(_("shipping"))
    shipping_tax_rate = models.DecimalField(_("tax rate of shipping (%)"), max_digits=6, decimal_places=3)
    shipping_tax = MoneyField(_("tax of shipping"))
    tax = MoneyField(_("tax"))
    net = MoneyField(_("net"))
    total = MoneyField(_("total"))

    payment_state = models.CharField(
        _("payment"), max_length=16, choices=PaymentState.choices, default=PaymentState.AWAITING
    )
    fulfilment_state = models.CharField(
        _("fulfilment"), max_length=16, choices=FulfilmentState.choices, default=FulfilmentState.UNFULFILLED
    )
    placed_at = models.DateTimeField(_("placed"), default=timezone.now)
    hold_until = models.DateTimeField(_("held until"))

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="orders_newest"),
            models.Index(fields=["user", "-placed_at"], name="orders_of_account"),
            models.Index(fields=["payment_state", "hold_until"], name="orders_to_expire"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(subtotal__gte=0, discount__gte=0, shipping__gte=0, tax__gte=0, net__gte=0, total__gte=0)
                & Q(discount__lte=F("subtotal"), subtotal__lt=TOO_HIGH, total__lt=TOO_HIGH),
                name="orders_amounts_in_range",
            ),
            models.CheckConstraint(
                condition=(Q(prices_include_tax=True) & same(F("total"), F("subtotal") - F("discount") + F("shipping")))
                | (
                    Q(prices_include_tax=False)
                    & same(F("total"), F("subtotal") - F("discount") + F("shipping") + F("tax"))
                ),
                name="orders_total_is_the_sum",
            ),
            models.CheckConstraint(
                condition=same(F("total"), F("net") + F("tax")), name="orders_net_plus_tax_is_total"
            ),
            models.CheckConstraint(
                condition=Q(payment_state="awaiting")
                | ~(
                    Q(email="")
                    | Q(full_name="")
                    | Q(address_line1="")
                    | Q(billing_full_name="")
                    | Q(billing_address_line1="")
                    | Q(shipping_name="")
                ),
                name="orders_paid_order_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(payment_state__in=PaymentState.values) & Q(fulfilment_state__in=FulfilmentState.values),
                name="orders_known_states",
            ),
            models.CheckConstraint(
                condition=~Q(payment_state="awaiting") | Q(fulfilment_state__in=["unfulfilled", "cancelled"]),
                name="orders_nothing_packed_before_payment",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("orders:detail", args=[self.token])

    @property
    def status(self) -> OrderStatus:
        return shown_status(self.payment_state, self.fulfilment_state)

    @property
    def stock_reference(self) -> str:
        """How the stock ledger names this order."""
        return f"order {self.number}"

    def opens_for(self, *, user, cart_key: str | None, token: str = "") -> bool:
        """An account's order for that account only; a guest's for its session and whoever has its token.

        Reads `cart`.
        """
        if self.user_id is not None:
            return user is not None and user.pk == self.user_id
        has_session = bool(cart_key) and self.cart.key == cart_key
        return has_session or secrets.compare_digest(token.encode(), self.token.encode())

    def is_awaiting_payment(self) -> bool:
        return self.status is OrderStatus.AWAITING_PAYMENT

    def is_complete(self) -> bool:
        """Whether it has all that a paid order needs: e-mail, addresses and method."""
        return all(
            (self.email, self.full_name, self.address_line1, self.billing_full_name, self.billing_address_line1)
        ) and bool(self.shipping_name)

    def move_payment(self, new: PaymentState) -> None:
        """Set and save the payment state. Raises IllegalMove for a move that the table does not allow."""
        if new != self.payment_state:
            if not PaymentState(self.payment_state).may_become(new):
                raise IllegalMove(self, str(new.label).lower())
            self.payment_state = new
            self.save(update_fields=["payment_state"])

    def may_become(self, new: FulfilmentState) -> bool:
        """Whether its goods can take this step now; none is taken before it is paid."""
        is_paid = self.payment_state in (PaymentState.PAID, PaymentState.PARTLY_REFUNDED)
        return is_paid and FulfilmentState(self.fulfilment_state).may_become(new)

    def can_be_cancelled(self) -> bool:
        """By staff, while nothing has left the shelf."""
        return self.fulfilment_state in (FulfilmentState.UNFULFILLED, FulfilmentState.PACKED)


class OrderLine(models.Model):
    """One SKU of an order, copied at placing so that later changes leave it as it was."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+", verbose_name=_("variant"))
    sku = models.CharField(_("SKU"), max_length=100)
    name = models.CharField(_("name"), max_length=400)
    variant_title = models.CharField(_("variant"), max_length=200, blank=True)
    unit_price = MoneyField(_("unit price"))
    quantity = models.PositiveIntegerField(_("quantity"), validators=[MinValueValidator(1)])
    line_total = MoneyField(_("line total"))
    discount = MoneyField(_("discount"), default=0)
    tax_rate = models.DecimalField(_("tax rate (%)"), max_digits=6, decimal_places=3)
    tax = MoneyField(_("tax"))
    stock_reserved = models.BooleanField(_("stock reserved"))

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "variant"], name="orders_one_line_per_variant"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, unit_price__gte=0, tax__gte=0, discount__gte=0)
                & Q(discount__lte=F("line_total")),
                name="orders_line_amounts_in_range",
            ),
            models.CheckConstraint(
                condition=same(F("line_total"), F("unit_price") * F("quantity")),
                name="orders_line_total_is_the_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.sku}"
