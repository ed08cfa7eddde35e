//! Users among themselves and under administrators: who sees, changes, switches off and deletes whom.

use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::testing::{PASSWORD, SignedInUser, TestHub, registration};

const USERS: &str = "/api/v1/users";

/// A user who runs the hub.
async fn administrator(hub: &TestHub, name: &str) -> SignedInUser {
    let user = hub.register(name).await;
    hub.force("UPDATE users SET role = 'admin' WHERE id = $1", user.id).await;
    user
}

fn names(users: &Value) -> Vec<&str> {
    users.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn administrators_page_through_all_users_in_the_order_of_their_numbers() {
    let hub = TestHub::start().await;
    let root = administrator(&hub, "root-ada").await;
    for n in 0..12 {
        hub.register(&format!("user-{n:02}")).await;
    }
    let first = hub.get(USERS, &root.access).await;
    assert_eq!((first.status, first.body.as_array().unwrap().len()), (StatusCode::OK, 10));
    let rest = hub.get(&format!("{USERS}?skip=10&limit=100"), &root.access).await;
    assert_eq!(names(&rest.body), ["user-09", "user-10", "user-11"]);
    let page = hub.get("/api/v1/admin/users?skip=11&limit=5", &root.access).await.body;
    assert_eq!(names(&page["users"]), ["user-10", "user-11"]);
    assert_eq!(
        (&page["total"], &page["skip"], &page["limit"]),
        (&json!(13), &json!(11), &json!(5))
    );
}

#[tokio::test]
async fn administrators_find_users_by_what_is_known_of_them() {
    let hub = TestHub::start().await;
    let root = administrator(&hub, "root-ada").await;
    let bob = hub.register("bob").await;
    hub.put("/api/v1/users/me", &bob.access, json!({"full_name": "Robert %_Smith"})).await;
    hub.register("eve").await;
    hub.deactivate(bob.id).await;
    for (query, expected) in [
        ("search=BOB", &["bob"][..]),
        ("search=eve%40acme", &["eve"]),
        ("search=robert", &["bob"]),
        ("search=%25_", &["bob"]),
        ("role=admin", &["root-ada"]),
        ("is_active=false", &["bob"]),
        ("is_active=true&search=acme", &["root-ada", "eve"]),
        ("search=nobody", &[]),
    ] {
        let answer = hub.get(&format!("{USERS}?{query}"), &root.access).await;
        assert_eq!(names(&answer.body), expected, "{query}");
        let page = hub.get(&format!("/api/v1/admin/users?{query}"), &root.access).await;
        assert_eq!(page.body["total"], expected.len(), "{query}");
    }
    let bad = hub.get(&format!("{USERS}?role=king&limit=0"), &root.access).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_for_administrators_is_refused_to_everybody_else() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for path in
        [USERS, "/api/v1/admin/overview", "/api/v1/admin/users", "/api/v1/admin/users/export"]
    {
        let answer = hub.get(path, &ada.access).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(answer.body, json!({"detail": "Operation not permitted"}));
        assert_eq!(hub.get(path, "").await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn a_stranger_is_refused_before_anybody_looks_whether_there_is_such_a_user() {
    let hub = TestHub::start().await;
    let root = administrator(&hub, "root-ada").await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    for id in [bob.id, 999] {
        let path = format!("{USERS}/{id}");
        for answer in [
            hub.get(&path, &ada.access).await,
            hub.put(&path, &ada.access, json!({"full_name": ""})).await,
            hub.delete(&path, &ada.access).await,
            hub.patch(&format!("{path}/deactivate"), &ada.access, Value::Null).await,
            hub.patch(&format!("{path}/activate"), &ada.access, Value::Null).await,
        ] {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{id}");
        }
    }
    for answer in [
        hub.get(&format!("{USERS}/999"), &root.access).await,
        hub.put(&format!("{USERS}/999"), &root.access, json!({"full_name": "x"})).await,
        hub.delete(&format!("{USERS}/999"), &root.access).await,
        hub.patch(&format!("{USERS}/999/deactivate"), &root.access, Value::Null).await,
    ] {
        assert_eq!(
            (answer.status, &answer.body),
            (StatusCode::NOT_FOUND, &json!({"detail": "User not found"}))
        );
    }
    let own = hub.get(&format!("{USERS}/{}", ada.id), &ada.access).await;
    assert_eq!((own.status, &own.body["username"]), (StatusCode::OK, &json!("ada")));
    assert_eq!(
        hub.get(&format!("{USERS}/ada"), &ada.access).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn only_administrators_change_roles() {
    let hub = TestHub::start().await;
    let root = administrator(&hub, "root-ada").await;
    let ada = hub.register("ada").await;
    let path = format!("{USERS}/{}", ada.id);
    let own = hub.put(&path, &ada.access, json!({"role": "admin", "full_name": "Ada L."})).await;
    assert_eq!((&own.body["role"], &own.body["full_name"]), (&json!("user"), &json!("Ada L.")));
    assert_eq!(hub.put(&path, &ada.access, json!({"role": "king"})).await.status, StatusCode::OK);
    let bad = hub.put(&path, &root.access, json!({"role": "king"})).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let raised = hub.put(&path, &root.access, json!({"role": "admin"})).await;
    assert_eq!((raised.status, &raised.body["role"]), (StatusCode::OK, &json!("admin")));
    assert_eq!(hub.get(USERS, &ada.access).await.status, StatusCode::OK);
    let lowered = hub.put(&path, &root.access, json!({"role": "user"})).await;
    assert_eq!(lowered.body["role"], "user");
    assert_eq!(hub.get(USERS, &ada.access).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_account_is_switched_off_with_its_sessions_and_on_again() {
    let hub = TestHub::start().await;
    let root = administrator(&hub, "root-ada").await;
    let ada = hub.register("ada").await;
    let path = format!("{USERS}/{}", ada.id);
    let off = hub.patch(&format!("{path}/deactivate"), &root.access, Value::Null).await;
    assert_eq!((off.status, &off.body["is_active"]), (StatusCode::OK, &json!(false)));
    for path in ["/api/v1/auth/me", "/api/v1/token?aud=root-ada"] {
        assert_eq!(hub.get(path, &ada.access).await.status, StatusCode::UNAUTHORIZED);
    }
    let refresh = json!({"refresh_token": ada.refresh});
    let refused = hub.post("/api/v1/auth/refresh", "", refresh).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let on = hub.patch(&format!("{path}/activate"), &root.access, Value::Null).await;
    assert_eq!((on.status, &on.body["is_active"]), (StatusCode::OK, &json!(true)));
    // What was ended stays ended; a new session is opened.
    assert_eq!(hub.get("/api/v1/auth/me", &ada.access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hub.login("ada", PASSWORD).await.status, StatusCode::OK);
    let own =
        hub.patch(&format!("{USERS}/{}/deactivate", root.id), &root.access, Value::Null).await;
    assert_eq!(own.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn users_switch_themselves_off() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let off = hub.put("/api/v1/users/me", &ada.access, json!({"is_active": false})).await;
    assert_eq!((off.status, &off.body["is_active"]), (StatusCode::OK, &json!(false)));
    assert_eq!(hub.get("/api/v1/auth/me", &ada.access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hub.login("ada", PASSWORD).await.body["detail"], "Account is deactivated");
}

#[tokio::test]
async fn the_last_administrator_stays_on_every_path() {
    let hub = TestHub::start().await;
    let root = administrator(&hub, "root-ada").await;
    let own = format!("{USERS}/{}", root.id);
    for answer in [
        hub.put(&own, &root.access, json!({"role": "user"})).await,
        hub.put(&own, &root.access, json!({"is_active": false})).await,
        hub.put("/api/v1/users/me", &root.access, json!({"is_active": false})).await,
        hub.delete(&own, &root.access).await,
    ] {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.body["detail"].as_str().unwrap().contains("last active administrator"));
    }
    let other = administrator(&hub, "other-ada").await;
    assert_eq!(hub.delete(&own, &other.access).await.status, StatusCode::NO_CONTENT);
    let left = hub.delete(&format!("{USERS}/{}", other.id), &other.access).await;
    assert_eq!(left.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_deleted_user_leaves_nothing_but_their_name() {
    let hub = TestHub::start().await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let token = hub.post("/api/v1/auth/tokens", &ada.access, json!({"name": "ci"})).await.body;
    let token = token["token"].as_str().unwrap();
    hub.publish(&ada.access, json!({"name": "Notes", "type": "model"})).await;
    let shared = json!({"name": "Shared", "type": "model", "contributors": [ada.id]});
    let shared = hub.publish(&bob.access, shared).await;
    assert_eq!(shared["contributors"], json!([ada.id, bob.id]));
    let path = format!("{USERS}/{}", ada.id);
    assert_eq!(hub.delete(&path, &ada.access).await.status, StatusCode::NO_CONTENT);
    for (path, token) in [("/api/v1/auth/me", ada.access.as_str()), ("/api/v1/auth/me", token)] {
        assert_eq!(hub.get(path, token).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(hub.login("ada", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hub.get("/ada/notes", "").await.status, StatusCode::NOT_FOUND);
    let kept = hub.get(&format!("/api/v1/endpoints/{}", shared["id"]), &bob.access).await.body;
    assert_eq!(
        (&kept["contributors"], &kept["updated_at"]),
        (&json!([bob.id]), &shared["updated_at"])
    );
    let audience = hub.get("/api/v1/token?aud=ada", &bob.access).await;
    assert_eq!(audience.body["detail"]["error"], "audience_not_found");
    let again = hub.post("/api/v1/auth/register", "", registration("ada")).await;
    assert_eq!(
        (again.status, &again.body["detail"]["field"]),
        (StatusCode::CONFLICT, &json!("username"))
    );
}

#[tokio::test]
async fn the_overview_counts_what_there_is() {
    let hub = TestHub::start().await;
    let root = administrator(&hub, "root-ada").await;
    let ada = hub.register("ada").await;
    hub.publish(&ada.access, json!({"name": "One", "type": "model"})).await;
    hub.publish(&ada.access, json!({"name": "Two", "type": "model", "visibility": "private"}))
        .await;
    hub.post("/api/v1/auth/tokens", &ada.access, json!({"name": "ci"})).await;
    let bob = hub.register("bob").await;
    hub.deactivate(bob.id).await;
    let overview = hub.get("/api/v1/admin/overview", &root.access).await.body;
    let users = json!({"total": 3, "active": 2, "administrators": 1, "joined_recently": 3, "seen_recently": 3});
    assert_eq!(overview["users"], users);
    let endpoints = json!({"total": 2, "active": 2, "public": 1, "internal": 0, "private": 1});
    assert_eq!(overview["endpoints"], endpoints);
    assert_eq!(
        (&overview["organizations"], &overview["sessions"], &overview["access_tokens"]),
        (&json!(0), &json!(3), &json!(1))
    );
}

#[tokio::test]
async fn the_export_holds_every_user_and_no_formula() {
    let hub = TestHub::start().await;
    let root = administrator(&hub, "root-ada").await;
    let bob = hub.register("bob").await;
    let formula = json!({"full_name": "=HYPERLINK(\"http://evil.org\", \"x\")"});
    hub.put("/api/v1/users/me", &bob.access, formula).await;
    let (parts, table) = hub.download("/api/v1/admin/users/export?search=acme", &root.access).await;
    assert_eq!(parts.status, StatusCode::OK);
    assert!(parts.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/csv"));
    assert_eq!(parts.headers[header::CONTENT_DISPOSITION], "attachment; filename=\"users.csv\"");
    let mut reader = csv::Reader::from_reader(table.as_ref());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!((&rows[0][1], &rows[0][4]), ("root-ada", "admin"));
    assert_eq!((&rows[1][1], &rows[1][3]), ("bob", "'=HYPERLINK(\"http://evil.org\", \"x\")"));
    assert!(!String::from_utf8_lossy(&table).contains("argon2"));
}

#[tokio::test]
async fn a_public_profile_shows_the_address_only_to_order() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let profile = hub.get("/api/v1/users/public/ADA", "").await;
    let expected = json!({"username": "ada", "full_name": "ada", "avatar_url": null, "bio": null, "email": null,
        "created_at": "2027-01-15T08:00:00.000000Z"});
    assert_eq!((profile.status, &profile.body), (StatusCode::OK, &expected));
    let change = json!({"bio": "Counts bees.", "is_email_public": true});
    assert_eq!(hub.put("/api/v1/users/me", &ada.access, change).await.body["bio"], "Counts bees.");
    let profile = hub.get("/api/v1/users/public/ada", "").await.body;
    assert_eq!(
        (&profile["bio"], &profile["email"]),
        (&json!("Counts bees."), &json!("ada@acme.org"))
    );
    hub.deactivate(ada.id).await;
    for name in ["ada", "nobody", "!!"] {
        let answer = hub.get(&format!("/api/v1/users/public/{name}"), "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
    }
}

#[tokio::test]
async fn one_sees_when_one_signed_in_last() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let me = hub.get("/api/v1/auth/me", &ada.access).await.body;
    assert_eq!(me["last_login_at"], "2027-01-15T08:00:00.000000Z");
    assert_eq!(me["updated_at"], me["created_at"]);
}

#[tokio::test]
async fn the_last_owner_of_an_organization_stays_on_every_path() {
    let hub = TestHub::start().await;
    let root = administrator(&hub, "root-ada").await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let team =
        hub.post("/api/v1/organizations", &ada.access, json!({"name": "Bee Team"})).await.body;
    let own = format!("{USERS}/{}", ada.id);
    for answer in [
        hub.put("/api/v1/users/me", &ada.access, json!({"is_active": false})).await,
        hub.delete(&own, &ada.access).await,
        hub.delete(&own, &root.access).await,
        hub.patch(&format!("{own}/deactivate"), &root.access, Value::Null).await,
        hub.put(&own, &root.access, json!({"is_active": false})).await,
    ] {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.body["detail"].as_str().unwrap().contains("bee-team"), "{}", answer.body);
    }
    let heir = json!({"user_id": bob.id, "role": "owner"});
    let members = format!("/api/v1/organizations/{}/members", team["id"]);
    assert_eq!(hub.post(&members, &ada.access, heir).await.status, StatusCode::CREATED);
    assert_eq!(hub.delete(&own, &ada.access).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        hub.delete(&format!("{USERS}/{}", bob.id), &bob.access).await.status,
        StatusCode::BAD_REQUEST
    );
}
