use http::header;
use serde_json::json;

use super::*;

#[tokio::test]
async fn every_answer_carries_a_correlation_id_and_the_security_headers() {
    for path in ["/things", "/nowhere", "/failure", "/panic", "/refused", "/things?limit=0"] {
        let response = get_path(path).await;
        let headers = response.headers();
        assert!(headers.contains_key("x-correlation-id"), "{path}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
    }
}

#[tokio::test]
async fn a_supplied_correlation_id_is_echoed_and_an_odd_one_replaced() {
    for (supplied, is_echoed) in [("job-7", true), ("with space", false), (&"a".repeat(300), false)]
    {
        let request = Request::get("/things")
            .header("X-Correlation-ID", supplied)
            .body(Body::empty())
            .unwrap();
        let answered = ask(request).await.headers()["x-correlation-id"].clone();
        assert_eq!(answered == supplied, is_echoed, "{supplied}");
    }
}

#[tokio::test]
async fn a_panic_and_a_failure_tell_the_client_nothing_but_the_id() {
    for path in ["/panic", "/failure"] {
        let response = get_path(path).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let id = response.headers()["x-correlation-id"].to_str().unwrap().to_owned();
        assert_eq!(
            json(response).await,
            json!({"detail": "Internal server error", "correlation_id": id})
        );
    }
}

#[tokio::test]
async fn what_is_away_for_now_is_503_with_a_hint_to_retry() {
    let response = get_path("/away").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_told_apart() {
    let response = get_path("/nowhere").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(json(response).await, json!({"detail": "Not Found"}));

    let response = ask(Request::put("/json").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "POST");
    assert_eq!(json(response).await, json!({"detail": "Method Not Allowed"}));
}

#[tokio::test]
async fn head_is_answered_like_get_without_a_body() {
    let response = ask(Request::head("/things").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn no_content_has_no_content() {
    let response = ask(Request::delete("/things/abc/gone").body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(!response.headers().contains_key(header::CONTENT_TYPE));
    assert_eq!(text(response).await, "");
}

#[tokio::test]
async fn a_refused_token_says_which_scheme_is_expected() {
    assert_eq!(get_path("/refused").await.headers()[header::WWW_AUTHENTICATE], "Bearer");
}

fn with_origins(origins: &str) -> HttpSettings {
    HttpSettings { cors_origins: origins.parse().unwrap(), ..HttpSettings::default() }
}

#[tokio::test]
async fn a_listed_origin_may_read_answers_and_the_id() {
    let settings = with_origins("https://app.example.org");
    let ask_from = |origin: &'static str| {
        let request =
            Request::get("/nowhere").header(header::ORIGIN, origin).body(Body::empty()).unwrap();
        ask_under(&settings, request)
    };
    let response = ask_from("https://app.example.org").await;
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://app.example.org");
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
    assert_eq!(response.headers()[header::VARY], "Origin");
    let exposed = response.headers()[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap();
    assert!(exposed.contains("x-correlation-id"));

    let response = ask_from("https://evil.example.org").await;
    assert!(!response.headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}

#[tokio::test]
async fn a_preflight_is_answered_for_every_route_with_an_id() {
    let request = Request::options("/json")
        .header(header::ORIGIN, "https://app.example.org")
        .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "authorization,content-type")
        .body(Body::empty())
        .unwrap();
    let response = ask_under(&with_origins("https://app.example.org"), request).await;
    assert!(response.status().is_success());
    assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://app.example.org");
    assert_eq!(
        response.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS],
        "authorization,content-type"
    );
    assert!(response.headers().contains_key("x-correlation-id"));
}

#[tokio::test]
async fn a_stream_is_not_held_back_and_its_frames_stay_whole() {
    let response = get_path("/events").await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream; charset=utf-8");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
    assert_eq!(text(response).await, "event: done\ndata: \"a\\u2028b\"\n\n");
}

#[tokio::test]
async fn browsers_are_told_to_insist_on_tls_only_where_they_came_over_it() {
    for (public_url, told) in [
        (Some("https://hub.example.org"), Some("max-age=31536000")),
        (Some("http://127.0.0.1:8080"), None),
        (None, None),
    ] {
        let public_url = public_url.map(|url| url.parse().unwrap());
        let router = wrap(routes(), "test", &HttpSettings::default(), public_url.as_ref());
        let request = Request::get("/things").body(Body::empty()).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let header = answer.headers().get(header::STRICT_TRANSPORT_SECURITY);
        assert_eq!(header.map(|value| value.to_str().unwrap()), told);
    }
}
