//! Bytes over a WebSocket: what HTTP/2 runs on inside of a tunnel, on both of its ends.
//!
//! A binary message carries bytes of the stream, wherever one message ends and the next begins. Text messages have no
//! meaning and end the tunnel. Both ends learn why the other one closed, from the code of its close frame.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::{Sink as _, Stream as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// The most bytes that one message carries; the peer may send as many.
const MESSAGE: usize = 256 * 1024;

/// Bytes read from the socket at a time.
const READ: usize = 16 * 1024;

/// Why one end closes a tunnel (RFC 6455, section 7.4; 4000 and above are ours).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// This end shuts down and may be back soon.
    GoingAway,
    /// The same owner has opened another tunnel since.
    Replaced,
    /// The account may not keep a tunnel open any more.
    Revoked,
    /// Something else, or nothing was said.
    Other,
}

impl Farewell {
    const fn code(self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::Replaced => 4001,
            Self::Revoked => 4003,
            Self::Other => 1000,
        }
    }

    fn of(code: CloseCode) -> Self {
        let code = u16::from(code);
        let known = [Self::GoingAway, Self::Replaced, Self::Revoked];
        known.into_iter().find(|farewell| farewell.code() == code).unwrap_or(Self::Other)
    }

    fn frame(self) -> CloseFrame {
        CloseFrame { code: CloseCode::from(self.code()), reason: "".into() }
    }
}

/// The end of a tunnel, seen from outside of its connection; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    stop: CancellationToken,
    said: Arc<OnceLock<Farewell>>,
    heard: Arc<OnceLock<Farewell>>,
}

impl Ending {
    /// An end that also comes with `shutdown`.
    pub(crate) fn with(shutdown: &CancellationToken) -> Self {
        Self { stop: shutdown.child_token(), said: Arc::default(), heard: Arc::default() }
    }

    /// Closes the tunnel, for the first reason that is given.
    pub(crate) fn say(&self, farewell: Farewell) {
        self.said.set(farewell).ok();
        self.stop.cancel();
    }

    /// What the other end said when it closed.
    pub(crate) fn heard(&self) -> Option<Farewell> {
        self.heard.get().copied()
    }
}

/// A WebSocket as a stream of bytes.
pub(crate) struct Carrier<S> {
    socket: WebSocketStream<S>,
    /// Bytes of the latest message that nobody has read yet.
    rest: Bytes,
    ending: Ending,
    stopped: Pin<Box<WaitForCancellationFutureOwned>>,
    is_closing: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Carrier<S> {
    /// Takes over a socket whose handshake is done.
    pub(crate) async fn over(stream: S, role: Role, ending: Ending) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ)
            .write_buffer_size(0)
            .max_message_size(Some(MESSAGE))
            .max_frame_size(Some(MESSAGE));
        let socket = WebSocketStream::from_raw_socket(stream, role, Some(config)).await;
        let stopped = Box::pin(ending.stop.clone().cancelled_owned());
        Self { socket, rest: Bytes::new(), ending, stopped, is_closing: false }
    }

    /// Says why this end closes, and waits until that has left.
    fn close(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_closing {
            ready!(Pin::new(&mut self.socket).poll_ready(context)).map_err(broken)?;
            let farewell = self.ending.said.get().copied().unwrap_or(Farewell::GoingAway);
            let frame = Message::Close(Some(farewell.frame()));
            Pin::new(&mut self.socket).start_send(frame).map_err(broken)?;
            self.is_closing = true;
        }
        Pin::new(&mut self.socket).poll_flush(context).map_err(broken)
    }

    fn send(&mut self, context: &mut Context<'_>, bytes: Bytes) -> Poll<io::Result<usize>> {
        if self.is_closing {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let length = bytes.len();
        Pin::new(&mut self.socket).start_send(Message::Binary(bytes)).map_err(broken)?;
        // What the socket takes at once is on its way before anybody asks for it to be flushed.
        let _ = Pin::new(&mut self.socket).poll_flush(context).map_err(broken)?;
        Poll::Ready(Ok(length))
    }
}

fn broken(error: tungstenite::Error) -> io::Error {
    match error {
        tungstenite::Error::Io(error) => error,
        error => io::Error::other(error),
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Carrier<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if !this.rest.is_empty() {
                let length = this.rest.len().min(buffer.remaining());
                buffer.put_slice(&this.rest[..length]);
                this.rest.advance(length);
                return Poll::Ready(Ok(()));
            }
            if this.stopped.as_mut().poll(context).is_ready() {
                return this.close(context);
            }
            match ready!(Pin::new(&mut this.socket).poll_next(context)) {
                Some(Ok(Message::Binary(bytes))) => this.rest = bytes,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(frame))) => {
                    let farewell = frame.map_or(Farewell::Other, |frame| Farewell::of(frame.code));
                    this.ending.heard.set(farewell).ok();
                    return Poll::Ready(Ok(()));
                }
                Some(Ok(Message::Text(_) | Message::Frame(_))) => {
                    let reason = "a tunnel carries binary messages";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, reason)));
                }
                Some(Err(error)) => return Poll::Ready(Err(broken(error))),
                None => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Carrier<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.socket).poll_ready(context)).map_err(broken)?;
        this.send(context, Bytes::copy_from_slice(&bytes[..bytes.len().min(MESSAGE)]))
    }

    /// Puts the parts into one message, so that a frame's header does not travel apart from the frame.
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.socket).poll_ready(context)).map_err(broken)?;
        let length = parts.iter().map(|part| part.len()).sum::<usize>().min(MESSAGE);
        let mut message = BytesMut::with_capacity(length);
        for part in parts {
            let room = length - message.len();
            message.extend_from_slice(&part[..part.len().min(room)]);
        }
        this.send(context, message.freeze())
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(context).map_err(broken)
    }

    /// Says farewell; the other end's answer is not waited for.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().close(context)
    }
}
