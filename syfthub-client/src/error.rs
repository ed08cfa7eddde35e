//! Why a call did not work: one type, with a small [`ErrorKind`] to branch on.

use std::fmt;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use syfthub_core::wire::billing::Billing;

/// What went wrong, in the few ways a caller can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument or a setting cannot be used; nothing was sent.
    Usage,
    /// Nobody is signed in, or the session is over.
    NotSignedIn,
    /// The caller may not do this.
    Forbidden,
    /// The thing does not exist, or the caller may not see it.
    NotFound,
    /// It collides with something that exists.
    Conflict,
    /// The request was understood and refused, mostly for a field in it.
    Refused,
    /// Too many requests.
    RateLimited,
    /// The server failed.
    Server,
    /// No answer within the deadline.
    Timeout,
    /// No connection could be made.
    Unreachable,
    /// The connection broke, or a stream ended before its end was announced.
    Interrupted,
    /// The answer cannot be read: perhaps the address is not that of a hub.
    Protocol,
    /// The endpoint is published in a way that cannot be called.
    Unusable,
    /// The model could not answer.
    Generation,
    /// The session's tokens could not be read from or written to their store.
    Storage,
}

impl ErrorKind {
    /// The word for it in programs, such as `not_signed_in`: other languages choose their exceptions by it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::NotSignedIn => "not_signed_in",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::RateLimited => "rate_limited",
            Self::Server => "server",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Interrupted => "interrupted",
            Self::Protocol => "protocol",
            Self::Unusable => "unusable",
            Self::Generation => "generation",
            Self::Storage => "storage",
        }
    }
}

/// A failed call.
///
/// ```no_run
/// # async fn example(hub: syfthub_client::Client) {
/// use syfthub_client::ErrorKind;
///
/// match hub.auth().me().await {
///     Ok(user) => println!("{}", user.username),
///     Err(error) if error.kind() == ErrorKind::NotSignedIn => println!("sign in first"),
///     Err(error) => println!("{error} (correlation id {:?})", error.correlation_id()),
/// }
/// # }
/// ```
pub struct Error(Box<Facts>);

#[derive(Debug)]
struct Facts {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    code: Option<String>,
    detail: Option<Value>,
    correlation_id: Option<String>,
    billing: Option<Billing>,
    retry_after: Option<Duration>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Facts {
            kind,
            message: message.into(),
            status: None,
            code: None,
            detail: None,
            correlation_id: None,
            billing: None,
            retry_after: None,
        }))
    }

    pub(crate) fn correlated(mut self, id: impl Into<String>) -> Self {
        self.0.correlation_id = Some(id.into());
        self
    }

    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    pub(crate) fn coded(mut self, code: Option<String>) -> Self {
        self.0.code = code;
        self
    }

    pub(crate) fn billed(mut self, billing: Option<Billing>) -> Self {
        self.0.billing = billing;
        self
    }

    pub(crate) fn retrying_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// The error that an answer with a failing `status` stands for. Reads `detail` (contract hub 1.3), then `message`,
    /// then `error`.
    ///
    /// ```
    /// use syfthub_client::{Error, ErrorKind};
    ///
    /// let error = Error::from_answer(http::StatusCode::NOT_FOUND, br#"{"detail": "no such endpoint"}"#);
    /// assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::NotFound, "no such endpoint"));
    /// ```
    pub fn from_answer(status: StatusCode, body: &[u8]) -> Self {
        let parsed: Option<Value> = serde_json::from_slice(body).ok();
        let detail = parsed.as_ref().and_then(refusal_in);
        let message = detail
            .and_then(sentence)
            .unwrap_or_else(|| format!("the server answered {}", describe(status)));
        let mut error = Self::new(kind_of(status), message);
        error.0.status = Some(status.as_u16());
        let code = detail.and_then(code_in).or_else(|| code_beside(parsed.as_ref()?));
        error.0.code = code.map(str::to_owned);
        error.0.billing = parsed.as_ref().and_then(billing_in);
        error.0.detail = detail.cloned();
        error
    }

    /// What went wrong, to branch on.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The status of the answer, when there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The machine-readable reason, such as `USER_ALREADY_EXISTS` or `audience_not_found`, when the server gave one.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The `detail` of the answer: text, an object, or the list of refused fields (contract hub 1.3).
    pub fn detail(&self) -> Option<&Value> {
        self.0.detail.as_ref()
    }

    /// How long to wait before another try, when the server said so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What a failed answer cost all the same, when an endpoint said anything of it (contract aggregator 1.14).
    pub fn billing(&self) -> Option<&Billing> {
        self.0.billing.as_ref()
    }

    /// The id under which the server logged the request; present whenever something was sent.
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.correlation_id.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Without a source: the message says the cause, once.
impl std::error::Error for Error {}

fn kind_of(status: StatusCode) -> ErrorKind {
    match status.as_u16() {
        401 => ErrorKind::NotSignedIn,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        408 | 504 => ErrorKind::Timeout,
        409 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        400..=499 => ErrorKind::Refused,
        500..=599 => ErrorKind::Server,
        _ => ErrorKind::Protocol,
    }
}

fn describe(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or_default();
    format!("{} {reason}", status.as_u16()).trim_end().to_owned()
}

fn refusal_in(body: &Value) -> Option<&Value> {
    ["detail", "message", "error"]
        .into_iter()
        .filter_map(|key| body.get(key))
        .find(|v| !v.is_null())
}

fn code_in(detail: &Value) -> Option<&str> {
    ["code", "error"].into_iter().find_map(|key| detail.get(key)?.as_str())
}

/// The word for programs beside the text in `detail` or `message` (contract aggregator 1.6).
fn code_beside(body: &Value) -> Option<&str> {
    let has_text = ["detail", "message"].into_iter().any(|key| body.get(key).is_some());
    has_text.then(|| body.get("error")?.as_str()).flatten()
}

fn billing_in(body: &Value) -> Option<Billing> {
    serde_json::from_value(body.get("billing")?.clone()).ok()
}

fn sentence(detail: &Value) -> Option<String> {
    match detail {
        Value::String(text) => Some(text.clone()),
        Value::Object(_) => {
            let said =
                ["message", "error", "code"].into_iter().find_map(|key| detail.get(key)?.as_str());
            Some(said.map_or_else(|| detail.to_string(), str::to_owned))
        }
        Value::Array(issues) => {
            let lines: Vec<String> = issues.iter().filter_map(refused_field).collect();
            (!lines.is_empty()).then(|| lines.join("; "))
        }
        _ => None,
    }
}

/// `field: reason` of one item of the list of contract hub 1.4.
fn refused_field(issue: &Value) -> Option<String> {
    let reason = issue.get("msg")?.as_str()?;
    let place = issue.get("loc").and_then(Value::as_array).into_iter().flatten().skip(1);
    let names: Vec<String> =
        place.map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect();
    Some(if names.is_empty() {
        reason.to_owned()
    } else {
        format!("{}: {reason}", names.join("."))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decoded(status: u16, body: &Value) -> Error {
        Error::from_answer(StatusCode::from_u16(status).unwrap(), body.to_string().as_bytes())
    }

    #[test]
    fn text_in_detail_is_the_message() {
        let error = decoded(404, &json!({"detail": "Endpoint not found"}));
        assert_eq!(error.to_string(), "Endpoint not found");
        assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)));
        assert_eq!(error.code(), None);
    }

    #[test]
    fn a_word_for_programs_may_stand_beside_the_text() {
        let error = decoded(
            400,
            &json!({"detail": "Generation failed: no", "message": "Generation failed: no", "error": "generation_failed",
                "billing": {"total_cost": 0.25, "entries": []}}),
        );
        assert_eq!(
            (error.code(), error.to_string().as_str()),
            (Some("generation_failed"), "Generation failed: no")
        );
        assert_eq!(error.billing().and_then(|billing| billing.total_cost), Some(0.25));
        let odd = decoded(400, &json!({"detail": "no", "billing": "much"}));
        assert_eq!((odd.code(), odd.billing()), (None, None));
    }

    #[test]
    fn an_object_in_detail_gives_code_and_message() {
        let error =
            decoded(409, &json!({"detail": {"code": "USER_ALREADY_EXISTS", "message": "taken"}}));
        assert_eq!(
            (error.code(), error.to_string().as_str()),
            (Some("USER_ALREADY_EXISTS"), "taken")
        );
        let minting =
            decoded(400, &json!({"detail": {"error": "audience_not_found", "message": "no"}}));
        assert_eq!(minting.code(), Some("audience_not_found"));
    }

    #[test]
    fn a_list_in_detail_names_every_field() {
        let body = json!({"detail": [
            {"type": "missing", "loc": ["body", "name"], "msg": "Field required", "input": null},
            {"type": "enum", "loc": ["body", "connect", 0, "type"], "msg": "Input should be x", "input": 1},
        ]});
        assert_eq!(
            decoded(422, &body).to_string(),
            "name: Field required; connect.0.type: Input should be x"
        );
    }

    #[test]
    fn a_body_that_says_nothing_leaves_the_status_to_speak() {
        for body in [&b""[..], b"<html>", b"[]", b"{}", b"{\"detail\":null}", b"{\"detail\":[]}"] {
            let error = Error::from_answer(StatusCode::BAD_GATEWAY, body);
            assert_eq!(error.to_string(), "the server answered 502 Bad Gateway");
            assert_eq!(error.kind(), ErrorKind::Server);
        }
    }

    #[test]
    fn a_space_that_speaks_of_message_or_error_is_understood() {
        assert_eq!(decoded(500, &json!({"error": "boom", "code": "X"})).to_string(), "boom");
        assert_eq!(decoded(500, &json!({"message": "m", "error": "e"})).to_string(), "m");
    }
}
