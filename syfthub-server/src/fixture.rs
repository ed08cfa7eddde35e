//! Fixtures for tests that need the other side of a connection: a space that answers what a test says, and a canary that
//! nobody may reach. Both are real sockets of this machine on free ports.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::BodyExt as _;
use tokio::net::{TcpListener, TcpStream};

/// A request as the fixture saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    /// A header's text, empty when it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The token of `Authorization: Bearer`, empty when there is none.
    pub(crate) fn bearer(&self) -> &str {
        self.header("authorization").strip_prefix("Bearer ").unwrap_or_default()
    }
}

/// A fixture in the place of a space.
pub(crate) struct FixtureSpace {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl FixtureSpace {
    /// A space on `127.0.0.1` that answers every request with what `answer` makes of it.
    pub(crate) async fn start<F, Fut>(answer: F) -> Self
    where
        F: Fn(Seen) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Response> + Send,
    {
        Self::at("127.0.0.1:0", answer).await
    }

    /// A space on the address that a test chooses, such as another one of this machine.
    pub(crate) async fn at<F, Fut>(address: &str, answer: F) -> Self
    where
        F: Fn(Seen) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Response> + Send,
    {
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let log = Arc::clone(&seen);
        let handler = move |request: Request<Body>| {
            let (log, answer) = (Arc::clone(&log), answer.clone());
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let seen =
                    Seen { method: parts.method, uri: parts.uri, headers: parts.headers, body };
                log.lock().unwrap().push(seen.clone());
                answer(seen).await
            }
        };
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(handler);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, seen }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// Where it is, as an owner would write it into their profile.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The latest request.
    pub(crate) fn last(&self) -> Seen {
        self.seen().pop().expect("the space was asked")
    }
}

/// An answer of the fixture.
pub(crate) fn reply(status: u16, media_type: &str, body: impl Into<Body>) -> Response {
    Response::builder().status(status).header("content-type", media_type).body(body.into()).unwrap()
}

/// A listener of this machine that must never be reached.
pub(crate) struct Canary {
    listeners: Vec<TcpListener>,
}

impl Canary {
    /// Listens on one free port of both loopback addresses, or of the old one alone where there is no other.
    pub(crate) async fn start() -> Self {
        let old = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = old.local_addr().unwrap().port();
        let mut listeners = vec![old];
        listeners.extend(TcpListener::bind(("::1", port)).await.ok());
        Self { listeners }
    }

    pub(crate) fn port(&self) -> u16 {
        self.listeners[0].local_addr().unwrap().port()
    }

    /// Whether nobody has connected: then the first connection to arrive is the one made here.
    pub(crate) async fn is_untouched(&self) -> bool {
        let mut untouched = true;
        for listener in &self.listeners {
            let ours = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (_, peer) = listener.accept().await.unwrap();
            untouched &= peer == ours.local_addr().unwrap();
        }
        untouched
    }
}
