"""The endpoints of the signed-in user and of their organizations."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from typing import Any

from ..exceptions import NotFoundError
from ..models.endpoints import Connection, Endpoint, Policy, SyncEndpointsResponse
from ..models.kinds import EndpointType, Visibility
from .pages import PageIterator
from .resource import Resource, changes


class MyEndpointsResource(Resource):
    """The endpoints of the signed-in user and of their organizations; `client.my_endpoints`."""

    def list(
        self, *, visibility: Visibility | str | None = None, search: str | None = None, page_size: int = 20
    ) -> PageIterator[Endpoint]:
        """The user's own endpoints, latest edit first.

        >>> for endpoint in client.my_endpoints.list(visibility="private"):
        ...     print(endpoint.slug)
        """
        return self._pages("endpoints.list", Endpoint, limit=page_size, visibility=visibility, search=search)

    def create(
        self,
        draft: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        type: EndpointType | str | None = None,
        visibility: Visibility | str = Visibility.PUBLIC,
        description: str = "",
        slug: str | None = None,
        version: str = "0.1.0",
        readme: str = "",
        tags: Iterable[str] | None = None,
        policies: Iterable[Policy | Mapping[str, Any]] | None = None,
        connect: Iterable[Connection | Mapping[str, Any]] | None = None,
        contributors: Iterable[int] | None = None,
        organization_id: int | None = None,
    ) -> Endpoint:
        """Publishes an endpoint, described by a mapping or by arguments; a name and a type there must be.

        The slug is made of the name unless it is given. With `organization_id` it is the organization's. Raises
        `ValidationError` when a field breaks its rule, and `APIError` when the slug is taken.

        >>> endpoint = client.my_endpoints.create({"name": "My ML Model", "type": "model"})
        >>> endpoint.slug
        'my-ml-model'
        >>> notes = client.my_endpoints.create(name="Notes", type="data_source", visibility="private")
        """
        body = changes(
            name=name,
            type=type,
            visibility=visibility,
            description=description,
            slug=slug,
            version=version,
            readme=readme,
            tags=tags,
            policies=policies,
            connect=connect,
            contributors=contributors,
            organization_id=organization_id,
        )
        return Endpoint._of(self._call("endpoints.create", body={**body, **(draft or {})}))

    def publish(self, draft: Mapping[str, Any]) -> Endpoint:
        """Publishes an endpoint of the user's own, or makes the one of the same slug what is described.

        >>> endpoint = client.my_endpoints.publish({"name": "Notes", "type": "data_source"})
        """
        return Endpoint._of((self._call("endpoints.publish", body=draft))["endpoint"])

    def get(self, path: str) -> Endpoint:
        """The endpoint at `owner/slug` as its owner sees it. Raises `NotFoundError` for anybody else.

        >>> (client.my_endpoints.get("alice/notes")).visibility
        <Visibility.PRIVATE: 'private'>
        """
        raw = self._call("endpoints.show", path=path)
        if raw is None or "visibility" not in raw:
            raise NotFoundError(f"there is no endpoint {path} of yours")
        return Endpoint._of(raw)

    def update(
        self,
        path: str,
        *,
        name: str | None = None,
        visibility: Visibility | str | None = None,
        description: str | None = None,
        version: str | None = None,
        readme: str | None = None,
        tags: Iterable[str] | None = None,
        policies: Iterable[Policy | Mapping[str, Any]] | None = None,
        connect: Iterable[Connection | Mapping[str, Any]] | None = None,
        contributors: Iterable[int] | None = None,
    ) -> Endpoint:
        """Changes the endpoint at `owner/slug`. What is not given stays; lists are replaced whole.

        >>> notes = client.my_endpoints.update("alice/notes", visibility="public", tags=["river"])
        """
        body = changes(
            name=name,
            visibility=visibility,
            description=description,
            version=version,
            readme=readme,
            tags=tags,
            policies=policies,
            connect=connect,
            contributors=contributors,
        )
        found = self.get(path)
        return Endpoint._of(self._call("endpoints.update", endpoint=found.id, body=body))

    def delete(self, path: str) -> None:
        """Removes the endpoint at `owner/slug`; its slug is free again.

        >>> client.my_endpoints.delete("alice/notes")
        """
        found = self.get(path)
        self._call("endpoints.delete", endpoint=found.id)

    def sync(self, endpoints: builtins.list[dict[str, Any]] | None = None) -> SyncEndpointsResponse:
        """Makes the user's own endpoints those of a catalogue, at most 300, all of them or none.

        What is not in the catalogue is removed: without one, everything.

        >>> answer = client.my_endpoints.sync([{"name": "Notes", "type": "data_source"}])
        >>> answer.synced
        1
        """
        return SyncEndpointsResponse._of(self._call("endpoints.sync", endpoints=endpoints or []))
