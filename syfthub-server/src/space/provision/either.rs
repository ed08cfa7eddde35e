//! Choosing how a store is run, each time it is started: what is installed may change while the space runs.

use std::path::Path;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use super::docker::Docker;
use super::process::Process;
use super::{ProvisionError, Provisioner, Pulse, Recipe};
use crate::config::{ProvisionSettings, ProvisionerChoice};

/// The way that the settings ask for.
pub(super) fn choose(
    recipe: &Recipe,
    folder: &Path,
    settings: &ProvisionSettings,
) -> Box<dyn Provisioner> {
    let process = || Process::new(recipe.clone(), folder.to_owned(), settings.stop_timeout);
    let docker = || Docker::new(recipe.clone(), folder.to_owned(), settings.stop_timeout);
    match settings.provisioner {
        ProvisionerChoice::Process => Box::new(process()),
        ProvisionerChoice::Docker => Box::new(docker()),
        ProvisionerChoice::Auto => Box::new(Either { process: process(), docker: docker() }),
    }
}

/// A process where the program is installed, else a container where an engine answers.
struct Either {
    process: Process,
    docker: Docker,
}

impl Either {
    async fn choice(&self) -> Result<&dyn Provisioner, ProvisionError> {
        let Err(no_program) = self.process.usable().await else { return Ok(&self.process) };
        match self.docker.usable().await {
            Ok(()) => Ok(&self.docker),
            Err(no_engine) => {
                Err(ProvisionError::Unusable(format!("{no_program}, and {no_engine}")))
            }
        }
    }
}

impl Provisioner for Either {
    fn usable(&self) -> BoxFuture<'_, Result<(), ProvisionError>> {
        async move { self.choice().await.map(drop) }.boxed()
    }

    fn start<'a>(
        &'a self,
        wish: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<Map<String, Value>, ProvisionError>> {
        async move {
            let choice = self.choice().await?;
            // The other way may have been taken before, and its server would hold the same data.
            self.stop().await?;
            choice.start(wish).await
        }
        .boxed()
    }

    fn stop(&self) -> BoxFuture<'_, Result<(), ProvisionError>> {
        async move {
            self.process.stop().await?;
            if self.docker.usable().await.is_ok() { self.docker.stop().await } else { Ok(()) }
        }
        .boxed()
    }

    fn pulse<'a>(&'a self, state: &'a Map<String, Value>) -> BoxFuture<'a, Pulse> {
        match state.get("mode").and_then(Value::as_str) {
            Some("docker") => self.docker.pulse(state),
            _ => self.process.pulse(state),
        }
    }
}
