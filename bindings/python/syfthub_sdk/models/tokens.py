"""Tokens: those that prove a user to services, and those that programs sign in with."""

from __future__ import annotations

from datetime import datetime

from .base import Model
from .kinds import APITokenScope


class SatelliteTokenResponse(Model):
    """A token that proves the caller to one owner's services, for `expires_in` seconds."""

    __secret__ = ("target_token",)

    target_token: str
    expires_in: int


class PeerTokenResponse(Model):
    """A token and a channel for answers through a tunnel, for `expires_in` seconds."""

    __secret__ = ("peer_token",)

    peer_token: str
    peer_channel: str
    expires_in: int
    nats_url: str


class Jwk(Model):
    """One public key of the hub."""

    kty: str
    kid: str
    n: str
    e: str
    alg: str | None = None
    use: str | None = None


class JwkSet(Model):
    """The hub's public keys, with which satellite tokens are verified."""

    keys: list[Jwk] = []


class Verification(Model):
    """What the hub says of a satellite token: whom it proves when `valid`, else why it does not count."""

    valid: bool
    sub: str | None = None
    username: str | None = None
    email: str | None = None
    role: str | None = None
    aud: str | None = None
    exp: int | None = None
    iat: int | None = None
    error: str | None = None
    message: str | None = None


class APIToken(Model):
    """A personal access token as it is listed: its first characters, never the whole."""

    id: int
    name: str
    token_prefix: str
    scopes: list[APITokenScope] = [APITokenScope.FULL]
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_ip: str | None = None
    is_active: bool = True
    created_at: datetime
    updated_at: datetime


class APITokenCreateResponse(APIToken):
    """A personal access token that was just made. `token` is told this once and never printed."""

    __secret__ = ("token",)

    token: str


class APITokenListResponse(Model):
    """A page of personal access tokens, newest first, and how many there are on all pages."""

    tokens: list[APIToken] = []
    total: int = 0


class CreateAPITokenInput(Model):
    """What a new personal access token is to be."""

    name: str
    scopes: list[APITokenScope] = [APITokenScope.FULL]
    expires_at: datetime | None = None


class UpdateAPITokenInput(Model):
    """What a personal access token is to be called from now on."""

    name: str


class Audiences(Model):
    """Whose services the hub makes satellite tokens for."""

    allowed_audiences: list[str] = []
    idp_configured: bool = False
