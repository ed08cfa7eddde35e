//! Files of a ZIP archive as gzip files, without unpacking them.
//!
//! Both formats carry the same compressed data (RFC 1951), and the archive's directory knows the checksum and the length
//! that end a gzip file (RFC 1952). So the server holds Swagger UI once, as small as it came, and sends it as it is.

/// The compression method of ZIP that gzip shares.
const DEFLATED: u16 = 8;

/// The file whose path in `archive` ends in `ending`, as a gzip file; nothing when there is none, or it is not deflated.
pub(super) fn gzip(archive: &[u8], ending: &str) -> Option<Vec<u8>> {
    let entry = directory(archive)?.find(|entry| entry.name.ends_with(ending.as_bytes()))?;
    let deflated = entry.data(archive)?;
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    file.extend_from_slice(deflated);
    file.extend_from_slice(&entry.checksum.to_le_bytes());
    file.extend_from_slice(&entry.length.to_le_bytes());
    Some(file)
}

/// A file in the directory at the archive's end.
struct Entry<'a> {
    name: &'a [u8],
    method: u16,
    checksum: u32,
    packed_length: u32,
    length: u32,
    /// Where its own header begins.
    offset: u32,
}

impl<'a> Entry<'a> {
    /// Its compressed bytes. Its own header repeats the name, and may have additions that differ from the directory's.
    fn data(&self, archive: &'a [u8]) -> Option<&'a [u8]> {
        let header = archive.get(self.offset as usize..)?;
        let names = usize::from(u16_at(header, 26)?) + usize::from(u16_at(header, 28)?);
        let data = header.get(30 + names..)?.get(..self.packed_length as usize)?;
        (self.method == DEFLATED).then_some(data)
    }
}

/// The entries of the directory, in its order.
fn directory(archive: &[u8]) -> Option<impl Iterator<Item = Entry<'_>>> {
    let end = archive.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let start = u32_at(archive, end + 16)? as usize;
    let mut rest = archive.get(start..end)?;
    Some(std::iter::from_fn(move || {
        let (entry, length) = entry(rest)?;
        rest = rest.get(length..)?;
        Some(entry)
    }))
}

/// The first entry of `directory`, and how many bytes it takes there.
fn entry(directory: &[u8]) -> Option<(Entry<'_>, usize)> {
    if !directory.starts_with(b"PK\x01\x02") {
        return None;
    }
    let [name, extra, comment] = [28, 30, 32].map(|at| u16_at(directory, at).map(usize::from));
    let name_end = 46 + name?;
    let entry = Entry {
        name: directory.get(46..name_end)?,
        method: u16_at(directory, 10)?,
        checksum: u32_at(directory, 16)?,
        packed_length: u32_at(directory, 20)?,
        length: u32_at(directory, 24)?,
        offset: u32_at(directory, 42)?,
    };
    Some((entry, name_end + extra? + comment?))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `hello hello hello hello\n` in `a/dist/b.txt`, with a comment at the archive's end.
    const ARCHIVE: &[u8] = b"PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00!\x5c\x00\x88Y\x0b\x0b\x00\x00\x00\x18\x00\x00\x00\x0c\x00\x00\x00a/dist/b.txt\xcbH\xcd\xc9\xc9W\xc8@'\xb9\x00PK\x01\x02\x14\x03\x14\x00\x00\x00\x08\x00\x00\x00!\x5c\x00\x88Y\x0b\x0b\x00\x00\x00\x18\x00\x00\x00\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00a/dist/b.txtPK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00:\x00\x00\x005\x00\x00\x00\x04\x00note";

    /// The same, as `gzip` would have it.
    const GZIPPED: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xcbH\xcd\xc9\xc9W\xc8@'\xb9\x00\x00\x88Y\x0b\x18\x00\x00\x00";

    #[test]
    fn a_file_of_an_archive_is_a_gzip_file() {
        assert_eq!(gzip(ARCHIVE, "/dist/b.txt").unwrap(), GZIPPED);
    }

    #[test]
    fn what_is_no_archive_or_not_in_it_is_nothing() {
        assert_eq!(gzip(ARCHIVE, "/dist/c.txt"), None);
        assert_eq!(gzip(b"", "b.txt"), None);
        for cut in 0..ARCHIVE.len() {
            gzip(&ARCHIVE[..cut], "/dist/b.txt");
            gzip(&ARCHIVE[cut..], "/dist/b.txt");
        }
    }
}
