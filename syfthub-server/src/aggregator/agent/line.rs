//! Frames of a session, both ways.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use serde_json::{Value, json};
use syfthub_core::Clock as _;
use tokio::time::timeout;
use uuid::Uuid;

use super::start::NoStart;
use crate::SystemClock;

/// The caller's socket, and the session's name on it.
pub(super) struct Line {
    socket: WebSocket,
    session: String,
    sequence: u64,
    idle: Duration,
}

/// What the caller does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Says something.
    Said(String),
    /// Wants no answer any more.
    Cancel,
    /// Ends the session.
    Close,
    /// Asks whether anybody is there.
    Ping,
    /// Something that means nothing here.
    Unknown,
    /// Went away.
    Gone,
    /// Has done nothing for as long as is allowed.
    Idle,
}

/// Nobody is there any more.
#[derive(Debug)]
pub(super) struct Gone;

/// How a session's socket is closed (RFC 6455, section 7.4.1).
#[derive(Debug, Clone, Copy)]
pub(super) enum Closing {
    /// All was said.
    Done,
    /// It never began.
    Refused,
    /// Nobody said anything.
    Idle,
    /// The endpoint failed.
    Failed,
}

impl Closing {
    fn code(self) -> u16 {
        match self {
            Self::Done => close_code::NORMAL,
            Self::Refused => close_code::POLICY,
            Self::Idle => close_code::AWAY,
            Self::Failed => close_code::ERROR,
        }
    }
}

impl Line {
    /// A line over `socket`, on which nothing may be said for at most `idle`.
    pub(super) fn new(socket: WebSocket, idle: Duration) -> Self {
        let session = Uuid::new_v4().hyphenated().to_string();
        Self { socket, session, sequence: 0, idle }
    }

    /// The name of the session.
    pub(super) fn session(&self) -> &str {
        &self.session
    }

    /// The first frame with text; nothing when the caller went away. Whoever asks whether anybody is there is answered.
    pub(super) async fn first(&mut self) -> Option<String> {
        loop {
            match self.socket.recv().await? {
                Ok(Message::Text(text)) if heard(&text) == Heard::Ping => self.pong().await.ok()?,
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(Message::Binary(_)) => return Some(String::new()),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(Message::Close(_)) | Err(_) => return None,
            }
        }
    }

    /// What the caller does next. Dropping this loses nothing.
    pub(super) async fn hear(&mut self) -> Heard {
        loop {
            match self.socket.recv().await {
                Some(Ok(Message::Text(text))) => return heard(&text),
                Some(Ok(Message::Binary(_))) => return Heard::Unknown,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Heard::Gone,
            }
        }
    }

    /// As [`Line::hear`], for as long as the caller may be idle.
    pub(super) async fn wait(&mut self) -> Heard {
        let idle = self.idle;
        timeout(idle, self.hear()).await.unwrap_or(Heard::Idle)
    }

    /// Tells the caller that somebody is there.
    pub(super) async fn pong(&mut self) -> Result<(), Gone> {
        self.send(&json!({"type": "pong"})).await
    }

    /// Tells the caller something of the session.
    pub(super) async fn tell(&mut self, kind: &str, payload: Value) -> Result<(), Gone> {
        self.sequence += 1;
        let frame = json!({
            "type": kind, "session_id": self.session, "sequence": self.sequence, "timestamp": SystemClock.now(),
            "payload": payload,
        });
        self.send(&frame).await
    }

    /// Tells the caller that something went wrong.
    pub(super) async fn complain(
        &mut self,
        code: &str,
        message: &str,
        recoverable: bool,
    ) -> Result<(), Gone> {
        let payload = json!({"code": code, "message": message, "recoverable": recoverable});
        self.tell("agent.error", payload).await
    }

    /// Tells the caller why there is no session, and closes.
    pub(super) async fn refuse(mut self, refused: &NoStart) {
        let told = self.complain(refused.code(), &refused.to_string(), false).await;
        if told.is_ok() {
            self.close(Closing::Refused).await;
        }
    }

    /// Ends the connection. The caller's own close is waited for, but not for long.
    pub(super) async fn close(mut self, closing: Closing) {
        let frame = CloseFrame { code: closing.code(), reason: "".into() };
        if self.socket.send(Message::Close(Some(frame))).await.is_err() {
            return;
        }
        let answered = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        timeout(FAREWELL, answered).await.ok();
    }

    async fn send(&mut self, frame: &Value) -> Result<(), Gone> {
        let message = Message::Text(frame.to_string().into());
        match timeout(self.idle, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }
}

/// How long the caller may take to close the connection.
const FAREWELL: Duration = Duration::from_secs(2);

fn heard(text: &str) -> Heard {
    let Ok(frame) = serde_json::from_str::<Value>(text) else { return Heard::Unknown };
    match frame["type"].as_str() {
        Some("user.message") => match frame["payload"]["content"].as_str() {
            Some(content) if !content.is_empty() => Heard::Said(content.to_owned()),
            _ => Heard::Unknown,
        },
        Some("user.cancel") => Heard::Cancel,
        Some("session.close") => Heard::Close,
        Some("ping") => Heard::Ping,
        _ => Heard::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_understood_or_mean_nothing() {
        let said = r#"{"type":"user.message","payload":{"content":"And then?"}}"#;
        assert_eq!(heard(said), Heard::Said("And then?".to_owned()));
        assert_eq!(heard(r#"{"type":"user.cancel"}"#), Heard::Cancel);
        assert_eq!(heard(r#"{"type":"session.close","payload":{}}"#), Heard::Close);
        assert_eq!(heard(r#"{"type":"ping"}"#), Heard::Ping);
        for odd in ["", "[]", "7", r#"{"type":"user.confirm"}"#, r#"{"type":"user.message"}"#] {
            assert_eq!(heard(odd), Heard::Unknown, "{odd}");
        }
    }
}
