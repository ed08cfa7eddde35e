"""The client of a space."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from ..._native import Space
from ...exceptions import ConfigurationError
from ...models.space import Health, Index
from ..connection import AsyncConnection
from .endpoints import AsyncSpaceEndpointsResource
from .ingestion import AsyncIngestionResource
from .marketplaces import AsyncMarketplacesResource
from .node import AsyncNodeResource
from .parts import AsyncDatasetsResource, AsyncModelsResource
from .policies import AsyncPoliciesResource
from .provisioners import AsyncProvisionersResource
from .settings import AsyncSettingsResource
from .tenants import AsyncSpaceAccountsResource, AsyncTenantsResource

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self


class AsyncSpaceClient:
    """A space: a process that keeps documents and models, and answers questions about them.

    A space listens twice. With the admin key, which is in `admin.key` of its folder, and the address of its admin API
    everything here works; the token of a tenant's account goes where the key goes. At the address where it answers
    callers, `endpoints.query`, `endpoints.stream`, `health`, `ready` and the health of a part work, with a satellite
    token as the key.

    The address is taken from the environment variable `SYFTHUB_SPACE_ADMIN_URL` where it is not given, and the tenant
    from `SYFTHUB_SPACE_TENANT`. Times are in seconds: `timeout` is the most a call may take, `connect_timeout` that for
    a connection, `answer_timeout` that for a call that waits for a model or a database, and `stream_idle_timeout` the
    longest silence within a stream. `retries` is how often what is safe to repeat is repeated.

    Raises `ConfigurationError` when there is no address, or it cannot be one.

    >>> space = AsyncSpaceClient("http://127.0.0.1:8082", key=open("space-state/admin.key").read().strip())
    >>> [dataset.name for dataset in await space.datasets.list()]
    ['field-notes']
    """

    datasets: AsyncDatasetsResource
    """Documents that can be searched."""
    models: AsyncModelsResource
    """Models that answer."""
    endpoints: AsyncSpaceEndpointsResource
    """What callers ask."""
    policies: AsyncPoliciesResource
    """Who may ask, how often and at what price, and what was decided."""
    ingestion: AsyncIngestionResource
    """Files on their way into an index."""
    provisioners: AsyncProvisionersResource
    """The databases that the space runs itself."""
    marketplaces: AsyncMarketplacesResource
    """The hubs that the space is connected to."""
    settings: AsyncSettingsResource
    """Where the space is reached."""
    tenants: AsyncTenantsResource
    """Who shares the space."""
    accounts: AsyncSpaceAccountsResource
    """The accounts that act for tenants."""
    node: AsyncNodeResource
    """The folders of the space's machine, and the trace of what was changed."""

    def __init__(
        self,
        base_url: str | None = None,
        *,
        key: str | None = None,
        tenant: str | None = None,
        timeout: float = 30.0,
        connect_timeout: float | None = None,
        answer_timeout: float | None = None,
        stream_idle_timeout: float | None = None,
        retries: int | None = None,
    ) -> None:
        base_url = base_url or os.environ.get("SYFTHUB_SPACE_ADMIN_URL")
        if not base_url:
            raise ConfigurationError(
                "the address of the space is missing: give `base_url`, or set SYFTHUB_SPACE_ADMIN_URL"
            )
        settings = {
            "base_url": base_url,
            "key": key,
            "tenant": tenant or os.environ.get("SYFTHUB_SPACE_TENANT"),
            "timeout_s": timeout,
            "connect_timeout_s": connect_timeout,
            "answer_timeout_s": answer_timeout,
            "stream_idle_timeout_s": stream_idle_timeout,
            "retries": retries,
        }
        self._base_url = base_url.rstrip("/")
        self._connection = connection = AsyncConnection(Space(json.dumps(settings)))
        self.datasets = AsyncDatasetsResource(connection)
        self.models = AsyncModelsResource(connection)
        self.endpoints = AsyncSpaceEndpointsResource(connection)
        self.policies = AsyncPoliciesResource(connection)
        self.ingestion = AsyncIngestionResource(connection)
        self.provisioners = AsyncProvisionersResource(connection)
        self.marketplaces = AsyncMarketplacesResource(connection)
        self.settings = AsyncSettingsResource(connection)
        self.tenants = AsyncTenantsResource(connection)
        self.accounts = AsyncSpaceAccountsResource(connection)
        self.node = AsyncNodeResource(connection)

    @property
    def base_url(self) -> str:
        """The address that is asked."""
        return self._base_url

    async def index(self) -> Index:
        """What listens at the address. Needs no key.

        >>> (await space.index()).message
        'SyftHub space, administration'
        """
        return Index._of(await self._connection.call("index", {}))

    async def health(self) -> Health:
        """Whether the process answers, at the address for callers. Needs no key.

        >>> (await callers.health()).status
        'healthy'
        """
        return Health._of(await self._connection.call("health", {}))

    async def ready(self) -> Health:
        """Whether the space can do its work, at the address for callers: its database answers too. Needs no key.

        >>> (await callers.ready()).status
        'healthy'
        """
        return Health._of(await self._connection.call("ready", {}))

    async def close(self) -> None:
        """Nothing has to be closed: connections end with the client. It is here for `with`."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"
