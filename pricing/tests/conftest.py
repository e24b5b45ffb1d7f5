import pytest

from pricing.models import ShippingMethod, TaxClass


@pytest.fixture(autouse=True)
def empty_tables(request):
    """Start without the rates and methods that a new shop is given."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        ShippingMethod.objects.all().delete()
        TaxClass.objects.all().delete()
