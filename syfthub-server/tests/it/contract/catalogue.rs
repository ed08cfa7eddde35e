use super::*;

#[tokio::test]
async fn a_taken_slug_is_400_and_a_removed_one_free_at_once() {
    let home = tempfile::tempdir().unwrap();
    let hub = with_admin(home.path(), &[]).await;
    let ada = hub.register("ada").await.unwrap();
    let draft = json!({"name": "Notes", "slug": "notes", "type": "model"});
    let made = publish(&hub, &ada, draft.clone()).await;
    let taken = post(&hub, "/api/v1/endpoints", &ada, draft.clone()).await;
    assert_eq!(taken.status, StatusCode::BAD_REQUEST, "{}", taken.text);
    assert!(taken.body["detail"].is_string());

    // As a space publishes again what an administrator or its health has switched off.
    let admin = admin(&hub).await;
    let path = format!("/api/v1/endpoints/{}/admin", made["id"]);
    let off = patch(&hub, &path, &admin, json!({"is_active": false})).await;
    assert_eq!((off.status, &off.body["is_active"]), (StatusCode::OK, &json!(false)));
    let taken = post(&hub, "/api/v1/endpoints", &ada, draft.clone()).await;
    assert_eq!(taken.status, StatusCode::BAD_REQUEST);
    let mut whole = draft.clone();
    whole["description"] = "again".into();
    let patched = patch(&hub, "/api/v1/endpoints/slug/NOTES", &ada, whole).await;
    assert_eq!((patched.status, &patched.body["description"]), (StatusCode::OK, &json!("again")));

    let gone = delete(&hub, "/api/v1/endpoints/slug/notes", &ada).await;
    assert_eq!((gone.status, gone.text.as_str()), (StatusCode::NO_CONTENT, ""));
    publish(&hub, &ada, draft).await;
}

#[tokio::test]
async fn exists_answers_a_bare_truth_value() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let ada = hub.register("ada").await.unwrap();
    publish(&hub, &ada, json!({"name": "Notes", "type": "model"})).await;
    assert_eq!(get(&hub, "/api/v1/endpoints/Notes/exists", &ada).await.text, "true");
    assert_eq!(get(&hub, "/api/v1/endpoints/missing/exists", &ada).await.text, "false");
}

#[tokio::test]
async fn tags_come_back_from_create_patch_and_sync() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let ada = hub.register("ada").await.unwrap();
    let draft =
        |tags: Value| json!({"name": "Notes", "slug": "notes", "type": "model", "tags": tags});
    let made = publish(&hub, &ada, draft(json!([" RAG", "rag", "", "llm"]))).await;
    assert_eq!(made["tags"], json!(["rag", "llm"]));
    let tags = json!({"tags": ["b", "a"]});
    let patched = patch(&hub, "/api/v1/endpoints/slug/notes", &ada, tags).await;
    assert_eq!(patched.body["tags"], json!(["b", "a"]));
    let sync = json!({"endpoints": [draft(json!(["c"]))]});
    let synced = post(&hub, "/api/v1/endpoints/sync", &ada, sync).await;
    assert_eq!(synced.body["endpoints"][0]["tags"], json!(["c"]));
    assert_eq!(get(&hub, "/ada/notes", "").await.body["tags"], json!(["c"]));
}

#[tokio::test]
async fn a_catalogue_is_replaced_whole_or_not_at_all() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let ada = hub.register("ada").await.unwrap();
    let item = |n: usize| json!({"name": format!("Number {n}"), "slug": format!("number-{n}"), "type": "model"});
    let path = "/api/v1/endpoints/sync";
    let kept = publish(&hub, &ada, item(1)).await;
    post(&hub, &format!("/api/v1/endpoints/{}/star", kept["id"]), &ada, Value::Null).await;

    let absent = post(&hub, path, &ada, json!({})).await;
    assert_eq!(absent.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", absent.text);
    let twice = post(&hub, path, &ada, json!({"endpoints": [item(1), item(2), item(2)]})).await;
    let detail = &twice.body["detail"];
    assert_eq!(
        (twice.status, &detail["code"]),
        (StatusCode::BAD_REQUEST, &json!("VALIDATION_ERROR"))
    );
    assert_eq!(
        (&detail["errors"][0]["index"], &detail["errors"][0]["field"]),
        (&json!(2), &json!("slug"))
    );
    assert_eq!(slugs(&get(&hub, "/api/v1/endpoints", &ada).await.body), ["number-1"]);

    let all: Vec<Value> = (1..=101).map(item).collect();
    let synced = post(&hub, path, &ada, json!({"endpoints": all})).await;
    assert_eq!((synced.status, &synced.body["synced"]), (StatusCode::OK, &json!(101)));
    let first = &synced.body["endpoints"][0];
    assert_eq!((&first["id"], &first["stars_count"]), (&kept["id"], &json!(1)));
    assert_eq!(first["created_at"], kept["created_at"]);

    let wiped = post(&hub, path, &ada, json!({"endpoints": []})).await;
    assert_eq!((&wiped.body["synced"], &wiped.body["deleted"]), (&json!(0), &json!(101)));
    assert_eq!(get(&hub, "/api/v1/endpoints", &ada).await.body, json!([]));
}

#[tokio::test]
async fn pages_of_a_hundred_are_stable_while_stars_and_health_change() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let ada = hub.register("ada").await.unwrap();
    let items: Vec<Value> = (0..250)
        .map(|n| json!({"name": format!("Number {n}"), "type": "model", "connect": [{"type": "http"}]}))
        .collect();
    let made = post(&hub, "/api/v1/endpoints/sync", &ada, json!({"endpoints": items})).await.body;
    let made = made["endpoints"].as_array().expect("a list").clone();
    let mut seen = Vec::new();
    for page in 0..3 {
        let path = format!("/api/v1/endpoints/public?limit=100&skip={}", page * 100);
        let list = get(&hub, &path, "").await.body;
        seen.extend(slugs(&list).into_iter().map(str::to_owned));
        for endpoint in made.iter().skip(page).step_by(17) {
            let path = format!("/api/v1/endpoints/{}/star", endpoint["id"]);
            assert_eq!(post(&hub, &path, &ada, Value::Null).await.status, StatusCode::CREATED);
        }
        let reports: Vec<Value> = made
            .iter()
            .skip(page)
            .step_by(13)
            .map(|each| json!({"slug": each["slug"], "status": "healthy", "checked_at": "2026-01-01T00:00:00Z"}))
            .collect();
        let report = json!({"endpoints": reports, "url": "https://node.acme.org"});
        let told = post(&hub, "/api/v1/endpoints/health", &ada, report).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    }
    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!((seen.len(), unique.len()), (250, 250), "none twice and none left out");
}
