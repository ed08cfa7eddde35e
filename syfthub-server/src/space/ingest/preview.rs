//! What a selection holds, before anything of it is read.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Selection;
use super::scan::Seen;

/// Files that are named one by one; the others are only counted.
const NAMED: usize = 100;

/// The files that a dataset would share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Preview {
    /// How many there are.
    files: u64,
    /// Their bytes together.
    bytes: u64,
    /// The same for each extension.
    types: BTreeMap<String, Share>,
    /// The first hundred, in no particular order.
    first: Vec<NamedFile>,
}

/// The files of one extension.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Share {
    /// How many there are.
    files: u64,
    /// Their bytes together.
    bytes: u64,
}

/// A file that would be shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct NamedFile {
    /// Its path inside its folder.
    file_name: String,
    /// Bytes.
    file_size: i64,
}

impl Selection {
    /// Looks at everything that would be shared, and at nothing's content. Blocks.
    pub(crate) fn preview(&self) -> Preview {
        let mut preview = Preview::default();
        self.look(&mut |seen| {
            preview.add(seen);
            true
        });
        preview
    }
}

impl Preview {
    fn add(&mut self, seen: Seen) {
        let bytes = u64::try_from(seen.size).unwrap_or_default();
        let extension = seen.path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        let share = self.types.entry(format!(".{extension}")).or_default();
        share.files += 1;
        share.bytes += bytes;
        self.files += 1;
        self.bytes += bytes;
        if self.first.len() < NAMED {
            self.first.push(NamedFile { file_name: seen.shown, file_size: seen.size });
        }
    }
}
