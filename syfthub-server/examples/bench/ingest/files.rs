//! Documents of every kind, with real sentences in them: the same text each time, another one in each file.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::Path;

use anyhow::Context as _;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A kind of file.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Text,
    Markdown,
    Html,
    Json,
    Csv,
    Docx,
    Xlsx,
    Epub,
    Pdf,
}

impl Format {
    pub(super) const ALL: [Self; 9] = [
        Self::Text,
        Self::Markdown,
        Self::Html,
        Self::Json,
        Self::Csv,
        Self::Docx,
        Self::Xlsx,
        Self::Epub,
        Self::Pdf,
    ];

    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Epub => "epub",
            Self::Pdf => "pdf",
        }
    }
}

/// Sentences to make documents of.
pub(super) struct Prose(Vec<String>);

impl Prose {
    /// The sentences of the HTML pages in `corpus`.
    pub(super) fn of(corpus: &Path) -> anyhow::Result<Self> {
        let mut pages: Vec<_> = walk(corpus)?;
        pages.sort();
        let mut sentences = Vec::new();
        for page in pages.into_iter().take(400) {
            let html = String::from_utf8_lossy(&std::fs::read(page)?).into_owned();
            for paragraph in html.split("<p>").skip(1) {
                let text = plain(paragraph.split("</p>").next().unwrap_or_default());
                if (60..600).contains(&text.len()) {
                    sentences.push(text);
                }
            }
        }
        anyhow::ensure!(sentences.len() > 100, "{} holds too little text", corpus.display());
        Ok(Self(sentences))
    }

    /// The paragraphs of document `number`, about `length` characters.
    fn paragraphs(&self, number: usize, length: usize) -> Vec<String> {
        let mut paragraphs = vec![format!("Document {number} of the collection.")];
        let mut written = 0;
        let mut at = number * 7919;
        while written < length {
            let sentence = &self.0[at % self.0.len()];
            written += sentence.len();
            paragraphs.push(sentence.clone());
            at += 1;
        }
        paragraphs
    }
}

fn walk(folder: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            pages.extend(walk(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "html") {
            pages.push(path);
        }
    }
    Ok(pages)
}

/// Text without tags, in ASCII letters, which every format takes as they are.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => in_tag = true,
            '>' => in_tag = false,
            '&' | '"' | '(' | ')' | '\\' => text.push(' '),
            _ if in_tag => {}
            _ if letter.is_ascii() => text.push(letter),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes `count` files of about `length` characters below `folder`, a thousand to a folder; bytes in all.
pub(super) fn write(
    folder: &Path,
    format: Format,
    count: usize,
    length: usize,
    prose: &Prose,
) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for number in 0..count {
        let below = folder.join(format!("{:03}", number / 1000));
        std::fs::create_dir_all(&below)?;
        let content = content(format, number, &prose.paragraphs(number, length))?;
        bytes += content.len() as u64;
        std::fs::write(below.join(format!("{number:06}.{}", format.extension())), content)?;
    }
    Ok(bytes)
}

fn content(format: Format, number: usize, paragraphs: &[String]) -> anyhow::Result<Vec<u8>> {
    let text = match format {
        Format::Text => paragraphs.join("\n\n"),
        Format::Markdown => {
            format!("# Document {number}\n\n{}", sections(paragraphs, "## ", "\n\n"))
        }
        Format::Html => format!(
            "<!doctype html><title>Document {number}</title><body>{}</body>",
            tagged(paragraphs, "<p>", "</p>")
        ),
        Format::Json => serde_json::json!({"title": number, "paragraphs": paragraphs}).to_string(),
        Format::Csv => {
            let rows = paragraphs.iter().enumerate();
            rows.fold("number,text\n".to_owned(), |csv, (row, text)| {
                csv + &format!("{row},\"{text}\"\n")
            })
        }
        Format::Docx => return docx(paragraphs),
        Format::Xlsx => return xlsx(paragraphs),
        Format::Epub => return epub(number, paragraphs),
        Format::Pdf => return Ok(pdf(paragraphs)),
    };
    Ok(text.into_bytes())
}

fn sections(paragraphs: &[String], heading: &str, between: &str) -> String {
    let parts = paragraphs.chunks(5).enumerate();
    parts
        .map(|(part, texts)| format!("{heading}Part {part}{between}{}", texts.join(between)))
        .collect::<Vec<_>>()
        .join(between)
}

fn tagged(paragraphs: &[String], open: &str, close: &str) -> String {
    paragraphs.iter().flat_map(|text| [open, text, close]).collect()
}

fn archive(entries: &[(&str, String)]) -> anyhow::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        zip.start_file(*name, SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

const XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;

fn docx(paragraphs: &[String]) -> anyhow::Result<Vec<u8>> {
    let body = tagged(paragraphs, "<w:p><w:r><w:t>", "</w:t></w:r></w:p>");
    let space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    archive(&[
        (
            "[Content_Types].xml",
            format!(
                r#"{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#
            ),
        ),
        (
            "_rels/.rels",
            format!(
                r#"{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#
            ),
        ),
        (
            "word/document.xml",
            format!(r#"{XML}<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>"#),
        ),
    ])
}

fn xlsx(paragraphs: &[String]) -> anyhow::Result<Vec<u8>> {
    let rows = paragraphs.iter().enumerate().fold(String::new(), |mut rows, (at, text)| {
        let row = at + 1;
        let _ = write!(
            rows,
            r#"<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}" t="inlineStr"><is><t>{text}</t></is></c></row>"#
        );
        rows
    });
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    archive(&[
        (
            "[Content_Types].xml",
            format!(
                r#"{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#
            ),
        ),
        (
            "_rels/.rels",
            format!(
                r#"{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"{XML}<workbook xmlns="{main}" xmlns:r="{relations}"><sheets><sheet name="Notes" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"{XML}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"{XML}<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#),
        ),
    ])
}

fn epub(number: usize, paragraphs: &[String]) -> anyhow::Result<Vec<u8>> {
    let page = format!(
        r#"{XML}<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Document {number}</title></head><body><h1>Document {number}</h1>{}</body></html>"#,
        tagged(paragraphs, "<p>", "</p>")
    );
    archive(&[
        ("mimetype", "application/epub+zip".to_owned()),
        (
            "META-INF/container.xml",
            format!(
                r#"{XML}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"#
            ),
        ),
        (
            "book.opf",
            format!(
                r#"{XML}<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">{number}</dc:identifier><dc:title>Document {number}</dc:title><dc:language>en</dc:language></metadata><manifest><item id="p" href="page.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="p"/></spine></package>"#
            ),
        ),
        ("page.xhtml", page),
    ])
}

/// A PDF of plain text lines, 40 to a page.
fn pdf(paragraphs: &[String]) -> Vec<u8> {
    let lines: Vec<String> = paragraphs.iter().flat_map(|text| wrapped(text)).collect();
    let pages: Vec<&[String]> = lines.chunks(40).collect();
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 4 + 2 * page)).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Count {}/Kids[{}]>>", pages.len(), kids.join(" ")),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_owned(),
    ];
    for (page, lines) in pages.iter().enumerate() {
        let mut stream = "BT /F1 11 Tf 14 TL 60 780 Td\n".to_owned();
        for line in *lines {
            let _ = writeln!(stream, "({line}) Tj T*");
        }
        stream.push_str("ET");
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {} 0 R>>",
            5 + 2 * page
        ));
        objects.push(format!("<</Length {}>>\nstream\n{stream}\nendstream", stream.len()));
    }
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", number + 1).bytes());
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let size = objects.len() + 1;
    file.extend(
        format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n").bytes(),
    );
    file
}

fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if lines.last().is_some_and(|line| line.len() + word.len() > 90) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
