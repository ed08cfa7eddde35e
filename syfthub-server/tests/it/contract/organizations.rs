use super::*;

/// Founds an organization; its number.
async fn found(hub: &Door, token: &str, slug: &str) -> i64 {
    let body = json!({"name": slug, "slug": slug});
    let made = post(hub, "/api/v1/organizations/", token, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.body["id"].as_i64().expect("a number")
}

async fn take_in(hub: &Door, token: &str, organization: i64, user: i64, role: &str) -> StatusCode {
    let path = format!("/api/v1/organizations/{organization}/members");
    post(hub, &path, token, json!({"user_id": user, "role": role})).await.status
}

#[tokio::test]
async fn an_endpoint_made_with_organization_id_is_the_organizations_and_in_no_own_list() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let ada = hub.register("ada").await.unwrap();
    let acme = found(&hub, &ada, "acme").await;
    for (slug, path, body) in [
        ("by-body", "/api/v1/endpoints".to_owned(), json!(acme)),
        ("by-query", format!("/api/v1/endpoints?organization_id={acme}"), json!(0)),
    ] {
        let draft = json!({"name": slug, "slug": slug, "type": "model", "organization_id": body});
        let made = post(&hub, &path, &ada, draft).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        assert_eq!(
            (&made.body["organization_id"], &made.body["user_id"]),
            (&json!(acme), &Value::Null)
        );
        assert_eq!(get(&hub, &format!("/acme/{slug}"), "").await.body["owner_username"], "acme");
    }
    publish(&hub, &ada, json!({"name": "Mine", "type": "model"})).await;
    let own = get(&hub, "/api/v1/endpoints?limit=100", &ada).await.body;
    assert_eq!(slugs(&own), ["mine"]);
    assert!(own[0]["user_id"].is_i64());
    let listed = get(&hub, "/api/v1/endpoints/public?limit=100", "").await.body;
    assert_eq!(slugs(&listed).len(), 3, "what an organization publishes is listed too");
}

#[tokio::test]
async fn everybody_sees_what_the_visibility_says_on_every_surface() {
    let home = tempfile::tempdir().unwrap();
    let hub = with_admin(home.path(), &[]).await;
    let (ada, bob, eve) = (
        hub.register("ada").await.unwrap(),
        hub.register("bob").await.unwrap(),
        hub.register("eve").await.unwrap(),
    );
    let admin = admin(&hub).await;
    let acme = found(&hub, &ada, "acme").await;
    assert_eq!(
        take_in(&hub, &ada, acme, number(&hub, &bob).await, "member").await,
        StatusCode::CREATED
    );
    // Who sees what of ada's and of her organization's, where bob is a member; 401 makes a client renew its token.
    let callers = [
        ("", [200, 404, 404], [200, 404, 404]),
        ("expired", [200, 401, 401], [200, 401, 401]),
        (&*eve, [200, 200, 404], [200, 200, 404]),
        (&*bob, [200, 200, 404], [200, 200, 200]),
        (&*ada, [200, 200, 200], [200, 200, 200]),
        (&*admin, [200, 200, 200], [200, 200, 200]),
    ];
    for (n, visibility) in ["public", "internal", "private"].into_iter().enumerate() {
        let own = publish(&hub, &ada, seen_by(visibility)).await;
        let path = format!("/api/v1/endpoints?organization_id={acme}");
        let shared = post(&hub, &path, &ada, seen_by(visibility)).await.body;
        for (token, of_user, of_organization) in callers {
            for (endpoint, owner, expected) in
                [(&own, "ada", of_user[n]), (&shared, "acme", of_organization[n])]
            {
                let path = format!("/{owner}/{visibility}");
                assert_eq!(get(&hub, &path, token).await.status, expected, "{path} for {token}");
                let listed =
                    slugs(&get(&hub, &format!("/{owner}"), token).await.body).contains(&visibility);
                assert_eq!(listed, expected == 200, "{visibility} in /{owner} for {token}");
                let path = format!("/api/v1/endpoints/{}", endpoint["id"]);
                let by_number = if token.len() < 10 { 401 } else { expected };
                assert_eq!(get(&hub, &path, token).await.status, by_number, "{path} for {token}");
            }
        }
        let listed = get(&hub, "/api/v1/endpoints/public?limit=100", &ada).await.body;
        assert_eq!(slugs(&listed).contains(&visibility), visibility == "public");
    }
}

#[tokio::test]
async fn admins_make_no_owners_and_the_last_owner_leaves_by_no_route() {
    let home = tempfile::tempdir().unwrap();
    let hub = with_admin(home.path(), &[]).await;
    let (ada, bob, eve) = (
        hub.register("ada").await.unwrap(),
        hub.register("bob").await.unwrap(),
        hub.register("eve").await.unwrap(),
    );
    let admin = admin(&hub).await;
    let (a, b, e) = (number(&hub, &ada).await, number(&hub, &bob).await, number(&hub, &eve).await);
    let acme = found(&hub, &ada, "acme").await;
    let member = |user: i64| format!("/api/v1/organizations/{acme}/members/{user}");
    assert_eq!(take_in(&hub, &ada, acme, b, "admin").await, StatusCode::CREATED);

    assert_eq!(take_in(&hub, &bob, acme, e, "owner").await, StatusCode::FORBIDDEN);
    let up = put(&hub, &member(b), &bob, json!({"role": "owner"})).await;
    assert_eq!(up.status, StatusCode::FORBIDDEN);
    let down = put(&hub, &member(a), &bob, json!({"role": "member"})).await;
    assert_eq!(down.status, StatusCode::FORBIDDEN);
    assert_eq!(delete(&hub, &member(a), &bob).await.status, StatusCode::FORBIDDEN);

    let off = json!({"is_active": false});
    let ways = [
        put(&hub, &member(a), &ada, json!({"role": "member"})).await,
        delete(&hub, &member(a), &ada).await,
        delete(&hub, &member(a), &admin).await,
        patch(&hub, &format!("{}/admin", member(a)), &admin, off.clone()).await,
        patch(&hub, &format!("/api/v1/users/{a}/deactivate"), &admin, Value::Null).await,
        delete(&hub, &format!("/api/v1/users/{a}"), &admin).await,
        delete(&hub, &format!("/api/v1/users/{a}"), &ada).await,
        put(&hub, "/api/v1/users/me", &ada, off).await,
    ];
    for (n, way) in ways.iter().enumerate() {
        assert_eq!(way.status, StatusCode::BAD_REQUEST, "way {n}: {}", way.text);
    }
    assert_eq!(get(&hub, "/api/v1/auth/me", &ada).await.status, StatusCode::OK);
    let role = get(&hub, &format!("/api/v1/organizations/{acme}/members?role=owner"), &ada).await;
    assert_eq!(role.body[0]["user_id"], json!(a));
}
