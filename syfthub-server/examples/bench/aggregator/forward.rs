//! How many tokens per second go through, against a proxy that only passes them on.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::model::{BURST, word};
use super::{Nodes, Relay};
use crate::hub::HubServer;
use crate::load::{Connection, post};
use crate::measure::{Effort, median};
use crate::report::{Line, Row};

/// Streams at a time.
const STREAMS: usize = 8;

pub(super) async fn measure(
    server: &HubServer,
    nodes: &Nodes,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    let relay = Relay::start(nodes.model)?;
    let (ours, reference) = (nodes.bare("q-0", "burst"), direct("burst"));
    for (address, request) in [(server.address, &ours), (relay.address, &reference)] {
        every_token_arrives(address, request).await?;
    }
    let (mut rates, mut references) = (Vec::new(), Vec::new());
    for _ in 0..effort.turns {
        let bare = tokens(relay.address, &reference, STREAMS, BURST, effort.turn).await?;
        references.push(bare);
        rates.push(tokens(server.address, &ours, STREAMS, BURST, effort.turn).await?);
    }
    let what = format!(
        "tokens forwarded, {STREAMS} streams of {BURST}, vs a hyper proxy that only passes them on"
    );
    Ok(vec![Row::against(&what, "/s", median(rates), median(references), Line::AtLeast(0.5))])
}

/// The question to the model `slug` without an aggregator.
fn direct(slug: &str) -> Vec<u8> {
    let body = super::model::messages("q-0");
    post(&format!("/api/v1/endpoints/{slug}/query"), None, &body)
}

/// Asks once and looks at every token.
async fn every_token_arrives(address: SocketAddr, request: &[u8]) -> anyhow::Result<()> {
    let mut connection = Connection::open(address).await?;
    connection.stream(request, [b"w0 ", b"w1 "]).await?;
    let text = connection.streamed();
    let mut rest = text.as_str();
    for n in 0..BURST {
        let word = format!("\"{}\"", word(n));
        let Some((_, after)) = rest.split_once(&word) else {
            anyhow::bail!("the token {word} is missing or out of order")
        };
        rest = after;
    }
    Ok(())
}

/// Tokens per second over `streams` connections that ask again as soon as an answer of `count` tokens is complete.
pub(super) async fn tokens(
    address: SocketAddr,
    request: &[u8],
    streams: usize,
    count: usize,
    period: Duration,
) -> anyhow::Result<f64> {
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..streams {
        let request = request.to_vec();
        tasks.spawn(async move {
            let last = word(count - 1);
            let mut connection = Connection::open(address).await?;
            let mut answers = 0_u32;
            while begun.elapsed() < period {
                connection.drain(&request, last.as_bytes()).await?;
                answers += 1;
            }
            anyhow::Ok(answers)
        });
    }
    let mut answers = 0;
    while let Some(done) = tasks.join_next().await {
        answers += done??;
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of tokens")]
    Ok(f64::from(answers) * count as f64 / begun.elapsed().as_secs_f64())
}
