//! Who there is and what they have: built once, copied for every attempt that may change something.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::page::Row;
use super::requests::{self, Sent};
use crate::db::{DatabaseUrl, Db, DbOptions, Schema};
use crate::testing::TestHub;

/// How much later than the start of the clock everything happens, so that there can be an expired token.
const LATER: Duration = Duration::from_mins(31);

/// A hub's data with somebody in every role, and their tokens.
pub(super) struct World {
    folder: tempfile::TempDir,
    tokens: BTreeMap<&'static str, String>,
    numbers: BTreeMap<String, i64>,
    /// One that nothing was changed in.
    copy: Mutex<Option<Copy>>,
}

impl World {
    /// Registers everybody and publishes everything.
    pub(super) async fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let hub = open(&folder.path().join("hub.db")).await;
        let mut draft = Draft { hub, tokens: BTreeMap::new(), numbers: BTreeMap::new() };
        draft.people().await;
        draft.organization().await;
        draft.endpoints().await;
        draft.personal_tokens().await;
        draft.aggregators().await;
        let Draft { hub, tokens, numbers } = draft;
        hub.hub.db.close().await;
        Self { folder, tokens, numbers, copy: Mutex::new(None) }
    }

    /// The number of what `name` stands for, such as `user stranger`.
    pub(super) fn number(&self, name: &str) -> i64 {
        *self.numbers.get(name).unwrap_or_else(|| panic!("there is no {name:?} in the world"))
    }

    /// What `actor` is answered to the question of `row`.
    pub(super) async fn attempt(&self, actor: &str, row: &Row) -> StatusCode {
        let Sent { method, path, body, form } = requests::of(self, actor, row);
        let token = match actor {
            "anonymous" => "",
            actor => self.tokens.get(actor).unwrap_or_else(|| panic!("{actor} has no token")),
        };
        let copy = match self.copy.lock().await.take() {
            Some(copy) => copy,
            None => self.fresh_copy().await,
        };
        let is_safe = method.is_safe();
        let answer = match form {
            Some(form) => copy.hub.send_form(method, &path, token, form).await,
            None => copy.hub.call(method, &path, token, body).await,
        };
        // Who was turned away changed nothing; after anything else the next one gets a world of its own.
        let turned_away = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
        if is_safe || turned_away.contains(&answer.status) {
            *self.copy.lock().await = Some(copy);
        }
        answer.status
    }

    async fn fresh_copy(&self) -> Copy {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hub.db");
        std::fs::copy(self.folder.path().join("hub.db"), &file).unwrap();
        let hub = open(&file).await;
        hub.clock.advance(LATER);
        Copy { hub, _folder: folder }
    }
}

/// A hub on a copy of the world's data.
struct Copy {
    hub: TestHub,
    _folder: tempfile::TempDir,
}

async fn open(file: &Path) -> TestHub {
    let url = DatabaseUrl::file(file);
    let db = Db::open(&url, Schema::Hub, DbOptions::default()).await.unwrap();
    TestHub::on(db, |_| {}).await
}

/// Everybody with an account: what they are to the table, and their username.
const PEOPLE: [(&str, &str); 11] = [
    ("owner", "olga"),
    ("stranger", "sam"),
    ("contributor", "carl"),
    ("deactivated", "dora"),
    ("admin", "ruth"),
    ("viewer", "vera"),
    ("member", "mia"),
    ("manager", "max"),
    ("org admin", "ada"),
    ("org owner", "otto"),
    ("other org owner", "oona"),
];

/// The roles that are given out in the organization: who gets them, and their word on the wire.
const ROLES: [(&str, &str); 5] = [
    ("viewer", "viewer"),
    ("member", "member"),
    ("manager", "manager"),
    ("org admin", "admin"),
    ("other org owner", "owner"),
];

/// Personal access tokens: what they are to the table, whose they are, and their scope.
const TOKENS: [(&str, &str, &str); 4] = [
    ("read token", "owner", "read"),
    ("write token", "owner", "write"),
    ("full token", "owner", "full"),
    ("admin read token", "admin", "read"),
];

/// The world while it is built.
struct Draft {
    hub: TestHub,
    tokens: BTreeMap<&'static str, String>,
    numbers: BTreeMap<String, i64>,
}

impl Draft {
    async fn people(&mut self) {
        for (actor, name) in PEOPLE {
            let user = self.hub.register(name).await;
            self.numbers.insert(format!("user {actor}"), user.id);
        }
        self.tokens.insert("expired", self.hub.sign_in("olga").await.access);
        self.hub.clock.advance(LATER);
        for (actor, name) in PEOPLE {
            self.tokens.insert(actor, self.hub.sign_in(name).await.access);
        }
        let guest = self.hub.get("/api/v1/token/guest?aud=olga", "").await;
        let guest = guest.body["target_token"].as_str().unwrap().to_owned();
        self.tokens.insert("guest", guest);
        self.hub.deactivate(self.numbers["user deactivated"]).await;
        let promote = "UPDATE users SET role = 'admin' WHERE id = $1";
        self.hub.force(promote, self.numbers["user admin"]).await;
    }

    async fn organization(&mut self) {
        let body = json!({"name": "Acme", "slug": "acme"});
        let number = self.made("org owner", "/api/v1/organizations", body).await["id"].as_i64();
        self.numbers.insert("organization".to_owned(), number.unwrap());
        let path = format!("/api/v1/organizations/{}/members", number.unwrap());
        for (actor, role) in ROLES {
            let body = json!({"user_id": self.numbers[&format!("user {actor}")], "role": role});
            self.made("org owner", &path, body).await;
        }
    }

    async fn endpoints(&mut self) {
        let query = format!("?organization_id={}", self.numbers["organization"]);
        for (kind, actor, query) in [("user", "owner", ""), ("org", "org owner", query.as_str())] {
            for slug in ["public", "internal", "private", "disabled"] {
                let visibility = if slug == "disabled" { "public" } else { slug };
                let body = json!({
                    "name": slug, "type": "model", "visibility": visibility,
                    "contributors": [self.numbers["user contributor"]],
                });
                let made = self.made(actor, &format!("/api/v1/endpoints{query}"), body).await;
                let number = made["id"].as_i64().unwrap();
                if slug == "disabled" {
                    let disable = "UPDATE endpoints SET is_disabled = TRUE WHERE id = $1";
                    self.hub.force(disable, number).await;
                }
                self.numbers.insert(format!("endpoint {kind} {slug}"), number);
            }
        }
    }

    async fn personal_tokens(&mut self) {
        for (name, whose, scope) in TOKENS {
            let body = json!({"name": name, "scopes": [scope]});
            let made = self.made(whose, "/api/v1/auth/tokens", body).await;
            self.numbers.insert(name.to_owned(), made["id"].as_i64().unwrap());
            self.tokens.insert(name, made["token"].as_str().unwrap().to_owned());
        }
    }

    async fn aggregators(&mut self) {
        let body = json!({"name": "Mine", "url": "https://aggregator.acme.org"});
        let made = self.made("owner", "/api/v1/users/me/aggregators", body).await;
        self.numbers.insert("aggregator".to_owned(), made["id"].as_i64().unwrap());
    }

    /// What the hub made of `body` for `actor`.
    async fn made(&self, actor: &str, path: &str, body: Value) -> Value {
        let answer = self.hub.post(path, &self.tokens[actor], body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{path}: {:?}", answer.body);
        answer.body
    }
}
