//! A fixture: an accounting service that speaks the documented wire (contract accounting 4), for tests alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Json;
use axum::extract::{Path, Query, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How the fixture takes requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// As documented.
    Well,
    /// It fails, with words that nobody else should read.
    Failing,
    /// It answers with a page.
    Page,
    /// It answers without end.
    Endless,
    /// It never answers.
    Silent,
    /// It sends callers elsewhere.
    Redirecting,
}

/// A running fixture.
#[derive(Clone)]
pub(super) struct FixtureLedger {
    pub(super) url: String,
    books: Arc<Mutex<Books>>,
}

struct Books {
    mood: Mood,
    passwords: HashMap<String, String>,
    transactions: Vec<Value>,
    /// Path, query and correlation id of every request.
    requests: Vec<(String, String)>,
}

type Shared = State<FixtureLedger>;

impl FixtureLedger {
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let books = Books {
            mood: Mood::Well,
            passwords: HashMap::new(),
            transactions: Vec::new(),
            requests: Vec::new(),
        };
        let ledger = Self { url, books: Arc::new(Mutex::new(books)) };
        let router = axum::Router::new()
            .route("/user/create", post(create_user))
            .route("/user/my-info", get(my_info))
            .route("/transactions", get(list).post(begin))
            .route("/transactions/{id}", get(find))
            .route("/transactions/{id}/{verb}", post(resolve))
            .route("/token/create", post(create_token))
            .layer(middleware::from_fn_with_state(ledger.clone(), moody))
            .with_state(ledger.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        ledger
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    pub(super) fn be(&self, mood: Mood) {
        self.books().mood = mood;
    }

    /// Opens an account, as its owner did before.
    pub(super) fn know(&self, email: &str, password: &str) {
        self.books().passwords.insert(email.to_owned(), password.to_owned());
    }

    /// The password of an account.
    pub(super) fn password(&self, email: &str) -> Option<String> {
        self.books().passwords.get(email).cloned()
    }

    /// Path, query and correlation id of every request so far.
    pub(super) fn requests(&self) -> Vec<(String, String)> {
        self.books().requests.clone()
    }

    /// The account whose credentials the request carries (RFC 7617).
    fn caller(&self, headers: &HeaderMap) -> Result<String, BadCredentials> {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let encoded = value.and_then(|value| value.strip_prefix("Basic "));
        let decoded = encoded.and_then(|text| BASE64_STANDARD.decode(text).ok());
        let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        let (email, password) = text.split_once(':').unwrap_or_default();
        if self.password(email).is_some_and(|known| known == password) {
            Ok(email.to_owned())
        } else {
            Err(BadCredentials)
        }
    }
}

/// The credentials are nobody's.
struct BadCredentials;

impl From<BadCredentials> for Response {
    fn from(_: BadCredentials) -> Self {
        (StatusCode::UNAUTHORIZED, Json(json!({"detail": "bad credentials"}))).into_response()
    }
}

async fn moody(State(ledger): Shared, request: Request, next: Next) -> Response {
    let path = request.uri().to_string();
    let id = request.headers().get("x-correlation-id").map(|id| id.to_str().unwrap().to_owned());
    let mood = {
        let mut books = ledger.books();
        books.requests.push((path, id.unwrap_or_default()));
        books.mood
    };
    match mood {
        Mood::Well => next.run(request).await,
        Mood::Failing => {
            (StatusCode::INTERNAL_SERVER_ERROR, "stack trace of the ledger").into_response()
        }
        Mood::Page => (StatusCode::OK, "<html>a page</html>").into_response(),
        Mood::Endless => {
            let piece = || Ok::<_, std::io::Error>(bytes::Bytes::from_static(&[b' '; 4096]));
            let pieces = futures_util::stream::repeat_with(piece);
            axum::body::Body::from_stream(pieces).into_response()
        }
        Mood::Silent => std::future::pending().await,
        Mood::Redirecting => {
            axum::response::Redirect::temporary("http://127.0.0.1:9/").into_response()
        }
    }
}

async fn create_user(State(ledger): Shared, Json(body): Json<Value>) -> Response {
    let [email, password] = ["email", "password"].map(|key| body[key].as_str().unwrap().to_owned());
    if ledger.password(&email).is_some() {
        return (StatusCode::CONFLICT, Json(json!({"detail": "exists"}))).into_response();
    }
    ledger.know(&email, &password);
    (StatusCode::CREATED, Json(json!({"user": account(&email)}))).into_response()
}

fn account(email: &str) -> Value {
    json!({"id": format!("id-of-{email}"), "email": email, "balance": 12.5, "organization": null})
}

async fn my_info(State(ledger): Shared, headers: HeaderMap) -> Result<Json<Value>, Response> {
    let email = ledger.caller(&headers)?;
    Ok(Json(json!({"user": account(&email)})))
}

async fn list(
    State(ledger): Shared,
    headers: HeaderMap,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Response> {
    ledger.caller(&headers)?;
    let number = |key: &str| query.get(key).and_then(|text| text.parse().ok()).unwrap_or(0);
    let (skip, limit): (usize, usize) = (number("skip"), number("limit"));
    let transactions = ledger.books().transactions.clone();
    let page: Vec<Value> = transactions.into_iter().skip(skip).take(limit).collect();
    // Wrapped and in upper case, as the one dialect has it; the other routes speak the other.
    Ok(Json(json!({"transactions": page})))
}

async fn begin(
    State(ledger): Shared,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Response, Response> {
    let sender = ledger.caller(&headers)?;
    if body["amount"].as_f64() > Some(12.5) {
        let refusal = json!({"detail": "insufficient\r\nbalance"});
        return Err((StatusCode::UNPROCESSABLE_ENTITY, Json(refusal)).into_response());
    }
    let mut books = ledger.books();
    let transaction = json!({
        "id": format!("t-{}", books.transactions.len()), "senderEmail": sender,
        "recipientEmail": body["recipientEmail"], "amount": body["amount"], "status": "PENDING",
        "createdBy": "SENDER", "resolvedBy": null, "createdAt": "2026-01-20T00:00:00Z",
        "resolvedAt": null, "appName": body["appName"], "appEpPath": body["appEpPath"],
    });
    books.transactions.push(transaction.clone());
    Ok((StatusCode::CREATED, Json(transaction)).into_response())
}

async fn find(
    State(ledger): Shared,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Value>, Response> {
    ledger.caller(&headers)?;
    let books = ledger.books();
    let found = books.transactions.iter().find(|transaction| transaction["id"] == id.as_str());
    let unknown = || (StatusCode::NOT_FOUND, Json(json!({"message": "no such transaction"})));
    found.cloned().map(Json).ok_or_else(|| unknown().into_response())
}

async fn resolve(
    State(ledger): Shared,
    headers: HeaderMap,
    Path((id, verb)): Path<(String, String)>,
) -> Result<Json<Value>, Response> {
    ledger.caller(&headers)?;
    let mut books = ledger.books();
    let unknown = || (StatusCode::NOT_FOUND, Json(json!({"message": "no such transaction"})));
    let found = books.transactions.iter_mut().find(|transaction| transaction["id"] == id.as_str());
    let transaction = found.ok_or_else(|| unknown().into_response())?;
    transaction["status"] = if verb == "confirm" { "COMPLETED" } else { "CANCELLED" }.into();
    transaction["resolvedBy"] = "SENDER".into();
    Ok(Json(transaction.clone()))
}

async fn create_token(
    State(ledger): Shared,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, Response> {
    let sender = ledger.caller(&headers)?;
    let recipient = body["recipientEmail"].as_str().unwrap();
    if ledger.password(recipient).is_none() {
        let refusal = json!({"detail": "the recipient has no account"});
        return Err((StatusCode::NOT_FOUND, Json(refusal)).into_response());
    }
    Ok(Json(json!({"token": format!("{sender} pays {recipient}")})))
}
