//! Search, stars, lists and catalogues: what is asked of the hub, and what is made of its answers.

use serde_json::json;
use syfthub_client::wire::endpoint::EndpointDraft;
use syfthub_client::{EndpointType, ErrorKind};

use crate::support::{Asked, FixtureHub, own_endpoint, refusal, reply, tokens};

fn public_endpoint() -> serde_json::Value {
    json!({
        "id": 7, "name": "Field notes", "slug": "field-notes", "type": "data_source", "owner_username": "ada",
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    })
}

fn hub(asked: &Asked) -> axum::response::Response {
    let mut found = public_endpoint();
    found["relevance_score"] = json!(0.75);
    match asked.route.as_str() {
        "POST /api/v1/endpoints/search" => {
            reply(200, &json!({"results": [found], "total": 1, "query": "notes"}))
        }
        "GET /api/v1/endpoints/trending" | "GET /api/v1/endpoints/public" => {
            reply(200, &json!([public_endpoint()]))
        }
        "GET /api/v1/endpoints/public/owners" => reply(
            200,
            &json!([{"username": "ada", "endpoint_count": 1, "model_count": 0, "data_source_count": 1, "stars_count": 4}]),
        ),
        "POST /api/v1/endpoints/by-path/ada/field-notes/star" => {
            reply(201, &json!({"starred": true}))
        }
        "GET /api/v1/endpoints/by-path/ada/field-notes/starred" => {
            reply(200, &json!({"starred": false}))
        }
        "DELETE /api/v1/endpoints/by-path/ada/field-notes/star" => reply(204, &json!(null)),
        "POST /api/v1/endpoints/sync" => reply(
            200,
            &json!({"synced": 1, "deleted": 2, "endpoints": [own_endpoint("field-notes", "data_source")]}),
        ),
        _ => refusal(404, "Not Found"),
    }
}

#[tokio::test]
async fn a_search_is_sent_without_a_token_and_brings_scores() {
    let hub = FixtureHub::start(hub).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let found = client
        .endpoints()
        .search("notes")
        .top_k(99)
        .kind(EndpointType::DataSource)
        .send()
        .await
        .unwrap();
    assert_eq!((found[0].endpoint.slug.as_str(), found[0].relevance_score), ("field-notes", 0.75));
    assert_eq!(found[0].endpoint.id.map(|id| id.0), Some(7));
    let asked = &hub.all()[0];
    assert_eq!(asked.json(), json!({"query": "notes", "top_k": 50, "type": "data_source"}));
    assert_eq!(asked.bearer, None);
}

#[tokio::test]
async fn lists_carry_their_filters() {
    let hub = FixtureHub::start(hub).await;
    let client = hub.client().build().unwrap();
    client.endpoints().trending().min_stars(3).kind(EndpointType::Model).send().await.unwrap();
    client.endpoints().public().search("field notes").limit(5).send().await.unwrap();
    let owners = client.endpoints().owners().send().await.unwrap();
    assert_eq!((owners[0].username.as_str(), owners[0].stars_count), ("ada", 4));
    let queries: Vec<String> = hub.all().into_iter().map(|asked| asked.query).collect();
    assert_eq!(
        queries,
        [
            "min_stars=3&endpoint_type=model&skip=0&limit=10",
            "search=field+notes&skip=0&limit=5",
            "skip=0&limit=10"
        ]
    );
}

#[tokio::test]
async fn stars_are_given_asked_for_and_taken_back_by_address() {
    let hub = FixtureHub::start(hub).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let path = "ada/field-notes".parse().unwrap();
    assert!(client.endpoints().star(&path).await.unwrap());
    assert!(!client.endpoints().is_starred(&path).await.unwrap());
    client.endpoints().unstar(&path).await.unwrap();
    let other = client.endpoints().star(&"ada/missing".parse().unwrap()).await.unwrap_err();
    assert_eq!(other.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_catalogue_is_sent_whole() {
    let hub = FixtureHub::start(hub).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let catalogue = vec![EndpointDraft::new("Field notes", EndpointType::DataSource)];
    let published = client.endpoints().sync(catalogue).await.unwrap();
    assert_eq!(
        (published.synced, published.deleted, published.endpoints[0].slug.as_str()),
        (1, 2, "field-notes")
    );
    client.endpoints().sync(Vec::new()).await.unwrap();
    assert_eq!(hub.all()[1].json(), json!({"endpoints": []}));
}
