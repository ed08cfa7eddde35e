"""What every answer is: values that cannot be changed, read from JSON when they are first looked at.

A list of ten thousand endpoints costs ten thousand small objects and nothing more until somebody looks into one, which
is why a `Model` that came from the hub keeps its JSON and converts a field on its first use. One that a program makes is
checked at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .fields import Field, kind_of

if TYPE_CHECKING:
    from typing_extensions import Self, dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        """Tells type checkers alone that the fields are the constructor's arguments."""
        return lambda cls: cls


M = TypeVar("M", bound="Model")

_HIDDEN = "[redacted]"


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Model:
    """The base of all models: fields by name, equality by value, JSON both ways, and no changes.

    >>> from syfthub_sdk.models import Message
    >>> Message(role="user", content="Hello").model_dump()
    {'role': 'user', 'content': 'Hello'}
    """

    model_fields: ClassVar[Mapping[str, Field]] = {}
    __secret__: ClassVar[tuple[str, ...]] = ()
    __aliases__: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        fields = dict(cls.model_fields)
        for name, annotation in _annotations(cls).items():
            if name.startswith("_") or annotation.startswith("ClassVar"):
                continue
            field = Field(cls, name, annotation, cls.__dict__.get(name, Field.REQUIRED))
            fields[name] = field
            setattr(cls, name, field)
        cls.model_fields = fields
        secret = {name for base in cls.__mro__ for name in getattr(base, "__secret__", ())}
        cls.__secret__ = tuple(name for name in fields if name in secret)

    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            unknown = next((name for name in values if name not in self.model_fields), None)
            if unknown is not None:
                raise TypeError(f"{type(self).__name__} has no field `{unknown}`")
            self._fill(values)

    def _fill(self, given: Mapping[str, Any]) -> None:
        """Takes the values in, each checked against its field."""
        state = self.__dict__
        state["_raw"] = {}
        for name, field in self.model_fields.items():
            if name in given:
                state[name] = field.checked(given[name], f"{type(self).__name__}.{name}")
            elif field.is_required():
                raise TypeError(f"{type(self).__name__} needs `{name}`")
        state["_given"] = frozenset(name for name in self.model_fields if name in given)

    @classmethod
    def _of(cls, raw: Any) -> Self:
        """The model of JSON that the compiled half has already checked."""
        made = cls.__new__(cls)
        made.__dict__["_raw"] = raw
        return made

    @classmethod
    def model_validate(cls, obj: Any, **_: Any) -> Self:
        """Reads a mapping of field names to values; what is no field is left out.

        Raises `TypeError` for a missing field or one of another type, `ValueError` for a value that is not allowed.
        """
        if isinstance(obj, cls):
            return obj
        if not isinstance(obj, Mapping):
            raise TypeError(f"{cls.__name__} is read from a mapping, not from {type(obj).__name__}")
        given = {name: obj[name] for name in cls.model_fields if name in obj}
        for name, alias in cls.__aliases__.items():
            if alias in obj:
                given.setdefault(name, obj[alias])
        made = cls.__new__(cls)
        made._fill(given)
        return made

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """Reads JSON text; see `model_validate`."""
        return cls.model_validate(json.loads(json_data), **options)

    @classmethod
    def model_construct(cls, _fields_set: set[str] | None = None, **values: Any) -> Self:
        """Makes one from values that are known to fit, without checking them."""
        made = cls.__new__(cls)
        given = frozenset(values) if _fields_set is None else frozenset(_fields_set)
        made.__dict__.update(_raw={}, _given=given, **values)
        return made

    @property
    def model_fields_set(self) -> set[str]:
        """The fields that were given, and not left to their defaults."""
        given = self.__dict__.get("_given")
        return set(given if given is not None else self.__dict__["_raw"].keys() & self.model_fields.keys())

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some values replaced, unchecked."""
        values = {name: getattr(self, name) for name in self.model_fields}
        if deep:
            import copy

            values = copy.deepcopy(values)
        changes = dict(update or {})
        return self.model_construct(self.model_fields_set | set(changes), **{**values, **changes})

    def model_dump(
        self,
        *,
        mode: str = "python",
        include: Any = None,
        exclude: Any = None,
        by_alias: bool | None = None,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
        **_: Any,
    ) -> dict[str, Any]:
        """The fields as a dictionary, nested models too. With `mode="json"` everything in it is what JSON has."""
        dumped: dict[str, Any] = {}
        inner = {"mode": mode, "by_alias": by_alias, "exclude_unset": exclude_unset}
        inner.update(exclude_defaults=exclude_defaults, exclude_none=exclude_none)
        given = self.model_fields_set if exclude_unset else None
        for name, field in self.model_fields.items():
            if (include is not None and name not in include) or (exclude is not None and name in exclude):
                continue
            value = getattr(self, name)
            if (given is not None and name not in given) or (exclude_none and value is None):
                continue
            if exclude_defaults and not field.is_required() and value == field.fresh_default():
                continue
            key = self.__aliases__.get(name, name) if by_alias else name
            dumped[key] = field.kind.dump(value, inner)
        return dumped

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """The fields as JSON text; see `model_dump`."""
        separators = (",", ":") if indent is None else None
        plain = self.model_dump(**{**options, "mode": "json"})
        return json.dumps(plain, indent=indent, separators=separators, ensure_ascii=False)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return ((name, getattr(self, name)) for name in self.model_fields)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(value == getattr(other, name) for name, value in self)

    def __hash__(self) -> int:
        return hash((type(self), *(value for _, value in self)))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed: use `model_copy(update=...)`")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed: use `model_copy(update=...)`")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._shown())})"

    def __str__(self) -> str:
        return " ".join(self._shown())

    def _shown(self) -> Iterator[str]:
        for name, value in self:
            is_hidden = name in self.__secret__ and bool(value)
            yield f"{name}={_HIDDEN if is_hidden else repr(value)}"


def _annotations(cls: type) -> dict[str, str]:
    """What the class itself annotates: below 3.10, a class without annotations shows those of its base."""
    if sys.version_info < (3, 10):
        return dict(vars(cls).get("__annotations__", {}))
    return dict(cls.__annotations__)


def list_of(model: type[M], raw: list[Any]) -> list[M]:
    """Models of JSON that the compiled half has already checked."""
    of = model._of
    return [of(item) for item in raw]


__all__ = ["Field", "Model", "kind_of", "list_of"]
