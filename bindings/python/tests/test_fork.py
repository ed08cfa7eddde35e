"""A forked process goes on with the session, over connections of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import traceback

import pytest

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks on this system"),
    # Python's own warning of forks beside threads: this is what is tried here.
    pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning"),
]


def in_child(work):
    """Runs `work` in a forked process; fails when it does."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def who(client):
    return client._connection.call("auth.me", {})["username"]


def test_parent_and_child_go_on_with_the_session(client, stack):
    assert who(client) == stack["username"]

    def child():
        assert who(client) == stack["username"]
        # And its own child.
        in_child(lambda: who(client))

    in_child(child)
    assert who(client) == stack["username"]


def test_a_child_may_use_asyncio(client, stack):
    async def main():
        return await client._connection._native.call_async("auth.me", "{}")

    here = asyncio.run(main())
    in_child(lambda: exec_equal(asyncio.run(main()), here))
    assert asyncio.run(main()) == here


def exec_equal(left, right):
    assert left == right


def test_a_stream_stays_with_the_process_that_opened_it(client):
    pages = client._connection.open("endpoints.public", {})

    def child():
        with pytest.raises(RuntimeError, match="forked"):
            next(pages)

    in_child(child)
    assert isinstance(list(pages), list)


def test_a_child_leaves_the_connections_of_its_parent_alone(client, stack):
    pages = client._connection.open("endpoints.public", {})
    next(pages, None)

    def child():
        nonlocal client, pages
        who(client)
        del client, pages

    in_child(child)
    list(pages)
    assert who(client) == stack["username"]


def test_worker_processes_share_a_client(stack):
    program = """
import multiprocessing, sys
from syfthub_sdk import SyftHubClient
client = SyftHubClient(base_url=sys.argv[1])
client._connection.call("auth.login", {"username": sys.argv[2], "password": sys.argv[3]})
def work(_):
    return client._connection.call("auth.me", {})["username"]
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(3) as pool:
        print(set(pool.map(work, range(12))))
"""
    arguments = [stack["hub"], stack["username"], stack["password"]]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == (str({stack["username"]}), 0), done.stderr
