import factory
from allauth.account.models import EmailAddress
from factory.django import DjangoModelFactory

from accounts.models import Address, User

PASSWORD = "seven green bicycles"


class UserFactory(DjangoModelFactory):
    """A shopper who logs in with `PASSWORD`; ``verified=True`` has confirmed the address."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        staff = factory.Trait(is_staff=True)

    email = factory.Sequence("shopper{}@example.com".format)
    password = PASSWORD
    full_name = "Sam Shopper"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(*args, **kwargs)

    @factory.post_generation
    def verified(self, create, extracted, **kwargs):
        EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=bool(extracted))


class AddressFactory(DjangoModelFactory):
    class Meta:
        model = Address

    user = factory.SubFactory(UserFactory)
    full_name = "Sam Shopper"
    address_line1 = "Invalidenstraße 1"
    city = "Berlin"
    postcode = "10115"
    country = "DE"
