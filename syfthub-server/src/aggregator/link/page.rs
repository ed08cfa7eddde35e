//! The pages that links lead to. Everything on them was written by strangers.

use std::sync::LazyLock;

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use syfthub_core::wire::chat::Sources;

use crate::http::ApiError;

/// The style of every page, written into it.
const STYLE: &str = include_str!("../../../templates/page.css");

/// Nothing but that style, and forms that lead back here: no script runs, whatever the page came to contain.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).expect("a policy is printable ASCII")
});

/// What became of a link, as the page carries it for programs (contract aggregator 1.16).
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Outcome {
    /// The question.
    pub(super) query: String,
    /// `owner/slug` of the model; none where only documents are looked for.
    pub(super) model: Option<String>,
    /// `owner/slug` of every data source.
    pub(super) data_sources: Vec<String>,
    /// What the model says.
    pub(super) answer: Option<String>,
    /// The documents, by title.
    pub(super) sources: Option<Sources>,
    /// Why there is no answer.
    pub(super) error: Option<String>,
}

/// The page with what was found, or why nothing was.
pub(super) fn result(status: StatusCode, outcome: &Outcome) -> Result<Response, ApiError> {
    let json = serde_json::to_string(outcome).map_err(ApiError::internal)?;
    let empty = Sources::default();
    let Sources(found) = outcome.sources.as_ref().unwrap_or(&empty);
    let found = found.iter().map(|(title, entry)| Document {
        title,
        slug: &entry.slug,
        content: &entry.content,
    });
    let page = ResultPage { style: STYLE, outcome, json: escaped(&json), found: found.collect() };
    respond(status, &page)
}

/// The page that asks whether a model shall be asked.
pub(super) fn confirm(link: &str, model: &str, prompt: &str) -> Result<Response, ApiError> {
    respond(StatusCode::OK, &ConfirmPage { style: STYLE, link, model, prompt })
}

fn respond(status: StatusCode, page: &impl Template) -> Result<Response, ApiError> {
    let html = page.render().map_err(ApiError::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
    ];
    Ok((status, headers, html).into_response())
}

/// JSON that no browser takes for the end of its element: it means the same to whoever parses it.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            c => text.push(c),
        }
    }
    text
}

struct Document<'a> {
    title: &'a str,
    slug: &'a str,
    content: &'a str,
}

#[derive(Template)]
#[template(path = "link.html")]
struct ResultPage<'a> {
    style: &'static str,
    outcome: &'a Outcome,
    /// Escaped for the element it stands in.
    json: String,
    found: Vec<Document<'a>>,
}

#[derive(Template)]
#[template(path = "link_confirm.html")]
struct ConfirmPage<'a> {
    style: &'static str,
    link: &'a str,
    model: &'a str,
    prompt: &'a str,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn escaped_json_ends_no_element_and_means_the_same(text in r"(</script>|<!--|&|\u{2028}|\PC){0,20}") {
            let json = serde_json::to_string(&text).unwrap();
            let escaped = escaped(&json);
            prop_assert!(!escaped.contains(['<', '>', '&']));
            prop_assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
        }
    }
}
