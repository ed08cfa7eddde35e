//! What organizations own together.

use http::StatusCode;
use serde_json::{Value, json};

use super::{Team, found};

const OK: StatusCode = StatusCode::OK;
const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;

fn by_id(endpoint: &Value) -> String {
    format!("/api/v1/endpoints/{}", endpoint["id"])
}

fn seen_by(visibility: &str) -> Value {
    json!({"name": visibility, "type": "model", "visibility": visibility})
}

#[tokio::test]
async fn members_publish_and_viewers_strangers_and_site_admins_do_not() {
    let team = Team::start().await;
    for (who, token) in team.everybody() {
        let granted = ["member", "manager", "admin", "owner"].contains(&who);
        let expected = if granted { StatusCode::CREATED } else { StatusCode::FORBIDDEN };
        let mut body = json!({"name": who, "type": "model", "organization_id": 999});
        let path = format!("/api/v1/endpoints?organization_id={}", team.id);
        let by_query = team.hub.post(&path, token, body.clone()).await;
        assert_eq!(by_query.status, expected, "{who}: the query wins over the body");
        body["organization_id"] = json!(team.id);
        let by_body = team.hub.post("/api/v1/endpoints", token, body.clone()).await;
        assert_eq!(by_body.status, expected, "{who}");
        body["organization_id"] = json!(999);
        let unknown = team.hub.post("/api/v1/endpoints", token, body).await;
        assert_eq!(unknown.status, StatusCode::FORBIDDEN, "{who}");
    }
}

#[tokio::test]
async fn an_endpoint_of_an_organization_is_owned_by_it_and_by_nobody_else() {
    let team = Team::start().await;
    let hub = &team.hub;
    let created = team.publish(&team.member.access, seen_by("public")).await;
    assert_eq!(
        [
            &created["user_id"],
            &created["organization_id"],
            &created["owner_username"],
            &created["contributors"]
        ],
        [&Value::Null, &json!(team.id), &json!("acme"), &json!([team.member.id])]
    );
    assert_eq!(hub.get("/api/v1/endpoints", &team.member.access).await.body, json!([]));
    let exists = hub.get("/api/v1/endpoints/public/exists", &team.member.access).await;
    assert_eq!(exists.body, json!(false));
    let own = "/api/v1/endpoints/slug/public";
    assert_eq!(hub.delete(own, &team.owner.access).await.status, NOT_FOUND);
    let listed = hub.get("/api/v1/endpoints/public", "").await.body;
    assert_eq!(
        (&listed[0]["owner_username"], &listed[0]["slug"]),
        (&json!("acme"), &json!("public"))
    );
    let changed = json!({"contributors": [team.viewer.id, 999]});
    let changed = hub.patch(&by_id(&created), &team.manager.access, changed).await.body;
    assert_eq!(changed["contributors"], json!([team.viewer.id, team.manager.id]));
}

#[tokio::test]
async fn every_role_sees_and_changes_what_the_table_says() {
    let team = Team::start().await;
    let hub = &team.hub;
    for visibility in ["public", "internal", "private"] {
        let endpoint = team.publish(&team.owner.access, seen_by(visibility)).await;
        let (id, path) = (by_id(&endpoint), format!("/ACME/{visibility}"));
        let anonymous = if visibility == "public" { OK } else { NOT_FOUND };
        assert_eq!(hub.get(&path, "").await.status, anonymous, "{visibility}");
        let expired = if visibility == "public" { OK } else { StatusCode::UNAUTHORIZED };
        assert_eq!(hub.get(&path, "expired").await.status, expired, "{visibility}");
        for (who, token) in team.everybody() {
            let inside = who != "stranger";
            let read = if inside || visibility != "private" { OK } else { NOT_FOUND };
            let write = match who {
                "manager" | "admin" | "owner" | "site admin" => OK,
                "stranger" if visibility == "private" => NOT_FOUND,
                _ => StatusCode::FORBIDDEN,
            };
            let label = format!("{who} {visibility}");
            let shown = hub.get(&id, token).await;
            assert_eq!(shown.status, read, "{label}");
            let whole = shown.body["contributors"] == json!([team.owner.id]);
            assert!(read != OK || whole == inside, "{label}: {:?}", shown.body);
            let at = hub.get(&path, token).await;
            assert_eq!(at.status, read, "{label}");
            assert_eq!(at.body.get("contributors").is_some(), inside, "{label}: whole for members");
            let change = hub.patch(&id, token, json!({"description": who})).await;
            assert_eq!(change.status, write, "{label}");
            if write != OK {
                assert_eq!(hub.delete(&id, token).await.status, write, "{label}");
            }
        }
    }
    for (who, token) in team.everybody() {
        let seen = hub.get("/acme", token).await.body;
        let expected = if who == "stranger" { 2 } else { 3 };
        assert_eq!(seen.as_array().unwrap().len(), expected, "{who}");
    }
    assert_eq!(hub.get("/acme", "").await.body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_switched_off_is_there_for_members_only() {
    let team = Team::start().await;
    let hub = &team.hub;
    let endpoint = team.publish(&team.owner.access, seen_by("public")).await;
    let off = "UPDATE endpoints SET is_down = TRUE WHERE id = $1";
    hub.force(off, endpoint["id"].as_i64().unwrap()).await;
    for (who, token) in team.everybody() {
        let expected = if who == "stranger" { NOT_FOUND } else { OK };
        assert_eq!(hub.get(&by_id(&endpoint), token).await.status, expected, "{who}");
        assert_eq!(hub.get("/acme/public", token).await.status, expected, "{who}");
    }
}

#[tokio::test]
async fn slugs_are_unique_per_owner_and_reserved_names_count_up() {
    let team = Team::start().await;
    let hub = &team.hub;
    let draft = json!({"name": "API", "type": "model"});
    for slug in ["api-1", "api-2"] {
        assert_eq!(team.publish(&team.owner.access, draft.clone()).await["slug"], slug);
    }
    assert_eq!(hub.publish(&team.owner.access, draft).await["slug"], "api-1");
    let nameless = team.publish(&team.owner.access, json!({"name": "日本", "type": "model"})).await;
    assert!(nameless["slug"].as_str().unwrap().starts_with("endpoint-"));
    let explicit = json!({"name": "n", "type": "model", "slug": "api-1"});
    let path = format!("/api/v1/endpoints?organization_id={}", team.id);
    let taken = hub.post(&path, &team.owner.access, explicit.clone()).await;
    assert_eq!(taken.status, StatusCode::BAD_REQUEST);
    let other = found(hub, &team.owner.access, "Other").await;
    let path = format!("/api/v1/endpoints?organization_id={other}");
    assert_eq!(hub.post(&path, &team.owner.access, explicit).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn connections_lie_on_the_organizations_domain_and_follow_it() {
    let team = Team::start().await;
    let hub = &team.hub;
    let draft = |url: &str| json!({"name": "Notes", "type": "model", "connect": [{"type": "http", "config": {"url": url}}]});
    let path = format!("/api/v1/endpoints?organization_id={}", team.id);
    let owner = &team.owner.access;
    hub.put("/api/v1/users/me", owner, json!({"domain": "mine.acme.org"})).await;
    let refused = hub.post(&path, owner, draft("https://mine.acme.org/v1")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    hub.put(&team.path(""), owner, json!({"domain": "https://node.acme.org"})).await;
    let created = team.publish(owner, draft("https://node.acme.org/v1")).await;
    assert_eq!(created["connect"][0]["config"]["url"], "https://node.acme.org/v1");
    let listed = || async {
        let list = hub.get("/api/v1/endpoints/public", "").await.body;
        list[0]["connect"][0]["config"]["url"].as_str().unwrap().to_owned()
    };
    assert_eq!(listed().await, "https://node.acme.org/v1");
    hub.put(&team.path(""), owner, json!({"domain": "http://10.0.0.5:9000"})).await;
    assert_eq!(listed().await, "http://10.0.0.5:9000/v1");
    let at = hub.get("/acme/notes", "").await.body;
    assert_eq!(at["connect"][0]["config"]["url"], "http://10.0.0.5:9000/v1");
}
