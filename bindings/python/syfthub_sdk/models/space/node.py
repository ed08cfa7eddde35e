"""The process itself, its folders and its trace, and who shares it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..base import Model


class Index(Model):
    """What listens at an address."""

    message: str
    version: str
    docs: str | None = None


class Health(Model):
    """Whether the process answers, or can do its work."""

    status: str
    version: str


class Notice(Model):
    """A sentence about what was done, and in `status` what became of it where there is more than one outcome."""

    message: str
    status: str | None = None


class FolderItem(Model):
    """A file or folder. `size` is in bytes; `extension` has its dot."""

    name: str
    path: str
    is_dir: bool
    size: int | None = None
    modified: datetime | None = None
    extension: str | None = None


class Folder(Model):
    """A folder of the space's machine: the one above, when that may be looked at, and what is in it."""

    path: str
    parent: str | None = None
    items: list[FolderItem]


class Change(Model):
    """Something that was changed in a space, and by whom: `account:ID`, `admin-key` or `program`."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Any = None
    correlation_id: str = ""


class Tenant(Model):
    """Somebody with datasets, models and endpoints of their own."""

    id: str
    name: str
    display_name: str
    domain: str | None = None
    is_active: bool
    meta: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class Account(Model):
    """An account that acts for a tenant."""

    id: str
    email: str
    tenant_name: str
    created_at: datetime


class Session(Model):
    """A session that has begun: its token goes where the admin key goes, for `expires_in` seconds."""

    __secret__ = ("access_token",)

    access_token: str
    token_type: str
    expires_in: int
