import pytest
from django.urls import reverse

from pricing.models import ShippingMethod, TaxClass
from pricing.tests.factories import ShippingMethodFactory, TaxClassFactory, TaxRateFactory

pytestmark = pytest.mark.django_db

METHOD = {"code": "parcel", "name": "Parcel", "price": "4.90", "min_days": 2, "max_days": 4, "position": 0}


def rates(*rows):
    values = {"rates-TOTAL_FORMS": len(rows), "rates-INITIAL_FORMS": 0}
    for number, (country, rate) in enumerate(rows):
        values |= {f"rates-{number}-country": country, f"rates-{number}-rate": rate}
    return values


class TestShippingMethodAdmin:
    ADD = reverse("admin:pricing_shippingmethod_add")

    @pytest.fixture(autouse=True)
    def no_methods_to_begin_with(self, db):
        ShippingMethod.objects.all().delete()

    def test_makes_a_method_in_the_shops_currency(self, admin_client):
        admin_client.post(self.ADD, METHOD | {"countries": "de, AT,de", "free_from": "50"})

        method = ShippingMethod.objects.get()
        assert (method.currency, method.countries) == ("EUR", ["DE", "AT"])

    def test_delivers_everywhere_without_countries(self, admin_client):
        admin_client.post(self.ADD, METHOD | {"countries": ""})

        assert ShippingMethod.objects.get().countries == []

    @pytest.mark.parametrize(
        "wrong", [{"countries": "Germany"}, {"price": "4.905"}, {"price": "-1"}, {"min_days": 5, "max_days": 4}]
    )
    def test_refuses_what_could_not_be_charged_or_delivered(self, admin_client, wrong):
        response = admin_client.post(self.ADD, METHOD | wrong)

        assert response.context["adminform"].form.errors
        assert not ShippingMethod.objects.exists()

    def test_lists_prices_as_people_read_them(self, admin_client):
        ShippingMethodFactory(countries=["DE", "AT"])

        page = admin_client.get(reverse("admin:pricing_shippingmethod_changelist")).content.decode()

        assert "€4.90" in page
        assert "DE, AT" in page


class TestTaxClassAdmin:
    ADD = reverse("admin:pricing_taxclass_add")

    def test_keeps_rates_by_country(self, admin_client):
        admin_client.post(self.ADD, {"code": "books", "name": "Books", **rates(("DE", "7"), ("AT", "10"))})

        books = TaxClass.objects.get(code="books")
        assert {rate.country: rate.rate for rate in books.rates.all()} == {"DE": 7, "AT": 10}

    @pytest.mark.parametrize("row", [("DE", "101"), ("DE", "-1"), ("Germany", "19")])
    def test_refuses_a_rate_that_is_none(self, admin_client, row):
        admin_client.post(self.ADD, {"code": "books", "name": "Books", **rates(row)})

        assert not TaxClass.objects.filter(code="books").exists()

    def test_has_one_default(self, admin_client):
        TaxClassFactory()

        response = admin_client.post(self.ADD, {"code": "books", "name": "Books", "is_default": "on", **rates()})

        assert "switch it off there first" in response.context["adminform"].form.errors["is_default"][0]

    def test_lists_its_rates_in_few_statements(self, admin_client, django_assert_max_num_queries):
        TaxRateFactory(country="DE")
        TaxRateFactory(country="FR", rate=20)

        with django_assert_max_num_queries(10):
            page = admin_client.get(reverse("admin:pricing_taxclass_changelist")).content.decode()

        assert "DE 19 %, FR 20 %" in page
