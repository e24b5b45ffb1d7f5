"""`manage.py test` runs the pytest suite, in this process, with the same labels."""

import argparse
from collections.abc import Sequence
from typing import Any

import pytest


class PytestRunner:
    """Django's test runner interface, passed on to pytest.

    A label is a path, a path with `::node`, or a dotted name as Django takes it
    (`orders`, `orders.tests.test_checkout`).
    """

    def __init__(
        self,
        verbosity: int = 1,
        quiet: bool = False,
        failfast: bool = False,
        keepdb: bool = False,
        keyword: str = "",
        marker: str = "",
        processes: str = "",
        **options: Any,
    ) -> None:
        self.arguments = {0: ["--quiet"], 2: ["--verbose"], 3: ["-vv"]}.get(verbosity, [])
        self.arguments += ["--quiet"] if quiet else []
        self.arguments += ["--exitfirst"] if failfast else []
        self.arguments += ["--reuse-db"] if keepdb else []
        self.arguments += ["-k", keyword] if keyword else []
        self.arguments += ["-m", marker] if marker else []
        self.arguments += ["-n", processes] if processes else []

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--keepdb", action="store_true", help="Keep the test database and use it again.")
        parser.add_argument("-q", dest="quiet", action="store_true", help="Say less.")
        parser.add_argument("-k", dest="keyword", default="", help="Only tests whose names match, as pytest's -k.")
        parser.add_argument("-m", dest="marker", default="", help="Only tests so marked, as pytest's -m.")
        parser.add_argument("-n", dest="processes", default="", help="Test processes, as pytest-xdist's -n.")

    def run_tests(self, test_labels: Sequence[str], **kwargs: Any) -> int:
        """Run the labels, or everything, and return pytest's exit code (0: all passed)."""
        return int(pytest.main([*self.arguments, *map(self.path_of, test_labels)]))

    @staticmethod
    def path_of(label: str) -> str:
        if "/" in label or "::" in label or label.endswith(".py"):
            return label
        path = label.replace(".", "/")
        return path if "." not in label else f"{path}.py"
