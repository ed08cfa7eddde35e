//! PDF: the text of each page, in a section of its own.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Document, ObjectId, PlainTextOutput, decode_text_string, output_doc_page};

use super::{Format, Outline, ParseError, Parsed};

/// The information that the document carries about itself, and the names it gets here.
const PROPERTIES: [(&[u8], &str); 3] =
    [(b"Author", "author"), (b"Subject", "subject"), (b"Keywords", "keywords")];

/// Reads every page. Pages that cannot be read are left out and named in the metadata; a document without a readable page
/// fails.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, ParseError> {
    let mut document = Document::load_mem(bytes).map_err(broken)?;
    if document.is_encrypted() {
        document.decrypt("").map_err(|_| broken("it is protected by a password"))?;
    }
    refuse_parent_cycles(&document)?;
    let mut outline = Outline::titled(information(&document, b"Title"));
    for (key, name) in PROPERTIES {
        outline.property(name, &information(&document, key).unwrap_or_default());
    }
    let mut failures = Vec::new();
    for number in document.get_pages().into_keys() {
        match page(&document, number) {
            Ok(text) => {
                outline.page(number);
                outline.block(&joined_lines(&text));
            }
            Err(reason) => failures.push((number, reason)),
        }
    }
    let unreadable: Vec<String> = failures.iter().map(|(page, _)| page.to_string()).collect();
    outline.property("unreadable_pages", &unreadable.join(", "));
    let parsed = outline.finish();
    match failures.into_iter().next() {
        Some((_, reason)) if parsed.sections.is_empty() => Err(broken(reason)),
        _ => Ok(parsed),
    }
}

fn broken(reason: impl std::fmt::Display) -> ParseError {
    ParseError::broken(Format::Pdf, reason)
}

/// The text of a page. A page on which the library panics is one that cannot be read.
fn page(document: &Document, number: u32) -> Result<String, String> {
    let read = || {
        let mut text = String::new();
        output_doc_page(document, &mut PlainTextOutput::new(&mut text), number).map(|()| text)
    };
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => read.map_err(|error| error.to_string()),
        Err(_) => Err(format!("page {number} breaks the parser")),
    }
}

/// Inherited properties are looked up along `Parent` by recursion, which a cycle would turn into a stack overflow.
fn refuse_parent_cycles(document: &Document) -> Result<(), ParseError> {
    document
        .get_pages()
        .into_values()
        .try_for_each(|page| refuse_parent_cycles_above(document, page))
}

fn refuse_parent_cycles_above(document: &Document, page: ObjectId) -> Result<(), ParseError> {
    let mut seen = HashSet::new();
    let mut next = Some(page);
    while let Some(id) = next {
        if !seen.insert(id) {
            return Err(broken("its page tree is a circle"));
        }
        next = parent(document, id);
    }
    Ok(())
}

fn parent(document: &Document, id: ObjectId) -> Option<ObjectId> {
    document.get_dictionary(id).ok()?.get(b"Parent").ok()?.as_reference().ok()
}

/// An entry of the document's information dictionary.
fn information(document: &Document, key: &[u8]) -> Option<String> {
    let info = document.trailer.get(b"Info").ok()?;
    let info = match info.as_reference() {
        Ok(id) => document.get_dictionary(id).ok()?,
        Err(_) => info.as_dict().ok()?,
    };
    decode_text_string(info.get(key).ok()?).ok().map(|text| text.trim().to_owned())
}

/// Joins the lines of a paragraph: a PDF breaks them where the page ends, not where the thought does.
fn joined_lines(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let mut paragraphs = vec![String::new()];
    for line in lines {
        let current = paragraphs.last_mut().expect("there is always one paragraph");
        if line.is_empty() {
            if !current.is_empty() {
                paragraphs.push(String::new());
            }
        } else {
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(line);
        }
    }
    paragraphs.join("\n\n")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A PDF with one page per text, written by hand.
    pub(crate) fn sample(title: &str, pages: &[&str]) -> Vec<u8> {
        let kids: Vec<String> = (0..pages.len()).map(|i| format!("{} 0 R", 4 + 2 * i)).collect();
        let mut objects = vec![
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            format!("<</Type/Pages/Kids[{}]/Count {}>>", kids.join(" "), pages.len()),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
        ];
        for (i, text) in pages.iter().enumerate() {
            let content = format!("BT /F1 12 Tf 72 700 Td ({text}) Tj ET");
            let resources = "/Resources<</Font<</F1 3 0 R>>>>";
            objects.push(format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]{resources}/Contents {} 0 R>>",
                5 + 2 * i
            ));
            objects.push(format!("<</Length {}>>stream\n{content}\nendstream", content.len()));
        }
        objects.push(format!("<</Title({title})>>"));
        let mut pdf = b"%PDF-1.4\n".to_vec();
        let mut offsets = Vec::new();
        for (i, object) in objects.iter().enumerate() {
            offsets.push(pdf.len());
            pdf.extend(format!("{} 0 obj{object}endobj\n", i + 1).into_bytes());
        }
        let start = pdf.len();
        pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
        for offset in offsets {
            pdf.extend(format!("{offset:010} 00000 n \n").into_bytes());
        }
        let size = objects.len() + 1;
        let info = objects.len();
        pdf.extend(
            format!(
                "trailer<</Size {size}/Root 1 0 R/Info {info} 0 R>>\nstartxref\n{start}\n%%EOF"
            )
            .into_bytes(),
        );
        pdf
    }

    #[test]
    fn each_page_is_a_section_and_the_title_is_the_documents() {
        let parsed =
            parse(&sample("City permits", &["Permit N-4 covers night work.", "Second page."]))
                .unwrap();
        assert_eq!(parsed.title.as_deref(), Some("City permits"));
        assert_eq!(parsed.sections.len(), 2);
        assert_eq!(parsed.sections[0].pages, Some((1, 1)));
        assert_eq!(parsed.sections[1].pages, Some((2, 2)));
        assert!(parsed.sections[0].text.contains("Permit N-4 covers night work."), "{parsed:?}");
        assert!(parsed.sections[1].text.contains("Second page."));
    }

    #[test]
    fn a_broken_pdf_is_refused_with_a_reason() {
        let whole = sample("x", &["text"]);
        for broken in [&whole[..40], b"%PDF-1.7 nothing", b""] {
            assert!(matches!(parse(broken), Err(ParseError::Broken { .. })));
        }
    }

    #[test]
    fn a_page_tree_that_is_a_circle_is_refused() {
        let text = String::from_utf8(sample("a title long enough to give up", &["text"])).unwrap();
        let circle =
            text.replace("/Type/Pages/Kids[4 0 R]/Count 1", "/Parent 2 0 R/Kids[4 0 R]/X  1 ");
        assert_eq!(text.len(), circle.len(), "the offsets must still hold");
        let document = Document::load_mem(circle.as_bytes()).unwrap();
        let found = refuse_parent_cycles_above(&document, (4, 0));
        assert_eq!(found, Err(broken("its page tree is a circle")));
    }

    #[test]
    fn lines_of_a_paragraph_are_joined() {
        assert_eq!(joined_lines("a\nb \n\n\n c\n"), "a b\n\nc");
    }
}
