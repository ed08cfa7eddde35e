//! The table against the routes that a space serves, which the reference lists and a test of the server holds to them.

use std::collections::BTreeSet;

use super::*;

const REFERENCE: &str = include_str!("../../../../syfthub-server/docs/reference/space-routes.md");

/// Routes without an operation, and why.
const WITHOUT: &[(&str, &str)] = &[
    ("GET /docs", "a page for people"),
    ("GET /docs/{file}", "a part of that page"),
    ("GET /metrics", "read by Prometheus"),
    ("GET /openapi.json", "read by programs that know no operations"),
    ("GET /healthz", "another name of /health"),
    (
        "POST /t/{tenant}/api/v1/endpoints/{slug}/query",
        "for callers that cannot send X-Tenant-Name; clients of a tenant do",
    ),
];

/// The routes of both listeners, as the reference spells them.
fn served() -> BTreeSet<&'static str> {
    REFERENCE
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(route, _)| route)
        .collect()
}

#[test]
fn every_route_of_a_space_has_an_operation_or_a_reason() {
    let called: BTreeSet<&str> = operations().flat_map(|one| one.routes).copied().collect();
    let without: BTreeSet<&str> = WITHOUT.iter().map(|(route, _)| *route).collect();
    let served = served();
    assert!(served.len() > 80, "the reference is read: {served:?}");
    let known: BTreeSet<&str> = called.union(&without).copied().collect();
    assert_eq!(
        known.difference(&served).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "served by nobody"
    );
    assert_eq!(
        served.difference(&known).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "without operation"
    );
    assert!(called.is_disjoint(&without));
}

#[test]
fn no_two_operations_have_one_name() {
    let named: BTreeSet<&str> = operations().map(|one| one.name).collect();
    assert_eq!(named.len(), operations().count());
    assert!(named.iter().all(|name| operation(name).is_some()));
}
