from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

BUY = "buy"


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """Create a shopper. Raises ValueError without an e-mail address."""
        if not email:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=(username or "").strip())

    def owner_of(self, email: str) -> "User | None":
        """The account that an address belongs to: whose log-in it is, or who confirmed it.

        An address that somebody merely added to an account of theirs is not theirs.
        """
        email = email.lower()
        is_confirmed = Q(emailaddress__email=email, emailaddress__verified=True)
        return self.filter(Q(email=email) | is_confirmed).order_by("pk").first()


class User(AbstractBaseUser, PermissionsMixin):
    """A shopper or a member of staff; the e-mail address is the log-in, whatever its case."""

    email = models.EmailField(_("e-mail"), max_length=254)
    full_name = models.CharField(_("full name"), max_length=150, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May log in to the admin."))
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Switch off instead of deleting."))
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects = UserManager()

    # What this request may do of what the account may: permissions and `BUY`; None sets no limit.
    limits: frozenset[str] | None = None

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_email_unique_whatever_its_case")]

    def __str__(self) -> str:
        return self.email

    def has_perm(self, perm: str, obj=None) -> bool:
        return (self.limits is None or perm in self.limits) and super().has_perm(perm, obj)

    def may_buy(self) -> bool:
        """Whether this request may use the account's cart and orders."""
        return self.limits is None or BUY in self.limits

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name or self.email


class PostalAddress(models.Model):
    """The columns of an address wherever one is kept; `country` is ISO 3166."""

    full_name = models.CharField(_("full name"), max_length=150)
    address_line1 = models.CharField(_("address"), max_length=200)
    address_line2 = models.CharField(_("address line 2"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    region = models.CharField(_("region"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2)
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    class Meta:
        abstract = True


class Address(PostalAddress):
    """An address in an account's book."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="addresses")
    is_default = models.BooleanField(_("default delivery address"), default=False)
    is_default_billing = models.BooleanField(_("default billing address"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(is_default=True), name="accounts_one_default_address"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_default_billing=True), name="accounts_one_default_billing_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name}, {self.address_line1}, {self.postcode} {self.city}, {self.country}"


class ApiKey(models.Model):
    """A key with which a program acts for an account, as far as its scopes go and no further than the account may.

    Only a hash of it is kept: the key has 256 random bits, so a fast hash is enough.
    """

    class Scope(models.TextChoices):
        BUY = BUY, _("Buy: cart, checkout and own orders")
        CATALOGUE = "catalogue", _("Manage products")
        STOCK = "stock", _("Manage stock")
        ORDERS = "orders", _("Manage all orders")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("What uses it, for example: till in the shop."))
    start = models.CharField(_("begins with"), max_length=16, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    def scope_labels(self) -> list[str]:
        return [str(scope.label) for scope in self.Scope if scope in self.scopes]
