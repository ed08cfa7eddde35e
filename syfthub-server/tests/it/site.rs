//! A dataset of type `http` over a real site: pages, sitemaps, conditional requests, robots.txt, and pages that go.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::node::{Node, canonical};

/// A site whose pages can be changed; counts what it sent in full.
#[derive(Clone, Default)]
struct Site {
    pages: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    sent: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Site {
    async fn start() -> (Self, String) {
        let site = Self::default();
        let router = Router::new().route("/{*path}", get(page)).with_state(site.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (site, url)
    }

    fn put(&self, path: &str, body: impl Into<Vec<u8>>) {
        self.pages.lock().expect("the test's own things work").insert(path.to_owned(), body.into());
    }

    fn sent(&self, path: &str) -> usize {
        self.sent.lock().expect("the test's own things work").get(path).copied().unwrap_or_default()
    }
}

async fn page(State(site): State<Site>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    let body = site.pages.lock().expect("the test's own things work").get(&path).cloned();
    let Some(body) = body else { return StatusCode::NOT_FOUND.into_response() };
    let tag =
        format!("\"{}-{}\"", body.len(), body.iter().map(|byte| u64::from(*byte)).sum::<u64>());
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    *site.sent.lock().expect("the test's own things work").entry(path.clone()).or_default() += 1;
    let kind = match path.rsplit('.').next() {
        Some("xml") => "application/xml",
        Some("gz") => "application/gzip",
        Some("txt") => "text/plain",
        _ => "text/html; charset=utf-8",
    };
    ([(header::CONTENT_TYPE, kind), (header::ETAG, tag.as_str())], body).into_response()
}

fn html(title: &str, text: &str) -> String {
    format!(
        "<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>"
    )
}

/// A site with a sitemap index, whose one map is compressed, and a page below which links lead.
fn furnish(site: &Site, url: &str) {
    let map = format!(
        "<urlset><url><loc>{url}/map/granite.html</loc></url><url><loc>{url}/private/secret.html</loc></url></urlset>"
    );
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(map.as_bytes()).expect("the test's own things work");
    site.put(
        "sitemap.xml",
        format!("<sitemapindex><sitemap><loc>{url}/1.xml.gz</loc></sitemap></sitemapindex>"),
    );
    site.put("1.xml.gz", packed.finish().expect("the test's own things work"));
    site.put("robots.txt", "User-agent: *\nDisallow: /private\n");
    site.put("map/granite.html", html("Granite", "The lighthouse stands on granite."));
    site.put("private/secret.html", html("Secret", "The lighthouse hides a treasure."));
    let links = "See <a href='deep.html'>the fog horn</a>, <a href='/elsewhere.html'>another part</a> and <a href='http://169.254.169.254/latest'>the cloud</a>.";
    site.put("docs/index.html", html("Guide", &format!("The lighthouse has a guide. {links}")));
    site.put("docs/deep.html", html("Horn", "The lighthouse sounds its horn in fog."));
    site.put("elsewhere.html", html("Elsewhere", "The lighthouse is not told of here."));
}

fn urls(found: &[Value]) -> Vec<String> {
    let mut urls: Vec<String> =
        found.iter().filter_map(|one| Some(one["metadata"]["url"].as_str()?.to_owned())).collect();
    urls.sort();
    urls.dedup();
    urls
}

async fn until(node: &Node, expected: &[String], text: &str) -> Vec<Value> {
    let question = json!({"messages": "lighthouse", "similarity_threshold": 0.0, "limit": 20});
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_mins(1);
    let mut pause = tokio::time::interval(std::time::Duration::from_millis(50));
    loop {
        pause.tick().await;
        let found = node.search("site", &question).await;
        let texts: String = found.iter().filter_map(|one| one["content"].as_str()).collect();
        if urls(&found) == expected && texts.contains(text) {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "it stays at {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_visited_as_far_as_it_lets_and_what_goes_from_it_goes_from_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let home = canonical(&folder);
    let (site, url) = Site::start().await;
    furnish(&site, &url);
    let node = Node::start(&home, &[("SPACE_OUTBOUND_ALLOW", "127.0.0.1".to_owned())]).await;
    let configuration = json!({"urls": [format!("{url}/sitemap.xml"), format!("{url}/docs/index.html")], "depth": 1});
    node.add_dataset("site", "http", configuration).await;
    let at = |path: &str| format!("{url}/{path}");
    let all = [at("docs/deep.html"), at("docs/index.html"), at("map/granite.html")];
    let found = until(&node, &all, "on granite").await;
    let granite = found.iter().find(|one| one["metadata"]["url"] == json!(all[2])).unwrap();
    assert_eq!(
        (&granite["metadata"]["title"], &granite["metadata"]["file_path"]),
        (&json!("Granite"), &json!(all[2]))
    );
    assert_eq!((site.sent("private/secret.html"), site.sent("elsewhere.html")), (0, 0));

    // The next visit asks for nothing that did not change, reads what did, and forgets what is gone.
    site.put("docs/deep.html", html("Horn", "The lighthouse sounds two horns in fog."));
    site.pages.lock().unwrap().remove("map/granite.html");
    let patch = json!({"configuration": {"maxPages": 50}});
    assert_eq!(node.ask(Method::PATCH, "datasets/site", Some(&patch)).await.0, 200);
    until(&node, &all[..2], "two horns").await;
    assert_eq!((site.sent("docs/index.html"), site.sent("docs/deep.html")), (1, 2));

    let id = node.get("datasets/site").await["id"].as_str().unwrap().to_owned();
    assert!(home.join("space/sites").join(&id).exists());
    assert_eq!(node.ask(Method::DELETE, "endpoints/site", None).await.0, 200);
    assert_eq!(node.ask(Method::DELETE, "datasets/site", None).await.0, 200);
    assert!(!home.join("space/sites").join(&id).exists(), "the copies go with the dataset");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_is_fetched_from_inside_unless_the_operator_opened_it() {
    let folder = tempfile::tempdir().unwrap();
    let home = canonical(&folder);
    let (site, url) = Site::start().await;
    furnish(&site, &url);
    let node = Node::start(&home, &[]).await;
    let configuration = json!({"urls": [format!("{url}/docs/index.html")], "obeyRobots": false});
    node.add_dataset("site", "http", configuration).await;
    let visited =
        || std::fs::read_to_string(home.join("space.log")).unwrap().contains("a site was visited");
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_mins(1);
    while !visited() {
        assert!(tokio::time::Instant::now() < deadline, "it visits");
        tokio::task::yield_now().await;
    }
    assert_eq!(site.sent("docs/index.html"), 0);
    node.stop().await;
}
