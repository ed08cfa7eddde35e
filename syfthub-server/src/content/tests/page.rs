use http::{StatusCode, header};
use scraper::{Html, Selector};
use serde_json::json;

use super::open;
use crate::testing::TestHub;

fn texts(html: &str, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let page = Html::parse_document(html);
    page.select(&selector)
        .map(|element| element.text().collect::<String>().trim().to_owned())
        .collect()
}

#[tokio::test]
async fn an_address_opened_in_a_browser_is_a_page_and_json_otherwise() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    hub.publish(&ada.access, json!({"name": "Notes", "type": "data_source"})).await;
    let page = open(&hub, "/ada/notes", "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(page.headers[header::VARY], "Accept, Authorization");
    let json = hub.get("/ada/notes", "").await;
    assert_eq!(json.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(json.headers[header::VARY], "Accept, Authorization");
    let owner = open(&hub, "/ada", "").await;
    assert_eq!(owner.headers[header::CONTENT_TYPE], "application/json", "an owner is always JSON");
}

#[tokio::test]
async fn a_page_shows_what_the_endpoint_is_and_how_it_is_reached() {
    let hub = TestHub::start().await;
    let ada = hub.register("ada").await;
    hub.put("/api/v1/users/me", &ada.access, json!({"domain": "https://node.acme.org"})).await;
    let draft = json!({
        "name": "Field notes", "type": "data_source", "description": "What was seen", "version": "1.2.3",
        "tags": ["birds", "sea"], "readme": "# Start here\n\n```json\n{\"a\": 1}\n```",
        "policies": [{"type": "rate_limit", "config": {"limits": ["10/m"]}}],
        "connect": [
            {"type": "http", "description": "The usual way", "config": {"url": "v1/query", "depth": 3}},
            {"type": "ws", "enabled": false},
        ],
    });
    hub.publish(&ada.access, draft).await;
    let page = open(&hub, "/ada/field-notes", "").await.html;
    assert_eq!(texts(&page, "title"), ["Field notes · ada/field-notes"]);
    assert_eq!(texts(&page, ".head h1"), ["Field notes"]);
    assert_eq!(texts(&page, ".lead"), ["What was seen"]);
    assert_eq!(texts(&page, ".badge"), ["Data source", "Public", "birds", "sea"]);
    assert_eq!(texts(&page, ".facts span")[..3], ["★ 0 stars", "Version 1.2.3", "1 contributor"]);
    assert_eq!(texts(&page, ".readme h1"), ["Start here"]);
    assert!(!texts(&page, ".readme pre .hl-string").is_empty());
    assert_eq!(texts(&page, "summary .name"), ["http", "ws", "rate_limit"]);
    assert_eq!(texts(&page, ".state"), ["enabled", "disabled", "in force"]);
    let first: Vec<String> = texts(&page, "details[open] dt, details[open] dd");
    let expected = ["address", "https://node.acme.org/v1/query", "url", "v1/query", "depth", "3"];
    assert_eq!(first, expected, "the address as it is called, and the settings as they are stored");
}

#[tokio::test]
async fn a_page_is_shown_to_those_who_may_read_the_json() {
    let hub = TestHub::start().await;
    let (ada, eve) = (hub.register("ada").await, hub.register("eve").await);
    for visibility in ["public", "internal", "private"] {
        let draft = json!({"name": visibility, "type": "model", "visibility": visibility});
        hub.publish(&ada.access, draft).await;
    }
    for slug in ["public", "internal", "private", "missing"] {
        let path = format!("/ada/{slug}");
        for token in ["", "expired", &eve.access, &ada.access] {
            let (page, json) = (open(&hub, &path, token).await, hub.get(&path, token).await);
            assert_eq!(page.status, json.status, "{path} for {token:?}");
        }
    }
    let hidden = open(&hub, "/ada/private", "").await;
    let missing = open(&hub, "/ada/missing", "").await;
    assert_eq!(hidden.html.replace("ada/private", "ada/missing"), missing.html);
    assert_eq!(texts(&missing.html, "h1"), ["Nothing here"]);
}

#[tokio::test]
async fn a_page_allows_its_own_style_and_nothing_else() {
    use base64::Engine as _;
    use sha2::Digest as _;

    let hub = TestHub::start().await;
    let page = open(&hub, "/nobody/nothing", "").await;
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    let parsed = Html::parse_document(&page.html);
    let style: String =
        parsed.select(&Selector::parse("style").unwrap()).flat_map(|style| style.text()).collect();
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(style));
    assert!(policy.contains(&format!("style-src 'sha256-{hash}'")), "{policy}");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}
