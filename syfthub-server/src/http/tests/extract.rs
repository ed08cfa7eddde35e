use http::header;
use serde_json::json;

use super::*;

async fn post_json(body: impl Into<Body>) -> Response {
    let request =
        Request::post("/json").header(header::CONTENT_TYPE, "application/json; charset=utf-8");
    ask(request.body(body.into()).unwrap()).await
}

async fn refusals(response: Response) -> Vec<(String, Value)> {
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let body = json(response).await;
    let list = body["detail"].as_array().unwrap();
    list.iter()
        .map(|item| (item["type"].as_str().unwrap().to_owned(), item["loc"].clone()))
        .collect()
}

#[tokio::test]
async fn a_json_body_is_read_with_or_without_a_content_type() {
    assert_eq!(json(post_json(r#"{"slug": "notes", "count": "7"}"#).await).await, "notes 7 false");
    let untyped = ask(Request::post("/json").body(r#"{"slug": "notes"}"#.into()).unwrap()).await;
    assert_eq!(json(untyped).await, "notes 5 false");
}

#[tokio::test]
async fn malformed_json_is_refused_with_its_place() {
    let response = post_json("{\"slug\":\n \"no").await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let body = json(response).await;
    assert_eq!(body["detail"][0]["type"], "json_invalid");
    assert_eq!(body["detail"][0]["msg"], "JSON decode error");
    assert_eq!(body["detail"][0]["loc"][0], "body");
    assert!(body["detail"][0]["loc"][1].is_u64());
    assert_eq!(body["detail"][0]["input"], json!({}));
}

#[tokio::test]
async fn bodies_of_every_wrong_kind_are_the_clients_mistake() {
    for body in [
        "[]",
        "7",
        "\"text\"",
        "{\"slug\": 7}",
        "\u{0}",
        "{\"slug\": \"\\ud800\"}",
        "NaN",
        "{\"a\":1}{",
    ] {
        let response = post_json(body).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(post_json(deep).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let not_text: &[u8] = b"{\"slug\": \"\xff\"}";
    assert_eq!(post_json(not_text).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_absent_body_is_one_missing_field() {
    for body in ["", "null"] {
        let response = post_json(body).await;
        let expected = json!({"detail": [{"type": "missing", "loc": ["body"], "msg": "Field required", "input": null}]});
        assert_eq!(json(response).await, expected);
    }
}

#[tokio::test]
async fn all_refusals_come_together_and_no_password_comes_back() {
    let response = post_json(r#"{"password": 4711, "count": 99}"#).await;
    let body = text(response).await;
    assert!(!body.contains("4711"), "{body}");
    let response = post_json(r#"{"password": "hunter22", "count": 99}"#).await;
    assert_eq!(
        refusals(response).await,
        [
            ("missing".to_owned(), json!(["body", "slug"])),
            ("less_than_equal".to_owned(), json!(["body", "count"]))
        ]
    );
}

#[tokio::test]
async fn another_content_type_is_415() {
    let request = Request::post("/json").header(header::CONTENT_TYPE, "application/xml");
    let response = ask(request.body("<slug/>".into()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(json(response).await["detail"].is_string());
}

#[tokio::test]
async fn a_form_is_read_and_a_json_body_in_its_place_names_what_lacks() {
    let form = |media: &'static str, body: &'static str| {
        ask(Request::post("/form").header(header::CONTENT_TYPE, media).body(body.into()).unwrap())
    };
    let read =
        form("application/x-www-form-urlencoded", "slug=field%2Dnotes&count=3&extra=1").await;
    assert_eq!(json(read).await, "field-notes 3 false");
    let response = form("application/json", r#"{"slug": "notes"}"#).await;
    let body = json(response).await;
    assert_eq!(body["detail"][0]["loc"], json!(["body", "slug"]));
    assert_eq!(body["detail"][0]["input"], Value::Null);
}

#[tokio::test]
async fn pages_have_bounds() {
    assert_eq!(json(get_path("/things").await).await, json!([0, 10]));
    assert_eq!(json(get_path("/things?skip=30&limit=100&other=x").await).await, json!([30, 100]));
    let response = get_path("/things?skip=-1&limit=ten").await;
    assert_eq!(
        refusals(response).await,
        [
            ("greater_than_equal".to_owned(), json!(["query", "skip"])),
            ("int_parsing".to_owned(), json!(["query", "limit"]))
        ]
    );
}

#[tokio::test]
async fn a_part_of_the_path_is_read_like_a_field() {
    assert_eq!(json(get_path("/things/field-notes").await).await, "field-notes 5 false");
    let response = get_path("/things/Field%20Notes").await;
    assert_eq!(
        refusals(response).await,
        [("string_pattern_mismatch".to_owned(), json!(["path", "slug"]))]
    );
    assert_eq!(get_path("/things/%ff").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_whether_announced_or_not() {
    let settings = HttpSettings { max_body_bytes: 1000, ..HttpSettings::default() };
    let announced = Request::post("/json")
        .header(header::CONTENT_LENGTH, "1001")
        .body("x".repeat(1001).into())
        .unwrap();
    let parts =
        futures_util::stream::iter((0..11).map(|_| Ok::<_, std::io::Error>("x".repeat(100))));
    let streamed = Request::post("/json").body(Body::from_stream(parts)).unwrap();
    for request in [announced, streamed] {
        let response = ask_under(&settings, request).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert!(response.headers().contains_key("x-correlation-id"));
        assert!(json(response).await["detail"].as_str().unwrap().contains("1000 bytes"));
    }
}
