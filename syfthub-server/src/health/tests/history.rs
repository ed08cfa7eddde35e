//! Uptime series and how long they are kept.

use super::*;
use crate::db::{Db, StoreError, params, testing::both_engines};

both_engines! { Hub =>
    an_uptime_series_tells_for_how_much_of_the_known_time_an_endpoint_answered,
    old_changes_are_removed_except_the_last_of_each_endpoint,
}

async fn uptime(hub: &TestHub, token: &str, query: &str) -> crate::testing::Answer {
    hub.get(&format!("/api/v1/endpoints/ada/notes/uptime{query}"), token).await
}

async fn an_uptime_series_tells_for_how_much_of_the_known_time_an_endpoint_answered(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    publish(&hub, &ada, "notes").await;
    let unknown = uptime(&hub, "", "").await.body;
    assert_eq!(
        (&unknown["uptime"], unknown["buckets"].as_array().unwrap().len()),
        (&Value::Null, 96)
    );
    report(&hub, &ada.access, &["notes"], "healthy").await;
    hub.clock.advance(Duration::from_mins(15));
    report(&hub, &ada.access, &["notes"], "unhealthy").await;
    hub.clock.advance(Duration::from_mins(5));
    let series = uptime(&hub, "", "?window_hours=1").await.body;
    assert_eq!(series["path"], "ada/notes");
    assert_eq!((&series["uptime"], &series["bucket_seconds"]), (&json!(0.75), &json!(300)));
    let buckets = series["buckets"].as_array().unwrap();
    assert_eq!(
        (buckets.len(), &buckets[10]["uptime"], &buckets[11]["uptime"]),
        (12, &json!(1.0), &json!(0.0))
    );
    let wide = uptime(&hub, "", "?window_hours=2160").await.body;
    assert_eq!((&wide["uptime"], wide["buckets"].as_array().unwrap().len()), (&json!(0.75), 90));
}

async fn changes(db: &Db) -> i64 {
    let read = db.read(|tx| {
        Box::pin(async move {
            let rows = tx.query("SELECT COUNT(*) FROM health_changes", params![]).await?;
            rows[0].get::<i64>(0)
        })
    });
    let count: Result<i64, StoreError> = read.await;
    count.unwrap()
}

async fn old_changes_are_removed_except_the_last_of_each_endpoint(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    publish(&hub, &ada, "notes").await;
    for status in ["healthy", "unhealthy", "healthy"] {
        report(&hub, &ada.access, &["notes"], status).await;
        report(&hub, &ada.access, &["notes"], status).await;
        hub.clock.advance(Duration::from_mins(1));
    }
    assert_eq!(changes(&hub.hub.db).await, 3);
    crate::health::prune(hub.hub.clone()).await.unwrap();
    assert_eq!(changes(&hub.hub.db).await, 3);
    hub.clock.advance(Duration::from_hours(2161));
    crate::health::prune(hub.hub.clone()).await.unwrap();
    assert_eq!(changes(&hub.hub.db).await, 1);
    assert_eq!(uptime(&hub, "", "?window_hours=2160").await.body["uptime"], 1.0);
}

#[tokio::test]
async fn who_may_not_see_an_endpoint_does_not_see_how_it_was() {
    let hub = TestHub::start().await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let draft = json!({"name": "notes", "slug": "notes", "type": "model", "visibility": "private"});
    hub.publish(&ada.access, draft).await;
    for (token, status) in
        [("", 404), ("stale", 401), (bob.access.as_str(), 404), (ada.access.as_str(), 200)]
    {
        assert_eq!(uptime(&hub, token, "").await.status, status);
    }
    for query in ["?window_hours=0", "?window_hours=2161", "?window_hours=x"] {
        assert_eq!(uptime(&hub, &ada.access, query).await.status, 422, "{query}");
    }
}
