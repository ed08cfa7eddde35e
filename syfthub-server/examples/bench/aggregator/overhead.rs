//! What a chat takes beyond the work of its nodes, against somebody who asks them without an aggregator.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::Nodes;
use super::caller::Caller;
use crate::hub::HubServer;
use crate::load::{Connection, quantile};
use crate::report::{Line, Row};

/// Chats at a time, how many of them in one turn, and the lines of what p50 and p99 may add, in milliseconds.
const LOADS: [(usize, usize, Line, Line); 3] = [
    (1, 100, Line::AtMost(0.5), Line::None),
    (50, 2500, Line::None, Line::AtMost(10.0)),
    (500, 5000, Line::None, Line::None),
];

/// Turns that ours and the reference take each.
const TURNS: usize = 2;

/// Who chats.
#[derive(Clone, Copy)]
enum Way {
    Ours,
    Reference,
}

pub(super) async fn measure(server: &HubServer, nodes: &Nodes) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    // The first chats of all start threads and open connections.
    chats(server, nodes, Way::Ours, 1, 20).await?;
    chats(server, nodes, Way::Reference, 1, 20).await?;
    for (at_once, count, p50, p99) in LOADS {
        let (mut ours, mut reference) = (Beyond::default(), Beyond::default());
        for _ in 0..TURNS {
            reference.add(chats(server, nodes, Way::Reference, at_once, count).await?);
            ours.add(chats(server, nodes, Way::Ours, at_once, count).await?);
        }
        rows.extend(compared(at_once, &ours, &reference, [p50, p99]));
    }
    Ok(rows)
}

fn compared(at_once: usize, ours: &Beyond, reference: &Beyond, lines: [Line; 2]) -> Vec<Row> {
    let who = match at_once {
        1 => "one chat at a time".to_owned(),
        more => format!("{more} chats at a time"),
    };
    let mut rows = Vec::new();
    for (part, name) in [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")] {
        let what =
            format!("{who}: time beyond its nodes' work, vs asking the nodes oneself, {name}");
        rows.push(Row::against(&what, "ms", ours.millis(part), reference.millis(part), Line::None));
    }
    for (part, name, line) in [(0.5, "p50s", lines[0]), (0.99, "p99s", lines[1])] {
        if !matches!(line, Line::None) {
            let what = format!("{who}: what the aggregator adds, the difference of the {name}");
            let added = ours.millis(part) - reference.millis(part);
            rows.push(Row::absolute(&what, "ms", added, line));
        }
    }
    let what = format!("{who}: failures of {}", ours.times.len() + ours.failures);
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    rows.push(Row::absolute(&what, "", ours.failures as f64, Line::AtMost(0.0)));
    rows
}

/// How long chats took beyond the work of their nodes, ascending.
#[derive(Default)]
struct Beyond {
    times: Vec<Duration>,
    failures: usize,
}

impl Beyond {
    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.times.sort_unstable();
        self.failures += other.failures;
    }

    fn millis(&self, part: f64) -> f64 {
        quantile(&self.times, part).as_secs_f64() * 1000.0
    }
}

/// `count` chats, `at_once` of them at any time.
async fn chats(
    server: &HubServer,
    nodes: &Nodes,
    way: Way,
    at_once: usize,
    count: usize,
) -> anyhow::Result<Beyond> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..at_once {
        let (nodes, next, address) = (nodes.clone(), next.clone(), server.address);
        tasks.spawn(async move {
            let mut beyond = Beyond::default();
            let mut asker = Asker::open(way, &nodes, address).await?;
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return anyhow::Ok(beyond);
                }
                match asker.chat(&nodes, &format!("q-{at_once}-{n}")).await {
                    Ok(time) => beyond.times.push(time),
                    Err(error) => {
                        crate::say(&format!("a chat failed: {error:#}"))?;
                        beyond.failures += 1;
                        asker = Asker::open(way, &nodes, address).await?;
                    }
                }
            }
        });
    }
    let mut beyond = Beyond::default();
    while let Some(done) = tasks.join_next().await {
        let done = done??;
        beyond.times.extend(done.times);
        beyond.failures += done.failures;
    }
    beyond.times.sort_unstable();
    Ok(beyond)
}

/// One who chats again and again over connections that are kept.
enum Asker {
    Ours(Box<Connection>),
    Reference(Box<Caller>),
}

impl Asker {
    async fn open(
        way: Way,
        nodes: &Nodes,
        aggregator: std::net::SocketAddr,
    ) -> anyhow::Result<Self> {
        Ok(match way {
            Way::Ours => Self::Ours(Box::new(Connection::open(aggregator).await?)),
            Way::Reference => Self::Reference(Box::new(Caller::open(nodes.federation).await?)),
        })
    }

    /// One chat; how long it took beyond the work of its nodes.
    async fn chat(&mut self, nodes: &Nodes, mark: &str) -> anyhow::Result<Duration> {
        let asked = Instant::now();
        let [_, done] = match self {
            Self::Ours(connection) => {
                let request = nodes.chat(mark);
                connection.stream(&request, [b"event: token", b"event: done"]).await?
            }
            Self::Reference(caller) => caller.chat(mark).await?,
        };
        let work = nodes.notes.take(mark)?;
        work.first_token.context("the model was not asked")?;
        Ok((done - asked).saturating_sub(work.slowest_source + work.model))
    }
}
