//! Several hubs, what is listed at them, and what becomes of that when one is away.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use syfthub_client::Client;
use syfthub_core::{EndpointPath, Secret};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{PASSWORD, Stage, http, user};
use crate::config::{HubConfig, SecretKey, TunnelMode};
use crate::db::DatabaseUrl;
use crate::space::Actor;
use crate::space::ids::TenantId;
use crate::testing::signing_key;
use crate::{Running, hub};

fn path(slug: &str) -> EndpointPath {
    format!("ada/{slug}").parse().unwrap()
}

/// Waits until `look` finds what it looks for.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        sleep(Duration::from_millis(20)).await;
    }
}

impl Stage {
    /// Asks the admin API as the owner.
    async fn manage(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let request = http().request(method, self.admin.join(path).unwrap());
        let request = request.bearer_auth(self.space.admin_key.expose());
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    async fn ada(&self) -> Client {
        let ada = Client::builder(self.hub.as_str()).build().unwrap();
        ada.auth().login("ada", PASSWORD).await.unwrap();
        ada
    }

    async fn is_listed(&self, slug: &str) -> bool {
        self.bob.endpoints().get_path(&path(slug)).await.unwrap().is_some()
    }

    /// How `permits` stands at each hub.
    async fn states(&self) -> Vec<(String, bool, String)> {
        let (status, listings) =
            self.manage(Method::GET, "endpoints/permits/listings", Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{listings}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let listings = listings.as_array().unwrap().iter();
        listings
            .map(|state| {
                let wanted = state["wanted"].as_bool().unwrap();
                (text(&state["marketplace_name"]), wanted, text(&state["state"]))
            })
            .collect()
    }
}

/// Another hub, at an address that it can come back to.
struct SecondHub {
    url: Url,
    running: Running,
    shutdown: CancellationToken,
}

impl SecondHub {
    async fn start(folder: &std::path::Path, listener: TcpListener) -> Self {
        let database = DatabaseUrl::file(folder.join("second.db"));
        let secret = SecretKey::parse("0123456789abcdef0123456789abcdef").unwrap();
        let mut config = HubConfig::new("127.0.0.1:0".parse().unwrap(), database, secret);
        config.keys.rsa_private_key_pem = Some(signing_key().to_pem().unwrap());
        let shutdown = CancellationToken::new();
        let running = hub::start(config, listener, shutdown.clone()).await.unwrap();
        Self { url: running.url().clone(), running, shutdown }
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.running.stopped().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removing_an_endpoint_takes_it_off_the_hub_and_leaves_what_others_published() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let others = json!({"name": "Others", "slug": "others", "type": "model"});
    let ada = stage.ada().await;
    let token = ada.auth().tokens().unwrap().access_token;
    let made = http().post(stage.hub.join("api/v1/endpoints").unwrap()).bearer_auth(token);
    assert_eq!(made.json(&others).send().await.unwrap().status(), StatusCode::CREATED);
    assert!(stage.is_listed("permits").await);
    let (status, body) = stage.manage(Method::DELETE, "endpoints/permits", Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert!(!stage.is_listed("permits").await);
    assert!(stage.is_listed("others").await && stage.is_listed("words").await);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_a_hub_lost_is_put_back_and_stars_of_the_others_stay() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.bob.endpoints().star(&path("words")).await.unwrap();
    stage.ada().await.endpoints().delete_path(&path("permits")).await.unwrap();
    assert!(!stage.is_listed("permits").await);
    // As at a start: the connection is made anew, and compared with the hub.
    let id = stage.space.marketplaces(TenantId::ROOT).await.unwrap()[0].id;
    let (status, _) =
        stage.manage(Method::PATCH, &format!("marketplaces/{id}"), json!({"name": "Home"})).await;
    assert_eq!(status, StatusCode::OK);
    until("the entry is back", async || stage.is_listed("permits").await.then_some(())).await;
    let entry = stage.bob.endpoints().get_path(&path("words")).await.unwrap().unwrap();
    assert_eq!(entry.stars_count, 1);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_hub_misses_while_it_is_away_is_done_when_it_is_back() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let second = SecondHub::start(stage.folder.path(), listener).await;
    user(&second.url, "ada").await;
    let account = json!({"url": second.url, "username": "ada", "password": PASSWORD});
    let (status, connected) = stage.manage(Method::POST, "marketplaces/connect", account).await;
    assert_eq!(status, StatusCode::CREATED, "{connected}");
    second.stop().await;
    let everywhere = json!({"publish_to_all_marketplaces": true});
    let (_, published) = stage.manage(Method::POST, "endpoints/permits/publish", everywhere).await;
    let outcomes: Vec<bool> = published["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["success"].as_bool().unwrap())
        .collect();
    assert_eq!(outcomes, [true, false], "{published}");
    let listings = stage.states().await;
    assert!(listings.iter().any(|listing| listing.2 == "listed"), "{listings:?}");
    assert!(listings.iter().any(|listing| listing.2 == "pending"), "{listings:?}");
    let second =
        SecondHub::start(stage.folder.path(), TcpListener::bind(address).await.unwrap()).await;
    let bob = user(&second.url, "bob").await;
    until("the second hub lists it", async || {
        stage.clock.advance(Duration::from_mins(1));
        bob.endpoints().get_path(&path("permits")).await.unwrap()
    })
    .await;
    second.stop().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unpublished_endpoint_is_closed_and_listed_nowhere() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let (status, body) =
        stage.manage(Method::DELETE, "endpoints/permits/unpublish", Value::Null).await;
    assert_eq!((status, &body[0]["success"]), (StatusCode::OK, &json!(true)), "{body}");
    assert!(!stage.is_listed("permits").await);
    assert!(stage.states().await.is_empty());
    let asked = stage.ask_with(&stage.token().await, "permits", &super::question()).await;
    assert_eq!(asked.status(), StatusCode::FORBIDDEN);
    let (status, _) =
        stage.manage(Method::DELETE, "endpoints/permits/unpublish", Value::Null).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_an_endpoint_reaches_its_entry() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let change = json!({"summary": "All permits of the city"});
    let (status, _) = stage.manage(Method::PATCH, "endpoints/permits", change).await;
    assert_eq!(status, StatusCode::OK);
    until("the entry says so", async || {
        let entry = stage.bob.endpoints().get_path(&path("permits")).await.unwrap().unwrap();
        (entry.description == "All permits of the city").then_some(())
    })
    .await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slug_is_judged_by_the_hubs_rules_before_anything_is_saved() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let judge = async |slug: &str| {
        let body = json!({"slug": slug, "check_all_marketplaces": true});
        stage.manage(Method::POST, "endpoints/validate-slug", body).await.1
    };
    let free = judge("night-rules").await;
    assert_eq!(free["local_available"], true);
    assert_eq!(free["marketplaces"][0]["available"], true);
    let taken = judge("Permits").await;
    assert_eq!((&taken["slug"], &taken["local_available"]), (&json!("permits"), &json!(false)));
    assert_eq!(taken["marketplaces"][0]["available"], false);
    for bad in ["explore", "ab", &"a".repeat(64), "two--hyphens"] {
        assert_eq!(judge(bad).await["local_available"], false, "{bad}");
    }
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_are_made_looked_up_and_given_up() {
    let stage = Stage::set().await;
    let free = async |name: &str| {
        let path = format!("marketplaces/check-username/{name}");
        stage.manage(Method::GET, &path, Value::Null).await.1
    };
    assert_eq!((free("carl").await, free("bob").await), (json!(true), json!(false)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let second = SecondHub::start(stage.folder.path(), listener).await;
    let account = json!({
        "name": "Second", "url": second.url, "username": "carl", "email": "carl@example.org", "password": PASSWORD,
    });
    let (status, made) = stage.manage(Method::POST, "marketplaces/register", account.clone()).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!((&made["name"], &made["is_default"]), (&json!("Second"), &json!(false)));
    assert!(!made.to_string().contains(PASSWORD));
    let (status, _) = stage.manage(Method::POST, "marketplaces/register", account).await;
    assert!(status == StatusCode::CONFLICT || status == StatusCode::BAD_REQUEST, "{status}");
    let (_, all) = stage.manage(Method::GET, "marketplaces/", Value::Null).await;
    let first = all[0]["id"].as_str().unwrap().to_owned();
    let second_id = made["id"].as_str().unwrap();
    let (status, _) =
        stage.manage(Method::DELETE, &format!("marketplaces/{first}"), Value::Null).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "it is the default one");
    let path = format!("marketplaces/{first}?default={second_id}");
    let (status, body) = stage.manage(Method::DELETE, &path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let (_, left) = stage.manage(Method::GET, "marketplaces/", Value::Null).await;
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!((&left[0]["id"], &left[0]["is_default"]), (&json!(second_id), &json!(true)));
    let path = format!("marketplaces/{second_id}");
    let (status, body) = stage.manage(Method::DELETE, &path, Value::Null).await;
    assert_eq!(status, StatusCode::OK, "the last one may go: {body}");
    second.stop().await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_learns_by_signs_of_life_where_the_space_is() {
    let stage = Stage::set().await;
    let ada = stage.ada().await;
    let own = format!("http://{}", stage.questions.address());
    until("the hub knows", async || {
        let domain = ada.auth().me().await.unwrap().domain;
        (domain.as_deref() == Some(&own)).then_some(())
    })
    .await;
    stage.close().await;
}

/// A stand-in for the agent: it serves the API that the real one has, at the address in its configuration, and says that it
/// is connected when its token is the right one.
const AGENT: &str = r#"#!/usr/bin/env python3
import http.server, json, os, re, sys
config = open(sys.argv[sys.argv.index("--config") + 1]).read()
host, port = re.search(r"web_addr: (\S+):(\d+)", config).groups()
right = os.environ.get("NGROK_AUTHTOKEN") == "good-token" and "good-token" not in " ".join(sys.argv)
tunnels = [{"public_url": "https://ada.ngrok.example", "config": {"addr": sys.argv[2]}}] if right else []
class Api(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"tunnels": tunnels}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
http.server.HTTPServer((host, int(port)), Api).serve_forever()
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ngrok_agent_gives_the_space_its_address_for_as_long_as_its_token_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("ngrok");
    std::fs::write(&program, AGENT).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let stage = Stage::with(|config| {
        config.tunnel.tunnel = TunnelMode::Auto;
        config.tunnel.ngrok = program;
    })
    .await;
    let (status, proxy) =
        stage.manage(Method::POST, "settings/proxy", json!({"token": "good-token"})).await;
    assert_eq!(status, StatusCode::OK, "{proxy}");
    until("the agent is connected", async || {
        let (_, proxy) = stage.manage(Method::GET, "settings/proxy", Value::Null).await;
        let expected = json!({
            "connected": true, "public_url": "https://ada.ngrok.example/", "has_token": true, "error": null,
        });
        (proxy == expected).then_some(())
    })
    .await;
    let ada = stage.ada().await;
    until("the hub knows", async || {
        let domain = ada.auth().me().await.unwrap().domain;
        (domain.as_deref() == Some("https://ada.ngrok.example")).then_some(())
    })
    .await;
    let (status, proxy) = stage.manage(Method::DELETE, "settings/proxy", Value::Null).await;
    assert_eq!((status, &proxy["connected"]), (StatusCode::OK, &json!(false)), "{proxy}");
    assert_eq!(
        stage.manage(Method::GET, "settings/proxy", Value::Null).await.1["has_token"],
        false
    );
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connecting_again_at_a_known_address_changes_the_account_there() {
    let stage = Stage::set().await;
    user(&stage.hub, "anna").await;
    let owner = Actor::program();
    let hub = stage.hub.clone();
    stage
        .space
        .connect_marketplace(&owner, &hub, "anna", &Secret::new(PASSWORD), None)
        .await
        .unwrap();
    let all = stage.space.marketplaces(TenantId::ROOT).await.unwrap();
    assert_eq!((all.len(), all[0].username.as_str()), (1, "anna"));
    stage.close().await;
}
