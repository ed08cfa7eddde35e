//! Sending with deadlines and repetitions, as nobody or with a key; and failures made into [`Error`]s.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use reqwest::StatusCode;
use reqwest::header::{self, HeaderValue};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use url::Url;

use super::CORRELATION_ID;
use super::call::Call;
use crate::error::{Error, ErrorKind};
use crate::exchange::{Connections, NoAnswer};
use crate::retry::{self, Retries};

const MAX_ANSWER: usize = 64 << 20;
const MAX_REFUSAL: usize = 64 << 10;

/// The connections, and the patience with whoever answers.
#[derive(Clone)]
pub(crate) struct Sender {
    pub(crate) http: Connections,
    pub(crate) deadline: Duration,
    pub(crate) retries: Retries,
    /// What is asked, for messages: `hub` or `space`.
    pub(crate) peer: &'static str,
}

/// A successful answer that is still coming in.
pub(crate) struct Incoming {
    pub(crate) response: reqwest::Response,
    pub(crate) correlation_id: String,
}

/// How much of an answer is read before it is handed on.
pub(crate) trait Reading {
    type Output;
    async fn read(response: reqwest::Response) -> Result<Self::Output, Error>;
}

pub(crate) struct Whole;
pub(crate) struct Opened;

impl Reading for Whole {
    type Output = Bytes;
    async fn read(response: reqwest::Response) -> Result<Bytes, Error> {
        read_whole(response, MAX_ANSWER).await
    }
}

impl Reading for Opened {
    type Output = reqwest::Response;
    async fn read(response: reqwest::Response) -> Result<reqwest::Response, Error> {
        Ok(response)
    }
}

/// A try that failed, and what that says about another one.
struct Failure {
    error: Error,
    unsent: bool,
    retry_after: Option<Duration>,
    transient: bool,
}

impl Sender {
    /// When work on `call` has to end, from now on.
    pub(super) fn deadline_of(&self, call: &Call) -> Duration {
        call.deadline.unwrap_or(self.deadline)
    }

    /// Sends `call` with a key, or without one.
    pub(crate) async fn send<R: Reading>(
        &self,
        call: &Call,
        key: Option<&str>,
    ) -> Result<(R::Output, String), Error> {
        let correlation_id = uuid::Uuid::new_v4().to_string();
        let deadline = self.deadline_of(call);
        let ends = Instant::now() + deadline;
        let sent = self.tries::<R>(call, key, &correlation_id, ends);
        let answer = in_time(sent, call, deadline, &correlation_id).await?;
        Ok((answer, correlation_id))
    }

    /// Reads a JSON answer.
    pub(crate) fn decode<T: DeserializeOwned>(
        &self,
        url: &Url,
        body: &[u8],
        correlation_id: String,
    ) -> Result<T, Error> {
        serde_json::from_slice(body).map_err(|cause| {
            let message = if body.trim_ascii_start().starts_with(b"<") {
                let peer = self.peer;
                format!("{url} answered with a web page where a SyftHub {peer} answers with JSON")
            } else {
                format!("the answer of {url} cannot be read: {cause}")
            };
            Error::new(ErrorKind::Protocol, message).correlated(correlation_id)
        })
    }

    pub(super) async fn tries<R: Reading>(
        &self,
        call: &Call,
        bearer: Option<&str>,
        correlation_id: &str,
        ends: Instant,
    ) -> Result<R::Output, Error> {
        let mut waits = self.retries.waits();
        loop {
            let failure = match self.attempt::<R>(call, bearer, correlation_id).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let may_repeat = failure.unsent || (failure.transient && call.has_no_effect());
            let wait = if may_repeat { waits.next() } else { None };
            let Some(wait) = wait.map(|wait| failure.retry_after.unwrap_or(wait)) else {
                return Err(failure.error);
            };
            if Instant::now() + wait >= ends {
                return Err(failure.error);
            }
            tracing::debug!(error = %failure.error, ?wait, correlation_id, "trying again");
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt<R: Reading>(
        &self,
        call: &Call,
        bearer: Option<&str>,
        correlation_id: &str,
    ) -> Result<R::Output, Failure> {
        let sent = match request(call, bearer, correlation_id) {
            Ok(request) => self.http.send(request).await,
            Err(unusable) => Err(unusable),
        };
        let response = sent.map_err(|cause| {
            let failure = unsent_or_broken(&cause, &call.url);
            Failure { error: failure.error.correlated(correlation_id), ..failure }
        })?;
        let status = response.status();
        let named = response.headers().get(CORRELATION_ID).and_then(|id| id.to_str().ok());
        let named = named.unwrap_or(correlation_id).to_owned();
        if status.is_success() {
            return R::read(response).await.map_err(|error| Failure {
                transient: error.kind() == ErrorKind::Interrupted,
                error: error.correlated(named),
                unsent: false,
                retry_after: None,
            });
        }
        let retry_after = retry::retry_after(response.headers());
        let error = self.refusal(response, &call.url).await.correlated(named);
        let error = error.retrying_after(retry_after);
        let transient = retry::is_transient(status);
        Err(Failure { error, unsent: false, retry_after, transient })
    }

    /// The failing answer as an error; a redirect is one, since following it could hand the token to somebody else.
    async fn refusal(&self, response: reqwest::Response, url: &Url) -> Error {
        let status = response.status();
        if status.is_redirection() {
            let target = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
            let message = match target {
                Some(target) => format!("{url} redirects to {target}: use that address"),
                None => format!("{url} redirects to nowhere"),
            };
            return Error::from_answer(status, b"")
                .with_kind(ErrorKind::Protocol)
                .with_message(message);
        }
        let body = read_whole(response, MAX_REFUSAL).await.unwrap_or_default();
        let error = Error::from_answer(status, &body);
        if status == StatusCode::NOT_FOUND && error.detail().is_none() {
            let message =
                format!("{} knows no such address: is it a SyftHub {}?", origin(url), self.peer);
            return error.with_kind(ErrorKind::Protocol).with_message(message);
        }
        error
    }
}

fn request(
    call: &Call,
    bearer: Option<&str>,
    correlation_id: &str,
) -> Result<reqwest::Request, NoAnswer> {
    let mut request = reqwest::Request::new(call.method.clone(), call.url.clone());
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static(call.accept));
    if let Ok(id) = HeaderValue::from_str(correlation_id) {
        headers.insert(CORRELATION_ID, id);
    }
    if let Some((name, value)) = &call.header {
        headers.insert(name, value.clone());
    }
    if let Some(token) = bearer {
        let value = HeaderValue::from_str(&format!("Bearer {token}"));
        let mut value =
            value.map_err(|_| NoAnswer::unusable("a token that no header can carry"))?;
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
    if let Some((kind, body)) = &call.body {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        *request.body_mut() = Some(body.clone().into());
    }
    Ok(request)
}

fn unsent_or_broken(cause: &NoAnswer, url: &Url) -> Failure {
    let kind = match cause {
        NoAnswer { is_unsent: true, .. } => ErrorKind::Unreachable,
        NoAnswer { is_too_late: true, .. } => ErrorKind::Timeout,
        NoAnswer { is_unusable: true, .. } => ErrorKind::Usage,
        _ => ErrorKind::Interrupted,
    };
    let message = match kind {
        ErrorKind::Unreachable => format!("no connection to {}: {cause}", origin(url)),
        ErrorKind::Timeout => format!("{} did not answer in time", origin(url)),
        ErrorKind::Usage => format!("nothing can be sent to {}: {cause}", origin(url)),
        _ => format!("the connection to {} broke: {cause}", origin(url)),
    };
    let transient = matches!(kind, ErrorKind::Interrupted | ErrorKind::Timeout);
    let error = Error::new(kind, message);
    Failure { error, unsent: cause.is_unsent, retry_after: None, transient }
}

/// Waits for `sent`, but no longer than `deadline`.
pub(super) async fn in_time<T>(
    sent: impl Future<Output = Result<T, Error>>,
    call: &Call,
    deadline: Duration,
    correlation_id: &str,
) -> Result<T, Error> {
    tokio::time::timeout(deadline, sent).await.unwrap_or_else(|_| {
        let message = format!("{} did not answer within {deadline:?}", origin(&call.url));
        Err(Error::new(ErrorKind::Timeout, message).correlated(correlation_id))
    })
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read_whole(response: reqwest::Response, limit: usize) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    let mut pieces = response.bytes_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|cause| {
            let message = format!("the answer broke off: {}", root_of(&cause));
            Error::new(ErrorKind::Interrupted, message)
        })?;
        if body.len() + piece.len() > limit {
            let message = format!("the answer is larger than {limit} bytes");
            return Err(Error::new(ErrorKind::Protocol, message));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// The last cause: the others only repeat that something failed.
pub(crate) fn root_of(error: &dyn std::error::Error) -> String {
    let mut root = error;
    while let Some(deeper) = root.source() {
        root = deeper;
    }
    root.to_string()
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
