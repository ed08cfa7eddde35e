//! Sitemaps and their indexes (sitemaps.org), also compressed.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use quick_xml::Reader;
use quick_xml::events::Event;

/// Bytes of an unpacked sitemap; the standard allows 50 MB.
const LARGEST: u64 = 50 << 20;

/// Addresses of one sitemap; the standard allows so many.
const MOST: usize = 50_000;

/// What a sitemap lists.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sitemap {
    /// Pages.
    Pages(Vec<String>),
    /// Further sitemaps.
    Index(Vec<String>),
}

/// Reads a sitemap; `None` when it is none. A torn one gives what could be read of it. Blocks.
pub(super) fn parse(body: &[u8]) -> Option<Sitemap> {
    let unpacked = if body.starts_with(&[0x1f, 0x8b]) { Some(unpack(body)?) } else { None };
    let text = unpacked.as_deref().unwrap_or(body);
    let mut reader = Reader::from_reader(text);
    let (mut is_index, mut inside, mut found) = (None, false, Vec::new());
    let mut address = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => match start.local_name().as_ref() {
                b"urlset" if is_index.is_none() => is_index = Some(false),
                b"sitemapindex" if is_index.is_none() => is_index = Some(true),
                b"loc" => (inside, address) = (true, String::new()),
                _ if is_index.is_none() => return None,
                _ => {}
            },
            Ok(Event::End(end)) if end.local_name().as_ref() == b"loc" => {
                inside = false;
                found.push(address.trim().to_owned());
            }
            Ok(Event::Text(text)) if inside => address.push_str(&text.decode().ok()?),
            Ok(Event::CData(text)) if inside => address.push_str(&text.decode().ok()?),
            Ok(Event::GeneralRef(name)) if inside => address.push(entity(&name)?),
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        if found.len() >= MOST {
            break;
        }
    }
    Some(if is_index? { Sitemap::Index(found) } else { Sitemap::Pages(found) })
}

/// The letter that a reference stands for: one of the five that XML knows, or a number.
fn entity(name: &[u8]) -> Option<char> {
    match name {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        number => {
            let number = std::str::from_utf8(number).ok()?.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

fn unpack(body: &[u8]) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(body).take(LARGEST).read_to_end(&mut unpacked).ok()?;
    Some(unpacked)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const PAGES: &str = "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\
        <url><loc> https://example.org/a?x=1&amp;y=2 </loc><lastmod>2026-01-01</lastmod></url>\
        <url><loc><![CDATA[https://example.org/b]]></loc></url></urlset>";

    #[test]
    fn pages_and_indexes_are_told_apart() {
        let pages = ["https://example.org/a?x=1&y=2", "https://example.org/b"];
        let pages = pages.map(str::to_owned).to_vec();
        assert_eq!(parse(PAGES.as_bytes()), Some(Sitemap::Pages(pages)));
        let index = "<sitemapindex><sitemap><loc>https://example.org/1.xml.gz</loc></sitemap></sitemapindex>";
        let listed = vec!["https://example.org/1.xml.gz".to_owned()];
        assert_eq!(parse(index.as_bytes()), Some(Sitemap::Index(listed)));
        assert_eq!(parse(b"<html><body>no</body></html>"), None);
        assert_eq!(parse(b"plain text"), None);
    }

    #[test]
    fn a_compressed_sitemap_is_read_and_a_torn_one_gives_what_it_has() {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(PAGES.as_bytes()).unwrap();
        assert_eq!(parse(&packed.finish().unwrap()), parse(PAGES.as_bytes()));
        let torn = parse(&PAGES.as_bytes()[..190]);
        assert_eq!(torn, Some(Sitemap::Pages(vec!["https://example.org/a?x=1&y=2".to_owned()])));
    }
}
