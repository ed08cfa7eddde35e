//! Sessions: refreshing, signing out, and what a new password ends.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, StatusCode, header};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::testing::{Answer, PASSWORD, TestHub};

async fn refresh(hub: &TestHub, token: &str) -> Answer {
    hub.post("/api/v1/auth/refresh", "", json!({"refresh_token": token})).await
}

fn token(answer: &Answer, name: &str) -> String {
    answer.body[name].as_str().unwrap_or_else(|| panic!("{:?}", answer.body)).to_owned()
}

async fn is_open(hub: &TestHub, access: &str) -> bool {
    hub.get("/api/v1/auth/me", access).await.status == StatusCode::OK
}

#[tokio::test]
async fn a_request_without_a_good_token_is_told_which_scheme_to_use() {
    let hub = TestHub::start().await;
    let user = hub.register("ada").await;
    for value in
        [None, Some("Basic YWRhOng="), Some("Bearer nonsense"), Some(user.refresh.as_str())]
    {
        let mut request = Request::get("/api/v1/auth/me");
        if let Some(value) = value {
            request = request.header(header::AUTHORIZATION, value);
        }
        let answer = hub.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.body, json!({"detail": "Could not validate credentials"}));
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
    }
}

#[tokio::test]
async fn two_sign_ins_of_one_second_are_two_sessions() {
    let hub = TestHub::start().await;
    let first = hub.register("ada").await;
    let second = hub.sign_in("ada").await;
    assert_ne!(first.access, second.access);
    assert_eq!(
        hub.post("/api/v1/auth/logout", &first.access, json!(null)).await.status,
        StatusCode::NO_CONTENT
    );
    assert!(!is_open(&hub, &first.access).await);
    assert!(is_open(&hub, &second.access).await);
    assert_eq!(refresh(&hub, &first.refresh).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refresh(&hub, &second.refresh).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_access_token_lives_thirty_minutes_and_the_session_goes_on() {
    let hub = TestHub::start().await;
    let user = hub.register("ada").await;
    hub.clock.advance(Duration::from_mins(30));
    assert!(!is_open(&hub, &user.access).await);
    let next = refresh(&hub, &user.refresh).await;
    assert!(is_open(&hub, &token(&next, "access_token")).await);
    hub.clock.advance(Duration::from_hours(7 * 24));
    assert_eq!(
        refresh(&hub, &token(&next, "refresh_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn neither_token_passes_for_the_other() {
    let hub = TestHub::start().await;
    let user = hub.register("ada").await;
    assert!(!is_open(&hub, &user.refresh).await);
    assert_eq!(refresh(&hub, &user.access).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn ten_refreshes_at_once_get_one_successor() {
    let hub = Arc::new(TestHub::start().await);
    let user = hub.register("ada").await;
    let tries = (0..10).map(|_| {
        let (hub, token) = (Arc::clone(&hub), user.refresh.clone());
        tokio::spawn(async move { refresh(&hub, &token).await })
    });
    let mut successors = std::collections::HashSet::new();
    for attempt in tries.collect::<Vec<_>>() {
        let answer = attempt.await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        assert!(is_open(&hub, &token(&answer, "access_token")).await);
        successors.insert(token(&answer, "refresh_token"));
    }
    assert_eq!(successors.len(), 1);
    assert!(!successors.contains(&user.refresh));
}

#[tokio::test]
async fn a_replaced_token_answers_for_a_minute_and_then_ends_the_session() {
    let hub = TestHub::start().await;
    let user = hub.register("ada").await;
    let next = refresh(&hub, &user.refresh).await;
    hub.clock.advance(Duration::from_secs(59));
    let again = refresh(&hub, &user.refresh).await;
    assert_eq!(token(&again, "refresh_token"), token(&next, "refresh_token"));
    assert!(is_open(&hub, &token(&next, "access_token")).await);
    hub.clock.advance(Duration::from_secs(1));
    assert_eq!(refresh(&hub, &user.refresh).await.status, StatusCode::UNAUTHORIZED);
    assert!(!is_open(&hub, &token(&next, "access_token")).await);
    assert_eq!(
        refresh(&hub, &token(&next, "refresh_token")).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_keeps_this_one() {
    let hub = TestHub::start().await;
    let here = hub.register("ada").await;
    let there = hub.sign_in("ada").await;
    let change = |current: &'static str, new: &'static str| {
        let (hub, token) = (&hub, here.access.clone());
        let body = json!({"current_password": current, "new_password": new});
        async move { hub.put("/api/v1/auth/me/password", &token, body).await.status }
    };
    assert_eq!(change("wrong horse 1", "better horse 2").await, StatusCode::BAD_REQUEST);
    assert_eq!(change(PASSWORD, "short1").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(change(PASSWORD, "better horse 2").await, StatusCode::NO_CONTENT);
    assert!(is_open(&hub, &here.access).await);
    assert_eq!(refresh(&hub, &here.refresh).await.status, StatusCode::OK);
    assert!(!is_open(&hub, &there.access).await);
    assert_eq!(refresh(&hub, &there.refresh).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hub.login("ada", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(hub.login("ada", "better horse 2").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_deactivated_user_cannot_refresh() {
    let hub = TestHub::start().await;
    let user = hub.register("ada").await;
    hub.deactivate(user.id).await;
    assert_eq!(refresh(&hub, &user.refresh).await.status, StatusCode::UNAUTHORIZED);
}

#[derive(Debug, Clone)]
enum Step {
    /// Present the n-th newest token that was handed out.
    Present(usize),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![(0usize..4).prop_map(Step::Present), (1u64..90).prop_map(Step::Wait)];
    proptest::collection::vec(step, 1..12)
}

/// Whatever is presented when: the newest token always goes on, one replaced less than a minute ago gives the token that
/// took its place, and an older one ends everything.
#[test]
fn rotation_keeps_its_promises_in_any_order_of_events() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let hub = runtime.block_on(async {
        let hub = TestHub::start().await;
        hub.register("ada").await;
        hub
    });
    let mut runner = TestRunner::new(ProptestConfig::with_cases(24));
    let outcome = runner.run(&steps(), |steps| {
        runtime.block_on(play(&hub, steps));
        Ok(())
    });
    outcome.unwrap();
}

async fn play(hub: &TestHub, steps: Vec<Step>) {
    let mut chain = vec![hub.sign_in("ada").await.refresh];
    let mut replaced_ago: Vec<u64> = Vec::new();
    for step in steps {
        match step {
            Step::Wait(seconds) => {
                hub.clock.advance(Duration::from_secs(seconds));
                for ago in &mut replaced_ago {
                    *ago += seconds;
                }
            }
            Step::Present(back) => {
                let at = chain.len() - 1 - back.min(chain.len() - 1);
                let answer = refresh(hub, &chain[at]).await;
                if at == chain.len() - 1 {
                    chain.push(token(&answer, "refresh_token"));
                    replaced_ago.push(0);
                } else if replaced_ago[at] < 60 {
                    assert_eq!(token(&answer, "refresh_token"), chain[at + 1]);
                } else {
                    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
                    let newest = refresh(hub, chain.last().unwrap()).await;
                    assert_eq!(newest.status, StatusCode::UNAUTHORIZED);
                    return;
                }
            }
        }
    }
}
