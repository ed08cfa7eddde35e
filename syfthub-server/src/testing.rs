//! A hub for tests: real routes and a real database, a clock that stands, and no socket.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use syfthub_core::token::satellite::SigningKey;
use syfthub_core::{FixedClock, Timestamp};
use tower::ServiceExt as _;
use url::Url;

use crate::StartError;
use crate::config::{HttpSettings, HubConfig, LimitSettings, SecretKey};
use crate::db::{DatabaseUrl, Db, DbOptions, Schema, StoreError, params};
use crate::hub::Hub;
use crate::outbound::{Names, Outbound};
use crate::{http as kit, router};

/// The password of everybody whom [`TestHub::register`] registers.
pub(crate) const PASSWORD: &str = "correct horse 1";

/// One key for all tests, since making one takes a moment.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate().unwrap());

/// The signing key of every test hub.
pub(crate) fn signing_key() -> &'static SigningKey {
    &KEY
}

/// A hub of its own for one test.
pub(crate) struct TestHub {
    pub(crate) hub: Hub,
    pub(crate) clock: Arc<FixedClock>,
    router: Router,
    /// Where the database is; kept as long as the hub.
    folder: Option<tempfile::TempDir>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body as JSON; null when it is empty or something else.
    pub(crate) body: Value,
}

/// A registered user's tokens.
#[derive(Debug, Clone)]
pub(crate) struct SignedInUser {
    pub(crate) id: i64,
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl SignedInUser {
    fn of(body: &Value) -> Self {
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        let id = body["user"]["id"].as_i64().unwrap();
        Self { id, access: text("access_token"), refresh: text("refresh_token") }
    }
}

impl TestHub {
    /// A hub on SQLite.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A hub on SQLite whose settings `adjust` changes.
    pub(crate) async fn with(adjust: impl FnOnce(&mut HubConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::file(folder.path().join("hub.db"));
        let db = Db::open(&url, Schema::Hub, DbOptions::default()).await.unwrap();
        let mut test = Self::on(db, adjust).await;
        test.folder = Some(folder);
        test
    }

    /// A hub on SQLite that asks `names` for the addresses it calls.
    pub(crate) async fn resolving(
        names: Arc<dyn Names>,
        adjust: impl FnOnce(&mut HubConfig),
    ) -> Self {
        let mut allowed = Vec::new();
        let mut test = Self::with(|config| {
            adjust(config);
            allowed = config.outbound.outbound_allow.clone();
        })
        .await;
        let outbound = Outbound::asking(names, allowed).unwrap();
        // The router holds another clone of the hub.
        test.router = Router::new();
        test.hub.call_through(outbound);
        test.router = Self::router(&test.hub, &HttpSettings::default(), None);
        test
    }

    /// A hub on a database that is there already.
    pub(crate) async fn on(db: Db, adjust: impl FnOnce(&mut HubConfig)) -> Self {
        Self::try_on(db, adjust).await.unwrap()
    }

    /// A hub on a database that is there already, or why there can be none.
    pub(crate) async fn try_on(
        db: Db,
        adjust: impl FnOnce(&mut HubConfig),
    ) -> Result<Self, StartError> {
        let secret = SecretKey::parse("9f86d081884c7d659a2feaa0c55ad015").unwrap();
        let listen = "127.0.0.1:0".parse().unwrap();
        let mut config = HubConfig::new(listen, "sqlite::memory:".parse().unwrap(), secret);
        config.keys.rsa_private_key_pem = Some(KEY.to_pem().unwrap());
        // Tests are in a hurry; those about limits set them.
        config.limits = LimitSettings::off();
        adjust(&mut config);
        let clock = Arc::new(FixedClock::at(Timestamp::from_secs(1_800_000_000)));
        let public_url = "https://hub.example.org".parse().unwrap();
        let settings = config.http.clone();
        let hub = Hub::assemble(&config, &public_url, clock.clone(), db).await?;
        let router = Self::router(&hub, &settings, Some(&public_url));
        Ok(Self { hub, clock, router, folder: None })
    }

    /// Sends a request; the response as it is.
    pub(crate) async fn respond(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    fn router(hub: &Hub, settings: &HttpSettings, public_url: Option<&Url>) -> Router {
        let witness = Arc::new(hub.clone());
        kit::watched_edge(router::routes(hub.clone()), "test", settings, public_url, Some(witness))
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.respond(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// What is at `path` for the holder of `token`, as bytes.
    pub(crate) async fn download(&self, path: &str, token: &str) -> (http::response::Parts, Bytes) {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = request.body(Body::empty()).unwrap();
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        (parts, body.collect().await.unwrap().to_bytes())
    }

    /// Sends a request with a JSON body, null for none, as the holder of `token`, empty for nobody.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = match body {
            Value::Null => request.body(Body::empty()),
            body => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
        };
        self.send(request.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.call(Method::GET, path, token, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.call(Method::POST, path, token, body).await
    }

    pub(crate) async fn put(&self, path: &str, token: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, token, body).await
    }

    pub(crate) async fn patch(&self, path: &str, token: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, token, body).await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> Answer {
        self.call(Method::DELETE, path, token, Value::Null).await
    }

    /// Registers a user with [`PASSWORD`].
    pub(crate) async fn register(&self, username: &str) -> SignedInUser {
        let body = registration(username);
        let answer = self.post("/api/v1/auth/register", "", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        SignedInUser::of(&answer.body)
    }

    /// Sends the login form.
    pub(crate) async fn login(&self, username: &str, password: &str) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("username", username)
            .append_pair("password", password)
            .finish();
        self.send_form(Method::POST, "/api/v1/auth/login", "", form).await
    }

    /// Sends a form as the holder of `token`, empty for nobody.
    pub(crate) async fn send_form(
        &self,
        method: Method,
        path: &str,
        token: &str,
        form: String,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Body::from(form)).unwrap()).await
    }

    /// Signs in with [`PASSWORD`].
    pub(crate) async fn sign_in(&self, username: &str) -> SignedInUser {
        SignedInUser::of(&self.login(username, PASSWORD).await.body)
    }

    /// Changes the row `id` of a table as no route does.
    pub(crate) async fn force(&self, sql: &'static str, id: i64) {
        let write = self
            .hub
            .db
            .write(move |tx| Box::pin(async move { tx.execute(sql, params![id]).await }));
        let changed: Result<u64, StoreError> = write.await;
        assert_eq!(changed.unwrap(), 1);
    }

    /// Switches an account off.
    pub(crate) async fn deactivate(&self, user: i64) {
        self.force("UPDATE users SET is_active = FALSE WHERE id = $1", user).await;
    }

    /// Publishes an endpoint.
    pub(crate) async fn publish(&self, token: &str, draft: Value) -> Value {
        let answer = self.post("/api/v1/endpoints", token, draft).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        answer.body
    }
}

/// The body of a registration.
pub(crate) fn registration(username: &str) -> Value {
    json!({
        "username": username,
        "email": format!("{username}@acme.org"),
        "full_name": username,
        "password": PASSWORD,
    })
}
