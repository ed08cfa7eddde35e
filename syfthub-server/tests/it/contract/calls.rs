use super::*;
use crate::sdk::World;

const LOCAL: (&str, &str) = ("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8");

#[tokio::test]
async fn a_connection_as_spaces_publish_it_is_called_at_the_address_it_names() {
    let (home, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let hub = HubProcess::start(home.path(), &[LOCAL]).await;
    let ada = hub.register("ada").await.unwrap();
    put(&hub, "/api/v1/users/me", &ada, json!({"domain": format!("{}/", world.url())})).await;
    let path = "/api/v1/endpoints/notes/query";
    let connect = json!([{"type": "https", "config": {"path": path}}]);
    publish(&hub, &ada, json!({"name": "Notes", "type": "data_source", "connect": connect})).await;
    let body = json!({"messages": "What is it made of?"});
    let answer = post(&hub, "/ada/notes", "", body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert!(
        answer.body["documents"][0]["content"]
            .as_str()
            .is_some_and(|text| text.contains("granite"))
    );
    assert!(answer.headers["x-proxy-latency-ms"].to_str().unwrap().parse::<u64>().is_ok());
}

#[tokio::test]
async fn a_domain_inside_is_never_called() {
    let (home, world) = (tempfile::tempdir().unwrap(), World::start().await);
    let hub = HubProcess::start(home.path(), &[]).await;
    let ada = hub.register("ada").await.unwrap();
    publish(&hub, &ada, json!({"name": "Notes", "type": "model", "connect": [{"type": "http"}]}))
        .await;
    let port = world.url().rsplit(':').next().unwrap_or_default().to_owned();
    for host in [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
    ] {
        let domain = json!({"domain": format!("http://{host}:{port}")});
        let set = put(&hub, "/api/v1/users/me", &ada, domain).await;
        if set.status.is_success() {
            let answer = post(&hub, "/ada/notes", "", json!({})).await;
            assert!([400, 403].contains(&answer.status.as_u16()), "{host}: {}", answer.text);
        } else {
            assert_eq!(set.status, StatusCode::UNPROCESSABLE_ENTITY, "{host}");
        }
    }
    for domain in ["8.8.8.8:x@127.0.0.1:9443", "http://a@b.org", "http://a.org?x", "a b.org"] {
        let set = put(&hub, "/api/v1/users/me", &ada, json!({"domain": domain})).await;
        assert_eq!(set.status, StatusCode::UNPROCESSABLE_ENTITY, "{domain}");
    }
}

#[tokio::test]
async fn a_long_heartbeat_is_shortened_and_reports_of_unknown_endpoints_are_counted() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let ada = hub.register("ada").await.unwrap();
    publish(&hub, &ada, json!({"name": "Notes", "type": "model", "connect": [{"type": "http"}]}))
        .await;
    let beat = json!({"url": "https://node.acme.org/", "ttl_seconds": 2070});
    let answer = post(&hub, "/api/v1/users/me/heartbeat", &ada, beat).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!((&answer.body["status"], &answer.body["ttl_seconds"]), (&json!("ok"), &json!(1800)));
    let report = |slug: &str| json!({"slug": slug, "status": "healthy", "checked_at": "1999-01-01T00:00:00Z"});
    let endpoints = [report("notes"), report("missing"), report("gone")];
    let reports = json!({"endpoints": endpoints, "url": "https://node.acme.org"});
    let answer = post(&hub, "/api/v1/endpoints/health", &ada, reports).await;
    assert_eq!((answer.status, answer.body), (StatusCode::OK, json!({"updated": 1, "ignored": 2})));
}
