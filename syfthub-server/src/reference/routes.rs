//! `routes.md`, `space-routes.md` and `aggregator-routes.md`, from the descriptions of the routes.

use std::fmt::Write as _;

use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};

use super::cell;

const HUB: &str = "# Routes

Every route of the hub. The parameters, bodies and statuses of each are in [openapi.json](../../openapi.json), which a running hub
serves at `/openapi.json` and shows at `/docs`; what exactly each kind of caller gets is in [authorization.md](authorization.md).
`HEAD` is answered wherever `GET` is, and a path with a slash at its end is the same as one without.

- *anyone*: a token is not looked at
- *anyone, or signed in*: a token is not needed, and may show more
- *signed in*: without a token that counts the answer is 401
";

const SPACE: &str = "# Routes of a space

A space listens twice. Callers reach the first listener, and everything else is on the second, the admin API, which only the
space's own machine can connect to. Each listener serves the parameters, bodies and statuses of its routes at
`/openapi.json`; the admin API shows its own at `/docs`. What exactly each kind of owner gets is in
[space-authorization.md](space-authorization.md). Where there are several tenants, requests name theirs in `X-Tenant-Name`.
A path with a slash at its end is the same as one without.

- *anyone*: a token is not looked at
- *anyone, or signed in*: a token is not needed, and may show more
- *signed in*: on the query listener a satellite token for the space's owner; on the admin listener the admin key, or an
  owner's session from `/api/v1/auth/login`
";

const AGGREGATOR: &str = "# Routes of an aggregator by itself

What `syfthub-server aggregator` answers; the parameters, bodies and statuses are at its `/openapi.json`, shown at `/docs`. Every path
of the group `aggregator` is below `/aggregator` as well, as in a hub, so that clients may be given either address. A hub token in
`Authorization` counts a caller as that user wherever they ask from; without one they are counted by their address.
";

/// The page of an aggregator by itself.
pub(super) fn aggregator() -> String {
    groups_of(AGGREGATOR.to_owned(), "##", &crate::aggregator::description())
}

/// The page of the hub.
pub(super) fn hub() -> String {
    groups_of(HUB.to_owned(), "##", &crate::router::description())
}

/// The page of a space.
pub(super) fn space() -> String {
    let page = format!("{SPACE}\n## The query listener\n");
    let page = groups_of(page, "###", &crate::space::query_description());
    groups_of(page + "\n## The admin listener\n", "###", &crate::space::admin_description())
}

/// The page with a table for each group of the described routes.
fn groups_of(mut page: String, heading: &str, description: &OpenApi) -> String {
    for group in groups(description) {
        write!(page, "\n{heading} {group}\n\n| route | who | what it does |\n|---|---|---|\n")
            .expect("a String takes everything");
        for (path, item) in &description.paths.paths {
            for (method, operation) in operations(item) {
                if tag(operation) == group {
                    let (who, what) = (who(operation), cell(summary(operation)));
                    writeln!(page, "| `{method} {path}` | {who} | {what} |")
                        .expect("a String takes everything");
                }
            }
        }
    }
    page
}

/// The tags, in the order of the alphabet.
fn groups(description: &OpenApi) -> Vec<&str> {
    let items = description.paths.paths.values();
    let mut groups: Vec<&str> =
        items.flat_map(|item| operations(item).map(|(_, operation)| tag(operation))).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let methods = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn tag(operation: &Operation) -> &str {
    operation.tags.iter().flatten().next().map_or("other", String::as_str)
}

fn summary(operation: &Operation) -> &str {
    operation.summary.as_deref().unwrap_or_default()
}

/// Who may call it, by the schemes it names: none, one, or one that may be left out.
fn who(operation: &Operation) -> &'static str {
    let Some(schemes) = &operation.security else { return "anyone" };
    let is_optional = schemes.iter().any(|scheme| {
        serde_json::to_value(scheme).is_ok_and(|scheme| scheme == serde_json::json!({}))
    });
    if is_optional { "anyone, or signed in" } else { "signed in" }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_route_has_a_sentence_and_a_group() {
        let space = [crate::space::query_description(), crate::space::admin_description()];
        let pages = [
            (super::hub(), vec![crate::router::description()]),
            (super::space(), Vec::from(space)),
            (super::aggregator(), vec![crate::aggregator::description()]),
        ];
        for (page, descriptions) in pages {
            for (path, item) in descriptions.iter().flat_map(|one| &one.paths.paths) {
                for (method, operation) in super::operations(item) {
                    assert!(page.contains(&format!("| `{method} {path}` | ")), "{method} {path}");
                    assert!(
                        super::summary(operation).len() > 10,
                        "{method} {path} has no sentence"
                    );
                    assert_ne!(super::tag(operation), "other", "{method} {path}");
                }
            }
        }
    }
}
