"""Who may ask, how often and at what price, and what was decided."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...models.base import list_of
from ...models.space import Decision, Forecast, Notice, Policy, PolicyItem, TypeInfo
from ..pages import PageIterator
from ..resource import Resource, changes


class PoliciesResource(Resource):
    """Who may ask, how often and at what price, and what was decided; `space.policies`."""

    def types(self) -> builtins.list[TypeInfo]:
        """The types that the space knows, each with the JSON Schema of its configuration.

        >>> [kind.name for kind in space.policies.types()]
        ['access', 'accounting', 'rate_limit']
        """
        return list_of(TypeInfo, self._call("policies.types"))

    def type(self, policy_type: str) -> TypeInfo:
        """The type of this name.

        >>> kind = space.policies.type("rate_limit")
        """
        return TypeInfo._of(self._call("policies.type", policy_type=policy_type))

    def schema(self, policy_type: str) -> dict[str, Any]:
        """The JSON Schema of a type's configuration.

        >>> schema = space.policies.schema("rate_limit")
        """
        schema: dict[str, Any] = self._call("policies.schema", policy_type=policy_type)
        return schema

    def list(self) -> builtins.list[PolicyItem]:
        """All policies without their settings, oldest first.

        >>> [policy.name for policy in space.policies.list()]
        ['fair use']
        """
        return list_of(PolicyItem, self._call("policies.list"))

    def get(self, policy_id: str) -> Policy:
        """The policy with this id.

        >>> (space.policies.get(policy_id)).configuration
        {'limit': '50/m'}
        """
        return Policy._of(self._call("policies.get", policy=policy_id))

    def create(
        self, *, name: str, policy_type: str, endpoint_id: str, configuration: Mapping[str, Any] | None = None
    ) -> Policy:
        """Guards an endpoint with one more policy.

        >>> endpoint = space.endpoints.get("field-notes")
        >>> limit = {"limit": "50/m"}
        >>> made = space.policies.create(
        ...     name="fair use", policy_type="rate_limit", endpoint_id=endpoint.id, configuration=limit
        ... )
        """
        body = {
            "name": name,
            "policy_type": policy_type,
            "endpoint_id": endpoint_id,
            "configuration": dict(configuration or {}),
        }
        return Policy._of(self._call("policies.create", body=body))

    def update(
        self, policy_id: str, *, name: str | None = None, configuration: Mapping[str, Any] | None = None
    ) -> Policy:
        """Changes a policy's name, or some of its settings, which are put over those it has.

        >>> policy = space.policies.update(policy_id, configuration={"limit": "10/m"})
        """
        body = changes(name=name, configuration=None if configuration is None else dict(configuration))
        return Policy._of(self._call("policies.update", policy=policy_id, body=body))

    def delete(self, policy_id: str) -> Notice:
        """Removes a policy; its endpoint is no longer guarded by it.

        >>> notice = space.policies.delete(policy_id)
        """
        return Notice._of(self._call("policies.delete", policy=policy_id))

    def check(self, endpoint: str, email: str) -> Forecast:
        """What would happen to a question of the person with this address. Nothing is asked, counted or charged.

        >>> (space.policies.check("field-notes", "bob@example.com")).allowed
        True
        """
        return Forecast._of(self._call("policies.check", endpoint=endpoint, email=email))

    def decisions(
        self,
        *,
        endpoint: str | None = None,
        outcome: str | None = None,
        who: str | None = None,
        policy_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        page_size: int = 100,
    ) -> PageIterator[Decision]:
        """What became of questions, latest first.

        `who` is part of an e-mail address, or a whole subject or correlation id; `before` names a decision.

        >>> [decision.outcome for decision in space.policies.decisions(endpoint="field-notes").take(2)]
        ['rate_limited', 'success']
        """
        return self._pages(
            "policies.decisions",
            Decision,
            endpoint=endpoint,
            outcome=outcome,
            who=who,
            policy_id=policy_id,
            since=since,
            until=until,
            before=before,
            limit=page_size,
        )

    def export_decisions(
        self,
        *,
        endpoint: str | None = None,
        outcome: str | None = None,
        who: str | None = None,
        policy_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> str:
        """The same as comma-separated values, below a line that names the columns; empty when there are none.

        At most `limit` are told, 1 to 10000.

        >>> print(space.policies.export_decisions(outcome="success", limit=1000))
        """
        text = self._call(
            "policies.export_decisions",
            endpoint=endpoint,
            outcome=outcome,
            who=who,
            policy_id=policy_id,
            since=since,
            until=until,
            before=before,
            limit=limit,
        )
        return str(text)
