"""Django's PostgreSQL backend, for a server that may freeze: nothing waits for one that no longer answers."""

from types import SimpleNamespace

import psycopg
from django.db.backends.postgresql import base

from ecommerce.postgresql.watched import WatchedConnection

# A healthy server answers in milliseconds; a connection given up too soon is only opened anew.
HEALTH_SECONDS = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Every wait for the server ends a few seconds after it has fallen silent, with an OperationalError."""

    # Django opens connections with `Database.connect` and finds the driver's exceptions beside it.
    Database = SimpleNamespace(**vars(psycopg) | {"connect": WatchedConnection.connect})  # type: ignore[assignment]
    connection: WatchedConnection | None

    def is_usable(self) -> bool:
        """Whether the server answers a statement at once."""
        if self.connection is None or self.connection.server.is_silent():
            return False
        self.connection.time_limit = HEALTH_SECONDS
        try:
            return bool(super().is_usable())
        finally:
            self.connection.time_limit = None
