//! Datasets of type `chroma` over a real Chroma server that somebody else runs.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::node::{Node, canonical};
use crate::{embedder, third_party};

/// A running Chroma server; killed when dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    async fn start(program: &Path, home: &Path, port: Option<u16>) -> Self {
        let free = TcpListener::bind(("127.0.0.1", port.unwrap_or(0))).expect("the port is free");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let child = Command::new(program)
            .args(["run", "--host", "127.0.0.1", "--port", &port.to_string(), "--path"])
            .arg(home.join("vectors"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("the program exists");
        let url = format!("http://127.0.0.1:{port}");
        let http =
            reqwest::Client::builder().no_proxy().build().expect("a client without special wishes");
        let mut pause = tokio::time::interval(Duration::from_millis(50));
        while http.get(format!("{url}/api/v2/heartbeat")).send().await.is_err() {
            pause.tick().await;
        }
        Self { child, url }
    }
}

fn question(text: &str) -> Value {
    json!({"messages": text, "similarity_threshold": 0.0, "limit": 10})
}

fn texts(found: &[Value]) -> Vec<&str> {
    found.iter().filter_map(|one| one["content"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_reach_chroma_and_leave_it_and_no_two_datasets_mix() {
    let Some(program) = third_party::path("SYFTHUB_TEST_CHROMA") else { return };
    let folder = tempfile::tempdir().unwrap();
    let home = canonical(&folder);
    let server = Server::start(&program, &home, None).await;
    let embedder = embedder::start().await;
    let node = Node::start(&home, &[]).await;
    let mut datasets = Vec::new();
    for (name, text) in [
        ("north", "The northern lighthouse stands on granite."),
        ("south", "The southern harbour freezes in winter."),
    ] {
        let documents = home.join(name);
        std::fs::create_dir(&documents).unwrap();
        std::fs::write(documents.join("a.md"), text).unwrap();
        let configuration = json!({
            "filePaths": [documents], "collectionName": "the_same", "mode": "remote", "url": server.url,
            "embedding": {"provider": "openai", "model": "words", "base_url": embedder},
        });
        let dataset = node.add_dataset(name, "chroma", configuration).await;
        let status = format!("ingestion/datasets/{}/status", dataset["id"].as_str().unwrap());
        node.until(&status, |told| told["completed"] == 1).await;
        datasets.push(status);
    }
    let lighthouse = question("lighthouse granite");
    assert_eq!(
        texts(&node.search("north", &lighthouse).await),
        ["The northern lighthouse stands on granite."]
    );
    assert_eq!(
        texts(&node.search("south", &lighthouse).await),
        ["The southern harbour freezes in winter."]
    );

    // A changed file leaves nothing of its old text, whatever its length was.
    let long: String = "A section that tells of granite.\n\n".repeat(200);
    std::fs::write(home.join("north/a.md"), long).unwrap();
    std::fs::write(home.join("north/b.txt"), "Fog horns are heard from afar.").unwrap();
    node.until(&datasets[0], |told| told["completed"] == 2 && told["pending"] == 0).await;
    let found =
        wait_for(&node, &lighthouse, |found| !texts(found).concat().contains("lighthouse stands"))
            .await;
    assert!(found.len() > 1, "the long file has several passages");
    let hit = found
        .iter()
        .find(|one| one["metadata"]["chunk_index"] == 1)
        .expect("the second passage is found");
    assert_eq!(hit["metadata"]["file_name"], "a.md");
    let mut only = question("granite fog horns");
    only["filters"] = json!({"type": "group", "op": "and", "operands": [
        {"type": "condition", "property": "file_type", "op": "eq", "value": "txt"},
        {"type": "condition", "property": "file_path", "op": "like", "value": "b*"},
    ]});
    assert_eq!(texts(&node.search("north", &only).await), ["Fog horns are heard from afar."]);
    std::fs::write(home.join("north/a.md"), "Short again: the northern lighthouse.").unwrap();
    let short = wait_for(&node, &lighthouse, |found| found.len() == 2).await;
    assert!(texts(&short).contains(&"Short again: the northern lighthouse."));
    std::fs::remove_file(home.join("north/a.md")).unwrap();
    let left = wait_for(&node, &lighthouse, |found| found.len() == 1).await;
    assert_eq!(texts(&left), ["Fog horns are heard from afar."]);
    node.stop().await;
}

async fn wait_for(node: &Node, question: &Value, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    let mut pause = tokio::time::interval(Duration::from_millis(50));
    loop {
        pause.tick().await;
        let found = node.search("north", question).await;
        if is_so(&found) {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "it stays at {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chroma_server_that_is_away_is_waited_for_and_its_lost_vectors_are_made_again() {
    let Some(program) = third_party::path("SYFTHUB_TEST_CHROMA") else { return };
    let folder = tempfile::tempdir().unwrap();
    let home = canonical(&folder);
    let mut server = Server::start(&program, &home, None).await;
    let port = server.url.rsplit(':').next().and_then(|port| port.parse().ok());
    let node = Node::start(&home, &[]).await;
    let documents = home.join("north");
    std::fs::create_dir(&documents).unwrap();
    std::fs::write(documents.join("a.md"), "The northern lighthouse stands on granite.").unwrap();
    let configuration = json!({
        "filePaths": [documents], "mode": "remote", "url": server.url,
        "embedding": {"provider": "openai", "model": "words", "base_url": embedder::start().await},
    });
    let dataset = node.add_dataset("north", "chroma", configuration).await;
    let status = format!("ingestion/datasets/{}/status", dataset["id"].as_str().unwrap());
    node.until(&status, |told| told["completed"] == 1).await;

    server.child.kill().await.unwrap();
    let (status_code, told) = node
        .ask(Method::POST, "endpoints/north/query", Some(&question("lighthouse granite")))
        .await;
    assert_eq!(status_code, 503, "{told}");
    node.until("datasets/north/health", |told| told["dataset_type_status"] == "unhealthy").await;
    std::fs::write(home.join("north/b.md"), "Fog horns are heard from afar.").unwrap();
    std::fs::remove_dir_all(home.join("vectors")).unwrap();

    let server = Server::start(&program, &home, port).await;
    node.until(&status, |told| told["completed"] == 2).await;
    let found = wait_for_whole(&node).await;
    assert_eq!(found.len(), 2, "the new file, and the old one anew: {found:?}");
    drop(server);
    node.stop().await;
}

async fn wait_for_whole(node: &Node) -> Vec<Value> {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    let mut pause = tokio::time::interval(Duration::from_millis(50));
    loop {
        pause.tick().await;
        let (code, answer) = node
            .ask(Method::POST, "endpoints/north/query", Some(&question("lighthouse granite")))
            .await;
        let found = answer["references"]["documents"].as_array().cloned().unwrap_or_default();
        if code == 200 && found.len() == 2 {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "it stays at {code}: {answer}");
    }
}
