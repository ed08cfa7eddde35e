//! Policies as the owner sets them up, and what they do to questions.

use reqwest::Method;

use super::*;

impl Stage {
    /// The id of the endpoint at `slug`.
    pub(super) async fn endpoint_id(&self, slug: &str) -> String {
        let endpoint = self.get(&format!("endpoints/{slug}")).await;
        endpoint["id"].as_str().unwrap().to_owned()
    }

    /// Guards the endpoint with a policy and answers the policy.
    pub(super) async fn guard(&self, slug: &str, kind: &str, configuration: Value) -> Value {
        let endpoint = self.endpoint_id(slug).await;
        let name = format!("{kind} {}", self.get("policies/").await.as_array().unwrap().len());
        let new = json!({"name": name, "policy_type": kind, "configuration": configuration, "endpoint_id": endpoint});
        let (status, policy) = self.owner(Method::POST, "policies/", Some(new)).await;
        assert_eq!(status, 201, "{policy}");
        policy
    }

    /// The status and body of the answer to bob's question.
    pub(super) async fn told(&self, slug: &str) -> (u16, Value) {
        let response = self.ask_with(&self.token().await, slug, &question()).await;
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub(super) async fn latest_decision(&self) -> Value {
        self.get("decisions/?limit=1").await[0].clone()
    }
}

#[tokio::test]
async fn policies_are_made_changed_and_removed() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let types = stage.get("policies/types/").await;
    let names: Vec<&str> =
        types.as_array().unwrap().iter().map(|kind| kind["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["access", "accounting", "rate_limit"]);
    assert_eq!(stage.get("policies/types/rate_limit/schema").await["required"], json!(["limit"]));
    assert_eq!(stage.owner(Method::GET, "policies/types/none", None).await.0, 404);

    let made = stage.guard("permits", "rate_limit", json!({"rate": "5/m"})).await;
    let full = json!({"limit": "5/m", "scope": "per_user", "applied_to": ["*"]});
    assert_eq!(made["configuration"], full);
    let place = format!("policies/{}", made["id"].as_str().unwrap());
    let patch = json!({"configuration": {"limit": "9/h", "scope": "global"}});
    let (status, changed) = stage.owner(Method::PATCH, &place, Some(patch)).await;
    assert_eq!(
        (status, &changed["configuration"]["limit"], &changed["name"]),
        (200, &json!("9/h"), &made["name"])
    );
    let (_, changed) = stage
        .owner(
            Method::PATCH,
            &place,
            Some(json!({"name": "fair", "configuration": {"scope": null}})),
        )
        .await;
    assert_eq!(
        (&changed["name"], &changed["configuration"]["scope"]),
        (&json!("fair"), &json!("per_user"))
    );
    assert_eq!(stage.owner(Method::PATCH, &place, Some(json!({}))).await.0, 422);
    assert_eq!(
        stage.owner(Method::PATCH, &place, Some(json!({"configuration": {"limit": "x"}}))).await.0,
        400
    );
    assert_eq!(stage.get(&place).await["configuration"]["limit"], "9/h");
    let detail = stage.get("endpoints/permits").await;
    assert_eq!(detail["policies"][0]["name"], "fair");

    let listed = stage.get("policies/").await;
    assert_eq!((listed.as_array().unwrap().len(), listed[0].get("configuration")), (1, None));
    let trace = stage.get("audit?limit=3").await;
    assert_eq!(trace[0]["action"], "policy.update");
    assert_eq!(stage.owner(Method::DELETE, &place, None).await.0, 200);
    assert_eq!(stage.owner(Method::DELETE, &place, None).await.0, 404);
    assert_eq!(stage.owner(Method::GET, "policies/no-uuid", None).await.0, 422);
    stage.close().await;
}

#[tokio::test]
async fn a_policy_that_cannot_be_meant_is_refused_or_pointed_out() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let endpoint = stage.endpoint_id("permits").await;
    let refused = async |kind: &str, configuration: Value, endpoint: &str, expected: u16| {
        let new = json!({"name": "x", "policy_type": kind, "configuration": configuration, "endpoint_id": endpoint});
        let (status, answer) = stage.owner(Method::POST, "policies/", Some(new)).await;
        assert_eq!(status, expected, "{answer}");
        answer["detail"].to_string()
    };
    assert!(refused("none", json!({}), &endpoint, 400).await.contains("no policy type none"));
    assert!(refused("access", json!({}), &endpoint, 400).await.contains("has to name somebody"));
    let nobody = json!({"allowed_users": ["example.org"]});
    assert!(refused("access", nobody, &endpoint, 400).await.contains("matches no e-mail address"));
    refused("rate_limit", json!({"limit": "0/s"}), &endpoint, 400).await;
    let elsewhere = "01890000-0000-7000-8000-000000000000";
    assert!(
        refused("rate_limit", json!({"limit": "1/s"}), elsewhere, 404)
            .await
            .contains("Endpoint not found")
    );
    stage.guard("permits", "access", json!({"denied_users": ["*@example.org"]})).await;
    let shadowed =
        stage.guard("permits", "access", json!({"allowed_users": ["bob@example.org"]})).await;
    assert_eq!(
        shadowed["warnings"],
        json!(["allowed_users: bob@example.org lets nobody in, since *@example.org is denied"])
    );
    stage.close().await;
}

#[tokio::test]
async fn who_is_denied_hears_a_code_and_the_owner_hears_the_pattern() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let policy =
        stage.guard("permits", "access", json!({"denied_users": ["b?b@example.org"]})).await;
    let (status, body) = stage.told("permits").await;
    assert_eq!((status, &body["detail"]), (403, &json!("Access denied by the endpoint's policy")));
    let metadata = &body["policy_metadata"];
    assert_eq!(metadata["outcome"], "access_denied");
    assert_eq!(metadata["entries"][0]["reason_code"], "ACCESS_DENIED");
    assert!(!body.to_string().contains("b?b"), "{body}");
    let decision = stage.latest_decision().await;
    for (key, expected) in [
        ("outcome", json!("access_denied")),
        ("status", json!(403)),
        ("policy_id", policy["id"].clone()),
        ("policy_type", json!("access")),
        ("email", json!("bob@example.org")),
        ("endpoint_slug", json!("permits")),
        ("detail", json!("denied_users: b?b@example.org")),
    ] {
        assert_eq!(decision[key], expected, "{key}");
    }
    assert!(decision["duration_ms"].as_f64().unwrap() > 0.0);
    // Another endpoint is not concerned.
    assert_eq!(stage.told("words").await.0, 200);
    stage.close().await;
}

#[tokio::test]
async fn who_is_invited_passes_and_one_policy_more_closes() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.guard("permits", "access", json!({"allowed_users": ["*@example.org"]})).await;
    let (status, body) = stage.told("permits").await;
    assert_eq!((status, &body["policy_metadata"]["outcome"]), (200, &json!("success")));
    assert_eq!(body["policy_metadata"]["entries"][0]["status"], "applied");
    stage.guard("permits", "access", json!({"denied_users": ["bob@*"]})).await;
    assert_eq!(stage.told("permits").await.0, 403);
    let forecast = stage.get("policies/check?endpoint=permits&email=bob@example.org").await;
    assert_eq!(
        (&forecast["allowed"], &forecast["policies"][1]["effect"]),
        (&json!(false), &json!("denies"))
    );
    let forecast = stage.get("policies/check?endpoint=permits&email=ada@example.org").await;
    assert_eq!(forecast["allowed"], true);
    assert_eq!(
        stage.owner(Method::GET, "policies/check?endpoint=none&email=a@b.c", None).await.0,
        404
    );
    stage.close().await;
}

#[tokio::test]
async fn the_third_question_within_a_second_hears_when_to_try_again() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.guard("permits", "rate_limit", json!({"limit": "2/s"})).await;
    stage.guard("permits", "rate_limit", json!({"limit": "100/h"})).await;
    assert_eq!(stage.told("permits").await.0, 200);
    assert_eq!(stage.told("permits").await.0, 200);
    let response = stage.ask_with(&stage.token().await, "permits", &question()).await;
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.headers()["retry-after"], "1");
    let body: Value = response.json().await.unwrap();
    let entries = body["policy_metadata"]["entries"].as_array().unwrap();
    assert_eq!(entries.last().unwrap()["reason_code"], "RATE_LIMITED");
    assert_eq!(body["policy_metadata"]["outcome"], "rate_limited");
    let url = format!("http://{}/api/v1/endpoints/permits/query", stage.questions.address());
    let old = http().post(url).bearer_auth(stage.token().await).header("prefer", "legacy-statuses");
    assert_eq!(old.json(&question()).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    stage.clock.advance(Duration::from_secs(1));
    assert_eq!(stage.told("permits").await.0, 200);
    stage.close().await;
}

#[tokio::test]
async fn a_rate_window_outlives_a_restart() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.guard("permits", "rate_limit", json!({"limit": "1/h"})).await;
    assert_eq!(stage.told("permits").await.0, 200);
    let stage = stage.restarted().await;
    let mut progress = stage.space.progress();
    progress.wait_for(super::super::Progress::is_ready).await.unwrap();
    assert_eq!(stage.told("permits").await.0, 429);
    stage.close().await;
}

#[tokio::test]
async fn guests_share_a_window_and_can_be_kept_out() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let policy = stage.guard("permits", "rate_limit", json!({"limit": "1/h"})).await;
    let guest = Client::builder(stage.hub.as_str()).build().unwrap();
    let token = async || guest.tokens().guest(&"ada".parse().unwrap()).await.unwrap();
    let ask = async || {
        stage.ask_with(token().await.expose(), "permits", &question()).await.status().as_u16()
    };
    assert_eq!((ask().await, ask().await), (200, 429));
    // A user has a window of their own.
    assert_eq!(stage.told("permits").await.0, 200);
    let path = format!("policies/{}", policy["id"].as_str().unwrap());
    assert_eq!(stage.owner(Method::DELETE, &path, None).await.0, 200);
    stage.guard("permits", "access", json!({"denied_users": ["guest@syfthub.org"]})).await;
    assert_eq!(ask().await, 403);
    assert_eq!(stage.latest_decision().await["subject"], "guest");
    stage.close().await;
}

#[tokio::test]
async fn decisions_are_filtered_paged_exported_and_forgotten() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.guard("permits", "rate_limit", json!({"limit": "2/h"})).await;
    for _ in 0..3 {
        stage.told("permits").await;
    }
    stage.told("words").await;
    let of = async |query: &str| {
        stage.get(&format!("decisions?{query}")).await.as_array().unwrap().clone()
    };
    assert_eq!(of("").await.len(), 4);
    assert_eq!(of("endpoint=words").await.len(), 1);
    let refused = of("outcome=rate_limited").await;
    assert_eq!((refused.len(), &refused[0]["detail"]), (1, &json!("limit 2/h")));
    let first = of("limit=3").await;
    let rest = of(&format!("before={}", first[2]["id"])).await;
    assert_eq!((first.len(), rest.len()), (3, 1));
    assert_eq!(of(&format!("who={}", rest[0]["correlation_id"].as_str().unwrap())).await.len(), 1);
    assert_eq!(stage.owner(Method::GET, "decisions?outcome=maybe", None).await.0, 422);
    let key = std::fs::read_to_string(stage.folder.path().join("space/admin.key")).unwrap();
    let csv = http().get(stage.admin.join("decisions?format=csv").unwrap()).bearer_auth(key.trim());
    let csv = csv.send().await.unwrap();
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.text().await.unwrap().lines().count(), 5);
    stage.clock.advance(Duration::from_hours(24 * 91));
    stage.space.prune_decisions().await;
    assert!(of("").await.is_empty());
    stage.close().await;
}

#[tokio::test]
async fn the_hub_learns_what_policies_there_are_and_nobodys_name() {
    let stage = Stage::set().await;
    stage.furnish().await;
    stage.guard("permits", "access", json!({"allowed_users": ["bob@example.org"]})).await;
    stage.guard("permits", "rate_limit", json!({"limit": "50/m"})).await;
    stage.space.publish(&Actor::program(), "permits").await.unwrap();
    let path = "ada/permits".parse().unwrap();
    let entry = stage.bob.endpoints().get_path(&path).await.unwrap().unwrap();
    let kinds: Vec<&str> = entry.policies.iter().map(|policy| policy.kind.as_str()).collect();
    assert_eq!(kinds, ["access", "rate_limit"]);
    assert!(entry.policies[1].description.ends_with("50 per minute for each caller"));
    assert!(!serde_json::to_string(&entry.policies).unwrap().contains("bob@"));
    stage.close().await;
}

#[tokio::test]
async fn an_endpoint_answers_so_many_at_a_time_and_questions_have_a_length() {
    let stage = Stage::with(|config| {
        config.query.endpoint_questions = 1;
        config.query.max_question_chars = 40;
        config.query.max_documents = 1;
    })
    .await;
    stage.furnish().await;
    let answer = stage
        .ask("permits", json!({"messages": "permit N-4", "limit": 50, "similarity_threshold": 0}))
        .await;
    assert_eq!(answer["references"]["documents"].as_array().unwrap().len(), 1);
    let long = json!({"messages": "x".repeat(41)});
    let response = stage.ask_with(&stage.token().await, "permits", &long).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let row = stage.space.own_endpoint(super::super::TenantId::ROOT, "permits").await.unwrap();
    let inside = stage.space.gates.enter(row.tenant, row.id, &stage.space.config.query).unwrap();
    let response = stage.ask_with(&stage.token().await, "permits", &json!({"messages": "x"})).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "1");
    drop(inside);
    assert_eq!(
        stage.ask_with(&stage.token().await, "permits", &json!({"messages": "x"})).await.status(),
        200
    );
    stage.close().await;
}

#[tokio::test]
async fn the_correlation_id_goes_through() {
    let stage = Stage::set().await;
    stage.furnish().await;
    let url = format!("http://{}/api/v1/endpoints/permits/query", stage.questions.address());
    let request =
        http().post(url).bearer_auth(stage.token().await).header("x-correlation-id", "c-42");
    let response = request.json(&question()).send().await.unwrap();
    assert_eq!(response.headers()["x-correlation-id"], "c-42");
    assert_eq!(stage.latest_decision().await["correlation_id"], "c-42");
    stage.close().await;
}
