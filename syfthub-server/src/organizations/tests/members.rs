//! Roles, and how one comes by them.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{ORGANIZATIONS, Team, join};
use crate::testing::SignedInUser;

const NO_CONTENT: StatusCode = StatusCode::NO_CONTENT;
const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;

/// What somebody asks, and who of stranger, viewer, member, manager, admin, owner and site admin gets it.
struct Row<'a> {
    method: Method,
    path: String,
    body: Value,
    granted: &'a [&'a str],
    success: StatusCode,
}

fn row<'a>(method: Method, path: String, body: Value, granted: &'a [&'a str]) -> Row<'a> {
    Row { method, path, body, granted, success: StatusCode::OK }
}

const ALL: &[&str] = &["viewer", "member", "manager", "admin", "owner", "site admin"];
const ADMINS: &[&str] = &["admin", "owner", "site admin"];
const OWNERS: &[&str] = &["owner", "site admin"];

#[tokio::test]
async fn each_role_gets_what_the_matrix_grants() {
    let team = Team::start().await;
    let (get, put) = (Method::GET, Method::PUT);
    let member = team.member_path(&team.member);
    let owner = team.member_path(&team.owner);
    let rows = [
        row(get.clone(), team.path(""), Value::Null, ALL),
        row(get, team.path("/members"), Value::Null, ALL),
        row(put.clone(), team.path(""), json!({"description": "d"}), ADMINS),
        row(put.clone(), member.clone(), json!({}), ADMINS),
        row(put.clone(), member.clone(), json!({"role": "manager"}), ADMINS),
        row(put.clone(), member.clone(), json!({"role": "admin"}), ADMINS),
        row(put.clone(), member.clone(), json!({"role": "member"}), ADMINS),
        row(put.clone(), member, json!({"role": "owner"}), OWNERS),
        row(put.clone(), owner, json!({"role": "admin"}), OWNERS),
    ];
    // Two others own it as well, so that no refusal is about the last owner.
    for name in ["second", "third"] {
        let somebody = team.hub.register(name).await;
        join(&team.hub, team.id, &team.owner.access, somebody.id, "owner").await;
    }
    for Row { method, path, body, granted, success } in rows {
        for (who, token) in team.everybody() {
            let expected = match who {
                who if granted.contains(&who) => success,
                "stranger" => NOT_FOUND,
                _ => FORBIDDEN,
            };
            let answer = team.hub.call(method.clone(), &path, token, body.clone()).await;
            assert_eq!(answer.status, expected, "{who} {method} {path} {body}");
            if granted.contains(&who) && method == Method::PUT && path.contains("members") {
                restore(&team).await;
            }
        }
    }
}

/// Gives the two whose roles change in the matrix their first ones back.
async fn restore(team: &Team) {
    for (user, role) in [(&team.owner, "owner"), (&team.member, "member")] {
        let path = team.member_path(user);
        let answer = team.hub.put(&path, &team.root.access, json!({ "role": role })).await;
        assert_eq!((answer.status, &answer.body["role"]), (StatusCode::OK, &json!(role)));
    }
}

#[tokio::test]
async fn admins_take_in_and_remove_whom_they_may_and_members_nobody() {
    let team = Team::start().await;
    let hub = &team.hub;
    for (who, token) in team.everybody() {
        for role in ["viewer", "member", "manager", "admin", "owner"] {
            let granted = if role == "owner" { OWNERS } else { ADMINS };
            let (joined, left) = match who {
                who if granted.contains(&who) => (StatusCode::CREATED, NO_CONTENT),
                "stranger" => (NOT_FOUND, NOT_FOUND),
                _ => (FORBIDDEN, FORBIDDEN),
            };
            let somebody = json!({"user_id": team.stranger.id, "role": role});
            let answer = hub.post(&team.path("/members"), token, somebody).await;
            // A stranger who asks to be let in is still a stranger.
            assert_eq!(answer.status, joined, "{who} takes in a {role}");
            if joined != StatusCode::CREATED {
                join(hub, team.id, &team.root.access, team.stranger.id, role).await;
            }
            if who != "stranger" {
                let answer = hub.delete(&team.member_path(&team.stranger), token).await;
                assert_eq!(answer.status, left, "{who} removes a {role}");
            }
            if left != NO_CONTENT {
                hub.delete(&team.member_path(&team.stranger), &team.root.access).await;
            }
        }
    }
}

#[tokio::test]
async fn an_admin_neither_becomes_an_owner_nor_touches_one() {
    let team = Team::start().await;
    let (hub, admin) = (&team.hub, &team.admin.access);
    for (user, body) in [
        (&team.admin, json!({"role": "owner"})),
        (&team.member, json!({"role": "owner"})),
        (&team.owner, json!({"role": "admin"})),
        (&team.owner, json!({"role": "owner"})),
    ] {
        let answer = hub.put(&team.member_path(user), admin, body.clone()).await;
        assert_eq!(answer.status, FORBIDDEN, "{body}");
    }
    assert_eq!(hub.delete(&team.member_path(&team.owner), admin).await.status, FORBIDDEN);
    let owner = json!({"user_id": team.stranger.id, "role": "owner"});
    assert_eq!(hub.post(&team.path("/members"), admin, owner).await.status, FORBIDDEN);
    assert_eq!(hub.delete(&team.path(""), admin).await.status, FORBIDDEN);
}

#[tokio::test]
async fn everybody_may_leave_and_is_a_stranger_then() {
    let team = Team::start().await;
    let hub = &team.hub;
    for user in [&team.viewer, &team.member, &team.manager, &team.admin] {
        let own = team.member_path(user);
        assert_eq!(hub.delete(&own, &user.access).await.status, NO_CONTENT);
        assert_eq!(hub.delete(&own, &user.access).await.status, NOT_FOUND);
        assert_eq!(hub.get(&team.path(""), &user.access).await.status, NOT_FOUND);
    }
    let root = hub.delete(&team.member_path(&team.root), &team.root.access).await;
    assert_eq!(root.status, NOT_FOUND, "who is no member cannot leave");
}

#[tokio::test]
async fn unknown_people_are_not_found_and_members_are_not_taken_in_twice() {
    let team = Team::start().await;
    let (hub, owner) = (&team.hub, &team.owner.access);
    let members = team.path("/members");
    let add = |user: i64| hub.post(&members, owner, json!({ "user_id": user }));
    assert_eq!(add(999).await.status, NOT_FOUND);
    assert_eq!(add(i64::MAX).await.status, NOT_FOUND);
    assert_eq!(add(team.viewer.id).await.status, StatusCode::BAD_REQUEST);
    hub.deactivate(team.stranger.id).await;
    assert_eq!(add(team.stranger.id).await.status, NOT_FOUND);
    for user in [&team.stranger, &team.root] {
        let path = team.member_path(user);
        assert_eq!(hub.put(&path, owner, json!({"role": "admin"})).await.status, NOT_FOUND);
        assert_eq!(hub.delete(&path, owner).await.status, NOT_FOUND);
        assert_eq!(hub.delete(&path, &team.member.access).await.status, FORBIDDEN);
    }
    let nowhere = format!("{ORGANIZATIONS}/999/members");
    for token in [owner, &team.root.access] {
        let answer = hub.post(&nowhere, token, json!({"user_id": team.viewer.id})).await;
        assert_eq!(answer.status, NOT_FOUND);
    }
    for body in [json!({}), json!({"user_id": "x"}), json!({"user_id": 1, "role": "king"})] {
        let answer = hub.post(&members, owner, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_membership_that_was_switched_off_counts_for_nothing_and_comes_back() {
    let team = Team::start().await;
    let hub = &team.hub;
    let switch = format!("{}/admin", team.member_path(&team.member));
    let set =
        |is_active: bool| hub.patch(&switch, &team.root.access, json!({ "is_active": is_active }));
    let off = set(false).await;
    assert_eq!((off.status, &off.body["is_active"]), (StatusCode::OK, &json!(false)));
    assert_eq!(hub.get(&team.path(""), &team.member.access).await.status, NOT_FOUND);
    assert_eq!(hub.get(ORGANIZATIONS, &team.member.access).await.body, json!([]));
    let list = hub.get(&team.path("/members"), &team.owner.access).await.body;
    assert_eq!(list.as_array().unwrap().len(), 4);
    let path = team.member_path(&team.member);
    let change = hub.put(&path, &team.owner.access, json!({"role": "admin"})).await;
    assert_eq!(change.status, NOT_FOUND);
    let on = set(true).await;
    assert_eq!((on.status, &on.body["role"]), (StatusCode::OK, &json!("member")));
    assert_eq!(hub.get(&team.path(""), &team.member.access).await.status, StatusCode::OK);
    set(false).await;
    hub.clock.advance(Duration::from_secs(9));
    join(hub, team.id, &team.admin.access, team.member.id, "viewer").await;
    let list = hub.get(&team.path("/members?limit=1"), &team.owner.access).await.body;
    assert_eq!((&list[0]["user_id"], &list[0]["role"]), (&json!(team.member.id), &json!("viewer")));
}

#[tokio::test]
async fn members_are_listed_latest_first_by_role_and_in_pages() {
    let team = Team::start().await;
    let list = |query: &'static str| {
        let team = &team;
        async move {
            let path = team.path(&format!("/members{query}"));
            let body = team.hub.get(&path, &team.viewer.access).await.body;
            let ids = body.as_array().unwrap().iter().map(|m| m["user_id"].as_i64().unwrap());
            ids.collect::<Vec<_>>()
        }
    };
    let id = |user: &SignedInUser| user.id;
    let all = [&team.viewer, &team.member, &team.manager, &team.admin, &team.owner].map(id);
    assert_eq!(list("").await, all);
    assert_eq!(list("?skip=1&limit=2").await, all[1..3]);
    assert_eq!(list("?role=owner").await, [team.owner.id]);
}
