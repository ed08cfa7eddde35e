"""A model's fields: what their annotations say, read when a value is first asked for.

Annotations are text here, so that Python 3.9 can read `str | None` and importing the models costs next to nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

from .moments import moment


class Kind:
    """How values of one type are read from JSON, checked, and dumped. This one takes everything as it is."""

    def read(self, raw: Any) -> Any:
        """The value of JSON that is known to fit."""
        return raw

    def check(self, value: Any, place: str) -> Any:
        """The value of what a program gave; `TypeError` or `ValueError` names the place."""
        return value

    def dump(self, value: Any, options: Mapping[str, Any]) -> Any:
        """The value in a dictionary."""
        return value


class Plain(Kind):
    """Text, numbers and truth values."""

    def __init__(self, type_: type) -> None:
        self.type = type_

    def read(self, raw: Any) -> Any:
        return float(raw) if self.type is float and type(raw) is int else raw

    def check(self, value: Any, place: str) -> Any:
        is_truth = isinstance(value, bool)
        if isinstance(value, self.type) and (self.type is bool or not is_truth):
            return value.value if isinstance(value, Enum) else value
        try:
            if self.type is float and not is_truth and isinstance(value, (int, str)):
                return float(value)
            if self.type is int and not is_truth and isinstance(value, (float, str)) and float(value).is_integer():
                return int(value)
        except ValueError:
            pass
        if self.type is bool and type(value) is int and value in (0, 1):
            return bool(value)
        raise _wrong(place, self.type.__name__, value)


class Moment(Kind):
    """A point in time."""

    def read(self, raw: Any) -> Any:
        return moment(raw) if isinstance(raw, str) else raw

    def check(self, value: Any, place: str) -> Any:
        if isinstance(value, datetime):
            return value
        if not isinstance(value, str):
            raise _wrong(place, "datetime", value)
        try:
            return moment(value)
        except ValueError:
            raise ValueError(f"{place} is a time such as 2026-01-31T12:00:00Z, not {value!r}") from None

    def dump(self, value: Any, options: Mapping[str, Any]) -> Any:
        if options.get("mode") != "json" or not isinstance(value, datetime):
            return value
        text = value.isoformat()
        return text[:-6] + "Z" if text.endswith("+00:00") else text


class Word(Kind):
    """A member of an enumeration. A word that the hub has since learned is kept as text."""

    def __init__(self, words: type[Enum]) -> None:
        self.words = words

    def read(self, raw: Any) -> Any:
        try:
            return self.words(raw)
        except ValueError:
            return raw

    def check(self, value: Any, place: str) -> Any:
        try:
            return self.words(value)
        except ValueError:
            allowed = ", ".join(repr(word.value) for word in self.words)
            raise ValueError(f"{place} is one of {allowed}, not {value!r}") from None

    def dump(self, value: Any, options: Mapping[str, Any]) -> Any:
        return value.value if options.get("mode") == "json" and isinstance(value, Enum) else value


class Nested(Kind):
    """Another model."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def read(self, raw: Any) -> Any:
        return self.model._of(raw) if isinstance(raw, dict) else raw

    def check(self, value: Any, place: str) -> Any:
        if not isinstance(value, (self.model, Mapping)):
            raise _wrong(place, self.model.__name__, value)
        return self.model.model_validate(value)

    def dump(self, value: Any, options: Mapping[str, Any]) -> Any:
        return value.model_dump(**options)


class ListOf(Kind):
    """Any number of values of one kind."""

    def __init__(self, item: Kind) -> None:
        self.item = item

    def read(self, raw: Any) -> Any:
        read = self.item.read
        return [read(item) for item in raw]

    def check(self, value: Any, place: str) -> Any:
        if not isinstance(value, (list, tuple)):
            raise _wrong(place, "list", value)
        return [self.item.check(item, f"{place}[{index}]") for index, item in enumerate(value)]

    def dump(self, value: Any, options: Mapping[str, Any]) -> Any:
        return [self.item.dump(item, options) for item in value]


class MapOf(Kind):
    """Values of one kind by their names."""

    def __init__(self, item: Kind) -> None:
        self.item = item

    def read(self, raw: Any) -> Any:
        return {name: self.item.read(item) for name, item in raw.items()}

    def check(self, value: Any, place: str) -> Any:
        if not isinstance(value, Mapping):
            raise _wrong(place, "dict", value)
        return {name: self.item.check(item, f"{place}[{name!r}]") for name, item in value.items()}

    def dump(self, value: Any, options: Mapping[str, Any]) -> Any:
        return {name: self.item.dump(item, options) for name, item in value.items()}


class Maybe(Kind):
    """A value, or None."""

    def __init__(self, item: Kind) -> None:
        self.item = item

    def read(self, raw: Any) -> Any:
        return None if raw is None else self.item.read(raw)

    def check(self, value: Any, place: str) -> Any:
        return None if value is None else self.item.check(value, place)

    def dump(self, value: Any, options: Mapping[str, Any]) -> Any:
        return None if value is None else self.item.dump(value, options)


class Field:
    """One field of a model; on an instance, its value.

    The value is kept in the instance's own dictionary, where Python finds it before it asks here again.
    """

    REQUIRED: ClassVar[Any] = object()

    __slots__ = ("_kind", "annotation", "default", "name", "owner")

    def __init__(self, owner: type, name: str, annotation: str, default: Any) -> None:
        self.owner = owner
        self.name = name
        self.annotation = annotation
        self.default = default
        self._kind: Kind | None = None

    def is_required(self) -> bool:
        """Whether it has no default."""
        return self.default is Field.REQUIRED

    def fresh_default(self) -> Any:
        """The default; of a list or a dictionary, one of its own."""
        return self.default.copy() if isinstance(self.default, (dict, list)) else self.default

    @property
    def kind(self) -> Kind:
        """How its values are read."""
        if self._kind is None:
            self._kind = kind_of(self.annotation, vars(sys.modules[self.owner.__module__]))
        return self._kind

    def checked(self, value: Any, place: str) -> Any:
        """The value of what a program gave."""
        return self.kind.check(value, place)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        state = instance.__dict__
        raw = state["_raw"].get(self.name, Field.REQUIRED)
        if raw is Field.REQUIRED or (raw is None and not isinstance(self.kind, Maybe)):
            if self.is_required() and raw is Field.REQUIRED:
                raise AttributeError(f"nothing was said of {type(instance).__name__}.{self.name}")
            value = None if self.is_required() else self.fresh_default()
        else:
            value = self.kind.read(raw)
        state[self.name] = value
        return value


_PLAIN: dict[str, Kind] = {name.__name__: Plain(name) for name in (str, int, float, bool)}
_PLAIN.update(Any=Kind(), datetime=Moment())


def kind_of(annotation: str, names: Mapping[str, Any]) -> Kind:
    """What an annotation says, with its names as they are bound in the model's module."""
    text = annotation.strip()
    if text.endswith("| None"):
        return Maybe(kind_of(text[: -len("| None")], names))
    if text in _PLAIN:
        return _PLAIN[text]
    if text.startswith("list[") and text.endswith("]"):
        return ListOf(kind_of(text[len("list[") : -1], names))
    if text.startswith("dict[str,") and text.endswith("]"):
        return MapOf(kind_of(text[len("dict[str,") : -1], names))
    meant = names[text]
    return Word(meant) if issubclass(meant, Enum) else Nested(meant)


def _wrong(place: str, wanted: str, value: Any) -> TypeError:
    return TypeError(f"{place} is of type {wanted}, not {type(value).__name__}")
