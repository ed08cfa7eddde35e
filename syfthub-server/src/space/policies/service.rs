//! An accounting service as a payee calls it, in whichever of its two dialects it speaks (contract accounting 4.1 to 4.5).
//!
//! A transaction carries the charge's id in its `appName`: whatever becomes of an answer on the way, the transaction can be
//! found again by it. The same id goes along as `Idempotency-Key`, for services that know one.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use syfthub_core::{Money, Secret};
use url::Url;

use crate::space::hub::Payee;
use crate::space::ids::ChargeId;

/// Begins the `appName` of a charge's transaction.
const APP: &str = "syfthub-space/";

/// Transactions listed at once, and how often at most: newest first, so what is looked for comes early.
const PAGE: usize = 100;
const MOST_PAGES: usize = 20;

/// The largest answer that is read.
const LARGEST: usize = 4 * 1024 * 1024;

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

impl CallError {
    /// Whether the service knows neither the path nor the thing.
    fn is_unknown(&self) -> bool {
        let unknown = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        matches!(self, Self::Refused { status, .. } if unknown.contains(status))
    }
}

/// A service, called as the payee.
pub(super) struct Service<'a> {
    http: &'a reqwest::Client,
    payee: &'a Payee,
    patience: Duration,
}

impl<'a> Service<'a> {
    pub(super) fn new(http: &'a reqwest::Client, payee: &'a Payee, patience: Duration) -> Self {
        Self { http, payee, patience }
    }

    /// Reserves the amount. Which dialect the service speaks shows when it does not know the first one's path.
    pub(super) async fn create(&self, order: &Order<'_>) -> Result<Transaction, CallError> {
        let key = order.id.to_string();
        let mut body = json!({
            "senderEmail": order.payer, "recipientEmail": self.payee.email, "amount": order.amount.to_number(),
            "appName": format!("{APP}{key}"), "appEpPath": order.endpoint, "token": order.token.expose(),
        });
        let request = self.post(&["transaction", "create"], &key).json(&body);
        match self.send(self.signed(request)).await {
            Err(error) if error.is_unknown() => {}
            answer => return read(&answer?, Dialect::Verbs),
        }
        body.as_object_mut().map(|body| body.remove("token"));
        let request = self.post(&["transactions"], &key).bearer_auth(order.token.expose());
        let told = self.send(request.json(&body)).await.map_err(|error| match error {
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
        let request = match dialect {
            Dialect::Verbs => self
                .post(&["transaction", verb.as_str()], &key)
                .json(&json!({"transactionId": transaction})),
            Dialect::Paths => self.post(&["transactions", transaction, verb.as_str()], &key),
        };
        self.send(self.signed(request)).await.map(drop)
    }

    /// The transaction of a charge, if the service has one; `known` is what was noted of it.
    pub(super) async fn find(
        &self,
        charge: ChargeId,
        known: Option<(&str, Dialect)>,
    ) -> Result<Option<Transaction>, CallError> {
        if let Some((id, Dialect::Paths)) = known {
            let request = self.http.request(Method::GET, self.url(&["transactions", id]));
            match self.send(self.signed(request)).await {
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
            let told = self.send(self.signed(self.http.request(Method::GET, url))).await?;
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

    fn post(&self, segments: &[&str], key: &str) -> reqwest::RequestBuilder {
        self.http.request(Method::POST, self.url(segments)).header("idempotency-key", key)
    }

    fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.payee.url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    fn signed(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.basic_auth(&self.payee.email, Some(self.payee.password.expose()))
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value, CallError> {
        let away = |error: reqwest::Error| CallError::Away(error.without_url().to_string());
        let request = request.header("accept", "application/json").timeout(self.patience);
        let mut response = request.send().await.map_err(away)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(away)? {
            if body.len() + piece.len() > LARGEST {
                return Err(unreadable());
            }
            body.extend_from_slice(&piece);
        }
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
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
