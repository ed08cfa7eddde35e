//! What the space does for each connected hub by itself, for as long as it is connected to it.

use std::sync::Arc;

use axum::Router;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Hub, outbox, reports};
use crate::space::node::Space;
use crate::space::tunnel;

/// A hub that is attended to.
struct Attended {
    hub: Arc<Hub>,
    stop: CancellationToken,
}

/// Attends to whatever hubs the space is connected to, until it shuts down. Callers who come through tunnels are answered
/// by `router`.
pub(crate) async fn attend(space: Space, router: Router) {
    let shutdown = space.around.shutdown.clone();
    space.start_agents().await;
    let mut changes = space.hubs.changes();
    let tasks = TaskTracker::new();
    let mut attended: Vec<Attended> = Vec::new();
    loop {
        let hubs = space.hubs.all();
        attended.retain(|known| {
            let is_here = hubs.iter().any(|hub| Arc::ptr_eq(hub, &known.hub));
            if !is_here {
                known.stop.cancel();
            }
            is_here
        });
        for hub in hubs {
            if attended.iter().any(|known| Arc::ptr_eq(&known.hub, &hub)) {
                continue;
            }
            let stop = shutdown.child_token();
            tasks.spawn(tunnel::keep(
                space.clone(),
                Arc::clone(&hub),
                router.clone(),
                stop.clone(),
            ));
            let work = outbox::keep(space.clone(), Arc::clone(&hub));
            tasks.spawn(stop.clone().run_until_cancelled_owned(work));
            let signs = reports::keep(space.clone(), Arc::clone(&hub));
            tasks.spawn(stop.clone().run_until_cancelled_owned(signs));
            attended.push(Attended { hub, stop });
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            _ = changes.changed() => {}
        }
    }
    tasks.close();
    tasks.wait().await;
}
