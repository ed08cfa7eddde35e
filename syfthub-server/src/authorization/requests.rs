//! What each route is sent, so that nothing but authority decides on the answer.

use http::Method;
use serde_json::{Value, json};

use super::page::Row;
use super::world::World;
use crate::testing::{PASSWORD, registration};

/// A request, ready but for its token.
pub(super) struct Sent {
    pub(super) method: Method,
    pub(super) path: String,
    /// JSON; null for none.
    pub(super) body: Value,
    /// In place of the body.
    pub(super) form: Option<String>,
}

/// The request of a line of the table, as `actor` sends it.
pub(super) fn of(world: &World, actor: &str, row: &Row) -> Sent {
    let (method, template) = row.route.split_once(' ').expect("a route is a method and a path");
    let mut path = String::new();
    for part in template.split_inclusive('/') {
        let (name, slash) = part.strip_suffix('/').map_or((part, ""), |name| (name, "/"));
        match name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => path += &value(world, actor, name, row),
            None => path += name,
        }
        path += slash;
    }
    path += &query(world, row);
    Sent {
        method: method.parse().expect("the method is one"),
        path,
        body: body(world, row),
        form: form(&row.route),
    }
}

/// What stands for `{name}` in the path.
fn value(world: &World, actor: &str, name: &str, row: &Row) -> String {
    let of = row.of.as_str();
    let number = |name: &str| world.number(name).to_string();
    match name {
        "endpoint_id" => number(&format!("endpoint {of}")),
        "organization_id" => number("organization"),
        "user_id" => number(&format!("user {}", if of == "oneself" { person(actor) } else { of })),
        "owner" => owner(of).to_owned(),
        "slug" => of.split_once(' ').map_or(of, |(_, slug)| slug).to_owned(),
        "username" => "sam".to_owned(),
        "email" => "sam@acme.org".to_owned(),
        "file" => "swagger-ui.css".to_owned(),
        "tenant" => "law".to_owned(),
        "id" if row.route.contains("/auth/tokens/") => number("read token"),
        "aggregator_id" => number("aggregator"),
        "id" => "1".to_owned(),
        _ => panic!("requests::value does not know {{{name}}} of {}", row.route),
    }
}

/// Who stands behind a column; for those who are nobody, somebody.
fn person(actor: &str) -> &str {
    match actor {
        "read token" | "write token" | "full token" | "expired" => "owner",
        "admin read token" => "admin",
        "anonymous" | "guest" => "stranger",
        actor => actor,
    }
}

/// The first half of an endpoint's address.
fn owner(of: &str) -> &str {
    if of.split(' ').next() == Some("org") { "acme" } else { "olga" }
}

fn query(world: &World, row: &Row) -> String {
    match (row.route.as_str(), row.of.as_str()) {
        ("GET /api/v1/token" | "GET /api/v1/token/guest", "organization") => "?aud=acme".to_owned(),
        ("GET /api/v1/token" | "GET /api/v1/token/guest", _) => "?aud=olga".to_owned(),
        ("POST /api/v1/endpoints", "organization") => {
            format!("?organization_id={}", world.number("organization"))
        }
        _ => String::new(),
    }
}

fn body(world: &World, row: &Row) -> Value {
    match row.route.as_str() {
        "POST /api/v1/auth/register" => registration("newcomer"),
        "POST /api/v1/auth/refresh" => json!({"refresh_token": "x"}),
        "PUT /api/v1/auth/me/password" => {
            json!({"current_password": PASSWORD, "new_password": "another horse 2"})
        }
        "POST /api/v1/auth/register/verify-otp"
        | "POST /api/v1/auth/register/resend-otp"
        | "POST /api/v1/auth/password-reset/request"
        | "POST /api/v1/auth/password-reset/confirm" => {
            json!({"email": "sam@acme.org", "code": "123456", "new_password": "another horse 2"})
        }
        "POST /api/v1/auth/tokens" => json!({"name": "Another"}),
        "PATCH /api/v1/auth/tokens/{id}" => json!({"name": "Renamed"}),
        "PUT /api/v1/users/me" | "PUT /api/v1/users/{user_id}" => {
            json!({"full_name": "Another Name"})
        }
        "POST /api/v1/users/me/aggregators"
        | "PUT /api/v1/users/me/aggregators/{aggregator_id}" => {
            json!({"name": "Another", "url": "https://other.acme.org"})
        }
        "POST /api/v1/users/me/heartbeat"
        | "POST /api/v1/organizations/{organization_id}/heartbeat" => {
            json!({"url": "https://space.acme.org", "ttl_seconds": 60})
        }
        "POST /api/v1/verify" => json!({"token": "x"}),
        _ => further_body(world, row),
    }
}

/// The bodies of what is not about users.
fn further_body(world: &World, row: &Row) -> Value {
    match row.route.as_str() {
        "POST /api/v1/endpoints" => json!({"name": "Another", "type": "model"}),
        "POST /api/v1/endpoints/sync" => json!({"endpoints": []}),
        "POST /api/v1/endpoints/search" => json!({"query": "public"}),
        "POST /api/v1/endpoints/health" => json!({
            "endpoints": [{"slug": "public", "status": "healthy", "checked_at": "2027-01-15T08:00:00Z"}],
            "url": "https://space.acme.org",
        }),
        "PATCH /api/v1/endpoints/{endpoint_id}" | "PATCH /api/v1/endpoints/slug/{slug}" => {
            json!({"description": "changed"})
        }
        "PATCH /api/v1/endpoints/{endpoint_id}/admin" => json!({"stars_count": 3}),
        "POST /api/v1/organizations" => json!({"name": "Another"}),
        "PUT /api/v1/organizations/{organization_id}" => json!({"description": "changed"}),
        "PATCH /api/v1/organizations/{organization_id}/admin" => json!({"is_active": true}),
        "POST /api/v1/organizations/{organization_id}/members" => {
            json!({"user_id": world.number("user contributor"), "role": row.of})
        }
        "PUT /api/v1/organizations/{organization_id}/members/{user_id}" => {
            json!({"role": "manager"})
        }
        "PATCH /api/v1/organizations/{organization_id}/members/{user_id}/admin" => {
            json!({"is_active": true})
        }
        "POST /api/v1/accounting/transactions" => {
            json!({"recipient_email": "sam@acme.org", "amount": 1.0})
        }
        "POST /api/v1/accounting/transaction-tokens" => json!({"owner_usernames": ["sam"]}),
        "POST /api/v1/accounting/grants" => json!({"recipient_username": "sam"}),
        "POST /api/v1/accounting/deposits" => json!({"recipient_username": "sam", "amount": 1.0}),
        "POST /api/v1/peer-token" | "POST /api/v1/nats/guest-peer-token" => {
            json!({"target_usernames": ["sam"]})
        }
        "POST /api/v1/errors/report" => {
            json!({"message": "It broke", "error": {"type": "TypeError"}})
        }
        "POST /api/v1/errors/service-report" => {
            json!({"service": "aggregator", "event": "chat.failed", "message": "It broke"})
        }
        "POST /user/create" => json!({"email": "newcomer@acme.org"}),
        "POST /transactions" => json!({"senderEmail": "sam@acme.org", "amount": 1}),
        "POST /{owner}/{slug}" => json!({"messages": "Hello"}),
        _ => Value::Null,
    }
}

fn form(route: &str) -> Option<String> {
    (route == "POST /api/v1/auth/login")
        .then(|| format!("username=sam&password={}", PASSWORD.replace(' ', "+")))
}
