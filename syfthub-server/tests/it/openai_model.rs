//! A model of type `openai` in front of somebody else's server: a LiteLLM proxy with canned answers, streamed through
//! the space and the aggregator word by word.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::process::{HubProcess, PASSWORD, SpaceProcess};
use crate::third_party;

const ANSWER: &str = "The lighthouse stands on granite, says the canned model.";
const KEY: &str = "sk-only-tests-know-this";

#[tokio::test]
async fn an_answer_of_a_third_partys_server_is_streamed_through_space_and_aggregator() {
    let Some(litellm) = third_party::path("SYFTHUB_TEST_LITELLM") else { return };
    let home = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(&litellm, home.path()).await;
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

/// A running LiteLLM proxy; killed when dropped.
struct Proxy {
    child: Child,
    addr: SocketAddr,
}

impl Proxy {
    async fn start(program: &Path, home: &Path) -> Self {
        let config = home.join("litellm.json"); // YAML reads JSON
        let model = json!({"model_name": "canned", "litellm_params": {"model": "openai/canned", "api_key": "none", "mock_response": ANSWER}});
        let text =
            json!({"model_list": [model], "general_settings": {"master_key": KEY}}).to_string();
        std::fs::write(&config, text).expect("the test's folder is writable");
        let free = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let addr = free.local_addr().expect("it is bound");
        drop(free);
        let child = Command::new(program)
            .arg("--config")
            .arg(&config)
            .args(["--host", "127.0.0.1", "--port", &addr.port().to_string()])
            .env("LITELLM_LOCAL_MODEL_COST_MAP", "True") // looks nothing up on the internet
            .env("LITELLM_TELEMETRY", "False")
            .env_remove("DATABASE_URL")
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(
                std::fs::File::create(home.join("litellm.log"))
                    .expect("the test's folder is writable"),
            )
            .kill_on_drop(true)
            .spawn()
            .expect("the program exists");
        let mut proxy = Self { child, addr };
        proxy.answers(home).await;
        proxy
    }

    /// Waits until it knows its model: then it is ready, and it is ours.
    async fn answers(&mut self, home: &Path) {
        let http =
            reqwest::Client::builder().no_proxy().build().expect("a client without special wishes");
        let mut pause = tokio::time::interval(Duration::from_millis(200));
        loop {
            pause.tick().await;
            let ended = self.child.try_wait().expect("it is our child");
            let log = || std::fs::read_to_string(home.join("litellm.log")).unwrap_or_default();
            assert!(ended.is_none(), "it ended: {}", log());
            let request = http.get(format!("http://{}/v1/models", self.addr)).bearer_auth(KEY);
            let Ok(answer) = request.send().await else { continue };
            if answer.text().await.is_ok_and(|text| text.contains("canned")) {
                return;
            }
        }
    }
}
