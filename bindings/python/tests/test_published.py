"""What programs for the published packages rely on is here: their names, arguments, fields and exceptions.

`published/*.json` are those facts, as `inspect` tells them of each package.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
from enum import Enum
from importlib import import_module
from pathlib import Path

import pytest

import syfthub_sdk
from syfthub_sdk import exceptions, models

VERSIONS = {path.stem: json.loads(path.read_text()) for path in Path(__file__).parent.glob("published/*.json")}

# The later package gave this name to something else; what the earlier one had under it is `AccountingTransaction`.
RENAMED = {("0.1.1", "Transaction"): "AccountingTransaction"}


def every(part):
    """Each entry of a part of the facts, with its version."""
    return [(v, name) for v, facts in sorted(VERSIONS.items()) for name in facts[part]]


def model_of(version, name):
    return getattr(models, RENAMED.get((version, name), name))


def takes(function, published):
    """Asserts that a call written for the published arguments fits the function, with the same defaults."""
    ours = inspect.signature(function).parameters
    positions = [name for name, known in ours.items() if known.kind is not known.KEYWORD_ONLY and name != "self"]
    for place, argument in enumerate(published):
        name = argument["name"]
        known = ours[name]
        if argument["kind"] == "POSITIONAL_OR_KEYWORD":
            assert positions.index(name) == place
        if "default" in argument:
            default = known.default.value if isinstance(known.default, Enum) else known.default
            assert default == argument["default"], name
    needed = {n for n, known in ours.items() if known.default is known.empty and n != "self"}
    kinds = {known.kind for known in ours.values()}
    assert not kinds & {inspect.Parameter.VAR_POSITIONAL}
    assert needed <= {argument["name"] for argument in published}


def test_both_packages_are_known():
    assert sorted(VERSIONS) == ["0.1.1", "0.3.1"]


@pytest.mark.parametrize(("version", "name"), every("exports"))
def test_the_package_has_the_name(version, name):
    assert hasattr(syfthub_sdk, name)


@pytest.mark.parametrize(("version", "name"), every("classes"))
def test_the_class_has_its_methods_with_their_arguments(version, name):
    module, _, class_name = name.partition(".")
    ours = getattr(import_module(f"syfthub_sdk.{module}"), class_name)
    for method, published in VERSIONS[version]["classes"][name].items():
        if published is None:
            assert hasattr(ours, method), method
        else:
            takes(getattr(ours, method), published)


@pytest.mark.parametrize(("version", "name"), every("models"))
def test_the_model_has_its_fields(version, name):
    ours, published = model_of(version, name), VERSIONS[version]["models"][name]
    for attribute in [*published["fields"], *published["properties"]]:
        assert hasattr(ours, attribute) or attribute in getattr(ours, "__annotations__", {}), attribute
    if issubclass(ours, models.Model):
        needed = {field for field, facts in ours.model_fields.items() if facts.is_required()}
        inherited = set(models.User.model_fields) if ours is models.RegisterResult else set()
        assert needed - inherited <= {field for field, is_needed in published["fields"].items() if is_needed}


@pytest.mark.parametrize(("version", "name"), every("enums"))
def test_the_words_are_the_same(version, name):
    ours = {word.name: word.value for word in getattr(models, name)}
    assert VERSIONS[version]["enums"][name].items() <= ours.items()


@pytest.mark.parametrize(("version", "name"), every("events"))
def test_the_dataclass_has_its_fields_in_their_order(version, name):
    module, _, class_name = name.partition(".")
    ours = getattr(import_module(f"syfthub_sdk.{module}"), class_name)
    published = VERSIONS[version]["events"][name]
    assert [field.name for field in dataclasses.fields(ours)][: len(published)] == published


@pytest.mark.parametrize(("version", "name"), every("exceptions"))
def test_the_exception_is_made_and_caught_alike(version, name):
    ours, published = getattr(exceptions, name), VERSIONS[version]["exceptions"][name]
    assert {getattr(exceptions, base) for base in published["bases"]} <= {*ours.__mro__, Exception}
    assert [argument["name"] for argument in published["arguments"]] == list(inspect.signature(ours).parameters)[
        : len(published["arguments"])
    ]
