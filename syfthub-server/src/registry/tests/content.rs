//! `/{owner}` and `/{owner}/{slug}`.

use http::{StatusCode, header};
use serde_json::json;

use super::{seen_by, slugs};
use crate::testing::TestHub;

#[tokio::test]
async fn an_owner_s_page_shows_what_the_caller_may_see() {
    let hub = TestHub::start().await;
    let (ada, eve) = (hub.register("ada").await, hub.register("eve").await);
    for visibility in ["public", "internal", "private"] {
        hub.publish(&ada.access, seen_by(visibility, visibility)).await;
    }
    for (token, expected) in [
        ("", vec!["public"]),
        ("expired", vec!["public"]),
        (eve.access.as_str(), vec!["internal", "public"]),
        (ada.access.as_str(), vec!["private", "internal", "public"]),
    ] {
        let answer = hub.get("/ADA", token).await;
        assert_eq!((answer.status, slugs(&answer.body)), (StatusCode::OK, expected));
        assert_eq!(answer.headers[header::VARY], "Accept, Authorization");
    }
    assert_eq!(slugs(&hub.get("/ada?skip=1&limit=1", &ada.access).await.body), ["internal"]);
    let nobody = hub.get("/nobody", "").await;
    assert_eq!(
        (nobody.status, nobody.body),
        (StatusCode::NOT_FOUND, json!({"detail": "'nobody' not found"}))
    );
}

#[tokio::test]
async fn an_address_answers_whole_to_its_owner_and_in_part_to_others() {
    let hub = TestHub::start().await;
    let (ada, eve) = (hub.register("ada").await, hub.register("eve").await);
    hub.publish(&ada.access, seen_by("Notes", "public")).await;
    let whole = hub.get("/Ada/NOTES", &ada.access).await;
    assert!(whole.body["id"].is_i64() && whole.body["contributors"].is_array());
    for token in ["", "expired", eve.access.as_str()] {
        let part = hub.get("/ada/notes", token).await;
        assert_eq!((part.status, &part.body["owner_username"]), (StatusCode::OK, &json!("ada")));
        assert_eq!(part.body["id"], whole.body["id"]);
        assert!(part.body.get("user_id").is_none() && part.body.get("contributors").is_none());
    }
}

#[tokio::test]
async fn what_may_not_be_seen_looks_as_if_it_were_not_there() {
    let hub = TestHub::start().await;
    let (ada, eve) = (hub.register("ada").await, hub.register("eve").await);
    hub.publish(&ada.access, seen_by("internal", "internal")).await;
    hub.publish(&ada.access, seen_by("private", "private")).await;
    for (slug, stranger) in [
        ("internal", StatusCode::OK),
        ("private", StatusCode::NOT_FOUND),
        ("missing", StatusCode::NOT_FOUND),
    ] {
        let path = format!("/ada/{slug}");
        let anonymous = hub.get(&path, "").await;
        assert_eq!(anonymous.status, StatusCode::NOT_FOUND, "{slug}");
        assert_eq!(anonymous.body, json!({"detail": format!("'ada/{slug}' not found")}));
        assert_eq!(hub.get(&path, "expired").await.status, StatusCode::UNAUTHORIZED, "{slug}");
        assert_eq!(hub.get(&path, &eve.access).await.status, stranger, "{slug}");
    }
    assert_eq!(hub.get("/nobody/missing", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_endpoints_of_a_deactivated_user_are_hidden() {
    let hub = TestHub::start().await;
    let (ada, eve) = (hub.register("ada").await, hub.register("eve").await);
    let endpoint = hub.publish(&ada.access, seen_by("Notes", "public")).await;
    hub.deactivate(ada.id).await;
    hub.hub.registry.forget_pages();
    assert_eq!(hub.get("/api/v1/endpoints/public", "").await.body, json!([]));
    assert_eq!(hub.get("/ada", &eve.access).await.status, StatusCode::NOT_FOUND);
    assert_eq!(hub.get("/ada/notes", &eve.access).await.status, StatusCode::NOT_FOUND);
    let by_id = format!("/api/v1/endpoints/{}", endpoint["id"]);
    assert_eq!(hub.get(&by_id, &eve.access).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_owner_s_list_ends_after_the_last_endpoint_and_not_before() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for n in 0..23 {
        hub.publish(&ada.access, seen_by(&format!("e{n}x"), "public")).await;
    }
    for token in ["", ada.access.as_str()] {
        let mut lengths = Vec::new();
        for skip in [0, 10, 20, 30] {
            let page = hub.get(&format!("/ada?skip={skip}"), token).await.body;
            lengths.push(page.as_array().unwrap().len());
        }
        assert_eq!(lengths, [10, 10, 3, 0]);
        assert_eq!(slugs(&hub.get("/ada?limit=100", token).await.body).len(), 23);
    }
}

#[tokio::test]
async fn pages_of_the_hub_are_not_owners() {
    let hub = TestHub::start().await;
    assert_eq!(hub.get("/health", "").await.body["status"], "healthy");
    assert_eq!(hub.get("/api", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(hub.get("/favicon.ico", "").await.status, StatusCode::NOT_FOUND);
}
