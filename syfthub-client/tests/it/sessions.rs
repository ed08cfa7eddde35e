//! Signing in, and staying signed in.

use std::sync::{Arc, Mutex};

use futures_util::future::{BoxFuture, join_all};
use serde_json::json;
use syfthub_client::wire::auth::Tokens;
use syfthub_client::{Client, ErrorKind, HeldTokens, TokenStore, TokenStoreError};

use crate::support::{Asked, FixtureHub, endpoint, refusal, reply, tokens, user};

/// A hub that takes the `new` tokens only and gives them for the `old` ones.
fn rotating(asked: &Asked) -> axum::response::Response {
    match asked.route.as_str() {
        "POST /api/v1/auth/refresh" if asked.body.contains("old-refresh") => {
            reply(200, &json!(tokens("new")))
        }
        "POST /api/v1/auth/login" => {
            let mut body = json!(tokens("new"));
            body["user"] = user();
            reply(200, &body)
        }
        "POST /api/v1/auth/logout" if asked.bearer.is_some() => reply(204, &json!(null)),
        "GET /api/v1/auth/me" if asked.bearer.as_deref() == Some("new-access") => {
            reply(200, &user())
        }
        _ => refusal(401, "Could not validate credentials"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_parallel_requests_renew_the_session_once() {
    let hub = FixtureHub::start(rotating).await;
    let client = hub.client().tokens(tokens("old")).build().unwrap();
    assert!(all_know_me(vec![client.clone(); 32]).await);
    assert_eq!(hub.asked("POST /api/v1/auth/refresh").len(), 1);
    assert_eq!(client.auth().tokens().unwrap().access_token, "new-access");
}

/// Whether every one of `clients` learns who is signed in, all asking at once on several threads.
async fn all_know_me(clients: Vec<Client>) -> bool {
    let asking = clients.into_iter().map(|client| {
        tokio::spawn(async move { client.auth().me().await.is_ok_and(|me| me.username == "ada") })
    });
    join_all(asking).await.into_iter().all(|answer| answer.unwrap())
}

#[tokio::test]
async fn a_session_that_is_over_is_said_to_be_and_asked_about_once() {
    let hub = FixtureHub::start(rotating).await;
    let client = hub.client().tokens(tokens("dead")).build().unwrap();
    let error = client.auth().me().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotSignedIn, Some(401)));
    assert!(client.auth().tokens().is_none());
    let asked = hub.all().len();
    let error = client.auth().me().await.unwrap_err();
    assert_eq!((error.kind(), error.correlation_id()), (ErrorKind::NotSignedIn, None));
    assert_eq!(hub.all().len(), asked, "nothing is sent in nobody's name");
}

#[tokio::test]
async fn signing_in_sends_a_form_and_starts_a_session_and_signing_out_ends_it() {
    let hub = FixtureHub::start(rotating).await;
    let client = hub.client().build().unwrap();
    let user = client.auth().login("ada", "p&ss=word 1").await.unwrap();
    assert_eq!(user.username, "ada");
    assert_eq!(hub.all()[0].body, "username=ada&password=p%26ss%3Dword+1");
    assert!(client.auth().me().await.is_ok());
    client.auth().logout().await.unwrap();
    assert!(client.auth().tokens().is_none());
    client.auth().logout().await.unwrap();
    assert_eq!(hub.asked("POST /api/v1/auth/logout").len(), 1);
}

#[tokio::test]
async fn a_personal_access_token_is_sent_as_it_is_and_never_renewed() {
    let hub = FixtureHub::start(rotating).await;
    let client = hub.client().api_token("new-access").build().unwrap();
    assert!(client.is_signed_in());
    assert_eq!(client.auth().me().await.unwrap().username, "ada");

    let revoked = hub.client().api_token("revoked").build().unwrap();
    let error = revoked.auth().me().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotSignedIn, Some(401)));
    assert!(hub.asked("POST /api/v1/auth/refresh").is_empty());
}

#[tokio::test]
async fn a_session_goes_before_a_personal_access_token() {
    let hub = FixtureHub::start(rotating).await;
    let client = hub.client().api_token("other").tokens(tokens("new")).build().unwrap();
    assert!(client.auth().me().await.is_ok());
    client.auth().set_tokens(None).await.unwrap();
    assert_eq!(client.auth().me().await.unwrap_err().kind(), ErrorKind::NotSignedIn);
    assert_eq!(hub.all().last().unwrap().bearer.as_deref(), Some("other"));
}

#[tokio::test]
async fn a_guest_of_the_same_connections_shows_nobodys_tokens() {
    let hub = FixtureHub::start(rotating).await;
    let client = hub.client().tokens(tokens("new")).build().unwrap();
    let guest = client.as_guest();
    assert!(!guest.is_signed_in());
    assert_eq!(guest.auth().me().await.unwrap_err().kind(), ErrorKind::NotSignedIn);
    guest.auth().login("ada", "correct horse 1").await.unwrap();
    guest.auth().logout().await.unwrap();
    assert!(client.is_signed_in(), "what the guest does is the guest's");
}

/// A store in memory, as two processes would share a file.
#[derive(Clone, Default)]
struct Shared {
    tokens: Arc<Mutex<Option<Tokens>>>,
    lock: Arc<tokio::sync::Mutex<()>>,
}

struct Held {
    store: Shared,
    _guard: tokio::sync::OwnedMutexGuard<()>,
}

impl TokenStore for Shared {
    fn hold(&self) -> BoxFuture<'_, Result<Box<dyn HeldTokens>, TokenStoreError>> {
        Box::pin(async {
            let guard = Arc::clone(&self.lock).lock_owned().await;
            let held: Box<dyn HeldTokens> = Box::new(Held { store: self.clone(), _guard: guard });
            Ok(held)
        })
    }
}

impl HeldTokens for Held {
    fn tokens(&self) -> Option<Tokens> {
        self.store.tokens.lock().unwrap().clone()
    }

    fn replace(
        self: Box<Self>,
        tokens: Option<Tokens>,
    ) -> BoxFuture<'static, Result<(), TokenStoreError>> {
        *self.store.tokens.lock().unwrap() = tokens;
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn clients_that_share_a_store_renew_once_between_them() {
    let hub = FixtureHub::start(rotating).await;
    let store = Shared::default();
    *store.tokens.lock().unwrap() = Some(tokens("old"));
    let client =
        || hub.client().tokens(tokens("old")).token_store(Arc::new(store.clone())).build().unwrap();
    assert!(all_know_me((0..4).map(|_| client()).collect()).await);
    assert_eq!(hub.asked("POST /api/v1/auth/refresh").len(), 1);
    assert_eq!(store.tokens.lock().unwrap().as_ref().unwrap().refresh_token, "new-refresh");
}

#[tokio::test]
async fn a_session_that_was_ended_elsewhere_is_not_renewed() {
    let hub = FixtureHub::start(rotating).await;
    let store = Arc::new(Shared::default());
    let client = hub.client().tokens(tokens("old")).token_store(store).build().unwrap();
    assert_eq!(client.auth().me().await.unwrap_err().kind(), ErrorKind::NotSignedIn);
    assert!(hub.asked("POST /api/v1/auth/refresh").is_empty());
}

#[tokio::test]
async fn a_token_that_expired_is_renewed_before_a_hub_would_take_its_owner_for_a_stranger() {
    // The payload says {"exp":1}.
    let mut expired = tokens("old");
    expired.access_token = "h.eyJleHAiOjF9.s".to_owned();
    let hub = FixtureHub::start(|asked| match asked.route.as_str() {
        "GET /ada/notes" if asked.bearer.as_deref() == Some("new-access") => {
            reply(200, &endpoint("notes", "data_source", "https://space"))
        }
        "GET /ada/notes" => refusal(404, "not found"),
        _ => rotating(asked),
    })
    .await;
    let client = hub.client().tokens(expired).build().unwrap();
    let path = "ada/notes".parse().unwrap();
    assert!(client.endpoints().get_path(&path).await.unwrap().is_some());
    assert_eq!(hub.asked("GET /ada/notes").len(), 1);
}
