import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.importing.bulk import CACHE_KILOBYTES, CHECKPOINT_PAGES, FIRST_AFTER, Statistics, much_is_written

pytestmark = pytest.mark.django_db


class TestStatistics:
    @pytest.mark.both_databases
    def test_are_made_anew_each_time_that_the_products_have_doubled(self, on_postgresql):
        statistics = Statistics()
        made = []
        for products in (FIRST_AFTER - 1, 1, FIRST_AFTER - 1, 1):
            with CaptureQueriesContext(connection) as captured:
                statistics.note(products)
            made.append(len(captured))

        assert made == ([0, 1, 0, 1] if on_postgresql else [0, 0, 0, 0])


class TestMuchIsWritten:
    def test_sqlite_is_as_before_afterwards(self):
        def settings() -> list[int]:
            with connection.cursor() as cursor:
                return [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("cache_size", "wal_autocheckpoint")]

        before = settings()
        with pytest.raises(KeyboardInterrupt), much_is_written():
            within = settings()
            raise KeyboardInterrupt

        assert within == [-CACHE_KILOBYTES, CHECKPOINT_PAGES]
        assert settings() == before
