//! The whole way: documents on a node that nobody can connect to, published at a hub on PostgreSQL, asked by the published
//! Python clients, by the hub's aggregator, and by tenants who must not meet.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::cluster::Database;
use crate::process::{Door, HubProcess, PASSWORD, SpaceProcess};
use crate::{sdk, third_party};

const STORY: &str = "ok the endpoints are found
ok a whole answer with its source
ok a streamed answer
ok the space itself, at the address that the hub gives
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn published_clients_ask_a_space_behind_a_tunnel_through_a_hub_on_postgresql() {
    let pythons = ["SYFTHUB_TEST_SDK_PYTHON", "SYFTHUB_TEST_SDK3_PYTHON", sdk::ours::PYTHON];
    let pythons = pythons.map(third_party::path);
    let Some(database) = Database::create().await else { return };
    let home = tempfile::tempdir().expect("there is room for tests");
    let url = database.url();
    let settings = [("DATABASE_URL", &*url), ("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8")];
    let hub = HubProcess::start(home.path(), &settings).await;
    for name in ["ada", "bob"] {
        hub.register(name).await.expect("the name is free");
    }
    let space = SpaceProcess::with(home.path(), &[("SPACE_TUNNEL", "on")], &[]).await;
    connect(&space, &hub, "ada", None).await;
    furnish(&space, home.path(), None, "Permit N-4 covers night work on public roads.").await;
    for python in pythons.into_iter().flatten() {
        assert_eq!(sdk::run(&python, "space_flow.py", &[&hub.at("")]).await, STORY);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tenants_of_one_space_are_two_spaces_to_everybody_who_asks() {
    let home = tempfile::tempdir().expect("there is room for tests");
    let hub = HubProcess::start(home.path(), &[("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8")]).await;
    let files = home.path().join("files");
    let settings = [
        ("SPACE_TUNNEL", "on"),
        ("SPACE_MULTI_TENANCY", "true"),
        ("SPACE_TENANT_FILES", files.to_str().expect("the test's folder has a plain name")),
    ];
    let space = SpaceProcess::with(home.path(), &settings, &[]).await;
    for (tenant, owner, text) in [
        ("acme", "ada", "Permit N-4 covers night work for Acme."),
        ("bolt", "ben", "Permit B-9 covers night work for Bolt."),
    ] {
        hub.register(owner).await.expect("the name is free");
        space.post("tenants", &json!({"name": tenant, "display_name": tenant})).await;
        connect(&space, &hub, owner, Some(tenant)).await;
        furnish(&space, &files, Some(tenant), text).await;
    }
    let asker = hub.register("eve").await.expect("the name is free");
    let question = json!({"messages": "night work", "limit": 5, "similarity_threshold": 0.1});
    for (owner, tenant, other, own_text, other_text) in
        [("ada", "acme", "bolt", "N-4", "B-9"), ("ben", "bolt", "acme", "B-9", "N-4")]
    {
        let token = satellite(&hub, &asker, owner).await;
        let ask = async |tenant: &str| {
            let path = format!("/s/{owner}/t/{tenant}/api/v1/endpoints/notes/query");
            let answer = hub.http().post(hub.at(&path)).bearer_auth(&token).json(&question);
            let answer = answer.send().await.expect("the hub is up");
            (answer.status(), answer.text().await.expect("a body"))
        };
        let (status, text) = ask(tenant).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        assert!(text.contains(own_text) && !text.contains(other_text), "{text}");
        // The token is for another tenant's account: it counts for nothing there.
        assert_eq!(ask(other).await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(ask("nobody").await.0, StatusCode::NOT_FOUND);
    }
}

/// Connects the tenant, or the only one there is, to the hub as `owner`.
pub(crate) async fn connect(space: &SpaceProcess, hub: &Door, owner: &str, tenant: Option<&str>) {
    let account = json!({"url": hub.at(""), "username": owner, "password": PASSWORD});
    space.post_for(tenant, "marketplaces/connect", &account).await;
}

/// A folder of one document behind the published endpoint `notes`, and a model behind `words`.
pub(crate) async fn furnish(
    space: &SpaceProcess,
    folder: &std::path::Path,
    tenant: Option<&str>,
    text: &str,
) {
    let folder = folder.join(tenant.unwrap_or("documents"));
    std::fs::create_dir_all(&folder).expect("the test's folder is writable");
    std::fs::write(folder.join("night.md"), format!("# Night work\n\n{text}\n"))
        .expect("the test's folder is writable");
    let dataset = json!({
        "name": "notes", "dtype": "local_file", "configuration": {"filePaths": [{"path": folder}]},
    });
    let dataset = space.post_for(tenant, "datasets", &dataset).await;
    let model = json!({"name": "words", "dtype": "extractive", "configuration": {}});
    let model = space.post_for(tenant, "models", &model).await;
    space.until_ingested(tenant, dataset["id"].as_str().expect("an id")).await;
    for (slug, parts) in [
        ("notes", json!({"dataset_id": dataset["id"], "response_type": "raw"})),
        ("words", json!({"model_id": model["id"], "response_type": "summary"})),
    ] {
        let mut endpoint = parts;
        endpoint["name"] = slug.into();
        endpoint["slug"] = slug.into();
        space.post_for(tenant, "endpoints", &endpoint).await;
        let path = format!("endpoints/{slug}/publish");
        let published =
            space.post_for(tenant, &path, &json!({"publish_to_all_marketplaces": true})).await;
        assert_eq!(published["results"][0]["success"], true, "{published}");
    }
}

/// A satellite token of the user with the session `session`, for `owner`.
pub(crate) async fn satellite(hub: &Door, session: &str, owner: &str) -> String {
    let url = hub.at(&format!("/api/v1/token?aud={owner}"));
    let answer = hub.http().get(url).bearer_auth(session).send().await.expect("the hub is up");
    let answer: Value = answer.json().await.expect("a JSON body");
    answer["target_token"].as_str().expect("a token").to_owned()
}
