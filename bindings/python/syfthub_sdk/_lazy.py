"""Packages whose names are loaded when they are first used, so that a program waits for what it uses alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazily(package: str, modules: Mapping[str, tuple[str, ...]]) -> Callable[[str], object]:
    """The `__getattr__` of a package whose `modules` have these names."""
    homes = {name: module for module, names in modules.items() for name in names}

    def load(name: str) -> object:
        if name in homes:
            value: object = getattr(import_module(f".{homes[name]}", package), name)
        elif name in modules:
            value = import_module(f".{name}", package)
        else:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        setattr(sys.modules[package], name, value)
        return value

    return load
