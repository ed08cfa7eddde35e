//! Founding, showing, changing and deleting organizations.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::{ORGANIZATIONS, Team, found, join};
use crate::testing::TestHub;

const EVENTS: &str = "SELECT action, detail FROM audit_events WHERE subject = $1 ORDER BY id";

#[tokio::test]
async fn a_founded_organization_comes_back_whole_with_its_founder_as_owner() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let sent = json!({
        "name": "Acme & Sons", "description": "We try", "avatar_url": "https://acme.org/a.png",
        "domain": "https://node.acme.org", "is_active": false,
    });
    let created = hub.post(ORGANIZATIONS, &ada.access, sent).await;
    let expected = json!({
        "id": created.body["id"], "name": "Acme & Sons", "slug": "acme-sons", "description": "We try",
        "avatar_url": "https://acme.org/a.png", "domain": "https://node.acme.org", "is_active": true,
        "created_at": "2027-01-15T08:00:00.000000Z", "updated_at": "2027-01-15T08:00:00.000000Z",
    });
    assert_eq!((created.status, &created.body), (StatusCode::CREATED, &expected));
    let path = format!("{ORGANIZATIONS}/{}", created.body["id"]);
    assert_eq!(hub.get(&path, &ada.access).await.body, expected);
    let members = hub.get(&format!("{path}/members"), &ada.access).await.body;
    assert_eq!(members.as_array().unwrap().len(), 1);
    assert_eq!(
        members[0],
        json!({"id": members[0]["id"], "organization_id": created.body["id"], "user_id": ada.id,
            "username": "ada", "role": "owner", "is_active": true, "joined_at": "2027-01-15T08:00:00.000000Z"})
    );
}

#[tokio::test]
async fn slugs_follow_the_name_avoid_pages_and_users_and_count_up() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    hub.register("taken").await;
    let found = |name: String| {
        let (hub, token) = (&hub, &ada.access);
        async move {
            let answer = hub.post(ORGANIZATIONS, token, json!({ "name": name })).await;
            assert_eq!(answer.status, StatusCode::CREATED, "{name}");
            answer.body["slug"].as_str().unwrap().to_owned()
        }
    };
    for (name, slug) in [
        ("Acme", "acme"),
        ("ACME!", "acme-1"),
        ("acme", "acme-2"),
        ("A", "org-a"),
        ("Users", "users-1"),
        ("guest", "guest-1"),
        ("Taken", "taken-1"),
        ("ada", "ada-1"),
    ] {
        assert_eq!(found(name.to_owned()).await, slug);
    }
    let nameless = found("日本語".to_owned()).await;
    assert!(nameless.starts_with("org-") && nameless.len() == 10, "{nameless}");
    let long = "n".repeat(80);
    assert_eq!(found(long.clone()).await, "n".repeat(63));
    let again = found(long).await;
    assert!(again.starts_with(&format!("{}-", "n".repeat(50))) && again.len() <= 63, "{again}");
}

#[tokio::test]
async fn a_name_is_one_owners_alone_and_stays_theirs() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let with_slug = |slug: &str| json!({"name": "n", "slug": slug});
    let post = |slug: &'static str| hub.post(ORGANIZATIONS, &ada.access, with_slug(slug));
    let acme = post("acme").await;
    assert_eq!(acme.status, StatusCode::CREATED);
    hub.put("/api/v1/users/me", &ada.access, json!({"username": "countess"})).await;
    let path = format!("{ORGANIZATIONS}/{}", acme.body["id"]);
    assert_eq!(hub.delete(&path, &ada.access).await.status, StatusCode::NO_CONTENT);
    for taken in ["acme", "countess", "ada"] {
        let answer = post(taken).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{taken}");
        assert!(answer.body["detail"].is_string());
    }
    for reserved in ["users", "orgs", "metrics", "guest", "docs"] {
        assert_eq!(post(reserved).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{reserved}");
    }
    let check = hub.get("/api/v1/users/check-username/acme", "").await;
    assert_eq!(check.body["available"], false);
    let rename = hub.put("/api/v1/users/me", &ada.access, json!({"username": "acme"})).await;
    assert_eq!(rename.status, StatusCode::CONFLICT);
    let user = hub.post("/api/v1/auth/register", "", crate::testing::registration("acme")).await;
    assert_eq!(user.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn values_that_break_a_rule_are_refused_at_their_place() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let id = found(&hub, &ada.access, "Acme").await;
    let path = format!("{ORGANIZATIONS}/{id}");
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("n".repeat(101))),
        ("description", json!("d".repeat(501))),
        ("avatar_url", json!("ftp://acme.org")),
        ("avatar_url", json!(format!("https://acme.org/{}", "a".repeat(255)))),
        ("domain", json!("user@acme.org")),
        ("domain", json!(7)),
    ] {
        let mut body = json!({"name": "Acme"});
        body[field] = value.clone();
        let created = hub.post(ORGANIZATIONS, &ada.access, body.clone()).await;
        let changed = hub.put(&path, &ada.access, body).await;
        for answer in [created, changed] {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
            assert_eq!(answer.body["detail"][0]["loc"], json!(["body", field]));
        }
    }
    let unread = hub.get(&format!("{ORGANIZATIONS}/x"), &ada.access).await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_moves_the_date_only_then() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let id = found(&hub, &ada.access, "Acme").await;
    let path = format!("{ORGANIZATIONS}/{id}");
    let before = hub.get(&path, &ada.access).await.body;
    hub.clock.advance(Duration::from_secs(5));
    let nothing = json!({"name": null, "description": "", "slug": "other", "is_active": false});
    assert_eq!(hub.put(&path, &ada.access, nothing).await.body, before);
    let change = json!({"description": "new", "domain": "http://10.0.0.5:9000"});
    let mut expected = before;
    expected["description"] = json!("new");
    expected["domain"] = json!("http://10.0.0.5:9000");
    expected["updated_at"] = json!("2027-01-15T08:00:05.000000Z");
    assert_eq!(hub.put(&path, &ada.access, change).await.body, expected);
    expected["domain"] = Value::Null;
    let cleared = hub.put(&path, &ada.access, json!({"domain": null})).await.body;
    assert_eq!(cleared, expected);
}

#[tokio::test]
async fn ones_own_list_holds_active_memberships_of_active_organizations() {
    let hub = TestHub::start().await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let mut ids = Vec::new();
    for name in ["one", "two", "three", "four"] {
        hub.clock.advance(Duration::from_secs(1));
        ids.push(found(&hub, &ada.access, name).await);
    }
    join(&hub, ids[0], &ada.access, bob.id, "viewer").await;
    join(&hub, ids[1], &ada.access, bob.id, "member").await;
    join(&hub, ids[2], &ada.access, bob.id, "viewer").await;
    hub.delete(&format!("{ORGANIZATIONS}/{}", ids[2]), &ada.access).await;
    hub.clock.advance(Duration::from_secs(1));
    hub.put(&format!("{ORGANIZATIONS}/{}", ids[0]), &ada.access, json!({"description": "d"})).await;
    let list = |query: &'static str, token: &str| {
        let (hub, token) = (&hub, token.to_owned());
        async move {
            let body = hub.get(&format!("{ORGANIZATIONS}{query}"), &token).await.body;
            let list = body.as_array().unwrap().iter();
            list.map(|o| o["slug"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(list("", &ada.access).await, ["one", "four", "two"]);
    assert_eq!(list("?skip=1&limit=1", &ada.access).await, ["four"]);
    assert_eq!(list("", &bob.access).await, ["one", "two"]);
    assert_eq!(list("?role=viewer", &bob.access).await, ["one"]);
    assert!(list("?role=owner", &bob.access).await.is_empty());
    let wrong = hub.get(&format!("{ORGANIZATIONS}?role=OWNER"), &bob.access).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(hub.get(ORGANIZATIONS, "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_deleted_organization_is_gone_until_a_site_admin_brings_it_back() {
    let team = Team::start().await;
    let hub = &team.hub;
    let draft = json!({"name": "Notes", "type": "model", "visibility": "public"});
    let endpoint = team.publish(&team.owner.access, draft).await;
    let by_id = format!("/api/v1/endpoints/{}", endpoint["id"]);
    assert_eq!(hub.delete(&team.path(""), &team.owner.access).await.status, StatusCode::NO_CONTENT);
    for (who, token) in team.everybody() {
        assert_eq!(hub.get(&team.path(""), token).await.status, StatusCode::NOT_FOUND, "{who}");
        let members = hub.get(&team.path("/members"), token).await;
        assert_eq!(members.status, StatusCode::NOT_FOUND, "{who}");
        assert_eq!(hub.get(ORGANIZATIONS, token).await.body, json!([]), "{who}");
        for path in ["/acme", "/acme/notes"] {
            assert_eq!(hub.get(path, token).await.status, StatusCode::NOT_FOUND, "{who} {path}");
        }
        if who != "site admin" {
            assert_eq!(hub.get(&by_id, token).await.status, StatusCode::NOT_FOUND, "{who}");
        }
    }
    assert_eq!(hub.get("/api/v1/endpoints/public", "").await.body, json!([]));
    let again = json!({"is_active": true});
    let back = hub.patch(&team.path("/admin"), &team.root.access, again.clone()).await;
    assert_eq!((back.status, &back.body["is_active"]), (StatusCode::OK, &json!(true)));
    assert_eq!(hub.get("/acme/notes", "").await.status, StatusCode::OK);
    let list = hub.get("/api/v1/endpoints/public", "").await.body;
    assert_eq!(list[0]["owner_username"], "acme");
    let off = hub.patch(&team.path("/admin"), &team.root.access, json!({"is_active": false})).await;
    assert_eq!((off.status, &off.body["is_active"]), (StatusCode::OK, &json!(false)));
    let kept = hub.patch(&team.path("/admin"), &team.root.access, json!({})).await;
    assert_eq!((kept.status, &kept.body["is_active"]), (StatusCode::OK, &json!(false)));
    hub.deactivate(team.owner.id).await;
    let ownerless = hub.patch(&team.path("/admin"), &team.root.access, again).await;
    assert_eq!(ownerless.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn only_site_admins_switch_and_all_others_learn_nothing() {
    let team = Team::start().await;
    for (who, token) in team.everybody() {
        let missing = format!("{ORGANIZATIONS}/999/admin");
        for (path, admin) in [
            (team.path("/admin"), StatusCode::OK),
            (missing, StatusCode::NOT_FOUND),
            (format!("{}/admin", team.member_path(&team.member)), StatusCode::OK),
            (format!("{}/admin", team.member_path(&team.stranger)), StatusCode::NOT_FOUND),
        ] {
            let expected = if who == "site admin" { admin } else { StatusCode::FORBIDDEN };
            let answer = team.hub.patch(&path, token, json!({})).await;
            assert_eq!(answer.status, expected, "{who} {path}");
        }
    }
}

#[tokio::test]
async fn every_change_leaves_its_event() {
    let team = Team::start().await;
    let hub = &team.hub;
    hub.put(&team.path(""), &team.admin.access, json!({"description": "d"})).await;
    hub.put(&team.path(""), &team.admin.access, json!({"description": "d"})).await;
    hub.delete(&team.member_path(&team.viewer), &team.viewer.access).await;
    hub.delete(&team.path(""), &team.owner.access).await;
    let subject = format!("organization:{}", team.id);
    let read = hub.hub.db.read(move |tx| {
        Box::pin(async move {
            let rows = tx.query(EVENTS, crate::db::params![subject]).await?;
            rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
        })
    });
    let events: Result<Vec<(String, String)>, crate::db::StoreError> = read.await;
    let events = events.unwrap();
    let actions: Vec<&str> = events.iter().map(|(action, _)| action.as_str()).collect();
    let mut expected = vec!["organization.create"];
    expected.extend(["member.add"; 4]);
    expected.extend(["organization.update", "member.remove", "organization.delete"]);
    assert_eq!(actions, expected);
    assert!(events.iter().all(|(_, detail)| detail.contains("\"slug\":\"acme\"")));
}
