//! Whose tunnel it is, and how it ends.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use serde_json::json;

use super::{PASSWORD, Stage, alive, detail, user};
use crate::space::tunnel::dial::DialError;
use crate::tunnel::Farewell;

fn says(text: &'static str) -> Router {
    let here = move || async move { text };
    Router::new().route("/", get(here)).route("/health", get(here))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_tunnel_of_the_same_owner_takes_the_place_of_the_older() {
    let stage = Stage::set(|_| {}).await;
    let older = stage.tunnel(None, says("older")).await;
    let newer = stage.tunnel(None, says("newer")).await;
    assert_eq!(older.farewell().await, Some(Farewell::Replaced));
    let answer = stage.http.get(newer.url).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "newer");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_space_that_is_away_is_told_as_such() {
    let stage = Stage::set(|_| {}).await;
    let tunnel = stage.tunnel(None, alive()).await;
    let url = tunnel.url.clone();
    tunnel.ending.say(Farewell::GoingAway);
    tunnel.farewell().await;
    let away = loop {
        let answer = stage.http.get(url.clone()).send().await.unwrap();
        // Until the hub has heard the farewell, the tunnel breaks.
        if answer.status() != StatusCode::BAD_GATEWAY && answer.status() != StatusCode::OK {
            break answer;
        }
    };
    assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(away.headers()["retry-after"], "5");
    assert_eq!(detail(away).await, "The space is not connected to this hub now");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tunnel_ends_with_the_session_that_opened_it() {
    let stage = Stage::set(|config| config.tunnels.tunnel_check = Duration::from_millis(50)).await;
    let tunnel = stage.tunnel(None, alive()).await;
    stage.ada.auth().logout().await.unwrap();
    assert_eq!(tunnel.farewell().await, Some(Farewell::Revoked));
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_shuts_down_says_that_it_goes_away() {
    let stage = Stage::set(|_| {}).await;
    let tunnel = stage.tunnel(None, alive()).await;
    let Stage { shutdown, running, .. } = stage;
    shutdown.cancel();
    running.stopped().await;
    assert_eq!(tunnel.farewell().await, Some(Farewell::GoingAway));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_who_speaks_for_an_organization_serves_its_space() {
    let stage = Stage::set(|_| {}).await;
    let owner = user(&stage.hub, "otto").await;
    let token = owner.auth().tokens().unwrap().access_token;
    let organizations = stage.hub.join("api/v1/organizations").unwrap();
    let made = stage
        .http
        .post(organizations)
        .bearer_auth(&token)
        .json(&json!({"name": "Acme", "slug": "acme"}))
        .send()
        .await
        .unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let refused = |error: DialError| match error {
        DialError::Refused { status, .. } => status,
        error => panic!("{error}"),
    };
    assert_eq!(refused(stage.dial(Some("acme")).await.err().unwrap()), StatusCode::NOT_FOUND);
    assert_eq!(refused(stage.dial(Some("otto")).await.err().unwrap()), StatusCode::NOT_FOUND);
    stage.ada.auth().login("otto", PASSWORD).await.unwrap();
    let tunnel = stage.tunnel(Some("Acme"), says("acme's")).await;
    assert_eq!(tunnel.url.path(), "/s/acme");
    let answer = stage.http.get(tunnel.url).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "acme's");
    stage.close().await;
}
