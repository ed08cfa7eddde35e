//! A ledger that keeps its accounts in memory, with the routes that hub and clients call (contract hub 8).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

#[derive(Default)]
struct Books {
    /// By e-mail address.
    accounts: HashMap<String, Account>,
    transactions: Vec<Value>,
}

struct Account {
    password: String,
    organization: Option<String>,
}

type Shared = Arc<Mutex<Books>>;

/// The ledger's routes, on empty books.
pub(super) fn routes() -> Router {
    Router::new()
        .route("/user/create", post(create))
        .route("/user/my-info", get(user))
        .route("/user", get(user))
        .route("/user/password", put(change_password))
        .route("/user/organization", put(change_organization))
        .route("/transactions", get(list).post(transfer))
        .route("/transactions/{id}", get(show))
        .route("/transactions/{id}/{act}", post(resolve))
        .route("/token/create", post(token))
        .with_state(Shared::default())
}

impl Books {
    /// The address of the account whose credentials the request carries.
    fn sender(&self, headers: &HeaderMap) -> Result<String, StatusCode> {
        let refused = || StatusCode::UNAUTHORIZED;
        let header = headers.get("authorization").and_then(|value| value.to_str().ok());
        let (scheme, value) = header.and_then(|text| text.split_once(' ')).ok_or_else(refused)?;
        if scheme == "Bearer" {
            return value.strip_prefix("for-").map(str::to_owned).ok_or_else(refused);
        }
        let pair = STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = pair.ok_or_else(refused)?;
        let (email, password) = pair.split_once(':').ok_or_else(refused)?;
        let account = self.accounts.get(email).filter(|account| account.password == password);
        account.map(|_| email.to_owned()).ok_or_else(refused)
    }

    fn told(&self, email: &str) -> Value {
        let organization =
            self.accounts.get(email).and_then(|account| account.organization.clone());
        json!({"id": email, "email": email, "balance": 100.0, "organization": organization})
    }
}

fn open(books: &Shared) -> std::sync::MutexGuard<'_, Books> {
    books.lock().unwrap_or_else(PoisonError::into_inner)
}

fn text(body: &Value, key: &str) -> String {
    body[key].as_str().unwrap_or_default().to_owned()
}

async fn create(State(books): State<Shared>, Json(body): Json<Value>) -> Response {
    let mut books = open(&books);
    let email = text(&body, "email");
    if books.accounts.contains_key(&email) {
        return (StatusCode::CONFLICT, Json(json!({"detail": "taken"}))).into_response();
    }
    let account = Account { password: text(&body, "password"), organization: None };
    books.accounts.insert(email.clone(), account);
    (StatusCode::CREATED, Json(json!({"user": books.told(&email)}))).into_response()
}

async fn user(State(books): State<Shared>, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let books = open(&books);
    let email = books.sender(&headers)?;
    Ok(Json(books.told(&email)))
}

/// Takes note of nothing: the hub goes on with the password it has.
async fn change_password(
    State(books): State<Shared>,
    headers: HeaderMap,
) -> Result<StatusCode, StatusCode> {
    open(&books).sender(&headers).map(|_| StatusCode::NO_CONTENT)
}

async fn change_organization(
    State(books): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<StatusCode, StatusCode> {
    let mut books = open(&books);
    let email = books.sender(&headers)?;
    if let Some(account) = books.accounts.get_mut(&email) {
        account.organization = Some(text(&body, "organization"));
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn list(State(books): State<Shared>, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let books = open(&books);
    let email = books.sender(&headers)?;
    let theirs = books.transactions.iter().filter(|each| each["senderEmail"] == email.as_str());
    Ok(Json(theirs.cloned().collect()))
}

async fn transfer(
    State(books): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Response, StatusCode> {
    let mut books = open(&books);
    let caller = books.sender(&headers)?;
    let delegated = body.get("senderEmail").is_some();
    let (sender, recipient) = if delegated {
        (text(&body, "senderEmail"), caller)
    } else {
        (caller, text(&body, "recipientEmail"))
    };
    let transaction = json!({
        "id": format!("tx{}", books.transactions.len()), "senderEmail": sender, "recipientEmail": recipient,
        "amount": body["amount"], "status": "pending", "createdBy": if delegated { "recipient" } else { "sender" },
        "resolvedBy": null, "createdAt": "2026-01-20T12:00:00Z", "resolvedAt": null,
        "appName": body.get("appName"), "appEpPath": body.get("appEpPath"),
    });
    books.transactions.push(transaction.clone());
    Ok((StatusCode::CREATED, Json(transaction)).into_response())
}

async fn show(
    State(books): State<Shared>,
    Path(id): Path<String>,
) -> Result<Json<Value>, StatusCode> {
    let books = open(&books);
    let found = books.transactions.iter().find(|each| each["id"] == id.as_str());
    found.cloned().map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn resolve(
    State(books): State<Shared>,
    Path((id, act)): Path<(String, String)>,
) -> Result<Json<Value>, StatusCode> {
    let status = match act.as_str() {
        "confirm" => "completed",
        "cancel" => "cancelled",
        _ => return Err(StatusCode::NOT_FOUND),
    };
    let mut books = open(&books);
    let found = books.transactions.iter_mut().find(|each| each["id"] == id.as_str());
    let transaction = found.ok_or(StatusCode::NOT_FOUND)?;
    transaction["status"] = status.into();
    transaction["resolvedBy"] = "sender".into();
    transaction["resolvedAt"] = "2026-01-20T12:00:01Z".into();
    Ok(Json(transaction.clone()))
}

async fn token(
    State(books): State<Shared>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    open(&books).sender(&headers)?;
    Ok(Json(json!({"token": format!("for-{}", text(&body, "recipientEmail"))})))
}
