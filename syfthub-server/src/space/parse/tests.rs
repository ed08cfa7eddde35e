//! Files of every format, good and hostile, through real worker processes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::package::tests::packed;
use super::process::Program;
use super::{Bounds, Content, Document, ParseError, Parsers, Task, Unpacking, pdf_sample};
use crate::space::chunk::Cut;

/// Tells the test program to be a worker.
const ROLE: &str = "SYFTHUB_TEST_PARSE_WORKER";

/// This program, running the one test that is a worker when it is told so.
pub(super) fn worker_program(program: Option<PathBuf>) -> Result<Program, String> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let test = "space::parse::tests::serves_as_a_worker_when_told_so";
    let arguments = [test, "--exact", "--nocapture", "--test-threads=1"].map(Into::into).to_vec();
    Ok(Program {
        path: program.unwrap_or(this),
        arguments,
        environment: vec![(ROLE.into(), "1".into())],
    })
}

#[test]
fn serves_as_a_worker_when_told_so() {
    if std::env::var_os(ROLE).is_some() {
        super::parse_worker_main();
    }
}

struct Bench {
    folder: tempfile::TempDir,
    parsers: Parsers,
}

impl Bench {
    fn new(deadline: Duration, memory: u64) -> Self {
        let bounds = Bounds { workers: 1, deadline, memory, program: None };
        Self { folder: tempfile::tempdir().unwrap(), parsers: Parsers::new(bounds) }
    }

    fn usual() -> Self {
        Self::new(Duration::from_mins(1), 256 << 20)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn read(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<Document, ParseError> {
        std::fs::write(self.at(name), bytes).unwrap();
        match self.parsers.read(task(&self.at(name))).await? {
            Content::New(document) => Ok(document),
            Content::Unchanged => panic!("nothing is known yet"),
        }
    }

    async fn refusal(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        self.read(name, bytes).await.unwrap_err().to_string()
    }
}

fn task(path: &Path) -> Task {
    Task {
        path: path.to_owned(),
        shown: path.file_name().unwrap().to_string_lossy().into_owned(),
        indexed: None,
        cut: Cut::default(),
        file_bytes: 64 << 20,
        text_bytes: 32 << 20,
        unpacking: Unpacking { bytes: 128 << 20, ratio: 200, parts: 1000 },
    }
}

#[tokio::test]
async fn a_worker_reads_file_after_file_of_every_format() {
    let bench = Bench::usual();
    let book = super::epub::tests::sample("<p>The zebra in a book.</p>", "<p>x</p>");
    let files: [(&str, Vec<u8>); 9] = [
        ("a.txt", b"The zebra in a text.".to_vec()),
        ("a.md", b"# Zebra\nin marks".to_vec()),
        ("a.html", b"<p>The zebra on a page</p>".to_vec()),
        ("a.csv", b"name,legs\nzebra,4\n".to_vec()),
        ("a.json", b"{\"animal\":\"zebra\"}".to_vec()),
        ("a.pdf", pdf_sample("Animals", &["The zebra on paper."])),
        ("a.docx", super::docx::tests::sample("<w:p><w:r><w:t>The zebra</w:t></w:r></w:p>")),
        (
            "a.xlsx",
            super::xlsx::tests::sample(r#"<row r="1"><c r="A1" t="str"><v>zebra</v></c></row>"#),
        ),
        ("a.epub", book),
    ];
    for (name, bytes) in files {
        let document = bench.read(name, bytes).await.unwrap();
        assert!(document.chunks[0].text.to_lowercase().contains("zebra"), "{name}: {document:?}");
        assert_eq!(document.chunks[0].pages.is_some(), name == "a.pdf", "{name}");
    }
    let Content::New(again) = bench.parsers.read(task(&bench.at("a.txt"))).await.unwrap() else {
        panic!("no hash was given")
    };
    let known = Task { indexed: Some(again.hash), ..task(&bench.at("a.txt")) };
    assert_eq!(bench.parsers.read(known).await, Ok(Content::Unchanged));
}

#[tokio::test]
async fn a_long_document_comes_whole() {
    let bench = Bench::usual();
    let text: Vec<String> =
        (0..40_000).map(|n| format!("Sentence number {n} of a long text.")).collect();
    let document = bench.read("a.txt", text.join("\n\n")).await.unwrap();
    let chunks: Vec<&str> = document.chunks.iter().map(|chunk| chunk.text.as_str()).collect();
    assert_eq!(chunks.join("\n\n"), text.join("\n\n"));
    assert!(chunks.len() > 1000);
}

#[tokio::test]
async fn hostile_files_fail_alone_and_say_what_is_wrong() {
    let bench = Bench::new(Duration::from_secs(30), 192 << 20);
    let zeros = vec![b' '; 20 << 20];
    let bomb = packed(&[("word/document.xml", &zeros)]);
    assert_eq!(
        bench.refusal("bomb.docx", &bomb).await,
        "a part of the file unpacks to more than 200 times its packed size"
    );
    let whole = super::docx::tests::sample("<w:p/>");
    assert_eq!(
        bench.refusal("torn.docx", &whole[..whole.len() - 40]).await,
        "the DOCX cannot be read: it is truncated or no archive"
    );
    let hungry = format!("[{}0]", "[0],".repeat(6 << 20));
    assert_eq!(
        bench.refusal("hungry.json", &hungry).await,
        format!("the file needs more than {} bytes of memory to be parsed", 192 << 20)
    );
    assert_eq!(bench.refusal("x.txt", b"a\0b").await, "the file holds binary data, not text");
    let circle =
        String::from_utf8(pdf_sample("a title long enough to give up", &["text"])).unwrap();
    let circle =
        circle.replace("/Type/Pages/Kids[4 0 R]/Count 1", "/Parent 2 0 R/Kids[4 0 R]/X  1 ");
    let reason = bench.refusal("circle.pdf", circle).await;
    assert!(reason.starts_with("the PDF cannot be read") || reason.contains("no text"), "{reason}");
    assert!(bench.read("good.txt", "still read").await.is_ok());
}

#[tokio::test]
async fn a_file_that_takes_too_long_is_given_up_and_its_worker_killed() {
    let bench = Bench::new(Duration::from_millis(300), 512 << 20);
    let endless = "<b><i>x</b>".repeat(400_000);
    let refused = bench.refusal("endless.html", endless).await;
    assert_eq!(refused, "the file took longer than 0.3 s to parse");
    let patient = Bench::usual();
    assert!(patient.read("good.txt", "still read").await.is_ok());
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_named_and_the_file_is_tried_again_later() {
    let program = Some(PathBuf::from("/does/not/exist"));
    let bounds = Bounds { workers: 1, deadline: Duration::from_secs(5), memory: 1 << 30, program };
    let missing = Parsers::new(bounds).read(task(Path::new("/x.txt"))).await.unwrap_err();
    assert!(matches!(missing, ParseError::NoParser(_)) && missing.may_pass(), "{missing}");
}

#[tokio::test]
async fn resting_workers_end_and_start_again() {
    let bench = Bench::usual();
    assert!(bench.read("a.txt", "one").await.is_ok());
    bench.parsers.rest();
    assert!(bench.read("b.txt", "two").await.is_ok());
}
