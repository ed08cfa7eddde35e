//! Streams of server-sent events, cut anywhere, and the events in them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use crate::case::{self, Case};

/// What an aggregator sends.
const ANSWER: &str = "event: retrieval_start\ndata: {\"sources\":1}\n\n\
    event: source_complete\ndata: {\"path\":\"ada/notes\",\"status\":\"success\",\"documents\":1}\n\n: hb\n\n\
    event: token\ndata: {\"content\":\"Reeds \u{1f33e}\u{2028}and\"}\n\nevent: token\ndata: {\"content\":\" sedge.\"}\n\n\
    event: done\ndata: {\"sources\":{},\"retrieval_info\":[],\"metadata\":{}}\n\n";

/// What a stream is, its text, and how many events are in it.
const TEXTS: &[(&str, &str, usize)] = &[
    ("an answer of an aggregator", ANSWER, 5),
    ("nothing", "", 0),
    ("lines of CR LF", "event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", 2),
    ("lines of CR", "event: a\rdata: 1\r\rdata: 2\r\r", 2),
    ("lines that end in three ways", "data: 1\r\ndata: 2\rdata: 3\n\r\n", 1),
    ("a byte order mark at the start", "\u{feff}data: 1\n\n", 1),
    ("a byte order mark later on, which is a part of a name", "data: 1\n\n\u{feff}data: 2\n\n", 1),
    ("two byte order marks, of which one counts", "\u{feff}\u{feff}data: 1\n\ndata: 2\n\n", 1),
    ("separators that end no line", "data: a\u{2028}b\u{2029}c\u{85}d\u{b}e\u{c}f\n\n", 1),
    ("data in several lines", "data: a\ndata\ndata:\ndata: b\n\n", 1),
    (
        "spaces behind the colon, of which one is dropped",
        "data:a\n\ndata: a\n\ndata:  a\n\ndata:\ta\n\n",
        4,
    ),
    ("data that is empty", "data\n\ndata:\n\ndata: \n\n", 3),
    ("a name without data, which names nothing", "event: a\n\ndata: 1\n\n", 1),
    ("a name that is given twice", "event: a\nevent: b\ndata: 1\n\n", 1),
    ("a name that is empty", "event:\ndata: 1\n\n", 1),
    ("a name of words and signs", "event: to ken: \u{e9}\u{1f600}\ndata: 1\n\n", 1),
    (
        "comments, ids, times and fields that nobody knows",
        ": x\n:\nid: 7\nretry: 1\nfoo: bar\ndata: 1\n\n",
        1,
    ),
    ("fields in capitals and with spaces, which are others", "Data: 1\ndata : 2\n data: 3\n\n", 0),
    ("blank lines without end", "\n\n\n\r\n\r\r\n\ndata: 1\n\n\n\n", 1),
    ("an end in the middle of an event", "data: 1\n\ndata: 2\n", 1),
    ("an end in the middle of a line", "data: 1\n\ndata: 2", 1),
    ("colons in the data", "data: {\"a\":\"b: c\"}\ndata: ::\n\n", 1),
    ("a null character", "data: a\u{0}b\n\n", 1),
    ("characters of one to four bytes", "data: a\u{e9}\u{20ac}\u{1f600}\n\n", 1),
    (
        "characters at the edges of the planes",
        "data: \u{7f}\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}\n\n",
        1,
    ),
    ("a family of one emoji", "data: \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}\n\n", 1),
    ("what imitates another event in its data", "data: a\\n\\nevent: done\\ndata: {}\n\n", 1),
];

/// What a stream is, its bytes, which are no text, and how many events stand before them.
const NO_TEXTS: &[(&str, &[u8], usize)] = &[
    ("a byte that is in no text", b"data: 1\n\ndata: \xff\n\ndata: 2\n\n", 1),
    ("a character that ends too early", b"data: \xe2\x82\n\n", 0),
    ("a character in more bytes than it needs", b"data: \xc0\xaf\n\n", 0),
    ("half of a surrogate pair", b"data: \xed\xa0\x80\n\n", 0),
    ("a character beyond the last one", b"data: \xf4\x90\x80\x80\n\n", 0),
    ("text in another encoding", b"data: caf\xe9\n\n", 0),
];

/// The cases of server-sent events.
pub(crate) fn file() -> String {
    let mut cases = Vec::new();
    for (name, text, events) in TEXTS {
        cases.push(case(name, &[text.as_bytes()], None, *events, false));
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        cases.push(case(&format!("{name}, byte by byte"), &bytes, None, *events, false));
    }
    for (name, bytes, events) in NO_TEXTS {
        cases.push(case(name, &[*bytes], None, *events, true));
    }
    cases.extend(cut());
    cases.extend(large());
    case::file(
        "Streams in chunks of base64, the events in them, and why they cannot be read on.",
        &cases,
    )
}

/// Streams that are cut at the worst places.
fn cut() -> Vec<Case> {
    let emoji = "data: \u{1f600}\n\n".as_bytes();
    let mut cases: Vec<Case> = (7..10)
        .map(|at| {
            let name = format!("a character of four bytes, cut before its byte {}", at - 5);
            case(&name, &[&emoji[..at], &emoji[at..]], None, 1, false)
        })
        .collect();
    cases.extend([
        case(
            "cut between CR and LF",
            &[b"data: 1\r", b"\n\r", b"\ndata: 2\r", b"\n\r\n"],
            None,
            2,
            false,
        ),
        case(
            "cut within the byte order mark",
            &[b"\xef", b"\xbb", b"\xbfdata: 1\n\n"],
            None,
            1,
            false,
        ),
        case(
            "cut between the line breaks that end an event",
            &[b"data: 1\n", b"\ndata: 2\n\n"],
            None,
            2,
            false,
        ),
        case("cut within a name", &[b"eve", b"nt: to", b"ken\nda", b"ta: 1\n\n"], None, 1, false),
        case("chunks of nothing", &[b"", b"data: 1", b"", b"\n\n", b""], None, 1, false),
    ]);
    cases
}

/// Events about as large as they may be.
fn large() -> Vec<Case> {
    let heartbeats: Vec<&[u8]> = vec![b": hb\n\n"; 50];
    vec![
        case("as large as allowed", &[b"data: 0123456789\n\n"], Some(16), 1, false),
        case("larger than allowed", &[b"data: 1\n\ndata: 0123456789a\n\n"], Some(16), 1, true),
        case(
            "larger than allowed, without an end",
            &[b"data: 0123456789abcdef"],
            Some(16),
            0,
            true,
        ),
        case(
            "larger than allowed, in many lines",
            &[b"data: 0123\ndata: 4567\ndata: 89ab\ndata: cdef\n\n"],
            Some(16),
            0,
            true,
        ),
        case("signs of life, however many", &heartbeats, Some(16), 0, false),
    ]
}

fn case(name: &str, chunks: &[&[u8]], limit: Option<usize>, events: usize, breaks: bool) -> Case {
    let chunks: Vec<String> = chunks.iter().map(|chunk| BASE64_STANDARD.encode(chunk)).collect();
    let mut arguments = json!({"chunks": chunks});
    if let Some(limit) = limit {
        arguments["max_event"] = limit.into();
    }
    let case = Case::new(name, "sse.decode", &arguments);
    let answer = case.answer();
    assert_eq!(answer["events"].as_array().map(Vec::len), Some(events), "{name}: {answer}");
    assert_eq!(!answer["error"].is_null(), breaks, "{name}: {answer}");
    case
}
