//! What everybody may see: lists, owners, single endpoints, and the search (contract hub 3.3, 7.2, 7.7, 12).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::model::EndpointType;
use syfthub_core::wire::discovery::{OwnerGroup, PublicOwner, SearchRequest, SearchResponse};
use syfthub_core::wire::endpoint::EndpointPublic;

use super::content::{At, OfOwner, place, shortened};
use crate::http::{ApiError, ClientAddress, Json, Page, Path, Query};
use crate::hub::Hub;
use crate::registry::pages::PageKey;
use crate::registry::public;
use crate::registry::store::Slice;
use crate::shared::Rule;

/// The bytes of a page, or 404 for what is not there or not for everybody.
pub(super) fn sent(
    page: Option<Bytes>,
    missing: impl FnOnce() -> String,
) -> Result<Response, ApiError> {
    let page = page.ok_or_else(|| ApiError::not_found(missing()))?;
    Ok(([(CONTENT_TYPE, "application/json")], page).into_response())
}

/// A page that is there in any case, if only empty.
async fn always(hub: &Hub, key: PageKey) -> Result<Response, ApiError> {
    sent(public::page(hub, key).await?, || "Not Found".to_owned())
}

/// The query of the public list.
pub(super) struct PublicQuery {
    search: Option<String>,
    kind: Option<EndpointType>,
    slice: Slice,
}

impl Input for PublicQuery {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let page = Page::of(&mut fields);
        let kind = fields.optional("endpoint_type");
        let search = fields.optional_text("search", 200).filter(|text| !text.trim().is_empty());
        Some(Self { search, kind, slice: page?.into() })
    }
}

/// Everybody's public endpoints, latest edit first. With `search`, those that have every word of it in their name, tags,
/// description or owner, best fitting first, a thousand at most.
#[utoipa::path(get, path = "/api/v1/endpoints/public", tag = "endpoints",
    params(
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
        ("endpoint_type" = Option<EndpointType>, Query, description = "Only these"),
        ("search" = Option<String>, Query, description = "Words to find, at most 200 characters"),
    ),
    responses(
        (status = 200, body = Vec<EndpointPublic>),
        (status = 422, description = "A parameter breaks its rule"),
        (status = 429, description = "Too many searches from this address"),
    ))]
pub(super) async fn list(
    State(hub): State<Hub>,
    client: ClientAddress,
    Query(PublicQuery { search, kind, slice }): Query<PublicQuery>,
) -> Result<Response, ApiError> {
    match search {
        Some(search) => {
            hub.limits.check(Rule::Search, client.network()).await?;
            Ok(Json(public::filtered(&hub, search, kind, slice).await?).into_response())
        }
        None => always(&hub, PageKey::Public { kind, slice }).await,
    }
}

/// The query of the list by stars.
pub(super) struct TrendingQuery(PageKey);

impl Input for TrendingQuery {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let page = Page::of(&mut fields);
        let min_stars = fields.number("min_stars", 0, i64::MAX, 0);
        let kind = fields.optional("endpoint_type");
        Some(Self(PageKey::Trending { kind, min_stars: min_stars?, slice: page?.into() }))
    }
}

/// Everybody's public endpoints, most stars first, then latest edit.
#[utoipa::path(get, path = "/api/v1/endpoints/trending", tag = "endpoints",
    params(
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
        ("min_stars" = Option<i64>, Query, description = "Only those with so many stars at least"),
        ("endpoint_type" = Option<EndpointType>, Query, description = "Only these"),
    ),
    responses(
        (status = 200, body = Vec<EndpointPublic>),
        (status = 422, description = "A parameter breaks its rule"),
    ))]
pub(super) async fn trending(
    State(hub): State<Hub>,
    Query(TrendingQuery(key)): Query<TrendingQuery>,
) -> Result<Response, ApiError> {
    always(&hub, key).await
}

/// The query of the list for guests.
pub(super) struct OpenQuery(PageKey);

impl Input for OpenQuery {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let page = Page::of(&mut fields);
        let kind = fields.optional("endpoint_type");
        Some(Self(PageKey::Open { kind, slice: page?.into() }))
    }
}

/// Public endpoints without policies, which guests can use, latest edit first.
#[utoipa::path(get, path = "/api/v1/endpoints/guest-accessible", tag = "endpoints",
    params(
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
        ("endpoint_type" = Option<EndpointType>, Query, description = "Only these"),
    ),
    responses(
        (status = 200, body = Vec<EndpointPublic>),
        (status = 422, description = "A parameter breaks its rule"),
    ))]
pub(super) async fn guest_accessible(
    State(hub): State<Hub>,
    Query(OpenQuery(key)): Query<OpenQuery>,
) -> Result<Response, ApiError> {
    always(&hub, key).await
}

/// Users and organizations with public endpoints, those with the most first.
#[utoipa::path(get, path = "/api/v1/endpoints/public/owners", tag = "endpoints",
    params(
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
    ),
    responses(
        (status = 200, body = Vec<PublicOwner>),
        (status = 422, description = "A parameter breaks its rule"),
    ))]
pub(super) async fn owners(
    State(hub): State<Hub>,
    Query(page): Query<Page>,
) -> Result<Response, ApiError> {
    always(&hub, PageKey::Owners(page.into())).await
}

/// The query of the list of groups.
pub(super) struct GroupsQuery(PageKey);

impl Input for GroupsQuery {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let page = Page::of(&mut fields);
        let per_owner = fields.number("max_per_owner", 1, 20, 5);
        Some(Self(PageKey::Groups { per_owner: per_owner?, slice: page?.into() }))
    }
}

/// Users and organizations, as in the list of owners, each with the public endpoints that they edited last.
#[utoipa::path(get, path = "/api/v1/endpoints/public/grouped", tag = "endpoints",
    params(
        ("skip" = Option<i64>, Query, description = "How many owners to leave out"),
        ("limit" = Option<i64>, Query, description = "How many owners at most, 1 to 100"),
        ("max_per_owner" = Option<i64>, Query, description = "How many endpoints of each at most, 1 to 20; 5 unless given"),
    ),
    responses(
        (status = 200, body = Vec<OwnerGroup>),
        (status = 422, description = "A parameter breaks its rule"),
    ))]
pub(super) async fn grouped(
    State(hub): State<Hub>,
    Query(GroupsQuery(key)): Query<GroupsQuery>,
) -> Result<Response, ApiError> {
    always(&hub, key).await
}

/// The public endpoints of one owner, latest edit first.
#[utoipa::path(get, path = "/api/v1/endpoints/public/by-owner/{owner}", tag = "endpoints",
    params(
        ("owner" = String, Path, description = "An owner's name in any case"),
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
    ),
    responses(
        (status = 200, body = Vec<EndpointPublic>),
        (status = 404, description = "There is no such owner"),
        (status = 422, description = "A parameter breaks its rule"),
    ))]
pub(super) async fn by_owner(
    State(hub): State<Hub>,
    Path(OfOwner(owner)): Path<OfOwner>,
    Query(page): Query<Page>,
) -> Result<Response, ApiError> {
    let key = PageKey::OfOwner { owner: owner.to_lowercase(), slice: page.into() };
    sent(public::page(&hub, key).await?, || format!("'{}' not found", shortened(&owner)))
}

/// A public endpoint by its address.
#[utoipa::path(get, path = "/api/v1/endpoints/public/{owner}/{slug}", tag = "endpoints",
    params(
        ("owner" = String, Path, description = "An owner's name in any case"),
        ("slug" = String, Path, description = "A slug in any case"),
    ),
    responses(
        (status = 200, body = EndpointPublic),
        (status = 404, description = "There is none that everybody may see"),
        (status = 422, description = "A parameter breaks its rule"),
    ))]
pub(super) async fn show(
    State(hub): State<Hub>,
    Path(At { owner, slug }): Path<At>,
) -> Result<Response, ApiError> {
    let key = PageKey::At { owner: owner.to_lowercase(), slug: slug.to_lowercase() };
    let missing = || format!("'{}' not found", place(&owner, &slug));
    sent(public::page(&hub, key).await?, missing)
}

/// Find public endpoints by words of their name, slug, tags, owner, description or readme, best fitting first.
#[utoipa::path(post, path = "/api/v1/endpoints/search", tag = "endpoints",
    request_body = SearchRequest,
    responses(
        (status = 200, body = SearchResponse),
        (status = 422, description = "A field breaks its rule"),
        (status = 429, description = "Too many searches from this address"),
    ))]
pub(super) async fn search(
    State(hub): State<Hub>,
    client: ClientAddress,
    Json(request): Json<SearchRequest>,
) -> Result<Json<SearchResponse>, ApiError> {
    hub.limits.check(Rule::Search, client.network()).await?;
    Ok(Json(public::search(&hub, request).await?))
}
