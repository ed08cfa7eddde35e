//! What each route is sent, so that nothing but authority decides on the answer.

use http::Method;
use serde_json::{Value, json};

use super::world::{TENANT, World};
use crate::authorization::page::Row;

/// An id that nothing has.
const NOTHING: &str = "018f0000-0000-7000-8000-000000000000";

/// A request, ready but for its token.
pub(super) struct Sent {
    pub(super) method: Method,
    pub(super) path: String,
    /// JSON; null for none.
    pub(super) body: Value,
}

/// The request of a line of the table.
pub(super) fn of(world: &World, row: &Row) -> Sent {
    let (method, template) = row.route.split_once(' ').expect("a route is a method and a path");
    let mut path = String::new();
    for part in template.split_inclusive('/') {
        let (name, slash) = part.strip_suffix('/').map_or((part, ""), |name| (name, "/"));
        match name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => path += value(world, name, row),
            None => path += name,
        }
        path += slash;
    }
    let method: Method = method.parse().expect("the method is one");
    let body = if method.is_safe() || method == Method::DELETE { Value::Null } else { body(row) };
    Sent { method, path, body }
}

/// What stands for `{name}` in the path.
fn value<'w>(world: &'w World, name: &str, row: &'w Row) -> &'w str {
    let route = row.route.as_str();
    match name {
        "slug" => "desk",
        "username" => "somebody",
        "file" => "swagger-ui.css",
        "action" => "list_models",
        "id" if route.contains("/datasets/") => world.id("dataset"),
        "id" if route.contains("/policies/") => world.id("policy"),
        "id" | "job" => NOTHING,
        "name" if route.contains("/tenants/") => TENANT,
        "name" | "dtype" => row.of.as_str(),
        _ => panic!("requests::value does not know {{{name}}} of {route}"),
    }
}

/// A body that is well-formed where that costs nothing outside of the space, and otherwise one that is refused once it is
/// read, which is after who sends it.
fn body(row: &Row) -> Value {
    match row.route.split_once(' ').map_or("", |(_, path)| path) {
        "/api/v1/auth/login" => {
            json!({"email": "owner@example.org", "password": "correct horse 1"})
        }
        "/api/v1/datasets/{name}" | "/api/v1/models/{name}" | "/api/v1/endpoints/{slug}" => {
            json!({"summary": "changed"})
        }
        "/api/v1/tenants/{name}" => json!({"display_name": "changed"}),
        "/api/v1/endpoints/{slug}/query" => json!({"messages": "What?", "limit": 1}),
        _ => json!({}),
    }
}
