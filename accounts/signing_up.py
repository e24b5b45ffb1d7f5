from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.models import User


@transaction.atomic
def sign_up(request: HttpRequest, *, email: str, password: str) -> None:
    """Open an account, or leave the one that exists as it is; nobody is logged in.

    A new address gets a mail to confirm it, a known one a mail that says so.
    Nothing that the caller sees, nor the time it takes, tells which it was.
    """
    address = EmailAddress(email=email, primary=True)
    user = User(email=email)
    user.set_password(password)  # for a known address too, as this is what takes the time
    if User.objects.owner_of(email) is None:
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            pass  # the same form, sent twice: the other request made the account
        else:
            address.user = user
            address.save()
    # Not more often than each three minutes to one address; without a user it says that the account exists.
    send_verification_email_to_address(request, address, signup=True)
