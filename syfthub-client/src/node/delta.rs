//! The frames of which nearly every stream consists: a little text, and nothing else that counts.
//!
//! They are read into their text directly; making a tree of each would cost more than everything else that is done to a
//! token. Whatever is not such a frame is left to those who read all forms.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// All that can count in a frame. What is null does not.
#[derive(Deserialize)]
struct Frame {
    choices: Option<(Choice,)>,
    content: Option<String>,
    text: Option<IgnoredAny>,
    summary: Option<IgnoredAny>,
    message: Option<IgnoredAny>,
    usage: Option<IgnoredAny>,
    policy_metadata: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice {
    delta: Option<Delta>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
}

/// The text of a frame that brings text alone; nothing when it is of another form.
pub(super) fn text_alone(data: &str) -> Option<String> {
    // A structure can be read from a list too, which is no frame.
    let frame: Frame = data.starts_with('{').then(|| serde_json::from_str(data).ok())??;
    let others = [frame.text, frame.summary, frame.message, frame.usage, frame.policy_metadata];
    if others.iter().any(Option::is_some) {
        return None;
    }
    let said = frame.choices.and_then(|(choice,)| choice.delta?.content);
    said.or(frame.content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_frames_are_read() {
        for (data, said) in [
            (r#"{"content":"a\"\n"}"#, "a\"\n"),
            (
                r#"{"choices":[{"index":0,"delta":{"content":"é"},"finish_reason":null}],"usage":null}"#,
                "é",
            ),
            (r#"{"content":"both","choices":[{"index":0,"delta":{"content":"both"}}]}"#, "both"),
            (r#"{"content":"","choices":[{"delta":{"role":"assistant"}}]}"#, ""),
        ] {
            assert_eq!(text_alone(data).as_deref(), Some(said), "{data}");
        }
    }

    #[test]
    fn all_others_are_left() {
        for data in [
            "",
            "words",
            "\"words\"",
            "{}",
            r#"[[{"delta":{"content":"a"}}],"b",null,null,null,null,null]"#,
            r#"{"choices":[]}"#,
            r#"{"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]}"#,
            r#"{"choices":[{"delta":{"content":["a"]}}]}"#,
            r#"{"content":"a","usage":{"total_tokens":7}}"#,
            r#"{"content":"a","summary":{"message":"b"}}"#,
            r#"{"content":"a","policy_metadata":{"entries":[]}}"#,
            r#"{"content":"a"} {"content":"b"}"#,
            r#"{"content":"a","content":"b"}"#,
        ] {
            assert_eq!(text_alone(data), None, "{data}");
        }
    }
}
