//! The one place that sends: deadlines, retries, renewal of the session, and failures made into [`Error`]s.
//!
//! What is repeated: requests without effect (`GET`, `HEAD`) after a broken connection or an answer that says "not now",
//! and any request whose connection could not be made, since then nothing of it was sent. Waits grow with full jitter,
//! and a `Retry-After` is waited for in full or, when it does not fit the deadline, not at all.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use syfthub_core::wire::auth::Tokens;
use tokio::time::Instant;
use url::Url;

use crate::error::{Error, ErrorKind};
use crate::retry::{self, Retries};
use crate::session::Session;

/// The header that names a request in the logs of everybody it passes (contract hub 1.2).
pub(crate) const CORRELATION_ID: &str = "x-correlation-id";

const MAX_ANSWER: usize = 64 << 20;
const MAX_REFUSAL: usize = 64 << 10;

/// Whose request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nobody's: no token is sent.
    Anybody,
    /// The signed-in user's, if there is one.
    UserIfAny,
    /// The signed-in user's.
    User,
}

/// One request, ready to be sent any number of times.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    method: Method,
    url: Url,
    caller: Caller,
    body: Option<(&'static str, Bytes)>,
    accept: &'static str,
    deadline: Option<Duration>,
}

impl Call {
    pub(crate) fn new(method: Method, url: Url, caller: Caller) -> Self {
        Self { method, url, caller, body: None, accept: "application/json", deadline: None }
    }

    pub(crate) fn get(url: Url, caller: Caller) -> Self {
        Self::new(Method::GET, url, caller)
    }

    pub(crate) fn post(url: Url, caller: Caller) -> Self {
        Self::new(Method::POST, url, caller)
    }

    /// Appends `name=value` to the query.
    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        let text = serde_json::to_vec(body).expect("wire types have text keys and become JSON");
        self.body = Some(("application/json", text.into()));
        self
    }

    pub(crate) fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let text =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body = Some(("application/x-www-form-urlencoded", text.into()));
        self
    }

    pub(crate) fn accept(mut self, kind: &'static str) -> Self {
        self.accept = kind;
        self
    }

    /// Sets another deadline than the client's.
    pub(crate) fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    fn has_no_effect(&self) -> bool {
        self.method.is_safe()
    }
}

/// Sends calls, with the client's session, limits and patience.
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    pub(crate) session: Session,
    pub(crate) deadline: Duration,
    pub(crate) retries: Retries,
    pub(crate) refresh_url: Url,
}

/// A successful answer that is still coming in.
pub(crate) struct Incoming {
    pub(crate) response: reqwest::Response,
    pub(crate) correlation_id: String,
}

/// How much of an answer is read before it is handed on.
trait Reading {
    type Output;
    async fn read(response: reqwest::Response) -> Result<Self::Output, Error>;
}

struct Whole;
struct Opened;

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

impl Transport {
    /// Sends `call` and reads a JSON answer.
    pub(crate) async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        let url = call.url.clone();
        let (body, correlation_id) = self.send::<Whole>(call).await?;
        serde_json::from_slice(&body).map_err(|cause| {
            let message = if body.trim_ascii_start().starts_with(b"<") {
                format!("{url} answered with a web page where a SyftHub hub answers with JSON")
            } else {
                format!("the answer of {url} cannot be read: {cause}")
            };
            Error::new(ErrorKind::Protocol, message).correlated(correlation_id)
        })
    }

    /// Sends `call` and reads the answer only to see that it is a success.
    pub(crate) async fn empty(&self, call: Call) -> Result<(), Error> {
        self.send::<Whole>(call).await.map(drop)
    }

    /// Sends `call` and hands the answer on as soon as its head is there.
    pub(crate) async fn open(&self, call: Call) -> Result<Incoming, Error> {
        let (response, correlation_id) = self.send::<Opened>(call).await?;
        Ok(Incoming { response, correlation_id })
    }

    async fn send<R: Reading>(&self, call: Call) -> Result<(R::Output, String), Error> {
        let correlation_id = uuid::Uuid::new_v4().to_string();
        let deadline = call.deadline.unwrap_or(self.deadline);
        let ends = Instant::now() + deadline;
        let sent = tokio::time::timeout_at(ends, self.as_caller::<R>(&call, &correlation_id, ends));
        let answer = sent.await.unwrap_or_else(|_| {
            let message = format!("{} did not answer within {deadline:?}", origin(&call.url));
            Err(Error::new(ErrorKind::Timeout, message).correlated(&*correlation_id))
        })?;
        Ok((answer, correlation_id))
    }

    /// Sends as the call's caller; an access token that has expired is renewed once.
    async fn as_caller<R: Reading>(
        &self,
        call: &Call,
        correlation_id: &str,
        ends: Instant,
    ) -> Result<R::Output, Error> {
        let Some(tokens) = self.tokens_for(call.caller, ends).await? else {
            return self.tries::<R>(call, None, correlation_id, ends).await;
        };
        match self.tries::<R>(call, Some(&tokens.access_token), correlation_id, ends).await {
            Err(error) if error.status() == Some(401) => {
                let fresh = match self.renew(&tokens, ends).await {
                    Ok(fresh) => fresh,
                    Err(renewal) if renewal.kind() == ErrorKind::NotSignedIn => {
                        return Err(error.with_message("the session is over"));
                    }
                    Err(renewal) => return Err(renewal),
                };
                self.tries::<R>(call, Some(&fresh.access_token), correlation_id, ends).await
            }
            answer => answer,
        }
    }

    /// The tokens to send. Where nobody need be signed in, a hub takes an expired token for none and hides what only its
    /// owner may see, so an expired one is renewed beforehand.
    async fn tokens_for(
        &self,
        caller: Caller,
        ends: Instant,
    ) -> Result<Option<Arc<Tokens>>, Error> {
        match (caller, self.session.tokens()) {
            (Caller::Anybody, _) | (Caller::UserIfAny, None) => Ok(None),
            (Caller::User, None) => Err(Error::not_signed_in()),
            (_, Some(tokens)) if !self.session.looks_expired(&tokens) => Ok(Some(tokens)),
            (_, Some(tokens)) => match self.renew(&tokens, ends).await {
                Err(error) if error.kind() == ErrorKind::NotSignedIn => match caller {
                    Caller::User => Err(error),
                    Caller::Anybody | Caller::UserIfAny => Ok(None),
                },
                renewed => renewed.map(Some),
            },
        }
    }

    async fn renew(&self, stale: &Tokens, ends: Instant) -> Result<Arc<Tokens>, Error> {
        let url = self.refresh_url.clone();
        let send = async |refresh_token: &str| {
            let body = serde_json::json!({ "refresh_token": refresh_token });
            let call = Call::post(url, Caller::Anybody).json(&body);
            let correlation_id = uuid::Uuid::new_v4().to_string();
            let answer = self.tries::<Whole>(&call, None, &correlation_id, ends).await;
            let body = answer.map_err(|error| match error.kind() {
                ErrorKind::NotSignedIn => error.with_message("the session is over"),
                _ => error,
            })?;
            serde_json::from_slice(&body).map_err(|cause| {
                let message = format!("the hub's new tokens cannot be read: {cause}");
                Error::new(ErrorKind::Protocol, message)
            })
        };
        self.session.renew(stale, send).await
    }

    async fn tries<R: Reading>(
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
        let request = self.request(call, bearer, correlation_id);
        let response = request.send().await.map_err(|cause| {
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
        let error = refusal(response, &call.url).await.correlated(named);
        let transient = retry::is_transient(status);
        Err(Failure { error, unsent: false, retry_after, transient })
    }

    fn request(
        &self,
        call: &Call,
        bearer: Option<&str>,
        correlation_id: &str,
    ) -> reqwest::RequestBuilder {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(call.accept));
        if let Ok(id) = HeaderValue::from_str(correlation_id) {
            headers.insert(CORRELATION_ID, id);
        }
        let mut request = self.http.request(call.method.clone(), call.url.clone()).headers(headers);
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        match &call.body {
            Some((kind, body)) => request.header(header::CONTENT_TYPE, *kind).body(body.clone()),
            None => request,
        }
    }
}

/// The failing answer as an error; a redirect is one, since following it could hand the token to somebody else.
async fn refusal(response: reqwest::Response, url: &Url) -> Error {
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
        let message = format!("{} knows no such address: is it a SyftHub hub?", origin(url));
        return error.with_kind(ErrorKind::Protocol).with_message(message);
    }
    error
}

fn unsent_or_broken(cause: &reqwest::Error, url: &Url) -> Failure {
    let unsent = cause.is_connect();
    let kind = match cause {
        cause if cause.is_connect() => ErrorKind::Unreachable,
        cause if cause.is_timeout() => ErrorKind::Timeout,
        cause if cause.is_builder() => ErrorKind::Usage,
        _ => ErrorKind::Interrupted,
    };
    let message = match kind {
        ErrorKind::Unreachable => format!("no connection to {}: {}", origin(url), root_of(cause)),
        ErrorKind::Timeout => format!("{} did not answer in time", origin(url)),
        _ => format!("the connection to {} broke: {}", origin(url), root_of(cause)),
    };
    let transient = matches!(kind, ErrorKind::Interrupted | ErrorKind::Timeout);
    let error = Error::new(kind, message);
    Failure { error, unsent, retry_after: None, transient }
}

/// Reads a body of at most `limit` bytes.
async fn read_whole(response: reqwest::Response, limit: usize) -> Result<Bytes, Error> {
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
