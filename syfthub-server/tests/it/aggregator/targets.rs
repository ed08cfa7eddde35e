//! Where questions never go: to what only the server can reach.

use tokio::net::{TcpListener, TcpStream};

use super::{Alone, LOCAL, chat, events, question, reference};

/// Addresses of this machine and of its network, in every spelling.
const INSIDE: [&str; 16] = [
    "http://127.0.0.1:{port}",
    "http://127.1:{port}",
    "http://localhost:{port}",
    "http://LOCALHOST.:{port}",
    "http://2130706433:{port}",
    "http://0x7f.0.0.1:{port}",
    "http://0177.0.0.1:{port}",
    "http://0.0.0.0:{port}",
    "http://[::1]:{port}",
    "http://[::]:{port}",
    "http://[::ffff:127.0.0.1]:{port}",
    "http://[::ffff:7f00:1]:{port}",
    "http://[64:ff9b::7f00:1]:{port}",
    "http://169.254.169.254",
    "http://[fe80::1]:{port}",
    "http://10.0.0.1:{port}",
];

/// Addresses that are none.
const NOWHERE: [&str; 5] = [
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/x",
    "tunneling:ada",
    "http://8.8.8.8:x@127.0.0.1:{port}",
    "not an address",
];

/// A listener that nobody may reach.
struct Canary(TcpListener);

impl Canary {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port"))
    }

    fn port(&self) -> String {
        self.0.local_addr().expect("it is bound").port().to_string()
    }

    /// Whether nobody has connected: then the first connection to arrive is the one made here.
    async fn is_untouched(&self) -> bool {
        let address = self.0.local_addr().expect("it is bound");
        let ours = TcpStream::connect(address).await.expect("it listens");
        let (_, peer) = self.0.accept().await.expect("it listens");
        peer == ours.local_addr().expect("it is connected")
    }
}

#[tokio::test]
async fn neither_source_nor_model_is_asked_inside() {
    let home = tempfile::tempdir().unwrap();
    let settings = [("AGGREGATOR_MAX_DATA_SOURCES", "50")];
    let alone = Alone::start(home.path(), &settings).await;
    let canary = Canary::start().await;
    let urls = INSIDE.iter().chain(&NOWHERE).map(|url| url.replace("{port}", &canary.port()));
    let urls: Vec<String> = urls.collect();
    let mut asked = question(&urls[0], "model", &[]);
    let sources: Vec<_> = urls.iter().map(|url| reference(url, "notes")).collect();
    asked["data_sources"] = sources.into();
    asked["retrieval_only"] = true.into();
    let (status, answer) = chat(&alone, "/api/v1/chat", &asked).await;
    assert_eq!(status, 200, "{answer}");
    for (url, info) in urls.iter().zip(answer["retrieval_info"].as_array().unwrap()) {
        assert_eq!(info["status"], "error", "{url}: {info}");
        let told = info["error_message"].as_str().unwrap();
        assert!(!told.contains("refused") && !told.contains("127.0.0.1"), "{url}: {told}");
    }
    for url in &urls {
        let (status, answer) = chat(&alone, "/api/v1/chat", &question(url, "model", &[])).await;
        assert_eq!((status, &answer["error"]), (400, &"generation_failed".into()), "{url}");
        let told = events(&alone, "/api/v1/chat/stream", &question(url, "model", &[])).await;
        assert_eq!(told.last().unwrap().0, "error", "{url}: {told:?}");
    }
    assert!(canary.is_untouched().await);
}

#[tokio::test]
async fn no_redirect_leads_anywhere() {
    let home = tempfile::tempdir().unwrap();
    let alone = Alone::start(home.path(), &[LOCAL]).await;
    let canary = Canary::start().await;
    for status in [301, 302, 303, 307, 308] {
        let target = format!("http://127.0.0.1:{}/", canary.port());
        let handler = move || {
            let status = axum::http::StatusCode::from_u16(status).expect("a status");
            std::future::ready((status, [("location", target.clone())]))
        };
        let app = axum::Router::new().fallback(handler);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let node = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let mut asked = question(&node, "model", &["notes"]);
        let (code, answer) = chat(&alone, "/api/v1/chat", &asked).await;
        let text = format!("HTTP {status} - redirects are not followed");
        assert!(code == 400 && answer["message"].as_str().unwrap().ends_with(&text), "{answer}");
        asked["retrieval_only"] = true.into();
        let (_, answer) = chat(&alone, "/api/v1/chat", &asked).await;
        let told = format!("HTTP {status}: redirects are not followed");
        assert_eq!(answer["retrieval_info"][0]["error_message"], told);
    }
    assert!(canary.is_untouched().await);
}
