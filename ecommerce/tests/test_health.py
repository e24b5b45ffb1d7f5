import pytest
from django.db import OperationalError, connection
from django.test import override_settings


class TestHealthz:
    def test_a_process_that_answers_is_healthy(self, client):
        answer = client.get("/healthz", headers={"Host": "10.0.0.7"})  # a name that is not ours, as probes use

        assert (answer.status_code, answer.content) == (200, b"ok\n")
        assert answer["Cache-Control"] == "no-store"

    def test_it_needs_no_database(self, client):
        """This test may not touch the database, and would fail if the probe did."""
        assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
class TestReadyz:
    def test_all_well_is_200(self, client):
        answer = client.get("/readyz")

        assert answer.status_code == 200
        assert answer.json() == {"database": "ok", "cache": "ok", "migrations": "ok"}

    def test_an_unapplied_migration_is_503(self, client):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["migrations"] == "1 unapplied"

    def test_a_cache_that_is_away_is_503(self, client):
        """Whatever stands in for it meanwhile."""
        away = {"default": {"BACKEND": "ecommerce.redis_cache.RedisCache", "LOCATION": "redis://127.0.0.1:1"}}

        with override_settings(CACHES=away):
            answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["cache"] == "away"

    def test_a_database_that_is_away_is_503(self, client):
        def refuse(execute, sql, params, many, context):
            raise OperationalError("connection refused")

        with connection.execute_wrapper(refuse):
            answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json()["database"] == "away"
        assert "refused" not in answer.content.decode()
