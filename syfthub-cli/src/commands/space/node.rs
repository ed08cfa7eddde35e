//! The space's own process: its settings, and how it starts. For `init` and `run`.

use std::net::SocketAddr;
use std::path::Path;

use clap::Parser;
use syfthub_server::StartError;
use syfthub_server::space::SpaceConfig;

use crate::failure::Misuse;

/// The settings of a space from the environment, as `syfthub-server space` reads them.
#[derive(Debug, Parser)]
struct Environment {
    #[command(flatten)]
    space: SpaceConfig,
}

/// A free port of this machine.
pub(super) const FREE: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// The settings of the space in `dir`: what the environment says, and defaults elsewhere.
pub(super) fn settings(dir: &Path) -> anyhow::Result<SpaceConfig> {
    let read = Environment::try_parse_from(["syfthub"]).map_err(|refusal| {
        let text = refusal.render().to_string();
        let sentence = text.lines().next().unwrap_or_default();
        Misuse(sentence.strip_prefix("error: ").unwrap_or(sentence).to_owned())
    })?;
    Ok(SpaceConfig { state_dir: dir.to_owned(), ..read.space })
}

/// A refusal in terms of the flag, which is what the user gave.
pub(super) fn in_flags(error: StartError) -> anyhow::Error {
    match error {
        StartError::Setting { name, reason } => match flag(name) {
            Some(flag) => Misuse(format!("{flag}: {reason}")).into(),
            None => Misuse(format!("{name}: {reason}")).into(),
        },
        other => other.into(),
    }
}

fn flag(setting: &str) -> Option<&'static str> {
    Some(match setting {
        "SPACE_LISTEN" => "--listen",
        "SPACE_ADMIN_LISTEN" => "--admin-listen",
        "SPACE_STATE_DIR" => "--state",
        "SPACE_PUBLIC_URL" => "--public-url",
        _ => return None,
    })
}
