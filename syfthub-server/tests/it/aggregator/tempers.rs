//! What hostile nodes send, byte by byte.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What one endpoint sends, whatever it is asked.
enum Temper {
    /// This, and then the connection closes.
    Once(Vec<u8>),
    /// This, and then that again and again.
    Forever(&'static str, &'static str),
    /// This, a byte at a time.
    Drip(Vec<u8>),
}

const JSON: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
const EVENTS: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const DOCUMENT: &str =
    r#"{"content":"Again and again.","similarity_score":0.9,"metadata":{"title":"Again"}},"#;

/// Bytes of which a bomb is made; far more than is read of an answer.
const BOMB: usize = 32 * 1024 * 1024;

fn json_of(body: impl Into<Vec<u8>>) -> Temper {
    Temper::Once([JSON.as_bytes().to_vec(), body.into()].concat())
}

fn events_of(body: &str) -> Temper {
    Temper::Once(format!("{EVENTS}{body}").into_bytes())
}

fn documents(documents: &[Value]) -> Temper {
    json_of(json!({"references": {"documents": documents}}).to_string())
}

fn document(text: &str, score: &Value) -> Value {
    json!({"document_id": "d", "content": text, "metadata": {}, "similarity_score": score})
}

/// How the source called `slug` behaves.
fn source(slug: &str) -> Temper {
    match slug {
        "good" => documents(&[document("The lighthouse is made of granite.", &json!(0.9))]),
        "endless" => Temper::Forever(JSON, "[[[[[[[[[[[[[[[["),
        "endless-documents" => Temper::Forever(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"references\":{\"documents\":[",
            DOCUMENT,
        ),
        "endless-headers" => Temper::Forever("HTTP/1.1 200 OK\r\n", "x-more: aaaaaaaaaaaaaaaa\r\n"),
        "endless-header" => Temper::Forever("HTTP/1.1 200 OK\r\nx-long: ", "aaaaaaaaaaaaaaaa"),
        "endless-promises" => Temper::Forever("", "HTTP/1.1 100 Continue\r\n\r\n"),
        "endless-chunk" => Temper::Forever(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nffffffffff\r\n",
            "                ",
        ),
        "endless-error" => Temper::Forever(
            "HTTP/1.1 500 Oops\r\ncontent-type: application/json\r\n\r\n{\"detail\":\"",
            "a secret of the node, ",
        ),
        "drips" => Temper::Drip([JSON.as_bytes(), &[b' '; 10_000]].concat()),
        _ => odd_source(slug),
    }
}

/// How a source behaves whose answer ends, but is no good.
fn odd_source(slug: &str) -> Temper {
    match slug {
        "bomb" => Temper::Once(bomb()),
        "brackets" => json_of(format!("[{}0]", "0,".repeat(3_000_000))),
        "deep" => json_of("[".repeat(1_000_000)),
        "many" => {
            let one = |n: u32| document(&format!("Number {n}"), &json!(f64::from(n) / 10_000.0));
            documents(&(0..5_000).map(one).collect::<Vec<_>>())
        }
        "metadata" => {
            let mut rich = document("Few words.", &json!(0.9));
            rich["metadata"] = json!({"title": "T".repeat(500_000), "list": vec![7; 10_000]});
            documents(&[rich])
        }
        "scores" => documents(&[
            document("Null.", &Value::Null),
            document("No number.", &json!("NaN")),
            document("Beyond numbers.", &json!("1e999")),
            document("A lie.", &json!(true)),
            json!({"content": null, "similarity_score": 1}),
            json!("no document"),
        ]),
        "liar" => {
            let mut lie = document("I am of the good source.", &json!(0.95));
            lie["slug"] = json!("ada/good");
            lie["path"] = json!("ada/good");
            lie["metadata"] = json!({"title": "Document from ada/good", "source": "ada/good"});
            documents(&[lie])
        }
        "no-text" => {
            json_of(b"{\"references\":{\"documents\":[{\"content\":\"\xff\xfe\"}]}}".to_vec())
        }
        "page" => Temper::Once(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html>secret"
                .to_vec(),
        ),
        "events" => events_of("data: {\"content\":\"hello\"}\n\n"),
        "short" => Temper::Once(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{}"
                .to_vec(),
        ),
        "hangs-up" => Temper::Once(Vec::new()),
        "noise" => Temper::Once(b"\x00\x01SSH-2.0-OpenSSH\r\n".to_vec()),
        _ => model(slug),
    }
}

/// How the model called `slug` behaves.
fn model(slug: &str) -> Temper {
    match slug {
        "tight" => events_of("data:{\"content\":\"Gra\"}\n\ndata:{\"content\":\"nite.\"}\n\n"),
        "early" => events_of(
            "data: {\"content\":\"Granite.\"}\n\ndata: [DONE]\n\ndata: {\"content\":\" Or not.\"}\n\n",
        ),
        "silent" => events_of("data: [DONE]\n\n"),
        "breaks" => events_of(
            "data: {\"content\":\"Gra\"}\n\ndata: {\"error\":{\"message\":\"out of memory\"}}\n\n",
        ),
        "endless-tokens" => Temper::Forever(EVENTS, "data: {\"content\":\"aaaaaaaaaaaaaaaa\"}\n\n"),
        "endless-comments" => Temper::Forever(EVENTS, ": nothing to say yet\n\n"),
        "endless-line" => Temper::Forever(EVENTS, "data: aaaaaaaaaaaaaaaa"),
        "no-text" => Temper::Once([EVENTS.as_bytes(), b"data: {\"content\":\"\xff\"}\n\n"].concat()),
        "brackets" => events_of(&format!("data: {{\"x\":[{}0]}}\n\n", "0,".repeat(400_000))),
        "page" => Temper::Once(
            b"HTTP/1.1 502 Bad\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<html>secret".to_vec(),
        ),
        _ => Temper::Once(
            b"HTTP/1.1 404 No\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{\"detail\":\"no such endpoint\"}"
                .to_vec(),
        ),
    }
}

fn bomb() -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n";
    let mut gzip =
        flate2::write::GzEncoder::new(head.as_bytes().to_vec(), flate2::Compression::fast());
    // The header of the answer stands before what is compressed.
    for _ in 0..BOMB / 4096 {
        gzip.write_all(&[b' '; 4096]).expect("memory takes everything");
    }
    gzip.finish().expect("memory takes everything")
}

/// A node whose endpoints behave in these ways, and how many connections it was asked on.
pub(super) struct Hostile {
    pub(super) url: String,
    asked: Arc<AtomicUsize>,
}

impl Hostile {
    /// A node of hostile sources.
    pub(super) async fn sources() -> Self {
        Self::start(source).await
    }

    /// A node of hostile models.
    pub(super) async fn models() -> Self {
        Self::start(model).await
    }

    async fn start(temper: fn(&str) -> Temper) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(attend(stream, temper));
            }
        });
        Self { url, asked }
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn attend(mut stream: TcpStream, temper: fn(&str) -> Temper) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request);
    let slug = request.split('/').nth(4).unwrap_or_default().to_owned();
    match temper(&slug) {
        Temper::Once(bytes) => {
            stream.write_all(&bytes).await?;
            stream.shutdown().await?;
            // Closing on what was not read would reset the connection.
            tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.map(drop)
        }
        Temper::Forever(beginning, again) => {
            stream.write_all(beginning.as_bytes()).await?;
            let again = again.repeat(4096 / again.len());
            loop {
                stream.write_all(again.as_bytes()).await?;
            }
        }
        Temper::Drip(bytes) => {
            for byte in bytes {
                stream.write_all(&[byte]).await?;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Ok(())
        }
    }
}
