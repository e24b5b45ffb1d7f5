"""Pictures that lie elsewhere: which are wanted, and the task that fetches them one after another.

The rows of `PictureAddress` say what is to be done, so nothing is lost when a
worker dies: whoever fetches a row first moves its `due_at` behind the time that
this may take, and who comes later finds it due again. `tries`, which each such
claim raises, tells whose claim still holds.
"""

import time
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from catalog.download import DownloadFailed, Rules, download
from catalog.errors import InvalidPicture
from catalog.models import PictureAddress, Product, ProductImage, Variant
from catalog.pictures import store_picture
from catalog.transactions import use_case

State = PictureAddress.State

TRIES = 5
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
LONGEST_PAUSE = timedelta(days=1)  # however long a server asks to wait
LEASE = timedelta(minutes=3)  # more than a download, its decoding and its storing may take
SLICE_SECONDS = 20.0  # of one task; between two of them others have their turn
PRIORITY = -10
PRODUCTS_AT_ONCE = 500
PROBLEM_LENGTH = 300


@use_case
def want_pictures(product_ids: Collection[int], *, at: datetime) -> int:
    """Have the pictures of these products fetched whose addresses are known; returns how many.

    Failed ones are tried again from the start. One that was fetched is not
    fetched again, also where staff have deleted the picture since.
    """
    ids = list(product_ids)
    wanted = 0
    for start in range(0, len(ids), PRODUCTS_AT_ONCE):
        addresses = PictureAddress.objects.filter(product_id__in=ids[start : start + PRODUCTS_AT_ONCE])
        wanted += want(addresses, at=at)
    return wanted


@use_case
def want(addresses: "QuerySet[PictureAddress]", *, at: datetime) -> int:
    """Have known and failed addresses fetched; returns how many. The task is enqueued in the same transaction."""
    wanted = addresses.filter(state__in=(State.KNOWN, State.FAILED)).update(
        state=State.WANTED, tries=0, problem="", due_at=at
    )
    if wanted and not _tasks().filter(status=TaskResultStatus.READY).exists():
        fetch_pictures.enqueue()
    return wanted


def resume(at: datetime) -> int:
    """Enqueue the task where something is due and no task is at work on it; returns how many it enqueued."""
    waiting = _tasks().filter(status=TaskResultStatus.READY)
    # A worker that died leaves its task running for good.
    running = _tasks().filter(status=TaskResultStatus.RUNNING, started_at__gt=at - LEASE)
    if not _due(at).exists() or waiting.exists() or running.exists():
        return 0
    fetch_pictures.enqueue()
    return 1


@task(queue_name="slow", priority=PRIORITY)
def fetch_pictures() -> None:
    """Fetch what is due for some seconds; while more is due, go on in a task of its own."""
    rules = Rules(largest=settings.PICTURE_MAX_MB * 1024 * 1024)
    ends_at = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < ends_at:
        if not fetch_next(rules, at=timezone.now()):
            return
    fetch_pictures.enqueue()


def fetch_next(rules: Rules, *, at: datetime) -> bool:
    """Fetch what has been due for longest; False where nothing is due.

    What is wrong with the address or its file is noted in the row. What is
    wrong with the shop itself (a full disk) is raised; the row is due again
    after its lease, at most five times in all.
    """
    row = _due(at).select_related("product").order_by("due_at", "pk").first()
    if row is None:
        return False
    if row.tries >= TRIES:
        _end(row, _("Fetching it was cut off each time, after %(count)d tries.") % {"count": row.tries})
    elif _claim(row, at):
        _fetch(row, rules, at)
    return True


def _tasks() -> "QuerySet[DBTaskResult]":
    return DBTaskResult.objects.filter(task_path=fetch_pictures.module_path)


def _due(at: datetime) -> "QuerySet[PictureAddress]":
    return PictureAddress.objects.filter(state=State.WANTED, due_at__lte=at)


@use_case
def _claim(row: PictureAddress, at: datetime) -> bool:
    """Whether this caller fetches the row. Of several at once only one finds it still due."""
    claimed = _due(at).filter(pk=row.pk, tries=row.tries).update(tries=F("tries") + 1, due_at=at + LEASE)
    row.tries += claimed
    return claimed == 1


def _held(row: PictureAddress) -> "QuerySet[PictureAddress]":
    """The row, as long as nobody has claimed it since."""
    return PictureAddress.objects.filter(pk=row.pk, state=State.WANTED, tries=row.tries)


def _fetch(row: PictureAddress, rules: Rules, at: datetime) -> None:
    try:
        file = ContentFile(download(row.address, rules))
        picture = store_picture(row.product, file, alt_text=row.alt_text, position=row.position)
    except InvalidPicture as error:
        _end(row, str(error))
    except DownloadFailed as error:
        if error.may_pass and row.tries < TRIES:
            _put_off(row, error, at)
        else:
            _end(row, str(error))
    else:
        _keep(row, picture)


@use_case
def _end(row: PictureAddress, problem: str) -> None:
    _held(row).update(state=State.FAILED, problem=problem[:PROBLEM_LENGTH], due_at=None)


@use_case
def _put_off(row: PictureAddress, error: DownloadFailed, at: datetime) -> None:
    asked = timedelta(seconds=min(error.retry_after, LONGEST_PAUSE.total_seconds()))
    pause = max(PAUSES[row.tries - 1], asked)
    _held(row).update(problem=str(error)[:PROBLEM_LENGTH], due_at=at + pause)


@use_case
def _keep(row: PictureAddress, picture: ProductImage) -> None:
    """Note that the picture is there, and show it for the variants it belongs to.

    A picture that the product has already, from another address or an earlier
    try that was cut off here, stays the only one.
    """
    Product.objects.select_for_update(of=("self",)).get(pk=row.product_id)  # equal ones wait for each other
    equal = ProductImage.objects.filter(product=row.product_id, image=picture.image.name).order_by("pk")
    kept = equal.exclude(sources=None).first() or equal.first()  # all have to agree which one stays
    if _held(row).update(state=State.FETCHED, picture=kept, problem="", due_at=None):
        Variant.objects.filter(product=row.product_id, picture_address=row, picture=None).update(picture=kept)
    ProductImage.objects.filter(pk=picture.pk, sources=None).delete()
