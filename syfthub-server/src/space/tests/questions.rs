use super::super::{Actor, TenantId};
use super::*;

#[tokio::test]
async fn a_dataset_answers_with_whole_passages_in_both_shapes() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let answer = stage.ask("permits", question()).await;
    assert!(answer["summary"].is_null() && answer.get("message").is_none());
    let found = &answer["references"]["documents"][0];
    assert!(
        found["content"]
            .as_str()
            .unwrap()
            .contains("Permit N-4 covers night work on public roads.")
    );
    assert!(found["similarity_score"].as_f64().unwrap() >= 0.5);
    let document = found["document_id"].as_str().unwrap().strip_suffix("_0");
    let metadata = json!({
        "title": "Night work", "file_path": "rules/night.md", "file_name": "night.md", "headings": "Night work",
        "chunk_index": 0, "file_type": "md", "file_size": 84, "doc_id": document,
    });
    assert_eq!(found["metadata"], metadata);
    assert_eq!(answer["references"]["provider_info"]["search_engine"], "local_file");
    let legacy = &answer["documents"][0];
    assert_eq!(
        (&legacy["content"], &legacy["score"]),
        (&found["content"], &found["similarity_score"])
    );
    let mut bare = question();
    bare["include_metadata"] = false.into();
    assert_eq!(
        stage.ask("permits", bare).await["references"]["documents"][0]["metadata"],
        json!({})
    );
    stage.close().await;
}

#[tokio::test]
async fn an_endpoint_over_both_answers_with_citations() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let answer = stage.ask("permit-desk", question()).await;
    let text = answer["summary"]["message"]["content"].as_str().unwrap();
    assert!(text.starts_with("Permit N-4 covers night work on public roads. [cite:1]"), "{text}");
    assert_eq!(answer["message"], json!({"role": "assistant", "content": text}));
    assert_eq!(answer["summary"]["finish_reason"], "stop");
    assert!(answer["summary"]["usage"]["total_tokens"].as_i64().unwrap() > 10);
    assert!(!answer["references"]["documents"].as_array().unwrap().is_empty());
    stage.close().await;
}

#[tokio::test]
async fn a_model_reads_the_aggregators_prompt_and_sends_no_documents() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let prompt = "<documents>\n<document index=\"1\"><content>\nThe sky is blue because of scattering.\n</content></document>\n\
                  </documents>\n---\nUSER QUESTION:\nWhy is the sky blue?\n---";
    let messages =
        json!([{"role": "system", "content": "Cite."}, {"role": "user", "content": prompt}]);
    let body = json!({"messages": messages, "max_tokens": 1024, "temperature": 0.2, "stop_sequences": [], "stream": false});
    let answer = stage.ask("words", body).await;
    assert_eq!(
        answer["summary"]["message"]["content"],
        "The sky is blue because of scattering. [cite:1]"
    );
    assert!(answer["references"].is_null());
    stage.close().await;
}

#[tokio::test]
async fn the_streamed_text_is_the_whole_text() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let mut body = question();
    body["messages"] = "Which permit covers night work and what is the fee?".into();
    body["similarity_threshold"] = 0.3.into();
    let whole = stage.ask("permit-desk", body.clone()).await;
    body["stream"] = true.into();
    let response = stage.ask_with(&stage.token().await, "permit-desk", &body).await;
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("text/event-stream"), "{kind}");
    let frames = response.text().await.unwrap();
    let frames: Vec<&str> = frames.lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    assert_eq!(frames.last(), Some(&"[DONE]"));
    let frames: Vec<Value> = frames[..frames.len() - 1]
        .iter()
        .map(|frame| serde_json::from_str(frame).unwrap())
        .collect();
    let texts: Vec<&str> = frames.iter().filter_map(|frame| frame["content"].as_str()).collect();
    assert!(texts.len() > 1, "one frame per sentence: {texts:?}");
    assert_eq!(texts.concat(), whole["summary"]["message"]["content"].as_str().unwrap());
    assert!(frames.iter().all(|frame| frame["content"] == frame["choices"][0]["delta"]["content"]));
    let last = frames.last().unwrap();
    assert_eq!(last["done"], true);
    assert_eq!(last["references"]["documents"], whole["references"]["documents"]);
    assert_eq!(last["usage"], whole["summary"]["usage"]);
    assert!(last["summary"]["message"].get("content").is_none() && last.get("content").is_none());
    stage.close().await;
}

#[tokio::test]
async fn what_is_unknown_unpublished_or_malformed_is_refused_in_that_order() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let model = stage.space.find_model(TenantId::ROOT, "words").await.unwrap().unwrap();
    let hidden = NewEndpoint {
        model_id: Some(model.id),
        ..NewEndpoint::new("Hidden", "hidden".parse().unwrap())
    };
    stage.space.new_endpoint(&Actor::program(), hidden).await.unwrap();
    let token = stage.token().await;
    let status =
        async |slug: &str, body: Value| stage.ask_with(&token, slug, &body).await.status().as_u16();
    assert_eq!(status("no-such-thing", question()).await, 404);
    assert_eq!(status("hidden", question()).await, 403);
    assert_eq!(status("permits", json!({})).await, 422);
    assert_eq!(status("permits", json!({"messages": "x", "limit": 0})).await, 422);
    assert_eq!(status("permits", json!({"messages": [{"role": "user"}]})).await, 422);
    assert_eq!(status("permits", json!({"messages": ""})).await, 200);
    stage.close().await;
}

#[tokio::test]
async fn a_store_that_is_away_is_no_empty_answer() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.space.open_datasets().clear();
    let response = stage.ask_with(&stage.token().await, "permits", &question()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    stage.close().await;
}

#[tokio::test]
async fn a_published_entry_leads_callers_to_the_space() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let again = stage.space.publish(&Actor::program(), "permits").await.unwrap();
    assert!(again[0].success, "{again:?}");
    let path = "ada/permits".parse().unwrap();
    let entry = stage.bob.endpoints().get_path(&path).await.unwrap().expect("the entry is listed");
    let expected = format!("http://{}", stage.questions.address());
    assert_eq!(entry.connect[0].config["url"].as_str().unwrap().trim_end_matches('/'), expected);
    assert_eq!(entry.description, "About permits");
    let probe = http().get(format!("{expected}/")).send().await.unwrap();
    assert_eq!(probe.status(), StatusCode::OK);
    let removed = stage.space.unpublish(&Actor::program(), "permits").await.unwrap();
    assert!(removed[0].success, "{removed:?}");
    assert!(stage.bob.endpoints().get_path(&path).await.unwrap().is_none());
    assert!(!stage.space.own_endpoint(TenantId::ROOT, "permits").await.unwrap().published);
    stage.close().await;
}

#[tokio::test]
async fn a_restarted_space_knows_everything() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.shutdown.cancel();
    let Stage { questions, folder, clock, .. } = stage;
    questions.stopped().await;
    let shutdown = CancellationToken::new();
    let (space, questions, _) = Stage::space(&folder, clock, &shutdown, |_| {}).await;
    let mut progress = space.progress();
    progress.wait_for(super::super::Progress::is_ready).await.unwrap();
    assert_eq!(space.marketplaces(TenantId::ROOT).await.unwrap()[0].username, "ada");
    assert_eq!(space.endpoints(&Actor::program()).await.unwrap().len(), 3);
    let again = space
        .add_folder_dataset(&Actor::program(), "permits", &folder.path().join("documents"))
        .await
        .unwrap();
    assert_eq!(space.find_dataset(TenantId::ROOT, "permits").await.unwrap().unwrap().id, again.id);
    let elsewhere = space.add_folder_dataset(&Actor::program(), "permits", folder.path()).await;
    assert!(matches!(elsewhere, Err(super::super::SpaceError::Conflict(_))));
    shutdown.cancel();
    questions.stopped().await;
}
