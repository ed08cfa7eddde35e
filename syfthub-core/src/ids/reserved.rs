//! Names that nobody may take (contract hub 2.5).

/// Whether no endpoint may be called `name`.
pub(super) fn for_endpoints(name: &str) -> bool {
    PAGES.contains(&name)
}

/// Whether no user and no organization may be called `name`.
pub(super) fn for_owners(name: &str) -> bool {
    PAGES.contains(&name) || OWNERS.contains(&name)
}

/// Names of pages: no endpoint and no owner may take them.
const PAGES: &[&str] = &[
    "api",
    "auth",
    "docs",
    "redoc",
    "openapi.json",
    "health",
    "admin",
    "www",
    "mail",
    "ftp",
    "blog",
    "help",
    "support",
    "about",
    "contact",
    "terms",
    "privacy",
    "login",
    "register",
    "dashboard",
    "settings",
    "profile",
    "search",
    "explore",
];

/// Names that no owner may take besides: first path segments of the hub, and words that would mislead.
const OWNERS: &[&str] = &[
    "organizations",
    "org",
    "orgs",
    "organization",
    "user",
    "users",
    "account",
    "accounts",
    "ready",
    "readyz",
    "healthz",
    "metrics",
    "aggregator",
    "mcp",
    "nats",
    "oauth",
    "static",
    "assets",
    "collective",
    "collectives",
    "guest",
    "transaction",
    "transactions",
    "token",
    "ledger",
    ".well-known",
];
