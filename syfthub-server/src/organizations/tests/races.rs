//! Requests that race, on both engines: nobody's change is lost, no name is two owners', and there is always an owner.

use std::collections::HashSet;
use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use syfthub_core::UserId;

use super::{MAKE_ADMIN, ORGANIZATIONS, found, join};
use crate::db::testing::both_engines;
use crate::db::{Db, StoreError, params};
use crate::organizations::last_owner_of;
use crate::testing::{SignedInUser, TestHub, registration};

both_engines! { Hub =>
    however_many_owners_go_at_once_one_stays,
    an_organization_does_not_come_back_to_an_account_that_goes,
    nobody_is_made_the_one_owner_while_their_account_goes,
    a_name_goes_to_one_user_or_one_organization,
    organizations_of_one_name_get_slugs_of_their_own,
    edits_of_different_fields_are_all_kept,
    of_many_who_take_a_user_in_one_does,
}

const OWNERS: &str = "SELECT COUNT(*) FROM members m JOIN users u ON u.id = m.user_id \
     WHERE m.organization_id = $1 AND m.role = 'owner' AND m.is_active AND u.is_active";

async fn owners(hub: &TestHub, id: i64) -> i64 {
    let read = hub.hub.db.read(move |tx| {
        Box::pin(async move { tx.query_opt(OWNERS, params![id]).await?.unwrap().get(0) })
    });
    let count: Result<i64, StoreError> = read.await;
    count.unwrap()
}

/// Switches an account off as every route does that can: unless an organization depends on it.
async fn go(hub: Arc<TestHub>, user: i64) -> StatusCode {
    const OFF: &str = "UPDATE users SET is_active = FALSE WHERE id = $1";
    let work = hub.hub.db.write(move |tx| {
        Box::pin(async move {
            if !last_owner_of(tx, UserId(user)).await?.is_empty() {
                return Ok(StatusCode::BAD_REQUEST);
            }
            tx.execute(OFF, params![user]).await?;
            Ok(StatusCode::OK)
        })
    });
    let outcome: Result<StatusCode, StoreError> = work.await;
    outcome.unwrap()
}

async fn call(
    hub: Arc<TestHub>,
    method: Method,
    path: String,
    token: String,
    body: Value,
) -> StatusCode {
    hub.call(method, &path, &token, body).await.status
}

/// A hub with this many users, of whom the last one runs it.
async fn crowd(db: Db, count: usize) -> (Arc<TestHub>, Vec<SignedInUser>) {
    let hub = Arc::new(TestHub::on(db, |_| {}).await);
    let mut users = Vec::new();
    for n in 0..count {
        users.push(hub.register(&format!("user-{n}")).await);
    }
    hub.force(MAKE_ADMIN, users[count - 1].id).await;
    (hub, users)
}

async fn however_many_owners_go_at_once_one_stays(db: Db) {
    let (hub, users) = crowd(db, 6).await;
    for round in 0..4 {
        let id = found(&hub, &users[0].access, &format!("Acme {round}")).await;
        for owner in &users[1..5] {
            join(&hub, id, &users[0].access, owner.id, "owner").await;
        }
        let place = |n: usize| format!("{ORGANIZATIONS}/{id}/members/{}", users[n].id);
        let root = users[5].access.clone();
        let token = |n: usize| users[n].access.clone();
        let spawn = |method, path, token, body| {
            tokio::spawn(call(Arc::clone(&hub), method, path, token, body))
        };
        let mut tries = vec![
            spawn(Method::DELETE, place(0), token(0), Value::Null),
            spawn(Method::PUT, place(1), token(1), json!({"role": "viewer"})),
            spawn(Method::DELETE, place(2), token(3), Value::Null),
            spawn(Method::PUT, place(3), token(2), json!({"role": "admin"})),
            spawn(Method::PATCH, format!("{}/admin", place(4)), root, json!({"is_active": false})),
        ];
        // In the last round an account goes as well; it would be of no use to a later one.
        if round == 3 {
            tries.push(tokio::spawn(go(Arc::clone(&hub), users[4].id)));
        }
        for attempt in tries {
            let status = attempt.await.unwrap();
            let expected = [
                StatusCode::OK,
                StatusCode::NO_CONTENT,
                StatusCode::BAD_REQUEST,
                StatusCode::FORBIDDEN,
                StatusCode::NOT_FOUND,
            ];
            assert!(expected.contains(&status), "{status}");
        }
        assert!(owners(&hub, id).await >= 1, "round {round}");
    }
}

async fn an_organization_does_not_come_back_to_an_account_that_goes(db: Db) {
    let (hub, users) = crowd(db, 4).await;
    for user in &users[..3] {
        let id = found(&hub, &user.access, "Acme").await;
        let path = format!("{ORGANIZATIONS}/{id}");
        hub.delete(&path, &user.access).await;
        let back = tokio::spawn(call(
            Arc::clone(&hub),
            Method::PATCH,
            format!("{path}/admin"),
            users[3].access.clone(),
            json!({"is_active": true}),
        ));
        let gone = tokio::spawn(go(Arc::clone(&hub), user.id));
        let outcomes = (back.await.unwrap(), gone.await.unwrap());
        let one_of_both = outcomes == (StatusCode::OK, StatusCode::BAD_REQUEST)
            || outcomes == (StatusCode::BAD_REQUEST, StatusCode::OK);
        assert!(one_of_both, "{outcomes:?}");
    }
}

async fn nobody_is_made_the_one_owner_while_their_account_goes(db: Db) {
    let (hub, users) = crowd(db, 5).await;
    let founder = &users[0];
    for heir in &users[1..4] {
        let id = found(&hub, &founder.access, "Acme").await;
        join(&hub, id, &founder.access, heir.id, "member").await;
        let place = |user: i64| format!("{ORGANIZATIONS}/{id}/members/{user}");
        let (path, own) = (place(heir.id), place(founder.id));
        let (other, token) = (Arc::clone(&hub), founder.access.clone());
        let hand_over = tokio::spawn(async move {
            other.put(&path, &token, json!({"role": "owner"})).await;
            other.delete(&own, &token).await.status
        });
        let gone = tokio::spawn(go(Arc::clone(&hub), heir.id));
        hand_over.await.unwrap();
        gone.await.unwrap();
        assert!(owners(&hub, id).await >= 1);
    }
}

async fn a_name_goes_to_one_user_or_one_organization(db: Db) {
    let (hub, users) = crowd(db, 3).await;
    let tries = (0..9).map(|n| {
        let (hub, token) = (Arc::clone(&hub), users[n % 3].access.clone());
        tokio::spawn(async move {
            match n {
                0..3 => {
                    hub.put("/api/v1/users/me", &token, json!({"username": "acme"})).await.status
                }
                3..6 => {
                    let mut body = registration("acme");
                    body["email"] = json!(format!("acme{n}@acme.org"));
                    hub.post("/api/v1/auth/register", "", body).await.status
                }
                _ => {
                    let body = json!({"name": "n", "slug": "acme"});
                    hub.post(ORGANIZATIONS, &token, body).await.status
                }
            }
        })
    });
    let mut winners = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            StatusCode::OK | StatusCode::CREATED => winners += 1,
            StatusCode::CONFLICT | StatusCode::BAD_REQUEST => {}
            status => panic!("{status}"),
        }
    }
    assert_eq!(winners, 1);
}

async fn organizations_of_one_name_get_slugs_of_their_own(db: Db) {
    let (hub, users) = crowd(db, 2).await;
    let tries = (0..10).map(|n| {
        let (hub, token) = (Arc::clone(&hub), users[n % 2].access.clone());
        tokio::spawn(async move {
            let answer = hub.post(ORGANIZATIONS, &token, json!({"name": "Acme"})).await;
            assert_eq!(answer.status, StatusCode::CREATED);
            answer.body["slug"].as_str().unwrap().to_owned()
        })
    });
    let mut slugs = HashSet::new();
    for attempt in tries.collect::<Vec<_>>() {
        assert!(slugs.insert(attempt.await.unwrap()));
    }
    assert!(slugs.iter().all(|slug| slug.starts_with("acme")));
}

async fn edits_of_different_fields_are_all_kept(db: Db) {
    let (hub, users) = crowd(db, 1).await;
    let id = found(&hub, &users[0].access, "Acme").await;
    let path = format!("{ORGANIZATIONS}/{id}");
    let changes = [
        json!({"name": "Other"}),
        json!({"description": "d"}),
        json!({"domain": "node.acme.org"}),
        json!({"avatar_url": "https://acme.org/a.png"}),
    ];
    let tries = changes.clone().map(|change| {
        let token = users[0].access.clone();
        tokio::spawn(call(Arc::clone(&hub), Method::PUT, path.clone(), token, change))
    });
    for attempt in tries {
        assert_eq!(attempt.await.unwrap(), StatusCode::OK);
    }
    let kept = hub.get(&path, &users[0].access).await.body;
    for change in changes {
        let (field, value) = change.as_object().unwrap().iter().next().unwrap();
        assert_eq!(&kept[field], value);
    }
}

async fn of_many_who_take_a_user_in_one_does(db: Db) {
    let (hub, users) = crowd(db, 2).await;
    let id = found(&hub, &users[0].access, "Acme").await;
    let path = format!("{ORGANIZATIONS}/{id}/members");
    let tries = (0..8).map(|n| {
        let role = if n % 2 == 0 { "member" } else { "admin" };
        let body = json!({"user_id": users[1].id, "role": role});
        let token = users[0].access.clone();
        tokio::spawn(call(Arc::clone(&hub), Method::POST, path.clone(), token, body))
    });
    let mut winners = 0;
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            StatusCode::CREATED => winners += 1,
            status => assert_eq!(status, StatusCode::BAD_REQUEST),
        }
    }
    assert_eq!(winners, 1);
}
