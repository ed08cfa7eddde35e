//! The same streams through the `litellm` proxy: throughput, and what each adds to an answer.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::json;

use super::Nodes;
use super::forward::tokens;
use super::litellm::{KEY, Litellm};
use super::model::{SHORT_BURST, messages};
use crate::hub::HubServer;
use crate::load::{Connection, post, quantile};
use crate::measure::{Effort, median};
use crate::report::{Line, Row};

/// Streams at a time.
const STREAMS: usize = 8;

/// Questions asked one after the other, each way.
const QUESTIONS: usize = 100;

pub(super) async fn measure(
    server: &HubServer,
    nodes: &Nodes,
    program: &Path,
    folder: &Path,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    let litellm = Litellm::start(program, folder, nodes.model, &["short-burst", "paced"]).await?;
    let through = |mark: &str, model: &str| {
        let mut body = messages(mark);
        body["model"] = json!(model);
        post("/v1/chat/completions", Some(KEY), &body)
    };
    let ours = |mark: &str| nodes.bare(mark, "paced");
    let theirs = |mark: &str| through(mark, "paced");
    // The first questions of all import modules and open connections.
    added(litellm.address, nodes, QUESTIONS / 10, theirs).await?;
    added(server.address, nodes, QUESTIONS / 10, ours).await?;
    let reference = added(litellm.address, nodes, QUESTIONS, theirs).await?;
    let own = added(server.address, nodes, QUESTIONS, ours).await?;

    let requests = [through("q-0", "short-burst"), nodes.bare("q-0", "short-burst")];
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..effort.turns {
        for (way, address) in [litellm.address, server.address].into_iter().enumerate() {
            let rate = tokens(address, &requests[way], STREAMS, SHORT_BURST, effort.turn).await?;
            rates[way].push(rate);
        }
    }
    let [their_rate, our_rate] = rates.map(median);
    let what = format!("tokens forwarded, {STREAMS} streams of {SHORT_BURST}, vs `litellm`");
    let mut rows = vec![Row::against(&what, "/s", our_rate, their_rate, Line::AtLeast(10.0))];
    let groups = [
        (
            "time a 50-token answer takes beyond its model's work, vs `litellm`",
            own.whole,
            reference.whole,
        ),
        ("the same to its first token", own.first, reference.first),
    ];
    for (what, ours, theirs) in groups {
        let millis = |times: &[Duration], part| quantile(times, part).as_secs_f64() * 1000.0;
        for (name, part, line) in [("p50", 0.5, Line::AtMost(0.1)), ("p99", 0.99, Line::None)] {
            let what = format!("{what}, {name}");
            rows.push(Row::against(&what, "ms", millis(&ours, part), millis(&theirs, part), line));
        }
    }
    Ok(rows)
}

/// What a gateway adds, ascending.
struct Added {
    /// To the whole answer.
    whole: Vec<Duration>,
    /// To its first token, from when the model let go of it.
    first: Vec<Duration>,
}

/// Asks the paced model `count` times through the gateway at `address`.
async fn added(
    address: SocketAddr,
    nodes: &Nodes,
    count: usize,
    request: impl Fn(&str) -> Vec<u8>,
) -> anyhow::Result<Added> {
    let mut connection = Connection::open(address).await?;
    let mut added = Added { whole: Vec::new(), first: Vec::new() };
    for n in 0..count {
        let mark = format!("q-{n}");
        let asked = Instant::now();
        let [first, last] = connection.stream(&request(&mark), [b"w0 ", b"w49 "]).await?;
        let work = nodes.notes.take(&mark)?;
        let let_go = work.first_token.context("the model was not asked")?;
        added.whole.push((last - asked).saturating_sub(work.model));
        added.first.push(first.saturating_duration_since(let_go));
    }
    added.whole.sort_unstable();
    added.first.sort_unstable();
    Ok(added)
}
