//! Over real sockets: what a client may do to a connection.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::http::{bind, serve};

struct Server {
    address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

async fn start(router: Router, settings: HttpSettings) -> Server {
    let listener = bind("SYFTHUB_LISTEN", "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(serve(listener, router, settings, shutdown.clone()));
    Server { address, shutdown, task }
}

fn impatient() -> HttpSettings {
    let soon = Duration::from_millis(200);
    HttpSettings {
        header_timeout: soon,
        body_timeout: soon,
        write_timeout: soon,
        shutdown_grace: soon,
        ..HttpSettings::default()
    }
}

/// Sends `request` and returns everything that comes until the server closes the connection.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server that closes on us while we have data for it resets the connection, which ends the answer as well.
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer));
    read.await.expect("the server closes the connection").ok();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn both_spellings_of_a_path_are_answered_without_a_redirect() {
    let server = start(router(&HttpSettings::default()), HttpSettings::default()).await;
    for path in ["/things", "/things/", "/things/?limit=3"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        let answer = exchange(server.address, &request).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_client_that_never_finishes_its_header_is_cut_off() {
    let server = start(router(&impatient()), impatient()).await;
    for begun in [
        "",
        "P",
        "GET /things HTTP/1.1\r\n",
        "GET /things HTTP/1.1\r\nHost: test\r\nX-Slow: a",
        "PRI * HTTP/2.0\r\n",
    ] {
        let answer = exchange(server.address, begun).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{begun:?}: {answer}");
    }
    let answer =
        exchange(server.address, "GET /things HTTP/1.1\r\nHost: test\r\n\r\nGET /things HTT").await;
    assert_eq!(
        answer.matches("HTTP/1.1 200").count(),
        1,
        "the first request was complete: {answer}"
    );
}

#[tokio::test]
async fn a_body_that_never_ends_is_408() {
    let server = start(router(&impatient()), impatient()).await;
    let request = "POST /json HTTP/1.1\r\nHost: test\r\nContent-Length: 20\r\n\r\n{\"slug\":";
    let answer = exchange(server.address, request).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("did not arrive in time"), "{answer}");
}

#[tokio::test]
async fn noise_instead_of_http_is_refused() {
    let server = start(router(&impatient()), impatient()).await;
    let answer = exchange(server.address, "\u{16}\u{3}\u{1}hello\r\n\r\n").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
}

/// A route that says when it has begun and waits to be released.
fn waiting_route(begun: &'static Notify, release: &'static Notify) -> Router {
    let handler = move || async move {
        begun.notify_one();
        release.notified().await;
        "released"
    };
    wrap(Router::new().route("/wait", get(handler)), "test", &HttpSettings::default(), None)
}

const WAIT: &str = "GET /wait HTTP/1.1\r\nHost: test\r\n\r\n";

#[tokio::test]
async fn a_running_request_is_finished_at_shutdown_and_new_ones_are_not_taken() {
    static BEGUN: Notify = Notify::const_new();
    static RELEASE: Notify = Notify::const_new();
    let server = start(waiting_route(&BEGUN, &RELEASE), HttpSettings::default()).await;
    let running = tokio::spawn(exchange(server.address, WAIT));
    BEGUN.notified().await;
    server.shutdown.cancel();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    RELEASE.notify_one();
    assert!(running.await.unwrap().ends_with("released"));
    server.task.await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_finish_is_cut_off_after_the_grace_period() {
    static BEGUN: Notify = Notify::const_new();
    static RELEASE: Notify = Notify::const_new();
    let server = start(waiting_route(&BEGUN, &RELEASE), impatient()).await;
    let running = tokio::spawn(exchange(server.address, WAIT));
    BEGUN.notified().await;
    server.shutdown.cancel();
    server.task.await.unwrap();
    assert_eq!(running.await.unwrap(), "");
}

#[tokio::test]
async fn a_port_in_use_is_named_with_its_setting() {
    let taken = bind("SYFTHUB_LISTEN", "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let error = bind("SYFTHUB_LISTEN", taken.local_addr().unwrap()).await.unwrap_err().to_string();
    assert!(error.starts_with("SYFTHUB_LISTEN: ") && error.contains("in use"), "{error}");
}

#[tokio::test]
async fn a_client_that_sends_too_much_hears_why_even_when_it_sends_before_it_listens() {
    let settings = HttpSettings { max_body_bytes: 1000, ..HttpSettings::default() };
    let server = start(router(&settings), settings).await;
    let body = "x".repeat(3_000_000);
    let announced = format!(
        "POST /json HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let chunked = format!(
        "POST /json HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    for request in [announced, chunked] {
        let answer = exchange(server.address, &request).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    }
    let asked = "POST /json HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 5000\r\n\r\n";
    let answer = exchange(server.address, asked).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn an_answer_arrives_although_nobody_read_the_body() {
    let server = start(router(&HttpSettings::default()), HttpSettings::default()).await;
    let body = "x".repeat(1_500_000);
    for path in ["/unread", "/nowhere", "/things"] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = exchange(server.address, &request).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
    }
}

/// Says when it is dropped.
struct Ended(&'static Notify);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[tokio::test]
async fn a_client_that_stops_reading_its_stream_is_cut_off_and_the_stream_ends() {
    static ENDED: Notify = Notify::const_new();
    let endless = || async {
        let ended = Ended(&ENDED);
        let chunk = move |_| {
            let _kept = &ended;
            Ok::<_, Infallible>(bytes::Bytes::from(vec![b'x'; 64 * 1024]))
        };
        Body::from_stream(futures_util::stream::iter(0..).map(chunk))
    };
    let router = Router::new().route("/endless", get(endless));
    let server = start(wrap(router, "test", &HttpSettings::default(), None), impatient()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /endless HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), ENDED.notified());
    ended.await.expect("the server lets go of the stream");
    // It still gets what had been sent, and then the end.
    let rest =
        async { while stream.read(&mut vec![0; 1 << 20]).await.is_ok_and(|read| read > 0) {} };
    tokio::time::timeout(Duration::from_secs(20), rest).await.expect("the connection is closed");
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_all_of_it() {
    let all = || async { vec![b'x'; 24 << 20] };
    let router = Router::new().route("/all", get(all));
    let server = start(wrap(router, "test", &HttpSettings::default(), None), impatient()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = b"GET /all HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let (mut read, mut buffer) = (0, vec![0; 1 << 20]);
    loop {
        match stream.read(&mut buffer).await.unwrap() {
            0 => break,
            some => read += some,
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(read > 24 << 20, "{read}");
}
