//! Search by meaning in the embedded index, with embedders that people run: a LiteLLM proxy, and a model in a directory.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::path::Path;

use serde_json::{Value, json};

use crate::litellm::{KEY, Proxy};
use crate::node::{Node, canonical};
use crate::{embedder, third_party};

const DOCUMENTS: [(&str, &str); 3] = [
    ("refund.md", "Customers may have their money back within two weeks."),
    ("bridge.md", "The bridge was built of granite in 1831."),
    ("dog.md", "Every dog older than three months has to be registered."),
];

fn write(home: &Path) -> std::path::PathBuf {
    let documents = home.join("documents");
    std::fs::create_dir(&documents).expect("the test's folder is writable");
    for (name, text) in DOCUMENTS {
        std::fs::write(documents.join(name), text).expect("the test's folder is writable");
    }
    documents
}

/// The names of the files that are found, best first.
async fn found(node: &Node, question: &str, threshold: f64) -> Vec<String> {
    let question = json!({"messages": question, "limit": 5, "similarity_threshold": threshold});
    let found = node.search("notes", &question).await;
    let name = |one: &Value| one["metadata"]["file_name"].as_str().map(str::to_owned);
    found.iter().filter_map(name).collect()
}

async fn add(node: &Node, documents: &Path, embedding: Value, files: usize) -> String {
    let configuration = json!({"filePaths": [documents], "embedding": embedding});
    let dataset = node.add_dataset("notes", "local_file", configuration).await;
    let status = format!("ingestion/datasets/{}/status", dataset["id"].as_str().unwrap());
    node.until(&status, |told| told["completed"] == files).await;
    status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_a_third_party_embeds_passages_and_questions() {
    let Some(program) = third_party::path("SYFTHUB_TEST_LITELLM") else { return };
    let folder = tempfile::tempdir().unwrap();
    let home = canonical(&folder);
    let behind =
        json!({"model": "openai/words", "api_key": "none", "api_base": embedder::start().await});
    let proxy = Proxy::start(&program, &home, "words", &behind).await;
    let node = Node::start(&home, &[]).await;
    let base = format!("http://{}/v1", proxy.addr);
    let embedding =
        json!({"provider": "openai", "model": "words", "base_url": base, "api_key": KEY});
    add(&node, &write(&home), embedding, DOCUMENTS.len()).await;
    let question = json!({"messages": "granite bridge", "limit": 1});
    let best = &node.search("notes", &question).await[0];
    assert_eq!(
        (&best["metadata"]["file_name"], &best["metadata"]["search_mode"]),
        (&json!("bridge.md"), &json!("both"))
    );
    drop(proxy);
    let question = json!({"messages": "granite bridge, once more", "limit": 1});
    let best = &node.search("notes", &question).await[0];
    assert_eq!(
        (&best["metadata"]["file_name"], &best["metadata"]["search_mode"]),
        (&json!("bridge.md"), &json!("words"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_of_this_machine_finds_what_is_said_in_other_words() {
    let Some(model) = third_party::path("SYFTHUB_TEST_EMBEDDING_MODEL") else { return };
    let folder = tempfile::tempdir().unwrap();
    let home = canonical(&folder);
    let node = Node::start(&home, &[]).await;
    let embedding = json!({"provider": "local", "directory": model});
    add(&node, &write(&home), embedding, DOCUMENTS.len()).await;
    assert_eq!(found(&node, "How do I get a refund?", 0.4).await, ["refund.md"]);
    assert_eq!(found(&node, "Must my new puppy be announced?", 0.3).await[0], "dog.md");
    assert!(found(&node, "How warm will it be tomorrow?", 0.4).await.is_empty());
    node.kill().await;
    let node = Node::start(&home, &[]).await;
    assert_eq!(found(&node, "How do I get a refund?", 0.4).await, ["refund.md"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn vectors_are_right_after_a_node_was_killed_while_it_embedded() {
    const FILES: usize = 60;
    let folder = tempfile::tempdir().unwrap();
    let home = canonical(&folder);
    let documents = home.join("documents");
    std::fs::create_dir(&documents).unwrap();
    for n in 0..FILES {
        std::fs::write(documents.join(format!("{n}.md")), format!("unique{n} another{n} number"))
            .unwrap();
    }
    let embedding =
        json!({"provider": "openai", "model": "words", "base_url": embedder::start().await});
    let configuration =
        json!({"filePaths": [documents], "embedding": embedding, "searchBy": "meaning"});
    let mut node = Node::start(&home, &[]).await;
    let dataset = node.add_dataset("notes", "local_file", configuration).await;
    let status = format!("ingestion/datasets/{}/status", dataset["id"].as_str().unwrap());
    for round in 0..5_u64 {
        node.until(&status, |told| told["completed"].as_u64() >= Some(10 * round)).await;
        node.kill().await;
        std::fs::write(documents.join("0.md"), format!("unique0 another0, round {round}")).unwrap();
        node = Node::start(&home, &[]).await;
    }
    node.until(&status, |told| told["completed"] == FILES && told["is_watching"] == true).await;
    for n in 0..FILES {
        let best = found(&node, &format!("unique{n} another{n}"), 0.0).await;
        assert_eq!(best[0], format!("{n}.md"));
    }
}
