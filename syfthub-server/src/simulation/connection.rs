//! One question to a space and its answer, over the network: a connection that either end, or the network, may break.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::network::{Network, Place};
use super::space::{Question, Space};

/// Pieces of an answer that the connection holds itself.
const BUFFERED: usize = 2;

/// The answer as it arrives. Dropping it hangs up.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pieces: mpsc::Receiver<Bytes>,
    _line: DropGuard,
}

/// The connection broke, or there was none.
#[derive(Debug)]
pub(super) struct Broken;

impl Reply {
    /// The next piece; nothing when the connection ended.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        self.pieces.recv().await
    }

    /// All of it, or as much as came.
    pub(super) async fn all(mut self) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await {
            all.extend_from_slice(&piece);
        }
        all
    }
}

/// Asks the space, and waits until it begins to answer. A question that the network loses is never answered.
pub(super) async fn ask(
    network: &Network,
    space: &Arc<Space>,
    person: Place,
    question: Question,
) -> Result<Reply, Broken> {
    if !network.carry(person, space.place).await {
        std::future::pending::<()>().await;
    }
    let (begun, beginning) = oneshot::channel();
    let (pieces_in, pieces) = mpsc::channel(BUFFERED);
    let line = CancellationToken::new();
    let hung_up = line.clone();
    let (server, way) = (Arc::clone(space), network.clone());
    space.process.spawn(async move {
        let name = question.to_string();
        let leaving = async {
            hung_up.cancelled().await;
            // It takes a while until the space hears of it.
            way.carry(person, server.place).await;
            server.chronicle.note(format_args!("{name}: the connection is closed"));
        };
        let serving = async {
            let response = Arc::clone(&server).answer(question).await;
            if way.carry(server.place, person).await && begun.send(response.status()).is_ok() {
                hand_over(&server, &way, person, &name, response, pieces_in).await;
            }
        };
        tokio::select! {
            biased;
            () = leaving => {}
            () = serving => {}
        }
    });
    let line = line.drop_guard();
    let status = beginning.await.map_err(|_| Broken)?;
    Ok(Reply { status, pieces, _line: line })
}

/// Hands the body over, piece by piece, as fast as the network takes it.
async fn hand_over(
    space: &Space,
    network: &Network,
    person: Place,
    name: &str,
    response: Response<Body>,
    pieces: mpsc::Sender<Bytes>,
) {
    let is_answer = response.status().is_success();
    let mut body = response.into_body();
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(piece) = frame.into_data() else { continue };
        // Either the whole of a body whose length is known, or the event that completes one whose length is not.
        let is_whole = body.is_end_stream() || contains(&piece, b"\"done\":true");
        if is_answer && is_whole {
            space.truth.deliver(name);
            space.delivered.notify_waiters();
            space.chronicle.note(format_args!("{name}: delivered"));
        }
        if !network.carry(space.place, person).await || pieces.send(piece).await.is_err() {
            return;
        }
    }
}

fn contains(piece: &[u8], word: &[u8]) -> bool {
    piece.windows(word.len()).any(|window| window == word)
}
