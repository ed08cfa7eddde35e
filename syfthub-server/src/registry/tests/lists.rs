//! The public list and one's own.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use super::{draft, seen_by, slugs};
use crate::config::PublicTypes;
use crate::testing::TestHub;

const PUBLIC: &str = "/api/v1/endpoints/public";

#[tokio::test]
async fn the_public_list_shows_public_endpoints_without_private_fields() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for visibility in ["private", "internal", "public"] {
        hub.publish(&ada.access, seen_by(visibility, visibility)).await;
    }
    for token in ["", ada.access.as_str(), "nonsense"] {
        let list = hub.get(PUBLIC, token).await;
        assert_eq!((list.status, slugs(&list.body)), (StatusCode::OK, vec!["public"]));
        let shown = list.body[0].as_object().unwrap();
        assert_eq!(
            (&shown["owner_username"], &shown["contributors_count"]),
            (&json!("ada"), &json!(1))
        );
        for hidden in ["user_id", "contributors", "visibility", "is_active"] {
            assert!(!shown.contains_key(hidden), "{hidden}");
        }
    }
}

#[tokio::test]
async fn the_public_list_follows_every_change_at_once() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let list = || async { hub.get(PUBLIC, "").await.body };
    assert_eq!(list().await, json!([]));
    let endpoint = hub.publish(&ada.access, draft("Notes", "model")).await;
    assert_eq!(slugs(&list().await), ["notes"]);
    hub.patch("/api/v1/endpoints/slug/notes", &ada.access, json!({"name": "New"})).await;
    assert_eq!(list().await[0]["name"], "New");
    hub.put("/api/v1/users/me", &ada.access, json!({"username": "countess"})).await;
    assert_eq!(list().await[0]["owner_username"], "countess");
    hub.patch("/api/v1/endpoints/slug/notes", &ada.access, json!({"visibility": "private"})).await;
    assert_eq!(list().await, json!([]));
    hub.patch("/api/v1/endpoints/slug/notes", &ada.access, json!({"visibility": "public"})).await;
    assert_eq!(slugs(&list().await), ["notes"]);
    hub.delete(&format!("/api/v1/endpoints/{}", endpoint["id"]), &ada.access).await;
    assert_eq!(list().await, json!([]));
}

#[tokio::test]
async fn pages_are_full_stable_and_latest_first() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for n in 0..25 {
        hub.publish(
            &ada.access,
            seen_by(&format!("e{n:02}x"), if n % 5 == 4 { "private" } else { "public" }),
        )
        .await;
        if n % 2 == 0 {
            hub.clock.advance(Duration::from_secs(1));
        }
    }
    let everything: Vec<String> = slugs(&hub.get(&format!("{PUBLIC}?limit=100"), "").await.body)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let expected: Vec<String> =
        (0..25).rev().filter(|n| n % 5 != 4).map(|n| format!("e{n:02}x")).collect();
    assert_eq!(everything, expected);
    let mut paged = Vec::new();
    for skip in (0..28).step_by(7) {
        let page = hub.get(&format!("{PUBLIC}?skip={skip}&limit=7"), "").await.body;
        assert_eq!(page.as_array().unwrap().len(), 7.min(20_usize.saturating_sub(skip)));
        paged.extend(slugs(&page).into_iter().map(str::to_owned));
    }
    assert_eq!(paged, expected);
    assert_eq!(hub.get(PUBLIC, "").await.body.as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn pages_out_of_range_are_refused() {
    let hub = TestHub::start().await;
    for query in ["skip=-1", "limit=0", "limit=101", "limit=x", "endpoint_type=robot"] {
        let answer = hub.get(&format!("{PUBLIC}?{query}"), "").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(answer.body["detail"][0]["loc"][0], "query");
    }
}

#[tokio::test]
async fn types_are_shown_as_they_are_or_as_the_oldest_clients_know_them() {
    let types = ["model", "data_source", "model_data_source", "agent"];
    for (setting, shown) in [
        (PublicTypes::Modern, types.to_vec()),
        (PublicTypes::Legacy, vec!["model", "data_source", "model"]),
    ] {
        let hub = TestHub::with(|config| config.registry.public_types = setting).await;
        let ada = hub.register("ada").await;
        for kind in types.iter().rev() {
            hub.publish(&ada.access, draft(kind, kind)).await;
        }
        let kinds = |list: &Value| -> Vec<String> {
            list.as_array()
                .unwrap()
                .iter()
                .map(|e| e["type"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(kinds(&hub.get(PUBLIC, "").await.body), shown);
        let models = hub.get(&format!("{PUBLIC}?endpoint_type=model"), "").await.body;
        assert_eq!(
            kinds(&models),
            shown.iter().filter(|kind| kind.starts_with("model")).copied().collect::<Vec<_>>()
        );
        for view in ["/api/v1/endpoints/public/by-owner/ada", "/ada"] {
            assert_eq!(kinds(&hub.get(view, "").await.body), shown, "{view}");
        }
        assert_eq!(kinds(&hub.get("/api/v1/endpoints", &ada.access).await.body), types);
    }
}

#[tokio::test]
async fn ones_own_list_is_filtered_and_searched_before_it_is_cut() {
    let hub = TestHub::start().await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    hub.publish(&bob.access, draft("Bobs", "model")).await;
    for (name, description, visibility) in [
        ("Alpha", "10% of ÉTÉ", "public"),
        ("Beta", "a_b", "private"),
        ("Gamma", "alphabet", "internal"),
    ] {
        let body = json!({"name": name, "type": "model", "description": description, "visibility": visibility});
        hub.publish(&ada.access, body).await;
    }
    for (query, expected) in [
        ("", vec!["gamma", "beta", "alpha"]),
        ("?visibility=private", vec!["beta"]),
        ("?search=ALPHA", vec!["gamma", "alpha"]),
        ("?search=%C3%A9t%C3%A9", vec!["alpha"]),
        ("?search=%25", vec!["alpha"]),
        ("?search=_", vec!["beta"]),
        ("?search=alpha&skip=1&limit=1", vec!["alpha"]),
        ("?search=nothing", vec![]),
    ] {
        let answer = hub.get(&format!("/api/v1/endpoints{query}"), &ada.access).await;
        assert_eq!(slugs(&answer.body), expected, "{query}");
    }
    assert_eq!(hub.get("/api/v1/endpoints", "").await.status, StatusCode::UNAUTHORIZED);
    let refused = hub.get("/api/v1/endpoints?visibility=secret", &ada.access).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}
