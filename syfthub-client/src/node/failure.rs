//! What went wrong between us and a space, and what of it is fit to tell.

use http::HeaderMap;
use http::StatusCode;
use http::header::{HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::Value;
use syfthub_core::rag::{GenerateError, Refusal, SourceError};
use syfthub_core::wire::space::PolicyEntry;

use crate::exchange::NoAnswer;

use super::read::Body;
use super::reply;

/// The most bytes of an error body that are read.
const ERROR_BODY_CAP: usize = 64 * 1024;
/// The most characters of it that are told.
const DETAIL_CHARS: usize = 200;

/// The most bytes of a challenge that are passed on; hubs take no longer one (contract aggregator 1.14).
const CHALLENGE_CAP: usize = 10_000;

/// A call that brought no answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Failure {
    /// The space answered with a status that is no success; perhaps it said how to pay.
    Refused { status: StatusCode, refusal: Refusal, challenge: Option<String> },
    /// The space took too long, by a limit of the HTTP client.
    Timeout,
    /// The space could not be reached, or the connection broke.
    Network(String),
    /// The answer is larger than the caller allows, or not what an endpoint answers.
    Unreadable(String),
    /// The model reported this in the middle of its answer.
    Reported(Refusal),
}

impl Failure {
    /// Says in a few words why `error` happened: its innermost cause, which never holds the address or a header.
    pub(super) fn network(error: reqwest::Error) -> Self {
        Self::unanswered(&NoAnswer::from(error))
    }

    pub(super) fn unanswered(why: &NoAnswer) -> Self {
        if why.is_too_late { Self::Timeout } else { Self::Network(one_line(&why.reason)) }
    }

    pub(super) fn unreadable(why: &str) -> Self {
        Self::Unreadable(why.to_owned())
    }

    /// Reads why the space refused. Only JSON is told on: pages of proxies and traces of programs are not.
    pub(super) async fn refused(response: reqwest::Response) -> Self {
        let status = response.status();
        if status.is_redirection() {
            let refusal = "redirects are not followed".into();
            return Self::Refused { status, refusal, challenge: None };
        }
        let patience = header(response.headers(), &RETRY_AFTER).map(one_line);
        let challenge = header(response.headers(), &WWW_AUTHENTICATE)
            .filter(|challenge| challenge.len() <= CHALLENGE_CAP)
            .map(str::to_owned);
        let mut body = Body::new(response, ERROR_BODY_CAP, None).json().await.unwrap_or_default();
        let told = error_detail(&body);
        let mut detail =
            told.unwrap_or_else(|| status.canonical_reason().unwrap_or("no details").to_owned());
        if let Some(patience) = patience {
            detail = format!("{detail} (retry after {patience})");
        }
        let entries = reply::entries(&mut body);
        if status == StatusCode::PAYMENT_REQUIRED
            && let Some(needed) = needed(&entries, challenge.as_deref())
        {
            detail = format!("{detail} (needs {needed})");
        }
        Self::Refused { status, refusal: Refusal { detail, entries }, challenge }
    }
}

/// How much the space wants: what its policies say, else the `amount` of its challenge (RFC 9110, section 11.6.1).
fn needed(entries: &[PolicyEntry], challenge: Option<&str>) -> Option<String> {
    let said =
        entries.iter().find_map(|entry| Some((entry.amount?.to_string(), entry.currency.clone())));
    let (amount, currency) = said.or_else(|| {
        let challenge = challenge?;
        Some((parameter(challenge, "amount")?, parameter(challenge, "currency")))
    })?;
    let needed = currency.map_or_else(|| amount.clone(), |currency| format!("{amount} {currency}"));
    Some(one_line(&needed))
}

/// The parameter `name="…"` of a challenge.
fn parameter(challenge: &str, name: &str) -> Option<String> {
    challenge.split([',', ' ']).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (key.trim().eq_ignore_ascii_case(name) && !value.is_empty()).then(|| value.to_owned())
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The text of an error body: `detail`, then `message`, then `error`, at most 200 characters (contract aggregator 2.8).
pub fn error_detail(body: &Value) -> Option<String> {
    ["detail", "message", "error"]
        .iter()
        .find_map(|key| body.get(key).and_then(text))
        .map(|text| one_line(&text))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Object(inner) => {
            let said = ["message", "detail", "error", "msg"]
                .iter()
                .find_map(|key| inner.get(*key)?.as_str());
            said.map(str::to_owned).or_else(|| (!inner.is_empty()).then(|| value.to_string()))
        }
        Value::Array(items) => {
            let said: Vec<String> = items.iter().take(5).filter_map(issue).collect();
            (!said.is_empty()).then(|| said.join("; "))
        }
        _ => None,
    }
}

/// An item of a 422 list, as `field: message`.
fn issue(item: &Value) -> Option<String> {
    let Some(message) = item.get("msg").and_then(Value::as_str) else { return text(item) };
    let field = item.get("loc").and_then(Value::as_array).and_then(|loc| loc.last()?.as_str());
    Some(field.map_or_else(|| message.to_owned(), |field| format!("{field}: {message}")))
}

/// At most 200 characters, on one line.
pub fn one_line(text: &str) -> String {
    let line = text
        .split(char::is_control)
        .filter(|part| !part.trim().is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    match line.char_indices().nth(DETAIL_CHARS) {
        Some((end, _)) => line[..end].to_owned(),
        None => line,
    }
}

impl From<Failure> for SourceError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused { status, refusal, challenge } => match status {
                StatusCode::FORBIDDEN => Self::Denied(refusal),
                StatusCode::PAYMENT_REQUIRED => Self::PaymentRequired { refusal, challenge },
                StatusCode::TOO_MANY_REQUESTS => Self::RateLimited(refusal),
                _ => Self::Http { status: status.as_u16(), refusal },
            },
            Failure::Timeout => Self::Timeout,
            Failure::Network(cause) => Self::Network(cause),
            Failure::Unreadable(why) => Self::Unexpected(why),
            Failure::Reported(what) => Self::Unexpected(what.detail),
        }
    }
}

impl From<Failure> for GenerateError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused { status: StatusCode::FORBIDDEN, refusal, .. } => {
                Self::Denied(refusal)
            }
            Failure::Refused { status, refusal, .. } => {
                Self::Http { status: status.as_u16(), refusal }
            }
            Failure::Timeout => Self::Timeout,
            Failure::Network(cause) => Self::Network(cause),
            Failure::Unreadable(why) => Self::Unreadable(why),
            Failure::Reported(what) => Self::Reported(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_detail_is_told_before_the_message_before_the_error() {
        assert_eq!(
            error_detail(&json!({"error": "c", "message": "b", "detail": "a"})).as_deref(),
            Some("a")
        );
        assert_eq!(
            error_detail(&json!({"error": "c", "message": "b", "detail": null})).as_deref(),
            Some("b")
        );
        assert_eq!(error_detail(&json!({"error": "c", "code": "X"})).as_deref(), Some("c"));
        assert_eq!(error_detail(&json!({"error": {"message": "deep"}})).as_deref(), Some("deep"));
        assert_eq!(error_detail(&json!({"detail": {"why": 1}})).as_deref(), Some(r#"{"why":1}"#));
        let issues = json!({"detail": [{"loc": ["body", "limit"], "msg": "too big"}, {"msg": "odd"}, "plain"]});
        assert_eq!(error_detail(&issues).as_deref(), Some("limit: too big; odd; plain"));
        assert_eq!(error_detail(&json!({"ok": true})), None);
        assert_eq!(error_detail(&json!("text")), None);
    }

    #[test]
    fn the_needed_amount_is_found_in_what_policies_say_or_in_the_challenge() {
        let entry: PolicyEntry = serde_json::from_value(json!({
            "policy_type": "accounting", "kind": "payment", "status": "rejected", "amount": 0.25, "currency": "USD"
        }))
        .unwrap();
        let challenge = r#"Payment realm="space", amount="2", currency="EUR""#;
        assert_eq!(needed(&[entry], Some(challenge)).as_deref(), Some("0.25 USD"));
        assert_eq!(needed(&[], Some(challenge)).as_deref(), Some("2 EUR"));
        assert_eq!(needed(&[], Some("Payment amount=3")).as_deref(), Some("3"));
        assert_eq!(needed(&[], Some("Bearer")), None);
    }

    #[test]
    fn a_detail_is_at_most_two_hundred_characters_on_one_line() {
        let told = error_detail(&json!({ "detail": "é\n".repeat(300) })).unwrap();
        assert_eq!(told.chars().count(), 200);
        assert!(!told.contains('\n'));
    }
}
