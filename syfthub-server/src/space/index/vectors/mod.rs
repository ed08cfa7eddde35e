//! The vectors of an index: one file of rows beside it, memory-mapped for reading.
//!
//! A passage of the index names its row; the index's commit is the one truth. A row that no committed passage names is
//! free, so nothing has to be deleted, and a crash between writing rows and committing leaves only free rows. The writer
//! fills free rows first, and the file is cut when it is opened: it never needs to be rewritten.
//!
//! Vectors of another model cannot be compared with these. They are another generation, in a file of its own, and a
//! passage's row names its generation too.

mod quantised;
mod rows;

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use memmap2::Mmap;
use serde::{Deserialize, Serialize};

pub(super) use quantised::Quantised;
pub(super) use rows::Rows;

/// What a commit of the index says of its vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Described {
    /// Counts the models that this index was embedded with.
    pub(super) generation: u32,
    /// Which model these are from.
    pub(super) identity: String,
    /// The length of each; 0 while there is none.
    pub(super) dimensions: usize,
}

impl Described {
    /// What a passage names as its row: generation and place.
    pub(super) fn name(&self, row: u32) -> u64 {
        u64::from(self.generation) << 32 | u64::from(row)
    }

    /// The place that a passage names, when it is in this generation.
    pub(super) fn row(&self, name: u64) -> Option<u32> {
        let row = u32::try_from(name & u64::from(u32::MAX)).ok()?;
        (name >> 32 == u64::from(self.generation)).then_some(row)
    }

    fn file(&self, directory: &Path) -> PathBuf {
        directory.join(format!("vectors-{}.i8", self.generation))
    }

    /// Bytes of a row: the parts, and the factor that they share.
    fn stride(&self) -> usize {
        self.dimensions + size_of::<f32>()
    }
}

/// The vectors as a search reads them; clones share the map.
#[derive(Clone)]
pub(super) struct Vectors {
    pub(super) described: Described,
    map: Option<Arc<Mmap>>,
}

impl Vectors {
    /// Maps the file of `described`; one that is missing or empty has no rows.
    pub(super) fn open(directory: &Path, described: Described) -> io::Result<Self> {
        let file = match File::open(described.file(directory)) {
            Ok(file) if file.metadata()?.len() > 0 => file,
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => return Ok(Self { described, map: None }),
        };
        #[expect(
            unsafe_code,
            reason = "a map is sound while nobody cuts the file: only `cut` does, before the first map of a process"
        )]
        // SAFETY: as above; other processes are kept out by the index's own lock.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self { described, map: Some(Arc::new(map)) })
    }

    /// The vector in `row`, when the file has it.
    pub(super) fn get(&self, row: u32) -> Option<Quantised<'_>> {
        let stride = self.described.stride();
        let start = usize::try_from(row).ok()?.checked_mul(stride)?;
        let bytes = self.map.as_ref()?.get(start..start + stride)?;
        Quantised::read(bytes)
    }
}

/// Removes the files of other generations, and cuts the current one behind the last row that is `used`. Only while no
/// search has it mapped.
pub(super) fn cut(directory: &Path, described: Option<&Described>, used: u32) -> io::Result<()> {
    let current = described.map(|described| described.file(directory));
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let is_ours = path.extension().is_some_and(|extension| extension == "i8");
        if is_ours && Some(&path) != current.as_ref() {
            std::fs::remove_file(&path)?;
        }
    }
    let (Some(path), Some(described)) = (current, described) else { return Ok(()) };
    if path.exists() {
        let wanted = u64::from(used) * described.stride() as u64;
        let file = OpenOptions::new().write(true).open(path)?;
        if file.metadata()?.len() > wanted {
            file.set_len(wanted)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(dimensions: usize) -> Described {
        Described { generation: 3, identity: "m".to_owned(), dimensions }
    }

    #[test]
    fn a_row_is_of_its_generation_alone() {
        let ours = described(4);
        assert_eq!(ours.row(ours.name(7)), Some(7));
        let later = Described { generation: 4, ..described(4) };
        assert_eq!(later.row(ours.name(7)), None);
    }

    #[test]
    fn rows_are_read_back_once_written_and_free_ones_are_filled_first() {
        let directory = tempfile::tempdir().unwrap();
        let mut rows = Rows::open(directory.path(), described(2), vec![0, 2]).unwrap();
        let places: Vec<u32> = (0..3).map(|_| rows.write(&[0.6, 0.8]).unwrap()).collect();
        assert_eq!(places, [1, 3, 4], "0 and 2 are in use");
        let vectors = rows.sync().unwrap();
        let exact = Quantised::of(&[0.6, 0.8]);
        let close = vectors.get(3).unwrap().cosine(&exact.borrow());
        assert!((close - 1.0).abs() < 0.01, "{close}");
        assert!(vectors.get(5).is_none());
    }

    #[test]
    fn a_cut_keeps_what_is_used_and_removes_other_generations() {
        let directory = tempfile::tempdir().unwrap();
        let mut rows = Rows::open(directory.path(), described(2), Vec::new()).unwrap();
        for _ in 0..5 {
            rows.write(&[1.0, 0.0]).unwrap();
        }
        drop(rows);
        std::fs::write(directory.path().join("vectors-1.i8"), "old").unwrap();
        cut(directory.path(), Some(&described(2)), 2).unwrap();
        let vectors = Vectors::open(directory.path(), described(2)).unwrap();
        assert!(vectors.get(1).is_some() && vectors.get(2).is_none());
        assert!(!directory.path().join("vectors-1.i8").exists());
        cut(directory.path(), None, 0).unwrap();
        assert!(!directory.path().join("vectors-3.i8").exists());
    }

    #[test]
    fn a_vector_of_another_length_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let mut rows = Rows::open(directory.path(), described(2), Vec::new()).unwrap();
        assert!(rows.write(&[1.0, 0.0, 0.0]).is_err());
    }
}
