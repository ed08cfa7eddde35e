//! Spaces that nobody can connect to, as processes: behind a router, behind nginx, and through restarts of their hub.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

use crate::cluster::{Cluster, free_port};
use crate::namespace::Namespace;
use crate::process::{Door, HubProcess, PASSWORD, SpaceProcess};

const TUNNEL: [(&str, &str); 1] = [("SPACE_TUNNEL", "on")];

/// A space below `home` of the user `ada`, with the published endpoint `notes`, connected to the hub at `hub`; not running.
async fn furnished(home: &Path, hub: &Door) {
    hub.register("ada").await.expect("the name is free");
    let documents = home.join("documents");
    std::fs::create_dir_all(&documents).expect("the test's folder is writable");
    std::fs::write(documents.join("night.md"), "# Night work\n\nPermit N-4 covers night work.\n")
        .expect("the test's folder is writable");
    let space = SpaceProcess::start(home).await;
    space
        .post(
            "marketplaces/connect",
            &json!({"url": hub.at(""), "username": "ada", "password": PASSWORD}),
        )
        .await;
    let dataset = json!({
        "name": "notes", "dtype": "local_file",
        "configuration": {"filePaths": [{"path": documents, "description": ""}]},
    });
    let dataset = space.post("datasets", &dataset).await;
    let endpoint = json!({
        "name": "Notes", "slug": "notes", "dataset_id": dataset["id"], "response_type": "raw",
    });
    space.post("endpoints", &endpoint).await;
    let published =
        space.post("endpoints/notes/publish", &json!({"publish_to_all_marketplaces": true})).await;
    assert_eq!(published["results"][0]["success"], true, "{published}");
}

/// Waits until the space of ada answers at `hub`.
async fn until_it_is_there(hub: &Door) {
    until(hub, StatusCode::OK).await;
}

async fn until(hub: &Door, status: StatusCode) {
    let begun = Instant::now();
    loop {
        let answer = hub.http().get(hub.at("/s/ada")).send().await;
        let got = answer.map(|answer| answer.status());
        if got.as_ref().is_ok_and(|got| *got == status) {
            return;
        }
        let late = begun.elapsed() > Duration::from_mins(1);
        assert!(!late, "{} answers {got:?}, not {status}", hub.at("/s/ada"));
        sleep(Duration::from_millis(50)).await;
    }
}

/// Asks the endpoint `notes` at its address in the hub's entry, with a token as callers get one; the status.
async fn ask(hub: &Door) -> StatusCode {
    let token = hub.login("bob").await.expect("bob is known");
    let entry = hub.get("/ada/notes", &token).await;
    let base = entry["connect"][0]["config"]["url"].as_str().expect("the space has an address");
    let satellite = hub.get("/api/v1/token?aud=ada", &token).await;
    let satellite = satellite["target_token"].as_str().expect("a token");
    let answer = hub
        .http()
        .post(format!("{base}/api/v1/endpoints/notes/query"))
        .bearer_auth(satellite)
        .json(&json!({"messages": "Which permit covers night work?", "similarity_threshold": 0.1}))
        .send()
        .await
        .expect("the hub is up");
    let status = answer.status();
    if status.is_success() {
        let body: Value = answer.json().await.expect("JSON");
        let found = body["references"]["documents"][0]["content"].as_str().unwrap_or_default();
        assert!(found.contains("N-4"), "{body}");
    }
    status
}

/// Invokes the endpoint through the hub; the status.
async fn invoke(hub: &Door) -> StatusCode {
    let token = hub.login("bob").await.expect("bob is known");
    let question = json!({"messages": "Which permit covers night work?"});
    let asked = hub.http().post(hub.at("/ada/notes")).bearer_auth(&token).json(&question);
    asked.send().await.expect("the hub is up").status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_space_in_a_network_of_its_own_that_only_dials_out_is_reached_through_its_hub() {
    let Some(network) = Namespace::create() else { return };
    let home = tempfile::tempdir().unwrap();
    let listen = format!("{}:{}", network.outside(), free_port());
    let settings = [
        ("SYFTHUB_LISTEN", &*listen),
        ("SYFTHUB_TUNNEL_PING", "1"),
        ("SYFTHUB_TUNNEL_PATIENCE", "1"),
    ];
    let hub = HubProcess::start(home.path(), &settings).await;
    furnished(home.path(), &hub).await;
    hub.register("bob").await.unwrap();
    let settings = [
        ("SPACE_TUNNEL", "auto"),
        ("SPACE_TUNNEL_PING", "1"),
        ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
    ];
    let _space = SpaceProcess::with(home.path(), &settings, &network.enter()).await;
    until_it_is_there(&hub).await;
    assert_eq!(ask(&hub).await, StatusCode::OK);
    // The hub itself reaches it too, although nothing private may be called.
    assert_eq!(invoke(&hub).await, StatusCode::OK);
    network.unplug();
    until(&hub, StatusCode::SERVICE_UNAVAILABLE).await;
    network.plug_in();
    until_it_is_there(&hub).await;
    assert_eq!(ask(&hub).await, StatusCode::OK);
}

/// An address that stays while the hub behind it comes and goes, each time at a port of its own.
struct Front {
    address: SocketAddr,
    hub: Arc<Mutex<Option<SocketAddr>>>,
}

impl Front {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let hub = Arc::new(Mutex::new(None));
        let target = Arc::clone(&hub);
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                let hub = *target.lock().expect("nobody panics with it");
                tokio::spawn(async move {
                    let hub: SocketAddr = hub?;
                    let mut hub = TcpStream::connect(hub).await.ok()?;
                    tokio::io::copy_bidirectional(&mut caller, &mut hub).await.ok()
                });
            }
        });
        Self { address, hub }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn leads_to(&self, hub: &Door) {
        let address = hub.at("").trim_start_matches("http://").parse();
        *self.hub.lock().expect("nobody panics with it") = Some(address.expect("an address"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_space_comes_back_after_its_hub_was_killed_and_started_again() {
    let home = tempfile::tempdir().unwrap();
    let front = Front::open().await;
    let url = front.url();
    let settings = [("SYFTHUB_PUBLIC_URL", &*url)];
    let hub = HubProcess::start(home.path(), &settings).await;
    front.leads_to(&hub);
    let door = Door::new(&url);
    furnished(home.path(), &door).await;
    door.register("bob").await.unwrap();
    let _space = SpaceProcess::with(home.path(), &TUNNEL, &[]).await;
    until_it_is_there(&door).await;
    hub.kill();
    drop(hub);
    let hub = HubProcess::start(home.path(), &settings).await;
    front.leads_to(&hub);
    until_it_is_there(&door).await;
    assert_eq!(ask(&door).await, StatusCode::OK);
    let (status, _) = hub.stop().await;
    assert!(status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_instance_of_a_hub_reaches_a_tunnel_that_ends_at_one_of_them() {
    let Some(mut cluster) = Cluster::start().await else { return };
    let home = tempfile::tempdir().unwrap();
    furnished(home.path(), cluster.front()).await;
    cluster.front().register("bob").await.unwrap();
    let _space = SpaceProcess::with(home.path(), &TUNNEL, &[]).await;
    until_it_is_there(cluster.front()).await;
    for n in [0, 1] {
        until_it_is_there(cluster.hub(n)).await;
        assert_eq!(invoke(cluster.hub(n)).await, StatusCode::OK);
    }
    assert_eq!(ask(cluster.front()).await, StatusCode::OK);
    let holder = usize::from(!holds_the_tunnel(cluster.hub(0)).await);
    assert!(!holds_the_tunnel(cluster.hub(1 - holder)).await);
    cluster.kill(holder);
    until_it_is_there(cluster.front()).await;
    assert!(holds_the_tunnel(cluster.hub(1 - holder)).await);
    assert_eq!(ask(cluster.front()).await, StatusCode::OK);
}

async fn holds_the_tunnel(hub: &Door) -> bool {
    let metrics = hub.http().get(hub.at("/metrics")).send().await.expect("the hub is up");
    metrics.text().await.expect("a text").lines().any(|line| line == "tunnels_open 1")
}
