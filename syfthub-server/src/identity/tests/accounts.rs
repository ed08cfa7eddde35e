//! Registering, signing in and the profile.

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::testing::{PASSWORD, TestHub, registration};

#[tokio::test]
async fn registering_signs_in_and_ignores_the_accounting_fields() {
    let hub = TestHub::start().await;
    let mut body = registration("Ada");
    body["accounting_service_url"] = json!("https://ledger.acme.org");
    body["accounting_password"] = json!("x");
    body["role"] = json!("admin");
    let answer = hub.post("/api/v1/auth/register", "", body).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.body["token_type"], "bearer");
    let user = &answer.body["user"];
    assert_eq!(
        (&user["username"], &user["role"], &user["is_active"]),
        (&json!("ada"), &json!("user"), &json!(true))
    );
    assert!(user.get("password_hash").is_none());
    let token = answer.body["access_token"].as_str().unwrap();
    for path in ["/api/v1/auth/me", "/api/v1/users/me", "/api/v1/users/me/"] {
        let me = hub.get(path.trim_end_matches('/'), token).await;
        assert_eq!((me.status, &me.body), (StatusCode::OK, user), "{path}");
    }
}

#[tokio::test]
async fn a_taken_name_is_told_before_a_taken_address() {
    let hub = TestHub::start().await;
    hub.register("ada").await;
    for (username, email, field) in
        [("ADA", "ada@acme.org", "username"), ("bob", "Ada@Acme.org", "email")]
    {
        let mut body = registration(username);
        body["email"] = json!(email);
        let answer = hub.post("/api/v1/auth/register", "", body).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        let detail = &answer.body["detail"];
        assert_eq!(
            (&detail["code"], &detail["field"]),
            (&json!("USER_ALREADY_EXISTS"), &json!(field))
        );
        assert!(detail["message"].is_string());
    }
}

#[tokio::test]
async fn all_mistakes_of_a_registration_are_told_at_once_and_without_the_password() {
    let hub = TestHub::start().await;
    let body = json!({"username": "!!", "email": "nobody", "full_name": "", "password": "hunter"});
    let answer = hub.post("/api/v1/auth/register", "", body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields: Vec<&Value> =
        answer.body["detail"].as_array().unwrap().iter().map(|issue| &issue["loc"][1]).collect();
    assert_eq!(fields, ["username", "email", "full_name", "password"]);
    assert!(!answer.body.to_string().contains("hunter"));
}

#[tokio::test]
async fn a_refused_body_never_comes_back_with_a_password() {
    let hub = TestHub::start().await;
    let user = hub.register("ada").await;
    let bodies = [
        json!({"password": "hunter22!"}),
        json!({"username": "bob", "password": ["hunter22!"]}),
        json!({"username": {"password": "hunter22!"}, "accounting_password": "hunter22!"}),
    ];
    for body in bodies {
        let answer = hub.post("/api/v1/auth/register", "", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!answer.body.to_string().contains("hunter22!"), "{}", answer.body);
    }
    let body = json!({"new_password": "hunter!", "current_password": 7});
    let answer = hub.put("/api/v1/auth/me/password", &user.access, body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!answer.body.to_string().contains("hunter!"), "{}", answer.body);
}

#[tokio::test]
async fn a_reserved_name_cannot_be_registered() {
    let hub = TestHub::start().await;
    for name in ["guest", "api", "aggregator"] {
        let answer = hub.post("/api/v1/auth/register", "", registration(name)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
}

#[tokio::test]
async fn one_signs_in_by_name_or_address_in_any_case() {
    let hub = TestHub::start().await;
    hub.register("ada").await;
    for identifier in ["ada", "ADA", "ada@acme.org", "Ada@ACME.org"] {
        let answer = hub.login(identifier, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::OK, "{identifier}");
        assert_eq!(answer.body["user"]["username"], "ada");
    }
}

#[tokio::test]
async fn a_long_address_signs_in() {
    let hub = TestHub::start().await;
    let email = format!("ada@{}.{}.{}.org", "a".repeat(60), "b".repeat(60), "c".repeat(60));
    let mut body = registration("ada");
    body["email"] = json!(email);
    assert_eq!(hub.post("/api/v1/auth/register", "", body).await.status, StatusCode::CREATED);
    assert_eq!(hub.login(&email, PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_look_alike() {
    let hub = TestHub::start().await;
    hub.register("ada").await;
    let wrong = hub.login("ada", "correct horse 2").await;
    let unknown = hub.login("eve", PASSWORD).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert_eq!(wrong.body, json!({"detail": "Invalid credentials"}));
    assert_eq!((unknown.status, unknown.body), (wrong.status, wrong.body));
    assert_eq!(wrong.headers[header::WWW_AUTHENTICATE], "Bearer");
}

#[tokio::test]
async fn a_deactivated_user_is_told_so_only_after_the_right_password() {
    let hub = TestHub::start().await;
    let user = hub.register("ada").await;
    hub.deactivate(user.id).await;
    assert_eq!(hub.login("ada", PASSWORD).await.body["detail"], "Account is deactivated");
    assert_eq!(hub.login("ada", "wrong horse 1").await.body["detail"], "Invalid credentials");
    assert_eq!(hub.get("/api/v1/auth/me", &user.access).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_login_that_is_no_form_is_refused_and_never_fails() {
    let hub = TestHub::start().await;
    let json = hub.post("/api/v1/auth/login", "", json!({"username": "ada", "password": PASSWORD}));
    assert_eq!(json.await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(hub.login("", "").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let other = Request::post("/api/v1/auth/register")
        .header(header::CONTENT_TYPE, "text/plain")
        .body(Body::from("username=ada"));
    assert_eq!(hub.send(other.unwrap()).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let form = Request::post("/api/v1/auth/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("username=ada&password=x&grant_type=client_credentials"));
    assert_eq!(hub.send(form.unwrap()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_profile_changes_by_what_is_sent_and_null_clears_addresses() {
    let hub = TestHub::start().await;
    let user = hub.register("ada").await;
    let change = json!({"full_name": "Ada L.", "domain": "http://10.0.0.7:9000/", "avatar_url": "https://acme.org/a.png", "role": "admin"});
    let answer = hub.put("/api/v1/users/me", &user.access, change).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["domain"], "http://10.0.0.7:9000/");
    assert_eq!(
        (&answer.body["full_name"], &answer.body["role"]),
        (&json!("Ada L."), &json!("user"))
    );
    let cleared = json!({"domain": null, "full_name": null});
    let answer = hub.put("/api/v1/users/me", &user.access, cleared).await;
    assert_eq!(
        (&answer.body["domain"], &answer.body["full_name"]),
        (&Value::Null, &json!("Ada L."))
    );
    assert_eq!(answer.body["avatar_url"], "https://acme.org/a.png");
}

#[tokio::test]
async fn domains_are_taken_in_every_spelling_and_hostile_ones_refused() {
    let hub = TestHub::start().await;
    let user = hub.register("ada").await;
    for good in
        ["node.acme.org", "https://node.acme.org/", "tunneling:ada", "http://127.0.0.1:8081"]
    {
        let answer = hub.put("/api/v1/users/me", &user.access, json!({"domain": good})).await;
        assert_eq!((answer.status, &answer.body["domain"]), (StatusCode::OK, &json!(good)));
    }
    for bad in [
        "8.8.8.8:x@127.0.0.1:9443",
        "https://a@b.org",
        "b.org?x",
        "b.org#x",
        "b.org\r\nx",
        "ftp://b.org",
    ] {
        let answer = hub.put("/api/v1/users/me", &user.access, json!({"domain": bad})).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert_eq!(answer.body["detail"][0]["loc"], json!(["body", "domain"]));
    }
}

#[tokio::test]
async fn a_name_that_was_given_up_stays_with_its_last_owner() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    let bob = hub.register("bob").await;
    let rename = |token: String, name: &'static str| {
        let hub = &hub;
        async move { hub.put("/api/v1/users/me", &token, json!({"username": name})).await }
    };
    assert_eq!(rename(ada.access.clone(), "Countess").await.body["username"], "countess");
    assert_eq!(
        hub.get("/api/v1/users/check-username/ADA", "").await.body,
        json!({"available": false, "username": "ada"})
    );
    let taken = rename(bob.access.clone(), "ada").await;
    assert_eq!(
        (taken.status, &taken.body["detail"]["field"]),
        (StatusCode::CONFLICT, &json!("username"))
    );
    assert_eq!(
        hub.post("/api/v1/auth/register", "", registration("ada")).await.status,
        StatusCode::CONFLICT
    );
    assert_eq!(rename(ada.access, "ada").await.status, StatusCode::OK);
    let email = hub.put("/api/v1/users/me", &bob.access, json!({"email": "ADA@acme.org"})).await;
    assert_eq!(
        (email.status, &email.body["detail"]["field"]),
        (StatusCode::CONFLICT, &json!("email"))
    );
}

#[tokio::test]
async fn availability_follows_the_rules_of_registration() {
    let hub = TestHub::start().await;
    hub.register("ada").await;
    for (name, available) in [("ada", false), ("Bob", true), ("guest", false), ("!!", false)] {
        let answer = hub.get(&format!("/api/v1/users/check-username/{name}"), "").await;
        assert_eq!(answer.body, json!({"available": available, "username": name.to_lowercase()}));
    }
    for (email, available) in [("ADA@acme.org", false), ("bob+x@acme.org", true)] {
        let answer = hub.get(&format!("/api/v1/users/check-email/{email}"), "").await;
        assert_eq!(answer.body, json!({"available": available, "email": email.to_lowercase()}));
    }
}
