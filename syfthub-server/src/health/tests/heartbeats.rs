//! Heartbeats.

use super::*;
use crate::db::{Db, testing::both_engines};

both_engines! { Hub =>
    a_heartbeat_answers_what_clients_read_and_makes_its_origin_the_domain,
    a_heartbeat_brings_back_what_was_down_and_nothing_that_was_disabled,
    an_organizations_heartbeat_is_for_those_who_run_its_space,
}

const OWN: &str = "/api/v1/users/me/heartbeat";

async fn a_heartbeat_answers_what_clients_read_and_makes_its_origin_the_domain(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    let body = json!({"url": "https://node.acme.org:8443/base?", "ttl_seconds": 2070});
    assert_eq!(hub.post(OWN, &ada.access, body).await.status, 422);
    let body = json!({"url": "https://node.acme.org:8443/base/", "ttl_seconds": 2070});
    let answer = hub.post(OWN, &ada.access, body).await;
    assert_eq!(answer.status, 200);
    let expected = json!({
        "status": "ok",
        "received_at": "2027-01-15T08:00:00.000000Z",
        "expires_at": "2027-01-15T08:30:00.000000Z",
        "domain": "https://node.acme.org:8443",
        "ttl_seconds": 1800,
    });
    assert_eq!(answer.body, expected);
    let me = hub.get("/api/v1/users/me", &ada.access).await.body;
    assert_eq!(me["domain"], "https://node.acme.org:8443");
    let tunnel = json!({"url": "tunneling:ada-1", "ttl_seconds": null});
    let answer = hub.post(OWN, &ada.access, tunnel).await.body;
    assert_eq!(
        (&answer["domain"], &answer["ttl_seconds"]),
        (&json!("tunneling:ada-1"), &json!(300))
    );
}

async fn a_heartbeat_brings_back_what_was_down_and_nothing_that_was_disabled(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    for slug in ["down", "disabled", "fine"] {
        let id = publish(&hub, &ada, slug).await;
        if slug == "disabled" {
            hub.force("UPDATE endpoints SET is_disabled = TRUE WHERE id = $1", id).await;
        }
    }
    for _ in 0..3 {
        report(&hub, &ada.access, &["down", "disabled"], "unhealthy").await;
    }
    let before = hub.get("/api/v1/endpoints", &ada.access).await.body;
    assert_eq!(listed(&hub).await, ["fine"]);
    // While the reports count, a heartbeat knows less.
    heartbeat(&hub, &ada, "https://node.acme.org", 300).await;
    assert_eq!(listed(&hub).await, ["fine"]);
    hub.clock.advance(Duration::from_secs(90));
    heartbeat(&hub, &ada, "https://node.acme.org", 300).await;
    assert_eq!(listed(&hub).await, ["down", "fine"]);
    let after = hub.get("/api/v1/endpoints", &ada.access).await.body;
    let edits = |list: &Value| -> Vec<(Value, Value)> {
        let list = list.as_array().unwrap();
        list.iter().map(|one| (one["slug"].clone(), one["updated_at"].clone())).collect()
    };
    assert_eq!(edits(&before), edits(&after), "health is no edit, and reorders nothing");
}

async fn an_organizations_heartbeat_is_for_those_who_run_its_space(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let owner = hub.register("owner").await;
    let team = hub.post("/api/v1/organizations", &owner.access, json!({"name": "Acme"})).await;
    let id = team.body["id"].as_i64().unwrap();
    let path = format!("/api/v1/organizations/{id}/heartbeat");
    let body = json!({"url": "https://team.acme.org", "ttl_seconds": 60});
    let mut people =
        vec![("owner", owner.clone(), 200), ("stranger", hub.register("stranger").await, 404)];
    for (role, status) in [("admin", 200), ("manager", 403), ("member", 403), ("viewer", 403)] {
        let somebody = hub.register(&format!("the-{role}")).await;
        let membership = json!({"user_id": somebody.id, "role": role});
        let members = format!("/api/v1/organizations/{id}/members");
        assert_eq!(hub.post(&members, &owner.access, membership).await.status, 201);
        people.push((role, somebody, status));
    }
    for (role, somebody, status) in people {
        assert_eq!(hub.post(&path, &somebody.access, body.clone()).await.status, status, "{role}");
    }
    assert_eq!(hub.post(&path, "", body.clone()).await.status, 401);
    let nowhere = "/api/v1/organizations/999/heartbeat";
    assert_eq!(hub.post(nowhere, &owner.access, body).await.status, 404);
    let shown = hub.get(&format!("/api/v1/organizations/{id}"), &owner.access).await.body;
    assert_eq!(shown["domain"], "https://team.acme.org");
}

#[tokio::test]
async fn a_heartbeat_from_where_the_domain_is_keeps_its_path() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let profile = json!({"domain": "https://node.acme.org/base/"});
    hub.put("/api/v1/users/me", &ada.access, profile).await;
    let body = json!({"url": "https://node.acme.org/"});
    let answer = hub.post(OWN, &ada.access, body).await.body;
    assert_eq!(answer["domain"], "https://node.acme.org/base/");
}

#[tokio::test]
async fn what_breaks_a_rule_is_named_at_its_place() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for (body, place) in [
        (json!({}), "url"),
        (json!({"url": "node.acme.org"}), "url"),
        (json!({"url": "8.8.8.8:x@127.0.0.1"}), "url"),
        (json!({"url": "http://8.8.8.8:x@127.0.0.1"}), "url"),
        (json!({"url": format!("https://{}.org", "a".repeat(500))}), "url"),
        (json!({"url": "https://a.org", "ttl_seconds": 0}), "ttl_seconds"),
        (json!({"url": "https://a.org", "ttl_seconds": 3601}), "ttl_seconds"),
    ] {
        let answer = hub.post(OWN, &ada.access, body.clone()).await;
        assert_eq!(answer.status, 422, "{body}");
        assert_eq!(answer.body["detail"][0]["loc"], json!(["body", place]), "{body}");
    }
}

#[tokio::test]
async fn a_token_that_may_only_read_sends_no_sign_of_life() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let wish = json!({"name": "script", "scopes": ["read"]});
    let made = hub.post("/api/v1/auth/tokens", &ada.access, wish).await.body;
    let token = made["token"].as_str().unwrap();
    assert_eq!(hub.post(OWN, token, json!({"url": "https://a.org"})).await.status, 403);
    let body = report_of(&["notes"], "healthy");
    assert_eq!(hub.post("/api/v1/endpoints/health", token, body).await.status, 403);
}
