use super::*;

/// Every path of the hub's description that takes `GET`, its parameters filled.
async fn readable(hub: &Door) -> Vec<String> {
    let described = get(hub, "/openapi.json", "").await.body;
    let paths = described["paths"].as_object().expect("paths").iter();
    let readable = paths.filter(|(_, item)| item.get("get").is_some());
    readable
        .map(|(path, _)| {
            let filled = |part: &str| match part {
                "{id}" => "1".to_owned(),
                part if part.ends_with("_id}") => "1".to_owned(),
                part if part.starts_with('{') => "nobody".to_owned(),
                part => part.to_owned(),
            };
            path.split('/').map(filled).collect::<Vec<_>>().join("/")
        })
        .collect()
}

#[tokio::test]
async fn both_spellings_of_every_path_are_answered_alike_and_without_a_redirect() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let ada = hub.register("ada").await.unwrap();
    for path in readable(&hub).await {
        let plain = get(&hub, &path, &ada).await;
        let slashed = get(&hub, &format!("{}/", path.trim_end_matches('/')), &ada).await;
        assert_eq!(slashed.status, plain.status, "{path}");
        assert_eq!(
            slashed.headers.get("content-type"),
            plain.headers.get("content-type"),
            "{path}"
        );
        assert!(!plain.status.is_redirection(), "{path}");
    }
}

#[tokio::test]
async fn every_answer_carries_an_id_and_takes_over_a_sane_one() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let id = "x-correlation-id";
    for path in readable(&hub).await {
        assert!(get(&hub, &path, "").await.headers.contains_key(id), "{path}");
    }
    let long = "a".repeat(65);
    for (supplied, is_echoed) in [
        ("job-7:retry.2", true),
        (&long[1..], true),
        (&*long, false),
        ("a b", false),
        ("<x>", false),
    ] {
        let request = hub.http().get(hub.at("/api/v1/auth/me")).header(id, supplied);
        let echoed = answer(request).await.headers[id].to_str().unwrap() == supplied;
        assert_eq!(echoed, is_echoed, "{supplied}");
    }
    let preflight = hub
        .http()
        .request(Method::OPTIONS, hub.at("/api/v1/endpoints"))
        .header("origin", "https://app.acme.org")
        .header("access-control-request-method", "POST");
    assert!(answer(preflight).await.headers.contains_key(id));
}

#[tokio::test]
async fn the_root_says_what_this_is_and_the_docs_load_nothing_from_elsewhere() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let root = get(&hub, "/", "").await.body;
    assert!(root["message"].is_string() && root["version"].is_string() && root["docs"] == "/docs");
    assert_eq!(get(&hub, "/health", "").await.body["status"], "healthy");

    let docs = get(&hub, "/docs", "").await;
    let policy = docs.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self';") && policy.contains("connect-src 'self';"));
    assert!(!docs.text.contains("//"), "no address of another server: {}", docs.text);
    for (part, begins) in [
        ("/docs/swagger-ui.css", ".swagger-ui"),
        ("/docs/swagger-ui-bundle.js", "/*!"),
        ("/docs/start.js", "SwaggerUIBundle"),
    ] {
        assert!(docs.text.contains(part), "{part}");
        let file = get(&hub, part, "").await;
        assert_eq!(file.status, StatusCode::OK, "{part}");
        assert!(file.text.starts_with(begins), "{part}: {}", &file.text[..40.min(file.text.len())]);
    }
}
