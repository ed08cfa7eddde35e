//! Signing off the async threads: an RSA signature takes most of a millisecond of one core.
//!
//! The threads are our own, each with a queue: under load they go from one signature to the next without waiting for an
//! async thread to hand them work, which on a busy machine costs as much as a quarter of a signature.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use syfthub_core::token::satellite::{self, SatelliteClaims, SigningKey};
use tokio::sync::{mpsc, oneshot};

/// Requests that wait for one thread; further ones wait for a place.
const QUEUE: usize = 256;

/// Requests answered together, when that many wait already. Each answer wakes an async thread, which takes the core from a
/// signature under way; several at once disturb it once.
const BATCH: usize = 8;

/// Signs satellite tokens on threads of its own, which end when the last clone is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Signer(Arc<Lanes>);

#[derive(Debug)]
struct Lanes {
    queues: Vec<mpsc::Sender<Request>>,
    /// Requests take turns: signatures take equally long, so that is as good as looking for the shortest queue.
    turn: AtomicUsize,
}

#[derive(Debug)]
struct Request {
    claims: SatelliteClaims,
    key: SigningKey,
    reply: oneshot::Sender<String>,
}

impl Signer {
    /// Starts `threads` threads, at least one.
    pub(crate) fn new(threads: usize) -> Self {
        let queues = (0..threads.max(1)).map(|_| start()).collect();
        Self(Arc::new(Lanes { queues, turn: AtomicUsize::new(0) }))
    }

    /// The token, signed with `key`.
    pub(crate) async fn sign(&self, claims: SatelliteClaims, key: SigningKey) -> String {
        let lane = self.0.turn.fetch_add(1, Ordering::Relaxed) % self.0.queues.len();
        let (reply, token) = oneshot::channel();
        let queued = self.0.queues[lane].send(Request { claims, key, reply }).await;
        queued.expect("the thread lives as long as its queue");
        token.await.expect("signing does not panic")
    }
}

fn start() -> mpsc::Sender<Request> {
    let (queue, mut requests) = mpsc::channel::<Request>(QUEUE);
    let run = move || {
        let (mut waiting, mut signed) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
        while requests.blocking_recv_many(&mut waiting, BATCH) > 0 {
            // A caller who has gone away needs no token.
            let wanted = waiting.drain(..).filter(|request: &Request| !request.reply.is_closed());
            signed
                .extend(wanted.map(|Request { claims, key, reply }| {
                    (satellite::issue(&claims, &key), reply)
                }));
            for (token, reply) in signed.drain(..) {
                reply.send(token).ok();
            }
        }
    };
    thread::Builder::new()
        .name("signer".to_owned())
        .spawn(run)
        .expect("the system starts a thread");
    queue
}
