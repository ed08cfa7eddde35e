//! EPUB: the chapters in the order of the spine, each read as the page of HTML that it is.

use std::collections::HashMap;

use super::package::Package;
use super::xml::{self, Node};
use super::{Format, Outline, ParseError, Parsed, Unpacking, decode, html};

const CONTAINER: &str = "META-INF/container.xml";

/// Reads the book that the container names first.
pub(super) fn parse(bytes: &[u8], unpacking: Unpacking) -> Result<Parsed, ParseError> {
    let mut package = Package::open(bytes, Format::Epub, unpacking)?;
    let container = decode::text(&package.required(CONTAINER)?)?;
    let root = root_file(&container)?;
    let book = Book::read(&decode::text(&package.required(&root)?)?)?;
    let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut outline = Outline::titled(book.title);
    for (name, value) in &book.properties {
        outline.property(name, value);
    }
    for chapter in book.chapters {
        // A chapter that the book names but does not hold is left out.
        if let Some(page) = package.part(&resolved(folder, &chapter))? {
            let page = decode::html(&page).map_err(|_| encrypted())?;
            outline.append(html::parse(&page));
        }
    }
    Ok(outline.finish())
}

fn broken(reason: impl std::fmt::Display) -> ParseError {
    ParseError::broken(Format::Epub, reason)
}

/// A chapter that is no text at all, though the book says so.
fn encrypted() -> ParseError {
    broken("its chapters are encrypted")
}

fn root_file(container: &str) -> Result<String, ParseError> {
    let mut root = None;
    xml::read(container, |node| {
        if let Node::Open("rootfile", tag) = node {
            root = root.take().or_else(|| tag.attribute("full-path"));
        }
    })
    .map_err(broken)?;
    root.ok_or_else(|| broken("it does not say where the book is"))
}

#[derive(Default)]
struct Book {
    title: Option<String>,
    properties: Vec<(&'static str, String)>,
    /// Paths of the chapters, relative to the book's own.
    chapters: Vec<String>,
}

impl Book {
    fn read(package: &str) -> Result<Self, ParseError> {
        let (mut book, mut value) = (Self::default(), String::new());
        let mut files = HashMap::new();
        let mut spine = Vec::new();
        xml::read(package, |node| match node {
            Node::Open("item", tag) => {
                if let (Some(id), Some(file)) = (tag.attribute("id"), tag.attribute("href")) {
                    files.insert(id, file);
                }
            }
            Node::Open("itemref", tag) => spine.extend(tag.attribute("idref")),
            Node::Open(..) => value.clear(),
            Node::Text(text) => value.push_str(text),
            Node::Close("title") => book.title = book.title.take().or_else(|| trimmed(&value)),
            Node::Close("creator") => book.properties.push(("author", value.clone())),
            Node::Close("language") => book.properties.push(("language", value.clone())),
            Node::Close("publisher") => book.properties.push(("publisher", value.clone())),
            Node::Close("date") => book.properties.push(("date", value.clone())),
            Node::Close(_) => {}
        })
        .map_err(broken)?;
        book.chapters = spine.iter().filter_map(|id| files.remove(id)).collect();
        Ok(book)
    }
}

fn trimmed(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A reference of the book as a path inside the archive.
fn resolved(folder: &str, reference: &str) -> String {
    let reference = reference.split('#').next().unwrap_or_default();
    let reference = percent_decoded(reference);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in reference.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let escaped = (byte == b'%').then(|| tail.get(..2)).flatten();
        let escaped = escaped.and_then(|digits| std::str::from_utf8(digits).ok());
        let decoded = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(decoded.unwrap_or(byte));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::package::tests::packed;
    use super::*;

    /// A book of two chapters.
    pub(in crate::space::parse) fn sample(first: &str, second: &str) -> Vec<u8> {
        let container = r#"<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>"#;
        let book = r#"<package xmlns:dc="d"><metadata><dc:title>Night rules</dc:title><dc:creator>Ada</dc:creator></metadata>
            <manifest><item id="two" href="text/b%20two.xhtml"/><item id="one" href="./text/a.xhtml"/>
            <item id="css" href="x.css"/></manifest><spine><itemref idref="one"/><itemref idref="two"/>
            <itemref idref="missing"/></spine></package>"#;
        packed(&[
            ("mimetype", b"application/epub+zip"),
            ("META-INF/container.xml", container.as_bytes()),
            ("OEBPS/book.opf", book.as_bytes()),
            ("OEBPS/text/a.xhtml", first.as_bytes()),
            ("OEBPS/text/b two.xhtml", second.as_bytes()),
        ])
    }

    #[test]
    fn chapters_follow_the_spine() {
        let bytes = sample("<h1>One</h1><p>First.</p>", "<h1>Two</h1><p>Second.</p>");
        let parsed = parse(&bytes, Unpacking::default()).unwrap();
        assert_eq!(parsed.title.as_deref(), Some("Night rules"));
        assert_eq!(parsed.metadata["author"], "Ada");
        let texts: Vec<_> = parsed.sections.iter().map(|section| section.text.as_str()).collect();
        assert_eq!(texts, ["One\n\nFirst.", "Two\n\nSecond."]);
        assert_eq!(parsed.sections[1].headings, ["Two"]);
    }

    #[test]
    fn what_is_no_book_and_what_is_encrypted_is_named() {
        let other = packed(&[("mimetype", b"x")]);
        let reason = parse(&other, Unpacking::default()).unwrap_err().to_string();
        assert_eq!(reason, "the EPUB cannot be read: it has no part META-INF/container.xml");
        let locked = parse(&sample("\0\u{1}", "x"), Unpacking::default()).unwrap_err().to_string();
        assert_eq!(locked, "the EPUB cannot be read: its chapters are encrypted");
    }

    #[test]
    fn references_do_not_leave_the_archive() {
        assert_eq!(resolved("a/b", "../c.html#x"), "a/c.html");
        assert_eq!(resolved("", "../../../etc/passwd"), "etc/passwd");
        assert_eq!(resolved("a", "100%.html"), "a/100%.html");
    }
}
