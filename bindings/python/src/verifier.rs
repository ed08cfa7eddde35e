//! The handle to what judges tokens without asking the hub.

use syfthub_calls::verifier::{self, VerifierSettings};
use syfthub_calls::{Failure, Operation};
use syfthub_client::Verifier as Judge;

use crate::target::{Client, class};

class! {
    /// Judges satellite tokens without asking the hub about each.
    Verifier of Judge
}

impl Client for Judge {
    fn made(settings: &str) -> Result<Self, Failure> {
        VerifierSettings::parse(settings)?.verifier()
    }

    fn inherited(&self, settings: &str) -> String {
        settings.to_owned()
    }

    fn operation(name: &str) -> Option<&'static Operation<Self>> {
        verifier::operation(name)
    }
}
