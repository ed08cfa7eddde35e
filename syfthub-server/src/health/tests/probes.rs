//! The hub's own look at nodes that send no sign of life.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use http::Method;

use super::*;
use crate::config::HubConfig;
use crate::db::{Db, testing::both_engines};
use crate::fixture::{Canary, FixtureSpace, reply};

both_engines! { Hub =>
    a_node_that_stops_answering_is_down_after_three_looks_and_up_after_one,
    a_sign_of_life_spares_the_probe,
    what_is_deleted_or_disabled_stays_so,
    an_organizations_node_is_probed_like_a_users,
}

/// Lets the hub call this machine.
fn open(config: &mut HubConfig) {
    config.outbound.outbound_allow = vec!["127.0.0.0/8".parse().unwrap()];
}

/// A space that answers every request with the status it is told.
async fn space() -> (FixtureSpace, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(404));
    let told = Arc::clone(&status);
    let space = FixtureSpace::start(move |_| {
        let status = told.load(Ordering::SeqCst);
        async move { reply(status, "text/plain", "") }
    });
    (space.await, status)
}

async fn serve_from(hub: &TestHub, owner: &SignedInUser, domain: &str) {
    let answer = hub.put("/api/v1/users/me", &owner.access, json!({ "domain": domain })).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
}

async fn a_node_that_stops_answering_is_down_after_three_looks_and_up_after_one(db: Db) {
    let hub = TestHub::on(db, open).await;
    let (space, status) = space().await;
    let ada = hub.register("ada").await;
    serve_from(&hub, &ada, &format!("{}/base", space.origin())).await;
    publish(&hub, &ada, "notes").await;
    look(&hub).await;
    assert_eq!(listed(&hub).await, ["notes"], "whatever it answers below 500, it is there");
    assert_eq!((space.last().method, space.last().uri.path()), (Method::GET, "/"));
    assert_eq!(space.last().bearer(), "");
    status.store(503, Ordering::SeqCst);
    for expected in [1, 1, 0, 0] {
        look(&hub).await;
        assert_eq!(listed(&hub).await.len(), expected);
    }
    assert_eq!(hub.get("/ada/notes", &ada.access).await.status, 200);
    status.store(401, Ordering::SeqCst);
    look(&hub).await;
    look(&hub).await;
    assert_eq!(listed(&hub).await, ["notes"]);
}

async fn a_sign_of_life_spares_the_probe(db: Db) {
    let hub = TestHub::on(db, open).await;
    let (space, _) = space().await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    publish(&hub, &ada, "notes").await;
    publish(&hub, &bob, "pages").await;
    heartbeat(&hub, &ada, &space.origin(), 300).await;
    let mut body = report_of(&["pages"], "healthy");
    body["url"] = json!(space.origin());
    hub.post("/api/v1/endpoints/health", &bob.access, body).await;
    for _ in 0..3 {
        look(&hub).await;
    }
    assert!(space.seen().is_empty());
    look(&hub).await;
    assert_eq!(space.seen().len(), 1, "the report holds for 90 s");
    for _ in 0..6 {
        look(&hub).await;
    }
    let seen = space.seen().len();
    look(&hub).await;
    assert_eq!(space.seen().len(), seen + 1, "of two owners with one address it is asked once");
}

async fn what_is_deleted_or_disabled_stays_so(db: Db) {
    let hub = TestHub::on(db, open).await;
    let (space, _) = space().await;
    let ada = hub.register("ada").await;
    serve_from(&hub, &ada, &space.origin()).await;
    let id = publish(&hub, &ada, "disabled").await;
    publish(&hub, &ada, "deleted").await;
    publish(&hub, &ada, "fine").await;
    hub.force("UPDATE endpoints SET is_disabled = TRUE WHERE id = $1", id).await;
    look(&hub).await;
    assert_eq!(hub.delete("/api/v1/endpoints/slug/deleted", &ada.access).await.status, 204);
    look(&hub).await;
    look(&hub).await;
    assert_eq!(listed(&hub).await, ["fine"]);
    let own = hub.get("/api/v1/endpoints", &ada.access).await.body;
    assert_eq!(own.as_array().unwrap().len(), 2);
}

async fn an_organizations_node_is_probed_like_a_users(db: Db) {
    let hub = TestHub::on(db, open).await;
    let (space, status) = space().await;
    let owner = hub.register("owner").await;
    let wish = json!({"name": "Acme", "domain": space.origin()});
    let team = hub.post("/api/v1/organizations", &owner.access, wish).await.body;
    let draft = json!({"name": "shared", "type": "model", "organization_id": team["id"], "connect": [{"type": "https"}]});
    hub.publish(&owner.access, draft).await;
    status.store(500, Ordering::SeqCst);
    for expected in [1, 1, 0] {
        look(&hub).await;
        assert_eq!(listed(&hub).await.len(), expected);
    }
    status.store(200, Ordering::SeqCst);
    assert_eq!(hub.post("/acme/shared", "", json!({})).await.status, 404);
    look(&hub).await;
    assert_eq!(hub.post("/acme/shared", "", json!({})).await.status, 200);
    assert_eq!(space.last().uri, "/api/v1/endpoints/shared/query");
}

#[tokio::test]
async fn what_cannot_be_probed_is_listed() {
    let hub = TestHub::start().await;
    let names = ["homeless", "tunnelled", "inside", "unconnected"];
    for (name, domain) in names.into_iter().zip([
        None,
        Some("tunneling:x"),
        Some("http://10.0.0.1"),
        Some("https://space.invalid"),
    ]) {
        let owner = hub.register(name).await;
        if let Some(domain) = domain {
            serve_from(&hub, &owner, domain).await;
        }
        if name == "unconnected" {
            hub.publish(&owner.access, json!({"name": name, "slug": name, "type": "model"})).await;
        } else {
            publish(&hub, &owner, name).await;
        }
    }
    for _ in 0..8 {
        look(&hub).await;
    }
    assert_eq!(listed(&hub).await.len(), names.len());
}

#[tokio::test]
async fn a_hub_that_is_told_not_to_probe_does_not() {
    let hub = TestHub::with(|config| {
        open(config);
        config.health.probe = false;
    });
    let hub = hub.await;
    let (space, _) = space().await;
    let ada = hub.register("ada").await;
    serve_from(&hub, &ada, &space.origin()).await;
    publish(&hub, &ada, "notes").await;
    look(&hub).await;
    assert!(space.seen().is_empty());
}

#[tokio::test]
async fn a_probe_follows_no_redirect_and_waits_for_nobody() {
    let canary = Canary::start().await;
    let target = format!("http://127.0.0.1:{}/", canary.port());
    let hub = TestHub::with(|config| {
        open(config);
        config.health.timeout = Duration::from_millis(50);
    });
    let hub = hub.await;
    let space = FixtureSpace::start(move |_| {
        let mut redirect = reply(302, "text/plain", "");
        redirect.headers_mut().insert("location", target.parse().unwrap());
        async move { redirect }
    });
    let space = space.await;
    let silent = FixtureSpace::start(async |_| std::future::pending().await).await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    serve_from(&hub, &ada, &space.origin()).await;
    serve_from(&hub, &bob, &silent.origin()).await;
    publish(&hub, &ada, "notes").await;
    publish(&hub, &bob, "pages").await;
    for _ in 0..3 {
        look(&hub).await;
    }
    assert_eq!(listed(&hub).await, ["notes"]);
    assert_eq!((space.seen().len(), silent.seen().len()), (3, 3));
    assert!(canary.is_untouched().await);
}
