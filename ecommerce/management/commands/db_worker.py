import logging
import time
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django_tasks_db.management.commands import db_worker

from ecommerce.errors import passing_trouble

log = logging.getLogger("shop.worker")

PAUSE_SECONDS = 1.0
LOG_SECONDS = 60.0


class Command(db_worker.Command):
    """The task worker of django-tasks-db, which waits for a database that is away or full in place of ending."""

    def handle(self, **options: Any) -> None:
        log_from = 0.0
        while True:
            try:
                return super().handle(**options)
            except (OperationalError, InterfaceError) as error:
                if passing_trouble(error) is None:
                    raise
                if time.monotonic() >= log_from:
                    log.warning("no tasks are done until the database is well again: %s", error)
                    log_from = time.monotonic() + LOG_SECONDS
            connection.close()
            time.sleep(PAUSE_SECONDS)
