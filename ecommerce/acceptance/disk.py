"""A disk of a proof's own that can be filled up."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BLOCK = 4096


class NoDisk(OSError):
    """This machine lets nobody mount a file system here."""


class SmallDisk:
    """A file system in memory, mounted at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.filler = path / "filler"

    def fill(self) -> None:
        """Leave no room at all."""
        with self.filler.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(BLOCK))
            except OSError:
                return

    def clear(self) -> None:
        self.filler.unlink(missing_ok=True)


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Mount a tmpfs until the block ends. Raises NoDisk."""
    path = Path(tempfile.mkdtemp(prefix="shop-disk-"))
    try:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", str(path)],
            capture_output=True,
            text=True,
        )
        if mounted.returncode:
            raise NoDisk(mounted.stderr.strip())
        try:
            yield SmallDisk(path)
        finally:
            subprocess.run(["umount", "--lazy", str(path)], check=True)
    finally:
        shutil.rmtree(path, ignore_errors=True)
