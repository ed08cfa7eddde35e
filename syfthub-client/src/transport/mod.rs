//! The one place that sends: deadlines, retries, renewal of the session, and failures made into [`Error`]s.
//!
//! What is repeated: requests without effect (`GET`, `HEAD`) after a broken connection or an answer that says "not now",
//! and any request whose connection could not be made, since then nothing of it was sent. Waits grow with full jitter,
//! and a `Retry-After` is waited for in full or, when it does not fit the deadline, not at all.

mod call;
mod sender;

use std::sync::Arc;

use reqwest::header::HeaderValue;
use serde::de::DeserializeOwned;
use syfthub_core::Secret;
use syfthub_core::wire::auth::Tokens;
use tokio::time::Instant;
use url::Url;

use self::sender::in_time;
use crate::error::{Error, ErrorKind};
use crate::payment::IDEMPOTENCY_KEY;
use crate::session::Session;

pub(crate) use self::call::{Call, Caller};
pub(crate) use self::sender::{Incoming, Opened, Reading, Sender, Whole, read_whole, root_of};

/// The header that names a request in the logs of everybody it passes (contract hub 1.2).
pub(crate) const CORRELATION_ID: &str = "x-correlation-id";

/// Sends calls to a hub, with the client's session.
#[derive(Clone)]
pub(crate) struct Transport {
    pub(crate) sender: Sender,
    pub(crate) session: Arc<Session>,
    /// Counts where there is no session.
    pub(crate) api_token: Option<Secret>,
    pub(crate) refresh_url: Url,
    /// Sent with every call that changes something and brings no key of its own.
    pub(crate) idempotency_key: Option<HeaderValue>,
}

/// What proves in whose name a request is sent.
enum Proof {
    /// Of a session, which may be renewed.
    Session(Arc<Tokens>),
    /// A personal access token, which is what it is.
    ApiToken(Secret),
}

impl Transport {
    /// Sends `call` and reads a JSON answer.
    pub(crate) async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        let (body, correlation_id) = self.send::<Whole>(&call).await?;
        self.sender.decode(&call.url, &body, correlation_id)
    }

    /// Sends `call` and reads an answer that is text.
    pub(crate) async fn text(&self, call: Call) -> Result<String, Error> {
        let (body, correlation_id) = self.send::<Whole>(&call).await?;
        String::from_utf8(body.into()).map_err(|_| {
            let message = format!("the answer of {} is not text", call.url);
            Error::new(ErrorKind::Protocol, message).correlated(correlation_id)
        })
    }

    /// Sends `call` and reads the answer only to see that it is a success.
    pub(crate) async fn empty(&self, call: Call) -> Result<(), Error> {
        self.send::<Whole>(&call).await.map(drop)
    }

    /// Sends `call` and hands the answer on as soon as its head is there.
    pub(crate) async fn open(&self, call: Call) -> Result<Incoming, Error> {
        let (response, correlation_id) = self.send::<Opened>(&call).await?;
        Ok(Incoming { response, correlation_id })
    }

    async fn send<R: Reading>(&self, call: &Call) -> Result<(R::Output, String), Error> {
        let keyed = match &self.idempotency_key {
            Some(key) if call.header.is_none() && !call.has_no_effect() => {
                Some(call.clone().header(IDEMPOTENCY_KEY, key.clone()))
            }
            _ => None,
        };
        let call = keyed.as_ref().unwrap_or(call);
        let correlation_id = uuid::Uuid::new_v4().to_string();
        let deadline = self.sender.deadline_of(call);
        let ends = Instant::now() + deadline;
        let sent = self.as_caller::<R>(call, &correlation_id, ends);
        let answer = in_time(sent, call, deadline, &correlation_id).await?;
        Ok((answer, correlation_id))
    }

    /// Sends as the call's caller; an access token that has expired is renewed once.
    async fn as_caller<R: Reading>(
        &self,
        call: &Call,
        correlation_id: &str,
        ends: Instant,
    ) -> Result<R::Output, Error> {
        let tokens = match self.proof_for(call.caller, ends).await? {
            None => return self.sender.tries::<R>(call, None, correlation_id, ends).await,
            Some(Proof::ApiToken(token)) => {
                let bearer = Some(token.expose());
                return self.sender.tries::<R>(call, bearer, correlation_id, ends).await;
            }
            Some(Proof::Session(tokens)) => tokens,
        };
        match self.sender.tries::<R>(call, Some(&tokens.access_token), correlation_id, ends).await {
            Err(error) if error.status() == Some(401) => {
                let fresh = match self.renew(&tokens, ends).await {
                    Ok(fresh) => fresh,
                    Err(renewal) if renewal.kind() == ErrorKind::NotSignedIn => {
                        return Err(error.with_message("the session is over"));
                    }
                    Err(renewal) => return Err(renewal),
                };
                self.sender.tries::<R>(call, Some(&fresh.access_token), correlation_id, ends).await
            }
            answer => answer,
        }
    }

    /// What to send. Where nobody need be signed in, a hub takes an expired token for none and hides what only its
    /// owner may see, so an expired one is renewed beforehand.
    async fn proof_for(&self, caller: Caller, ends: Instant) -> Result<Option<Proof>, Error> {
        let tokens = match (caller, self.session.tokens(), &self.api_token) {
            (Caller::Anybody, _, _) | (Caller::UserIfAny, None, None) => return Ok(None),
            (_, None, Some(token)) => return Ok(Some(Proof::ApiToken(token.clone()))),
            (Caller::User, None, None) => return Err(Error::not_signed_in()),
            (_, Some(tokens), _) => tokens,
        };
        if !self.session.looks_expired(&tokens) {
            return Ok(Some(Proof::Session(tokens)));
        }
        match self.renew(&tokens, ends).await {
            Err(error) if error.kind() == ErrorKind::NotSignedIn => match caller {
                Caller::User => Err(error),
                Caller::Anybody | Caller::UserIfAny => Ok(None),
            },
            renewed => renewed.map(|tokens| Some(Proof::Session(tokens))),
        }
    }

    /// Renews the session whether it has expired or not.
    pub(crate) async fn renew_now(&self) -> Result<Arc<Tokens>, Error> {
        let tokens = self.session.tokens().ok_or_else(Error::not_signed_in)?;
        let call = Call::post(self.refresh_url.clone(), Caller::Anybody);
        let deadline = self.sender.deadline;
        let correlation_id = uuid::Uuid::new_v4().to_string();
        let renewed = self.renew(&tokens, Instant::now() + deadline);
        in_time(renewed, &call, deadline, &correlation_id).await
    }

    async fn renew(&self, stale: &Tokens, ends: Instant) -> Result<Arc<Tokens>, Error> {
        let url = self.refresh_url.clone();
        let send = async |refresh_token: &str| {
            let body = serde_json::json!({ "refresh_token": refresh_token });
            let call = Call::post(url, Caller::Anybody).json(&body);
            let correlation_id = uuid::Uuid::new_v4().to_string();
            let answer = self.sender.tries::<Whole>(&call, None, &correlation_id, ends).await;
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
}
