//! The documentation that `syfthub dev` publishes when it is given no folder: this repository's own.

use std::fs;
use std::io;
use std::path::Path;

/// A question that these pages answer.
pub(super) const QUESTION: &str = "How does a question become an answer?";

/// Path in the folder, and text.
const PAGES: &[(&str, &str)] = &[
    ("README.md", include_str!("../../../../README.md")),
    ("CONTRIBUTING.md", include_str!("../../../../CONTRIBUTING.md")),
    ("CHANGELOG.md", include_str!("../../../../CHANGELOG.md")),
    ("SECURITY.md", include_str!("../../../../SECURITY.md")),
    ("core.md", include_str!("../../../../syfthub-core/README.md")),
    ("client.md", include_str!("../../../../syfthub-client/README.md")),
    ("command-line.md", include_str!("../../../../syfthub-cli/README.md")),
    ("server.md", include_str!("../../../../syfthub-server/README.md")),
    ("architecture.md", include_str!("../../../../syfthub-server/docs/architecture.md")),
];

/// Writes the pages into `dir`, where they are missing or of another version.
pub(super) fn write(dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    for (name, text) in PAGES {
        let path = dir.join(name);
        if fs::read_to_string(&path).ok().as_deref() != Some(*text) {
            fs::write(path, text)?;
        }
    }
    Ok(())
}
