import pytest
from django.utils import timezone

from catalog.importing.apply import import_products
from catalog.importing.options import Options
from catalog.tests.importing import write_csv, write_json


@pytest.fixture
def take_in(tmp_path, db):
    """Import records as JSON, or rows as CSV, and give the report."""

    def take_in(*records, as_csv: bool = False, progress=None, errors=None, **options):
        path = write_csv(tmp_path, list(records)) if as_csv else write_json(tmp_path, list(records))
        chosen = Options(**options)
        return import_products(path, at=timezone.now(), options=chosen, progress=progress, errors=errors)

    return take_in
