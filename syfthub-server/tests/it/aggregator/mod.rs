//! The aggregator, in a hub and by itself, against nodes of every temper (contract aggregator 8).

mod alone;
mod cancellation;
mod clients;
mod frames;
mod hostile;
mod limits;
mod nodes;
mod targets;
mod tempers;

use std::ops::Deref;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::node::signal;
use crate::process::Door;

/// It may call this machine, where the nodes are.
const LOCAL: (&str, &str) = ("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8");

/// `syfthub-server aggregator` on a free port; killed when dropped.
pub(crate) struct Alone {
    child: Child,
    door: Door,
}

impl Deref for Alone {
    type Target = Door;

    fn deref(&self) -> &Door {
        &self.door
    }
}

impl Alone {
    /// Starts it under `settings` and waits until it says where it listens. Its log is below `home`.
    pub(crate) async fn start(home: &Path, settings: &[(&str, &str)]) -> Self {
        let mut child = Self::command(home, settings).spawn().expect("the program exists");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let ready = lines.next_line().await.expect("the line is text");
        let log = || std::fs::read_to_string(home.join("aggregator.log")).unwrap_or_default();
        let url = ready.unwrap_or_else(|| panic!("it ended: {}", log()));
        Self { child, door: Door::new(&url) }
    }

    /// Starts it under settings with which it must not run; what it says about that.
    async fn refused(home: &Path, settings: &[(&str, &str)]) -> String {
        let status = Self::command(home, settings).status().await.expect("the program exists");
        assert_eq!(status.code(), Some(2), "{settings:?}");
        std::fs::read_to_string(home.join("aggregator.log")).expect("it has said something")
    }

    fn command(home: &Path, settings: &[(&str, &str)]) -> Command {
        let log = std::fs::File::create(home.join("aggregator.log"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_syfthub-server"));
        command
            .arg("aggregator")
            .env_clear()
            .env("AGGREGATOR_PORT", "0")
            .envs(settings.iter().copied())
            .current_dir(home)
            .stdout(Stdio::piped())
            .stderr(log.expect("the test's folder is writable"))
            .kill_on_drop(true);
        command
    }

    fn pid(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Asks it to stop and waits until it has.
    async fn stop(mut self) -> ExitStatus {
        signal(self.pid(), "TERM");
        self.child.wait().await.expect("it can be waited for")
    }
}

/// The endpoint `slug` of `ada` at the node `node`.
fn reference(node: &str, slug: &str) -> Value {
    json!({"url": node, "slug": slug, "name": slug, "tenant_name": null, "owner_username": "ada"})
}

/// A question to endpoints of one node.
fn question(node: &str, model: &str, sources: &[&str]) -> Value {
    let sources: Vec<Value> = sources.iter().map(|slug| reference(node, slug)).collect();
    json!({"prompt": "What is it made of?", "model": reference(node, model), "data_sources": sources})
}

/// The status and body of an answer that is not streamed.
async fn chat(door: &Door, path: &str, question: &Value) -> (u16, Value) {
    let answer = door.http().post(door.at(path)).json(question).send().await.expect("it is up");
    (answer.status().as_u16(), answer.json().await.expect("a JSON body"))
}

/// The events of a streamed answer: names and payloads.
async fn events(door: &Door, path: &str, question: &Value) -> Vec<(String, Value)> {
    let answer = door.http().post(door.at(path)).json(question).send().await.expect("it is up");
    let text = answer.error_for_status().expect("a stream").text().await.expect("text");
    let frames = text.split("\n\n").filter_map(|frame| {
        let (name, data) = frame.split_once('\n')?;
        let name = name.strip_prefix("event: ")?;
        let data = serde_json::from_str(data.strip_prefix("data: ")?).expect("JSON on one line");
        Some((name.to_owned(), data))
    });
    frames.collect()
}
