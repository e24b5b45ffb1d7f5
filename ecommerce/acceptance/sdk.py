"""The SDK as a stranger gets it: into an empty environment, with its types, against a shop."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ecommerce.acceptance.races import Finding
from ecommerce.acceptance.throwaway import ROOT, shop

SDK = ROOT / "sdk"
HTTP_LIBRARIES = {"aiohttp", "httplib2", "httpx", "niquests", "pycurl", "requests", "tornado", "treq", "urllib3"}
# What is installed, and what the SDK leads to by what each package says that it needs.
LISTING = """
import json, re
from importlib.metadata import distributions
def plain(name):
    return re.sub("[-_.]+", "-", name).lower()
installed = {plain(found.name): found for found in distributions()}
needed, open_ = set(), ["ecommerce-sdk"]
while open_:
    name = open_.pop()
    if name in installed and name not in needed:
        needed.add(name)
        wanted = [text for text in installed[name].requires or [] if "extra ==" not in text]
        open_ += [plain(re.match(r"[\\w.-]+", text)[0]) for text in wanted]
versions = {name: found.version for name, found in installed.items() if name not in ("pip", "setuptools")}
print(json.dumps({"installed": versions, "needed": sorted(needed)}))
"""
USE = """
import asyncio, sys
from ecommerce_sdk import AsyncEcommerceSDK, EcommerceSDK
async def ask():
    async with AsyncEcommerceSDK(sys.argv[1]) as shop:
        return await shop.health_check()
with EcommerceSDK(sys.argv[1]) as shop:
    assert shop.health_check() == asyncio.run(ask())
    print(shop.health_check().message)
"""
TYPED = """
from decimal import Decimal
from ecommerce_sdk import AsyncEcommerceSDK, EcommerceSDK
def total(shop: EcommerceSDK) -> Decimal:
    return shop.view_cart().total
async def names(shop: AsyncEcommerceSDK) -> list[str]:
    return [product.name async for product in shop.iter_products()]
"""
WRONG = TYPED.replace("-> Decimal", "-> str")


def sdk() -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix="shop-sdk-") as folder:
        python = Path(folder, "venv", "bin", "python")
        run(sys.executable, "-m", "venv", str(python.parents[1]))
        done = run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(SDK))
        if done.returncode:
            yield Finding("pip install ./sdk", done.stderr.strip().splitlines()[-1], False)
            return
        yield what_it_brings(python)
        yield what_it_does(python)
        yield what_it_promises(python, Path(folder))
    tests = ["sdk/tests", "ecommerce/tests/test_sdk.py"]
    for name, files in (("examples of the SDK's README", ["ecommerce/tests/test_sdk_readme.py"]), ("SDK tests", tests)):
        done = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files)
        yield Finding(name, (done.stdout.strip().splitlines() or ["no output"])[-1], done.returncode == 0)


def what_it_brings(python: Path) -> Finding:
    found = json.loads(run(str(python), "-I", "-c", LISTING).stdout)
    installed, needed = found["installed"], set(found["needed"])
    listed = ", ".join(f"{name} {version}" for name, version in sorted(installed.items()))
    holds = set(installed) == needed and HTTP_LIBRARIES & set(installed) == {"httpx"}
    return Finding("pip install ./sdk in an empty environment", listed, holds)


def what_it_does(python: Path) -> Finding:
    with shop("sqlite") as made, made.serving():
        done = run(str(python), "-I", "-W", "error", "-c", USE, made.base)
    return Finding("the installed SDK asks a shop", done.stdout.strip() or done.stderr[-200:], done.returncode == 0)


def what_it_promises(python: Path, folder: Path) -> Finding:
    """`mypy --strict` of the SDK itself, and of programs that use what is installed: one right, one wrong."""
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(folder / "mypy")]
    printed = []
    for name, text in (("right.py", TYPED), ("wrong.py", WRONG)):
        Path(folder, name).write_text(text)
        printed.append(run(*mypy, "--python-executable", str(python), name, folder=folder).stdout.strip())
    own = run(*mypy, "--config-file", "pyproject.toml", folder=SDK).stdout.strip().splitlines()[-1]
    holds = [line.startswith("Success") for line in (own, *printed)] == [True, True, False]
    return Finding("mypy --strict", f"{own}; a wrong type in a program: {printed[1].splitlines()[0]}", holds)


def run(*command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)
