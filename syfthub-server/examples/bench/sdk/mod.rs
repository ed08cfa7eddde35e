//! The packages for Python and TypeScript: against the published `syfthub-sdk`, against plain `fetch`, and against the Rust
//! client that they stand on. All ask one hub in the same minutes, in turns.
//!
//! Reading order: `world` (what is asked), `program` (a task in a process of its own; `measure.py` and `measure.mjs` are what
//! runs there), then one file for each group of rows: `python`, `typescript` and `overhead`.

mod overhead;
mod program;
mod python;
mod typescript;
mod world;

use std::path::{Path, PathBuf};

use crate::report::Section;
use program::{Node, Python};
use world::World;

/// How much is measured, and with what.
pub(crate) struct Extent {
    /// The interpreter that has the published package.
    pub(crate) published_python: Option<PathBuf>,
    /// The interpreter that has ours.
    pub(crate) our_python: Option<PathBuf>,
    /// Directory of our TypeScript package.
    pub(crate) our_node: Option<PathBuf>,
    /// Turns each.
    pub(crate) turns: usize,
}

/// Measures the packages that there are, on `program`, the server, with what it keeps below `folder`.
pub(crate) async fn measure(
    program: &Path,
    folder: &Path,
    extent: &Extent,
) -> anyhow::Result<Vec<Section>> {
    std::fs::create_dir(folder)?;
    let world = World::start(program, folder).await?;
    let ours = extent.our_python.as_deref().map(Python::at);
    let node = extent.our_node.as_deref().map(Node::with);
    let mut sections = Vec::new();
    if let (Some(published), Some(ours)) = (extent.published_python.as_deref(), &ours) {
        let rows = python::measure(&world, &Python::at(published), ours, extent.turns)?;
        sections.push(Section::of_rows("The Python package against `syfthub-sdk` 0.3.1", rows));
    }
    if let Some(node) = &node {
        let rows = typescript::measure(&world, node, extent.turns)?;
        sections.push(Section::of_rows("The TypeScript package against plain `fetch`", rows));
    }
    if ours.is_some() || node.is_some() {
        let rows = overhead::measure(&world, ours.as_ref(), node.as_ref(), extent.turns).await?;
        sections.push(Section::of_rows("One call from each language over Rust", rows));
    }
    world.stop()?;
    Ok(sections)
}
