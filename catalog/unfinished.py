"""What died in the middle is taken up again: the ticker calls this once a minute."""

import logging
from collections.abc import Callable
from datetime import datetime

log = logging.getLogger("shop.catalog")


def resume_imports(at: datetime) -> int:
    """Imports that staff started and whose worker died."""
    from catalog.importing import jobs  # only here, as the ticker starts anew each minute

    return jobs.resume(at)


def forget_uploads(at: datetime) -> int:
    """Files of imports that ended long ago; returns how many were removed."""
    from catalog.importing import jobs

    return jobs.forget_files(at)


def resume_widths(at: datetime) -> int:
    """Pictures that have only the files made at upload."""
    from catalog.pictures import widths

    return widths.resume_widths(at)


def fetch_due_pictures(at: datetime) -> int:
    """Pictures that are to be fetched from elsewhere, and are due."""
    from catalog import fetching

    return fetching.resume(at)


# Name in the report → enqueues what hangs, as of a time, and returns how many. A step never piles up
# tasks: it leaves alone what still waits in the queue, and what has failed too often.
STEPS: dict[str, Callable[[datetime], int]] = {
    "imports": resume_imports,
    "old uploads": forget_uploads,
    "pictures": resume_widths,
    "picture addresses": fetch_due_pictures,
}


def resume_all(*, at: datetime) -> dict[str, int]:
    """Enqueue again whatever no task works on any more; returns how many by kind.

    A kind that fails is logged and counts 0: it does not keep the others back.
    """
    report = {}
    for name, resume in STEPS.items():
        try:
            report[name] = resume(at)
        except Exception:
            log.exception("unfinished %s could not be taken up", name)
            report[name] = 0
    return report
