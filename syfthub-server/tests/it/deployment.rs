//! What people deploy: nginx before the hub, and the settings and numbers that the other files name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::{any, get};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::aggregator::Alone;
use crate::cluster::{Cluster, free_port, until_it_answers};
use crate::nginx::{self, Process};
use crate::process::{Door, HubProcess};
use crate::third_party;

/// An address where nobody listens.
fn nobody() -> String {
    format!("127.0.0.1:{}", free_port())
}

/// nginx before `hubs`, if there is one.
async fn before(home: &Path, hubs: &[String; 2]) -> Option<(Process, Door)> {
    let program = third_party::path("SYFTHUB_TEST_NGINX")?;
    let port = free_port();
    let nginx = nginx::run(&program, home, &nginx::plain(port, hubs));
    let door = Door::new(&format!("http://127.0.0.1:{port}"));
    until_it_answers(door.http(), &door.at("/healthz")).await;
    Some((nginx, door))
}

/// A server that does what `routes` say, where nginx finds it.
async fn served(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

#[tokio::test]
async fn a_stream_passes_through_nginx_event_by_event() {
    static READ: Notify = Notify::const_new();
    let home = tempfile::tempdir().unwrap();
    let events = || async {
        let events = async_stream::stream! {
            yield Ok::<_, std::io::Error>("data: first\n\n");
            READ.notified().await;
            yield Ok("data: second\n\n");
        };
        ([("content-type", "text/event-stream")], Body::from_stream(events))
    };
    let hub = served(Router::new().route("/aggregator/api/v1/chat/stream", any(events))).await;
    let Some((_nginx, door)) = before(home.path(), &[hub.clone(), hub]).await else { return };
    let request = door.http().post(door.at("/aggregator/api/v1/chat/stream")).json(&json!({}));
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "data: first\n\n");
    READ.notify_one();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "data: second\n\n");
    assert!(answer.chunk().await.unwrap().is_none());
}

#[tokio::test]
async fn what_may_have_been_done_is_not_sent_twice_and_what_only_reads_is() {
    let home = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dying = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(AtomicUsize::new(0));
    // Takes every request and dies before it answers.
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let read = stream.read(&mut [0; 1024]).await.unwrap_or_default();
            count.fetch_add(usize::from(read > 0), Ordering::SeqCst);
        }
    });
    let done = Arc::new(AtomicUsize::new(0));
    let handler = |State(done): State<Arc<AtomicUsize>>| async move {
        done.fetch_add(1, Ordering::SeqCst);
        "done"
    };
    let living = Router::new().fallback(any(handler)).with_state(Arc::clone(&done));
    let living = served(living).await;
    let Some((_nginx, door)) = before(home.path(), &[dying, living]).await else { return };
    let send = |method: Method| door.http().request(method, door.at("/thing")).send();
    for _ in 0..6 {
        assert_eq!(send(Method::GET).await.unwrap().status(), StatusCode::OK);
    }
    let (before, received) = (done.load(Ordering::SeqCst), asked.load(Ordering::SeqCst));
    let mut confirmed = 0;
    for _ in 0..6 {
        confirmed += usize::from(send(Method::POST).await.unwrap().status() == StatusCode::OK);
    }
    let attempts = done.load(Ordering::SeqCst) - before + asked.load(Ordering::SeqCst) - received;
    assert_eq!(attempts, 6, "each was sent once");
    assert_eq!(done.load(Ordering::SeqCst) - before, confirmed);
}

#[tokio::test]
async fn what_nginx_says_by_itself_looks_like_the_hub() {
    let home = tempfile::tempdir().unwrap();
    let Some((_nginx, door)) = before(home.path(), &[nobody(), nobody()]).await else { return };
    let get = |path: &str| door.http().get(door.at(path)).header("X-Correlation-ID", "find-me");
    let away = get("/api/v1/auth/me").send().await.unwrap();
    assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(away.headers()["retry-after"], "1");
    assert_eq!(away.headers()["x-correlation-id"], "find-me");
    assert!(away.json::<Value>().await.unwrap()["detail"].is_string());

    let large = door.http().post(door.at("/api/v1/endpoints")).body(vec![b' '; 3 << 20]);
    let large = large.header("X-Correlation-ID", "not \"sane\"").send().await.unwrap();
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(large.headers()["x-correlation-id"].len(), 32);
    assert!(large.json::<Value>().await.unwrap()["detail"].is_string());

    let numbers = get("/metrics").send().await.unwrap();
    assert_eq!(numbers.status(), StatusCode::NOT_FOUND);
    assert_eq!(numbers.json::<Value>().await.unwrap(), json!({"detail": "Not Found"}));
}

/// A certificate for this machine, made for the test.
fn certificate(folder: &Path) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ])
        .args(["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "hub.key", "-out", "hub.pem"])
        .current_dir(folder)
        .output()
        .expect("openssl exists");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[tokio::test]
async fn the_site_is_valid_and_serves_the_hub_over_tls() {
    let Some(program) = third_party::path("SYFTHUB_TEST_NGINX") else { return };
    let home = tempfile::tempdir().unwrap();
    certificate(home.path());
    let ports = [free_port(), free_port()];
    let public = format!("https://localhost:{}", ports[1]);
    let settings = [("SYFTHUB_PUBLIC_URL", &*public), ("SYFTHUB_TRUSTED_PROXIES", "127.0.0.2")];
    let hub = HubProcess::start(home.path(), &settings).await;
    let address = hub.at("").replace("http://", "");
    let site = nginx::with_tls(ports, home.path(), &[address.clone(), address]);
    let (is_content, said) = nginx::check(&program, home.path(), &site);
    assert!(is_content && !said.contains("[warn]"), "{said}");

    let _nginx = nginx::run(&program, home.path(), &site);
    let pem = std::fs::read(home.path().join("hub.pem")).unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()])
        .build()
        .unwrap();
    let plain = format!("http://localhost:{}/healthz", ports[0]);
    until_it_answers(&client, &plain).await;
    let moved = client.get(plain).send().await.unwrap();
    assert_eq!(moved.status(), StatusCode::PERMANENT_REDIRECT);
    assert!(moved.headers()["location"].to_str().unwrap().starts_with("https://localhost"));
    let answer = client.get(format!("{public}/healthz")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
}

#[tokio::test]
async fn the_site_of_an_aggregator_is_valid_and_streams_over_tls() {
    let Some(program) = third_party::path("SYFTHUB_TEST_NGINX") else { return };
    let home = tempfile::tempdir().unwrap();
    certificate(home.path());
    let settings = [("SYFTHUB_TRUSTED_PROXIES", "127.0.0.2")];
    let aggregator = Alone::start(home.path(), &settings).await;
    let port = free_port();
    let site = nginx::of_aggregator(port, home.path(), &aggregator.at("").replace("http://", ""));
    let (is_content, said) = nginx::check(&program, home.path(), &site);
    assert!(is_content && !said.contains("[warn]"), "{said}");
    let _nginx = nginx::run(&program, home.path(), &site);
    let pem = std::fs::read(home.path().join("hub.pem")).unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()])
        .build()
        .unwrap();
    let at = |path: &str| format!("https://localhost:{port}{path}");
    until_it_answers(&client, &at("/health")).await;
    let question = json!({"prompt": "Why?", "model": {"url": "http://127.0.0.1:9", "slug": "x"}});
    let answer = client.post(at("/api/v1/chat/stream")).json(&question).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    assert!(answer.text().await.unwrap().contains("event: error\n"));
    assert_eq!(client.get(at("/metrics")).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}

/// Words in capitals before `:` or `=` at the beginning of a line or of an assignment: variables that a file sets.
fn variables(text: &str) -> BTreeSet<String> {
    let is_name = |word: &&str| {
        word.len() > 4
            && word
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let words =
        text.lines().filter(|line| !line.trim_start().starts_with('#')).filter_map(|line| {
            let line =
                line.trim_start().trim_start_matches("ENV ").trim_start_matches("Environment=");
            line.split([':', '=']).next().map(str::trim)
        });
    words.filter(is_name).map(str::to_owned).collect()
}

#[test]
fn every_setting_in_the_deployment_files_is_one_of_the_program_that_they_start() {
    // What the other programs of the compose file read.
    const OTHERS: [&str; 3] = ["POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"];
    let help = |role: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_syfthub-server"));
        String::from_utf8(program.args([role, "--help"]).output().unwrap().stdout).unwrap()
    };
    let (hub, aggregator) = (help("hub"), help("aggregator"));
    let both = format!("{hub}{aggregator}");
    let mut found = 0;
    for (file, help) in [
        ("Containerfile", &hub),
        ("compose.yaml", &both),
        ("systemd/syfthub-hub.service", &hub),
        ("hub.env.example", &hub),
        ("systemd/syfthub-aggregator.service", &aggregator),
        ("aggregator.env.example", &aggregator),
    ] {
        let text = std::fs::read_to_string(nginx::deployed(file)).unwrap();
        for name in variables(&text) {
            let is_known = OTHERS.contains(&&*name) || help.contains(&format!("<{name}>"));
            assert!(is_known, "{file} sets {name}");
            found += 1;
        }
    }
    assert!(found > 15, "{found}");
}

#[test]
fn no_secret_stands_in_the_deployment_files() {
    for file in ["compose.yaml", "hub.env.example", "aggregator.env.example"] {
        let text = std::fs::read_to_string(nginx::deployed(file)).unwrap();
        for line in text.lines().filter(|line| line.contains("_KEY") || line.contains("PASSWORD")) {
            let (_, value) = line.split_once([':', '=']).unwrap_or((line, ""));
            let is_asked_for = value.contains("${")
                || value.trim().is_empty()
                || line.trim_start().starts_with('#');
            assert!(is_asked_for, "{file}: {line}");
        }
    }
}

/// The metrics that the dashboard asks for.
fn shown() -> BTreeSet<String> {
    let path: PathBuf = nginx::deployed("grafana/syfthub-hub.json");
    let board: Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("the dashboard is there"))
            .expect("it is JSON");
    let panels = board["panels"].as_array().expect("a dashboard has panels");
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let expressions =
        targets.map(|target| target["expr"].as_str().expect("a target has an expression"));
    // A metric is a name right before its selector.
    let names = expressions.flat_map(|expression| {
        let parts: Vec<&str> = expression.split('{').collect();
        let before = parts[..parts.len() - 1].to_vec();
        before.into_iter().map(|part| {
            let start = part.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            part[start.map_or(0, |start| start + 1)..].to_owned()
        })
    });
    names.collect()
}

#[tokio::test]
async fn every_number_on_the_dashboard_is_one_that_a_hub_shows() {
    let Some(cluster) = Cluster::start().await else { return };
    let hub = cluster.hub(0);
    let token = hub.register("owner").await.unwrap();
    let draft = json!({
        "name": "Away", "slug": "away", "type": "model", "visibility": "public", "description": "Nobody is there", "version": "1.0.0",
        "connect": [{"type": "http", "enabled": true, "description": "", "config": {"url": "/query"}}],
    });
    let profile = hub.http().put(hub.at("/api/v1/users/me")).bearer_auth(&token);
    let profile = profile.json(&json!({"domain": "http://127.0.0.1:9"})).send().await.unwrap();
    assert_eq!(profile.status(), StatusCode::OK, "{}", profile.text().await.unwrap());
    let publish = hub.http().post(hub.at("/api/v1/endpoints")).bearer_auth(&token).json(&draft);
    let published = publish.send().await.unwrap();
    assert_eq!(published.status(), StatusCode::CREATED, "{}", published.text().await.unwrap());
    let call =
        hub.http().post(hub.at("/owner/away")).bearer_auth(&token).json(&json!({"messages": "x"}));
    assert!(!call.send().await.unwrap().status().is_success());
    let numbers =
        || async { hub.http().get(hub.at("/metrics")).send().await.unwrap().text().await.unwrap() };
    let shown = shown();
    assert!(shown.len() > 10, "{shown:?}");
    let all_there = async {
        loop {
            let numbers = numbers().await;
            let missing = shown.iter().find(|name| {
                !numbers.contains(&format!("\n{name}{{"))
                    && !numbers.contains(&format!("\n{name} "))
            });
            match missing {
                None => return,
                // Jobs have their first run within half a minute.
                Some(name) if name.starts_with("job_") => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Some(name) => panic!("no hub shows {name}: {numbers}"),
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), all_there).await.expect("a job runs");
}

#[tokio::test]
async fn an_instance_is_asked_for_its_numbers_by_itself() {
    let numbers = Router::new().route("/metrics", get(|| async { "secret" }));
    let hub = served(numbers).await;
    let home = tempfile::tempdir().unwrap();
    let Some((_nginx, door)) = before(home.path(), &[hub.clone(), hub]).await else { return };
    let answer = door.http().get(door.at("/metrics")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
}
