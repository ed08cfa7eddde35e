//! How the cost of an operation grows with the number of endpoints.

use std::time::Instant;

use serde_json::Value;

use super::data::{Population, draft};
use super::reads::search;
use super::server::HubServer;
use crate::load::{Connection, get, post, quantile};
use crate::report::Section;

/// Times each operation is done.
const TIMES: usize = 200;

/// Makes the n-th request of an operation.
type Request<'a> = Box<dyn Fn(usize) -> Vec<u8> + 'a>;

/// Slugs that no population and no load uses.
const FRESH: usize = 90_000_000;

/// The measured times: for an engine and an operation, one for each size.
#[derive(Default)]
pub(super) struct Table {
    sizes: Vec<usize>,
    lines: Vec<(String, Vec<f64>)>,
}

impl Table {
    /// Measures each operation alone, one after the other.
    pub(super) async fn add(
        &mut self,
        engine: &str,
        size: usize,
        hub: &HubServer,
        population: &Population,
    ) -> anyhow::Result<()> {
        if !self.sizes.contains(&size) {
            self.sizes.push(size);
        }
        let token = population.token();
        let page = |n: usize| population.endpoint(n as u64 * 13);
        // The last pages first: each is asked for once, so none of them is in a cache.
        let list =
            |n: usize| get(&format!("/api/v1/endpoints/public?limit=20&skip={}", n * 3), None);
        let operations: [(&str, u16, Request<'_>); 6] = [
            ("a page of the public list, not cached", 200, Box::new(list)),
            ("an endpoint by its address", 200, Box::new(|n| get(&page(n).0, Some(token)))),
            ("search", 200, Box::new(search)),
            ("a satellite token", 200, Box::new(|_| get("/api/v1/token?aud=user-0", Some(token)))),
            (
                "create an endpoint",
                201,
                Box::new(|n| post("/api/v1/endpoints", Some(token), &draft(FRESH + n))),
            ),
            (
                "star an endpoint",
                201,
                Box::new(|n| {
                    post(
                        &format!("/api/v1/endpoints/{}/star", page(n).1),
                        Some(token),
                        &Value::Null,
                    )
                }),
            ),
        ];
        for (what, status, request) in operations {
            let time = median_time(hub, status, &*request).await?;
            let name = format!("{what}, {engine}");
            match self.lines.iter_mut().find(|(line, _)| *line == name) {
                Some((_, times)) => times.push(time),
                None => self.lines.push((name, vec![time])),
            }
        }
        Ok(())
    }

    /// The table, in milliseconds.
    pub(super) fn section(&self) -> Section {
        let mut head = vec!["p50 in ms, one at a time".to_owned()];
        head.extend(self.sizes.iter().map(|size| format!("{size} endpoints")));
        let lines = self.lines.iter().map(|(what, times)| {
            let cells = times.iter().map(|time| format!("{time:.2}"));
            std::iter::once(what.clone()).chain(cells).collect()
        });
        Section::of_cells("How cost grows", std::iter::once(head).chain(lines).collect())
    }
}

async fn median_time(
    hub: &HubServer,
    expect: u16,
    request: &dyn Fn(usize) -> Vec<u8>,
) -> anyhow::Result<f64> {
    let mut connection = Connection::open(hub.address).await?;
    let mut times = Vec::with_capacity(TIMES);
    for n in 0..TIMES {
        let bytes = request(n);
        let asked = Instant::now();
        let status = connection.exchange(&bytes).await?;
        times.push(asked.elapsed());
        anyhow::ensure!(status == expect, "{status}: {}", connection.text());
    }
    times.sort_unstable();
    Ok(quantile(&times, 0.5).as_secs_f64() * 1000.0)
}
