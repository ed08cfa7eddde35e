//! A store that the space runs itself: the real Chroma server, as a process, through crashes of either side.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};

use crate::node::{Node, canonical, signal, store_processes};
use crate::{embedder, third_party};

const STATUS: &str = "datasets/provisioners/chroma/status";

fn settings(chroma: &Path) -> Vec<(&'static str, String)> {
    vec![("SPACE_CHROMA_COMMAND", chroma.display().to_string())]
}

fn is(status: &'static str) -> impl Fn(&Value) -> bool {
    move |told| told["status"] == status
}

fn pid(told: &Value) -> u32 {
    told["state"]["pid"].as_u64().and_then(|pid| pid.try_into().ok()).expect("it runs as a process")
}

/// A dataset in Chroma over one file, all of which is in.
async fn furnish(node: &Node, home: &Path) {
    let documents = home.join("documents");
    std::fs::create_dir_all(&documents).expect("the test's own things work");
    std::fs::write(documents.join("permits.md"), "# Permits\n\nPermit N-4 covers night work.\n")
        .expect("the test's own things work");
    let configuration = json!({
        "filePaths": [documents],
        "embedding": {"provider": "openai", "model": "words", "base_url": embedder::start().await},
    });
    let dataset = node.add_dataset("permits", "chroma", configuration).await;
    let path = format!(
        "ingestion/datasets/{}/status",
        dataset["id"].as_str().expect("the test's own things work")
    );
    node.until(&path, |told| told["completed"] == 1).await;
}

async fn finds(node: &Node) {
    let question =
        json!({"messages": "Which permit covers night work?", "similarity_threshold": 0.0});
    let found = node.search("permits", &question).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0]["content"].as_str().expect("the test's own things work").contains("Permit N-4")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_outlives_a_crash_of_its_space_comes_back_after_its_own_and_ends_with_its_space() {
    let Some(chroma) = third_party::path("SYFTHUB_TEST_CHROMA") else { return };
    let folder = tempfile::tempdir().unwrap();
    let home = canonical(&folder);
    let node = Node::start(&home, &settings(&chroma)).await;
    furnish(&node, &home).await;
    finds(&node).await;
    let first = node.get(STATUS).await;
    assert_eq!((&first["status"], &first["actual_status"]), (&json!("running"), &json!("running")));
    assert_eq!((&first["dataset_count"], &first["state"]["mode"]), (&json!(1), &json!("process")));

    node.kill().await;
    assert_eq!(store_processes(&home), [pid(&first)], "it lives on");
    let node = Node::start(&home, &settings(&chroma)).await;
    let again = node.get(STATUS).await;
    assert_eq!(
        (&again["status"], pid(&again)),
        (&json!("running"), pid(&first)),
        "it is taken back"
    );
    finds(&node).await;

    signal(pid(&first), "KILL");
    let back =
        node.until(STATUS, |told| told["status"] == "running" && pid(told) != pid(&first)).await;
    assert_eq!(store_processes(&home), [pid(&back)]);
    finds(&node).await;

    node.stop().await;
    assert_eq!(store_processes(&home), [0; 0], "it ends with its space");
    let node = Node::start(&home, &settings(&chroma)).await;
    node.until(STATUS, is("running")).await;
    finds(&node).await;
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_the_space_in_any_state_needs_no_hand() {
    let Some(chroma) = third_party::path("SYFTHUB_TEST_CHROMA") else { return };
    let folder = tempfile::tempdir().unwrap();
    let home = canonical(&folder);
    let (switch, chroma) = (home.join("broken"), switched(&home, &chroma));
    let node = Node::start(&home, &settings(&chroma)).await;
    furnish(&node, &home).await;

    // While it starts: a process that nothing was noted of yet is found, and no second one joins it.
    node.stop().await;
    let node = Node::start(&home, &settings(&chroma)).await;
    node.until(STATUS, |told| told["status"] != "stopped" && !store_processes(&home).is_empty())
        .await;
    node.kill().await;
    let node = Node::start(&home, &settings(&chroma)).await;
    let told = node.until(STATUS, is("running")).await;
    assert!(store_processes(&home).contains(&pid(&told)));
    finds(&node).await;

    // While it stops: it has stopped after that.
    tokio::select! {
        _ = node.ask(Method::POST, "datasets/provisioners/chroma/stop", None) => {}
        _ = node.until(STATUS, |told| told["status"] == "stopping") => {}
    }
    node.kill().await;
    let node = Node::start(&home, &settings(&chroma)).await;
    assert_eq!(node.get(STATUS).await["status"], "stopped", "nobody wants it");
    while !store_processes(&home).is_empty() {
        tokio::task::yield_now().await;
    }

    // After it failed: it says why, and is tried again, also by a space that crashed meanwhile.
    std::fs::write(&switch, "").unwrap();
    let (status, told) = node.ask(Method::POST, "datasets/provisioners/chroma/start", None).await;
    assert_eq!(status, 500, "{told}");
    assert!(told["detail"].as_str().unwrap().contains("the disk is on fire"), "{told}");
    assert_eq!(node.get(STATUS).await["status"], "error");
    node.kill().await;
    let node = Node::start(&home, &settings(&chroma)).await;
    let told = node.until(STATUS, is("error")).await;
    assert!(told["error"].as_str().unwrap().contains("the disk is on fire"), "{told}");
    std::fs::remove_file(&switch).unwrap();
    node.until(STATUS, is("running")).await;
    finds(&node).await;
    node.stop().await;
}

/// A program that runs `chroma` unless the file `broken` is there; then it ends at once.
fn switched(home: &Path, chroma: &Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = home.join("switched");
    let script = format!(
        "#!/bin/sh\n[ -e {}/broken ] && echo the disk is on fire >&2 && exit 3\nexec {} \"$@\"\n",
        home.display(),
        chroma.display()
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_stopped_stays_so_and_moves_that_make_no_sense_are_refused() {
    let Some(chroma) = third_party::path("SYFTHUB_TEST_CHROMA") else { return };
    let folder = tempfile::tempdir().unwrap();
    let home = canonical(&folder);
    let node = Node::start(&home, &settings(&chroma)).await;
    let move_to = async |node: &Node, verb: &str| {
        let path = format!("datasets/provisioners/chroma/{verb}");
        let (status, told) = node.ask(Method::POST, &path, Some(&json!({}))).await;
        (status, told["status"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(move_to(&node, "stop").await, (200, "not_found".to_owned()));
    furnish(&node, &home).await;
    assert_eq!(move_to(&node, "start").await.0, 409, "it runs already");
    let remove = "datasets/provisioners/chroma";
    assert_eq!(node.ask(Method::DELETE, remove, None).await.0, 409, "a dataset is kept in it");

    assert_eq!(move_to(&node, "stop").await, (200, "stopped".to_owned()));
    let question = json!({"messages": "Which permit covers night work?"});
    let (status, told) = node.ask(Method::POST, "endpoints/permits/query", Some(&question)).await;
    assert_eq!(status, 503, "a store that is away is no empty answer: {told}");
    let health = node
        .until("datasets/permits/health", |told| told["dataset_type_status"] == "unhealthy")
        .await;
    assert!(health["message"].as_str().unwrap().contains("does not run"), "{health}");
    node.stop().await;
    let node = Node::start(&home, &settings(&chroma)).await;
    assert_eq!(node.get(STATUS).await["status"], "stopped", "a stop holds over restarts");
    assert_eq!(move_to(&node, "start").await, (200, "running".to_owned()));
    finds(&node).await;

    assert_eq!(node.ask(Method::DELETE, "endpoints/permits", None).await.0, 200);
    assert_eq!(node.ask(Method::DELETE, "datasets/permits", None).await.0, 200);
    let (status, told) = node.ask(Method::DELETE, remove, None).await;
    assert_eq!((status, &told["status"]), (200, &json!("deleted")));
    assert!(store_processes(&home).is_empty() && !home.join("space/stores/chroma").exists());
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_can_run_a_store_the_owner_hears_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let home = canonical(&folder);
    let missing = vec![
        ("SPACE_CHROMA_COMMAND", "/nowhere/chroma".to_owned()),
        ("PATH", "/nowhere".to_owned()),
    ];
    let node = Node::start(&home, &missing).await;
    let (status, told) = node.ask(Method::POST, "datasets/provisioners/chroma/start", None).await;
    assert_eq!(status, 400, "{told}");
    let reason = told["detail"].as_str().unwrap();
    assert!(reason.contains("/nowhere/chroma") && reason.contains("Docker"), "{reason}");
    for path in ["datasets/provisioners/local_file/start", "datasets/provisioners/nothing/stop"] {
        assert_eq!(node.ask(Method::POST, path, None).await.0, 400, "{path}");
    }
    assert_eq!(node.ask(Method::GET, "datasets/provisioners/nothing/status", None).await.0, 404);
    let embedded = node.get("datasets/provisioners/local_file/status").await;
    assert_eq!(
        (&embedded["status"], &embedded["state"]["mode"]),
        (&json!("running"), &json!("embedded"))
    );
    let all = node.get("datasets/provisioners/").await;
    let types: Vec<&str> =
        all.as_array().unwrap().iter().filter_map(|one| one["dtype"].as_str()).collect();
    assert!(types.contains(&"chroma") && types.contains(&"local_file"), "{types:?}");
    node.stop().await;
}
