"""Words with a fixed set of values. Each member is a `str`, so it can be compared with and sent as plain text."""

from __future__ import annotations

from enum import Enum


class Visibility(str, Enum):
    """Who sees an endpoint: everybody, every signed-in user, or its owner alone."""

    PUBLIC = "public"
    PRIVATE = "private"
    INTERNAL = "internal"


class EndpointType(str, Enum):
    """What an endpoint does: write, find documents, both, or hold a conversation."""

    MODEL = "model"
    DATA_SOURCE = "data_source"
    MODEL_DATA_SOURCE = "model_data_source"
    AGENT = "agent"


class UserRole(str, Enum):
    """What a user may do at the hub."""

    ADMIN = "admin"
    USER = "user"
    GUEST = "guest"


class OrganizationRole(str, Enum):
    """What a member may do in an organization, from the least to the most."""

    VIEWER = "viewer"
    MEMBER = "member"
    MANAGER = "manager"
    ADMIN = "admin"
    OWNER = "owner"


class HealthStatus(str, Enum):
    """Whether an endpoint answers, as its space says."""

    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


class SourceStatus(str, Enum):
    """How one data source did."""

    SUCCESS = "success"
    ERROR = "error"
    TIMEOUT = "timeout"
    PAYMENT_FAILED = "payment_failed"
    ACCESS_DENIED = "access_denied"
    POLICY_VIOLATION = "policy_violation"
    RATE_LIMITED = "rate_limited"


class ReasonCode(str, Enum):
    """Why a policy refused."""

    NO_PRICING_TIER = "NO_PRICING_TIER"
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE"
    PAYMENT_REQUIRED = "PAYMENT_REQUIRED"
    ACCESS_DENIED = "ACCESS_DENIED"
    RATE_LIMITED = "RATE_LIMITED"


class TransactionStatus(str, Enum):
    """What became of a transaction."""

    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class CreatorType(str, Enum):
    """Which party made or ended a transaction."""

    SYSTEM = "system"
    SENDER = "sender"
    RECIPIENT = "recipient"


class APITokenScope(str, Enum):
    """What a personal access token may do."""

    READ = "read"
    WRITE = "write"
    FULL = "full"


class ErrorLevel(str, Enum):
    """How bad a reported error is."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"
