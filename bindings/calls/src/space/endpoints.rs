//! What callers ask.

use futures_util::TryStreamExt as _;
use futures_util::stream::once;
use syfthub_client::space::Space;
use syfthub_client::space::endpoints::{EndpointPatch, Hubs, NewEndpoint, Question};
use uuid::Uuid;

use crate::operation::operations;

operations! {
    /// What callers ask.
    OPERATIONS on Space;

    /// All endpoints with the parts behind them, oldest first.
    call "endpoints.list" ["GET /api/v1/endpoints"], () |space| {
        Ok(space.endpoints().list().await?)
    }

    /// The endpoint at this address, with its policies.
    call "endpoints.get" ["GET /api/v1/endpoints/{slug}"], (slug: String) |space| {
        Ok(space.endpoints().get(&slug).await?)
    }

    /// Makes an endpoint over a dataset, a model, or both.
    call "endpoints.create" ["POST /api/v1/endpoints"], (body: NewEndpoint) |space| {
        Ok(space.endpoints().add(&body).await?)
    }

    /// Changes an endpoint.
    call "endpoints.update" ["PATCH /api/v1/endpoints/{slug}"], (slug: String, body: EndpointPatch) |space| {
        Ok(space.endpoints().edit(&slug, &body).await?)
    }

    /// Removes an endpoint; hubs that list it are told first.
    call "endpoints.delete" ["DELETE /api/v1/endpoints/{slug}"], (slug: String) |space| {
        Ok(space.endpoints().remove(&slug).await?)
    }

    /// Puts an endpoint away: it is kept, and closed to callers.
    call "endpoints.archive" ["POST /api/v1/endpoints/{slug}/archive"], (slug: String) |space| {
        Ok(space.endpoints().archive(&slug).await?)
    }

    /// Takes an endpoint out again that was put away.
    call "endpoints.unarchive" ["POST /api/v1/endpoints/{slug}/unarchive"], (slug: String) |space| {
        Ok(space.endpoints().unarchive(&slug).await?)
    }

    /// Whether a slug can be had in the space, and at these hubs or at all of them.
    call "endpoints.validate_slug" ["POST /api/v1/endpoints/validate-slug"],
    (slug: String, marketplaces: Option<Vec<Uuid>>, check_all: Option<bool>) |space| {
        let named = marketplaces.as_deref().map(Hubs::Only);
        let hubs = if check_all == Some(true) { Some(Hubs::All) } else { named };
        Ok(space.endpoints().validate_slug(&slug, hubs).await?)
    }

    /// Opens an endpoint to callers and lists it at these hubs; at all of them, unless some are named.
    call "endpoints.publish" ["POST /api/v1/endpoints/{slug}/publish"],
    (slug: String, marketplaces: Option<Vec<Uuid>>) |space| {
        let hubs = marketplaces.as_deref().map_or(Hubs::All, Hubs::Only);
        Ok(space.endpoints().publish(&slug, hubs).await?)
    }

    /// Takes an endpoint off every hub that lists it.
    call "endpoints.unpublish" ["DELETE /api/v1/endpoints/{slug}/unpublish"], (slug: String) |space| {
        Ok(space.endpoints().unpublish(&slug).await?)
    }

    /// How an endpoint stands at each hub: what waits to be done there, and why.
    call "endpoints.listings" ["GET /api/v1/endpoints/{slug}/listings"], (slug: String) |space| {
        Ok(space.endpoints().listings(&slug).await?)
    }

    /// Asks an endpoint: with the admin key as its owner, at the address for callers with a satellite token.
    call "endpoints.query" ["POST /api/v1/endpoints/{slug}/query"], (slug: String, body: Question) |space| {
        Ok(space.endpoints().query(&slug, &body).await?)
    }

    /// Asks an endpoint whose answer is read as the model writes it.
    stream "endpoints.stream" ["POST /api/v1/endpoints/{slug}/query"], (slug: String, body: Question) |space| {
        once(async move { space.endpoints().stream(&slug, &body).await }).try_flatten()
    }
}
