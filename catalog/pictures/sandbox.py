"""Runs `workshop.py` for one picture, within limits that the kernel keeps."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WORKSHOP = Path(__file__).with_name("workshop.py")
MEMORY = 160 * 1024 * 1024  # bytes that one picture may take while it is worked on
# Of processor time. The heaviest picture that is taken needs about one at upload, and nearly two for its widths.
UPLOAD_SECONDS = 1.5
WIDTHS_SECONDS = 10.0
WALL_SECONDS = 60  # a machine that is very busy, not a picture


@dataclass(frozen=True, slots=True)
class PackedFile:
    width: int  # pixels
    format: str  # Pillow's name
    content: bytes


@dataclass(frozen=True, slots=True)
class Worked:
    """What came out: the size in pixels of the largest file, and the files."""

    size: tuple[int, int]
    files: list[PackedFile]


class NotWorked(Exception):
    """No picture came out. `reason` is ``pixels`` (with `most` in `details`), ``too heavy`` or ``unreadable``."""

    def __init__(self, reason: str, details: dict[str, Any] | None = None) -> None:
        self.reason = reason
        self.details = details or {}
        super().__init__(f"{reason} {self.details or ''}".strip())


def work(content: bytes, **job: Any) -> Worked:
    """Have a picture unpacked and packed anew. Raises NotWorked, OSError when no process can be started.

    The job: `format` of the content, `within` (width, height) that the result
    fits in, `pixels` taken at most, `seconds` of processor time; then either
    `small` (width, height) for two WebP files, or `widths` and `formats`.
    """
    job = {"widths": [], "formats": [], "small": None, "bytes": MEMORY, **job}
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(WORKSHOP), json.dumps(job)],
            input=content,
            capture_output=True,
            timeout=WALL_SECONDS,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise NotWorked("too heavy") from None
    if done.returncode:  # the kernel ended it, or the decoder brought it down
        raise NotWorked("too heavy", {"status": done.returncode, "error": done.stderr.decode(errors="replace")[-500:]})
    head, _newline, rest = done.stdout.partition(b"\n")
    answer = json.loads(head)
    if "refused" in answer:
        raise NotWorked(answer.pop("refused"), answer)
    files = []
    for width, name, length in answer["files"]:
        files.append(PackedFile(width, name, rest[:length]))
        rest = rest[length:]
    width, height = answer["size"]
    return Worked((width, height), files)
