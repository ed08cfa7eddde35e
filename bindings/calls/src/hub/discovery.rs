//! Finding endpoints, and stars.

use syfthub_client::{Client, EndpointPath, EndpointType, OwnerName, Slug};

use super::pages::pages;
use crate::operation::operations;

operations! {
    /// Finding endpoints, and stars.
    OPERATIONS on Client;

    /// Everybody's public endpoints, latest edit first; with `search`, the best fitting first.
    stream "endpoints.public" ["GET /api/v1/endpoints/public"],
    (r#type: Option<EndpointType>, search: Option<String>, skip: Option<u64>, limit: Option<u32>) |hub| {
        let mut list = hub.endpoints().public();
        if let Some(kind) = r#type {
            list = list.kind(kind);
        }
        if let Some(text) = search {
            list = list.search(&text);
        }
        pages(list, skip, limit)
    }

    /// Everybody's public endpoints, most stars first.
    stream "endpoints.trending" ["GET /api/v1/endpoints/trending"],
    (r#type: Option<EndpointType>, min_stars: Option<u32>, skip: Option<u64>, limit: Option<u32>) |hub| {
        let mut list = hub.endpoints().trending();
        if let Some(kind) = r#type {
            list = list.kind(kind);
        }
        if let Some(count) = min_stars {
            list = list.min_stars(count);
        }
        pages(list, skip, limit)
    }

    /// Public endpoints that guests can use, latest edit first.
    stream "endpoints.guest_accessible" ["GET /api/v1/endpoints/guest-accessible"],
    (r#type: Option<EndpointType>, skip: Option<u64>, limit: Option<u32>) |hub| {
        let mut list = hub.endpoints().guest_accessible();
        if let Some(kind) = r#type {
            list = list.kind(kind);
        }
        pages(list, skip, limit)
    }

    /// Users and organizations with public endpoints, those with the most first.
    stream "endpoints.owners" ["GET /api/v1/endpoints/public/owners"], (skip: Option<u64>, limit: Option<u32>) |hub| {
        pages(hub.endpoints().owners(), skip, limit)
    }

    /// What an owner publishes and the caller may see, latest edit first.
    stream "endpoints.of_owner" ["GET /{owner}"], (owner: OwnerName, skip: Option<u64>, limit: Option<u32>) |hub| {
        pages(hub.endpoints().of(&owner), skip, limit)
    }

    /// Public endpoints by words of what they say of themselves, best fitting first, each with a relevance from 0 to 1.
    call "endpoints.search" ["POST /api/v1/endpoints/search"],
    (query: String, top_k: Option<u32>, r#type: Option<EndpointType>, min_score: Option<f64>) |hub| {
        let search = hub.endpoints().search(query);
        let search = top_k.map_or(search.clone(), |count| search.top_k(count));
        let found = r#type.map_or(search.clone(), |kind| search.kind(kind)).send().await?;
        let least = min_score.unwrap_or(0.0);
        Ok(found.into_iter().filter(|one| one.relevance_score >= least).collect::<Vec<_>>())
    }

    /// The endpoint at an address: whole for those whose it is, else its public half.
    call "endpoints.show" ["GET /{owner}/{slug}"], (path: EndpointPath) |hub| {
        Ok(hub.endpoints().show(&path).await?)
    }

    /// The public endpoint at an address; null when there is none.
    call "endpoints.find" ["GET /api/v1/endpoints/public/{owner}/{slug}"], (path: EndpointPath) |hub| {
        Ok(hub.endpoints().find(&path).await?)
    }

    /// Whether the signed-in user has an endpoint of this slug, switched off or on.
    call "endpoints.exists" ["GET /api/v1/endpoints/{slug}/exists"], (slug: Slug) |hub| {
        Ok(hub.endpoints().exists(&slug).await?)
    }

    /// The public endpoints of one owner, latest edit first.
    stream "endpoints.public_of" ["GET /api/v1/endpoints/public/by-owner/{owner}"],
    (owner: OwnerName, skip: Option<u64>, limit: Option<u32>) |hub| {
        pages(hub.endpoints().public_of(&owner), skip, limit)
    }

    /// Users and organizations with public endpoints, each with those that they edited last.
    stream "endpoints.grouped" ["GET /api/v1/endpoints/public/grouped"],
    (max_per_owner: Option<u32>, skip: Option<u64>, limit: Option<u32>) |hub| {
        let mut list = hub.endpoints().grouped();
        if let Some(count) = max_per_owner {
            list = list.per_owner(count);
        }
        pages(list, skip, limit)
    }

    /// For how much of the last hours an endpoint answered; of a day unless given.
    call "endpoints.uptime" ["GET /api/v1/endpoints/{owner}/{slug}/uptime"], (path: EndpointPath, window_hours: Option<u32>) |hub| {
        Ok(hub.endpoints().uptime(&path, window_hours.unwrap_or(24)).await?)
    }

    /// Stars an endpoint; false when the caller had done so before.
    call "endpoints.star" ["POST /api/v1/endpoints/by-path/{owner}/{slug}/star"], (path: EndpointPath) |hub| {
        Ok(hub.endpoints().star(&path).await?)
    }

    /// Takes the caller's star back; nothing happens when there is none.
    call "endpoints.unstar" ["DELETE /api/v1/endpoints/by-path/{owner}/{slug}/star"], (path: EndpointPath) |hub| {
        Ok(hub.endpoints().unstar(&path).await?)
    }

    /// Whether the caller starred an endpoint.
    call "endpoints.is_starred" ["GET /api/v1/endpoints/by-path/{owner}/{slug}/starred"], (path: EndpointPath) |hub| {
        Ok(hub.endpoints().is_starred(&path).await?)
    }
}
