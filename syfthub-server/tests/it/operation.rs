//! What somebody who runs the server relies on: what it prints, how it stops, what it logs and counts.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::process::HubProcess;

/// Runs the program with `arguments` in `home`; exit code, standard output and standard error.
fn run(
    home: &Path,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_syfthub-server"))
        .args(arguments)
        .env_clear()
        .envs(settings.iter().copied())
        .current_dir(home)
        .output()
        .expect("the program exists");
    let [out, err] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("text"));
    (output.status.code(), out, err)
}

#[tokio::test]
async fn standard_output_is_the_url_alone_and_a_signal_ends_it_well() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    assert!(hub.at("").starts_with("http://127.0.0.1:"));
    let (status, printed) = hub.stop().await;
    assert!(status.success(), "{status}");
    assert_eq!(printed, "");
}

#[tokio::test]
async fn it_says_that_it_lives_that_it_is_ready_and_what_it_is() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    for path in ["/health", "/healthz", "/readyz"] {
        let answer = hub.http().get(hub.at(path)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap()["status"], "healthy", "{path}");
    }
    let index: Value = hub.http().get(hub.at("/")).send().await.unwrap().json().await.unwrap();
    assert!(index["message"].is_string() && index["version"].is_string(), "{index}");
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_path() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    for path in ["/health", "/health/", "/no/such/path-at-all"] {
        hub.http().get(hub.at(path)).send().await.unwrap();
    }
    let metrics = hub.http().get(hub.at("/metrics")).send().await.unwrap().text().await.unwrap();
    let counted = r#"http_requests_total{role="hub",route="/health",method="GET",status="200"} 2"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert!(metrics.contains(r#"route="unmatched",method="GET",status="404"} 1"#), "{metrics}");
    assert!(metrics.contains("http_request_duration_seconds_bucket"), "{metrics}");
    assert!(!metrics.contains("path-at-all"), "{metrics}");
}

#[tokio::test]
async fn a_log_line_is_json_and_carries_the_correlation_id() {
    let home = tempfile::tempdir().unwrap();
    let hub =
        HubProcess::start(home.path(), &[("LOG_FORMAT", "json"), ("LOG_LEVEL", "debug")]).await;
    hub.http().get(hub.at("/health")).header("X-Correlation-ID", "find-me").send().await.unwrap();
    hub.stop().await;
    let log = std::fs::read_to_string(home.path().join("hub.log")).unwrap();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().any(|line| line["span"]["correlation_id"] == "find-me"), "{log}");
}

#[tokio::test]
async fn a_slow_header_is_cut_off_after_the_time_that_is_set() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[("SYFTHUB_HEADER_TIMEOUT", "0.2")]).await;
    let address = hub.at("").trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nX-Never-Ends: a").await.unwrap();
    let mut answer = String::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut answer));
    ended.await.expect("the server closes the connection").unwrap();
    assert!(!answer.contains("healthy"), "{answer}");
}

#[test]
fn migrate_makes_the_database_and_stops() {
    let home = tempfile::tempdir().unwrap();
    let settings = [("DATABASE_URL", "sqlite:hub.db")];
    for time in ["first", "second"] {
        let (code, out, err) = run(home.path(), &["migrate"], &settings);
        assert_eq!((code, out.as_str()), (Some(0), ""), "{time}: {err}");
    }
    assert!(home.path().join("hub.db").exists());
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_database_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    run(home.path(), &["migrate"], &[]);
    let mode = std::fs::metadata(home.path().join("syfthub.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn openapi_prints_the_description_of_every_route() {
    let home = tempfile::tempdir().unwrap();
    let (code, out, err) = run(home.path(), &["openapi"], &[]);
    assert_eq!(code, Some(0), "{err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert!(document["paths"]["/readyz"]["get"].is_object(), "{out}");
    let (code, out, err) = run(home.path(), &["openapi", "space"], &[]);
    assert_eq!(code, Some(0), "{err}");
    let document: Value = serde_json::from_str(&out).unwrap();
    assert!(document["paths"]["/api/v1/audit"]["get"].is_object(), "{out}");
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let home = tempfile::tempdir().unwrap();
    let settings = [("SECRET_KEY", ""), ("DATABASE_URL", ""), ("LOG_LEVEL", "")];
    let (code, _, err) = run(home.path(), &["migrate"], &settings);
    assert_eq!(code, Some(0), "{err}");
    let (code, _, err) = run(home.path(), &["hub"], &settings);
    assert_eq!(code, Some(2));
    assert!(err.contains("SECRET_KEY (--secret-key) is required"), "{err}");
}
