//! For those who ask: one question to any number of data sources, the answer printed while it is written, then what it
//! rests on.
//!
//! ```text
//! make dev        # in another terminal: it prints the names and the password to use
//! cargo run --bin ask -- http://127.0.0.1:8080 alice alice/extractive "How are tokens verified?" alice/docs
//! ```
//!
//! The password is one line of standard input.

use std::io::Write as _;
use std::pin::pin;

use anyhow::{Context as _, bail};
use futures_util::TryStreamExt as _;
use syfthub_client::{ChatEvent, Client, EndpointPath};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [hub, username, model, question, sources @ ..] = arguments.as_slice() else {
        bail!("usage: ask HUB USERNAME MODEL QUESTION SOURCE…");
    };
    let password =
        std::io::stdin().lines().next().context("the password is expected on standard input")??;

    let client = Client::builder(hub).build()?;
    client.auth().login(username, password).await?;

    let sources =
        sources.iter().map(|path| path.parse()).collect::<Result<Vec<EndpointPath>, _>>()?;
    let asked = client.chat(model.parse()?, question).sources(sources).similarity_threshold(0.0);
    let mut answer = pin!(asked.stream().await?);

    let mut out = std::io::stdout();
    while let Some(event) = answer.try_next().await? {
        match event {
            ChatEvent::Token { content } => {
                write!(out, "{content}")?;
                out.flush()?;
            }
            ChatEvent::SourceCompleted(source) => {
                writeln!(
                    out,
                    "{}: {}, {} documents",
                    source.path, source.status, source.documents
                )?;
            }
            ChatEvent::Done(done) => {
                writeln!(out, "\n")?;
                for (number, (title, source)) in done.sources.0.iter().enumerate() {
                    writeln!(out, "[{}] {title} ({})", number + 1, source.slug)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}
