//! The servers that the space can run itself. Adding one is one function here and one line in [`all`].

use super::{Place, Recipe};
use crate::config::ProvisionSettings;
use crate::space::datasets;

/// Every recipe.
pub(crate) fn all(settings: &ProvisionSettings) -> Vec<Recipe> {
    vec![chroma(settings)]
}

/// Chroma, as its own program and image run it. It has no authentication of its own, so only this machine reaches it.
fn chroma(settings: &ProvisionSettings) -> Recipe {
    Recipe {
        dtype: "chroma",
        command: settings.chroma_command.split_whitespace().map(str::to_owned).collect(),
        arguments: |Place { port, data }| {
            let data = data.to_string_lossy().into_owned();
            let port = port.to_string();
            ["run", "--host", "127.0.0.1", "--port", &port, "--path", &data]
                .map(str::to_owned)
                .into()
        },
        needed_by: |configuration| {
            datasets::find("chroma").is_some_and(|kind| kind.is_provisioned(configuration))
        },
        handshake: "/api/v2/heartbeat",
        image: settings.chroma_image.clone(),
        inside: (8000, "/data"),
    }
}
