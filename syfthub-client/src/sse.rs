//! Server-sent events out of bytes that arrive in any pieces (WHATWG HTML, 9.2.6), with a limit on the size of one event.

use std::fmt;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

/// The most bytes of one event unless a caller says otherwise: far above any answer, far below what would hurt.
pub const MAX_EVENT: usize = 4 << 20;

/// One event: its name (`message` when the stream gives none) and its data, lines joined by `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseEvent {
    /// The event's name.
    pub name: String,
    /// The event's data.
    pub data: String,
}

/// Why a stream of events cannot be read on.
#[derive(Debug)]
#[non_exhaustive]
pub enum SseError<E> {
    /// The bytes stopped coming.
    Broken(E),
    /// An event is larger than the limit.
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A line is not UTF-8.
    NotText,
}

impl<E> fmt::Display for SseError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(_) => f.write_str("the stream broke"),
            Self::TooLarge { limit } => write!(f, "an event is larger than {limit} bytes"),
            Self::NotText => f.write_str("an event is not UTF-8 text"),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for SseError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Broken(cause) => Some(cause),
            Self::TooLarge { .. } | Self::NotText => None,
        }
    }
}

/// The events in `bytes`. What the stream ends in the middle of is dropped, as the standard says; an error is the last
/// item.
pub fn events<S, E>(bytes: S, max_event: usize) -> impl Stream<Item = Result<SseEvent, SseError<E>>>
where
    S: Stream<Item = Result<Bytes, E>>,
{
    async_stream::stream! {
        let mut bytes = std::pin::pin!(bytes);
        let mut decoder = Decoder::new(max_event);
        while let Some(piece) = bytes.next().await {
            let piece = match piece {
                Ok(piece) => piece,
                Err(cause) => {
                    yield Err(SseError::Broken(cause));
                    return;
                }
            };
            let mut rest = &piece[..];
            loop {
                match decoder.next(&mut rest) {
                    Ok(Some(event)) => yield Ok(event),
                    Ok(None) => break,
                    Err(Fault::TooLarge) => {
                        yield Err(SseError::TooLarge { limit: max_event });
                        return;
                    }
                    Err(Fault::NotText) => {
                        yield Err(SseError::NotText);
                        return;
                    }
                }
            }
        }
    }
}

#[derive(Debug)]
enum Fault {
    TooLarge,
    NotText,
}

/// What is known of the event that is still coming in.
#[derive(Debug)]
struct Decoder {
    limit: usize,
    line: Vec<u8>,
    name: String,
    data: Option<String>,
    after_cr: bool,
    at_start: bool,
}

impl Decoder {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            line: Vec::new(),
            name: String::new(),
            data: None,
            after_cr: false,
            at_start: true,
        }
    }

    /// Reads `rest` up to the end of the next event, or to its end.
    fn next(&mut self, rest: &mut &[u8]) -> Result<Option<SseEvent>, Fault> {
        loop {
            if self.after_cr && !rest.is_empty() {
                self.after_cr = false;
                *rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let taken = &rest[..end.unwrap_or(rest.len())];
            let held = self.name.len() + self.data.as_ref().map_or(0, String::len);
            if held + self.line.len() + taken.len() > self.limit {
                return Err(Fault::TooLarge);
            }
            self.line.extend_from_slice(taken);
            let Some(end) = end else {
                *rest = &[];
                return Ok(None);
            };
            self.after_cr = rest[end] == b'\r';
            *rest = &rest[end + 1..];
            if let Some(event) = self.end_of_line()? {
                return Ok(Some(event));
            }
        }
    }

    fn end_of_line(&mut self) -> Result<Option<SseEvent>, Fault> {
        let line = std::mem::take(&mut self.line);
        let text = std::str::from_utf8(&line).map_err(|_| Fault::NotText)?;
        let is_first = std::mem::replace(&mut self.at_start, false);
        let text = if is_first { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        if text.is_empty() {
            return Ok(self.end_of_event());
        }
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // Comments (an empty name), `id`, `retry` and what nobody knows.
            _ => {}
        }
        Ok(None)
    }

    fn end_of_event(&mut self) -> Option<SseEvent> {
        let name = std::mem::take(&mut self.name);
        let data = self.data.take()?;
        let name = if name.is_empty() { "message".to_owned() } else { name };
        Some(SseEvent { name, data })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::{FutureExt as _, stream};
    use proptest::prelude::*;

    use super::*;

    type Outcome = Result<Vec<SseEvent>, String>;

    fn decode(pieces: Vec<Vec<u8>>, limit: usize) -> Outcome {
        let bytes = stream::iter(pieces.into_iter().map(|p| Ok::<_, Infallible>(Bytes::from(p))));
        let collected = events(bytes, limit).collect::<Vec<_>>().now_or_never();
        let items = collected.expect("a list of pieces is always ready");
        items.into_iter().map(|item| item.map_err(|error| error.to_string())).collect()
    }

    fn whole(text: &str) -> Vec<SseEvent> {
        decode(vec![text.as_bytes().to_vec()], MAX_EVENT).unwrap()
    }

    fn event(name: &str, data: &str) -> SseEvent {
        SseEvent { name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn names_data_comments_and_every_line_ending_are_understood() {
        let text = "\u{feff}event: token\ndata: {\"a\":1}\n\n: hb\n\nevent:x\r\ndata:1\r\ndata: 2\r\n\r\ndata\r\rid: 7\nretry: 1\n\n";
        assert_eq!(
            whole(text),
            [event("token", "{\"a\":1}"), event("x", "1\n2"), event("message", "")]
        );
    }

    #[test]
    fn an_event_without_its_blank_line_is_dropped() {
        assert_eq!(whole("data: 1\n\ndata: 2\n"), [event("message", "1")]);
    }

    #[test]
    fn a_name_without_data_is_no_event_and_names_none() {
        assert_eq!(whole("event: a\n\ndata: 1\n\n"), [event("message", "1")]);
    }

    #[test]
    fn an_event_above_the_limit_is_refused_even_when_it_never_ends() {
        let refused = "an event is larger than 16 bytes".to_owned();
        let one_line = vec![b"data: 0123456789abcdef".to_vec()];
        assert_eq!(decode(one_line, 16), Err(refused.clone()));
        let many_lines = vec![b"data: 0123\n".to_vec(); 4];
        assert_eq!(decode(many_lines, 16), Err(refused));
    }

    #[test]
    fn keep_alives_never_add_up_to_the_limit() {
        assert_eq!(decode(vec![b": hb\n\n".to_vec(); 1000], 16), Ok(vec![]));
        assert_eq!(decode(vec![b": hb\n".to_vec(); 1000], 16), Ok(vec![]));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let error = decode(vec![b"data: \xff\n\n".to_vec()], 100).unwrap_err();
        assert_eq!(error, "an event is not UTF-8 text");
    }

    /// Lines that exercise every branch, with any line ending.
    fn stream_text() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just(String::new()),
            "(event|data|id|:|x)(: ?| )?[a-zé\u{2028}: ]{0,6}",
            "data: [a-z\u{1f600}]{0,8}",
        ];
        let ending = prop_oneof![Just("\n"), Just("\r"), Just("\r\n")];
        prop::collection::vec((line, ending), 0..24)
            .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
    }

    proptest! {
        #[test]
        fn the_pieces_do_not_matter(text in stream_text(), cuts in prop::collection::vec(0_usize..200, 0..40)) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut start = 0;
            for cut in cuts.into_iter().chain([bytes.len()]) {
                pieces.push(bytes[start..cut].to_vec());
                start = cut;
            }
            prop_assert_eq!(decode(pieces, MAX_EVENT).unwrap(), whole(&text));
            let single: Vec<Vec<u8>> = bytes.iter().map(|byte| vec![*byte]).collect();
            prop_assert_eq!(decode(single, MAX_EVENT).unwrap(), whole(&text));
        }

        #[test]
        fn any_data_comes_back_whole(data in "[^\r\n]{0,40}", name in "[a-z_]{1,10}") {
            let text = format!("event: {name}\ndata: {data}\n\n");
            prop_assert_eq!(whole(&text), vec![event(&name, &data)]);
        }
    }
}
