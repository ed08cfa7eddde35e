"""The package and the table of operations: none is forgotten, and none is made up."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import syfthub_sdk
from syfthub_sdk import AsyncSyftHubClient, SyftHubClient

REPOSITORY = Path(__file__).resolve().parents[3]
PACKAGE = Path(syfthub_sdk.__file__).parent
NAMED = re.compile(r'(?:call|stream)\s+"([a-z_]+\.[a-z_]+)"')

# There to be tested with, and only in development.
DEFECTS = {"defect.call", "defect.stream"}


def table():
    """The operations on a hub."""
    sources = (REPOSITORY / "bindings/calls/src/hub").rglob("*.rs")
    return {name for source in sources for name in NAMED.findall(source.read_text())} - DEFECTS


def used():
    """The operations that the package runs: what calls name first, and not the frames of a conversation."""
    for path in PACKAGE.glob("_async/*.py"):
        calls = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        for first in (call.args[0] for call in calls if call.args):
            is_name = isinstance(first, ast.Constant) and isinstance(first.value, str)
            if is_name and re.fullmatch(r"[a-z_]+\.[a-z_]+", first.value):
                yield first.value


def resources(client):
    """The groups of operations of a client, by name."""
    for name, value in inspect.getmembers(client):
        if type(value).__name__.endswith("Resource"):
            yield name, value


def test_every_operation_on_a_hub_has_a_method():
    assert sorted(table() - set(used())) == []


def test_no_method_runs_an_operation_that_there_is_not():
    assert sorted(set(used()) - table()) == []


@pytest.mark.parametrize("kind", [SyftHubClient, AsyncSyftHubClient])
def test_every_method_says_what_it_does_and_shows_it(kind):
    client = kind(base_url="http://127.0.0.1:1")
    for group, resource in resources(client):
        for name, method in inspect.getmembers(resource, inspect.isroutine):
            if name.startswith("_") or name in ("close", "get_access_token"):
                continue
            told = inspect.getdoc(method)
            assert told, f"{group}.{name}"
            assert ">>>" in told, f"{group}.{name} has no example"


def test_both_clients_have_the_same_groups_and_methods():
    def shape(kind):
        client = kind(base_url="http://127.0.0.1:1")
        return {group: [name for name in dir(resource) if name[0] != "_"] for group, resource in resources(client)}

    assert shape(SyftHubClient) == shape(AsyncSyftHubClient)
