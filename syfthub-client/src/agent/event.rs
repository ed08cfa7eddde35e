//! What an endpoint says and does in a conversation.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One step of a conversation. As JSON it is a frame of the wire: its name under `type`, the rest under `payload`.
///
/// ```
/// use syfthub_client::agent::AgentEvent;
///
/// let frame = r#"{"type":"agent.token","payload":{"token":"Reeds"}}"#;
/// let event: AgentEvent = serde_json::from_str(frame)?;
/// assert_eq!(event, AgentEvent::Token { token: "Reeds".to_owned() });
/// assert_eq!(serde_json::to_string(&event)?, frame);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "payload")]
#[non_exhaustive]
pub enum AgentEvent {
    /// The conversation has begun.
    #[serde(rename = "session.created")]
    Created {
        /// What the aggregator calls it.
        #[serde(default)]
        session_id: String,
    },
    /// What the endpoint thinks.
    #[serde(rename = "agent.thinking")]
    Thinking {
        /// The thought, or its next piece.
        #[serde(default)]
        content: String,
        /// Whether more of it follows.
        #[serde(default)]
        is_streaming: bool,
    },
    /// The endpoint uses a tool, or wants to.
    #[serde(rename = "agent.tool_call")]
    ToolCall {
        /// Names the call, for [`Voice::confirm`](super::Voice::confirm) and [`Voice::deny`](super::Voice::deny).
        tool_call_id: String,
        /// Which tool.
        #[serde(default)]
        tool_name: String,
        /// With what.
        #[serde(default)]
        arguments: Map<String, Value>,
        /// Whether it waits for the caller's word.
        #[serde(default)]
        requires_confirmation: bool,
        /// What the tool would do, for people.
        #[serde(default)]
        description: Option<String>,
    },
    /// What came of a tool.
    #[serde(rename = "agent.tool_result")]
    ToolResult {
        /// Of which call.
        tool_call_id: String,
        /// `success` or `error`.
        #[serde(default)]
        status: String,
        /// What it gave.
        #[serde(default)]
        result: Value,
        /// Why it failed.
        #[serde(default)]
        error: Option<String>,
        /// How long it took, in milliseconds.
        #[serde(default)]
        duration_ms: Option<u64>,
    },
    /// Something the endpoint says, in full.
    #[serde(rename = "agent.message")]
    Message {
        /// The text.
        #[serde(default)]
        content: String,
        /// Whether that is all of it.
        #[serde(default)]
        is_complete: bool,
    },
    /// The next text of what the endpoint says.
    #[serde(rename = "agent.token")]
    Token {
        /// The text, to be appended.
        #[serde(default)]
        token: String,
    },
    /// What the endpoint is doing.
    #[serde(rename = "agent.status")]
    Status {
        /// In a word.
        #[serde(default)]
        status: String,
        /// In a sentence.
        #[serde(default)]
        detail: Option<String>,
        /// How far it is, where that is known.
        #[serde(default)]
        progress: Option<f64>,
    },
    /// It is the caller's turn: see [`Voice::say`](super::Voice::say).
    #[serde(rename = "agent.request_input")]
    RequestInput {
        /// What is asked for.
        #[serde(default)]
        prompt: String,
    },
    /// Something went wrong.
    #[serde(rename = "agent.error")]
    Error {
        /// In a word for programs.
        #[serde(default)]
        code: String,
        /// In a sentence for people.
        #[serde(default)]
        message: String,
        /// Whether the conversation goes on all the same.
        #[serde(default)]
        recoverable: bool,
    },
    /// The conversation is over, as the caller wished.
    #[serde(rename = "session.completed")]
    Completed {
        /// What the aggregator called it.
        #[serde(default)]
        session_id: String,
    },
    /// The conversation is over.
    #[serde(rename = "session.failed")]
    Failed {
        /// Why, in a sentence.
        #[serde(default)]
        error: String,
        /// Why, in a word for programs.
        #[serde(default)]
        reason: Option<String>,
    },
}

impl AgentEvent {
    /// Whether nothing follows.
    pub fn is_last(&self) -> bool {
        matches!(self, Self::Completed { .. } | Self::Failed { .. })
    }

    /// Reads a frame; one of a kind that this version does not know, or that is none of a conversation's, is `None`.
    pub(super) fn read(frame: &str) -> Option<Self> {
        let mut frame: Map<String, Value> = serde_json::from_str(frame).ok()?;
        frame.retain(|name, _| name == "type" || name == "payload");
        if frame.get("payload").is_none_or(Value::is_null) {
            frame.insert("payload".to_owned(), Value::Object(Map::new()));
        }
        serde_json::from_value(frame.into()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_whatever_else_stands_in_it() {
        let frame = r#"{"type":"agent.tool_call","session_id":"s","sequence":3,"timestamp":"now",
            "payload":{"tool_call_id":"t","tool_name":"search","arguments":{"q":"reeds"},"colour":"red"}}"#;
        let Some(AgentEvent::ToolCall { tool_call_id, arguments, description, .. }) =
            AgentEvent::read(frame)
        else {
            panic!("a tool call");
        };
        assert_eq!((tool_call_id.as_str(), &arguments["q"]), ("t", &Value::from("reeds")));
        assert_eq!(description, None);
        let done = AgentEvent::read(r#"{"type":"session.completed","payload":null}"#).unwrap();
        assert!(done.is_last());
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        for frame in ["", "7", "{}", r#"{"type":"pong"}"#, r#"{"type":"agent.dance","payload":{}}"#]
        {
            assert_eq!(AgentEvent::read(frame), None, "{frame}");
        }
    }
}
