//! Holds the authorization table, `docs/reference/authorization.md`, to the router: every route has its rows, and every
//! cell is tried.
//!
//! Reading order: `page` (the table as text), `world` (who and what there is), `requests` (what each route is sent), and
//! the tests here.

pub(crate) mod page;
mod requests;
mod world;

use http::StatusCode;

use self::page::{ACTORS, Row};
use self::world::World;
use crate::router;

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    page::HUB.covers(&page::routes(&router::description()));
}

/// The statuses that the hub answers in place of those in `row`.
async fn observed(world: &World, row: &Row) -> Vec<StatusCode> {
    let mut statuses = Vec::with_capacity(ACTORS.len());
    for actor in ACTORS {
        statuses.push(world.attempt(actor, row).await);
    }
    statuses
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cell_of_the_table_is_what_the_hub_answers() {
    let world = World::build().await;
    let mut wrong = Vec::new();
    for row in page::HUB.rows() {
        let statuses = observed(&world, &row).await;
        if statuses != row.statuses {
            wrong.push(format!("{}\n{}", row.to_line(), row.with(statuses).to_line()));
        }
    }
    assert!(
        wrong.is_empty(),
        "the table says, and the hub does:\n{}\n{} rows differ",
        wrong.join("\n"),
        wrong.len()
    );
}
