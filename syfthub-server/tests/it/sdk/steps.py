"""What both programs share: one line on standard output for every method that was driven."""

import email
import mailbox
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
    """Asserts that the call raises exactly this class, and gives the exception back."""
    try:
        call()
    except error as raised:
        assert type(raised) is error, f"{type(raised).__name__} is more than {error.__name__}"
        return raised
    raise AssertionError(f"no {error.__name__}")


def equal(seen, expected):
    assert seen == expected, f"{seen!r} is not {expected!r}"


def mailed_code(folder, address):
    """The latest code that was mailed to the address; mail travels while we wait."""
    for _ in range(200):
        codes = []
        for message in mailbox.Maildir(folder, create=False):
            if address in message.get("To", ""):
                parts = [part for part in message.walk() if part.get_content_type() == "text/plain"]
                text = parts[0].get_payload(decode=True).decode()
                when = email.utils.parsedate_to_datetime(message["Date"])
                codes += [(when, code) for code in re.findall(r"\b\d{6}\b", text)[:1]]
        if codes:
            return max(codes)[1]
        time.sleep(0.1)
    raise AssertionError(f"no mail to {address}")
