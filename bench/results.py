"""The tables of `bench/RESULTS.md`: a section a benchmark, each with the machine that it ran on."""

import os
import platform
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import django
import psycopg

from ecommerce.acceptance.throwaway import POSTGRESQL

RESULTS = Path(__file__).with_name("RESULTS.md")
TITLE = "# Measured\n\nWritten by `make bench`; each section names the machine that it was measured on.\n"


def write(section: str, told: str, header: list[str], table: list[list[str]]) -> None:
    """Print a table and put it in place of the section's earlier one; the other sections stay."""
    lines = [header, ["---"] * len(header), *table]
    shown = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    written = f"## {section}\n\n{told}\n\n{machine()}\n\n{shown}\n"
    print(written)
    before = RESULTS.read_text() if RESULTS.exists() else TITLE
    heading = re.escape(f"## {section}\n")
    kept = re.sub(rf"\n{heading}.*?(?=\n## |\Z)", "", before, flags=re.DOTALL)
    RESULTS.write_text(f"{kept.rstrip()}\n\n{written}")


def machine() -> str:
    """One line: when, processors, memory, load before, and the versions that matter."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} processors, {memory:.0f} GB, "
        f"load {os.getloadavg()[1]:.1f}; Python {platform.python_version()}, Django {django.__version__}, "
        f"SQLite {sqlite3.sqlite_version}, PostgreSQL {_postgresql()}."
    )


def _postgresql() -> str:
    try:
        with psycopg.connect(POSTGRESQL, connect_timeout=2) as connection:
            return ".".join(str(part) for part in divmod(connection.info.server_version, 10_000))
    except psycopg.OperationalError:
        return "not there"
