//! Settings that are changed while the space runs (contract space 1.6).

use axum::extract::State;
use serde_json::{Value, json};
use syfthub_core::input::{Fields, Input, Place};
use url::Url;

use super::marketplaces::web_url;
use crate::http::{ApiError, Json};
use crate::space::node::Space;

/// Where callers are to reach the space.
#[derive(Debug)]
pub(super) struct PublicUrl {
    public_url: Url,
}

impl Input for PublicUrl {
    fn read(value: &Value, place: &mut Place<'_>) -> Option<Self> {
        let mut fields = Fields::of(value, place)?;
        web_url(&mut fields, "public_url").map(|public_url| Self { public_url })
    }
}

pub(super) async fn show(State(space): State<Space>) -> Result<Json<Value>, ApiError> {
    let url = space.public_url().await?;
    Ok(Json(json!({"public_url": url})))
}

pub(super) async fn set(
    State(space): State<Space>,
    Json(new): Json<PublicUrl>,
) -> Result<Json<Value>, ApiError> {
    if space.config.public_url.is_some() {
        return Err(ApiError::bad_request("SPACE_PUBLIC_URL decides this setting"));
    }
    space.set_public_url(new.public_url).await?;
    show(State(space)).await
}
