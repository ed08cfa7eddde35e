"""The whole hub, for its administrators; and reports of errors, from anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..models.admin import ErrorPage, Overview, ReportReceived, UserPage
from .resource import Resource, changes

if TYPE_CHECKING:
    from ..models.kinds import ErrorLevel, UserRole


class AdminResource(Resource):
    """The whole hub, for its administrators; `client.admin`."""

    def overview(self) -> Overview:
        """How much the hub holds.

        >>> (client.admin.overview()).users.total
        42
        """
        return Overview._of(self._call("admin.overview"))

    def users(
        self,
        *,
        search: str | None = None,
        role: UserRole | str | None = None,
        is_active: bool | None = None,
        skip: int = 0,
        limit: int = 20,
    ) -> UserPage:
        """A page of users, and how many there are on all pages.

        >>> (client.admin.users(search="ali")).total
        1
        """
        raw = self._call("admin.users", search=search, role=role, is_active=is_active, skip=skip, limit=limit)
        return UserPage._of(raw)

    def export_users(
        self, *, search: str | None = None, role: UserRole | str | None = None, is_active: bool | None = None
    ) -> str:
        """All users that match, as CSV.

        >>> text = client.admin.export_users()
        """
        text: str = self._call("admin.export_users", search=search, role=role, is_active=is_active)
        return text

    def errors(
        self,
        *,
        service: str | None = None,
        level: ErrorLevel | str | None = None,
        event: str | None = None,
        correlation_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        skip: int = 0,
        limit: int = 20,
    ) -> ErrorPage:
        """A page of the failures that the hub knows of, newest first.

        >>> page = client.admin.errors(level="error")
        """
        raw = self._call(
            "admin.errors",
            service=service,
            level=level,
            event=event,
            correlation_id=correlation_id,
            since=since,
            until=until,
            skip=skip,
            limit=limit,
        )
        return ErrorPage._of(raw)

    def report_error(
        self,
        message: str,
        *,
        type: str,
        event: str | None = None,
        stack_trace: str | None = None,
        correlation_id: str | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> ReportReceived:
        """Tells the hub of a failure in one's own program, which anybody may do. Secrets do not belong in it.

        >>> received = client.admin.report_error("no answer", type="TimeoutError")
        """
        body = changes(
            message=message,
            event=event,
            error=changes(type=type, message=message, stack_trace=stack_trace),
            correlation_id=correlation_id,
            context=context,
        )
        return ReportReceived._of(self._call("errors.report", body=body))

    def report_as_service(
        self,
        internal_token: str,
        service: str,
        message: str,
        *,
        event: str,
        level: ErrorLevel | str = "error",
        **facts: Any,
    ) -> ReportReceived:
        """Tells the hub of a failure of a service of the same operator, who knows the hub's internal token.

        The facts are `error_type`, `error_code`, `stack_trace`, `correlation_id`, `method`, `endpoint`, `context`,
        `request_data` and `response_data`.

        >>> received = client.admin.report_as_service("...", "indexer", "the disk is full", event="index.failed")
        """
        body = changes(service=service, message=message, event=event, level=level, **facts)
        raw = self._call("errors.report_as_service", internal_token=internal_token, body=body)
        return ReportReceived._of(raw)
