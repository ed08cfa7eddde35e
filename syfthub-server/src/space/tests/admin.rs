use reqwest::Method;

use super::*;

impl Stage {
    pub(super) async fn owner(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let key = std::fs::read_to_string(self.folder.path().join("space/admin.key")).unwrap();
        let mut request =
            http().request(method, self.admin.join(path).unwrap()).bearer_auth(key.trim());
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub(super) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.owner(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
}

#[tokio::test]
async fn the_admin_api_asks_for_its_key_and_the_query_listener_has_no_admin_api() {
    let stage = Stage::set().await;
    let request = http().get(stage.admin.join("datasets/").unwrap());
    let without = request.try_clone().unwrap().send().await.unwrap();
    assert_eq!(without.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        request.bearer_auth("wrong").send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    let key = std::fs::read_to_string(stage.folder.path().join("space/admin.key")).unwrap();
    let outside = format!("http://{}/api/v1/datasets/", stage.questions.address());
    let outside = http().get(outside).bearer_auth(key.trim()).send().await.unwrap();
    assert_eq!(outside.status(), StatusCode::NOT_FOUND);
    stage.close().await;
}

#[tokio::test]
async fn a_space_is_set_up_through_its_admin_api() {
    let stage = Stage::set().await;
    let documents = stage.folder.path().join("documents");
    std::fs::create_dir(&documents).unwrap();
    std::fs::write(documents.join("a.md"), "Permit N-4 covers night work.").unwrap();
    std::fs::write(documents.join("b.pdf"), "%PDF-1.4 torn").unwrap();
    let new = json!({"name": "notes", "dtype": "local_file", "configuration": {"filePaths": [{"path": documents}]}});
    let (status, dataset) = stage.owner(Method::POST, "datasets/", Some(new.clone())).await;
    assert_eq!(status, 201, "{dataset}");
    assert_eq!(stage.owner(Method::POST, "datasets/", Some(new)).await.0, 409);
    let mut progress = stage.space.progress();
    progress.wait_for(super::super::Progress::is_ready).await.unwrap();
    let id = dataset["id"].as_str().unwrap();
    let progress_now = stage.get(&format!("ingestion/datasets/{id}/status")).await;
    assert_eq!(
        (&progress_now["total_jobs"], &progress_now["completed"], &progress_now["failed"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(progress_now["is_watching"], true);
    let failed = stage.get(&format!("ingestion/datasets/{id}/jobs?status=failed")).await;
    assert_eq!((&failed["total"], &failed["jobs"][0]["file_name"]), (&json!(1), &json!("b.pdf")));
    assert!(
        failed["jobs"][0]["error_message"].as_str().unwrap().starts_with("the PDF cannot be read")
    );
    let retried = stage.owner(Method::POST, &format!("ingestion/datasets/{id}/retry"), None).await;
    assert_eq!(retried.1["jobs_reset"], 1);

    let endpoint =
        json!({"name": "Notes", "slug": "notes", "dataset_id": id, "response_type": "raw"});
    assert_eq!(stage.owner(Method::POST, "endpoints/", Some(endpoint.clone())).await.0, 201);
    assert_eq!(stage.owner(Method::POST, "endpoints", Some(endpoint)).await.0, 409);
    let (status, asked) =
        stage.owner(Method::POST, "endpoints/notes/query", Some(question())).await;
    assert_eq!((status, asked["references"]["documents"].as_array().unwrap().len()), (200, 1));
    let published = json!({"publish_to_all_marketplaces": true});
    let (_, published) =
        stage.owner(Method::POST, "endpoints/notes/publish", Some(published)).await;
    assert_eq!(published["results"][0]["success"], true, "{published}");
    assert_eq!(stage.owner(Method::DELETE, "datasets/notes", None).await.0, 409);
    assert_eq!(stage.owner(Method::DELETE, "endpoints/notes/unpublish", None).await.0, 200);
    assert_eq!(stage.owner(Method::DELETE, "endpoints/notes", None).await.0, 200);
    assert_eq!(stage.owner(Method::DELETE, "datasets/notes/", None).await.0, 200);
    assert!(!stage.folder.path().join("space/index").join(id).exists());
    stage.close().await;
}

#[tokio::test]
async fn secrets_are_sealed_at_rest_and_masked_in_answers() {
    let stage = Stage::set().await;
    let new = json!({"name": "gpt", "dtype": "openai", "configuration": {"model": "m", "api_key": "sk-very-secret"}});
    let (status, made) = stage.owner(Method::POST, "models/", Some(new)).await;
    assert_eq!((status, &made["configuration"]["api_key"]), (201, &json!("********")));
    let told = [
        stage.get("models/").await,
        stage.get("models/gpt").await,
        stage.get("marketplaces/").await,
    ];
    let told = serde_json::to_string(&told).unwrap();
    assert!(
        !told.contains("sk-very-secret") && !told.contains(PASSWORD) && !told.contains("v1."),
        "{told}"
    );
    let folder = stage.folder.path().join("space");
    for entry in std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_file())
    {
        let bytes = std::fs::read(entry.path()).unwrap();
        let holds =
            |secret: &str| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!holds("sk-very-secret") && !holds(PASSWORD), "{}", entry.path().display());
    }
    stage.close().await;
}

#[tokio::test]
async fn types_are_listed_with_their_schema() {
    let stage = Stage::set().await;
    let types = stage.get("datasets/types/").await;
    let names: Vec<&str> =
        types.as_array().unwrap().iter().map(|kind| kind["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["chroma", "http", "local_file", "remote_weaviate"]);
    assert_eq!(
        stage.get("models/types/openai/schema").await["properties"]["api_key"]["writeOnly"],
        true
    );
    assert_eq!(stage.owner(Method::GET, "models/types/none", None).await.0, 404);
    stage.close().await;
}

#[tokio::test]
async fn mistakes_of_the_owner_are_named() {
    let stage = Stage::set().await;
    let refused = async |path: &str, body: Value, expected: u16| {
        let (status, answer) = stage.owner(Method::POST, path, Some(body)).await;
        assert_eq!(status, expected, "{answer}");
        answer["detail"].to_string()
    };
    let part = |dtype: &str, configuration: Value| json!({"name": "x", "dtype": dtype, "configuration": configuration});
    assert!(
        refused("datasets/", part("floppy", json!({})), 400)
            .await
            .contains("no dataset type floppy")
    );
    let missing = json!({"filePaths": [{"path": "/does/not/exist"}]});
    assert!(
        refused("datasets/", part("local_file", missing), 400).await.contains("/does/not/exist")
    );
    assert!(
        refused("models/", part("openai", json!({})), 400).await.contains("configuration.model")
    );
    assert!(
        refused("endpoints/", json!({"name": "x", "slug": "abc"}), 400)
            .await
            .contains("a dataset or a model")
    );
    let unknown =
        json!({"name": "x", "slug": "abc", "model_id": "01890000-0000-7000-8000-000000000000"});
    assert!(refused("endpoints/", unknown, 404).await.contains("Model not found"));
    assert!(
        refused("endpoints/", json!({"name": "x", "slug": "admin", "model_id": "1"}), 422)
            .await
            .contains("reserved")
    );
    let away = json!({"username": "ada", "password": "x", "url": "http://127.0.0.1:9"});
    refused("marketplaces/connect", away, 502).await;
    let wrong = json!({"username": "ada", "password": "wrong password", "url": stage.hub});
    refused("marketplaces/connect", wrong, 401).await;
    stage.close().await;
}

#[tokio::test]
async fn the_public_url_reaches_the_hub() {
    let stage = Stage::set().await;
    let own = stage.get("settings/public-url").await["public_url"].clone();
    assert!(own.as_str().unwrap().starts_with("http://127.0.0.1:"));
    let set = json!({"public_url": "https://space.example.org"});
    assert_eq!(stage.owner(Method::PATCH, "settings/public-url", Some(set)).await.0, 200);
    assert_eq!(stage.get("settings/public-url").await["public_url"], "https://space.example.org/");
    let bad = json!({"public_url": "space.example.org"});
    assert_eq!(stage.owner(Method::PATCH, "settings/public-url", Some(bad)).await.0, 422);
    let ada = Client::builder(stage.hub.as_str()).build().unwrap();
    let ada = ada.auth().login("ada", PASSWORD).await.unwrap();
    assert_eq!(ada.domain.as_deref(), Some("https://space.example.org"));
    stage.close().await;
}
