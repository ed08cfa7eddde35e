//! Organizations as the audience of satellite tokens.

use http::StatusCode;
use serde_json::{Value, json};

use super::Team;
use crate::testing::TestHub;

async fn mint(hub: &TestHub, path: &str, token: &str) -> String {
    let answer = hub.get(path, token).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    answer.body["target_token"].as_str().unwrap().to_owned()
}

async fn judged(hub: &TestHub, service: &str, token: &str) -> Value {
    let answer = hub.post("/api/v1/verify", service, json!({ "token": token })).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.body
}

#[tokio::test]
async fn admins_and_owners_judge_tokens_for_their_organization() {
    let team = Team::start().await;
    let token = mint(&team.hub, "/api/v1/token?aud=ACME", &team.stranger.access).await;
    for (who, service) in team.everybody() {
        let verdict = judged(&team.hub, service, &token).await;
        if ["admin", "owner"].contains(&who) {
            assert_eq!(
                [&verdict["valid"], &verdict["username"], &verdict["aud"]],
                [&json!(true), &json!("stranger"), &json!("acme")]
            );
        } else {
            let error = (&verdict["valid"], &verdict["error"]);
            assert_eq!(error, (&json!(false), &json!("audience_mismatch")), "{who}");
        }
    }
    let own = mint(&team.hub, "/api/v1/token?aud=owner", &team.stranger.access).await;
    assert_eq!(judged(&team.hub, &team.owner.access, &own).await["valid"], true);
    assert_eq!(judged(&team.hub, &team.admin.access, &own).await["error"], "audience_mismatch");
}

#[tokio::test]
async fn a_guest_is_known_to_an_organization_too() {
    let team = Team::start().await;
    let token = mint(&team.hub, "/api/v1/token/guest?aud=acme", "").await;
    assert_eq!(judged(&team.hub, &team.admin.access, &token).await["username"], "guest");
}

#[tokio::test]
async fn a_deleted_organization_is_no_audience() {
    let team = Team::start().await;
    let hub = &team.hub;
    let token = mint(hub, "/api/v1/token?aud=acme", &team.stranger.access).await;
    hub.delete(&team.path(""), &team.owner.access).await;
    for path in ["/api/v1/token?aud=acme", "/api/v1/token/guest?aud=acme"] {
        let answer = hub.get(path, &team.stranger.access).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.body["detail"]["error"], "audience_not_found");
    }
    assert_eq!(judged(hub, &team.owner.access, &token).await["error"], "audience_mismatch");
}
