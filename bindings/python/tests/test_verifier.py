"""A service judges its callers' tokens without asking the hub about each."""

from __future__ import annotations

import asyncio

import pytest

from syfthub_sdk import AsyncVerifier, Verifier
from syfthub_sdk.exceptions import AuthenticationError, ConfigurationError, UnreachableError


@pytest.fixture
def token(client, stack):
    return client._connection.call("tokens.satellite", {"audience": stack["username"]})["target_token"]


def test_a_token_for_this_service_counts(stack, token):
    claims = Verifier(base_url=stack["hub"], audience=stack["username"]).verify(token)
    assert (claims.aud, claims.is_guest) == (stack["username"], False)
    assert claims.exp > claims.iat


def test_asyncio_judges_alike(stack, token):
    async def main():
        return await AsyncVerifier(base_url=stack["hub"], audience=stack["username"]).verify(token)

    assert asyncio.run(main()).sub == Verifier(base_url=stack["hub"], audience=stack["username"]).verify(token).sub


def test_with_its_own_keys_it_never_asks(client, stack, token):
    keys = client._connection.call("tokens.jwks", {})
    issuer = stack["hub"].rstrip("/")
    verifier = Verifier(base_url="http://127.0.0.1:1", audience=stack["username"], jwks=keys, issuer=issuer)
    assert verifier.verify(token).iss == issuer


@pytest.mark.parametrize(
    ("audience", "damage", "code"),
    [
        ("somebody-else", "", "audience_mismatch"),
        (None, "x", "invalid_signature"),
        (None, ".x", "invalid_token_format"),
    ],
)
def test_what_does_not_count_says_why(stack, token, audience, damage, code):
    verifier = Verifier(base_url=stack["hub"], audience=audience or stack["username"])
    with pytest.raises(AuthenticationError) as raised:
        verifier.verify(token + damage)
    assert raised.value.code == code


def test_without_keys_nothing_can_be_said(token):
    with pytest.raises(UnreachableError):
        Verifier(base_url="http://127.0.0.1:1", audience="ada").verify(token)


def test_it_needs_an_address(monkeypatch):
    monkeypatch.delenv("SYFTHUB_URL", raising=False)
    with pytest.raises(ConfigurationError, match="SYFTHUB_URL"):
        Verifier(audience="ada")
