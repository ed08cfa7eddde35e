//! From `owner/slug` to an address and a token.

use std::collections::{BTreeSet, HashMap};

use futures_util::FutureExt as _;
use futures_util::future::{OptionFuture, try_join, try_join_all};
use serde_json::Value;
use syfthub_core::OwnerName;
use syfthub_core::ids::EndpointPath;
use syfthub_core::model::EndpointType;
use syfthub_core::wire::chat::EndpointRef;
use syfthub_core::wire::endpoint::{Connection, EndpointPublic};

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::tokens::RESERVE;

/// An endpoint that is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// By its name at the hub, which says where it is.
    Named(EndpointPath),
    /// Where the caller says it is.
    Known(EndpointRef),
}

/// The addresses of a model, if one is asked, and of its sources, all asked for at once.
pub(crate) async fn addresses<'a>(
    client: &Client,
    model: Option<&Place>,
    sources: impl Iterator<Item = &'a Place>,
) -> Result<(Option<EndpointRef>, Vec<EndpointRef>), Error> {
    let sources = sources.map(async |source| match source {
        Place::Named(path) => data_source(client, path).await,
        Place::Known(reference) => Ok(reference.clone()),
    });
    let model = OptionFuture::from(model.map(async |model| match model {
        Place::Named(path) => self::model(client, path).await,
        Place::Known(reference) => Ok(reference.clone()),
    }));
    try_join(model.map(Option::transpose), try_join_all(sources)).await
}

/// The address of an endpoint that generates.
pub(crate) async fn model(client: &Client, path: &EndpointPath) -> Result<EndpointRef, Error> {
    address(client, path, "a model", EndpointType::generates).await
}

/// The address of an endpoint that retrieves.
pub(crate) async fn data_source(
    client: &Client,
    path: &EndpointPath,
) -> Result<EndpointRef, Error> {
    address(client, path, "a data source", EndpointType::retrieves).await
}

async fn address(
    client: &Client,
    path: &EndpointPath,
    wanted: &str,
    fits: fn(EndpointType) -> bool,
) -> Result<EndpointRef, Error> {
    let found = client.endpoints().get_path(path).await?;
    let endpoint = found.ok_or_else(|| {
        let message = format!("there is no endpoint {path}, or you may not see it");
        Error::new(ErrorKind::NotFound, message)
    })?;
    if !fits(endpoint.kind) {
        let message = format!("{path} is of type {}, not {wanted}", endpoint.kind);
        return Err(Error::new(ErrorKind::Unusable, message));
    }
    reference(endpoint).ok_or_else(|| {
        let message = format!("{path} has no address to call: its owner has to set one");
        Error::new(ErrorKind::Unusable, message)
    })
}

/// The endpoint as an aggregator wants it: through its first enabled connection that has an address.
fn reference(endpoint: EndpointPublic) -> Option<EndpointRef> {
    let (url, tenant_name) = endpoint.connect.iter().find_map(|connection| {
        let url =
            text(connection, "url").filter(|url| connection.enabled && url.contains("://"))?;
        Some((url.to_owned(), text(connection, "tenant_name").map(str::to_owned)))
    })?;
    Some(EndpointRef {
        url,
        slug: endpoint.slug,
        name: endpoint.name,
        tenant_name,
        owner_username: Some(endpoint.owner_username),
        query_override: None,
    })
}

fn text<'a>(connection: &'a Connection, key: &str) -> Option<&'a str> {
    connection.config.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Whose endpoints these are.
pub(crate) fn owners<'a>(endpoints: impl Iterator<Item = &'a EndpointRef>) -> BTreeSet<String> {
    endpoints.filter_map(|endpoint| endpoint.owner_username.clone()).collect()
}

/// One token per owner, all asked for at once. An owner for whom the hub makes none is left out, since it is for the space
/// to decide whom it serves.
pub(crate) async fn satellite_tokens(
    client: &Client,
    owners: &BTreeSet<String>,
) -> Result<HashMap<String, String>, Error> {
    let all = owners.iter().map(async |owner| {
        let Ok(audience) = OwnerName::parse(owner) else { return Ok(None) };
        match client.tokens().of_caller(&audience, RESERVE).await {
            Ok(token) => Ok(Some((owner.clone(), token.expose().to_owned()))),
            Err(error) if is_about_the_owner(&error) => {
                tracing::warn!(owner, %error, "no satellite token for this owner");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    });
    Ok(try_join_all(all).await?.into_iter().flatten().collect())
}

fn is_about_the_owner(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Refused | ErrorKind::NotFound | ErrorKind::Forbidden)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn endpoint(connect: &Value) -> EndpointPublic {
        serde_json::from_value(json!({
            "name": "Notes", "slug": "notes", "type": "data_source", "owner_username": "ada",
            "connect": connect,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn the_first_enabled_connection_with_an_address_is_taken() {
        let connect = json!([
            {"type": "https", "enabled": false, "config": {"url": "https://off"}},
            {"type": "https", "config": {"url": ""}},
            {"type": "https", "config": {"url": "relative"}},
            {"type": "https", "config": {"url": "https://on", "tenant_name": "t"}},
            {"type": "https", "config": {"url": "https://later"}},
        ]);
        let found = reference(endpoint(&connect)).unwrap();
        assert_eq!((found.url.as_str(), found.tenant_name.as_deref()), ("https://on", Some("t")));
        assert_eq!(found.path(), "ada/notes");
    }

    #[test]
    fn without_an_address_there_is_nothing_to_call() {
        assert_eq!(reference(endpoint(&json!([]))), None);
        assert_eq!(reference(endpoint(&json!([{"type": "https", "config": {"url": 7}}]))), None);
    }
}
