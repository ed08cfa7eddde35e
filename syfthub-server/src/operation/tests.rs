//! What holds for every route there is: the methods it takes, and what it answers to others.

use std::collections::BTreeSet;

use http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::router;
use crate::testing::TestHub;

const METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// Every path of the hub with the methods that its description names.
fn routes() -> Vec<(String, BTreeSet<Method>)> {
    let described: Value = serde_json::from_str(&router::openapi()).unwrap();
    let paths = described["paths"].as_object().unwrap().clone();
    paths
        .into_iter()
        .map(|(path, item)| {
            let named = |method: &Method| item.get(method.as_str().to_lowercase()).is_some();
            (filled(&path), METHODS.into_iter().filter(named).collect())
        })
        .collect()
}

/// The path with something in the place of its parameters: a number where one is expected, else a name nobody has.
fn filled(path: &str) -> String {
    let segment = |segment: &str| {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        name.map_or(segment.to_owned(), |name| {
            if name == "id" || name.ends_with("_id") { "1".to_owned() } else { "nobody".to_owned() }
        })
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn head_is_answered_wherever_get_is_and_without_a_body() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for (path, methods) in routes() {
        if !methods.contains(&Method::GET) {
            continue;
        }
        let get = hub.get(&path, &ada.access).await;
        let head = hub.call(Method::HEAD, &path, &ada.access, Value::Null).await;
        assert_eq!((head.status, head.body), (get.status, Value::Null), "{path}");
        for name in [header::CONTENT_TYPE, header::CACHE_CONTROL, header::VARY] {
            assert_eq!(head.headers.get(&name), get.headers.get(&name), "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_and_allow_names_the_right_ones() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for (path, methods) in routes() {
        let Some(wrong) = METHODS.into_iter().find(|method| !methods.contains(method)) else {
            continue;
        };
        let answer = hub.call(wrong.clone(), &path, &ada.access, json!({})).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{wrong} {path}");
        assert_eq!(answer.body["detail"], "Method Not Allowed", "{wrong} {path}");
        let allowed: BTreeSet<String> = answer.headers[header::ALLOW]
            .to_str()
            .unwrap()
            .split(',')
            .map(|method| method.trim().to_owned())
            .collect();
        let mut expected: BTreeSet<String> = methods.iter().map(Method::to_string).collect();
        if methods.contains(&Method::GET) {
            expected.insert("HEAD".to_owned());
        }
        assert_eq!(allowed, expected, "{path}");
    }
}

#[tokio::test]
async fn every_answer_has_an_id_whatever_was_asked() {
    let hub = TestHub::start().await;
    for (path, _) in routes() {
        for method in METHODS.into_iter().chain([Method::HEAD, Method::OPTIONS, Method::TRACE]) {
            let answer = hub.call(method.clone(), &path, "expired", Value::Null).await;
            assert_eq!(answer.headers["x-correlation-id"].len(), 36, "{method} {path}");
            assert!(!answer.status.is_redirection(), "{method} {path}");
            assert!(
                answer.status.as_u16() < 500 || answer.status == StatusCode::SERVICE_UNAVAILABLE
            );
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_and_never_a_failure() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    for (path, methods) in routes() {
        for method in methods {
            for (kind, body) in [
                ("text/plain", "hello"),
                ("application/json", "{\"a\":"),
                ("application/json", "[[[["),
                ("application/json", "\u{feff}null"),
                ("application/x-www-form-urlencoded", "a=%ff%00&b"),
                ("multipart/form-data", "--x"),
                ("", "\u{0}"),
            ] {
                let mut request = http::Request::builder()
                    .method(method.clone())
                    .uri(&path)
                    .header(header::AUTHORIZATION, format!("Bearer {}", ada.access));
                if !kind.is_empty() {
                    request = request.header(header::CONTENT_TYPE, kind);
                }
                let answer = hub.send(request.body(axum::body::Body::from(body)).unwrap()).await;
                let is_failure = answer.status == StatusCode::INTERNAL_SERVER_ERROR;
                assert!(!is_failure, "{method} {path} with {kind}: {:?}", answer.body);
            }
        }
    }
}
