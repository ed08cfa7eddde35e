//! The handle to a space.

use syfthub_calls::{Failure, Operation, SpaceSettings};
use syfthub_client::space::Space as SpaceClient;

use crate::target::{Client, class};

class! {
    /// A space, seen by one of its administrators: its operations by name.
    Space of SpaceClient
}

impl Client for SpaceClient {
    fn made(settings: &str) -> Result<Self, Failure> {
        SpaceSettings::parse(settings)?.space()
    }

    fn inherited(&self, settings: &str) -> String {
        settings.to_owned()
    }

    fn operation(name: &str) -> Option<&'static Operation<Self>> {
        syfthub_calls::space::operation(name)
    }
}
