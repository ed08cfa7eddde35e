//! An answer as it is written, out of the frames of a space (contract space 2.7).

use futures_util::{Stream, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use syfthub_core::wire::space::QueryResponse;

use crate::error::{Error, ErrorKind};
use crate::sse::SseEvent;

/// One step of an answer. As JSON it carries its name under `event`.
///
/// ```
/// use syfthub_client::space::endpoints::AnswerEvent;
///
/// let token = AnswerEvent::Token { content: "Reeds".to_owned() };
/// assert_eq!(serde_json::to_string(&token)?, r#"{"event":"token","content":"Reeds"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnswerEvent {
    /// The next text of the answer.
    Token {
        /// The text, to be appended.
        content: String,
    },
    /// The answer is complete.
    Done(Box<Answer>),
}

/// A complete answer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Answer {
    /// What [`query`](super::Endpoints::query) would have answered: the text as a whole, what was found, and what it cost.
    pub answer: QueryResponse,
}

/// What one frame says.
#[derive(Debug, Deserialize)]
struct Frame {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    done: bool,
    #[serde(default)]
    error: Option<Failing>,
}

#[derive(Debug, Deserialize)]
struct Failing {
    message: String,
}

/// The steps in the frames of an answer, up to the one that completes it.
pub(super) fn events(
    frames: impl Stream<Item = Result<SseEvent, Error>> + Send,
) -> impl Stream<Item = Result<AnswerEvent, Error>> + Send {
    async_stream::stream! {
        let mut frames = std::pin::pin!(frames);
        let mut text = String::new();
        while let Some(frame) = frames.next().await {
            let event = frame.and_then(|frame| step(&frame.data, &mut text));
            let is_last = !matches!(event, Ok(Some(AnswerEvent::Token { .. }) | None));
            if let Some(event) = event.transpose() {
                yield event;
            }
            if is_last {
                return;
            }
        }
        yield Err(Error::new(ErrorKind::Interrupted, "the answer ended before it was complete"));
    }
}

/// What a frame brings; the answer's text grows by what it says.
fn step(data: &str, text: &mut String) -> Result<Option<AnswerEvent>, Error> {
    let frame: Frame = serde_json::from_str(data).map_err(unreadable)?;
    if let Some(failing) = frame.error {
        return Err(Error::new(ErrorKind::Generation, failing.message));
    }
    if frame.done {
        let answer = complete(data, std::mem::take(text)).map_err(unreadable)?;
        return Ok(Some(AnswerEvent::Done(Box::new(Answer { answer }))));
    }
    let content = frame.content.filter(|content| !content.is_empty());
    Ok(content.map(|content| {
        text.push_str(&content);
        AnswerEvent::Token { content }
    }))
}

/// The rest of an answer with the text that was streamed before it.
fn complete(data: &str, text: String) -> Result<QueryResponse, serde_json::Error> {
    let mut rest: Value = serde_json::from_str(data)?;
    if let Some(message) = rest["summary"]["message"].as_object_mut() {
        message.insert("content".to_owned(), text.into());
    }
    serde_json::from_value(rest)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` gives")]
fn unreadable(cause: serde_json::Error) -> Error {
    Error::new(ErrorKind::Protocol, format!("a frame of the answer cannot be read: {cause}"))
}

#[cfg(test)]
mod tests {
    use futures_util::stream::iter;
    use serde_json::json;

    use super::*;

    async fn read(frames: &[Value]) -> Vec<Result<AnswerEvent, ErrorKind>> {
        let frame = |data: &Value| SseEvent { name: "message".to_owned(), data: data.to_string() };
        let frames = iter(frames.iter().map(|data| Ok(frame(data))).collect::<Vec<_>>());
        events(frames).map(|event| event.map_err(|error| error.kind())).collect().await
    }

    fn token(content: &str) -> Value {
        json!({"content": content, "choices": [{"index": 0, "delta": {"content": content}}]})
    }

    #[tokio::test]
    async fn the_end_carries_the_whole_text() {
        let end = json!({"done": true, "references": null, "usage": null, "cost": null, "summary": {
            "id": "1", "model": "m", "message": {"role": "assistant", "tokens": 2}, "finish_reason": "stop",
        }});
        let seen = read(&[token("It "), token("rains."), end]).await;
        assert_eq!(seen.len(), 3);
        let Ok(AnswerEvent::Done(done)) = &seen[2] else { panic!("{seen:?}") };
        let summary = done.answer.summary.as_ref().unwrap();
        assert_eq!(summary.message.content, "It rains.");
    }

    #[tokio::test]
    async fn an_answer_that_is_cut_off_is_an_error() {
        assert_eq!(read(&[token("It ")]).await[1], Err(ErrorKind::Interrupted));
        assert_eq!(read(&[]).await, [Err(ErrorKind::Interrupted)]);
    }

    #[tokio::test]
    async fn a_failing_model_and_a_frame_of_another_shape_end_the_answer() {
        let failing = json!({"error": {"message": "no weights"}, "detail": "no weights"});
        assert_eq!(
            read(&[token("It "), failing, token("x")]).await[1..],
            [Err(ErrorKind::Generation)]
        );
        assert_eq!(read(&[json!([1]), token("x")]).await, [Err(ErrorKind::Protocol)]);
    }
}
