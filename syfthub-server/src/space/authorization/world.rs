//! A space with three tenants, built once, copied for every attempt that may change something.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use syfthub_core::{FixedClock, Timestamp};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::requests::{self, Sent};
use crate::authorization::page::Row;
use crate::config::{SpaceConfig, TunnelMode};
use crate::space::{Progress, Space, admin};

/// The tenant that owns what is asked about, and the one beside it.
pub(super) const TENANT: &str = "acme";
pub(super) const OTHER: &str = "bolt";

/// Accounts: what they are to the table, and their tenant.
const OWNERS: [(&str, &str); 4] =
    [("owner", TENANT), ("other owner", OTHER), ("root owner", "root"), ("old password", TENANT)];

const PASSWORD: &str = "correct horse 1";

/// How long after the world was built everything happens: the sessions of before have ended.
const LATER: Duration = Duration::from_mins(61);

/// A space's data with an owner for each tenant, and their tokens.
pub(super) struct World {
    folder: tempfile::TempDir,
    tokens: BTreeMap<&'static str, String>,
    ids: BTreeMap<&'static str, String>,
    clock: Arc<FixedClock>,
    /// One that nothing was changed in.
    copy: Mutex<Option<Copy>>,
}

/// A running space on a copy of the world's data.
struct Copy {
    router: Router,
    stop: CancellationToken,
    space: Space,
    _folder: tempfile::TempDir,
}

impl World {
    /// Makes the tenants, their owners, and what belongs to [`TENANT`].
    pub(super) async fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("files").join(TENANT)).unwrap();
        std::fs::write(folder.path().join("files").join(TENANT).join("a.md"), "Text.").unwrap();
        let clock = Arc::new(FixedClock::at(Timestamp::from_secs(1_800_000_000)));
        let copy = open(folder.path().to_owned(), None, Arc::clone(&clock)).await;
        let key = std::fs::read_to_string(folder.path().join("state/admin.key")).unwrap();
        let mut tokens =
            BTreeMap::from([("admin key", key.trim().to_owned()), ("wrong key", "0".repeat(43))]);
        let mut draft = Draft { router: &copy.router, key: key.trim(), ids: BTreeMap::new() };
        draft.tenants().await;
        draft.parts(folder.path()).await;
        tokens.insert("expired", draft.sign_in("owner", PASSWORD).await);
        clock.advance(LATER);
        for (actor, _) in OWNERS {
            tokens.insert(actor, draft.sign_in(actor, PASSWORD).await);
        }
        clock.advance(Duration::from_secs(1));
        draft.replace_password(&tokens["old password"]).await;
        tokens.insert("owner as other", tokens["owner"].clone());
        let ids = draft.ids;
        // An index that is still being written would change while it is copied.
        copy.space.progress().wait_for(Progress::is_ready).await.unwrap();
        copy.close().await;
        Self { folder, tokens, ids, clock, copy: Mutex::new(None) }
    }

    /// The id of what `name` stands for.
    pub(super) fn id(&self, name: &str) -> &str {
        self.ids.get(name).unwrap_or_else(|| panic!("there is no {name:?} in the world"))
    }

    /// What `actor` is answered to the question of `row`.
    pub(super) async fn attempt(&self, actor: &str, row: &Row) -> StatusCode {
        let Sent { method, path, body } = requests::of(self, row);
        let mut request = Request::builder().method(method.clone()).uri(&path);
        if let Some(token) = self.tokens.get(actor) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let tenant = match actor {
            "owner as other" => Some(OTHER),
            "admin key" => Some(TENANT),
            _ => None,
        };
        if let Some(tenant) = tenant {
            request = request.header("x-tenant-name", tenant);
        }
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
        };
        let copy = match self.copy.lock().await.take() {
            Some(copy) => copy,
            None => self.fresh_copy().await,
        };
        let answer = copy.router.clone().oneshot(request.unwrap()).await.unwrap();
        let turned_away = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
        if method.is_safe() || turned_away.contains(&answer.status()) {
            *self.copy.lock().await = Some(copy);
        } else {
            copy.close().await;
        }
        answer.status()
    }

    async fn fresh_copy(&self) -> Copy {
        let folder = tempfile::tempdir().unwrap();
        let from = self.folder.path().join("state");
        copy_all(&from, &folder.path().join("state"));
        open(self.folder.path().to_owned(), Some(folder), Arc::clone(&self.clock)).await
    }
}

impl Copy {
    async fn close(self) {
        self.stop.cancel();
        self.space.close().await;
    }
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A space whose tenants' files are in the world's folder, and its state there too or in `copy`.
async fn open(world: PathBuf, copy: Option<tempfile::TempDir>, clock: Arc<FixedClock>) -> Copy {
    let folder = copy.unwrap_or_else(|| tempfile::tempdir().unwrap());
    let state = folder.path().join("state");
    let state = if state.exists() { state } else { world.join("state") };
    let mut config = SpaceConfig::new(state);
    config.access.multi_tenancy = true;
    config.access.tenant_files = Some(world.join("files"));
    config.access.browse_root = world;
    config.tunnel.tunnel = TunnelMode::Off;
    let stop = CancellationToken::new();
    let space = Space::open_at(config, clock, stop.clone()).await.unwrap();
    Copy { router: admin::routes(space.clone()), stop, space, _folder: folder }
}

/// The world while it is built.
struct Draft<'w> {
    router: &'w Router,
    key: &'w str,
    ids: BTreeMap<&'static str, String>,
}

impl Draft<'_> {
    async fn tenants(&self) {
        for name in [TENANT, OTHER] {
            self.made("root", "/api/v1/tenants", json!({"name": name, "display_name": name})).await;
        }
        for (actor, tenant) in OWNERS {
            let account =
                json!({"email": email(actor), "password": PASSWORD, "tenant_name": tenant});
            self.made("root", "/api/v1/auth/register", account).await;
        }
    }

    async fn parts(&mut self, folder: &Path) {
        let files = folder.join("files").join(TENANT);
        let dataset = json!({"name": "notes", "dtype": "local_file",
            "configuration": {"filePaths": [{"path": files}]}});
        let dataset = self.made(TENANT, "/api/v1/datasets", dataset).await;
        self.note("dataset", &dataset);
        let model = json!({"name": "words", "dtype": "extractive", "configuration": {}});
        let model = self.made(TENANT, "/api/v1/models", model).await;
        self.note("model", &model);
        // Nobody uses these: they can be removed.
        let spare = json!({"name": "spare", "dtype": "extractive", "configuration": {}});
        self.made(TENANT, "/api/v1/models", spare).await;
        let spare = json!({"name": "spare", "dtype": "local_file",
            "configuration": {"filePaths": [{"path": files}]}});
        self.made(TENANT, "/api/v1/datasets", spare).await;
        let endpoint = json!({"name": "Desk", "slug": "desk", "dataset_id": self.ids["dataset"],
            "model_id": self.ids["model"]});
        let endpoint = self.made(TENANT, "/api/v1/endpoints", endpoint).await;
        self.note("endpoint", &endpoint);
        let policy = json!({"name": "fair", "policy_type": "rate_limit", "endpoint_id": self.ids["endpoint"],
            "configuration": {"limit": "10/m"}});
        let policy = self.made(TENANT, "/api/v1/policies", policy).await;
        self.note("policy", &policy);
    }

    fn note(&mut self, name: &'static str, made: &Value) {
        self.ids.insert(name, made["id"].as_str().unwrap().to_owned());
    }

    async fn sign_in(&self, actor: &str, password: &str) -> String {
        let credentials = json!({"email": email(actor), "password": password});
        let (status, body) = self.send("POST", "root", "/api/v1/auth/login", "", credentials).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["access_token"].as_str().unwrap().to_owned()
    }

    async fn replace_password(&self, token: &str) {
        let body = json!({"current_password": PASSWORD, "new_password": "another horse 2"});
        let (status, body) = self.send("PUT", TENANT, "/api/v1/auth/password", token, body).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }

    /// What the space made of `body` for the admin key, acting for `tenant`.
    async fn made(&self, tenant: &str, path: &str, body: Value) -> Value {
        let (status, body) = self.send("POST", tenant, path, self.key, body).await;
        assert_eq!(status, StatusCode::CREATED, "{path}: {body}");
        body
    }

    async fn send(
        &self,
        method: &str,
        tenant: &str,
        path: &str,
        token: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-tenant-name", tenant)
            .body(Body::from(body.to_string()));
        let answer = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let status = answer.status();
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

fn email(actor: &str) -> String {
    format!("{}@example.org", actor.replace(' ', "."))
}
