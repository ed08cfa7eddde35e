//! What a call costs more from another language than from Rust: the same endpoint looked at again and again, over one
//! connection, by the client itself and through each package.

use std::time::Instant;

use anyhow::Context;
use syfthub_client::{Client, EndpointPath};

use super::program::{Node, Python, Way};
use super::world::World;
use crate::hub::PASSWORD;
use crate::measure::median;
use crate::report::{Line, Row};

/// Calls of one turn; their middle one counts.
const CALLS: usize = 3000;

/// The most that a language may add to a call, in microseconds.
const ADDED: Line = Line::AtMost(20.0);

pub(super) async fn measure(
    world: &World,
    python: Option<&Python>,
    node: Option<&Node>,
    turns: usize,
) -> anyhow::Result<Vec<Row>> {
    let setting = world.setting(CALLS);
    let mut times: [Vec<f64>; 4] = Default::default();
    for _ in 0..turns {
        times[0].push(in_rust(world).await?);
        if let Some(python) = python {
            times[1].push(python.run("get", &setting)?.middle);
            times[2].push(python.run("get-async", &setting)?.middle);
        }
        if let Some(node) = node {
            times[3].push(node.run(Way::Package, "get", &setting)?.middle);
        }
    }
    let [rust, others @ ..] = times;
    let rust = median(rust) * MICRO;
    let mut rows = vec![Row::absolute("`get` by the Rust client, p50", "µs", rust, Line::None)];
    let languages = ["blocking Python adds", "Python with `asyncio` adds", "TypeScript adds"];
    for (what, times) in languages.into_iter().zip(others) {
        if !times.is_empty() {
            rows.push(Row::absolute(what, "µs", median(times) * MICRO - rust, ADDED));
        }
    }
    Ok(rows)
}

const MICRO: f64 = 1_000_000.0;

/// The middle one of the times of many calls, in seconds.
async fn in_rust(world: &World) -> anyhow::Result<f64> {
    let client = Client::builder(world.url()).build()?;
    client.auth().login(world.username(), PASSWORD).await?;
    let paths =
        world.paths.iter().map(|path| path.parse()).collect::<Result<Vec<EndpointPath>, _>>()?;
    let mut times = Vec::new();
    for path in paths.iter().cycle().take(CALLS) {
        let asked = Instant::now();
        client.endpoints().get_path(path).await?.context("it was listed")?;
        times.push(asked.elapsed().as_secs_f64());
    }
    Ok(median(times))
}
