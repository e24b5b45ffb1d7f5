"""The examples of the API's reference do what they say."""

import json
import os
import re
import subprocess

import pytest
from django.conf import settings
from django.utils import timezone

from accounts import tokens
from accounts.tests.factories import PASSWORD
from catalog.models import Product
from catalog.tests.factories import VariantFactory
from ecommerce.tests.programs import staff_user
from orders.models import Order
from pricing.defaults import install_defaults

PAGE = (settings.BASE_DIR / "docs" / "reference" / "api.md").read_text()


@pytest.mark.programs("curl", "bash")
@pytest.mark.django_db(transaction=True)
def test_every_example_is_answered(live_server, tmp_path):
    install_defaults()
    seller = staff_user("Catalogue", email="seller@example.org")
    token, _ends = tokens.issue(seller, at=timezone.now())
    variant = VariantFactory()
    given = {
        "SHOP": live_server.url,
        "PRODUCT": str(variant.product_id),
        "KEY": "k1",
        "PASSWORD": PASSWORD,
        "TOKEN": token,
    }
    [commands] = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)

    answers = [
        json.loads(subprocess.check_output(["bash", "-ec", line], env=os.environ | given, cwd=tmp_path, timeout=30))
        for line in commands.splitlines()
    ]

    products, cart, order, log_in, made = answers
    assert products[0]["id"] == cart["items"][0]["product_id"] == order["items"][0]["product_id"] == variant.product_id
    assert (order["email"], Order.objects.get().pk) == ("ada@example.org", order["id"])
    assert log_in["user_id"] == seller.pk
    assert Product.objects.get(name="Oak shelf").pk == made["id"]
