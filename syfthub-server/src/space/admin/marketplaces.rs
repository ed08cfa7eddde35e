//! The hubs this space is connected to (contract space 1.6).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::{Invalid, Secret};
use url::Url;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{ApiError, Json, Path};
use crate::space::access::Actor;
use crate::space::error::SpaceError;
use crate::space::hub::Marketplace;
use crate::space::ids::MarketplaceId;
use crate::space::node::Space;

/// The routes of this file.
pub(super) fn routes() -> OpenApiRouter<Space> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(connect)).routes(routes!(show))
}

/// An account at a hub.
#[derive(Debug, ToSchema)]
struct Account {
    #[schema(value_type = String, format = "uri")]
    url: Url,
    username: String,
    #[schema(value_type = String, format = Password)]
    password: Secret,
}

impl Input for Account {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        let username = fields.text("username", 1, 255);
        let password: Option<Secret> = fields.required("password");
        let url = web_url(&mut fields, "url");
        Some(Self { url: url?, username: username?, password: password? })
    }
}

/// A required field that holds an address of the web.
pub(super) fn web_url(fields: &mut Fields<'_, '_, '_>, name: &str) -> Option<Url> {
    let text = fields.text(name, 1, 500)?;
    match Url::parse(text.trim()) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.query().is_none() => Some(url),
        _ => fields
            .refuse(name, Invalid::value("expected an address such as https://hub.example.org")),
    }
}

/// A hub's id in the path.
#[derive(Debug)]
struct Id {
    id: MarketplaceId,
}

impl Input for Id {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("id").map(|id| Self { id })
    }
}

/// Lists the hubs that the space is connected to.
#[utoipa::path(get, path = "/marketplaces", tag = "marketplaces", security(("bearer" = [])), responses(
    (status = 200, body = Vec<Marketplace>),
    (status = 401, description = "Neither the admin key nor a session"),
    (status = 403, description = "An account of another tenant"),
))]
async fn list(State(space): State<Space>, actor: Actor) -> Json<Vec<Marketplace>> {
    Json(space.marketplaces(actor.tenant))
}

/// Shows a hub.
#[utoipa::path(get, path = "/marketplaces/{id}", tag = "marketplaces", security(("bearer" = [])),
    params(("id" = MarketplaceId, Path, description = "The hub")),
    responses(
        (status = 200, body = Marketplace),
        (status = 401, description = "Neither the admin key nor a session"),
        (status = 403, description = "An account of another tenant"),
        (status = 404, description = "No such hub"),
))]
async fn show(
    State(space): State<Space>,
    actor: Actor,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Marketplace>, ApiError> {
    let found =
        space.marketplaces(actor.tenant).into_iter().find(|marketplace| marketplace.id == id);
    Ok(Json(found.ok_or(SpaceError::NotFound("marketplace"))?))
}

/// Connects to a hub with an account there, or gives a connected hub another account.
#[utoipa::path(post, path = "/marketplaces/connect", tag = "marketplaces", security(("bearer" = [])),
    request_body = Account,
    responses(
        (status = 201, body = Marketplace),
        (status = 401, description = "Neither the admin key nor a session, or the hub refuses the account"),
        (status = 403, description = "An account of another tenant"),
        (status = 422, description = "A field does not fit"),
        (status = 502, description = "The hub does not answer as one"),
))]
async fn connect(
    State(space): State<Space>,
    actor: Actor,
    Json(account): Json<Account>,
) -> Result<Response, ApiError> {
    let connected = space
        .connect_marketplace(&actor, &account.url, &account.username, &account.password)
        .await?;
    Ok((StatusCode::CREATED, Json(connected)).into_response())
}
