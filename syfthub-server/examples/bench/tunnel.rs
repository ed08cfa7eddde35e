//! What asking a space through its hub's tunnel costs over asking it directly: the same question, with a token of somebody
//! else, at both addresses in turn.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::json;

use crate::hub::{Engine, HubServer, PASSWORD, register};
use crate::load::{Connection, drive, get, post, quantile};
use crate::measure::{Effort, median};
use crate::node::Node;
use crate::report::{Line, Row};

/// Who shares the notes, and who asks.
const OWNER: &str = "ada";
const CALLER: &str = "bob";

/// Connections of the load.
const CONNECTIONS: usize = 16;

/// Files of the dataset.
const NOTES: usize = 50;

/// By then the tunnel is open.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether it is.
const LOOK: Duration = Duration::from_millis(50);

/// A token is replaced when it is this old: half of its life.
const RENEWAL: Duration = Duration::from_secs(30);

/// What keeps the quotas of a tunnel out of the measurement; of bytes this is the most that can be allowed.
const UNLIMITED: [(&str, &str); 2] =
    [("SYFTHUB_LIMIT_TUNNEL", "off"), ("SYFTHUB_TUNNEL_BYTES", "1000000000")];

/// Measures `program`, the server, as a hub and as a space, with what they keep below `folder`.
pub(crate) async fn measure(
    program: &Path,
    folder: &Path,
    effort: Effort,
) -> anyhow::Result<Vec<Row>> {
    std::fs::create_dir(folder)?;
    let database = Engine::Sqlite.database(folder).await?;
    let hub = HubServer::start(program, folder, &database, &UNLIMITED)?;
    let mut door = Connection::open(hub.address).await?;
    register(&mut door, OWNER).await?;
    let session = register(&mut door, CALLER).await?;
    drop(door);
    let space = share(program, folder, hub.address).await?;
    until_open(hub.address).await?;
    let mut caller = Caller::new(hub.address, session).await?;
    let mut rows = latencies(&hub, &space, &mut caller, effort.questions * 2).await?;
    rows.push(rates(&hub, &space, &mut caller, effort).await?);
    space.stop()?;
    hub.stop()?;
    Ok(rows)
}

/// A space that publishes the endpoint `notes` at the hub as its owner.
async fn share(program: &Path, folder: &Path, hub: SocketAddr) -> anyhow::Result<Node> {
    let notes = folder.join("notes");
    std::fs::create_dir(&notes)?;
    for n in 0..NOTES {
        let text = format!(
            "# Hall {n}\n\nPermit N-{n} covers night work in hall {n}, from ten in the evening until six in the \
             morning. Whoever enters the hall meanwhile signs the list at the gate.\n"
        );
        std::fs::write(notes.join(format!("hall-{n}.md")), text)?;
    }
    let space = Node::start(program, &folder.join("space"), &[("SPACE_TUNNEL", "on")])?;
    let account = json!({"url": format!("http://{hub}"), "username": OWNER, "password": PASSWORD});
    space.post("marketplaces/connect", &account).await?;
    let dataset = space.ingest("notes", &notes, &json!({})).await?.dataset;
    let endpoint =
        json!({"name": "Notes", "slug": "notes", "dataset_id": dataset, "response_type": "raw"});
    space.post("endpoints", &endpoint).await?;
    let everywhere = json!({"publish_to_all_marketplaces": true});
    let published = space.post("endpoints/notes/publish", &everywhere).await?;
    ensure!(published["results"][0]["success"] == true, "not published: {published}");
    Ok(space)
}

/// Waits until the hub reaches the owner's space.
async fn until_open(hub: SocketAddr) -> anyhow::Result<()> {
    let (mut door, begun) = (Connection::open(hub).await?, Instant::now());
    while door.exchange(&get(&format!("/s/{OWNER}"), None)).await? != 200 {
        ensure!(begun.elapsed() < PATIENCE, "no tunnel: {}", door.text());
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// Somebody with an account at the hub, and the token that says so to the space.
struct Caller {
    hub: SocketAddr,
    session: String,
    token: String,
    minted: Instant,
}

impl Caller {
    async fn new(hub: SocketAddr, session: String) -> anyhow::Result<Self> {
        let mut caller = Self { hub, session, token: String::new(), minted: Instant::now() };
        caller.renew().await?;
        Ok(caller)
    }

    async fn renew(&mut self) -> anyhow::Result<()> {
        // A connection of its own: the hub may close one that rests for as long as a token serves.
        let mut door = Connection::open(self.hub).await?;
        self.minted = Instant::now();
        let request = get(&format!("/api/v1/token?aud={OWNER}"), Some(&self.session));
        let minted = door.json(&request, 200).await?;
        minted["target_token"].as_str().context("no satellite token")?.clone_into(&mut self.token);
        Ok(())
    }

    /// The question to the endpoint below `base`: empty at the space itself.
    fn question(&self, base: &str) -> Vec<u8> {
        let body = json!({"messages": "Which permit covers night work in hall 7?", "limit": 5,
            "similarity_threshold": 0.0, "include_metadata": true});
        post(&format!("{base}/api/v1/endpoints/notes/query"), Some(&self.token), &body)
    }

    /// The question as it is asked directly, and through the tunnel.
    fn questions(&self) -> [Vec<u8>; 2] {
        [self.question(""), self.question(&format!("/s/{OWNER}"))]
    }
}

/// The question again and again at both addresses, one after the other.
async fn latencies(
    hub: &HubServer,
    space: &Node,
    caller: &mut Caller,
    count: usize,
) -> anyhow::Result<Vec<Row>> {
    let mut doors = [Connection::open(space.address).await?, Connection::open(hub.address).await?];
    let mut questions = caller.questions();
    for (door, question) in doors.iter_mut().zip(&questions) {
        let answer = door.json(question, 200).await?;
        let found = answer["references"]["documents"].as_array().map_or(0, Vec::len);
        ensure!(found > 0, "nothing is found: {answer}");
    }
    let mut times = [Vec::new(), Vec::new()];
    for n in 0..count {
        if caller.minted.elapsed() > RENEWAL {
            caller.renew().await?;
            questions = caller.questions();
        }
        // Who comes first changes, since the second may find warm what the first has touched.
        for way in [n % 2, 1 - n % 2] {
            let asked = Instant::now();
            let status = doors[way].exchange(&questions[way]).await?;
            ensure!(status == 200, "a query answered {}", doors[way].text());
            if n >= count / 10 {
                times[way].push(asked.elapsed());
            }
        }
    }
    for times in &mut times {
        times.sort_unstable();
    }
    let millis = |part| times.each_ref().map(|times| quantile(times, part).as_secs_f64() * 1000.0);
    let [direct, through] = millis(0.5);
    let [direct_p99, through_p99] = millis(0.99);
    let what = "query through the tunnel, 1 connection, vs directly at the space, p50";
    Ok(vec![
        Row::against(what, "ms", through, direct, Line::None),
        Row::against("its p99", "ms", through_p99, direct_p99, Line::None),
        Row::absolute(
            "what the tunnel adds: the difference of the p50s",
            "ms",
            through - direct,
            Line::AtMost(1.0),
        ),
    ])
}

/// How many such questions are answered each way when several people ask.
async fn rates(
    hub: &HubServer,
    space: &Node,
    caller: &mut Caller,
    effort: Effort,
) -> anyhow::Result<Row> {
    // One token serves a whole turn.
    let turn = effort.turn.min(RENEWAL);
    let mut rates = [Vec::new(), Vec::new()];
    for _ in 0..effort.turns {
        for (way, address) in [space.address, hub.address].into_iter().enumerate() {
            caller.renew().await?;
            let question = caller.questions()[way].clone();
            let load = drive(address, CONNECTIONS, turn, &[200], move |_| question.clone());
            rates[way].push(load.await?.per_second);
        }
    }
    let [direct, through] = rates.map(median);
    let what =
        format!("queries through the tunnel, {CONNECTIONS} connections, vs directly at the space");
    Ok(Row::against(&what, "/s", through, direct, Line::None))
}
