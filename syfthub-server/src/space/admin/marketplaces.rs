//! The hubs this space is connected to (contract space 1.6).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::Value;
use syfthub_core::input::{Fields, Input, Place};
use syfthub_core::{Invalid, Secret};
use url::Url;

use crate::http::{ApiError, Json, Path};
use crate::space::error::SpaceError;
use crate::space::hub::Marketplace;
use crate::space::ids::MarketplaceId;
use crate::space::node::Space;

/// An account at a hub.
#[derive(Debug)]
pub(super) struct Account {
    url: Url,
    username: String,
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
pub(super) struct Id {
    id: MarketplaceId,
}

impl Input for Id {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        Fields::of(value, place)?.required("id").map(|id| Self { id })
    }
}

pub(super) async fn list(State(space): State<Space>) -> Json<Vec<Marketplace>> {
    Json(space.marketplaces())
}

pub(super) async fn show(
    State(space): State<Space>,
    Path(Id { id }): Path<Id>,
) -> Result<Json<Marketplace>, ApiError> {
    let found = space.marketplaces().into_iter().find(|marketplace| marketplace.id == id);
    Ok(Json(found.ok_or(SpaceError::NotFound("marketplace"))?))
}

pub(super) async fn connect(
    State(space): State<Space>,
    Json(account): Json<Account>,
) -> Result<Response, ApiError> {
    let connected =
        space.connect_marketplace(&account.url, &account.username, &account.password).await?;
    Ok((StatusCode::CREATED, Json(connected)).into_response())
}
