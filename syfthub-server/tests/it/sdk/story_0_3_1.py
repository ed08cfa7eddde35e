"""Every public method of syfthub-sdk 0.3.1 that a hub without tunnels and wallets can serve.

usage: story_0_3_1.py HUB WORLD MAIL

WORLD is the address of a node with the endpoints `notes` and `oracle`, and of a ledger below `/ledger`; MAIL is the
folder that the hub's mail is delivered to. The hub asks for verified addresses.
"""

import sys
from datetime import datetime, timedelta, timezone

from steps import PASSWORD, QUESTION, equal, mailed_code, method, refuses
from syfthub_sdk import SyftHubClient
from syfthub_sdk.exceptions import APIError, AuthenticationError, NotFoundError
from syfthub_sdk.models import EndpointRef, EndpointType, Message

hub, world, mail = sys.argv[1:]
client = SyftHubClient(base_url=hub)
other = SyftHubClient(base_url=hub)
stranger = SyftHubClient(base_url=hub)
EMAIL = "sdk03@acme.org"


def verified(who, username, address):
    result = who.auth.register(
        username=username, email=address, password=PASSWORD, full_name="Ada", accounting_service_url=f"{world}/ledger"
    )
    equal((result.user.username, result.requires_email_verification), (username, True))
    assert not who.is_authenticated
    return who.auth.verify_otp(email=address, code=mailed_code(mail, address))


@method("auth.get_auth_config")
def _():
    config = stranger.auth.get_auth_config()
    equal(
        (config.require_email_verification, config.smtp_configured, config.password_reset_enabled), (True, True, True)
    )


@method("auth.register and auth.verify_otp")
def _():
    equal(verified(client, "sdk03", EMAIL).username, "sdk03")
    equal(client.me().email, EMAIL)
    verified(other, "sdk03-other", "other03@acme.org")


@method("auth.resend_otp")
def _():
    client.auth.resend_otp(email=EMAIL)
    stranger.auth.resend_otp(email="nobody@acme.org")


@method("auth.login")
def _():
    equal(client.login(username="sdk03", password=PASSWORD).username, "sdk03")
    refuses(AuthenticationError, lambda: stranger.login(username="sdk03", password="wrong-Passw0rd"))


@method("auth.me")
def _():
    equal(client.auth.me().username, "sdk03")


@method("auth.get_access_token")
def _():
    equal(client.auth.get_access_token(), client.get_tokens().access_token)


@method("auth.refresh")
def _():
    before = client.get_tokens().access_token
    client.refresh()
    assert client.get_tokens().access_token != before


@method("auth.change_password")
def _():
    client.change_password(current_password=PASSWORD, new_password=PASSWORD + "2")
    equal(client.me().username, "sdk03")


@method("auth.request_password_reset and auth.confirm_password_reset")
def _():
    stranger.auth.request_password_reset(email="nobody@acme.org")
    forgetful = SyftHubClient(base_url=hub)
    verified(forgetful, "sdk03-forgetful", "forgetful@acme.org")
    first = mailed_code(mail, "forgetful@acme.org")
    stranger.auth.request_password_reset(email="forgetful@acme.org")
    code = mailed_code(mail, "forgetful@acme.org", besides=first)
    stranger.auth.confirm_password_reset(email="forgetful@acme.org", code=code, new_password="another-Passw0rd3")
    equal(stranger.login(username="sdk03-forgetful", password="another-Passw0rd3").username, "sdk03-forgetful")
    refuses(AuthenticationError, forgetful.me)


@method("auth.get_satellite_token")
def _():
    equal(client.auth.get_satellite_token("sdk03").expires_in, 60)


@method("auth.get_satellite_tokens")
def _():
    equal(sorted(client.auth.get_satellite_tokens(["sdk03", "sdk03-other", "nobody"])), ["sdk03", "sdk03-other"])


@method("auth.get_guest_satellite_token")
def _():
    equal(SyftHubClient(base_url=hub).auth.get_guest_satellite_token("sdk03").expires_in, 60)


@method("auth.get_guest_satellite_tokens")
def _():
    equal(list(SyftHubClient(base_url=hub).auth.get_guest_satellite_tokens(["sdk03", "nobody"])), ["sdk03"])


@method("auth.get_transaction_tokens")
def _():
    answer = client.auth.get_transaction_tokens(["sdk03-other", "nobody"])
    equal((sorted(answer["tokens"]), sorted(answer["errors"])), (["sdk03-other"], ["nobody"]))


@method("auth.get_peer_token")
def _():
    tokens = [client.auth.get_peer_token(["sdk03-other"]), stranger.auth.get_guest_peer_token(["sdk03"])]
    assert tokens[0].peer_token != tokens[1].peer_token and tokens[0].peer_channel != tokens[1].peer_channel
    equal([token.nats_url for token in tokens], ["", ""])


@method("users.get_nats_credentials is not configured")
def _():
    equal(refuses(APIError, client.users.get_nats_credentials).status_code, 503)


@method("users.update")
def _():
    equal(client.users.update(full_name="Ada L", domain=world).domain, world)


@method("users.check_username")
def _():
    equal((client.users.check_username("sdk03"), client.users.check_username("nobody-yet")), (False, True))


@method("users.check_email")
def _():
    equal(client.users.check_email("not+yet@acme.org"), True)


@method("users.get_accounting_credentials")
def _():
    credentials = client.users.get_accounting_credentials()
    equal((credentials.url.rstrip("/"), credentials.email), (f"{world}/ledger", EMAIL))


@method("users.send_heartbeat")
def _():
    beat = client.users.send_heartbeat(url=world, ttl_seconds=2070)
    equal((beat.status, beat.ttl_seconds), ("ok", 1800))
    equal(beat.expires_at - beat.received_at, timedelta(seconds=1800))
    assert client.me().domain.rstrip("/") == world and beat.domain


for name, aggregators in [("users.aggregators", client.users.aggregators), ("aggregators", client.aggregators)]:

    @method(f"{name}.create")
    def _():
        first = aggregators.create(name="Mine", url="https://aggregator.acme.org/api/v1")
        equal((first.name, first.is_default), ("Mine", True))
        equal(aggregators.create(name="Second", url="https://second.acme.org").is_default, False)

    @method(f"{name}.list")
    def _():
        equal([entry.name for entry in aggregators.list()], ["Mine", "Second"])

    @method(f"{name}.get")
    def _():
        equal(aggregators.get(aggregators.list()[0].id).name, "Mine")

    @method(f"{name}.update")
    def _():
        equal(aggregators.update(aggregators.list()[0].id, name="Mine").name, "Mine")

    @method(f"{name}.set_default")
    def _():
        assert aggregators.set_default(aggregators.list()[1].id).is_default
        equal([entry.is_default for entry in sorted(aggregators.list(), key=lambda e: e.id)], [False, True])

    @method(f"{name}.delete")
    def _():
        for entry in aggregators.list():
            aggregators.delete(entry.id)
        equal(aggregators.list(), [])
        refuses(NotFoundError, lambda: aggregators.get(1_000_000))


@method("api_tokens.create")
def _():
    made = client.api_tokens.create(
        name="CI", scopes=["write"], expires_at=datetime.now(timezone.utc) + timedelta(days=1)
    )
    assert made.token.startswith("syft_pat_")
    robot = SyftHubClient(base_url=hub, api_token=made.token)
    assert robot.is_using_api_token
    equal(robot.me().username, "sdk03")
    equal(robot.my_endpoints.create(name="By robot", type="model", visibility="private").slug, "by-robot")
    robot.my_endpoints.delete("sdk03/by-robot")


@method("api_tokens.list")
def _():
    listed = client.api_tokens.list()
    equal((listed.total, [token.name for token in listed.tokens]), (1, ["CI"]))


@method("api_tokens.get")
def _():
    token = client.api_tokens.get(client.api_tokens.list().tokens[0].id)
    equal((token.name, token.is_active, len(token.token_prefix)), ("CI", True, 16))
    assert token.last_used_at


@method("api_tokens.update")
def _():
    equal(client.api_tokens.update(client.api_tokens.list().tokens[0].id, name="CD").name, "CD")


@method("api_tokens.revoke")
def _():
    client.api_tokens.revoke(client.api_tokens.list().tokens[0].id)
    equal((client.api_tokens.list().total, client.api_tokens.list(include_inactive=True).total), (0, 1))


@method("my_endpoints.create")
def _():
    ways = [{"type": "http", "config": {"url": ""}}]
    made = client.my_endpoints.create(
        name="Granite notes", type="data_source", visibility="public", slug="notes", tags=["a"], connect=ways
    )
    equal((made.slug, made.user_id), ("notes", client.me().id))
    client.my_endpoints.create(name="Oracle", type=EndpointType.MODEL, connect=ways)
    both = client.my_endpoints.create(name="Both", type=EndpointType.MODEL_DATA_SOURCE, visibility="private")
    equal(both.type, EndpointType.MODEL_DATA_SOURCE)


@method("my_endpoints.list")
def _():
    equal([e.slug for e in client.my_endpoints.list(page_size=1)], ["both", "oracle", "notes"])


@method("my_endpoints.get")
def _():
    equal(client.my_endpoints.get("sdk03/notes").name, "Granite notes")


@method("my_endpoints.update")
def _():
    equal(client.my_endpoints.update("sdk03/both", description="Two in one").description, "Two in one")


@method("my_endpoints.delete")
def _():
    client.my_endpoints.delete("sdk03/both")
    refuses(NotFoundError, lambda: client.my_endpoints.get("sdk03/both"))


@method("my_endpoints.sync")
def _():
    answer = other.my_endpoints.sync([{"name": f"Number {n}", "type": "agent"} for n in range(101)])
    equal((answer.synced, answer.deleted, len(answer.endpoints)), (101, 0, 101))
    equal(other.my_endpoints.sync([]).deleted, 101)


@method("hub.browse")
def _():
    assert {"notes", "oracle"} <= {e.slug for e in client.hub.browse(page_size=1)}


@method("hub.trending")
def _():
    assert client.hub.trending(min_stars=0).all()


@method("hub.search")
def _():
    equal(client.hub.search("granite notes", type=EndpointType.DATA_SOURCE)[0].slug, "notes")


@method("hub.get")
def _():
    equal(client.hub.get("sdk03/notes").owner_username, "sdk03")


@method("hub.star")
def _():
    client.hub.star("sdk03/notes")


@method("hub.is_starred")
def _():
    equal(client.hub.is_starred("sdk03/notes"), True)


@method("hub.unstar")
def _():
    client.hub.unstar("sdk03/notes")
    equal(client.hub.is_starred("sdk03/notes"), False)


@method("hub.get_collective_endpoint_paths of an unknown one")
def _():
    refuses(NotFoundError, lambda: client.hub.get_collective_endpoint_paths("nowhere"))
    refuses(NotFoundError, lambda: client.hub.get_collective_endpoint_paths("nowhere", "part"))


@method("chat.get_available_models")
def _():
    assert "oracle" in [e.slug for e in client.chat.get_available_models()]


@method("chat.get_available_data_sources")
def _():
    assert "notes" in [e.slug for e in client.chat.get_available_data_sources()]


@method("chat.complete")
def _():
    answer = client.chat.complete(prompt=QUESTION, model="sdk03/oracle", data_sources=["sdk03/notes"])
    assert "Granite" in answer.response, answer
    equal([source.slug for source in answer.sources.values()], ["sdk03/notes"])


@method("chat.complete as a guest")
def _():
    answer = SyftHubClient(base_url=hub).chat.complete(
        prompt=QUESTION, model="sdk03/oracle", data_sources=["sdk03/notes"], guest_mode=True
    )
    assert "Granite" in answer.response, answer


@method("chat.stream")
def _():
    events = list(client.chat.stream(prompt=QUESTION, model="sdk03/oracle", data_sources=["sdk03/notes"]))
    assert "Granite" in "".join(event.content for event in events if event.type == "token")
    equal(events[-1].type, "done")


@method("chat.retrieve")
def _():
    found = client.chat.retrieve(prompt=QUESTION, data_sources=["sdk03/notes"])
    assert "granite" in found.documents[0].content, found


@method("search.query")
def _():
    found = client.search.query(prompt=QUESTION, data_sources=["sdk03/notes"])
    assert "granite" in found.documents[0].content, found


notes = EndpointRef(url=world, slug="notes", name="Notes", owner_username="sdk03")
oracle = EndpointRef(url=world, slug="oracle", name="Oracle", owner_username="sdk03")
MESSAGES = [Message(role="user", content=QUESTION)]


@method("syftai.query_data_source")
def _():
    answer = client.syftai.query_data_source(notes, QUESTION, EMAIL)
    documents = getattr(answer, "documents", answer)
    assert "granite" in documents[0].content


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
    equal(client.accounting.create_transaction("other03@acme.org", 2.5).amount, 2.5)


@method("accounting.get_transactions and accounting.get_transaction")
def _():
    made = client.accounting.get_transactions().first_page()[0]
    equal(client.accounting.get_transaction(made.id).id, made.id)


@method("accounting.confirm_transaction and accounting.cancel_transaction")
def _():
    made = client.accounting.create_transaction("other03@acme.org", 1.0)
    assert client.accounting.confirm_transaction(made.id).is_completed
    made = client.accounting.create_transaction("other03@acme.org", 1.0)
    assert client.accounting.cancel_transaction(made.id).is_cancelled


@method("accounting.create_delegated_transaction")
def _():
    token = client.accounting.create_transaction_token("other03@acme.org")
    equal(client.accounting.create_delegated_transaction(EMAIL, 1.0, token).sender_email, EMAIL)


@method("accounting.update_organization and accounting.update_password")
def _():
    client.accounting.update_organization("Acme")
    equal(client.accounting.get_user().organization, "Acme")
    client.accounting.update_password(current_password="unused", new_password="another-Passw0rd")


@method("get_tokens and set_tokens")
def _():
    with SyftHubClient(base_url=hub) as twin:
        twin.set_tokens(client.get_tokens())
        equal(twin.me().username, "sdk03")


@method("auth.logout")
def _():
    tokens = client.get_tokens()
    client.logout()
    assert not client.is_authenticated
    client.set_tokens(tokens)
    refuses(AuthenticationError, client.me)
