"""
The compiled half of `syfthub_sdk`: operations by name, with JSON in and out.
"""

from collections.abc import Awaitable
from typing import Any, final

__all__ = ["Hub", "Pending", "Space", "Stream", "Verifier", "pure", "version"]

@final
class Hub:
    """
    A hub, seen by one user: its operations by name.
    """
    def __new__(cls, /, settings: str) -> Hub:
        """
        Makes one with these settings, a JSON object. Nothing is sent yet.
        """
    def call(self, /, name: str, arguments: str) -> str:
        """
        Runs the operation with a JSON object of arguments and gives its answer as JSON. The interpreter lock is
        released meanwhile.
        """
    def call_async(self, /, name: str, arguments: str) -> Awaitable[str]:
        """
        Begins the operation, for `await`.
        """
    def open(self, /, name: str, arguments: str) -> Stream:
        """
        Opens the operation's stream. Nothing is sent before the first text is asked for.
        """

@final
class Pending:
    """
    Work that has begun and is waited for with `await`. Cancelling the task that waits, or dropping this, ends the work.
    """
    def __await__(self, /) -> Pending: ...
    def __iter__(self, /) -> Pending: ...
    def __next__(self, /) -> Any:
        """
        What the event loop is to wait for; the end of it carries the text.
        """

@final
class Space:
    """
    A space, seen by one of its administrators: its operations by name.
    """
    def __new__(cls, /, settings: str) -> Space:
        """
        Makes one with these settings, a JSON object. Nothing is sent yet.
        """
    def call(self, /, name: str, arguments: str) -> str:
        """
        Runs the operation with a JSON object of arguments and gives its answer as JSON. The interpreter lock is
        released meanwhile.
        """
    def call_async(self, /, name: str, arguments: str) -> Awaitable[str]:
        """
        Begins the operation, for `await`.
        """
    def open(self, /, name: str, arguments: str) -> Stream:
        """
        Opens the operation's stream. Nothing is sent before the first text is asked for.
        """

@final
class Stream:
    """
    JSON texts, one after the other, for `for` and `async for`. Closing or dropping it ends what it comes from.
    """
    def __aiter__(self, /) -> Stream: ...
    def __anext__(self, /) -> Awaitable[str]: ...
    def __iter__(self, /) -> Stream: ...
    def __next__(self, /) -> str: ...
    def close(self, /) -> None:
        """
        Ends the stream, and what it comes from.
        """

@final
class Verifier:
    """
    Judges satellite tokens without asking the hub about each.
    """
    def __new__(cls, /, settings: str) -> Verifier:
        """
        Makes one with these settings, a JSON object. Nothing is sent yet.
        """
    def call(self, /, name: str, arguments: str) -> str:
        """
        Runs the operation with a JSON object of arguments and gives its answer as JSON. The interpreter lock is
        released meanwhile.
        """
    def call_async(self, /, name: str, arguments: str) -> Awaitable[str]:
        """
        Begins the operation, for `await`.
        """
    def open(self, /, name: str, arguments: str) -> Stream:
        """
        Opens the operation's stream. Nothing is sent before the first text is asked for.
        """

def pure(name: str, arguments: str) -> str:
    """
    Runs the operation `name` that needs no network, with a JSON object of arguments, and gives its answer as JSON.
    """

def version() -> str:
    """
    The version of the package.
    """
