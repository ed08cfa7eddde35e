"""What resources run their operations on: the compiled half, by name, with JSON in and out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._native import Hub, Space, Stream, Verifier


class Connection:
    """Runs operations by name. Arguments may be models, enumerations and times; answers are plain JSON values."""

    def __init__(self, native: Hub | Space | Verifier) -> None:
        self._native = native

    def call(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """Runs one operation and gives its answer."""
        return json.loads(self._native.call(name, text_of(arguments)))

    def call_here(self, name: str, **arguments: Any) -> Any:
        """Runs an operation that waits for nobody."""
        return json.loads(self._native.call(name, text_of(arguments)))

    def open(self, name: str, arguments: Mapping[str, Any]) -> Stream:
        """Opens a stream of JSON texts; nothing is sent before the first is asked for."""
        return self._native.open(name, text_of(arguments))

    def stream(self, name: str, arguments: Mapping[str, Any]) -> Iterator[Any]:
        """The values of a stream. Leaving the loop over it ends what it comes from."""
        texts = self.open(name, arguments)
        try:
            for text in texts:
                yield json.loads(text)
        finally:
            texts.close()


def text_of(arguments: Mapping[str, Any]) -> str:
    """Arguments as JSON."""
    return _ENCODER.encode(arguments)


def _plain(value: Any) -> Any:
    """What JSON has for a value that it does not know."""
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, (set, frozenset, tuple)) or hasattr(value, "__iter__"):
        return list(value)
    raise TypeError(f"a {type(value).__name__} cannot be an argument")


# One for all: making it takes longer than a small object of arguments.
_ENCODER = json.JSONEncoder(default=_plain, separators=(",", ":"))
