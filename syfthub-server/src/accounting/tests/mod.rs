//! Accounting as users meet it: at a service of somebody else's, at the hub's own ledger, and in organizations.

mod elsewhere;
mod organizations;
mod own;
mod tokens;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::config::HubConfig;
use crate::testing::{Answer, SignedInUser, TestHub};

/// Where a user's programs learn what they sign in with.
const MINE: &str = "/api/v1/users/me/accounting";

/// Settings of a hub that keeps no ledger.
fn no_ledger(config: &mut HubConfig) {
    config.ledger.ledger_enabled = false;
}

/// A user who runs the hub.
async fn administrator(hub: &TestHub) -> SignedInUser {
    let user = hub.register("root").await;
    hub.force("UPDATE users SET role = 'admin' WHERE id = $1", user.id).await;
    hub.sign_in("root").await
}

/// Asks below `/api/v1/accounting`.
async fn ask(
    hub: &TestHub,
    user: &SignedInUser,
    method: Method,
    path: &str,
    body: Value,
) -> Answer {
    hub.call(method, &format!("/api/v1/accounting/{path}"), &user.access, body).await
}

/// What `GET` of a path below `/api/v1/accounting` answers.
async fn seen(hub: &TestHub, user: &SignedInUser, path: &str) -> Value {
    let answer = ask(hub, user, Method::GET, path, Value::Null).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    answer.body
}

/// What the user has to spend, and what is set aside.
async fn balance(hub: &TestHub, user: &SignedInUser) -> (f64, f64) {
    let account = seen(hub, user, "user").await;
    (account["balance"].as_f64().unwrap(), account["held"].as_f64().unwrap())
}

/// Brings money in.
async fn deposit(hub: &TestHub, root: &SignedInUser, to: &str, amount: f64) {
    let body = json!({"recipient_username": to, "amount": amount});
    let answer = ask(hub, root, Method::POST, "deposits", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
}

/// Whether the books of the hub are right.
async fn is_balanced(hub: &TestHub, root: &SignedInUser) -> bool {
    seen(hub, root, "trial-balance").await["is_balanced"] == true
}
