//! Publishing, changing and removing endpoints.

use std::pin::pin;

use futures_util::TryStreamExt as _;
use serde::Serialize;
use serde_json::{Value, json};
use syfthub_client::wire::discovery::EndpointAdminPatch;
use syfthub_client::wire::endpoint::{Endpoint, EndpointDraft, EndpointPatch};
use syfthub_client::wire::health::HealthReport;
use syfthub_client::{
    Client, EndpointId, EndpointPath, Error, OrganizationId, Publication, Slug, Visibility,
};

use super::pages::pages;
use crate::operation::operations;

/// What became of a publication.
#[derive(Serialize)]
struct Published {
    created: bool,
    endpoint: Endpoint,
}

operations! {
    /// Publishing, changing and removing endpoints.
    OPERATIONS on Client;

    /// Publishes an endpoint in the name of the signed-in user, or of an organization of theirs.
    call "endpoints.create" ["POST /api/v1/endpoints"], (body: EndpointDraft, organization: Option<OrganizationId>) |hub| {
        let organization_id = organization.or(body.organization_id);
        Ok(hub.endpoints().create(&EndpointDraft { organization_id, ..body }).await?)
    }

    /// Publishes an endpoint, or makes the one of the same slug what is described; tells whether it is new.
    call "endpoints.publish" ["POST /api/v1/endpoints", "PATCH /api/v1/endpoints/slug/{slug}"], (body: EndpointDraft) |hub| {
        let published = hub.endpoints().publish(&body).await?;
        let created = matches!(published, Publication::Created(_));
        Ok(Published { created, endpoint: published.endpoint().clone() })
    }

    /// The signed-in user's own endpoints, latest edit first.
    stream "endpoints.list" ["GET /api/v1/endpoints"],
    (visibility: Option<Visibility>, search: Option<String>, skip: Option<u64>, limit: Option<u32>) |hub| {
        let mut list = hub.endpoints().list();
        if let Some(visibility) = visibility {
            list = list.visibility(visibility);
        }
        if let Some(text) = search {
            list = list.search(&text);
        }
        pages(list, skip, limit)
    }

    /// The endpoint with this number, as its owner sees it.
    call "endpoints.get" ["GET /api/v1/endpoints/{endpoint_id}"], (endpoint: EndpointId) |hub| {
        Ok(hub.endpoints().get(endpoint).await?)
    }

    /// Changes the endpoint with this number. What is absent stays; lists are replaced whole.
    call "endpoints.update" ["PATCH /api/v1/endpoints/{endpoint_id}"], (endpoint: EndpointId, body: EndpointPatch) |hub| {
        Ok(hub.endpoints().update(endpoint, &body).await?)
    }

    /// Changes the signed-in user's endpoint of this slug.
    call "endpoints.update_slug" ["PATCH /api/v1/endpoints/slug/{slug}"], (slug: Slug, body: EndpointPatch) |hub| {
        Ok(hub.endpoints().update_slug(&slug, &body).await?)
    }

    /// Removes the endpoint with this number; its slug is free again.
    call "endpoints.delete" ["DELETE /api/v1/endpoints/{endpoint_id}"], (endpoint: EndpointId) |hub| {
        Ok(hub.endpoints().delete(endpoint).await?)
    }

    /// Removes the signed-in user's endpoint of this slug.
    call "endpoints.delete_slug" ["DELETE /api/v1/endpoints/slug/{slug}"], (slug: Slug) |hub| {
        Ok(hub.endpoints().delete_slug(&slug).await?)
    }

    /// Makes the signed-in user's own endpoints those of a catalogue, all of them or none.
    call "endpoints.sync" ["POST /api/v1/endpoints/sync"], (endpoints: Vec<EndpointDraft>) |hub| {
        Ok(hub.endpoints().sync(endpoints).await?)
    }

    /// Switches anybody's endpoint off or on again, or sets its stars, for administrators of the hub.
    call "endpoints.administer" ["PATCH /api/v1/endpoints/{endpoint_id}/admin"], (endpoint: EndpointId, body: EndpointAdminPatch) |hub| {
        Ok(hub.endpoints().administer(endpoint, body).await?)
    }

    /// Calls an endpoint through the hub with `body` as it is, and gives its answer as it is.
    call "endpoints.query" ["POST /{owner}/{slug}"], (path: EndpointPath, body: Value) |hub| {
        Ok(hub.endpoints().invoke(&path, &body).await?)
    }

    /// The same for an endpoint that answers in events: the name and the data of each, as they come.
    stream "endpoints.query_stream" ["POST /{owner}/{slug}"], (path: EndpointPath, body: Value) |hub| {
        async_stream::try_stream! {
            let events = hub.endpoints().invoke_stream(&path, &body).await?;
            let mut events = pin!(events);
            while let Some(event) = events.try_next().await? {
                yield json!({"event": event.name, "data": event.data});
            }
        }
        .map_err(|error: Error| error)
    }

    /// Tells the hub how endpoints are.
    call "endpoints.report_health" ["POST /api/v1/endpoints/health"], (body: HealthReport) |hub| {
        Ok(hub.endpoints().report_health(&body).await?)
    }
}
