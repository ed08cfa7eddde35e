//! The aggregators a user keeps.

use http::StatusCode;
use serde_json::{Value, json};

use crate::testing::TestHub;

const LIST: &str = "/api/v1/users/me/aggregators";

async fn added(hub: &TestHub, token: &str, name: &str) -> Value {
    let draft = json!({"name": name, "url": format!("https://{name}.acme.org/api/v1")});
    let answer = hub.post(LIST, token, draft).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    answer.body
}

async fn default_of(hub: &TestHub, token: &str) -> Value {
    hub.get(&format!("{LIST}?format=object"), token).await.body["default_aggregator_id"].clone()
}

#[tokio::test]
async fn the_first_aggregator_is_the_default_until_another_is_chosen() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    assert_eq!(hub.get(LIST, &ada.access).await.body, json!([]));
    let empty = json!({"aggregators": [], "default_aggregator_id": null});
    assert_eq!(hub.get(&format!("{LIST}?format=object"), &ada.access).await.body, empty);
    let one = added(&hub, &ada.access, "one").await;
    let two = added(&hub, &ada.access, "two").await;
    assert_eq!((&one["is_default"], &two["is_default"]), (&json!(true), &json!(false)));
    assert_eq!((&one["user_id"], &one["name"]), (&json!(ada.id), &json!("one")));
    let path = format!("{LIST}/{}/default", two["id"]);
    let chosen = hub.patch(&path, &ada.access, Value::Null).await;
    assert_eq!((chosen.status, &chosen.body["is_default"]), (StatusCode::OK, &json!(true)));
    let list = hub.get(LIST, &ada.access).await.body;
    assert_eq!((&list[0]["is_default"], &list[1]["is_default"]), (&json!(false), &json!(true)));
    assert_eq!(default_of(&hub, &ada.access).await, two["id"]);
}

#[tokio::test]
async fn when_the_default_goes_the_oldest_of_the_rest_takes_its_place() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let one = added(&hub, &ada.access, "one").await;
    let two = added(&hub, &ada.access, "two").await;
    let three = added(&hub, &ada.access, "three").await;
    let remove = async |id: &Value| hub.delete(&format!("{LIST}/{id}"), &ada.access).await.status;
    assert_eq!(remove(&three["id"]).await, StatusCode::NO_CONTENT);
    assert_eq!(default_of(&hub, &ada.access).await, one["id"]);
    assert_eq!(remove(&one["id"]).await, StatusCode::NO_CONTENT);
    assert_eq!(default_of(&hub, &ada.access).await, two["id"]);
    assert_eq!(remove(&two["id"]).await, StatusCode::NO_CONTENT);
    assert_eq!(default_of(&hub, &ada.access).await, Value::Null);
    assert_eq!(remove(&two["id"]).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_aggregator_changes_by_what_is_sent() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let one = added(&hub, &ada.access, "one").await;
    let two = added(&hub, &ada.access, "two").await;
    let path = format!("{LIST}/{}", two["id"]);
    let renamed = hub.put(&path, &ada.access, json!({"name": "second"})).await.body;
    assert_eq!((&renamed["name"], &renamed["url"]), (&json!("second"), &two["url"]));
    assert_eq!(hub.get(&path, &ada.access).await.body, renamed);
    hub.put(&path, &ada.access, json!({"is_default": true})).await;
    assert_eq!(default_of(&hub, &ada.access).await, two["id"]);
    // There is always a default: it is given up by choosing another.
    let kept = hub.put(&path, &ada.access, json!({"is_default": false})).await.body;
    assert_eq!(kept["is_default"], true);
    let draft = json!({"name": "third", "url": "http://127.0.0.1:9", "is_default": true});
    let third = hub.post(LIST, &ada.access, draft).await.body;
    assert_eq!(default_of(&hub, &ada.access).await, third["id"]);
    assert_ne!(one["id"], third["id"]);
}

#[tokio::test]
async fn the_list_of_another_user_is_out_of_bounds() {
    let hub = TestHub::start().await;
    let (ada, bob) = (hub.register("ada").await, hub.register("bob").await);
    let one = added(&hub, &ada.access, "one").await;
    for (id, status) in
        [(one["id"].clone(), StatusCode::FORBIDDEN), (json!(999), StatusCode::NOT_FOUND)]
    {
        let path = format!("{LIST}/{id}");
        for answer in [
            hub.get(&path, &bob.access).await,
            hub.put(&path, &bob.access, json!({"name": "mine"})).await,
            hub.patch(&format!("{path}/default"), &bob.access, Value::Null).await,
            hub.delete(&path, &bob.access).await,
        ] {
            assert_eq!(answer.status, status, "{id}");
        }
    }
    assert_eq!(hub.get(LIST, &bob.access).await.body, json!([]));
}

#[tokio::test]
async fn a_draft_that_breaks_a_rule_is_refused() {
    let hub = TestHub::with(|config| config.identity.max_aggregators = 1).await;
    let ada = hub.register("ada").await;
    for (draft, field) in [
        (json!({"url": "https://a.org"}), "name"),
        (json!({"name": "n".repeat(101), "url": "https://a.org"}), "name"),
        (json!({"name": "a", "url": "ftp://a.org"}), "url"),
        (json!({"name": "a", "url": "a.org"}), "url"),
        (json!({"name": "a", "url": format!("https://a.org/{}", "x".repeat(500))}), "url"),
    ] {
        let answer = hub.post(LIST, &ada.access, draft).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.body["detail"][0]["loc"][1], field);
    }
    let form = hub.get(&format!("{LIST}?format=xml"), &ada.access).await;
    assert_eq!(form.status, StatusCode::UNPROCESSABLE_ENTITY);
    added(&hub, &ada.access, "one").await;
    let more = hub.post(LIST, &ada.access, json!({"name": "b", "url": "https://b.org"})).await;
    assert_eq!(more.status, StatusCode::BAD_REQUEST);
}
