//! DOCX: paragraphs, headings by their style, tables row by row, pages as the word processor last laid them out.

use std::collections::HashMap;

use super::package::Package;
use super::xml::{self, Node, Tag};
use super::{Format, Outline, ParseError, Parsed, Unpacking, decode};

/// Reads the main text with its footnotes. The title is the document's property, else its paragraph of style "Title".
pub(super) fn parse(bytes: &[u8], unpacking: Unpacking) -> Result<Parsed, ParseError> {
    let mut package = Package::open(bytes, Format::Docx, unpacking)?;
    let main = text(&package.required("word/document.xml")?)?;
    let styles = match package.part("word/styles.xml")? {
        Some(part) => Styles::read(&text(&part)?)?,
        None => Styles::default(),
    };
    let mut outline = Outline::default();
    if let Some(part) = package.part("docProps/core.xml")? {
        properties(&text(&part)?, &mut outline)?;
    }
    if main.contains("lastRenderedPageBreak") || main.contains(r#"w:type="page""#) {
        outline.page(1);
    }
    let mut reader = Reader::new(outline, &styles);
    xml::read(&main, |node| reader.take(&node)).map_err(broken)?;
    reader.end_paragraph();
    if let Some(notes) = package.part("word/footnotes.xml")? {
        reader.outline.close_headings(1);
        xml::read(&text(&notes)?, |node| reader.take(&node)).map_err(broken)?;
        reader.end_paragraph();
    }
    Ok(reader.outline.finish())
}

fn text(part: &[u8]) -> Result<String, ParseError> {
    decode::text(part)
}

fn broken(reason: String) -> ParseError {
    ParseError::Broken { format: Format::Docx, reason }
}

/// Which styles are headings, by the id that paragraphs name.
#[derive(Default)]
struct Styles(HashMap<String, Style>);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Title,
    Heading(u8),
}

impl Styles {
    /// Names of styles are English in documents of every language; their ids are not.
    fn read(text: &str) -> Result<Self, ParseError> {
        let mut styles = HashMap::new();
        let mut id = String::new();
        xml::read(text, |node| match node {
            Node::Open("style", tag) => id = tag.attribute("styleId").unwrap_or_default(),
            Node::Open("name", tag) => {
                let name = tag.attribute("val").unwrap_or_default();
                if let Some(style) = style_named(&name) {
                    styles.insert(id.clone(), style);
                }
            }
            Node::Open("outlineLvl", tag) => {
                if let Some(level) = outline_level(&tag) {
                    styles.entry(id.clone()).or_insert(Style::Heading(level));
                }
            }
            _ => {}
        })
        .map_err(broken)?;
        Ok(Self(styles))
    }

    fn of(&self, id: &str) -> Option<Style> {
        self.0.get(id).copied().or_else(|| style_named(id))
    }
}

/// "Title", "heading 2", "Heading2".
fn style_named(name: &str) -> Option<Style> {
    let name = name.to_lowercase();
    if name == "title" {
        return Some(Style::Title);
    }
    let level = name.strip_prefix("heading")?.trim().parse().ok()?;
    (1..=9).contains(&level).then_some(Style::Heading(level))
}

fn outline_level(tag: &Tag<'_>) -> Option<u8> {
    let level: u8 = tag.attribute("val")?.parse().ok()?;
    (level < 9).then_some(level + 1)
}

/// The Dublin Core properties that Office writes.
fn properties(text: &str, outline: &mut Outline) -> Result<(), ParseError> {
    let mut value = String::new();
    xml::read(text, |node| match node {
        Node::Open(..) => value.clear(),
        Node::Text(text) => value.push_str(text),
        Node::Close("title") => outline.title = Some(value.trim().to_owned()),
        Node::Close("creator") => outline.property("author", &value),
        Node::Close(name @ ("subject" | "keywords" | "description" | "created" | "modified")) => {
            outline.property(name, &value);
        }
        Node::Close(_) => {}
    })
    .map_err(broken)
}

struct Reader<'a> {
    outline: Outline,
    styles: &'a Styles,
    paragraph: String,
    style: Option<Style>,
    /// Inside `<w:t>`: other text of a paragraph are instructions of fields and deleted words.
    in_text: bool,
    /// Inside a part that repeats what stands elsewhere.
    skipped: usize,
    tables: usize,
    page: u32,
}

impl<'a> Reader<'a> {
    fn new(outline: Outline, styles: &'a Styles) -> Self {
        Self {
            outline,
            styles,
            paragraph: String::new(),
            style: None,
            in_text: false,
            skipped: 0,
            tables: 0,
            page: 1,
        }
    }

    fn take(&mut self, node: &Node<'_>) {
        match node {
            Node::Open("Fallback", _) => self.skipped += 1,
            Node::Close("Fallback") => self.skipped = self.skipped.saturating_sub(1),
            _ if self.skipped > 0 => {}
            Node::Open(name, tag) => self.open(name, tag),
            Node::Close(name) => self.close(name),
            Node::Text(text) if self.in_text => self.paragraph.push_str(text),
            Node::Text(_) => {}
        }
    }

    fn open(&mut self, name: &str, tag: &Tag<'_>) {
        match name {
            "t" => self.in_text = true,
            "tab" if !self.paragraph.is_empty() => self.paragraph.push('\t'),
            "br" if tag.attribute("type").as_deref() == Some("page") => self.next_page(),
            "lastRenderedPageBreak" => self.next_page(),
            "br" | "cr" => self.paragraph.push('\n'),
            "noBreakHyphen" => self.paragraph.push('-'),
            "pStyle" => {
                self.style = tag.attribute("val").and_then(|id| self.styles.of(&id));
            }
            "outlineLvl" => self.style = outline_level(tag).map(Style::Heading),
            "tbl" => {
                self.end_paragraph();
                self.tables += 1;
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" => self.in_text = false,
            // Inside a table, a row is a paragraph and a cell a part of it.
            "p" if self.tables > 0 => self.paragraph.push(' '),
            "tc" if self.tables > 0 => {
                self.paragraph.truncate(self.paragraph.trim_end().len());
                self.paragraph.push_str(" | ");
            }
            "tr" if self.tables > 0 => {
                let row = std::mem::take(&mut self.paragraph);
                self.outline.block(row.trim_end_matches([' ', '|']));
            }
            "tbl" => self.tables = self.tables.saturating_sub(1),
            "p" => self.end_paragraph(),
            _ => {}
        }
    }

    /// The document only tells where pages ended when it was last laid out; one without these marks has no pages. A
    /// paragraph belongs to the page that it begins on.
    fn next_page(&mut self) {
        self.page += 1;
        if self.paragraph.trim().is_empty() {
            self.outline.page(self.page);
        }
    }

    fn end_paragraph(&mut self) {
        let paragraph = std::mem::take(&mut self.paragraph);
        let text = paragraph.trim();
        match self.style.take() {
            _ if text.is_empty() => {}
            Some(Style::Title) => {
                self.outline.title.get_or_insert_with(|| text.to_owned());
                self.outline.block(text);
            }
            Some(Style::Heading(level)) => self.outline.heading(level, text),
            None => self.outline.block(text),
        }
        if self.page > 1 {
            self.outline.page(self.page);
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::package::tests::packed;
    use super::*;

    const STYLES: &str = r#"<w:styles xmlns:w="w"><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
        <w:style w:styleId="Own"><w:name w:val="My style"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style></w:styles>"#;

    const CORE: &str = r#"<cp:coreProperties xmlns:dc="d"><dc:title>City permits</dc:title><dc:creator>Ada</dc:creator>
        </cp:coreProperties>"#;

    /// A document of the given body.
    pub(in crate::space::parse) fn sample(body: &str) -> Vec<u8> {
        let main = format!(r#"<w:document xmlns:w="w"><w:body>{body}</w:body></w:document>"#);
        packed(&[
            ("word/document.xml", main.as_bytes()),
            ("word/styles.xml", STYLES.as_bytes()),
            ("docProps/core.xml", CORE.as_bytes()),
        ])
    }

    fn paragraph(style: &str, text: &str) -> String {
        format!(
            r#"<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#
        )
    }

    fn read(body: &str) -> Parsed {
        parse(&sample(body), Unpacking::default()).unwrap()
    }

    #[test]
    fn styles_make_headings_in_every_language() {
        let body = [
            paragraph("berschrift1", "Permits"),
            paragraph("", "One &amp; two."),
            paragraph("Own", "Night"),
            paragraph("", "Three."),
            paragraph("Heading1", "Fees"),
        ];
        let parsed = read(&body.concat());
        assert_eq!(parsed.title.as_deref(), Some("City permits"));
        assert_eq!(parsed.metadata["author"], "Ada");
        let found: Vec<_> =
            parsed.sections.iter().map(|s| (s.headings.join(">"), s.text.as_str())).collect();
        let expected = [
            ("Permits", "Permits\n\nOne & two."),
            ("Permits>Night", "Night\n\nThree."),
            ("Fees", "Fees"),
        ];
        assert_eq!(found, expected.map(|(a, b)| (a.to_owned(), b)));
    }

    #[test]
    fn tables_are_read_row_by_row() {
        let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
        let row = |a: &str, b: &str| format!("<w:tr>{}{}</w:tr>", cell(a), cell(b));
        let body = format!("<w:tbl>{}{}</w:tbl>", row("Permit", "Fee"), row("N-4", "forty"));
        assert_eq!(read(&body).sections[0].text, "Permit | Fee\n\nN-4 | forty");
    }

    #[test]
    fn page_breaks_count_pages() {
        let body = "<w:p><w:r><w:t>one</w:t></w:r></w:p>\
            <w:p><w:r><w:br w:type=\"page\"/></w:r><w:r><w:t>two</w:t></w:r></w:p>\
            <w:p><w:r><w:lastRenderedPageBreak/><w:t>three</w:t></w:r></w:p>";
        let parsed = read(body);
        let pages: Vec<_> =
            parsed.sections.iter().map(|s| (s.pages.map(|p| p.0), s.text.as_str())).collect();
        assert_eq!(pages, [(Some(1), "one"), (Some(2), "two"), (Some(3), "three")]);
    }

    #[test]
    fn deleted_words_and_repeated_drawings_are_left_out() {
        let body = "<w:p><w:r><w:t>kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>\
            <mc:AlternateContent><mc:Choice><w:t> box</w:t></mc:Choice><mc:Fallback><w:t> box</w:t></mc:Fallback>\
            </mc:AlternateContent></w:p>";
        assert_eq!(read(body).sections[0].text, "kept box");
    }

    #[test]
    fn what_is_no_document_is_named() {
        let other = packed(&[("mimetype", b"x")]);
        let reason = parse(&other, Unpacking::default()).unwrap_err().to_string();
        assert_eq!(reason, "the DOCX cannot be read: it has no part word/document.xml");
        let torn = packed(&[("word/document.xml", b"<w:p></w:q>")]);
        assert!(matches!(parse(&torn, Unpacking::default()), Err(ParseError::Broken { .. })));
    }
}
