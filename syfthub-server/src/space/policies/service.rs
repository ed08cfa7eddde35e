//! An accounting service as a payee calls it, in whichever of its two dialects it speaks (contract accounting 4.1 to 4.5).
//!
//! A transaction carries the charge's id in its `appName`: whatever becomes of an answer on the way, the transaction can be
//! found again by it. The same id goes along as `Idempotency-Key`, for services that know one.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use syfthub_core::{Money, Secret};
use url::Url;

use super::exchange::{Away, Exchange};
use crate::space::hub::Payee;
use crate::space::ids::ChargeId;

/// Begins the `appName` of a charge's transaction.
const APP: &str = "syfthub-space/";

/// Transactions listed at once, and how often at most: newest first, so what is looked for comes early.
const PAGE: usize = 100;
const MOST_PAGES: usize = 20;

/// The paths and the wrapping that a service uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `/transaction/create`, wrapped.
    Verbs,
    /// `/transactions/{id}/confirm`, bare.
    Paths,
}

impl Dialect {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Verbs => "verbs",
            Self::Paths => "paths",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::Verbs, Self::Paths].into_iter().find(|dialect| dialect.as_str() == word)
    }
}

/// What is done with a pending transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// The money moves.
    Confirm,
    /// It stays.
    Cancel,
}

impl Verb {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Cancel => "cancel",
        }
    }
}

/// What is to be reserved.
pub(super) struct Order<'a> {
    pub(super) id: ChargeId,
    pub(super) payer: &'a str,
    pub(super) amount: Money,
    pub(super) endpoint: &'a str,
    /// The payer's transaction token.
    pub(super) token: &'a Secret,
}

/// A transaction at the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transaction {
    pub(super) id: String,
    /// `pending`, `completed` or `cancelled`.
    pub(super) status: String,
    pub(super) dialect: Dialect,
}

/// Why a call did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum CallError {
    /// The service understood and refused.
    #[error("the accounting service refused ({status}): {detail}")]
    Refused { status: StatusCode, detail: String },
    /// It does not accept the payee's credentials.
    #[error("the accounting service does not accept the payee's credentials")]
    Rejected,
    /// It cannot be reached, failed, or said something unreadable: what it did is not known.
    #[error("the accounting service is away: {0}")]
    Away(String),
}

impl From<Away> for CallError {
    fn from(away: Away) -> Self {
        Self::Away(away.0)
    }
}

impl CallError {
    /// Whether the service knows neither the path nor the thing.
    fn is_unknown(&self) -> bool {
        let unknown = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        matches!(self, Self::Refused { status, .. } if unknown.contains(status))
    }
}

/// A service, called as the payee.
pub(super) struct Service<'a> {
    exchange: &'a dyn Exchange,
    payee: &'a Payee,
}

/// Who signs a call.
enum Signature<'a> {
    /// The payee, with their password.
    Payee,
    /// The payer, with a token.
    Token(&'a Secret),
}

impl<'a> Service<'a> {
    pub(super) fn new(exchange: &'a dyn Exchange, payee: &'a Payee) -> Self {
        Self { exchange, payee }
    }

    /// Reserves the amount. Which dialect the service speaks shows when it does not know the first one's path.
    pub(super) async fn create(&self, order: &Order<'_>) -> Result<Transaction, CallError> {
        let key = order.id.to_string();
        let mut body = json!({
            "senderEmail": order.payer, "recipientEmail": self.payee.email, "amount": order.amount.to_number(),
            "appName": format!("{APP}{key}"), "appEpPath": order.endpoint, "token": order.token.expose(),
        });
        let url = self.url(&["transaction", "create"]);
        match self.post(&url, &Signature::Payee, &key, Some(&body)).await {
            Err(error) if error.is_unknown() => {}
            answer => return read(&answer?, Dialect::Verbs),
        }
        body.as_object_mut().map(|body| body.remove("token"));
        let url = self.url(&["transactions"]);
        let told = self.post(&url, &Signature::Token(order.token), &key, Some(&body)).await;
        let told = told.map_err(|error| match error {
            // Here it is the payer's token that signs.
            CallError::Rejected => CallError::Refused {
                status: StatusCode::UNAUTHORIZED,
                detail: "the transaction token does not count".to_owned(),
            },
            error => error,
        });
        read(&told?, Dialect::Paths)
    }

    /// Confirms or cancels a transaction.
    pub(super) async fn resolve(
        &self,
        transaction: &str,
        dialect: Dialect,
        verb: Verb,
        charge: ChargeId,
    ) -> Result<(), CallError> {
        let other = if dialect == Dialect::Verbs { Dialect::Paths } else { Dialect::Verbs };
        match self.resolve_in(dialect, transaction, verb, charge).await {
            // Some services speak a little of both.
            Err(error) if error.is_unknown() => self
                .resolve_in(other, transaction, verb, charge)
                .await
                .map_err(|second| if second.is_unknown() { error } else { second }),
            done => done,
        }
    }

    async fn resolve_in(
        &self,
        dialect: Dialect,
        transaction: &str,
        verb: Verb,
        charge: ChargeId,
    ) -> Result<(), CallError> {
        let key = format!("{charge}-{}", verb.as_str());
        let (url, body) = match dialect {
            Dialect::Verbs => (
                self.url(&["transaction", verb.as_str()]),
                Some(json!({"transactionId": transaction})),
            ),
            Dialect::Paths => (self.url(&["transactions", transaction, verb.as_str()]), None),
        };
        self.post(&url, &Signature::Payee, &key, body.as_ref()).await.map(drop)
    }

    /// The transaction of a charge, if the service has one; `known` is its id, where that was noted.
    pub(super) async fn find(
        &self,
        charge: ChargeId,
        known: Option<&str>,
    ) -> Result<Option<Transaction>, CallError> {
        if let Some(id) = known {
            match self.get(&self.url(&["transactions", id])).await {
                // A service of verbs has no such path.
                Err(error) if error.is_unknown() => {}
                told => return read(&told?, Dialect::Paths).map(Some),
            }
        }
        let app = format!("{APP}{charge}");
        for page in 0..MOST_PAGES {
            let mut url = self.url(&["transactions"]);
            let skip = page * PAGE;
            url.query_pairs_mut()
                .append_pair("skip", &skip.to_string())
                .append_pair("limit", &PAGE.to_string());
            let told = self.get(&url).await?;
            // The dialect that wraps its lists tells them whole, and resolves by verb.
            let (list, dialect) = match told.get("transactions") {
                Some(list) => (list, Dialect::Verbs),
                None => (&told, Dialect::Paths),
            };
            let list = list.as_array().ok_or_else(unreadable)?;
            if let Some(found) = list.iter().find(|told| told["appName"] == app.as_str()) {
                return transaction(found, dialect).map(Some);
            }
            if dialect == Dialect::Verbs || list.len() < PAGE {
                break;
            }
        }
        Ok(None)
    }

    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.payee.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    async fn get(&self, url: &Url) -> Result<Value, CallError> {
        self.send(request(Method::GET, url, &self.signed(&Signature::Payee)), None).await
    }

    async fn post(
        &self,
        url: &Url,
        by: &Signature<'_>,
        key: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let request = request(Method::POST, url, &self.signed(by)).header("idempotency-key", key);
        self.send(request, body).await
    }

    fn signed(&self, by: &Signature<'_>) -> Secret {
        Secret::new(match by {
            Signature::Payee => {
                let name = format!("{}:{}", self.payee.email, self.payee.password.expose());
                format!("Basic {}", BASE64_STANDARD.encode(name))
            }
            Signature::Token(token) => format!("Bearer {}", token.expose()),
        })
    }

    async fn send(
        &self,
        request: http::request::Builder,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Bytes::from(body.to_string())),
            None => request.body(Bytes::new()),
        };
        // A token that no header can carry is no token of any service.
        let request = request.map_err(|_| CallError::Refused {
            status: StatusCode::BAD_REQUEST,
            detail: "the transaction token does not count".to_owned(),
        })?;
        let response = self.exchange.exchange(request).await?;
        let status = response.status();
        let body: Value = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        match status {
            status if status.is_success() => Ok(body),
            StatusCode::UNAUTHORIZED => Err(CallError::Rejected),
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
                Err(CallError::Away(format!("HTTP {status}")))
            }
            status if status.is_client_error() => {
                Err(CallError::Refused { status, detail: detail(&body) })
            }
            status => Err(CallError::Away(format!("HTTP {status}"))),
        }
    }
}

/// The beginning of a request that `signature` signs.
fn request(method: Method, url: &Url, signature: &Secret) -> http::request::Builder {
    let mut request = Request::builder()
        .method(method)
        .uri(url.as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::AUTHORIZATION, signature.expose());
    // There are no headers when the signature cannot be one: the builder says so at its end.
    let said = request.headers_mut().and_then(|headers| headers.get_mut(header::AUTHORIZATION));
    if let Some(said) = said {
        said.set_sensitive(true);
    }
    request
}

fn unreadable() -> CallError {
    CallError::Away("it answered something that cannot be read".to_owned())
}

/// The transaction of an answer, wrapped or bare.
fn read(told: &Value, dialect: Dialect) -> Result<Transaction, CallError> {
    transaction(told.get("transaction").unwrap_or(told), dialect)
}

fn transaction(told: &Value, dialect: Dialect) -> Result<Transaction, CallError> {
    let id = match &told["id"] {
        Value::String(id) if !id.is_empty() => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return Err(unreadable()),
    };
    let status = told["status"].as_str().ok_or_else(unreadable)?.to_lowercase();
    Ok(Transaction { id, status, dialect })
}

/// The sentence of a refusal, cut and without control characters.
fn detail(body: &Value) -> String {
    let text = ["detail", "message"].iter().find_map(|key| body[key].as_str());
    let text = text.unwrap_or("no reason is given");
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
