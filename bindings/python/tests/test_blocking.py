"""A blocking call leaves the interpreter to others, and Ctrl-C ends it."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from syfthub_sdk import SyftHubClient

WAITING = """
import sys
from syfthub_sdk import SyftHubClient
client = SyftHubClient(base_url=sys.argv[1])
try:
    client._connection.call("auth.me", {})
except KeyboardInterrupt:
    print("interrupted")
"""

READING = """
import sys
from syfthub_sdk import SyftHubClient
client = SyftHubClient(base_url=sys.argv[1])
try:
    for page in client._connection.open("endpoints.public", {}):
        print(page)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("program", [WAITING, READING], ids=["call", "stream"])
def test_ctrl_c_ends_it_and_what_it_waited_for(server, program):
    environment = {"SYFTHUB_API_TOKEN": "syft_pat_fixture"}
    waiting = subprocess.Popen(
        [sys.executable, "-c", program, server.url], stdout=subprocess.PIPE, text=True, env=environment
    )
    request = server.request()
    waiting.send_signal(signal.SIGINT)
    said, _ = waiting.communicate(timeout=20)
    assert (said, waiting.returncode) == ("interrupted\n", 0)
    request.wait_until_left()


def test_a_signals_handler_may_make_calls_of_its_own(server):
    program = """
import signal, sys
from syfthub_sdk import SyftHubClient
client = SyftHubClient(base_url=sys.argv[1])
def handle(*_):
    print(client._connection.call("auth.me", {})["username"], flush=True)
signal.signal(signal.SIGUSR1, handle)
print(client._connection.call("auth.me", {})["username"])
"""
    environment = {"SYFTHUB_API_TOKEN": "syft_pat_fixture"}
    waiting = subprocess.Popen(
        [sys.executable, "-c", program, server.url], stdout=subprocess.PIPE, text=True, env=environment
    )
    first = server.request()
    waiting.send_signal(signal.SIGUSR1)
    server.request().answer(200, user("second"))
    assert waiting.stdout.readline() == "second\n"
    first.answer(200, user("first"))
    said, _ = waiting.communicate(timeout=20)
    assert (said, waiting.returncode) == ("first\n", 0)


def test_threads_that_share_a_client_wait_side_by_side(server):
    client = SyftHubClient(base_url=server.url, api_token="syft_pat_fixture")
    count = 16
    with ThreadPoolExecutor(count) as threads:
        calls = [threads.submit(client._connection.call, "auth.me", {}) for _ in range(count)]
        # All are on their way before the first is answered.
        requests = [server.request() for _ in range(count)]
        for nth, request in enumerate(requests):
            request.answer(200, user(f"user{nth}"))
        answers = {call.result()["username"] for call in calls}
    assert answers == {f"user{nth}" for nth in range(count)}


def test_the_interpreter_runs_on_while_a_thread_waits(server):
    client = SyftHubClient(base_url=server.url, api_token="syft_pat_fixture")
    answers = []
    thread = threading.Thread(target=lambda: answers.append(client._connection.call("auth.me", {})))
    thread.start()
    request = server.request()
    assert sum(range(100_000)) == 4_999_950_000
    request.answer(200, user("ada"))
    thread.join()
    assert answers[0]["username"] == "ada"


def test_a_stream_that_another_thread_closes_ends(server):
    client = SyftHubClient(base_url=server.url)
    pages = client._connection.open("endpoints.public", {})
    ends = []
    thread = threading.Thread(target=lambda: ends.append(list(pages)))
    thread.start()
    request = server.request()
    pages.close()
    thread.join()
    assert ends == [[]]
    request.wait_until_left()


def user(name):
    return {
        "id": 1,
        "username": name,
        "email": f"{name}@example.com",
        "full_name": name,
        "role": "user",
        "is_active": True,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }
