"""Every operation on endpoints, by their numbers and slugs as the hub has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..models.endpoints import Endpoint, EndpointPublic, HealthReceipt
from .resource import Resource, changes


class EndpointsResource(Resource):
    """Endpoints by their numbers and slugs, and what spaces tell of them; `client.endpoints`.

    What people browse is at `client.hub`, what they publish at `client.my_endpoints`.
    """

    def get(self, endpoint_id: int) -> Endpoint:
        """The endpoint with this number, as its owner sees it.

        >>> (client.endpoints.get(7)).slug
        'field-notes'
        """
        return Endpoint._of(self._call("endpoints.get", endpoint=endpoint_id))

    def show(self, path: str) -> Endpoint | EndpointPublic:
        """The endpoint at `owner/slug`: whole for whoever may change it, else what everybody sees.

        >>> endpoint = client.endpoints.show("alice/field-notes")
        """
        raw = self._call("endpoints.show", path=path)
        return Endpoint._of(raw) if "visibility" in raw else EndpointPublic._of(raw)

    def update(self, endpoint_id: int, **values: Any) -> Endpoint:
        """Changes the endpoint with this number; the values are those of `client.my_endpoints.update`.

        >>> endpoint = client.endpoints.update(7, description="What grows near the river")
        """
        return Endpoint._of(self._call("endpoints.update", endpoint=endpoint_id, body=changes(**values)))

    def update_slug(self, slug: str, **values: Any) -> Endpoint:
        """Changes the signed-in user's own endpoint of this slug.

        >>> endpoint = client.endpoints.update_slug("field-notes", visibility="public")
        """
        return Endpoint._of(self._call("endpoints.update_slug", slug=slug, body=changes(**values)))

    def delete(self, endpoint_id: int) -> None:
        """Removes the endpoint with this number; its slug is free again.

        >>> client.endpoints.delete(7)
        """
        self._call("endpoints.delete", endpoint=endpoint_id)

    def delete_slug(self, slug: str) -> None:
        """Removes the signed-in user's own endpoint of this slug.

        >>> client.endpoints.delete_slug("field-notes")
        """
        self._call("endpoints.delete_slug", slug=slug)

    def query(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Calls an endpoint through the hub with `body` as it is, and gives its answer as it is.

        >>> answer = client.endpoints.query("alice/field-notes", {"messages": "river plants", "limit": 3})
        """
        raw: dict[str, Any] = self._call("endpoints.query", path=path, body=body)
        return raw

    def query_stream(self, path: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The same for an endpoint that answers in events: the name and the data of each, as they come.

        >>> for name, data in client.endpoints.query_stream("alice/extractive", {"messages": [], "stream": True}):
        ...     print(name, data)
        """
        for event in self._events("endpoints.query_stream", path=path, body=body):
            yield event["event"], event["data"]

    def report_health(
        self, url: str, endpoints: Iterable[Mapping[str, Any]], *, ttl_seconds: int | None = None
    ) -> HealthReceipt:
        """Tells the hub how endpoints are: each with `slug`, `status` (`healthy` or `unhealthy`) and `checked_at`.

        It holds for `ttl_seconds`; the hub has a most.

        >>> now = datetime.now(timezone.utc)
        >>> told = [{"slug": "field-notes", "status": "healthy", "checked_at": now}]
        >>> (client.endpoints.report_health("https://space.example.com", told)).updated
        1
        """
        body = changes(url=url, endpoints=endpoints, ttl_seconds=ttl_seconds)
        return HealthReceipt._of(self._call("endpoints.report_health", body=body))

    def administer(
        self, endpoint_id: int, *, is_active: bool | None = None, stars_count: int | None = None
    ) -> Endpoint:
        """Switches an endpoint off or on, or sets its counter of stars, which administrators may do.

        >>> endpoint = client.endpoints.administer(7, is_active=False)
        """
        body = changes(is_active=is_active, stars_count=stars_count)
        return Endpoint._of(self._call("endpoints.administer", endpoint=endpoint_id, body=body))
