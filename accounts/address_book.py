from django.db import transaction

from accounts.models import Address, User


@transaction.atomic
def keep_address(address: Address) -> None:
    """Write an address into its account's book.

    A default takes the place of the earlier one; an account's first address
    becomes its default for delivery and billing.
    """
    User.objects.select_for_update().get(pk=address.user_id)
    others = Address.objects.filter(user=address.user_id).exclude(pk=address.pk)
    if not others.exists():
        address.is_default = address.is_default_billing = True
    for flag in ("is_default", "is_default_billing"):
        if getattr(address, flag):
            others.filter(**{flag: True}).update(**{flag: False})
    address.save()
