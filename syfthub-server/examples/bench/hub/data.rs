//! What a hub holds while it is measured: users with 300 endpoints each, described in words that a search can tell apart.

use std::net::SocketAddr;

use anyhow::Context;
use serde_json::{Value, json};

use crate::load::{Connection, form, post, put};

/// Endpoints of one user: as many as one synchronisation takes.
const EACH: usize = 300;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "a-Long-passw0rd";

const FIELDS: [&str; 20] = [
    "cardiology",
    "genomics",
    "astronomy",
    "jurisprudence",
    "meteorology",
    "linguistics",
    "chemistry",
    "economics",
    "geology",
    "robotics",
    "oncology",
    "botany",
    "archaeology",
    "finance",
    "seismology",
    "nutrition",
    "logistics",
    "philosophy",
    "ecology",
    "cryptography",
];
const KINDS: [&str; 12] = [
    "archive", "corpus", "atlas", "index", "library", "notes", "journal", "records", "survey",
    "handbook", "reports", "model",
];
const PLACES: [&str; 16] = [
    "Alpine", "Baltic", "Coastal", "Danube", "Eastern", "Fjord", "Global", "Highland", "Island",
    "Jura", "Kalahari", "Levant", "Moravian", "Nordic", "Oriental", "Pacific",
];

/// The people and endpoints of a hub.
pub(crate) struct Population {
    /// Usernames and access tokens.
    pub(crate) users: Vec<(String, String)>,
    /// Addresses `/owner/slug` and numbers, spread over all.
    pub(super) endpoints: Vec<(String, i64)>,
}

impl Population {
    /// Fills a new hub with `size` endpoints through its API.
    pub(crate) async fn create(hub: SocketAddr, size: usize) -> anyhow::Result<Self> {
        let mut connection = Connection::open(hub).await?;
        let mut population = Self { users: Vec::new(), endpoints: Vec::new() };
        for first in (0..size).step_by(EACH) {
            let name = format!("user-{}", first / EACH);
            let token = register(&mut connection, &name).await?;
            let count = EACH.min(size - first);
            let drafts: Vec<Value> = (first..first + count).map(draft).collect();
            let body = json!({ "endpoints": drafts });
            let request = post("/api/v1/endpoints/sync", Some(&token), &body);
            let synced = connection.json(&request, 200).await?;
            for endpoint in synced["endpoints"].as_array().into_iter().flatten().step_by(7) {
                let slug = endpoint["slug"].as_str().context("an endpoint has a slug")?;
                let number = endpoint["id"].as_i64().context("an endpoint has a number")?;
                population.endpoints.push((format!("/{name}/{slug}"), number));
            }
            population.users.push((name, token));
        }
        Ok(population)
    }

    /// The token of the first user.
    pub(super) fn token(&self) -> &str {
        &self.users[0].1
    }

    /// One address after the other.
    pub(super) fn endpoint(&self, n: u64) -> &(String, i64) {
        let count = self.endpoints.len();
        &self.endpoints[usize::try_from(n).unwrap_or(0) % count]
    }
}

/// Registers a user; the access token.
pub(crate) async fn register(connection: &mut Connection, name: &str) -> anyhow::Result<String> {
    let body = json!({"username": name, "email": format!("{name}@acme.org"), "full_name": name, "password": PASSWORD});
    let answer = connection.json(&post("/api/v1/auth/register", None, &body), 201).await?;
    Ok(answer["access_token"].as_str().context("a registration answers tokens")?.to_owned())
}

/// The login form of a user.
pub(super) fn login(name: &str) -> Vec<u8> {
    form("/api/v1/auth/login", &format!("username={name}&password={PASSWORD}"))
}

/// The n-th endpoint, of the size that people publish.
pub(super) fn draft(n: usize) -> Value {
    let (field, kind, place) = (
        FIELDS[n % FIELDS.len()],
        KINDS[n / FIELDS.len() % KINDS.len()],
        PLACES[n / FIELDS.len() / KINDS.len() % PLACES.len()],
    );
    json!({
        "name": format!("{place} {field} {kind} {n}"), "type": "data_source", "slug": format!("{field}-{kind}-{n}"),
        "description": format!("The {kind} of {field} that the {place} group keeps."), "tags": [field, kind],
        "readme": format!("# {place} {field}\n\nWhat {field} knows about the {place} region, as a {kind} of {n} pages."),
        "policies": [{"type": "access", "config": {"allow": ["*"]}}],
        "connect": [{"type": "https", "config": {"path": format!("/api/v1/endpoints/{field}-{kind}-{n}/query")}}],
    })
}

/// What people type into a search, the n-th of many.
pub(super) fn question(n: usize) -> String {
    let (field, kind, place) =
        (FIELDS[n % FIELDS.len()], KINDS[n * 7 % KINDS.len()], PLACES[n * 5 % PLACES.len()]);
    match n % 4 {
        0 => field.to_owned(),
        1 => format!("{place} {field}"),
        2 => format!("{field} {kind}"),
        // A slip of the finger: two letters change places.
        _ => format!("{}{}{}{} {kind}", &field[..2], &field[3..4], &field[2..3], &field[4..]),
    }
}

/// Takes a user's domain away or sets it.
pub(crate) async fn set_domain(
    connection: &mut Connection,
    token: &str,
    domain: Option<&str>,
) -> anyhow::Result<()> {
    let body = json!({ "domain": domain });
    connection.json(&put("/api/v1/users/me", Some(token), &body), 200).await.map(drop)
}
