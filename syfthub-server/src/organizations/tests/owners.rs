//! There is always an owner.

use http::StatusCode;
use serde_json::json;
use syfthub_core::UserId;

use super::{Team, found, join};
use crate::db::StoreError;
use crate::organizations::last_owner_of;
use crate::testing::TestHub;

async fn orphans(hub: &TestHub, user: i64) -> Vec<String> {
    let work =
        hub.hub.db.write(move |tx| Box::pin(async move { last_owner_of(tx, UserId(user)).await }));
    let orphans: Result<_, StoreError> = work.await;
    orphans.unwrap()
}

#[tokio::test]
async fn the_last_owner_is_removed_by_no_route() {
    let team = Team::start().await;
    let (hub, own) = (&team.hub, team.member_path(&team.owner));
    for token in [&team.owner.access, &team.root.access] {
        for role in ["admin", "viewer"] {
            let answer = hub.put(&own, token, json!({ "role": role })).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            assert!(answer.body["detail"].is_string());
        }
        assert_eq!(hub.delete(&own, token).await.status, StatusCode::BAD_REQUEST);
    }
    let off = json!({"is_active": false});
    let switched = hub.patch(&format!("{own}/admin"), &team.root.access, off).await;
    assert_eq!(switched.status, StatusCode::BAD_REQUEST);
    let kept = hub.put(&own, &team.owner.access, json!({"role": "owner"})).await;
    assert_eq!((kept.status, &kept.body["role"]), (StatusCode::OK, &json!("owner")));
}

#[tokio::test]
async fn an_owner_whose_account_is_off_does_not_count() {
    let team = Team::start().await;
    let (hub, own) = (&team.hub, team.member_path(&team.owner));
    hub.put(&team.member_path(&team.admin), &team.owner.access, json!({"role": "owner"})).await;
    hub.deactivate(team.admin.id).await;
    assert_eq!(hub.delete(&own, &team.owner.access).await.status, StatusCode::BAD_REQUEST);
    let gone = hub.delete(&team.member_path(&team.admin), &team.owner.access).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_owner_may_go_once_there_is_another() {
    let team = Team::start().await;
    let (hub, own) = (&team.hub, team.member_path(&team.owner));
    hub.put(&team.member_path(&team.admin), &team.owner.access, json!({"role": "owner"})).await;
    let less = hub.put(&own, &team.owner.access, json!({"role": "viewer"})).await;
    assert_eq!((less.status, &less.body["role"]), (StatusCode::OK, &json!("viewer")));
    assert_eq!(hub.delete(&own, &team.owner.access).await.status, StatusCode::NO_CONTENT);
    let last = hub.delete(&team.member_path(&team.admin), &team.admin.access).await;
    assert_eq!(last.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_account_knows_which_organizations_depend_on_it() {
    let hub = TestHub::start().await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let alone = found(&hub, &ada.access, "Alone").await;
    let shared = found(&hub, &ada.access, "Shared").await;
    let gone = found(&hub, &ada.access, "Gone").await;
    join(&hub, alone, &ada.access, bob.id, "admin").await;
    join(&hub, shared, &ada.access, bob.id, "owner").await;
    hub.delete(&format!("/api/v1/organizations/{gone}"), &ada.access).await;
    assert_eq!(orphans(&hub, ada.id).await, ["alone"]);
    assert!(orphans(&hub, bob.id).await.is_empty());
    hub.deactivate(bob.id).await;
    assert_eq!(orphans(&hub, ada.id).await, ["alone", "shared"]);
    assert!(orphans(&hub, 999).await.is_empty());
}
