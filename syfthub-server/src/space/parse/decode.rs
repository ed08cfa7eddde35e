//! From bytes to text in whatever encoding the file says or shows.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::ParseError;

/// How far into an HTML file its encoding may be declared (HTML standard, prescan of the byte stream).
const PRESCAN: usize = 1024;

/// Text by its byte order mark, else UTF-8, else Windows-1252. A NUL means that it is not text.
pub(super) fn text(bytes: &[u8]) -> Result<String, ParseError> {
    decode(bytes, None)
}

/// As [`text`], but an encoding declared in a `<meta>` counts before the guess.
pub(super) fn html(bytes: &[u8]) -> Result<String, ParseError> {
    decode(bytes, declared(&bytes[..bytes.len().min(PRESCAN)]))
}

fn decode(bytes: &[u8], declared: Option<&'static Encoding>) -> Result<String, ParseError> {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    if marked.is_none() && bytes.contains(&0) {
        return Err(ParseError::NotText);
    }
    let encoding = match marked.or(declared) {
        Some(encoding) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => WINDOWS_1252,
    };
    let (text, _, _) = encoding.decode(bytes);
    Ok(text.into_owned())
}

fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let head = head.to_ascii_lowercase();
    let at = head.windows(8).position(|window| window == b"charset=")? + 8;
    let label: Vec<u8> = head[at..]
        .iter()
        .copied()
        .skip_while(|b| matches!(b, b'"' | b'\''))
        .take_while(|b| is_label(*b))
        .collect();
    // A declaration that could be read as ASCII cannot be UTF-16 (HTML standard).
    Encoding::for_label(&label).map(|found| if found.is_ascii_compatible() { found } else { UTF_8 })
}

fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_marks_and_guesses_decide_the_encoding() {
        assert_eq!(text("\u{feff}grün".as_bytes()).unwrap(), "grün");
        assert_eq!(text(&[0xff, 0xfe, b'h', 0, b'i', 0]).unwrap(), "hi");
        assert_eq!(text(b"gr\xfcn").unwrap(), "grün");
    }

    #[test]
    fn a_declared_encoding_is_followed() {
        assert_eq!(
            html(b"<meta charset='iso-8859-2'>\xb3").unwrap(),
            "<meta charset='iso-8859-2'>ł"
        );
        assert_eq!(html(b"<meta charset=utf-16><p>x").unwrap(), "<meta charset=utf-16><p>x");
        assert_eq!(html(b"<meta charset=martian>\xfc").unwrap(), "<meta charset=martian>ü");
    }

    #[test]
    fn binary_data_is_not_text() {
        assert_eq!(text(b"PK\x03\x04\x00\x00"), Err(ParseError::NotText));
    }
}
