"""Users, their sessions and what the hub keeps for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .base import Model
from .kinds import UserRole


class User(Model):
    """An account at the hub, as its holder and administrators see it."""

    id: int
    username: str
    email: str
    full_name: str
    avatar_url: str | None = None
    role: UserRole = UserRole.USER
    is_active: bool = True
    created_at: datetime
    updated_at: datetime | None = None
    domain: str | None = None
    aggregator_url: str | None = None
    accounting_service_url: str | None = None
    bio: str | None = None
    is_email_public: bool = False
    is_email_verified: bool = False
    last_login_at: datetime | None = None


class RegisterResult(User):
    """The account that was just made: the user itself, and as `user` once more for programs that look there.

    `requires_email_verification` says whether a code was mailed that `verify_otp` wants before anybody is signed in.
    """

    user: User
    requires_email_verification: bool = False

    def __init__(self, *, user: User | dict[str, Any], requires_email_verification: bool = False) -> None:
        known = user if isinstance(user, User) else User.model_validate(user)
        said = known.model_dump(exclude_unset=True)
        self._fill({**said, "user": known, "requires_email_verification": requires_email_verification})

    @classmethod
    def _of_answer(cls, raw: dict[str, Any]) -> RegisterResult:
        """The account in the hub's answer, which has the user apart."""
        asked = bool(raw.get("requires_email_verification"))
        return cls._of({**raw["user"], "user": raw["user"], "requires_email_verification": asked})

    @classmethod
    def model_validate(cls, obj: Any, **_: Any) -> RegisterResult:
        """Reads `{"user": {...}, "requires_email_verification": ...}`, as the hub answers."""
        if isinstance(obj, cls):
            return obj
        return cls(user=obj["user"], requires_email_verification=bool(obj.get("requires_email_verification", False)))


class PublicProfile(Model):
    """What everybody may know of a user."""

    username: str
    full_name: str
    bio: str | None = None
    avatar_url: str | None = None
    email: str | None = None
    created_at: datetime


class AuthTokens(Model):
    """The two halves of a session. They are secrets and are never printed."""

    __secret__ = ("access_token", "refresh_token")

    access_token: str
    refresh_token: str
    token_type: str = "bearer"


class AuthConfig(Model):
    """What the hub asks of those who sign up, and whether it can mail."""

    require_email_verification: bool = False
    smtp_configured: bool = False
    password_reset_enabled: bool = False


class AccountingCredentials(Model):
    """What the user's programs sign in with at the accounting service. The password is never printed."""

    __secret__ = ("password",)

    url: str | None = None
    email: str
    password: str | None = None


class NatsCredentials(Model):
    """What opens a tunnel over NATS, where a hub has it."""

    __secret__ = ("nats_auth_token",)

    nats_auth_token: str


class HeartbeatResponse(Model):
    """What the hub made of a sign of life: it holds for `ttl_seconds`, until `expires_at`."""

    status: str
    received_at: datetime
    expires_at: datetime
    domain: str
    ttl_seconds: int


class UserAggregator(Model):
    """An aggregator that the user keeps; questions go to the default one."""

    id: int
    user_id: int
    name: str
    url: str
    is_default: bool = False
    created_at: datetime
    updated_at: datetime
