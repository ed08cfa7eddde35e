//! Calls through the hub to a space that is a fixture.

mod answers;
mod checks;
mod questions;
mod streams;

use axum::response::Response;
use serde_json::{Value, json};

use crate::config::HubConfig;
use crate::fixture::{FixtureSpace, Seen};
use crate::testing::{Answer, SignedInUser, TestHub};

/// Lets the hub call this machine.
fn open(config: &mut HubConfig) {
    config.outbound.outbound_allow = vec!["127.0.0.0/8".parse().unwrap()];
}

/// A hub that may call a fixture space, which ada serves the endpoint `notes` from.
struct Setting {
    hub: TestHub,
    space: FixtureSpace,
    ada: SignedInUser,
}

impl Setting {
    async fn answering<F, Fut>(answer: F) -> Self
    where
        F: Fn(Seen) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Response> + Send,
    {
        Self::with(|_| {}, answer).await
    }

    async fn with<F, Fut>(adjust: impl FnOnce(&mut HubConfig), answer: F) -> Self
    where
        F: Fn(Seen) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Response> + Send,
    {
        let space = FixtureSpace::start(answer).await;
        let hub = TestHub::with(|config| {
            open(config);
            adjust(config);
        });
        let hub = hub.await;
        let ada = hub.register("ada").await;
        serve_from(&hub, &ada, &space.origin()).await;
        hub.publish(&ada.access, draft("notes", &json!([{"type": "https"}]))).await;
        Self { hub, space, ada }
    }

    async fn ask(&self, token: &str) -> Answer {
        self.hub.post("/ada/notes", token, json!({"messages": "Why?"})).await
    }
}

/// Writes the domain into the owner's profile.
async fn serve_from(hub: &TestHub, owner: &SignedInUser, domain: &str) {
    let answer = hub.put("/api/v1/users/me", &owner.access, json!({ "domain": domain })).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
}

fn draft(slug: &str, connect: &Value) -> Value {
    json!({"name": slug, "slug": slug, "type": "data_source", "connect": connect})
}
