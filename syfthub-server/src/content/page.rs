//! What stands on a page, and the headers that go with it.

use std::convert::Infallible;
use std::sync::LazyLock;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use syfthub_core::model::{EndpointType, Visibility};
use syfthub_core::wire::endpoint::{Connection, Endpoint, Policy};

use super::readme::{Readme, Readmes};
use crate::http::ApiError;

/// The style of every page, written into it.
const STYLE: &str = include_str!("../../templates/page.css");

/// Nothing but that style: no script, picture, font, frame or form, whatever the page came to contain.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("a policy is printable ASCII")
});

/// Whether the client asks for a page for people. Only `Accept` decides: a program that calls itself a browser, as a
/// browser's own `fetch` does, gets the JSON it asks for (contract hub 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WantsHtml(pub(crate) bool);

impl<S: Send + Sync> FromRequestParts<S> for WantsHtml {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(names_html(&parts.headers)))
    }
}

fn names_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(|part| part.trim().to_ascii_lowercase());
        let is_html = parts.next().is_some_and(|media| media == "text/html");
        is_html
            && parts.all(|part| !matches!(part.as_str(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// The page of an endpoint as it is stored, with the addresses of its connections as they are shown, in their order.
pub(crate) async fn of_endpoint(
    readmes: &Readmes,
    stored: Endpoint,
    shown: &Endpoint,
) -> Result<Response, ApiError> {
    let readme = readmes.show(stored.readme.clone()).await;
    let updated = stored.updated_at.to_string();
    let ways = stored.connect.iter().zip(&shown.connect);
    let page = EndpointPage {
        style: STYLE,
        updated_on: &updated[..10],
        readme,
        connections: ways.map(|(stored, shown)| Way::new(stored, shown)).collect(),
        policies: stored.policies.iter().map(Rule::from).collect(),
        endpoint: &stored,
    };
    respond(StatusCode::OK, &page)
}

/// The page for an address at which there is nothing that the caller may see.
pub(crate) fn not_found(place: &str) -> Result<Response, ApiError> {
    respond(StatusCode::NOT_FOUND, &NotFoundPage { style: STYLE, place })
}

fn respond(status: StatusCode, page: &impl Template) -> Result<Response, ApiError> {
    let html = page.render().map_err(ApiError::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
    ];
    Ok((status, headers, html).into_response())
}

#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFoundPage<'a> {
    style: &'static str,
    place: &'a str,
}

#[derive(Template)]
#[template(path = "endpoint.html")]
struct EndpointPage<'a> {
    style: &'static str,
    endpoint: &'a Endpoint,
    /// The day, as in `2026-11-20`.
    updated_on: &'a str,
    readme: Readme,
    connections: Vec<Way<'a>>,
    policies: Vec<Rule<'a>>,
}

impl EndpointPage<'_> {
    fn kind(&self) -> &'static str {
        match self.endpoint.kind {
            EndpointType::Model => "Model",
            EndpointType::DataSource => "Data source",
            EndpointType::ModelDataSource => "Model with data",
            EndpointType::Agent => "Agent",
        }
    }

    fn visibility(&self) -> &'static str {
        match self.endpoint.visibility {
            Visibility::Public => "Public",
            Visibility::Internal => "Internal",
            Visibility::Private => "Private",
        }
    }

    fn contributors(&self) -> String {
        counted(self.endpoint.contributors.len(), "contributor")
    }

    fn stars(&self) -> String {
        counted(usize::try_from(self.endpoint.stars_count).unwrap_or(0), "star")
    }
}

fn counted(count: usize, thing: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{ending}")
}

/// A way to reach the endpoint.
struct Way<'a> {
    kind: &'a str,
    is_enabled: bool,
    description: &'a str,
    /// Where it leads, when that is not just what its settings say.
    address: Option<&'a str>,
    settings: Vec<Setting<'a>>,
}

impl<'a> Way<'a> {
    fn new(stored: &'a Connection, shown: &'a Connection) -> Self {
        let url = |connection: &'a Connection| connection.config.get("url").and_then(Value::as_str);
        Self {
            kind: &stored.kind,
            is_enabled: stored.enabled,
            description: &stored.description,
            address: url(shown).filter(|address| url(stored) != Some(address)),
            settings: settings(&stored.config),
        }
    }
}

/// A rule that its space keeps.
struct Rule<'a> {
    kind: &'a str,
    version: &'a str,
    is_enabled: bool,
    description: &'a str,
    settings: Vec<Setting<'a>>,
}

impl<'a> From<&'a Policy> for Rule<'a> {
    fn from(policy: &'a Policy) -> Self {
        Self {
            kind: &policy.kind,
            version: &policy.version,
            is_enabled: policy.enabled,
            description: &policy.description,
            settings: settings(&policy.config),
        }
    }
}

/// A name and its value: text as it is, anything else as JSON.
struct Setting<'a> {
    name: &'a str,
    value: String,
}

fn settings(config: &Map<String, Value>) -> Vec<Setting<'_>> {
    let told = |value: &Value| match value {
        Value::String(text) => text.clone(),
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    };
    config.iter().map(|(name, value)| Setting { name, value: told(value) }).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::ACCEPT;

    use super::*;

    #[test]
    fn only_a_named_text_html_asks_for_a_page() {
        for (accept, expected) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("application/json, TEXT/HTML;q=0.5", true),
            ("application/json", false),
            ("*/*", false),
            ("text/html;q=0", false),
            ("text/html-sandboxed", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(names_html(&headers), expected, "{accept}");
        }
        assert!(!names_html(&HeaderMap::new()));
    }
}
