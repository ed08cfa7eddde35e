//! What holds when several change the same things at once, on both engines.

use http::StatusCode;
use serde_json::{Value, json};

use crate::db::Db;
use crate::db::testing::both_engines;
use crate::testing::{SignedInUser, TestHub};

both_engines! { Hub =>
    of_administrators_who_switch_each_other_off_one_stays,
    of_administrators_who_all_leave_one_stays,
    of_owners_who_all_go_one_stays,
    of_aggregators_added_at_once_one_is_the_default,
    of_aggregators_removed_and_chosen_at_once_one_is_the_default,
    of_tokens_made_at_once_no_more_than_the_limit_come_to_be,
    instances_that_start_together_make_one_administrator,
}

async fn administrators(hub: &TestHub, count: usize) -> Vec<SignedInUser> {
    let mut users = Vec::new();
    for n in 0..count {
        let user = hub.register(&format!("root-{n}")).await;
        hub.force("UPDATE users SET role = 'admin' WHERE id = $1", user.id).await;
        users.push(user);
    }
    users
}

/// Runs everything at once; the statuses.
async fn at_once(
    requests: impl Iterator<Item = impl Future<Output = StatusCode>>,
) -> Vec<StatusCode> {
    futures_util::future::join_all(requests).await
}

async fn active_administrators(hub: &TestHub) -> i64 {
    let count = hub.hub.db.read(|tx| {
        Box::pin(async move {
            let sql = "SELECT COUNT(*) FROM users WHERE role = 'admin' AND is_active";
            tx.query_one(sql, &[]).await?.get(0)
        })
    });
    count.await.map_err(|error: crate::db::StoreError| error).unwrap()
}

async fn of_administrators_who_switch_each_other_off_one_stays(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let all = administrators(&hub, 4).await;
    at_once((0..4).map(|n| {
        let path = format!("/api/v1/users/{}/deactivate", all[(n + 1) % 4].id);
        let (hub, token) = (&hub, &all[n].access);
        async move { hub.patch(&path, token, Value::Null).await.status }
    }))
    .await;
    assert!(active_administrators(&hub).await >= 1);
}

async fn of_administrators_who_all_leave_one_stays(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let all = administrators(&hub, 4).await;
    let statuses = at_once(all.iter().enumerate().map(|(n, user)| {
        let (hub, path) = (&hub, format!("/api/v1/users/{}", user.id));
        async move {
            match n % 2 {
                0 => hub.delete(&path, &user.access).await.status,
                _ => hub.put(&path, &user.access, json!({"role": "user"})).await.status,
            }
        }
    }))
    .await;
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::BAD_REQUEST).count(), 1);
    assert_eq!(active_administrators(&hub).await, 1);
}

/// Owners go in every way there is: by deleting or switching off their accounts, and by leaving.
async fn of_owners_who_all_go_one_stays(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let mut owners = Vec::new();
    for n in 0..4 {
        owners.push(hub.register(&format!("owner-{n}")).await);
    }
    let draft = json!({"name": "Bee Team"});
    let team = hub.post("/api/v1/organizations", &owners[0].access, draft).await.body;
    let members = format!("/api/v1/organizations/{}/members", team["id"]);
    for owner in &owners[1..] {
        let member = json!({"user_id": owner.id, "role": "owner"});
        assert_eq!(hub.post(&members, &owners[0].access, member).await.status, StatusCode::CREATED);
    }
    let statuses = at_once(owners.iter().enumerate().map(|(n, owner)| {
        let (hub, token) = (&hub, &owner.access);
        let (account, place) =
            (format!("/api/v1/users/{}", owner.id), format!("{members}/{}", owner.id));
        async move {
            match n % 4 {
                0 => hub.delete(&account, token).await.status,
                1 => hub.put("/api/v1/users/me", token, json!({"is_active": false})).await.status,
                2 => hub.delete(&place, token).await.status,
                _ => hub.put(&place, token, json!({"role": "member"})).await.status,
            }
        }
    }))
    .await;
    assert_eq!(
        statuses.iter().filter(|status| **status == StatusCode::BAD_REQUEST).count(),
        1,
        "{statuses:?}"
    );
}

fn defaults(list: &Value) -> usize {
    list.as_array().unwrap().iter().filter(|one| one["is_default"] == true).count()
}

async fn of_aggregators_added_at_once_one_is_the_default(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    let list = "/api/v1/users/me/aggregators";
    let statuses = at_once((0..8).map(|n| {
        let draft =
            json!({"name": n.to_string(), "url": "https://a.org", "is_default": n % 2 == 0});
        let (hub, token) = (&hub, &ada.access);
        async move { hub.post(list, token, draft).await.status }
    }))
    .await;
    assert_eq!(statuses, [StatusCode::CREATED; 8]);
    assert_eq!(defaults(&hub.get(list, &ada.access).await.body), 1);
}

async fn of_aggregators_removed_and_chosen_at_once_one_is_the_default(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let ada = hub.register("ada").await;
    let list = "/api/v1/users/me/aggregators";
    for n in 0..6 {
        hub.post(list, &ada.access, json!({"name": n.to_string(), "url": "https://a.org"})).await;
    }
    let all = hub.get(list, &ada.access).await.body;
    at_once(all.as_array().unwrap()[..5].iter().enumerate().map(|(n, one)| {
        let (hub, token, path) = (&hub, &ada.access, format!("{list}/{}", one["id"]));
        async move {
            match n % 2 {
                0 => hub.delete(&path, token).await.status,
                _ => hub.patch(&format!("{path}/default"), token, Value::Null).await.status,
            }
        }
    }))
    .await;
    let left = hub.get(list, &ada.access).await.body;
    assert_eq!((left.as_array().unwrap().len(), defaults(&left)), (3, 1));
}

async fn of_tokens_made_at_once_no_more_than_the_limit_come_to_be(db: Db) {
    let hub = TestHub::on(db, |config| config.identity.max_access_tokens = 3).await;
    let ada = hub.register("ada").await;
    let statuses = at_once((0..8).map(|_| {
        let (hub, token) = (&hub, &ada.access);
        async move { hub.post("/api/v1/auth/tokens", token, json!({"name": "x"})).await.status }
    }))
    .await;
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::CREATED).count(), 3);
}

async fn instances_that_start_together_make_one_administrator(db: Db) {
    let hub = TestHub::on(db, |_| {}).await;
    let settings = super::bootstrap::settings("root-ada", "4f1e6c7a90b2d835");
    let starts = (0..4).map(|_| crate::identity::ensure_administrator(&hub.hub, &settings));
    for start in futures_util::future::join_all(starts).await {
        start.unwrap();
    }
    assert_eq!(active_administrators(&hub).await, 1);
}
