"""What the OpenAPI document says is what the API does: requests that nobody thought of, a few an operation."""

from contextlib import nullcontext, suppress

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from accounts.tests.factories import UserFactory
from accounts.tokens import issue
from catalog.tests.factories import VariantFactory
from ecommerce.acceptance.fuzzing import CONFIG
from ecommerce.api import api
from orders.tests.factories import placed_order
from pricing.tests.factories import ShippingMethodFactory, TaxRateFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("small_shop", "one_connection")]

OPERATIONS = sorted(
    operation["operationId"] for path in api.get_openapi_schema()["paths"].values() for operation in path.values()
)
few = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def small_shop(db):
    TaxRateFactory()
    ShippingMethodFactory()
    VariantFactory(product__name="Mug")
    placed_order()


@pytest.fixture
def one_connection():
    """Let what is called as WSGI keep the test's connection, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def staff_headers():
    staff = UserFactory(is_staff=True, is_superuser=True)
    return {"Authorization": f"Bearer {issue(staff, at=timezone.now())[0]}"}


def try_out(operation_id: str, headers: dict[str, str]) -> None:
    """Send valid and invalid requests and let all checks look at the answers."""
    config = SchemathesisConfig.from_path(CONFIG)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=config)
    operation = schema.find_operation_by_id(operation_id)
    for mode in GenerationMode:

        @few
        @given(operation.as_strategy(generation_mode=mode))
        def conforms(case):
            case.call_and_validate(headers={"Accept-Encoding": "identity", **headers})

        # Nothing can be wrong about a request without parameters and body.
        with suppress(Unsatisfiable) if mode.is_negative else nullcontext():
            conforms()


class TestEveryOperation:
    @pytest.mark.parametrize("operation_id", OPERATIONS)
    def test_answers_anybody_as_documented(self, operation_id):
        try_out(operation_id, {})

    @pytest.mark.parametrize("operation_id", OPERATIONS)
    def test_answers_staff_as_documented(self, operation_id, staff_headers):
        try_out(operation_id, staff_headers)
