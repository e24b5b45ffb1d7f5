"""Writes the client that awaits from the one that waits: `python sdk/write_async.py`. A test keeps it current."""

import re
from pathlib import Path

PACKAGE = Path(__file__).parent / "src" / "ecommerce_sdk"
SOURCE, TARGET = PACKAGE / "client.py", PACKAGE / "async_client.py"
RULES = [
    (
        r'\A"""[^"]*"""',
        '"""The client that awaits its answers. Written by `write_async.py` from `client.py`: change that."""',
    ),
    (r"^import time$", "import asyncio"),
    (r"\btime\.sleep\(", "await asyncio.sleep("),
    (r"\bIterator\b", "AsyncIterator"),
    (r"\bEcommerceSDK\b", "AsyncEcommerceSDK"),
    (r"\bhttpx\.Client\b", "httpx.AsyncClient"),
    (r"\bhttpx\.BaseTransport\b", "httpx.AsyncBaseTransport"),
    (r"\b__(enter|exit)__\b", r"__a\1__"),
    (r"\bself\._http\.close\(", "self._http.aclose("),
    (r"^( +)yield from page$", r"\1for found in page:\n\1    yield found"),
    (r"^    def (?!__init__)", "    async def "),
    (r"(?<=[ (])self\.(_ask|_take|_http\.\w+|get_\w+|close)\(", r"await self.\1("),
]


def as_async(source: str) -> str:
    for pattern, replacement in RULES:
        source = re.sub(pattern, replacement, source, flags=re.MULTILINE)
    return source


if __name__ == "__main__":
    TARGET.write_text(as_async(SOURCE.read_text(encoding="utf-8")), encoding="utf-8")
