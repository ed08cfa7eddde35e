//! Which space a command is for, and with which key.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use syfthub_client::space::Space;
use syfthub_core::Secret;
use syfthub_server::space::RunningSpace;
use url::Url;

use crate::args::Target;
use crate::context::{Context, user_dir};
use crate::failure::{Away, NoKey, advise};

/// Holds the key where no file does.
const KEY_VARIABLE: &str = "SYFTHUB_SPACE_KEY";

/// A space that runs.
pub(super) struct Found {
    pub(super) client: Space,
    /// What its folder says of it; nothing when it was named by its address.
    pub(super) running: Option<RunningSpace>,
}

/// The folder that keeps the space.
pub(super) fn state_dir(context: &Context, target: &Target) -> anyhow::Result<PathBuf> {
    if let Some(dir) = &target.state {
        return Ok(dir.clone());
    }
    let base = user_dir(context.state_home.as_ref(), ".local/state");
    Ok(base.context("there is no home directory; name a folder with --state")?.join("space"))
}

/// The space that runs on the folder, or the one at the address that was named.
///
/// # Errors
/// [`Away`] when none runs on the folder.
pub(super) async fn space(context: &Context, target: &Target) -> anyhow::Result<Found> {
    let dir = state_dir(context, target)?;
    let named = target.clone();
    let found = tokio::task::spawn_blocking(move || find(&dir, &named)).await?;
    let (url, key, running) = found?;
    let mut builder = Space::builder(url.as_str()).key(key);
    if let Some(tenant) = &target.tenant {
        builder = builder.tenant(tenant);
    }
    Ok(Found { client: builder.build()?, running })
}

/// What runs on the folder. Blocks.
pub(super) fn running(dir: &Path) -> anyhow::Result<Option<RunningSpace>> {
    RunningSpace::find(dir).with_context(|| format!("--state {} cannot be read", dir.display()))
}

fn find(dir: &Path, target: &Target) -> anyhow::Result<(Url, Secret, Option<RunningSpace>)> {
    let running = match &target.admin_url {
        Some(_) => None,
        None => Some(running(dir)?.ok_or_else(|| nobody(dir))?),
    };
    let url =
        target.admin_url.clone().or_else(|| running.as_ref().map(|one| one.admin_url.clone()));
    let url = url.context("a space without an address")?;
    Ok((url, key(dir, target)?, running))
}

fn nobody(dir: &Path) -> anyhow::Error {
    let (message, hint) = if dir.join("space.db").exists() {
        (format!("no space runs on {}", dir.display()), "syfthub space run")
    } else {
        (format!("there is no space in {}", dir.display()), "syfthub space init")
    };
    advise(Away(message).into(), hint)
}

/// The admin key: from the file that was named, else from the environment, else from the folder.
fn key(dir: &Path, target: &Target) -> anyhow::Result<Secret> {
    let path = match &target.key_file {
        Some(path) if path.as_os_str() == "-" => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
            return Ok(Secret::new(text.trim()));
        }
        Some(path) => path.clone(),
        None => match std::env::var_os(KEY_VARIABLE).map(OsString::into_string) {
            Some(Ok(key)) if !key.trim().is_empty() => return Ok(Secret::new(key.trim())),
            Some(Err(_)) => anyhow::bail!("{KEY_VARIABLE} is not text"),
            _ => dir.join("admin.key"),
        },
    };
    let text = fs::read_to_string(&path).map_err(|error| {
        let missing = format!("the admin key cannot be read from {}: {error}", path.display());
        advise(NoKey(missing).into(), "name the file with the space's admin key with --key-file")
    })?;
    Ok(Secret::new(text.trim()))
}
