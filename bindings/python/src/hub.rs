//! The handle to a hub, its aggregator and its ledger.

use serde_json::{Map, Value, json};
use syfthub_calls::{Failure, Operation, Settings};

use crate::target::{Client, class};

class! {
    /// A hub, seen by one user: its operations by name.
    Hub of syfthub_client::Client
}

impl Client for syfthub_client::Client {
    fn made(settings: &str) -> Result<Self, Failure> {
        Settings::parse(settings)?.client()
    }

    fn inherited(&self, settings: &str) -> String {
        let mut settings: Map<String, Value> =
            serde_json::from_str(settings).expect("a client was made of these settings");
        if let Some(tokens) = self.auth().tokens() {
            settings.insert("tokens".to_owned(), json!(tokens));
        }
        Value::Object(settings).to_string()
    }

    fn operation(name: &str) -> Option<&'static Operation<Self>> {
        syfthub_calls::hub::operation(name)
    }
}
