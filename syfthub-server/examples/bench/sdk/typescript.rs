//! Our TypeScript package against the `fetch` that Node has: the same requests, without types, checks and repetitions.

use serde_json::Value;

use super::program::{Node, Way};
use super::world::World;
use crate::measure::median;
use crate::report::{Line, Row};

/// Endpoints that are looked at one after the other, and streams at a time.
const GETS: usize = 1000;
const STREAMS: usize = 50;

/// How much longer than `fetch` the package may take.
const WITHIN: Line = Line::AtMost(1.3);

pub(super) fn measure(world: &World, node: &Node, turns: usize) -> anyhow::Result<Vec<Row>> {
    [
        ("`browse()` over 10,000 endpoints, vs `fetch` of pages of 100", "browse", 1),
        ("1,000 sequential `get`", "get", GETS),
        ("50 parallel streams", "streams", STREAMS),
    ]
    .into_iter()
    .map(|(what, task, count)| row(node, what, task, &world.setting(count), turns))
    .collect()
}

fn row(node: &Node, what: &str, task: &str, setting: &Value, turns: usize) -> anyhow::Result<Row> {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..turns {
        for (place, way) in [Way::Fetch, Way::Package].into_iter().enumerate() {
            times[place].push(node.run(way, task, setting)?.seconds * 1000.0);
        }
    }
    let [theirs, ours] = times.map(median);
    Ok(Row::against(what, "ms", ours, theirs, WITHIN))
}
