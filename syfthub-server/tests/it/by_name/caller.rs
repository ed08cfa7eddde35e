//! Somebody who calls operations by name.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use syfthub_calls::hub::operation;
use syfthub_calls::{Failure, Operation, Settings};
use syfthub_client::Client;

use crate::process::PASSWORD;

/// The operations that somebody tried.
#[derive(Clone, Default)]
pub(super) struct Tried(Arc<Mutex<BTreeSet<&'static str>>>);

impl Tried {
    pub(super) fn names(&self) -> BTreeSet<&'static str> {
        self.0.lock().unwrap().clone()
    }
}

/// One user of a hub, or nobody in particular.
pub(super) struct Caller {
    client: Client,
    tried: Tried,
}

impl Caller {
    pub(super) fn anybody(hub: &str, tried: &Tried) -> Self {
        let settings = json!({"base_url": hub, "retries": 0}).to_string();
        let client = Settings::parse(&settings).unwrap().client().unwrap();
        Self { client, tried: tried.clone() }
    }

    /// A new user, signed in.
    pub(super) async fn new(hub: &str, tried: &Tried, name: &str) -> Self {
        let caller = Self::anybody(hub, tried);
        let body = json!({
            "username": name, "email": format!("{name}@example.org"), "full_name": name, "password": PASSWORD,
        });
        let registered = caller.call("auth.register", json!({"body": body})).await;
        assert_eq!(registered["user"]["username"], name);
        caller
    }

    fn find(&self, name: &str) -> &'static Operation<Client> {
        let found = operation(name).unwrap_or_else(|| panic!("there is no `{name}`"));
        self.tried.0.lock().unwrap().insert(found.name);
        found
    }

    /// What the operation answers.
    pub(super) async fn call(&self, name: &str, arguments: Value) -> Value {
        let answer = self.find(name).call(&self.client, &arguments.to_string()).await;
        let text = answer.unwrap_or_else(|failure| panic!("{name} {arguments}: {failure:?}"));
        serde_json::from_str(&text).unwrap()
    }

    /// All items of all pages of a list.
    pub(super) async fn all(&self, name: &str, arguments: Value) -> Vec<Value> {
        let texts = self.find(name).open(&self.client, &arguments.to_string()).unwrap();
        let pages: Vec<String> = texts.try_collect().await.unwrap();
        let pages = pages.iter().map(|page| serde_json::from_str::<Vec<Value>>(page).unwrap());
        pages.flatten().collect()
    }

    /// The status with which the hub refuses, and nothing else.
    pub(super) async fn refused(&self, name: &str, arguments: Value) -> u16 {
        let operation = self.find(name);
        let arguments = arguments.to_string();
        let failure = if operation.is_stream() {
            let texts = operation.open(&self.client, &arguments).unwrap();
            texts.try_collect::<Vec<String>>().await.unwrap_err()
        } else {
            operation.call(&self.client, &arguments).await.unwrap_err()
        };
        match failure {
            Failure::Client(error) => error.status().unwrap_or_else(|| panic!("{name}: {error}")),
            other => panic!("{name}: {other:?}"),
        }
    }
}
