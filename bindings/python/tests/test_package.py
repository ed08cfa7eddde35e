"""What the package is as a package: light to import, complete, and the same on every interpreter."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import syfthub_sdk
from syfthub_sdk import _native

PACKAGE = Path(syfthub_sdk.__file__).parent
VERSIONS = ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"]


def interpreters():
    """Every other interpreter on the PATH, and those that SYFTHUB_TEST_PYTHONS names."""
    named = os.environ.get("SYFTHUB_TEST_PYTHONS", "").split(os.pathsep)
    found = [shutil.which(f"python{version}") for version in VERSIONS]
    for path in filter(None, [*named, *found]):
        works = subprocess.run([path, "-c", "pass"], capture_output=True, check=False)
        if works.returncode == 0:
            yield path


def test_importing_it_loads_nothing_heavy():
    program = "import sys; from syfthub_sdk import SyftHubClient; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    names = {name.split(".")[0] for name in loaded.stdout.split()}
    assert "syfthub_sdk" in names
    assert not names & {"asyncio", "dataclasses", "httpx", "inspect", "pydantic", "ssl", "typing_extensions", "urllib"}


def test_everything_that_it_names_is_there():
    for name in syfthub_sdk.__all__:
        assert getattr(syfthub_sdk, name) is not None
    assert dir(syfthub_sdk) == syfthub_sdk.__all__
    with pytest.raises(AttributeError, match="nonsense"):
        syfthub_sdk.nonsense  # noqa: B018 the look is the test
    assert syfthub_sdk.__version__ == _native.version()


def test_type_checkers_find_its_types():
    assert (PACKAGE / "py.typed").exists()
    assert (PACKAGE / "_native.pyi").exists()


def test_nothing_shows_a_secret(stack, client):
    shown = repr(client) + repr(client._connection) + repr(client.get_tokens()) + str(client.get_tokens())
    tokens = client.get_tokens()
    assert tokens.access_token not in shown
    assert tokens.refresh_token not in shown


@pytest.mark.parametrize("python", list(interpreters()))
def test_the_wheel_runs_on(python, stack, tmp_path):
    # The package alone: what else is installed beside it belongs to this interpreter.
    shutil.copytree(PACKAGE, tmp_path / "syfthub_sdk")
    program = """
import asyncio, sys
from syfthub_sdk import AsyncSyftHubClient, SyftHubClient
from syfthub_sdk.models import User
credentials = {"username": sys.argv[2], "password": sys.argv[3]}
client = SyftHubClient(base_url=sys.argv[1])
user = User._of(client._connection.call("auth.login", credentials))
async def main():
    async with AsyncSyftHubClient(base_url=sys.argv[1]) as client:
        return User._of(await client._connection.call("auth.login", credentials))
again = asyncio.run(main())
assert (again.id, again.created_at) == (user.id, user.created_at) and user.created_at.tzinfo is not None
print(user.username)
"""
    arguments = [stack["hub"], stack["username"], stack["password"]]
    done = subprocess.run(
        [python, "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert (done.stdout.strip(), done.returncode) == (stack["username"], 0), done.stderr
