"""Every public method of syfthub-sdk 0.1.1, against a hub.

usage: story_0_1_1.py HUB WORLD

WORLD is the address of a node with the endpoints `notes` and `oracle`, and of a ledger below `/ledger`.
"""

import sys

from steps import PASSWORD, QUESTION, equal, method, refuses
from syfthub_sdk import SyftHubClient
from syfthub_sdk.exceptions import APIError, AuthenticationError, NotFoundError, ValidationError
from syfthub_sdk.models import AuthTokens, EndpointRef, EndpointType, Message, Visibility

hub, world = sys.argv[1:]
client = SyftHubClient(base_url=hub)
other = SyftHubClient(base_url=hub)
EMAIL = "sdk01@acme.org"


@method("auth.register")
def _():
    user = client.auth.register(
        username="sdk01", email=EMAIL, password=PASSWORD, full_name="Ada", accounting_service_url=f"{world}/ledger"
    )
    equal((user.username, user.email, user.role.value, user.is_active), ("sdk01", EMAIL, "user", True))
    assert client.is_authenticated
    again = refuses(
        APIError, lambda: other.register(username="SDK01", email="x@acme.org", password=PASSWORD, full_name="Eve")
    )
    equal(again.status_code, 409)
    other.register(username="sdk01-other", email="other01@acme.org", password=PASSWORD, full_name="Eve")


@method("auth.login")
def _():
    equal(client.login(username="sdk01", password=PASSWORD).username, "sdk01")
    equal(client.auth.login(username=EMAIL.upper(), password=PASSWORD).email, EMAIL)
    refuses(AuthenticationError, lambda: SyftHubClient(base_url=hub).login(username="sdk01", password="wrong-Passw0rd"))


@method("auth.me")
def _():
    equal(client.me().username, "sdk01")
    assert client.auth.me().created_at.tzinfo is not None
    refuses(AuthenticationError, lambda: SyftHubClient(base_url=hub).me())


@method("auth.refresh")
def _():
    before = client.get_tokens()
    client.refresh()
    assert client.get_tokens().access_token != before.access_token
    equal(client.me().username, "sdk01")


@method("auth.refresh of an expired token by ten threads at once")
def _():
    tokens = client.get_tokens()
    client.set_tokens(AuthTokens(access_token="expired", refresh_token=tokens.refresh_token))
    owners = ["sdk01", "sdk01-other"] + [f"nobody{n}" for n in range(8)]
    equal(sorted(client.auth.get_satellite_tokens(owners)), ["sdk01", "sdk01-other"])
    equal(client.me().username, "sdk01")


@method("auth.change_password")
def _():
    elsewhere = SyftHubClient(base_url=hub)
    elsewhere.login(username="sdk01", password=PASSWORD)
    client.change_password(current_password=PASSWORD, new_password=PASSWORD + "2")
    equal(client.me().username, "sdk01")
    refuses(AuthenticationError, elsewhere.me)
    client.auth.change_password(current_password=PASSWORD + "2", new_password=PASSWORD)
    refuses(APIError, lambda: client.change_password(current_password="wrong-Passw0rd", new_password=PASSWORD))


@method("auth.get_satellite_token")
def _():
    token = client.auth.get_satellite_token("SDK01-other")
    equal((token.expires_in, token.target_token.count(".")), (60, 2))
    refuses(APIError, lambda: client.auth.get_satellite_token("nobody"))


@method("auth.get_satellite_tokens")
def _():
    equal(sorted(client.auth.get_satellite_tokens(["sdk01", "sdk01-other", "nobody"])), ["sdk01", "sdk01-other"])


@method("auth.get_transaction_tokens")
def _():
    answer = client.auth.get_transaction_tokens(["sdk01-other", "nobody"])
    equal((sorted(answer["tokens"]), sorted(answer["errors"])), (["sdk01-other"], ["nobody"]))


@method("users.update")
def _():
    equal(client.users.update(full_name="Ada L", avatar_url="https://acme.org/a.png").full_name, "Ada L")
    equal(client.users.update(domain="node.acme.org").domain, "node.acme.org")
    equal(client.users.update(domain=world).domain, world)
    equal(client.users.update(email="sdk01-new@acme.org").email, "sdk01-new@acme.org")
    equal(client.users.update(email=EMAIL, username="sdk01-renamed").username, "sdk01-renamed")
    equal(client.users.update(username="sdk01").username, "sdk01")
    refuses(ValidationError, lambda: client.users.update(username="x"))


@method("users.check_username")
def _():
    equal((client.users.check_username("SDK01"), client.users.check_username("nobody-yet")), (False, True))


@method("users.check_email")
def _():
    equal((client.users.check_email("Ada+x@acme.org"), client.users.check_email("not@here.acme.org")), (True, True))


@method("users.get_accounting_credentials")
def _():
    credentials = client.users.get_accounting_credentials()
    equal((credentials.url.rstrip("/"), credentials.email), (f"{world}/ledger", EMAIL))
    assert credentials.password


@method("my_endpoints.create")
def _():
    made = client.my_endpoints.create(
        name="Granite notes", type="data_source", visibility="public", slug="notes", description="What it is made of",
        version="1.2.3", readme="# Notes", tags=["b", "a"], policies=[{"type": "access"}],
        connect=[{"type": "http", "config": {"url": ""}}], contributors=[],
    )
    equal((made.slug, made.type, made.visibility, made.tags), ("notes", EndpointType.DATA_SOURCE, Visibility.PUBLIC, ["b", "a"]))
    equal((made.version, made.policies[0].type, made.connect[0].type), ("1.2.3", "access", "http"))
    client.my_endpoints.create(name="Oracle", type=EndpointType.MODEL, connect=[{"type": "http", "config": {"url": ""}}])
    taken = refuses(APIError, lambda: client.my_endpoints.create(name="Notes", type="model", slug="notes"))
    equal(taken.status_code, 400)


@method("my_endpoints.list")
def _():
    client.my_endpoints.create(name="Hidden", type="model", visibility="private")
    equal([e.slug for e in client.my_endpoints.list(page_size=1)], ["hidden", "oracle", "notes"])
    equal([e.slug for e in client.my_endpoints.list(visibility="private").all()], ["hidden"])


@method("my_endpoints.get")
def _():
    equal(client.my_endpoints.get("sdk01/notes").name, "Granite notes")
    refuses(NotFoundError, lambda: client.my_endpoints.get("sdk01/missing"))


@method("my_endpoints.update")
def _():
    changed = client.my_endpoints.update("sdk01/hidden", name="Seen", visibility="internal", tags=["c"], description="x")
    equal((changed.name, changed.visibility.value, changed.tags), ("Seen", "internal", ["c"]))


@method("my_endpoints.delete")
def _():
    client.my_endpoints.delete("sdk01/hidden")
    refuses(NotFoundError, lambda: client.my_endpoints.delete("sdk01/hidden"))
    equal(client.my_endpoints.create(name="Hidden", type="model", slug="hidden").slug, "hidden")
    client.my_endpoints.delete("sdk01/hidden")


@method("my_endpoints.sync")
def _():
    other.my_endpoints.create(name="Old", type="model")
    answer = other.my_endpoints.sync([
        {"name": "Birds of the coast", "type": "data_source", "tags": ["birds"], "visibility": "public"},
        {"name": "Kept", "type": "model", "slug": "kept"},
    ])
    equal((answer.synced, answer.deleted, [e.slug for e in answer.endpoints]), (2, 1, ["birds-of-the-coast", "kept"]))
    equal(answer.endpoints[0].tags, ["birds"])
    wiped = other.my_endpoints.sync([])
    equal((wiped.synced, wiped.deleted, wiped.endpoints), (0, 2, []))


@method("hub.browse")
def _():
    found = {f"{e.owner_username}/{e.slug}" for e in client.hub.browse(page_size=1)}
    assert {"sdk01/notes", "sdk01/oracle"} <= found, found
    assert client.hub.browse().first_page() and client.hub.browse().take(1)


@method("hub.trending")
def _():
    assert client.hub.trending().all()
    equal([e.slug for e in client.hub.trending(min_stars=1000)], [])


@method("hub.search")
def _():
    found = client.hub.search("granite notes", top_k=5, type=EndpointType.DATA_SOURCE, min_score=0.0)
    equal(found[0].slug, "notes")
    assert 0 <= found[0].relevance_score <= 1


@method("hub.get")
def _():
    found = client.hub.get("sdk01/notes")
    equal((found.owner_username, found.readme, found.connect[0].config["url"].rstrip("/")), ("sdk01", "# Notes", world))
    refuses(NotFoundError, lambda: client.hub.get("sdk01/missing"))


@method("hub.star")
def _():
    client.hub.star("sdk01/notes")
    client.hub.star("sdk01/notes")
    equal([(e.slug, e.stars_count) for e in client.hub.trending(min_stars=1)], [("notes", 1)])


@method("hub.is_starred")
def _():
    equal((client.hub.is_starred("sdk01/notes"), client.hub.is_starred("sdk01/oracle")), (True, False))


@method("hub.unstar")
def _():
    client.hub.unstar("sdk01/notes")
    client.hub.unstar("sdk01/notes")
    equal(client.hub.is_starred("sdk01/notes"), False)


@method("chat.get_available_models")
def _():
    assert "oracle" in [e.slug for e in client.chat.get_available_models()]


@method("chat.get_available_data_sources")
def _():
    assert "notes" in [e.slug for e in client.chat.get_available_data_sources()]


@method("chat.complete")
def _():
    answer = client.chat.complete(prompt=QUESTION, model="sdk01/oracle", data_sources=["sdk01/notes"])
    assert "Granite" in answer.response, answer
    equal([(info.path, info.status.value) for info in answer.retrieval_info], [("sdk01/notes", "success")])
    equal([source.slug for source in answer.sources.values()], ["sdk01/notes"])


@method("chat.stream")
def _():
    events = list(client.chat.stream(prompt=QUESTION, model="sdk01/oracle", data_sources=["sdk01/notes"]))
    assert "Granite" in "".join(event.content for event in events if event.type == "token")
    equal((events[0].type, events[-1].type), ("retrieval_start", "done"))


notes = EndpointRef(url=world, slug="notes", name="Notes", owner_username="sdk01")
oracle = EndpointRef(url=world, slug="oracle", name="Oracle", owner_username="sdk01")
MESSAGES = [Message(role="user", content=QUESTION)]


@method("syftai.query_data_source")
def _():
    assert "granite" in client.syftai.query_data_source(notes, QUESTION, EMAIL)[0].content


@method("syftai.query_model")
def _():
    assert "Granite" in client.syftai.query_model(oracle, MESSAGES, EMAIL)


@method("syftai.query_model_stream")
def _():
    assert "Granite" in "".join(client.syftai.query_model_stream(oracle, MESSAGES, EMAIL))


@method("accounting.get_user")
def _():
    equal(client.accounting.get_user().email, EMAIL)


@method("accounting.create_transaction")
def _():
    equal(client.accounting.create_transaction("other01@acme.org", 2.5, "app", "sdk01/notes").amount, 2.5)


@method("accounting.get_transactions")
def _():
    equal([tx.recipient_email for tx in client.accounting.get_transactions()], ["other01@acme.org"])


@method("accounting.get_transaction")
def _():
    made = client.accounting.get_transactions().first_page()[0]
    equal(client.accounting.get_transaction(made.id).id, made.id)


@method("accounting.confirm_transaction")
def _():
    made = client.accounting.create_transaction("other01@acme.org", 1.0)
    assert client.accounting.confirm_transaction(made.id).is_completed


@method("accounting.cancel_transaction")
def _():
    made = client.accounting.create_transaction("other01@acme.org", 1.0)
    assert client.accounting.cancel_transaction(made.id).is_cancelled


@method("accounting.create_transaction_token")
def _():
    assert client.accounting.create_transaction_token("other01@acme.org")


@method("accounting.create_delegated_transaction")
def _():
    token = client.accounting.create_transaction_token("other01@acme.org")
    equal(client.accounting.create_delegated_transaction(EMAIL, 1.0, token).sender_email, EMAIL)


@method("accounting.update_organization")
def _():
    client.accounting.update_organization("Acme")
    equal(client.accounting.get_user().organization, "Acme")


@method("accounting.update_password")
def _():
    client.accounting.update_password(current_password="unused", new_password="another-Passw0rd")


@method("get_tokens and set_tokens")
def _():
    twin = SyftHubClient(base_url=hub)
    twin.set_tokens(client.get_tokens())
    equal(twin.me().username, "sdk01")
    with SyftHubClient(base_url=hub) as closed:
        assert not closed.is_authenticated


@method("auth.logout")
def _():
    tokens = client.get_tokens()
    client.logout()
    assert not client.is_authenticated
    client.set_tokens(tokens)
    refuses(AuthenticationError, client.me)
