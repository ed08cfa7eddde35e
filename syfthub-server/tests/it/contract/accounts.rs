use super::*;

fn registration(username: &str, email: &str) -> Value {
    json!({"username": username, "email": email, "full_name": "Ada", "password": PASSWORD})
}

#[tokio::test]
async fn registering_twice_names_the_field_and_an_accounting_address_is_no_obstacle() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let mut first = registration("ada", "ada@acme.org");
    first["accounting_service_url"] = "https://accounting.acme.org".into();
    first["accounting_password"] = "an-Old-passw0rd".into();
    let created = post(&hub, "/api/v1/auth/register", "", first).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
    assert_eq!(created.body["token_type"], "bearer");
    for (again, field) in [
        (registration("Ada", "other@acme.org"), "username"),
        (registration("other", "ADA@acme.org"), "email"),
        (registration("ADA", "ada@acme.org"), "username"),
    ] {
        let refused = post(&hub, "/api/v1/auth/register", "", again).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        let detail = &refused.body["detail"];
        assert_eq!(
            (&detail["code"], &detail["field"]),
            (&json!("USER_ALREADY_EXISTS"), &json!(field))
        );
    }
}

#[tokio::test]
async fn one_signs_in_by_name_or_address_in_any_case_and_bad_forms_are_no_failures() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    let host = format!("{}.{}.org", "h".repeat(60), "i".repeat(60));
    let long = format!("{}@{host}", "a".repeat(62));
    assert_eq!(long.len(), 188);
    let created = post(&hub, "/api/v1/auth/register", "", registration("ada", &long)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
    for name in ["ada", "ADA", &long, &long.to_uppercase()] {
        assert_eq!(login(&hub, name, PASSWORD).await.status, StatusCode::OK, "{name}");
    }
    let unknown = format!("{}@acme.org", "b".repeat(192));
    assert_eq!(unknown.len(), 201);
    assert_eq!(login(&hub, &unknown, PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    for name in ["", "x", "\u{0}", "a@b@c"] {
        let refused = login(&hub, name, PASSWORD).await;
        assert!([401, 422].contains(&refused.status.as_u16()), "{name:?}: {}", refused.status);
    }
    let json = json!({"username": "ada", "password": PASSWORD});
    let refused = post(&hub, "/api/v1/auth/login", "", json).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

async fn tokens(hub: &Door, username: &str) -> (String, String) {
    let body = login(hub, username, PASSWORD).await.body;
    let text = |key: &str| body[key].as_str().expect("a token").to_owned();
    (text("access_token"), text("refresh_token"))
}

async fn refreshed(hub: &Door, token: &str) -> StatusCode {
    post(hub, "/api/v1/auth/refresh", "", json!({"refresh_token": token})).await.status
}

#[tokio::test]
async fn a_new_password_keeps_this_client_and_ends_the_others() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    hub.register("ada").await.unwrap();
    let (this, other) = (tokens(&hub, "ada").await, tokens(&hub, "ada").await);
    let change = json!({"current_password": PASSWORD, "new_password": "another-Passw0rd"});
    let changed = put(&hub, "/api/v1/auth/me/password", &this.0, change).await;
    assert_eq!((changed.status, changed.text.as_str()), (StatusCode::NO_CONTENT, ""));
    assert_eq!(get(&hub, "/api/v1/auth/me", &this.0).await.status, StatusCode::OK);
    assert_eq!(refreshed(&hub, &this.1).await, StatusCode::OK);
    assert_eq!(get(&hub, "/api/v1/auth/me", &other.0).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refreshed(&hub, &other.1).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn logging_out_ends_access_and_refresh() {
    let home = tempfile::tempdir().unwrap();
    let hub = HubProcess::start(home.path(), &[]).await;
    hub.register("ada").await.unwrap();
    let (access, refresh) = tokens(&hub, "ada").await;
    let out = post(&hub, "/api/v1/auth/logout", &access, Value::Null).await;
    assert_eq!((out.status, out.text.as_str()), (StatusCode::NO_CONTENT, ""));
    let me = get(&hub, "/api/v1/auth/me", &access).await;
    assert_eq!(me.status, StatusCode::UNAUTHORIZED);
    assert_eq!(me.headers["www-authenticate"], "Bearer");
    assert_eq!(refreshed(&hub, &refresh).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn no_refusal_and_no_log_line_repeats_a_password() {
    const SECRET: &str = "hunter-two";
    let home = tempfile::tempdir().unwrap();
    let log = [("LOG_LEVEL", "trace"), ("LOG_FORMAT", "json")];
    let hub = HubProcess::start(home.path(), &log).await;
    let token = hub.register("ada").await.unwrap();
    let weak = json!({"username": "x", "email": "y", "full_name": "", "password": SECRET, "accounting_password": [SECRET]});
    let nested = json!({"username": "bob", "email": "b@acme.org", "full_name": "B", "password": {"is": SECRET}});
    let change = json!({"current_password": SECRET, "new_password": SECRET});
    let reset = json!({"email": "a@acme.org", "code": "1", "new_password": SECRET});
    for (method, path, body) in [
        (Method::POST, "/api/v1/auth/register", weak),
        (Method::POST, "/api/v1/auth/register", nested),
        (Method::PUT, "/api/v1/auth/me/password", change),
        (Method::POST, "/api/v1/auth/password-reset/confirm", reset),
        (Method::PUT, "/api/v1/users/me", json!({"accounting_password": {"is": SECRET}})),
    ] {
        let refused = call(&hub, method, path, &token, body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {}", refused.text);
        assert!(!refused.text.contains(SECRET), "{path}: {}", refused.text);
    }
    assert_eq!(login(&hub, "ada", SECRET).await.status, StatusCode::UNAUTHORIZED);
    hub.stop().await;
    let log = std::fs::read_to_string(home.path().join("hub.log")).unwrap();
    assert!(!log.is_empty() && !log.contains(SECRET) && !log.contains(&token));
}
