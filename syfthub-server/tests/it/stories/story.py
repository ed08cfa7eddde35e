"""The story in Python. `story.rs` and `story.mjs` tell the same.

usage: story.py HUB NAME
"""

import csv
import io
import itertools
import sys
import time

from syfthub_sdk import AuthenticationError, SyftHubClient, Verifier

HUB, NAME = sys.argv[1:]
PASSWORD = "a-Long-passw0rd"
TREASURER_PASSWORD = "nine-Gulls-over-7-piers"
PATIENCE = 30.0
"""How long money may take to arrive, in seconds."""


def tell(line):
    print(line.replace(NAME, "NAME"))


def register(hub):
    made = hub.auth.register(username=NAME, email=f"{NAME}@example.org", password=PASSWORD, full_name=NAME)
    tell(f"register: {made.username} is {made.role.value} and signed in as {hub.auth.me().username}")


def organize(hub):
    organization = hub.organizations.create(name=f"{NAME} and friends")
    members = [f"{member.username} {member.role.value}" for member in hub.organizations.members(organization.id)]
    tell(f"organize: {organization.slug} of {', '.join(members)}")
    return organization


def publish(hub, organization):
    made = hub.my_endpoints.create(
        name="Field Notes",
        type="data_source",
        description="What grows near the river",
        version="1.2.0",
        tags=["plants"],
        organization_id=organization.id,
    )
    path = f"{organization.slug}/{made.slug}"
    seen = hub.hub.get(path)
    about = ", ".join(seen.tags)
    tell(f"publish: {path} {made.type.value} {made.visibility.value} {seen.version}, about {about}")
    return path


def star(hub, path):
    hub.hub.star(path)
    mine = str(hub.hub.is_starred(path)).lower()
    tell(f"star: {hub.hub.get(path).stars_count} star, mine {mine}")


def browse(hub, organization):
    owners = ("ada", organization.slug)
    found = [endpoint.path for endpoint in hub.hub.browse(page_size=2) if endpoint.owner_username in owners]
    twice = len(found) - len(set(found))
    tell(f"browse: {', '.join(sorted(found))}, {twice} of them twice")


def verify(hub, token):
    keys = hub.tokens.jwks()
    claims = Verifier(base_url=HUB, audience="ada", jwks=keys).verify(token)
    me = str(claims.sub == str(hub.auth.me().id)).lower()
    try:
        Verifier(base_url=HUB, audience="eve", jwks=keys).verify(token)
    except AuthenticationError as refused:
        code = refused.code
    life = claims.exp - claims.iat
    tell(f"verify: me {me}, {claims.role} for {life} s at {claims.aud}, {code} at eve")


def fund():
    with SyftHubClient(base_url=HUB) as treasurer:
        treasurer.auth.login(username="treasurer", password=TREASURER_PASSWORD)
        tell(f"fund: {treasurer.ledger.deposit(NAME, 10).balance:.2f}")


def ask(hub):
    question = "Which permit covers night work?"
    kinds, answer = [], ""
    for event in hub.chat.stream(question, model="ada/words", data_sources=["ada/notes"], all_events=True):
        kinds.append(event.type)
        if event.type == "token":
            answer += event.content
        if event.type == "done":
            done = event
    kinds = [kind for kind, _ in itertools.groupby(kind for kind in kinds if kind != "generation_heartbeat")]
    cited = ", ".join(f"{cited.title} of {cited.source}" for cited in done.citations)
    tell(f"ask: {' '.join(kinds)} | {answer.strip()} | {cited} for {done.billing.total_cost:.2f}")


def pay(hub):
    latest = time.monotonic() + PATIENCE
    while any(transaction.is_pending for transaction in hub.ledger.history()):
        assert time.monotonic() < latest, "the answer is not paid for"
        time.sleep(0.02)
    before = hub.ledger.balance().balance
    payment = hub.ledger.confirm(hub.ledger.pay("ada", 0.5).id)
    after = hub.ledger.balance().balance
    tell(f"pay: {before:.2f} before {payment.status.value} {payment.amount:.2f}, {after:.2f} after")


def export(hub):
    entries = list(csv.DictReader(io.StringIO(hub.ledger.export("csv"))))
    lines = sorted(f"{entry['kind']} {entry['bucket']} {float(entry['amount']):.2f}" for entry in entries)
    left = sum(float(entry["amount"]) for entry in entries)
    tell(f"export: {', '.join(lines)}, which is {left:.2f}")


with SyftHubClient(base_url=HUB) as client:
    register(client)
    friends = organize(client)
    notes = publish(client, friends)
    star(client, notes)
    browse(client, friends)
    minted = client.tokens.satellite("ada").target_token
    tell(f"mint: {len(minted.split('.'))} parts")
    verify(client, minted)
    fund()
    ask(client)
    pay(client)
    export(client)
