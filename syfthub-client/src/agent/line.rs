//! The connection of a conversation. A task of its own holds it, so that what is said goes out while nobody listens, and
//! what is heard waits while nobody reads, up to a limit.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{SinkExt as _, Stream, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use url::Url;

use super::event::AgentEvent;
use crate::error::{Error, ErrorKind};
use crate::transport::root_of;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// So many events wait for their reader, and so many words for the connection.
const WAITING: usize = 64;

/// What the endpoint says and does; from [`Agent::open`](super::Agent::open). The stream ends with the conversation; one that
/// breaks off is an error of kind [`ErrorKind::Interrupted`]. Dropping it ends the conversation.
#[derive(Debug)]
pub struct Conversation {
    events: mpsc::Receiver<Result<AgentEvent, Error>>,
    voice: Voice,
}

/// What the caller says in a conversation. Clones are cheap and speak in the same one.
#[derive(Debug, Clone)]
pub struct Voice(mpsc::Sender<String>);

impl Conversation {
    /// What to speak with.
    pub fn voice(&self) -> Voice {
        self.voice.clone()
    }
}

impl Stream for Conversation {
    type Item = Result<AgentEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.poll_recv(context)
    }
}

impl Voice {
    /// Says `text`, when it is the caller's turn.
    ///
    /// # Errors
    /// [`ErrorKind::Interrupted`] when the conversation is over.
    ///
    /// ```no_run
    /// # async fn example(voice: syfthub_client::agent::Voice) -> Result<(), syfthub_client::Error> {
    /// voice.say("And in winter?").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn say(&self, text: &str) -> Result<(), Error> {
        self.send(&json!({"type": "user.message", "payload": {"content": text}})).await
    }

    /// Lets the endpoint use the tool it asked for.
    ///
    /// # Errors
    /// As [`Voice::say`].
    ///
    /// ```no_run
    /// # async fn example(voice: syfthub_client::agent::Voice) -> Result<(), syfthub_client::Error> {
    /// voice.confirm("call-1").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn confirm(&self, tool_call_id: &str) -> Result<(), Error> {
        let payload = json!({"tool_call_id": tool_call_id});
        self.send(&json!({"type": "user.confirm", "payload": payload})).await
    }

    /// Does not let the endpoint use the tool it asked for.
    ///
    /// # Errors
    /// As [`Voice::say`].
    ///
    /// ```no_run
    /// # async fn example(voice: syfthub_client::agent::Voice) -> Result<(), syfthub_client::Error> {
    /// voice.deny("call-1", Some("too dear")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn deny(&self, tool_call_id: &str, reason: Option<&str>) -> Result<(), Error> {
        let mut payload = json!({"tool_call_id": tool_call_id});
        if let Some(reason) = reason {
            payload["reason"] = reason.into();
        }
        self.send(&json!({"type": "user.deny", "payload": payload})).await
    }

    /// Wants nothing more of what the endpoint is at.
    ///
    /// # Errors
    /// As [`Voice::say`].
    ///
    /// ```no_run
    /// # async fn example(voice: syfthub_client::agent::Voice) -> Result<(), syfthub_client::Error> {
    /// voice.cancel().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn cancel(&self) -> Result<(), Error> {
        self.send(&json!({"type": "user.cancel"})).await
    }

    /// Ends the conversation; its last event says that it is over.
    ///
    /// # Errors
    /// As [`Voice::say`].
    ///
    /// ```no_run
    /// # async fn example(voice: syfthub_client::agent::Voice) -> Result<(), syfthub_client::Error> {
    /// voice.close().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn close(&self) -> Result<(), Error> {
        self.send(&json!({"type": "session.close"})).await
    }

    async fn send(&self, frame: &Value) -> Result<(), Error> {
        let sent = self.0.send(frame.to_string()).await;
        sent.map_err(|_| Error::new(ErrorKind::Interrupted, "the conversation is over"))
    }
}

/// Connects to `url`, says the first frame, and waits for the word that the conversation has begun.
pub(super) async fn open(
    url: &Url,
    deadline: Duration,
    start: impl Future<Output = Result<Value, Error>>,
) -> Result<Conversation, Error> {
    let begun = async {
        let mut socket = connect(url, start.await?).await?;
        let first = heard(&mut socket).await?;
        Ok((socket, first))
    };
    let (socket, first) = tokio::time::timeout(deadline, begun).await.unwrap_or_else(|_| {
        Err(Error::new(ErrorKind::Timeout, format!("no conversation began within {deadline:?}")))
    })?;
    if let AgentEvent::Error { code, message, .. } = first {
        return Err(Error::new(ErrorKind::Refused, message).coded(Some(code)));
    }
    let (to_reader, events) = mpsc::channel(WAITING);
    let (voice, words) = mpsc::channel(WAITING);
    to_reader.try_send(Ok(first)).expect("it is new, and its reader is here");
    tokio::spawn(hold(socket, words, to_reader));
    Ok(Conversation { events, voice: Voice(voice) })
}

async fn connect(url: &Url, start: Value) -> Result<Socket, Error> {
    let mut address = url.clone();
    let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
    address.set_scheme(scheme).expect("both kinds of address have a host");
    let connected = connect_async(address.as_str()).await;
    let (mut socket, _) = connected.map_err(|cause| unopened(url, &cause))?;
    let sent = socket.send(Message::text(start.to_string())).await;
    sent.map_err(|cause| broken(&cause))?;
    Ok(socket)
}

/// The next event.
async fn heard(
    socket: &mut (impl Stream<Item = tungstenite::Result<Message>> + Unpin),
) -> Result<AgentEvent, Error> {
    while let Some(message) = socket.next().await {
        if let Message::Text(frame) = message.map_err(|cause| broken(&cause))?
            && let Some(event) = AgentEvent::read(&frame)
        {
            return Ok(event);
        }
    }
    Err(Error::new(ErrorKind::Interrupted, "the conversation broke off"))
}

/// Holds the connection until the conversation is over, or nobody listens any more.
async fn hold(
    socket: Socket,
    mut words: mpsc::Receiver<String>,
    events: mpsc::Sender<Result<AgentEvent, Error>>,
) {
    let (mut out, mut back) = socket.split();
    let speaking = async {
        while let Some(word) = words.recv().await {
            if out.send(Message::text(word)).await.is_err() {
                break;
            }
        }
        // Nobody speaks any more, or nobody is there; what is still heard tells which.
        std::future::pending::<()>().await;
    };
    let hearing = async {
        let mut is_failing = false;
        while let Ok(place) = events.reserve().await {
            let event = match heard(&mut back).await {
                // Whoever closes after an error that ends it has said what there is to say.
                Err(_) if is_failing => return,
                event => event,
            };
            is_failing = matches!(event, Ok(AgentEvent::Error { recoverable: false, .. }));
            let is_last = event.as_ref().map_or(true, AgentEvent::is_last);
            place.send(event);
            if is_last {
                return;
            }
        }
    };
    tokio::select! {
        () = speaking => {}
        () = hearing => {}
        () = events.closed() => {}
    }
}

fn unopened(url: &Url, cause: &tungstenite::Error) -> Error {
    match cause {
        tungstenite::Error::Http(answer) => {
            Error::from_answer(answer.status(), answer.body().as_deref().unwrap_or_default())
        }
        cause => {
            let message = format!("no conversation at {url}: {}", root_of(cause));
            Error::new(ErrorKind::Unreachable, message)
        }
    }
}

fn broken(cause: &tungstenite::Error) -> Error {
    Error::new(ErrorKind::Interrupted, format!("the conversation broke off: {}", root_of(cause)))
}
