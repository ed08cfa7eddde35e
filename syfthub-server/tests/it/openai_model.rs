//! A model of type `openai` in front of somebody else's server: a LiteLLM proxy with canned answers, streamed through
//! the space and the aggregator word by word.

use serde_json::{Value, json};

use crate::litellm::{KEY, Proxy};
use crate::process::{HubProcess, PASSWORD, SpaceProcess};
use crate::third_party;

const ANSWER: &str = "The lighthouse stands on granite, says the canned model.";

#[tokio::test]
async fn an_answer_of_a_third_partys_server_is_streamed_through_space_and_aggregator() {
    let Some(litellm) = third_party::path("SYFTHUB_TEST_LITELLM") else { return };
    let home = tempfile::tempdir().unwrap();
    let canned = json!({"model": "openai/canned", "api_key": "none", "mock_response": ANSWER});
    let proxy = Proxy::start(&litellm, home.path(), "canned", &canned).await;
    let hub = HubProcess::start(home.path(), &[("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8")]).await;
    let owner = hub.register("ann").await.unwrap();
    let space = SpaceProcess::start(home.path()).await;
    publish(&space, &hub, &proxy).await;

    let listed = hub.get("/api/v1/endpoints/public", &owner).await;
    let url = &listed[0]["connect"][0]["config"]["url"];
    let token = hub.get("/api/v1/token?aud=ann", &owner).await;
    let question = json!({
        "prompt": "What does the lighthouse stand on?",
        "model": {"url": url, "slug": "canned", "name": "", "tenant_name": null, "owner_username": "ann"},
        "endpoint_tokens": {"ann": token["target_token"]},
    });

    let request = hub.http().post(hub.at("/aggregator/api/v1/chat")).json(&question);
    let complete = request.send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(complete["response"], ANSWER, "{complete}");

    let request = hub.http().post(hub.at("/aggregator/api/v1/chat/stream")).json(&question);
    let text = request.send().await.unwrap().text().await.unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let data: Vec<Value> = data.map(|json| serde_json::from_str(json).unwrap()).collect();
    let tokens: Vec<&str> = data.iter().filter_map(|event| event["content"].as_str()).collect();
    assert_eq!(tokens.concat(), ANSWER, "{text}");
    assert!(tokens.len() > 5, "it comes in pieces, as the server sends it: {tokens:?}");
    assert!(text.trim_end().lines().any(|line| line == "event: done"), "{text}");

    drop(proxy);
    let request = hub.http().post(hub.at("/aggregator/api/v1/chat")).json(&question);
    let refused = request.send().await.unwrap();
    assert_eq!(refused.status(), 400, "a model whose server is gone is a failed generation");
    let body = refused.text().await.unwrap();
    assert!(body.contains("Generation failed") && !body.contains(KEY), "{body}");
}

/// Connects the space to the hub and publishes one model of type `openai`, the proxy's.
async fn publish(space: &SpaceProcess, hub: &HubProcess, proxy: &Proxy) {
    let account = json!({"url": hub.at(""), "username": "ann", "password": PASSWORD});
    space.post("marketplaces/connect", &account).await;
    let settings =
        json!({"base_url": format!("http://{}/v1", proxy.addr), "api_key": KEY, "model": "canned"});
    let model = json!({"name": "canned", "dtype": "openai", "configuration": settings});
    let model = space.post("models", &model).await;
    let endpoint = json!({"name": "Canned", "slug": "canned", "model_id": model["id"], "response_type": "summary"});
    space.post("endpoints", &endpoint).await;
    let published =
        space.post("endpoints/canned/publish", &json!({"publish_to_all_marketplaces": true})).await;
    assert_eq!(published["results"][0]["success"], true, "{published}");
}
