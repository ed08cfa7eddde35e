//! A model's answer while it is written: server-sent events in the forms that spaces send (contract aggregator 2.7).
//!
//! Each `data:` line is a piece of its own, with or without a space after the colon, and is passed on as soon as its
//! line is complete. `[DONE]` ends the answer; so does the end of the body. An error inside the stream is a failure.

use async_stream::try_stream;
use futures_util::stream::Stream;
use serde_json::Value;
use syfthub_core::rag::{Chunk, GenerateError, Refusal};

use super::bounded::{self, NoValue};
use super::delta::text_alone;
use super::failure::{Failure, error_detail, one_line};
use super::read::Body;
use super::reply::{charged, entries, text, usage};

/// The most bytes of one line: a line is held until it is complete.
const LINE_CAP: usize = 1024 * 1024;

/// The pieces of the answer in `body`.
pub(super) fn chunks(mut body: Body) -> impl Stream<Item = Result<Chunk, GenerateError>> + Send {
    try_stream! {
        let mut decoder = Decoder::default();
        'body: while let Some(bytes) = body.piece().await? {
            decoder.push(&bytes);
            while let Some(line) = decoder.line() {
                match line? {
                    Line::Text(text) => yield Chunk::Text(text),
                    Line::Pieces(pieces) => for piece in pieces {
                        yield piece;
                    },
                    Line::Done => break 'body,
                }
            }
            if decoder.pending() > LINE_CAP {
                Err(Failure::unreadable("a line of the endpoint's answer is too long"))?;
            }
        }
        // A last line without its line break counts as well.
        match decoder.rest().transpose()? {
            Some(Line::Text(text)) => yield Chunk::Text(text),
            Some(Line::Pieces(pieces)) => for piece in pieces {
                yield piece;
            },
            Some(Line::Done) | None => {}
        }
    }
}

/// What a line brings.
#[derive(Debug, PartialEq)]
enum Line {
    Text(String),
    Pieces(Vec<Chunk>),
    Done,
}

/// Cuts bytes into lines and lines into pieces. Lines end with LF, CR LF or CR.
#[derive(Default)]
struct Decoder {
    bytes: Vec<u8>,
    /// Where the next line begins.
    start: usize,
    /// How far the search for its end has come.
    seen: usize,
    /// Whether the last line ended with a CR, whose LF may follow.
    after_cr: bool,
    /// Whether the frame is named `error`.
    failing: bool,
}

impl Decoder {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.seen -= self.start;
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// What the next complete line brings.
    fn line(&mut self) -> Option<Result<Line, Failure>> {
        if self.after_cr
            && let Some(&next) = self.bytes.get(self.start)
        {
            self.after_cr = false;
            self.start += usize::from(next == b'\n');
            self.seen = self.seen.max(self.start);
        }
        let length = self.bytes[self.seen..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let Some(length) = length else {
            self.seen = self.bytes.len();
            return None;
        };
        let end = self.seen + length;
        let line = read(&self.bytes[self.start..end], &mut self.failing);
        self.after_cr = self.bytes[end] == b'\r';
        self.start = end + 1;
        self.seen = self.start;
        Some(line)
    }

    /// Bytes of a line that is not complete.
    fn pending(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// What a last line without its line break brings.
    fn rest(&mut self) -> Option<Result<Line, Failure>> {
        let rest = self.bytes.split_off(self.start);
        (!rest.is_empty()).then(|| read(&rest, &mut self.failing))
    }
}

/// What `line` brings; `failing` is whether its frame is named `error`.
fn read(line: &[u8], failing: &mut bool) -> Result<Line, Failure> {
    let line = std::str::from_utf8(line)
        .map_err(|_| Failure::unreadable("the endpoint answered text that is not UTF-8"))?;
    if line.is_empty() {
        *failing = false;
    } else if let Some(name) = line.strip_prefix("event:") {
        *failing = name.trim() == "error";
    } else if let Some(data) = line.strip_prefix("data:") {
        return piece(data.strip_prefix(' ').unwrap_or(data), *failing);
    }
    Ok(Line::Pieces(Vec::new()))
}

fn piece(data: &str, failing: bool) -> Result<Line, Failure> {
    if data.trim() == "[DONE]" {
        return Ok(Line::Done);
    }
    match text_alone(data) {
        Some(text) if !failing => Ok(Line::Text(text)),
        _ => any_piece(data, failing),
    }
}

/// [`piece`], of whatever form.
fn any_piece(data: &str, failing: bool) -> Result<Line, Failure> {
    let mut frame = match bounded::parse(data.as_bytes()) {
        Err(NoValue::TooMany) => {
            return Err(Failure::unreadable("a line of the endpoint's answer has too many parts"));
        }
        Ok(frame @ Value::Object(_)) => frame,
        _ if failing => return Err(Failure::Reported(one_line(data).into())),
        Ok(Value::String(text)) => return Ok(Line::Pieces(vec![Chunk::Text(text)])),
        _ => return Ok(Line::Pieces(vec![Chunk::Text(data.to_owned())])),
    };
    let said = delta(&frame);
    let refused =
        failing || (said.is_none() && ["error", "detail"].iter().any(|key| !frame[*key].is_null()));
    if refused {
        let detail = error_detail(&frame);
        return Err(Failure::Reported(Refusal {
            detail: detail.unwrap_or_else(|| "the model reported an error".to_owned()),
            entries: entries(&mut frame),
        }));
    }
    let said = said.map(|text| Chunk::Text(text.to_owned()));
    let counted = usage(&frame).map(Chunk::Usage);
    Ok(Line::Pieces(said.into_iter().chain(counted).chain(charged(&mut frame)).collect()))
}

/// The text of a frame: the first place that has one.
fn delta(frame: &Value) -> Option<&str> {
    let places = [&frame["choices"][0]["delta"]["content"], &frame["content"], &frame["text"]];
    text(frame).or_else(|| places.into_iter().find_map(Value::as_str))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use syfthub_core::wire::chat::Usage;

    use super::*;

    /// What a body brings when it arrives in pieces of `size` bytes: the text, the usage, and whether it failed.
    fn decode(body: &[u8], size: usize) -> (String, Option<Usage>, Option<Failure>) {
        let (mut decoder, mut said, mut counted) = (Decoder::default(), String::new(), None);
        let mut take = |line: Result<Line, Failure>| match line {
            Ok(Line::Done) => Some(None),
            Err(failure) => Some(Some(failure)),
            Ok(Line::Text(text)) => {
                said.push_str(&text);
                None
            }
            Ok(Line::Pieces(pieces)) => {
                for piece in pieces {
                    match piece {
                        Chunk::Text(text) => said.push_str(&text),
                        Chunk::Usage(usage) => counted = Some(usage),
                        Chunk::Entries(_) => {}
                    }
                }
                None
            }
        };
        let mut ended = None;
        'body: for bytes in body.chunks(size) {
            decoder.push(bytes);
            while let Some(line) = decoder.line() {
                ended = take(line);
                if ended.is_some() {
                    break 'body;
                }
            }
        }
        if ended.is_none()
            && let Some(line) = decoder.rest()
        {
            ended = take(line);
        }
        (said, counted, ended.flatten())
    }

    #[test]
    fn every_form_of_text_is_read() {
        let body = "data: {\"summary\":{\"message\":{\"content\":\"a\"}}}\n\ndata:{\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n\
                    data: {\"content\":\"c\",\"choices\":[{\"delta\":{\"content\":\"c\"}}]}\n\ndata: {\"text\":\"d\"}\n\n\
                    : comment\nid: 7\ndata: plain words\n\ndata: \"quoted\"\ndata: {\"choices\":[{\"delta\":{\"content\":null}}]}\n\n\
                    data: {\"done\":true,\"usage\":{\"total_tokens\":9}}\n\ndata: [DONE]\n\ndata: {\"content\":\"late\"}\n\n";
        let (said, counted, failure) = decode(body.as_bytes(), 7);
        assert_eq!(said, "abcdplain wordsquoted");
        assert_eq!(counted.map(|usage| usage.total_tokens), Some(9));
        assert_eq!(failure, None);
    }

    #[test]
    fn an_error_inside_the_stream_surfaces() {
        for (body, said) in [
            (
                "data: {\"content\":\"a\"}\n\ndata: {\"error\":{\"message\":\"out of memory\"}}\n\n",
                "out of memory",
            ),
            (
                "data: {\"content\":\"a\"}\n\nevent: error\ndata: {\"message\":\"out of memory\"}\n\n",
                "out of memory",
            ),
            (
                "data: {\"content\":\"a\"}\n\nevent: error\r\ndata: out of memory\r\n\r\n",
                "out of memory",
            ),
        ] {
            assert_eq!(
                decode(body.as_bytes(), 3),
                ("a".to_owned(), None, Some(Failure::Reported(said.into())))
            );
        }
    }

    #[test]
    fn a_last_line_without_its_break_counts() {
        assert_eq!(decode(b"data: {\"content\":\"a\"}", 5).0, "a");
    }

    #[test]
    fn bytes_that_are_no_text_are_a_failure() {
        assert!(matches!(
            decode(b"data: {\"content\":\"\xff\"}\n", 64).2,
            Some(Failure::Unreadable(_))
        ));
    }

    fn anything() -> impl Strategy<Value = Value> {
        prop_oneof![
            "[a-zé\"\\\\\n]{0,4}".prop_map(Value::from),
            Just(Value::Null),
            (0..9).prop_map(Value::from),
            "[a-z]{0,4}".prop_map(|text| serde_json::json!({"content": text})),
            "[a-z]{0,4}".prop_map(|text| serde_json::json!({"message": {"content": text}})),
            "[a-z]{0,4}"
                .prop_map(|text| serde_json::json!([{"index": 0, "delta": {"content": text}}])),
            Just(serde_json::json!([{"delta": {"role": "assistant", "content": null}}])),
            Just(serde_json::json!([])),
            (0..9).prop_map(|count| serde_json::json!({"total_tokens": count})),
        ]
    }

    const KEYS: [&str; 9] = [
        "id",
        "choices",
        "content",
        "text",
        "summary",
        "message",
        "usage",
        "error",
        "policy_metadata",
    ];

    proptest! {
        #[test]
        fn a_frame_of_text_alone_is_read_like_any_other(
            fields in prop::collection::vec((prop::sample::select(KEYS.as_slice()), anything()), 0..4),
            failing: bool,
        ) {
            let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), value));
            let data = Value::Object(fields.collect()).to_string();
            let pieces = |line| match line {
                Ok(Line::Text(text)) => Ok(Line::Pieces(vec![Chunk::Text(text)])),
                other => other,
            };
            prop_assert_eq!(pieces(piece(&data, failing)), any_piece(&data, failing));
        }

        #[test]
        fn how_the_bytes_are_cut_makes_no_difference(
            words in prop::collection::vec("[a-zéß\u{1F600}\"\\\\]{0,5}", 0..6),
            breaks in prop::sample::select(vec!["\n", "\r\n", "\r"]),
            size in 1_usize..20,
        ) {
            let frame = |word: &String| {
                format!("event: token{breaks}data: {}{breaks}{breaks}", serde_json::json!({ "content": word }))
            };
            let body: String = words.iter().map(frame).collect();
            prop_assert_eq!(decode(body.as_bytes(), size), (words.concat(), None, None));
        }
    }
}
