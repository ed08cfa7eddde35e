"""Who may ask, how often and at what price, and what was decided."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...models.base import list_of
from ...models.space import Decision, Forecast, Notice, Policy, PolicyItem, TypeInfo
from ..pages import AsyncPageIterator
from ..resource import AsyncResource, changes


class AsyncPoliciesResource(AsyncResource):
    """Who may ask, how often and at what price, and what was decided; `space.policies`."""

    async def types(self) -> builtins.list[TypeInfo]:
        """The types that the space knows, each with the JSON Schema of its configuration.

        >>> [kind.name for kind in await space.policies.types()]
        ['access', 'accounting', 'rate_limit']
        """
        return list_of(TypeInfo, await self._call("policies.types"))

    async def type(self, policy_type: str) -> TypeInfo:
        """The type of this name.

        >>> kind = await space.policies.type("rate_limit")
        """
        return TypeInfo._of(await self._call("policies.type", policy_type=policy_type))

    async def schema(self, policy_type: str) -> dict[str, Any]:
        """The JSON Schema of a type's configuration.

        >>> schema = await space.policies.schema("rate_limit")
        """
        schema: dict[str, Any] = await self._call("policies.schema", policy_type=policy_type)
        return schema

    async def list(self) -> builtins.list[PolicyItem]:
        """All policies without their settings, oldest first.

        >>> [policy.name for policy in await space.policies.list()]
        ['fair use']
        """
        return list_of(PolicyItem, await self._call("policies.list"))

    async def get(self, policy_id: str) -> Policy:
        """The policy with this id.

        >>> (await space.policies.get(policy_id)).configuration
        {'limit': '50/m'}
        """
        return Policy._of(await self._call("policies.get", policy=policy_id))

    async def create(
        self, *, name: str, policy_type: str, endpoint_id: str, configuration: Mapping[str, Any] | None = None
    ) -> Policy:
        """Guards an endpoint with one more policy.

        >>> endpoint = await space.endpoints.get("field-notes")
        >>> limit = {"limit": "50/m"}
        >>> made = await space.policies.create(
        ...     name="fair use", policy_type="rate_limit", endpoint_id=endpoint.id, configuration=limit
        ... )
        """
        body = {
            "name": name,
            "policy_type": policy_type,
            "endpoint_id": endpoint_id,
            "configuration": dict(configuration or {}),
        }
        return Policy._of(await self._call("policies.create", body=body))

    async def update(
        self, policy_id: str, *, name: str | None = None, configuration: Mapping[str, Any] | None = None
    ) -> Policy:
        """Changes a policy's name, or some of its settings, which are put over those it has.

        >>> policy = await space.policies.update(policy_id, configuration={"limit": "10/m"})
        """
        body = changes(name=name, configuration=None if configuration is None else dict(configuration))
        return Policy._of(await self._call("policies.update", policy=policy_id, body=body))

    async def delete(self, policy_id: str) -> Notice:
        """Removes a policy; its endpoint is no longer guarded by it.

        >>> notice = await space.policies.delete(policy_id)
        """
        return Notice._of(await self._call("policies.delete", policy=policy_id))

    async def check(self, endpoint: str, email: str) -> Forecast:
        """What would happen to a question of the person with this address. Nothing is asked, counted or charged.

        >>> (await space.policies.check("field-notes", "bob@example.com")).allowed
        True
        """
        return Forecast._of(await self._call("policies.check", endpoint=endpoint, email=email))

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
    ) -> AsyncPageIterator[Decision]:
        """What became of questions, latest first.

        `who` is part of an e-mail address, or a whole subject or correlation id; `before` names a decision.

        >>> [decision.outcome for decision in await space.policies.decisions(endpoint="field-notes").take(2)]
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

    async def export_decisions(
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

        >>> print(await space.policies.export_decisions(outcome="success", limit=1000))
        """
        text = await self._call(
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
