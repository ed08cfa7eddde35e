"""What the tests share: a stack of their own, and a server that does what no real one can be asked for."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from fixture_server import FixtureServer

from syfthub_sdk import SyftHubClient

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """Hub, aggregator and a space, with a model and a data source in them: what `syfthub dev` tells of itself, and where it keeps its state."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"))
    place = tmp_path_factory.mktemp("stack")
    (place / "data").mkdir()
    (place / "data" / "rivers.md").write_text("# Rivers\n\nThe kingfisher nests in the bank of the river.\n")
    command = [target / "debug" / "syfthub", "dev", "--json", "--listen", "127.0.0.1:0"]
    command += ["--state", place / "state", "--data", place / "data"]
    with open(place / "log", "w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        line = process.stdout.readline()
        assert line, (place / "log").read_text()
        yield {**json.loads(line), "state": place / "state"}
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.fixture
def client(stack):
    """A blocking client that is signed in."""
    client = SyftHubClient(base_url=stack["hub"])
    client._connection.call("auth.login", {"username": stack["username"], "password": stack["password"]})
    return client


@pytest.fixture
def server():
    """A server that answers what the test says, when the test says."""
    with FixtureServer() as server:
        yield server
