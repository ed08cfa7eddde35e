//! The hub by itself, on each engine and as two instances, with as many endpoints as a large one has.
//!
//! Reading order: `server` and `cluster` (what is measured), `data` (what it holds), then one file for each group of rows:
//! `reads`, `identity`, `writes`, `proxy`, `growth` and `soak`.

mod cluster;
mod data;
mod growth;
mod identity;
mod proxy;
mod reads;
mod server;
mod soak;
mod writes;

use std::path::Path;
use std::time::Duration;

use anyhow::Context;

use crate::measure::Effort;
use crate::report::Section;
use server::Postgres;

pub(crate) use data::{PASSWORD, Population, register, set_domain};
pub(crate) use server::{Engine, HubServer};

/// How much is measured.
#[derive(Clone)]
pub(crate) struct Extent {
    /// Numbers of endpoints, ascending; the last one is what rates are measured at.
    pub(crate) sizes: Vec<usize>,
    /// How long the soak lasts; none when zero.
    pub(crate) soak: Duration,
    /// A superuser's URL of a PostgreSQL server; without one, only SQLite is measured.
    pub(crate) postgres: Option<String>,
    /// The loads.
    pub(crate) effort: Effort,
}

/// Measures everything that `extent` says; `program` is `syfthub-server`.
pub(crate) async fn measure(
    program: &Path,
    folder: &Path,
    extent: &Extent,
) -> anyhow::Result<Vec<Section>> {
    let mut sections = Vec::new();
    let mut growth = growth::Table::default();
    let mut engines = vec![Engine::Sqlite];
    let postgres = extent.postgres.as_deref().map(Postgres::at);
    engines.extend(postgres.clone().map(Engine::Postgres));
    for engine in engines {
        let name = engine.name();
        let (largest, smaller) = extent.sizes.split_last().context("at least one size")?;
        for size in smaller {
            let place = folder.join(format!("{name}-{size}"));
            let (hub, population) = populated(program, &place, &engine, *size).await?;
            growth.add(name, *size, &hub, &population).await?;
            hub.stop()?;
        }
        let place = folder.join(format!("{name}-{largest}"));
        let (hub, population) = populated(program, &place, &engine, *largest).await?;
        growth.add(name, *largest, &hub, &population).await?;
        let title = format!("One hub on {name}, {largest} endpoints");
        let mut rows = reads::measure(&hub, &population, &place, extent.effort).await?;
        rows.extend(identity::measure(&hub, &population, extent.effort).await?);
        rows.extend(writes::measure(&hub, &population, extent.effort).await?);
        rows.extend(proxy::measure(&hub, &population, extent.effort).await?);
        if matches!(engine, Engine::Sqlite) && !extent.soak.is_zero() {
            rows.extend(soak::measure(&hub, &population, extent.soak).await?);
        }
        hub.stop()?;
        sections.push(Section::of_rows(title, rows));
    }
    if let Some(postgres) = postgres {
        let size = extent.sizes[0];
        let rows = cluster::measure(program, folder, &postgres, size, extent.effort).await?;
        let title = format!("Two hubs on one PostgreSQL and Redis behind nginx, {size} endpoints");
        sections.push(Section::of_rows(title, rows));
    }
    sections.push(growth.section());
    Ok(sections)
}

/// A hub on a fresh database that holds `size` endpoints.
async fn populated(
    program: &Path,
    folder: &Path,
    engine: &Engine,
    size: usize,
) -> anyhow::Result<(HubServer, Population)> {
    std::fs::create_dir(folder)?;
    let database = engine.database(folder).await?;
    let hub = HubServer::start(program, folder, &database, &[])?;
    let population = Population::create(hub.address, size).await?;
    Ok((hub, population))
}
