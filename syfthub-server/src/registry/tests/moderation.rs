//! What administrators of the hub set.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use super::draft;
use crate::db::Db;
use crate::db::testing::both_engines;
use crate::testing::TestHub;

const MAKE_ADMIN: &str = "UPDATE users SET role = 'admin' WHERE id = $1";

both_engines! { Hub =>
    an_administrator_switches_an_endpoint_off_and_on_again,
}

async fn an_administrator_switches_an_endpoint_off_and_on_again(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let (ada, root) = (hub.register("ada").await, hub.register("root-1").await);
    hub.force(MAKE_ADMIN, root.id).await;
    let endpoint = hub.publish(&ada.access, draft("Notes", "model")).await;
    let path = format!("/api/v1/endpoints/{}/admin", endpoint["id"]);
    hub.clock.advance(Duration::from_secs(5));
    let off = hub.patch(&path, &root.access, json!({"is_active": false, "stars_count": 7})).await;
    assert_eq!((off.status, &off.body["is_active"]), (StatusCode::OK, &json!(false)));
    assert_eq!(
        (&off.body["stars_count"], &off.body["updated_at"]),
        (&json!(7), &endpoint["updated_at"])
    );
    assert_eq!(hub.get("/ada/notes", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(hub.get("/ada/notes", &ada.access).await.body["is_active"], false);
    let edited =
        hub.patch("/api/v1/endpoints/slug/notes", &ada.access, json!({"readme": "new"})).await;
    assert_eq!((edited.status, &edited.body["is_active"]), (StatusCode::OK, &json!(false)));
    let on = hub.patch(&path, &root.access, json!({"is_active": true})).await;
    assert_eq!(
        (on.status, &on.body["is_active"], &on.body["stars_count"]),
        (StatusCode::OK, &json!(true), &json!(7))
    );
    assert_eq!(hub.get("/ada/notes", "").await.status, StatusCode::OK);
    hub.force(
        "UPDATE endpoints SET is_down = TRUE WHERE id = $1",
        endpoint["id"].as_i64().unwrap(),
    )
    .await;
    let down = hub.patch(&path, &root.access, json!({"is_active": true})).await;
    assert_eq!(down.body["is_active"], false, "nobody makes an endpoint answer by switching it on");
}

#[tokio::test]
async fn nobody_else_may_and_the_refusal_tells_nothing() {
    let hub = TestHub::start().await;
    let (ada, root) = (hub.register("ada").await, hub.register("root-1").await);
    hub.force(MAKE_ADMIN, root.id).await;
    let endpoint = hub.publish(&ada.access, draft("Notes", "model")).await;
    let change = json!({"is_active": false});
    for id in [endpoint["id"].as_i64().unwrap(), 999] {
        let path = format!("/api/v1/endpoints/{id}/admin");
        assert_eq!(hub.patch(&path, "", change.clone()).await.status, StatusCode::UNAUTHORIZED);
        let refused = hub.patch(&path, &ada.access, change.clone()).await;
        assert_eq!(
            (refused.status, refused.body),
            (StatusCode::FORBIDDEN, json!({"detail": "Operation not permitted"}))
        );
    }
    let missing = hub.patch("/api/v1/endpoints/999/admin", &root.access, change).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let path = format!("/api/v1/endpoints/{}/admin", endpoint["id"]);
    let below = hub.patch(&path, &root.access, json!({"stars_count": -1})).await;
    assert_eq!(below.status, StatusCode::UNPROCESSABLE_ENTITY);
}
