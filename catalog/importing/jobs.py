"""Imports that staff start in the admin: uploaded, checked by a task, and taken in by another once confirmed.

A worker that is killed leaves its import under way; the ticker notices that
nobody reports on it any more and enqueues it again. That is safe, since taking
in the same file twice changes nothing.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, TextIO, cast
from uuid import uuid4

from django.core.files import File
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from catalog.errors import AnotherImport, Busy, NotToBeConfirmed
from catalog.importing import formats
from catalog.importing.apply import import_products
from catalog.importing.options import Options, StockRule
from catalog.importing.rows import storable
from catalog.importing.source import Source
from catalog.models import CatalogueImport
from catalog.transactions import use_case
from pricing.errors import ShopError

State = CatalogueImport.State

COUNTS = ("new", "changed", "unchanged", "wrong")
LONGEST_NAME = 60  # characters, which are at most 240 bytes of a file's name
BEAT = timedelta(seconds=2)
SILENCE = timedelta(minutes=2)  # after which a worker counts as dead
MOST_TRIES = 5
FILES_KEPT = timedelta(days=7)

# Which states lead to which.
MOVES = {
    State.CHECKING: {State.CHECKED, State.FAILED, State.DISCARDED},
    State.CHECKED: {State.IMPORTING, State.DISCARDED},
    State.IMPORTING: {State.DONE, State.FAILED},
}


class Overtaken(Exception):
    """Another worker has taken over, or the import was discarded."""


def begin(*, file: File, name: str, options: Options, by: Any, at: datetime) -> CatalogueImport:
    """Keep an uploaded file and have it checked. Raises UnreadableFile, keeping nothing."""
    name = _short(name)
    file.seek(0)
    chosen = {field.name: getattr(options, field.name) for field in fields(options) if field.name != "dry_run"}
    job = CatalogueImport(name=name, by=by, created_at=at, beat_at=at, options=chosen)
    with _as_path(file, name) as path:
        source = Source(path, looks_far=False)  # the task does, and may take its time
        try:
            formats.read(source, options)
        finally:
            source.close()
    file.seek(0)
    job.file.save(uuid4().hex, file, save=False)
    try:
        _keep(job)
    except BaseException:
        job.file.delete(save=False)
        raise
    return job


@use_case
def _keep(job: CatalogueImport) -> None:
    job.save()
    run_import.enqueue(job.pk)


@use_case
def confirm(import_id: int, *, by: Any, at: datetime) -> None:
    """Have a checked file taken in. Raises NotToBeConfirmed unless it waits for that, AnotherImport while one runs."""
    try:
        with transaction.atomic():
            anew: dict[str, Any] = {"lease": "", "beat_at": at, "tries": 0, "products_read": 0, "fraction_read": 0}
            moved = _move(import_id, State.IMPORTING, confirmed_by=by, confirmed_at=at, **anew)
    except IntegrityError:
        raise AnotherImport from None
    if not moved:
        raise NotToBeConfirmed
    run_import.enqueue(import_id)


@use_case
def discard(import_id: int, *, at: datetime) -> None:
    """Give up an import that has not been confirmed. Raises NotToBeConfirmed where that is too late."""
    if not _move(import_id, State.DISCARDED, ended_at=at, lease=""):
        raise NotToBeConfirmed


@task(queue_name="slow")
def run_import(import_id: int) -> None:
    """Check a file or take it in; does nothing where that is done, or another worker is at it."""
    at = timezone.now()
    lease = uuid4().hex
    waiting = CatalogueImport.objects.filter(pk=import_id, state__in=CatalogueImport.UNDER_WAY)
    free = waiting.filter(Q(lease="") | Q(beat_at__lt=at - SILENCE))
    if free.update(lease=lease, beat_at=at, tries=F("tries") + 1):
        _run(CatalogueImport.objects.get(pk=import_id), lease=lease, at=at)


def _run(job: CatalogueImport, *, lease: str, at: datetime) -> None:
    is_check = job.state == State.CHECKING
    try:
        with (
            job.file.open("rb") as file,
            _as_path(file, job.name) as path,
            TemporaryFile("w+", encoding="utf-8", newline="") as errors,
        ):
            told = _Heartbeat(job.pk, lease)
            options = options_of(job, dry_run=is_check)
            by = job.confirmed_by
            report = import_products(path, at=at, options=options, progress=told, errors=errors, by=by).as_json()
            told.must_go_on()
            _keep_errors(job, report, errors)
        _end(job, report, is_check=is_check, lease=lease)
    except Overtaken:
        return
    except (OperationalError, InterfaceError, Busy):
        raise  # the database may be away for a moment: the ticker enqueues the import again
    except ShopError as error:
        _move(job.pk, State.FAILED, held_by=lease, ended_at=timezone.now(), problem=storable(str(error))[:500])
    except Exception:
        problem = _("Something went wrong on the shop's side; what was taken in is whole.")
        _move(job.pk, State.FAILED, held_by=lease, ended_at=timezone.now(), problem=problem)
        raise


def _end(job: CatalogueImport, report: dict[str, Any], *, is_check: bool, lease: str) -> None:
    counts = {name: report[name] for name in COUNTS}
    if is_check:
        _move(job.pk, State.CHECKED, held_by=lease, findings=report, counts=counts)
    else:
        state = State.FAILED if report["refused"] else State.DONE
        _move(job.pk, state, held_by=lease, report=report, counts=counts, ended_at=timezone.now())


def _keep_errors(job: CatalogueImport, report: dict[str, Any], errors: TextIO) -> None:
    """Keep all that is wrong as a file, in place of that of an earlier run."""
    before = str(job.errors)
    job.errors = ""
    if report["faults_found"]:
        errors.flush()
        errors.seek(0)
        job.errors.save(f"{uuid4().hex}.csv", File(cast(Any, errors).buffer), save=False)
    job.save(update_fields=["errors"])
    if before:
        job.errors.storage.delete(before)


def options_of(job: CatalogueImport, *, dry_run: bool) -> Options:
    kept = job.options | {"stock": StockRule(job.options["stock"])}
    return Options(dry_run=dry_run, **kept)


def resume(at: datetime) -> int:
    """Enqueue imports on which nobody has reported for two minutes; after five tries they have failed."""
    silent = CatalogueImport.objects.filter(state__in=CatalogueImport.UNDER_WAY, beat_at__lt=at - SILENCE)
    count = 0
    for job in silent.order_by("pk"):
        if job.tries >= MOST_TRIES:
            problem = _("The task was broken off %(count)d times; what was taken in is whole.")
            _move(job.pk, State.FAILED, held_by=job.lease, ended_at=at, problem=problem % {"count": job.tries})
        elif not run_import_waits():
            count += _enqueue_again(job, at=at)
    return count


@use_case
def _enqueue_again(job: CatalogueImport, *, at: datetime) -> int:
    taken = CatalogueImport.objects.filter(pk=job.pk, lease=job.lease, beat_at=job.beat_at).update(lease="", beat_at=at)
    if taken:
        run_import.enqueue(job.pk)
    return taken


def run_import_waits() -> bool:
    """Whether a task of this kind is in the queue, so that another would only pile up behind it."""
    return DBTaskResult.objects.ready().filter(task_path=run_import.module_path).exists()


def forget_files(at: datetime) -> int:
    """Remove the files of imports that ended, or were left unconfirmed, a week ago; returns how many."""
    old = CatalogueImport.objects.filter(created_at__lt=at - FILES_KEPT).exclude(file="")
    count = 0
    for job in old.exclude(state__in=CatalogueImport.UNDER_WAY).order_by("pk"):
        _move(job.pk, State.DISCARDED, ended_at=at)
        for file in filter(None, (job.file, job.errors)):
            file.storage.delete(str(file))
        CatalogueImport.objects.filter(pk=job.pk).update(file="", errors="")
        count += 1
    return count


def _move(import_id: int, state: State, *, held_by: str | None = None, **columns: Any) -> int:
    """Change an import's state where the table of moves allows it; a worker has to hold its lease still."""
    sources = [source for source, targets in MOVES.items() if state in targets]
    movable = CatalogueImport.objects.filter(pk=import_id, state__in=sources)
    if held_by is not None:
        movable = movable.filter(lease=held_by)
    return movable.update(state=state, **columns)


class _Heartbeat:
    """Tells how far an import is, every two seconds. Raises Overtaken once the import is no longer this worker's."""

    def __init__(self, import_id: int, lease: str) -> None:
        self._held = CatalogueImport.objects.filter(pk=import_id, lease=lease)
        self._told_at = timezone.now()

    def __call__(self, count: int, fraction: float, doing: str = "") -> None:
        if timezone.now() - self._told_at >= BEAT:
            self.must_go_on(products_read=count, fraction_read=fraction)

    def must_go_on(self, **columns: Any) -> None:
        self._told_at = timezone.now()
        if not self._held.update(beat_at=self._told_at, **columns):
            raise Overtaken


@contextmanager
def _as_path(file: File, name: str) -> Iterator[Path]:
    """The file in a folder, under the name that its reports give it."""
    with TemporaryDirectory(prefix="shop-import-") as folder:
        path = Path(folder, name)
        with path.open("wb") as copy:
            shutil.copyfileobj(file, copy)
        yield path


def _short(name: str) -> str:
    """The end of a file's name, in which its kind stands, without folders."""
    return Path(name).name[-LONGEST_NAME:] or "catalogue"
