//! A fixture: an accounting service that speaks either dialect of the documented wire (contract accounting 4).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{Path, Query, Request, State};
use axum::http::HeaderMap;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The password of ada, who is paid.
pub(super) const LEDGER_PASSWORD: &str = "ledger password";

/// The token with which bob pays ada.
pub(super) const TOKEN: &str = "bob pays ada";

/// What the service does with calls whose path contains a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It fails before doing anything.
    Down,
    /// It does what it is asked, and the answer is lost.
    AnswerLost,
}

/// A running service.
#[derive(Clone)]
pub(super) struct Ledger {
    pub(super) url: String,
    books: Arc<Mutex<Books>>,
}

#[derive(Default)]
struct Books {
    transactions: Vec<Value>,
    trouble: Option<(&'static str, Trouble)>,
    calls: Vec<String>,
    is_of_verbs: bool,
    /// Whether the next transaction is cancelled, by its sender, before it is confirmed.
    cancels: bool,
}

impl Ledger {
    /// One that wraps what it says and resolves by verb.
    pub(super) async fn of_verbs() -> Self {
        let router = Router::new()
            .route("/transaction/create", post(create_signed))
            .route("/transaction/{verb}", post(resolve_by_verb))
            .route("/transactions", get(list_wrapped));
        let ledger = Self::serve(router).await;
        ledger.books().is_of_verbs = true;
        ledger
    }

    /// One that speaks bare and resolves by path.
    pub(super) async fn of_paths() -> Self {
        let router = Router::new()
            .route("/transactions", get(list_bare).post(create_by_token))
            .route("/transactions/{id}", get(show))
            .route("/transactions/{id}/{verb}", post(resolve_by_path));
        Self::serve(router).await
    }

    async fn serve(router: Router<Self>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let ledger = Self { url, books: Arc::default() };
        let router = router
            .layer(middleware::from_fn_with_state(ledger.clone(), troubled))
            .with_state(ledger.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        ledger
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    /// From now on there is trouble with calls whose path contains `word`.
    pub(super) fn trouble(&self, word: &'static str, trouble: Trouble) {
        self.books().trouble = Some((word, trouble));
    }

    /// Which dialect it speaks.
    pub(super) fn is_of_verbs(&self) -> bool {
        self.books().is_of_verbs
    }

    /// The sender of the next transaction cancels it before it is confirmed.
    pub(super) fn cancel_next(&self) {
        self.books().cancels = true;
    }

    /// The trouble is over.
    pub(super) fn heal(&self) {
        self.books().trouble = None;
    }

    /// The status of every transaction, in their order.
    pub(super) fn statuses(&self) -> Vec<String> {
        let books = self.books();
        books.transactions.iter().map(|told| told["status"].as_str().unwrap().to_owned()).collect()
    }

    /// The first transaction.
    pub(super) fn first(&self) -> Value {
        self.books().transactions[0].clone()
    }

    /// How often a path with this word was called.
    pub(super) fn calls(&self, word: &str) -> usize {
        self.books().calls.iter().filter(|path| path.contains(word)).count()
    }

    fn create(&self, body: &Value, is_token_good: bool) -> Result<Value, Refused> {
        if !is_token_good {
            return Err(Refused(StatusCode::FORBIDDEN, "the token does not count"));
        }
        if body["amount"].as_f64() > Some(10.0) {
            return Err(Refused(StatusCode::UNPROCESSABLE_ENTITY, "insufficient balance"));
        }
        let mut books = self.books();
        let told = json!({
            "id": format!("t-{}", books.transactions.len()), "senderEmail": body["senderEmail"],
            "recipientEmail": "ada@example.org", "amount": body["amount"], "status": "PENDING", "createdBy": "RECIPIENT",
            "appName": body["appName"], "appEpPath": body["appEpPath"],
        });
        books.transactions.push(told.clone());
        Ok(told)
    }

    fn resolve(&self, id: &Value, verb: &str) -> Result<Value, Refused> {
        let mut books = self.books();
        let cancels = std::mem::take(&mut books.cancels);
        let found = books.transactions.iter_mut().find(|told| told["id"] == *id);
        let told = found.ok_or(Refused(StatusCode::NOT_FOUND, "no such transaction"))?;
        if cancels {
            told["status"] = "CANCELLED".into();
        }
        if told["status"] != "PENDING" {
            return Err(Refused(StatusCode::UNPROCESSABLE_ENTITY, "not pending any more"));
        }
        told["status"] = if verb == "confirm" { "COMPLETED" } else { "CANCELLED" }.into();
        Ok(told.clone())
    }
}

/// A refusal with its sentence.
struct Refused(StatusCode, &'static str);

impl axum::response::IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "detail": self.1 }))).into_response()
    }
}

/// The same in lower case.
fn bare(mut told: Value) -> Value {
    told["status"] = told["status"].as_str().unwrap().to_lowercase().into();
    told
}

fn signed(headers: &HeaderMap) -> Result<(), Refused> {
    let expected = BASE64_STANDARD.encode(format!("ada@example.org:{LEDGER_PASSWORD}"));
    let said = headers.get("authorization").and_then(|value| value.to_str().ok());
    if said == Some(&format!("Basic {expected}")) {
        Ok(())
    } else {
        Err(Refused(StatusCode::UNAUTHORIZED, "bad credentials"))
    }
}

async fn troubled(State(ledger): State<Ledger>, request: Request, next: Next) -> Response {
    let path = format!("{} {}", request.method(), request.uri().path());
    let trouble = {
        let mut books = ledger.books();
        books.calls.push(path.clone());
        books.trouble.filter(|(word, _)| path.contains(word)).map(|(_, trouble)| trouble)
    };
    let away = || Refused(StatusCode::SERVICE_UNAVAILABLE, "come back later").into_response();
    match trouble {
        None => next.run(request).await,
        Some(Trouble::Down) => away(),
        Some(Trouble::AnswerLost) => {
            next.run(request).await;
            away()
        }
    }
}

async fn create_signed(
    State(ledger): State<Ledger>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refused> {
    signed(&headers)?;
    Ok(Json(json!({"transaction": ledger.create(&body, body["token"] == TOKEN)?})))
}

async fn create_by_token(
    State(ledger): State<Ledger>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refused> {
    let said = headers.get("authorization").and_then(|value| value.to_str().ok());
    if said != Some(&format!("Bearer {TOKEN}")) {
        return Err(Refused(StatusCode::UNAUTHORIZED, "bad token"));
    }
    Ok(Json(bare(ledger.create(&body, true)?)))
}

async fn resolve_by_verb(
    State(ledger): State<Ledger>,
    Path(verb): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Refused> {
    signed(&headers)?;
    Ok(Json(json!({"transaction": ledger.resolve(&body["transactionId"], &verb)?})))
}

async fn resolve_by_path(
    State(ledger): State<Ledger>,
    Path((id, verb)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    signed(&headers)?;
    Ok(Json(bare(ledger.resolve(&id.into(), &verb)?)))
}

async fn list_wrapped(
    State(ledger): State<Ledger>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    signed(&headers)?;
    Ok(Json(json!({"transactions": ledger.books().transactions})))
}

async fn list_bare(
    State(ledger): State<Ledger>,
    headers: HeaderMap,
    Query(page): Query<HashMap<String, usize>>,
) -> Result<Json<Value>, Refused> {
    signed(&headers)?;
    let all = ledger.books().transactions.clone();
    let newest_first = all.into_iter().rev().skip(page["skip"]).take(page["limit"]);
    Ok(Json(newest_first.map(bare).collect()))
}

async fn show(
    State(ledger): State<Ledger>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Value>, Refused> {
    signed(&headers)?;
    let found = ledger.books().transactions.iter().find(|told| told["id"] == *id).cloned();
    found.map(bare).map(Json).ok_or(Refused(StatusCode::NOT_FOUND, "no such transaction"))
}
