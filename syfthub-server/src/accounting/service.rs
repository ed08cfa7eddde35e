//! One accounting service: calls within a time and a size, and what became of them.

use bytes::BytesMut;
use http::{Method, StatusCode};
use serde_json::Value;
use syfthub_core::Secret;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::Accounting;
use super::refusal::Refusal;
use crate::http::CorrelationId;
use crate::outbound::Outbound;

/// Longest text of a refusal that is passed on.
const LONGEST_DETAIL: usize = 300;

/// An accounting service, for the calls of one request. They share the time that is set.
pub(super) struct Service<'a> {
    outbound: &'a Outbound,
    base: Url,
    credentials: Option<(String, Secret)>,
    correlation_id: CorrelationId,
    deadline: Instant,
    max_bytes: usize,
}

/// What the service said, when it was neither a failure nor a refusal of the credentials.
pub(super) struct Said {
    pub(super) status: StatusCode,
    /// The body; null when it is empty or no JSON.
    pub(super) body: Value,
}

impl Said {
    /// The body of a success, or the refusal.
    pub(super) fn success(self) -> Result<Value, Refusal> {
        match self.status {
            StatusCode::OK | StatusCode::CREATED if !self.body.is_null() => Ok(self.body),
            status if is_passed_on(status) => {
                Err(Refusal::Refused { status, detail: detail(&self.body) })
            }
            _ => Err(Refusal::Unreadable),
        }
    }
}

/// The refusals that mean the same to our own clients.
fn is_passed_on(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 402 | 403 | 404 | 409 | 422 | 429)
}

impl<'a> Service<'a> {
    pub(super) fn new(
        outbound: &'a Outbound,
        accounting: &Accounting,
        base: Url,
        correlation_id: CorrelationId,
    ) -> Self {
        let settings = &accounting.settings;
        Self {
            outbound,
            base,
            credentials: None,
            correlation_id,
            deadline: Instant::now() + settings.accounting_timeout,
            max_bytes: settings.accounting_max_bytes,
        }
    }

    /// The same service, called as the holder of an account (RFC 7617).
    pub(super) fn signed_in(mut self, email: &str, password: Secret) -> Self {
        self.credentials = Some((email.to_owned(), password));
        self
    }

    /// `GET` of the path that `segments` make.
    pub(super) async fn get(
        &self,
        segments: &[&str],
        query: &[(&str, i64)],
    ) -> Result<Said, Refusal> {
        let mut url = self.url(segments)?;
        for (name, value) in query {
            url.query_pairs_mut().append_pair(name, &value.to_string());
        }
        self.call(Method::GET, url, None, None).await
    }

    /// `POST` to the path that `segments` make, under an idempotency key if the caller named one.
    pub(super) async fn post(
        &self,
        segments: &[&str],
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Said, Refusal> {
        self.call(Method::POST, self.url(segments)?, body, key).await
    }

    fn url(&self, segments: &[&str]) -> Result<Url, Refusal> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| Refusal::Unreachable)?.pop_if_empty().extend(segments);
        Ok(url)
    }

    async fn call(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Said, Refusal> {
        timeout_at(self.deadline, self.exchange(method, url, body, key))
            .await
            .unwrap_or(Err(Refusal::TooSlow))
    }

    async fn exchange(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Said, Refusal> {
        let client = self.outbound.client_for(&url).map_err(Refusal::NotCallable)?;
        let mut request = client
            .request(method, url)
            .header("accept", "application/json")
            .header("x-correlation-id", self.correlation_id.header());
        if let Some((email, password)) = &self.credentials {
            request = request.basic_auth(email, Some(password.expose()));
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| unreachable(&error))?;
        let status = response.status();
        if status == StatusCode::UNAUTHORIZED {
            return Err(Refusal::Rejected);
        }
        let body = self.read(response).await?;
        Ok(Said { status, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<BytesMut, Refusal> {
        let mut body = BytesMut::new();
        while let Some(piece) = response.chunk().await.map_err(|error| unreachable(&error))? {
            if body.len() + piece.len() > self.max_bytes {
                return Err(Refusal::Unreadable);
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}

/// A call without an answer. What the network said stays in the log: it would tell a stranger about the hub's surroundings.
fn unreachable(error: &reqwest::Error) -> Refusal {
    tracing::info!(
        error = error as &dyn std::error::Error,
        "an accounting service was not reached"
    );
    match Outbound::reason(error) {
        Some(refused) => Refusal::NotCallable(refused),
        None => Refusal::Unreachable,
    }
}

/// The sentence of a refusal, cut and without control characters.
fn detail(body: &Value) -> String {
    let text = ["detail", "message"].iter().find_map(|key| body[key].as_str());
    let text = text.unwrap_or("The accounting service refused");
    text.chars().filter(|c| !c.is_control()).take(LONGEST_DETAIL).collect()
}
