"""Drives the published client's `accounting` through its whole life at a hub's own ledger; a line for each step.

usage: accounting_story.py HUB LEDGER_ADMIN_KEY VERSION DELEGATION
VERSION is the client's; DELEGATION is what charging with Basic credentials alone comes to: `on` or `off`.
"""

import sys

import httpx
from steps import PASSWORD, equal, method, refuses
from syfthub_sdk import SyftHubClient
from syfthub_sdk.accounting import AccountingResource
from syfthub_sdk.exceptions import APIError, AuthenticationError, AuthorizationError, NotFoundError, ValidationError

hub, admin_key, version, delegation = sys.argv[1:]
# The later versions lose the token on the way and send the recipient's own credentials.
SHOWS_THE_TOKEN = version in ("0.1.0", "0.1.1")
WEBS = httpx.Client(base_url=hub, trust_env=False)
NAMES = {name: f"{name}{version.replace('.', '')}" for name in ("ada", "bob", "eve")}
EMAILS = {name: f"{NAMES[name]}@acme.org" for name in NAMES}


def credentials_of(name):
    """Registers a user, and gives what their programs sign in with at the ledger."""
    body = {"username": NAMES[name], "email": EMAILS[name], "password": PASSWORD, "full_name": name}
    token = WEBS.post("/api/v1/auth/register", json=body).raise_for_status().json()["access_token"]
    mine = WEBS.get("/api/v1/users/me/accounting", headers={"Authorization": f"Bearer {token}"})
    return mine.raise_for_status().json()


MINE = {name: credentials_of(name) for name in NAMES}


def accounting_of(name):
    """The user's `accounting` as this version comes by it: from the constructor, or from the hub after signing in."""
    mine = MINE[name]
    if version == "0.1.0":
        return SyftHubClient(
            base_url=hub, accounting_url=mine["url"], accounting_email=mine["email"],
            accounting_password=mine["password"],
        ).accounting
    client = SyftHubClient(base_url=hub)
    client.auth.login(username=NAMES[name], password=PASSWORD)
    return client.accounting


ada, bob, eve = (accounting_of(name) for name in ("ada", "bob", "eve"))


def with_password(password):
    mine = MINE["ada"]
    return AccountingResource(url=mine["url"], email=mine["email"], password=password)


def balances():
    return ada.get_user().balance, bob.get_user().balance


@method("user")
def _():
    user = ada.get_user()
    equal((user.email, user.balance, user.organization), (EMAILS["ada"], 0.0, None))
    assert isinstance(user.id, str) and user.id
    deposit = {"recipientEmail": EMAILS["ada"], "amount": 10}
    brought = WEBS.post("/user/add-balance", json=deposit, headers={"Authorization": f"Bearer {admin_key}"})
    brought.raise_for_status()
    equal(ada.get_user().balance, 10.0)


@method("create")
def _():
    made = ada.create_transaction(EMAILS["bob"], 2.5, "nightly", "bob/notes")
    equal((made.sender_email, made.recipient_email, made.amount), (EMAILS["ada"], EMAILS["bob"], 2.5))
    equal((made.status.value, made.created_by.value, made.resolved_by), ("pending", "sender", None))
    equal((made.app_name, made.app_ep_path), ("nightly", "bob/notes"))
    equal(balances(), (7.5, 0.0))


@method("read")
def _():
    made = ada.get_transactions().first_page()[0]
    for party in (ada, bob):
        equal(party.get_transaction(made.id).id, made.id)
    refuses(NotFoundError, lambda: eve.get_transaction(made.id))
    equal(eve.get_transactions().all(), [])


@method("confirm")
def _():
    made = ada.get_transactions().first_page()[0]
    refuses(NotFoundError, lambda: eve.confirm_transaction(made.id))
    done = bob.confirm_transaction(made.id)
    equal((done.status.value, done.resolved_by.value), ("completed", "recipient"))
    assert done.resolved_at is not None
    equal(balances(), (7.5, 2.5))
    for late in (bob.confirm_transaction, ada.cancel_transaction):
        refuses(ValidationError, lambda late=late: late(made.id))


@method("cancel")
def _():
    made = ada.create_transaction(EMAILS["bob"], 1.0)
    gone = ada.cancel_transaction(made.id)
    equal((gone.status.value, gone.resolved_by.value), ("cancelled", "sender"))
    equal(balances(), (7.5, 2.5))
    refuses(NotFoundError, lambda: ada.cancel_transaction("no-such-transaction"))


@method("pages")
def _():
    made = [ada.create_transaction(EMAILS["bob"], amount).id for amount in (0.000001, 0.1, 0.2)]
    listed = [one.id for one in ada.get_transactions(page_size=2)]
    equal(listed[:3], made[::-1])
    equal(len(listed), 5)
    for one in made:
        ada.cancel_transaction(one)


@method("errors")
def _():
    stranger = with_password("no-such-password")
    refuses(AuthenticationError, stranger.get_user)
    refuses(ValidationError, lambda: ada.create_transaction(EMAILS["bob"], 1000.0))
    refuses(NotFoundError, lambda: ada.create_transaction("nobody@acme.org", 1.0))
    refuses(ValidationError, lambda: ada.create_transaction(EMAILS["bob"], 0.0000001))
    refuses(ValidationError, lambda: ada.create_transaction(EMAILS["bob"], -1.0))
    equal(balances(), (7.5, 2.5))


@method("delegated")
def _():
    # Nobody gave anybody leave so far.
    refusals = (AuthenticationError, AuthorizationError)
    try:
        bob.create_delegated_transaction(EMAILS["ada"], 1.0, "no.such.token")
        raise AssertionError("a token that is none was taken")
    except refusals:
        pass
    token = ada.create_transaction_token(EMAILS["bob"])
    equal(len(token.split(".")), 3)
    charge = lambda: bob.create_delegated_transaction(EMAILS["ada"], 1.0, token)  # noqa: E731
    if not SHOWS_THE_TOKEN and delegation == "off":
        refuses(AuthorizationError, charge)
        equal(balances(), (7.5, 2.5))
        return
    made = charge()
    equal((made.status.value, made.created_by.value), ("pending", "recipient"))
    equal((made.sender_email, made.recipient_email), (EMAILS["ada"], EMAILS["bob"]))
    equal(balances(), (6.5, 2.5))
    equal(bob.confirm_transaction(made.id).resolved_by.value, "recipient")
    equal(balances(), (6.5, 3.5))
    equal(ada.cancel_transaction(charge().id).status.value, "cancelled")
    equal(balances(), (6.5, 3.5))
    if not SHOWS_THE_TOKEN:
        refuses(AuthorizationError, lambda: eve.create_delegated_transaction(EMAILS["ada"], 1.0, token))


@method("organization")
def _():
    ada.update_organization("Acme")
    equal(ada.get_user().organization, "Acme")


@method("password")
def _():
    refuses(APIError, lambda: ada.update_password("no-such-password", "another-Passw0rd"))
    ada.update_password(MINE["ada"]["password"], "another-Passw0rd")
    chosen = with_password("another-Passw0rd")
    equal(chosen.get_user().email, EMAILS["ada"])
    chosen.update_password("another-Passw0rd", "a-third-Passw0rd")
    refuses(AuthenticationError, with_password("another-Passw0rd").get_user)
    equal(with_password("a-third-Passw0rd").get_user().email, EMAILS["ada"])
