//! Files that are ZIP archives of parts: DOCX, XLSX, EPUB. Nothing is unpacked beyond the limits, whatever the archive says
//! of its sizes.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Format, ParseError, Unpacking};

/// A smaller part may be packed as tightly as it likes.
const SMALL: u64 = 1 << 20;

/// An archive that is being read.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    format: Format,
    unpacking: Unpacking,
    unpacked: u64,
}

impl<'a> Package<'a> {
    /// Opens the archive; `format` is what it should be.
    pub(super) fn open(
        bytes: &'a [u8],
        format: Format,
        unpacking: Unpacking,
    ) -> Result<Self, ParseError> {
        let archive =
            ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(format, &error))?;
        if archive.len() > unpacking.parts {
            return Err(ParseError::TooManyParts(unpacking.parts));
        }
        Ok(Self { archive, format, unpacking, unpacked: 0 })
    }

    /// The bytes of a part; `None` when there is no such part.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, ParseError> {
        match self.archive.index_for_name(name) {
            Some(index) => self.unpack(index).map(Some),
            None => Ok(None),
        }
    }

    /// The bytes of a part without which the file is not what it should be.
    pub(super) fn required(&mut self, name: &str) -> Result<Vec<u8>, ParseError> {
        let part = self.part(name)?;
        part.ok_or_else(|| ParseError::broken(self.format, format!("it has no part {name}")))
    }

    /// Unpacks every part once and forgets it, for a reader that unpacks without limits of its own.
    pub(super) fn check_all(&mut self) -> Result<(), ParseError> {
        (0..self.archive.len()).try_for_each(|index| self.unpack(index).map(drop))
    }

    fn unpack(&mut self, index: usize) -> Result<Vec<u8>, ParseError> {
        let format = self.format;
        let part = self.archive.by_index(index).map_err(|error| broken(format, &error))?;
        let left = self.unpacking.bytes.saturating_sub(self.unpacked);
        let most = part.compressed_size().saturating_mul(self.unpacking.ratio).max(SMALL);
        let mut bytes = Vec::new();
        let mut limited = part.take(left.min(most).saturating_add(1));
        limited.read_to_end(&mut bytes).map_err(|error| ParseError::broken(format, error))?;
        let size = bytes.len() as u64;
        self.unpacked = self.unpacked.saturating_add(size);
        if size > left {
            Err(ParseError::UnpacksTooLarge(self.unpacking.bytes))
        } else if size > most {
            Err(ParseError::UnpacksTooMuch(self.unpacking.ratio))
        } else {
            Ok(bytes)
        }
    }
}

fn broken(format: Format, error: &ZipError) -> ParseError {
    let reason = match error {
        ZipError::UnsupportedArchive(reason) if reason.contains("Password") => {
            "it is protected by a password".to_owned()
        }
        ZipError::InvalidArchive(_) => "it is truncated or no archive".to_owned(),
        error => error.to_string(),
    };
    ParseError::Broken { format, reason }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write as _;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    /// An archive of the given parts.
    pub(in crate::space::parse) fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn open(bytes: &[u8], unpacking: Unpacking) -> Result<Package<'_>, ParseError> {
        Package::open(bytes, Format::Docx, unpacking)
    }

    #[test]
    fn parts_are_found_by_name_and_missing_ones_are_named() {
        let bytes = packed(&[("a.xml", b"<a/>"), ("b.xml", b"<b/>")]);
        let mut package = open(&bytes, Unpacking::default()).unwrap();
        assert_eq!(package.required("b.xml").unwrap(), b"<b/>");
        assert_eq!(package.part("c.xml"), Ok(None));
        let missing = package.required("c.xml").unwrap_err().to_string();
        assert_eq!(missing, "the DOCX cannot be read: it has no part c.xml");
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        let zeros = vec![0; 3 << 20];
        let bytes = packed(&[("a", &zeros), ("b", &zeros)]);
        let large = Unpacking { bytes: 5 << 20, ratio: 10_000, ..Unpacking::default() };
        let mut package = open(&bytes, large).unwrap();
        assert_eq!(package.check_all(), Err(ParseError::UnpacksTooLarge(5 << 20)));
        let tight = Unpacking { bytes: 100 << 20, ..Unpacking::default() };
        let mut package = open(&bytes, tight).unwrap();
        assert_eq!(package.part("a"), Err(ParseError::UnpacksTooMuch(200)));
        let few = Unpacking { parts: 1, ..Unpacking::default() };
        assert_eq!(open(&bytes, few).err(), Some(ParseError::TooManyParts(1)));
    }

    #[test]
    fn a_truncated_archive_says_so() {
        let bytes = packed(&[("a", b"text")]);
        for broken in [&bytes[..bytes.len() / 2], b"no archive at all"] {
            let reason = open(broken, Unpacking::default()).err().unwrap().to_string();
            assert_eq!(reason, "the DOCX cannot be read: it is truncated or no archive");
        }
    }
}
