import pytest
from django.urls import reverse

from payments.models import TestCharge


@pytest.mark.django_db
class TestTestChargeAdmin:
    @pytest.fixture
    def charge(self):
        return TestCharge.objects.create(key="k", order_ref="7", amount=1234, currency="EUR", status="captured")

    def test_shows_what_the_gateway_did(self, admin_client, charge, django_assert_max_num_queries):
        with django_assert_max_num_queries(10):
            page = admin_client.get(reverse("admin:payments_testcharge_changelist")).content.decode()

        assert "1234" in page

    @pytest.mark.parametrize("action", ["change", "delete"])
    def test_is_written_by_nobody(self, admin_client, charge, action):
        address = reverse(f"admin:payments_testcharge_{action}", args=[charge.pk])

        assert admin_client.post(address, {"amount": 1, "post": "yes"}).status_code == 403
        assert TestCharge.objects.get().amount == 1234
