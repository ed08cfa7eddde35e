"""Writes the blocking half of the package from the asyncio half: `_async/**/*.py` gives `_sync/**/*.py`.

usage: unasync.py PACKAGE OUTPUT

Documentation is rewritten like code: an example with `await` in it becomes one without.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

RULES = [
    (re.compile(pattern), replacement)
    for pattern, replacement in [
        (r"\bawait\s+", ""),
        (r"\basync\s+(?=def\b|for\b|with\b)", ""),
        (r"\bAsync(?=[A-Z])", ""),
        (r"\bStopAsyncIteration\b", "StopIteration"),
        (r"\b__a(enter|exit|iter|next)__", r"__\1__"),
        (r"\b(call|verify)_async\b", r"\1"),
        (r"\b_async\b", "_sync"),
    ]
]


def blocking(source: str) -> str:
    """The blocking form of a module for asyncio."""
    for pattern, replacement in RULES:
        source = pattern.sub(replacement, source)
    return source


def main(package: Path, output: Path) -> None:
    """Writes every module of the package's `_async` in its blocking form below `output`."""
    sources = package / "_async"
    for path in sorted(sources.rglob("*.py")):
        target = output / path.relative_to(sources)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = '"""The blocking package; generated from `_async` by tools/unasync.py."""\n'
        if path.name != "__init__.py" or path.parent != sources:
            text = blocking(path.read_text(encoding="utf-8"))
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
