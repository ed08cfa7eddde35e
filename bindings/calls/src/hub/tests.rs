use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use serde_json::Value;

use super::*;
use crate::Failure;

const OPENAPI: &str = include_str!("../../../../syfthub-server/openapi.json");

/// Routes without an operation, and why.
const WITHOUT: &[(&str, &str)] = &[
    ("GET /", "says where the documentation is"),
    ("GET /docs", "a page for people"),
    ("GET /docs/{file}", "a part of that page"),
    ("GET /redoc", "a page for people"),
    ("GET /openapi.json", "read by programs that know no operations"),
    ("GET /metrics", "read by Prometheus"),
    ("GET /health", "asked by load balancers"),
    ("GET /healthz", "another name of /health"),
    ("GET /readyz", "asked by load balancers"),
    ("GET /aggregator/health", "asked by load balancers"),
    ("GET /aggregator/ready", "asked by load balancers"),
    ("GET /aggregator/api/v1/agent/session", "a WebSocket, not one call"),
    ("GET /aggregator/api/v1/q", "a page for people"),
    ("POST /aggregator/api/v1/q", "the form of that page"),
    ("GET /api/v1/users/me", "the same as GET /api/v1/auth/me"),
    ("POST /api/v1/endpoints/{endpoint_id}/star", "the same as by its address"),
    ("DELETE /api/v1/endpoints/{endpoint_id}/star", "the same as by its address"),
    ("GET /api/v1/endpoints/{endpoint_id}/starred", "the same as by its address"),
    ("PATCH /api/v1/endpoints/{endpoint_id}/star", "the word of the oldest clients for POST"),
    ("PATCH /api/v1/endpoints/{endpoint_id}/unstar", "the word of the oldest clients for DELETE"),
    ("GET /api/v1/users/me/tunnel-credentials", "there are none"),
    ("GET /api/v1/tunnel", "opened by a space for itself"),
    ("GET /s/{owner}", "a space's own route, asked as a space"),
    ("GET /s/{owner}/health", "a space's own route, asked as a space"),
    ("POST /s/{owner}/api/v1/endpoints/{slug}/query", "a space's own route, asked as a space"),
    (
        "POST /s/{owner}/t/{tenant}/api/v1/endpoints/{slug}/query",
        "a space's own route, asked as a space",
    ),
    ("GET /user/my-info", "the other dialect's word for GET /user"),
    ("PUT /user/update-password", "the other dialect's word for PUT /user/password"),
    ("PUT /user/update-organization", "the other dialect's word for PUT /user/organization"),
    ("POST /transaction/create", "the other dialect's word for POST /transactions"),
    ("POST /transaction/confirm", "the other dialect's word for POST /transactions/{id}/confirm"),
    ("POST /transaction/cancel", "the other dialect's word for POST /transactions/{id}/cancel"),
    ("POST /user/create", "with the key of who runs the ledger"),
    ("POST /user/add-balance", "with the key of who runs the ledger; else ledger.deposit"),
    ("GET /users", "with the key of who runs the ledger"),
    ("GET /user/{email}", "with the key of who runs the ledger"),
];

/// The routes that a hub serves, as its description spells them.
fn served() -> BTreeSet<String> {
    let description: Value = serde_json::from_str(OPENAPI).unwrap();
    let methods = |(path, methods): (&String, &Value)| -> Vec<String> {
        let methods = methods.as_object().unwrap().keys();
        methods.map(|method| format!("{} {path}", method.to_uppercase())).collect()
    };
    description["paths"].as_object().unwrap().iter().flat_map(methods).collect()
}

#[test]
fn every_route_of_a_hub_has_an_operation_or_a_reason() {
    let called: BTreeSet<&str> = operations().flat_map(|one| one.routes).copied().collect();
    let without: BTreeSet<&str> = WITHOUT.iter().map(|(route, _)| *route).collect();
    let served = served();
    let served: BTreeSet<&str> = served.iter().map(String::as_str).collect();
    let known: BTreeSet<&str> = called.union(&without).copied().collect();
    let none = Vec::<&&str>::new();
    assert_eq!(known.difference(&served).collect::<Vec<_>>(), none, "served by nobody");
    assert_eq!(served.difference(&known).collect::<Vec<_>>(), none, "without operation");
    assert_eq!(called.intersection(&without).collect::<Vec<_>>(), none, "in both tables");
}

#[test]
fn what_an_operation_says_of_itself_is_a_sentence() {
    for one in operations() {
        assert!(
            one.about.ends_with('.') && !one.about.contains("  "),
            "{}: {}",
            one.name,
            one.about
        );
        let is_word =
            |name: &&str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        assert!(one.parameters.iter().all(is_word), "{}: {:?}", one.name, one.parameters);
        assert!(one.name.split('.').all(|part| is_word(&part)), "{}", one.name);
    }
}

#[test]
fn no_two_operations_have_one_name() {
    let named: Vec<&str> = operations().map(|one| one.name).collect();
    let mut distinct = named.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(named.len(), distinct.len());
    assert!(named.iter().all(|name| operation(name).is_some()));
}

#[tokio::test]
async fn a_panic_is_a_failure_that_says_its_reason() {
    let hub = Client::builder("http://127.0.0.1:1").build().unwrap();
    let arguments = r#"{"reason": "the sky fell"}"#;
    let call = operation("defect.call").unwrap().call(&hub, arguments).await;
    assert!(matches!(call, Err(Failure::Panic(reason)) if reason == "the sky fell"));
    let mut texts = operation("defect.stream").unwrap().open(&hub, arguments).unwrap();
    assert_eq!(texts.next().await.unwrap().unwrap(), "0");
    let broken = texts.next().await.unwrap();
    assert!(matches!(broken, Err(Failure::Panic(reason)) if reason == "the sky fell"));
}
