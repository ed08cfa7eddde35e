//! What open streams cost: the memory of many, and whether it stays what it is while they come and go.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::{Nodes, endpoint, question};
use crate::hub::HubServer;
use crate::load::{Connection, END};
use crate::report::{Line, Row};

/// Streams that are open at a time.
const STREAMS: usize = 2000;

/// Streams that are opened at a time.
const OPENING: usize = 50;

/// The part of the soak that passes before memory counts.
const WARM_UP: f64 = 0.2;

/// By then all streams are open.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often the memory is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Looks whose median is one value.
const LOOKS: usize = 20;

pub(super) async fn measure(
    server: &HubServer,
    nodes: &Nodes,
    soak: Duration,
) -> anyhow::Result<Vec<Row>> {
    let (idle, _) = server.memory()?;
    let crowd = Crowd::open(server.address, nodes).await?;
    let (now, _) = server.memory()?;
    let mut rows = vec![
        Row::absolute("resident memory without any stream", "MB", mega(idle), Line::None),
        Row::absolute(
            &format!("resident memory with {STREAMS} open streams, each over three sources"),
            "MB",
            mega(now),
            Line::AtMost(100.0),
        ),
    ];
    if !soak.is_zero() {
        rows.extend(soaked(server, &crowd, soak).await?);
    }
    let failures = crowd.close().await?;
    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    rows.push(Row::absolute("streams that broke off", "", failures as f64, Line::AtMost(0.0)));
    Ok(rows)
}

/// Memory at the beginning and at the end of a long time in which streams end, are abandoned, and are opened anew.
async fn soaked(server: &HubServer, crowd: &Crowd, period: Duration) -> anyhow::Result<Vec<Row>> {
    let begun = Instant::now();
    tokio::time::sleep(period.mul_f64(WARM_UP)).await;
    let before = steady(server).await?;
    let rest = period.saturating_sub(begun.elapsed());
    tokio::time::sleep(rest.saturating_sub(LOOK * u32::try_from(LOOKS)?)).await;
    let after = steady(server).await?;
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    let ended = crowd.ended.load(Ordering::Relaxed);
    let what = format!(
        "{minutes:.0} minutes with {STREAMS} open streams, {ended} of them ended and replaced: growth of resident memory"
    );
    Ok(vec![
        Row::absolute(&what, "%", (after - before) / before * 100.0, Line::AtMost(2.0)),
        Row::absolute("resident memory after it", "MB", after / 1_000_000.0, Line::AtMost(100.0)),
    ])
}

/// Resident memory in bytes, the middle of several looks: streams come and go meanwhile.
async fn steady(server: &HubServer) -> anyhow::Result<f64> {
    let mut looks = Vec::new();
    for _ in 0..LOOKS {
        tokio::time::sleep(LOOK).await;
        looks.push(mega(server.memory()?.0) * 1_000_000.0);
    }
    Ok(crate::measure::median(looks))
}

fn mega(bytes: u64) -> f64 {
    crate::mega(bytes)
}

/// As many readers as there shall be open streams; each asks again when its stream has ended.
struct Crowd {
    readers: JoinSet<anyhow::Result<()>>,
    stop: Arc<AtomicBool>,
    ended: Arc<AtomicUsize>,
    failed: Arc<AtomicUsize>,
}

impl Crowd {
    /// Opens all streams and waits until each has given its first token.
    async fn open(address: SocketAddr, nodes: &Nodes) -> anyhow::Result<Self> {
        let doors = Arc::new(Semaphore::new(OPENING));
        let (opened, mut first) = mpsc::channel(STREAMS);
        let mut crowd = Self {
            readers: JoinSet::new(),
            stop: Arc::default(),
            ended: Arc::default(),
            failed: Arc::default(),
        };
        let sources: Vec<_> =
            (0..3).map(|n| endpoint(nodes.federation, &format!("source-{n}"))).collect();
        let request = Arc::new(question("q-held", &endpoint(nodes.model, "held"), &sources));
        for n in 0..STREAMS {
            let reader = Reader {
                n,
                address,
                request: Arc::clone(&request),
                doors: Arc::clone(&doors),
                opened: opened.clone(),
                stop: Arc::clone(&crowd.stop),
                ended: Arc::clone(&crowd.ended),
                failed: Arc::clone(&crowd.failed),
            };
            crowd.readers.spawn(reader.run());
        }
        drop(opened);
        let all = async {
            for _ in 0..STREAMS {
                first.recv().await.context("a stream was not opened")?;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(PATIENCE, all).await.context("the streams do not open")??;
        Ok(crowd)
    }

    /// Ends all streams; how many broke off meanwhile.
    async fn close(mut self) -> anyhow::Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        self.readers.shutdown().await;
        Ok(self.failed.load(Ordering::Relaxed))
    }
}

struct Reader {
    n: usize,
    address: SocketAddr,
    request: Arc<Vec<u8>>,
    doors: Arc<Semaphore>,
    opened: mpsc::Sender<()>,
    stop: Arc<AtomicBool>,
    ended: Arc<AtomicUsize>,
    failed: Arc<AtomicUsize>,
}

impl Reader {
    async fn run(self) -> anyhow::Result<()> {
        let mut connection = Connection::open(self.address).await?;
        let mut round = 0;
        while !self.stop.load(Ordering::Relaxed) {
            // Every third stream is abandoned in the middle, and its connection with it.
            let is_abandoned = round > 0 && (self.n + round).is_multiple_of(3);
            let read = self.read(&mut connection, is_abandoned).await;
            if let Err(error) = &read {
                crate::say(&format!("a stream broke off: {error:#}"))?;
                self.failed.fetch_add(1, Ordering::Relaxed);
            } else {
                self.ended.fetch_add(1, Ordering::Relaxed);
            }
            if read.is_err() || is_abandoned {
                connection = Connection::open(self.address).await?;
            }
            round += 1;
        }
        Ok(())
    }

    async fn read(&self, connection: &mut Connection, is_abandoned: bool) -> anyhow::Result<()> {
        let door = self.doors.acquire().await?;
        connection.ask(&self.request).await?;
        connection.until(b"event: token").await?;
        drop(door);
        self.opened.try_send(()).ok();
        let last: &[u8] = if is_abandoned { b"w5 " } else { b"event: done" };
        connection.until(last).await?;
        if !is_abandoned {
            connection.until(END).await?;
        }
        Ok(())
    }
}
