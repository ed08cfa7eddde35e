//! Organizations and their members.

use futures_util::TryStreamExt as _;
use serde_json::json;
use syfthub_client::wire::organization::{OrganizationDraft, OrganizationPatch};
use syfthub_client::{ErrorKind, OrgRole, OrganizationId, Patch, UserId};

use crate::support::{FixtureHub, organization, refusal, reply, tokens};

const ACME: OrganizationId = OrganizationId(5);

#[tokio::test]
async fn an_organization_is_founded_changed_and_deleted() {
    let hub = FixtureHub::start(|asked| match asked.route.as_str() {
        "POST /api/v1/organizations" => reply(201, &organization()),
        "PUT /api/v1/organizations/5" => reply(200, &organization()),
        "DELETE /api/v1/organizations/5" => reply(204, &json!(null)),
        _ => refusal(404, "Organization not found"),
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let organizations = client.organizations();
    let founded = organizations.create(&OrganizationDraft::new("Acme")).await.unwrap();
    assert_eq!((founded.id, founded.slug.as_str()), (ACME, "acme"));
    assert_eq!(hub.all()[0].json(), json!({"name": "Acme", "description": ""}));
    let patch = OrganizationPatch { domain: Patch::Clear, ..OrganizationPatch::default() };
    organizations.update(ACME, &patch).await.unwrap();
    assert_eq!(hub.all()[1].json(), json!({"domain": null}));
    organizations.delete(ACME).await.unwrap();
    let hidden = organizations.get(OrganizationId(6)).await.unwrap_err();
    assert_eq!(hidden.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn members_come_page_after_page_and_in_their_roles() {
    let member = |user: i64| {
        json!({
            "id": user, "organization_id": 5, "user_id": user, "role": "viewer", "is_active": true,
            "joined_at": "2026-01-01T00:00:00Z",
        })
    };
    let hub = FixtureHub::start(move |asked| match asked.route.as_str() {
        "GET /api/v1/organizations/5/members" if asked.query.contains("skip=0&") => {
            reply(200, &json!([member(1), member(2)]))
        }
        "GET /api/v1/organizations/5/members" => reply(200, &json!([member(3)])),
        "POST /api/v1/organizations/5/members" => reply(201, &member(4)),
        "PUT /api/v1/organizations/5/members/4" => reply(200, &member(4)),
        "DELETE /api/v1/organizations/5/members/4" => refusal(400, "keeps an owner"),
        _ => refusal(404, "Not Found"),
    })
    .await;
    let client = hub.client().tokens(tokens("t")).build().unwrap();
    let organizations = client.organizations();
    let viewers = organizations.members(ACME).role(OrgRole::Viewer).limit(2).stream();
    let users: Vec<UserId> = viewers.map_ok(|member| member.user_id).try_collect().await.unwrap();
    assert_eq!(users, [1, 2, 3].map(UserId));
    assert!(hub.all().iter().all(|asked| asked.query.contains("role=viewer")));
    organizations.add_member(ACME, UserId(4), OrgRole::Admin).await.unwrap();
    let sent = hub.asked("POST /api/v1/organizations/5/members")[0].json();
    assert_eq!(sent, json!({"user_id": 4, "role": "admin"}));
    organizations.set_role(ACME, UserId(4), OrgRole::Owner).await.unwrap();
    let sent = hub.asked("PUT /api/v1/organizations/5/members/4")[0].json();
    assert_eq!(sent, json!({"role": "owner"}));
    let refused = organizations.remove_member(ACME, UserId(4)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused);
}
