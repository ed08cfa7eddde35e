//! Publishing what may exist already.

use serde_json::json;
use syfthub_client::wire::endpoint::EndpointDraft;
use syfthub_client::{EndpointType, ErrorKind, OrganizationId, Publication};

use crate::support::{Asked, FixtureHub, organization, own_endpoint, refusal, reply, tokens, user};

/// A hub where ada has published the data source `field-notes`.
fn with_field_notes(asked: &Asked) -> axum::response::Response {
    match asked.route.as_str() {
        "POST /api/v1/endpoints" if asked.json()["slug"] == "field-notes" => {
            refusal(400, "Slug already taken")
        }
        "POST /api/v1/endpoints" => reply(201, &own_endpoint("new-notes", "data_source")),
        "GET /api/v1/auth/me" => reply(200, &user()),
        "GET /ada/field-notes" | "PATCH /api/v1/endpoints/slug/field-notes" => {
            reply(200, &own_endpoint("field-notes", "data_source"))
        }
        _ => refusal(404, "Not Found"),
    }
}

#[tokio::test]
async fn a_free_slug_is_created_and_a_taken_one_of_our_own_is_updated() {
    let hub = FixtureHub::start(with_field_notes).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let draft = EndpointDraft::new("New notes", EndpointType::DataSource);
    let published = client.endpoints().publish(&draft).await.unwrap();
    assert!(matches!(published, Publication::Created(_)));
    assert_eq!(hub.all()[0].json()["slug"], "new-notes", "so that the next time finds it");

    let draft = EndpointDraft::new("Field notes", EndpointType::DataSource);
    let published = client.endpoints().publish(&draft).await.unwrap();
    assert!(matches!(published, Publication::Updated(_)));
    let patch = hub.asked("PATCH /api/v1/endpoints/slug/field-notes")[0].json();
    assert_eq!((&patch["name"], patch.get("slug")), (&json!("Field notes"), None));
}

#[tokio::test]
async fn an_endpoint_of_another_type_is_left_as_it_is() {
    let hub = FixtureHub::start(with_field_notes).await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let draft = EndpointDraft::new("Field notes", EndpointType::Model);
    let error = client.endpoints().publish(&draft).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(hub.asked("PATCH /api/v1/endpoints/slug/field-notes").is_empty());
}

#[tokio::test]
async fn a_refusal_that_is_about_something_else_is_told_as_it_is() {
    let hub = FixtureHub::start(|asked| match asked.route.as_str() {
        "POST /api/v1/endpoints" => refusal(400, "the address is not yours"),
        "GET /api/v1/auth/me" => reply(200, &user()),
        _ => refusal(404, "Not Found"),
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let draft = EndpointDraft::new("Field notes", EndpointType::Model);
    let error = client.endpoints().publish(&draft).await.unwrap_err();
    assert_eq!(error.to_string(), "the address is not yours");
}

#[tokio::test]
async fn what_an_organization_has_is_updated_by_its_number_and_not_the_users_own() {
    let hub = FixtureHub::start(|asked| match asked.route.as_str() {
        "POST /api/v1/endpoints" => refusal(400, "Slug already taken"),
        "GET /api/v1/organizations/5" => reply(200, &organization()),
        "GET /acme/field-notes" | "PATCH /api/v1/endpoints/3" => {
            reply(200, &own_endpoint("field-notes", "data_source"))
        }
        _ => refusal(404, "Not Found"),
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let mut draft = EndpointDraft::new("Field notes", EndpointType::DataSource);
    draft.organization_id = Some(OrganizationId(5));
    let published = client.endpoints().publish(&draft).await.unwrap();
    assert!(matches!(published, Publication::Updated(_)));
    assert_eq!(hub.asked("POST /api/v1/endpoints")[0].json()["organization_id"], 5);
    assert!(hub.asked("PATCH /api/v1/endpoints/slug/field-notes").is_empty());
}
