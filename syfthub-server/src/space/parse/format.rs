//! The kinds of file that have a parser. Adding one is one file and one line in each table here.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{ParseError, Parsed, Unpacking};
use super::{csv, decode, docx, epub, html, json, markdown, pdf, plain, xlsx};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Format {
    Plain,
    Markdown,
    Html,
    Pdf,
    Json,
    Csv,
    Docx,
    Xlsx,
    Epub,
}

/// Every extension that has a parser, as shown in the type's schema.
pub(crate) const EXTENSIONS: [&str; 17] = [
    ".pdf",
    ".txt",
    ".html",
    ".xlsx",
    ".docx",
    ".md",
    ".csv",
    ".json",
    ".epub",
    ".htm",
    ".xhtml",
    ".markdown",
    ".text",
    ".rst",
    ".tsv",
    ".jsonl",
    ".xlsm",
];

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "text",
            Self::Markdown => "Markdown",
            Self::Html => "HTML",
            Self::Pdf => "PDF",
            Self::Json => "JSON",
            Self::Csv => "CSV",
            Self::Docx => "DOCX",
            Self::Xlsx => "XLSX",
            Self::Epub => "EPUB",
        })
    }
}

impl Format {
    /// The format that the file's extension stands for.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "txt" | "text" | "rst" => Some(Self::Plain),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" | "xhtml" => Some(Self::Html),
            "pdf" => Some(Self::Pdf),
            "json" | "jsonl" => Some(Self::Json),
            "csv" | "tsv" => Some(Self::Csv),
            "docx" => Some(Self::Docx),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            "epub" => Some(Self::Epub),
            _ => None,
        }
    }

    /// Reads `bytes` on the calling thread. Hostile input may panic, take all memory or never end: only a process that
    /// may die calls this.
    pub(super) fn parse(self, bytes: &[u8], unpacking: Unpacking) -> Result<Parsed, ParseError> {
        let parsed = match self {
            Self::Plain => plain::parse(&decode::text(bytes)?),
            Self::Markdown => markdown::parse(&decode::text(bytes)?),
            Self::Html => html::parse(&decode::html(bytes)?),
            Self::Pdf => pdf::parse(bytes)?,
            Self::Json => json::parse(&decode::text(bytes)?),
            Self::Csv => csv::parse(&decode::text(bytes)?),
            Self::Docx => docx::parse(bytes, unpacking)?,
            Self::Xlsx => xlsx::parse(bytes, unpacking)?,
            Self::Epub => epub::parse(bytes, unpacking)?,
        };
        if parsed.sections.is_empty() { Err(ParseError::Empty) } else { Ok(parsed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_extension_has_a_parser() {
        for extension in EXTENSIONS {
            assert!(Format::of(Path::new(&format!("a{extension}"))).is_some(), "{extension}");
        }
        assert_eq!(Format::of(Path::new("Report.PDF")), Some(Format::Pdf));
        assert_eq!(Format::of(Path::new("photo.jpeg")), None);
        assert_eq!(Format::of(Path::new("no-extension")), None);
    }

    #[test]
    fn a_file_without_text_is_refused_with_its_reason() {
        let parse = |format: Format, bytes: &[u8]| format.parse(bytes, Unpacking::default());
        assert_eq!(parse(Format::Plain, b" \n\t "), Err(ParseError::Empty));
        assert_eq!(parse(Format::Html, b"<script>x()</script>"), Err(ParseError::Empty));
        assert_eq!(parse(Format::Csv, b"\n\n"), Err(ParseError::Empty));
    }
}
