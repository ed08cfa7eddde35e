//! Reports about single endpoints.

use super::*;
use crate::db::{Db, testing::both_engines};

both_engines! { Hub =>
    three_failures_in_a_row_take_an_endpoint_off_the_lists_and_not_from_its_owner,
    a_report_reaches_endpoints_in_any_state_and_counts_what_it_does_not_know,
    members_report_for_their_organization_and_viewers_do_not,
    reports_at_the_same_time_lose_no_failure,
}

async fn three_failures_in_a_row_take_an_endpoint_off_the_lists_and_not_from_its_owner(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    publish(&hub, &ada, "notes").await;
    for expected in [1, 1, 0] {
        report(&hub, &ada.access, &["notes"], "unhealthy").await;
        assert_eq!(listed(&hub).await.len(), expected);
    }
    assert_eq!(hub.get("/ada/notes", "").await.status, 404);
    assert_eq!(hub.post("/ada/notes", "", json!({})).await.status, 404);
    let own = hub.get("/ada/notes", &ada.access).await;
    assert_eq!(own.body["health_status"], "unhealthy");
    assert_eq!((own.status.as_u16(), &own.body["is_active"]), (200, &json!(false)));
    assert_eq!(hub.get("/api/v1/endpoints", &ada.access).await.body.as_array().unwrap().len(), 1);
    let edit = json!({"description": "still mine"});
    let edited = hub.patch("/api/v1/endpoints/slug/notes", &ada.access, edit).await;
    assert_eq!((edited.status.as_u16(), &edited.body["is_active"]), (200, &json!(false)));
    report(&hub, &ada.access, &["notes"], "healthy").await;
    assert_eq!(listed(&hub).await, ["notes"]);
    let shown = hub.get("/ada/notes", "").await.body;
    assert_eq!(shown["health_status"], "healthy");
    assert_eq!(shown["health_checked_at"], "2027-01-15T08:00:00.000000Z");
    assert_eq!(hub.delete("/api/v1/endpoints/slug/notes", &ada.access).await.status, 204);
    assert_eq!(
        report(&hub, &ada.access, &["notes"], "healthy").await,
        json!({"updated": 0, "ignored": 1})
    );
    assert!(listed(&hub).await.is_empty());
}

async fn a_report_reaches_endpoints_in_any_state_and_counts_what_it_does_not_know(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let id = publish(&hub, &ada, "notes").await;
    publish(&hub, &bob, "others").await;
    hub.force("UPDATE endpoints SET is_disabled = TRUE WHERE id = $1", id).await;
    let slugs = ["NOTES", "others", "nothing"];
    assert_eq!(
        report(&hub, &ada.access, &slugs, "healthy").await,
        json!({"updated": 1, "ignored": 2})
    );
    assert_eq!(listed(&hub).await, ["others"], "a report switches nothing on that was disabled");
    let me = hub.get("/api/v1/users/me", &ada.access).await.body;
    assert_eq!(me["domain"], "https://node.acme.org");
}

async fn members_report_for_their_organization_and_viewers_do_not(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let owner = hub.register("owner").await;
    let team = hub.post("/api/v1/organizations", &owner.access, json!({"name": "Acme"})).await;
    let id = team.body["id"].as_i64().unwrap();
    let draft = json!({"name": "shared", "type": "model", "organization_id": id});
    hub.publish(&owner.access, draft).await;
    for (role, updated) in [("viewer", 0), ("member", 1), ("manager", 1)] {
        let somebody = hub.register(&format!("the-{role}")).await;
        let membership = json!({"user_id": somebody.id, "role": role});
        let members = format!("/api/v1/organizations/{id}/members");
        assert_eq!(hub.post(&members, &owner.access, membership).await.status, 201);
        let receipt = report(&hub, &somebody.access, &["shared"], "unhealthy").await;
        assert_eq!(receipt["updated"], updated, "{role}");
        // One's own endpoint of the same slug comes first.
        publish(&hub, &somebody, "shared").await;
        report(&hub, &somebody.access, &["shared"], "healthy").await;
    }
    report(&hub, &owner.access, &["shared"], "unhealthy").await;
    assert_eq!(hub.get("/acme/shared", "").await.status, 404);
    assert_eq!(hub.get("/the-member/shared", "").await.status, 200);
}

async fn reports_at_the_same_time_lose_no_failure(db: Db) {
    let hub = std::sync::Arc::new(TestHub::on(db, |_| {}).await);
    let ada = hub.register("ada").await;
    publish(&hub, &ada, "notes").await;
    let reports = (0..3).map(|_| {
        let (hub, token) = (hub.clone(), ada.access.clone());
        tokio::spawn(async move { report(&hub, &token, &["notes"], "unhealthy").await })
    });
    for report in reports.collect::<Vec<_>>() {
        assert_eq!(report.await.unwrap()["updated"], 1);
    }
    assert!(listed(&hub).await.is_empty());
}

#[tokio::test]
async fn a_report_counts_from_when_it_is_received_whatever_the_spaces_clock_says() {
    for checked_at in ["1970-01-01T00:00:00Z", "2100-01-01T00:00:00+14:00"] {
        let hub = TestHub::start().await;
        let ada = hub.register("ada").await;
        publish(&hub, &ada, "notes").await;
        let mut body = report_of(&["notes"], "unhealthy");
        body["endpoints"][0]["checked_at"] = json!(checked_at);
        // A node of nobody's answers here, so that only the reports can keep the endpoint down.
        body["url"] = json!("tunneling:ada");
        for _ in 0..3 {
            hub.post("/api/v1/endpoints/health", &ada.access, body.clone()).await;
        }
        look(&hub).await;
        look(&hub).await;
        assert!(listed(&hub).await.is_empty(), "{checked_at}: after 60 s of 90 the report counts");
        for _ in 0..5 {
            look(&hub).await;
        }
        assert_eq!(listed(&hub).await, ["notes"], "{checked_at}: it no longer counts");
    }
}
