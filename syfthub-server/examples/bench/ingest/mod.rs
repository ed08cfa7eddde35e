//! Ingestion: how fast each kind of file becomes searchable, how that grows with their number, and what memory it takes.

mod files;

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::node::Node;
use crate::report::{Line, Row, Section};
use files::{Format, Prose};

/// What to measure.
pub(crate) struct Extent {
    /// Files of each kind.
    pub(crate) of_each: usize,
    /// Numbers of small files in one folder, ascending.
    pub(crate) sizes: Vec<usize>,
}

/// Characters of a document, about four pages; and of a small file.
const DOCUMENT: usize = 12_000;
const SMALL: usize = 2_000;

/// Measures `program`, the server, with text out of `corpus`.
pub(crate) async fn measure(
    program: &Path,
    corpus: &Path,
    folder: &Path,
    extent: &Extent,
) -> anyhow::Result<Vec<Section>> {
    let prose = Prose::of(corpus)?;
    let mut by_format = Vec::new();
    for format in Format::ALL {
        let files = folder.join(format!("files-{}", format.extension()));
        let bytes = files::write(&files, format, extent.of_each, DOCUMENT, &prose)?;
        let run =
            Run::of(program, &folder.join(format!("state-{}", format.extension())), &files).await?;
        let what = format!(
            "{} {} files, {:.1} MB",
            extent.of_each,
            format.extension(),
            crate::mega(bytes)
        );
        by_format.push(run.cells(&what, extent.of_each, bytes));
        std::fs::remove_dir_all(&files)?;
    }
    let mut growth = Vec::new();
    let mut rows = Vec::new();
    for &count in &extent.sizes {
        let files = folder.join(format!("files-{count}"));
        let bytes = files::write(&files, Format::Text, count, SMALL, &prose)?;
        let run = Run::of(program, &folder.join(format!("state-{count}")), &files).await?;
        growth.push(run.cells(
            &format!("{count} txt files, {:.0} MB", crate::mega(bytes)),
            count,
            bytes,
        ));
        let what = format!("peak memory of the space and its parsers, {count} files");
        rows.push(Row::absolute(&what, "MB", crate::mega(run.peak), Line::AtMost(300.0)));
        std::fs::remove_dir_all(&files)?;
    }
    let head = ["what", "documents/s", "MB/s", "seconds", "peak memory of all processes"];
    let table = |title: &str, lines: Vec<Vec<String>>| {
        let head = std::iter::once(head.map(str::to_owned).to_vec());
        Section::of_cells(title, head.chain(lines).collect())
    };
    Ok(vec![
        table("Ingestion by format", by_format),
        table("Ingestion as the folder grows", growth),
        Section::of_rows("Ingestion: memory", rows),
    ])
}

/// One ingestion from nothing.
struct Run {
    took: Duration,
    /// Bytes, of all processes together.
    peak: u64,
}

impl Run {
    async fn of(program: &Path, state: &Path, files: &Path) -> anyhow::Result<Self> {
        let node = Node::start(program, state, &[])?;
        let ingested = node.ingest("bench", files, &json!({})).await?;
        node.stop()?;
        std::fs::remove_dir_all(state)?;
        Ok(Self { took: ingested.took, peak: ingested.peak })
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers of files, to three digits")]
    fn cells(&self, what: &str, files: usize, bytes: u64) -> Vec<String> {
        let seconds = self.took.as_secs_f64();
        vec![
            what.to_owned(),
            format!("{:.0}", files as f64 / seconds),
            format!("{:.1}", crate::mega(bytes) / seconds),
            format!("{seconds:.1}"),
            format!("{:.0} MB", crate::mega(self.peak)),
        ]
    }
}
