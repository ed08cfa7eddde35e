//! `/{owner}` and `/{owner}/{slug}`: addresses as people write them (contract hub 6.1), answered as JSON; an endpoint's
//! also as a page, to who asks for HTML.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::VARY;
use http::{HeaderName, StatusCode};
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::wire::endpoint::EndpointPublic;

use super::public::sent;
use crate::content::{self, WantsHtml};
use crate::http::{ApiError, Json, Page, Path, Query};
use crate::hub::Hub;
use crate::identity::Presented;
use crate::registry::listing::{self, Seen};
use crate::registry::pages::PageKey;
use crate::registry::public;

/// What the answer depends on besides the address.
const VARIES: [(HeaderName, &str); 1] = [(VARY, "Accept, Authorization")];

/// The owner in the path.
pub(super) struct OfOwner(pub(super) String);

impl Input for OfOwner {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Some(Self(Fields::of(value, place)?.required("owner")?))
    }
}

/// The owner and the slug in the path.
pub(crate) struct At {
    pub(crate) owner: String,
    pub(crate) slug: String,
}

impl Input for At {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        Some(Self { owner: fields.required("owner")?, slug: fields.required("slug")? })
    }
}

/// What an owner publishes, as far as the caller may see it, latest edit first.
#[utoipa::path(get, path = "/{owner}", tag = "content", security((), ("bearer" = [])),
    params(
        ("owner" = String, Path, description = "A username or an organization's slug, in any case"),
        ("skip" = Option<i64>, Query, description = "How many to leave out"),
        ("limit" = Option<i64>, Query, description = "How many at most, 1 to 100"),
    ),
    responses(
        (status = 200, body = Vec<EndpointPublic>),
        (status = 404, description = "There is no such owner"),
        (status = 422, description = "A parameter breaks its rule"),
))]
pub(super) async fn owner(
    State(hub): State<Hub>,
    presented: Presented,
    Path(OfOwner(owner)): Path<OfOwner>,
    Query(page): Query<Page>,
) -> Result<Response, ApiError> {
    if matches!(presented, Presented::Nothing) {
        let key = PageKey::OfOwner { owner: owner.to_lowercase(), slice: page.into() };
        let page = public::page(&hub, key).await?;
        return Ok(
            (VARIES, sent(page, || format!("'{}' not found", shortened(&owner)))?).into_response()
        );
    }
    let found = listing::of_owner(&hub, presented, &owner, page.into()).await?;
    let page =
        found.ok_or_else(|| ApiError::not_found(format!("'{}' not found", shortened(&owner))))?;
    Ok((VARIES, Json(page)).into_response())
}

/// An endpoint by its address: whole for those whose it is, else its public half; a page to who accepts HTML.
#[utoipa::path(get, path = "/{owner}/{slug}", tag = "content", security((), ("bearer" = [])),
    params(
        ("owner" = String, Path, description = "A username or an organization's slug, in any case"),
        ("slug" = String, Path, description = "A slug in any case"),
    ),
    responses(
        (status = 200, content(
            (EndpointPublic = "application/json"),
            (String = "text/html"),
        )),
        (status = 401, description = "The token does not count, and a better one might help"),
        (status = 404, description = "There is none, or the caller may not see it"),
))]
pub(super) async fn endpoint(
    State(hub): State<Hub>,
    presented: Presented,
    WantsHtml(wants_html): WantsHtml,
    Path(At { owner, slug }): Path<At>,
) -> Result<Response, ApiError> {
    if wants_html {
        return Ok((VARIES, page(&hub, presented, &owner, &slug).await?).into_response());
    }
    let missing = format!("'{}' not found", place(&owner, &slug));
    if matches!(presented, Presented::Nothing) {
        let key = PageKey::At { owner: owner.to_lowercase(), slug: slug.to_lowercase() };
        let page = public::page(&hub, key).await?;
        return Ok((VARIES, sent(page, || missing)?).into_response());
    }
    match listing::at(&hub, presented, &owner, &slug).await? {
        Seen::Whole(endpoint) => Ok((VARIES, Json(endpoint)).into_response()),
        Seen::Part(endpoint) => Ok((VARIES, Json(endpoint)).into_response()),
        Seen::Nothing(caller) => Err(caller.denial(missing)),
    }
}

/// The same for people.
async fn page(
    hub: &Hub,
    presented: Presented,
    owner: &str,
    slug: &str,
) -> Result<Response, ApiError> {
    match listing::sight_of(hub, presented, owner, slug).await? {
        Ok(sight) => content::of_endpoint(&hub.readmes, sight.stored, &sight.shown).await,
        Err(caller) => {
            let place = place(owner, slug);
            match caller.denial(format!("'{place}' not found")) {
                denial @ ApiError::Plain { status: StatusCode::UNAUTHORIZED, .. } => Err(denial),
                _ => content::not_found(&place),
            }
        }
    }
}

/// The address as it is fit to send back.
pub(super) fn place(owner: &str, slug: &str) -> String {
    format!("{}/{}", shortened(owner), shortened(slug))
}

/// As much of a name as is fit to send back.
pub(super) fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}
