//! Where the story takes place: a hub with its ledger and its aggregator, and a space whose answers cost something.

use std::path::Path;

use serde_json::json;

use crate::process::{Door, HubProcess, SpaceProcess};
use crate::space_flow;

/// With which `treasurer` signs in; `story.py` and `story.mjs` know it too.
pub(super) const TREASURER_PASSWORD: &str = "nine-Gulls-over-7-piers";

/// What the endpoints of ada cost.
const PRICES: [(&str, f64); 2] = [("notes", 0.25), ("words", 0.5)];

/// A hub, of which `treasurer` is the administrator, and the space of `ada` with the data source `notes` and the model
/// `words`. Everything ends with this value.
pub(super) struct Stage {
    hub: HubProcess,
    _space: SpaceProcess,
}

impl Stage {
    /// Sets it up below `home`, with a hub under additional `settings`.
    pub(super) async fn set(home: &Path, settings: &[(&str, &str)]) -> Self {
        let own = [
            ("SYFTHUB_OUTBOUND_ALLOW", "127.0.0.0/8"),
            ("SYFTHUB_BOOTSTRAP_ADMIN_USERNAME", "treasurer"),
            ("SYFTHUB_BOOTSTRAP_ADMIN_EMAIL", "treasurer@example.org"),
            ("SYFTHUB_BOOTSTRAP_ADMIN_PASSWORD", TREASURER_PASSWORD),
        ];
        let hub = HubProcess::start(home, &[&own, settings].concat()).await;
        hub.register("ada").await.expect("the name is free");
        let space = SpaceProcess::start(home).await;
        space_flow::connect(&space, &hub, "ada", None).await;
        space_flow::furnish(&space, home, None, "Permit N-4 covers night work on public roads.")
            .await;
        for (slug, price) in PRICES {
            let endpoint = space.get(&format!("endpoints/{slug}")).await;
            let policy = json!({
                "name": "price", "policy_type": "accounting", "configuration": {"price": price},
                "endpoint_id": endpoint["id"],
            });
            space.post("policies", &policy).await;
        }
        Self { hub, _space: space }
    }

    /// The hub.
    pub(super) fn hub(&self) -> &Door {
        &self.hub
    }
}
