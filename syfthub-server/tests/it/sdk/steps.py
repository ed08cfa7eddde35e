"""What both programs share: one line on standard output for every method that was driven."""

import email
import pathlib
import re
import sys
import time
import traceback

QUESTION = "What is the lighthouse made of?"
PASSWORD = "a-Long-passw0rd"


def method(name):
    """Runs the decorated function at once, as the test of the SDK's method `name`."""

    def run(test):
        try:
            test()
        except Exception as error:
            print(f"failed {name}: {type(error).__name__}: {error}".replace("\n", " "))
            traceback.print_exc(file=sys.stderr)
        else:
            print(f"ok {name}")
        sys.stdout.flush()

    return run


def refuses(error, call):
    """Asserts that the call raises what a program catches by this class, and gives the exception back."""
    try:
        call()
    except error as raised:
        return raised
    raise AssertionError(f"no {error.__name__}")


def equal(seen, expected):
    assert seen == expected, f"{seen!r} is not {expected!r}"


def mailed_code(folder, address, besides=None):
    """The code that was mailed to the address last, if it is another than `besides`; mail travels while we wait."""
    for _ in range(200):
        letters = sorted(pathlib.Path(folder).glob("new/*"), key=lambda letter: letter.stat().st_mtime_ns)
        for letter in reversed(letters):
            message = email.message_from_bytes(letter.read_bytes())
            if address in message.get("To", ""):
                texts = [part for part in message.walk() if part.get_content_type() == "text/plain"]
                codes = re.findall(r"\b\d{6}\b", texts[0].get_payload(decode=True).decode())
                if codes and codes[0] != besides:
                    return codes[0]
                break
        time.sleep(0.1)
    raise AssertionError(f"no code was mailed to {address}")
