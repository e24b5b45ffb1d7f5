"""The widths in which pages show a picture: made by a task, taken up again when it died."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from catalog.models import ProductImage
from catalog.pictures import sandbox
from catalog.pictures.kinds import kind_of

log = logging.getLogger("shop.pictures")

PRIORITY = -50  # after everything that somebody waits for
WIDTHS = (240, 480, 720, 960, 1440)  # pixels; the last is what a page shows at twice the density
WITHIN = (1440, 1800)
FORMATS = {"AVIF": "avif", "WEBP": "webp", "JPEG": "jpg"}
BATCH = 200  # pictures that the ticker takes up at a time
# Since the first and the second try began: a task that still runs then has died with its worker.
PAUSES = (timedelta(minutes=10), timedelta(hours=2))


def enqueue_widths(picture: ProductImage) -> None:
    """Have the widths of a saved picture made; call in the transaction that saves it."""
    make_widths.enqueue(picture.pk)


@task(queue_name="slow", priority=PRIORITY)
def make_widths(picture_id: int) -> None:
    """Make AVIF, WebP and JPEG files of a picture, then say so in its row.

    Nothing is said before the last file is whole, and a file is always written
    anew, so a run that was cut off leaves nothing that the next one trusts.
    """
    picture = ProductImage.objects.filter(pk=picture_id).first()
    if picture is None or picture.widths:
        return
    worked = _worked(picture)
    for file in worked.files:
        default_storage.save(picture.file_name(file.width, FORMATS[file.format]), ContentFile(file.content))
    widths = sorted({file.width for file in worked.files})
    # Of a picture that was replaced meanwhile, another task makes the widths.
    ProductImage.objects.filter(pk=picture.pk, image=picture.image.name).update(widths=widths)


def resume_widths(at: datetime) -> int:
    """Enqueue pictures that have no widths and no task (any more); returns how many.

    Does nothing while such tasks still wait for their turn. A picture whose
    task failed or died waits, then longer, and is given up after the third
    time; `prune_db_task_results` forgets these in two weeks.
    """
    tasks = DBTaskResult.objects.filter(task_path=make_widths.module_path)
    if tasks.filter(status=TaskResultStatus.READY).exists():
        return 0
    left = _left_alone(tasks.filter(status__in=(TaskResultStatus.RUNNING, TaskResultStatus.FAILED)), at)
    unfinished = ProductImage.objects.filter(widths=[]).exclude(pk__in=left).order_by("pk")[:BATCH]
    for picture in unfinished:
        enqueue_widths(picture)
    return len(unfinished)


def _left_alone(tasks: QuerySet[DBTaskResult], at: datetime) -> set[int]:
    """The pictures whose tasks run, have ended too short a time ago, or too often."""
    starts: dict[int, list[datetime]] = {}
    for started_at, arguments in tasks.values_list("started_at", "args_kwargs"):
        starts.setdefault(arguments["args"][0], []).append(started_at or at)
    return {
        picture_id
        for picture_id, times in starts.items()
        if len(times) > len(PAUSES) or max(times) > at - PAUSES[len(times) - 1]
    }


def _worked(picture: ProductImage) -> sandbox.Worked:
    """From the original; from the WebP file made at upload, where there is none or it has become unreadable.

    Raises NotWorked when neither can be read, OSError when neither can be opened.
    """
    sources = [picture.original, picture.image] if picture.original else [picture.image]
    for source in sources[:-1]:
        try:
            return _from_file(source)
        except (sandbox.NotWorked, FileNotFoundError) as error:
            log.warning("original of picture %s not used: %s", picture.pk, error)
    return _from_file(sources[-1])


def _from_file(source: FieldFile) -> sandbox.Worked:
    with source.open("rb") as file:
        content = file.read()
    return sandbox.work(
        content,
        format=kind_of(content),
        within=WITHIN,
        widths=WIDTHS,
        formats=list(FORMATS),
        pixels=settings.PICTURE_MAX_MEGAPIXELS * 1_000_000,
        seconds=sandbox.WIDTHS_SECONDS,
    )
