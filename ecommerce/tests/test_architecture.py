import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT: dict[str, set[str]] = {
    "pricing": set(),
    "accounts": set(),
    "payments": set(),
    "catalog": {"pricing"},
    "cart": {"catalog", "pricing"},
    "orders": {"cart", "catalog", "pricing", "payments", "accounts"},
    "ecommerce": {"orders", "cart", "catalog", "pricing", "payments", "accounts", "ecommerce_sdk"},
    "sdk": {"ecommerce_sdk"},
}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "core", "services", "selectors"}


MODEL_SIGNALS = {f"{when}_{what}" for when in ("pre", "post") for what in ("save", "delete")} | {"m2m_changed"}


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and dotted name: ``import a.b`` and ``from a import b`` are both ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def our_files() -> Iterator[tuple[str, Path]]:
    for owner in MAY_IMPORT:
        for path in sorted((ROOT / owner).rglob("*.py")):
            yield owner, path


class TestArchitecture:
    def test_imports_point_downwards(self):
        wrong = [
            f"{path.relative_to(ROOT)}:{line} imports {name}"
            for owner, path in our_files()
            for line, name in imports(path.read_text(encoding="utf-8"))
            if (app := name.partition(".")[0]) in {*MAY_IMPORT, "ecommerce_sdk"}
            and app not in {owner, *MAY_IMPORT[owner]}
        ]

        assert wrong == []

    def test_every_file_has_a_name_of_its_own(self):
        wrong = [
            str(path.relative_to(ROOT))
            for _owner, path in our_files()
            if FORBIDDEN_NAMES & {path.stem, *path.relative_to(ROOT).parts[:-1]}
        ]

        assert wrong == []

    def test_apps_do_not_signal_each_other(self):
        """Receivers are for events of others, such as a log-in, not for rows of our own."""
        wrong = [
            f"{path.relative_to(ROOT)}:{line} imports {name}"
            for _owner, path in our_files()
            for line, name in imports(path.read_text(encoding="utf-8"))
            if name.rpartition(".")[2] in MODEL_SIGNALS
        ]

        assert wrong == []
