//! Holds the table `docs/reference/space-authorization.md` to the admin listener: every route has its rows, and every cell
//! is tried. What one tenant's owner finds of another's is nothing.

mod requests;
mod world;

use http::StatusCode;

use self::world::World;
use crate::authorization::page::{self, Page, Row};
use crate::space::admin;

/// The columns, from the least to the most trusted. What each is stands on the page.
const ACTORS: [&str; 9] = [
    "anonymous",
    "wrong key",
    "expired",
    "old password",
    "other owner",
    "owner as other",
    "owner",
    "root owner",
    "admin key",
];

const PAGE: Page =
    Page { text: include_str!("../../../docs/reference/space-authorization.md"), actors: &ACTORS };

#[test]
fn the_header_names_the_columns() {
    PAGE.has_header();
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    PAGE.covers(&page::routes(&admin::description()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cell_of_the_table_is_what_the_space_answers() {
    let world = World::build().await;
    let mut wrong = Vec::new();
    for row in PAGE.rows() {
        let statuses = observed(&world, &row).await;
        if statuses != row.statuses {
            wrong.push(format!("{}\n{}", row.to_line(), row.with(statuses).to_line()));
        }
    }
    assert!(
        wrong.is_empty(),
        "the table says, and the space does:\n{}\n{} rows differ",
        wrong.join("\n"),
        wrong.len()
    );
}

/// The statuses that the space answers in place of those in `row`.
async fn observed(world: &World, row: &Row) -> Vec<StatusCode> {
    let mut statuses = Vec::with_capacity(ACTORS.len());
    for actor in ACTORS {
        statuses.push(world.attempt(actor, row).await);
    }
    statuses
}
