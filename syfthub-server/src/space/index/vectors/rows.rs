//! Writing vectors.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::{Described, Quantised, Vectors};

/// The file of vectors while it is written.
pub(in super::super) struct Rows {
    directory: PathBuf,
    file: File,
    described: Described,
    /// Free places below `end`, in the order in which they are filled.
    free: std::vec::IntoIter<u32>,
    /// The first place behind all others.
    end: u32,
    row: Vec<u8>,
}

impl Rows {
    /// Opens the file for writing; `used` are the places that the index names.
    pub(in super::super) fn open(
        directory: &Path,
        described: Described,
        mut used: Vec<u32>,
    ) -> io::Result<Self> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(described.file(directory))?;
        used.sort_unstable();
        let (mut free, mut end) = (Vec::new(), 0);
        for place in used {
            free.extend(end..place);
            end = place + 1;
        }
        let directory = directory.to_owned();
        Ok(Self { directory, file, described, free: free.into_iter(), end, row: Vec::new() })
    }

    /// What the next commit of the index has to say of the vectors.
    pub(in super::super) fn described(&self) -> &Described {
        &self.described
    }

    /// Writes a vector; answers its place. The first vector of a generation settles the length of all.
    pub(in super::super) fn write(&mut self, vector: &[f32]) -> io::Result<u32> {
        if self.described.dimensions == 0 {
            self.described.dimensions = vector.len();
        }
        let dimensions = self.described.dimensions;
        if vector.len() != dimensions {
            let found = vector.len();
            return Err(io::Error::other(format!(
                "expected {dimensions} dimensions, found {found}"
            )));
        }
        let place = self.free.next().unwrap_or(self.end);
        self.row.clear();
        Quantised::of(vector).write(&mut self.row);
        let at = u64::from(place) * self.described.stride() as u64;
        self.file.write_all_at(&self.row, at)?;
        if place == self.end {
            self.end = place.checked_add(1).ok_or_else(|| io::Error::other("too many vectors"))?;
        }
        Ok(place)
    }

    /// Makes what was written durable, and readable.
    pub(in super::super) fn sync(&self) -> io::Result<Vectors> {
        self.file.sync_data()?;
        Vectors::open(&self.directory, self.described.clone())
    }
}
