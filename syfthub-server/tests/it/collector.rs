//! A collector of traces as a process of its own: somebody else's program that takes OTLP over HTTP and prints each span.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::time::Instant;

/// How long spans may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running collector; killed when dropped.
pub(crate) struct Collector {
    child: Child,
    address: SocketAddr,
    printed: PathBuf,
}

/// A span as the collector printed it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Span {
    pub(crate) service: String,
    pub(crate) trace: String,
    pub(crate) parent: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) said: HashMap<String, String>,
    pub(crate) events: Vec<String>,
}

impl Collector {
    /// Starts it with its output below `home`.
    pub(crate) async fn start(program: &Path, home: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = free.local_addr().expect("it is bound");
        drop(free);
        let printed = home.join("collector.log");
        let output = std::fs::File::create(&printed).expect("the test's folder is writable");
        let child = Command::new(program)
            .args(["start", "--exporter", "blackhole"])
            .args(["--debug-log", "traces", "--debug-log-verbosity", "detailed"])
            .args(["--otlp-grpc-endpoint", "127.0.0.1:0", "--otlp-http-endpoint"])
            .arg(address.to_string())
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("a file can be shared"))
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .expect("the program exists");
        let mut collector = Self { child, address, printed };
        collector.listens().await;
        collector
    }

    async fn listens(&mut self) {
        let mut pause = tokio::time::interval(Duration::from_millis(20));
        while tokio::net::TcpStream::connect(self.address).await.is_err() {
            pause.tick().await;
            let ended = self.child.try_wait().expect("it is our child");
            assert!(ended.is_none(), "it ended: {}", self.text());
        }
    }

    /// Where it is reached.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything it has printed.
    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(&self.printed).unwrap_or_default()
    }

    /// The spans of a trace, once there are `count` of them.
    pub(crate) async fn spans(&self, trace: &str, count: usize) -> Vec<Span> {
        let begun = Instant::now();
        let mut pause = tokio::time::interval(Duration::from_millis(20));
        loop {
            pause.tick().await;
            let spans: Vec<Span> =
                read(&self.text()).into_iter().filter(|span| span.trace == trace).collect();
            if spans.len() >= count {
                return spans;
            }
            assert!(begun.elapsed() < PATIENCE, "{} of {count}: {spans:#?}", spans.len());
        }
    }
}

/// Which list the lines with `->` belong to.
#[derive(Clone, Copy, PartialEq)]
enum List {
    Resource,
    Span,
    Events,
}

fn read(text: &str) -> Vec<Span> {
    let (mut spans, mut service, mut list): (Vec<Span>, _, _) =
        (Vec::new(), String::new(), List::Resource);
    for line in text.lines().map(str::trim) {
        if line.starts_with("ResourceSpans #") {
            list = List::Resource;
        } else if line.starts_with("Span #") {
            list = List::Span;
            spans.push(Span { service: service.clone(), ..Span::default() });
        } else if line == "Events:" {
            list = List::Events;
        } else if let Some((key, value)) = pair(line) {
            match (list, spans.last_mut()) {
                (List::Resource, _) if key == "service.name" => service = value,
                (List::Span, Some(span)) => _ = span.said.insert(key.to_owned(), value),
                (List::Events, Some(span)) if key == "Name" => span.events.push(value),
                _ => {}
            }
        } else if let (Some((key, value)), Some(span)) = (line.split_once(':'), spans.last_mut()) {
            let value = value.trim();
            match key.trim() {
                "Trace ID" => value.clone_into(&mut span.trace),
                "Parent ID" => value.clone_into(&mut span.parent),
                "ID" => value.clone_into(&mut span.id),
                "Name" => value.clone_into(&mut span.name),
                "Start time" => span.start = value.parse().unwrap_or_default(),
                "End time" => span.end = value.parse().unwrap_or_default(),
                _ => {}
            }
        }
    }
    spans
}

/// `-> key: Kind(value)`, or `-> key: value`.
fn pair(line: &str) -> Option<(&str, String)> {
    let (key, value) = line.strip_prefix("-> ")?.split_once(": ")?;
    let inner = value.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    Some((key, inner.unwrap_or(value).to_owned()))
}
