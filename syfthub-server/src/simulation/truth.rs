//! What really happened, as nobody inside the simulation knows it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use syfthub_core::Money;

use super::network::Place;

/// One question to one endpoint that costs something.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) space: Place,
    pub(super) price: Money,
    /// The connection took all of the answer.
    pub(super) is_delivered: bool,
    /// The space was killed after that and before it had noted it, which nobody can tell from a death before it.
    pub(super) is_unnoted: bool,
}

/// All of them by name; clones share it.
#[derive(Clone, Default)]
pub(super) struct Truth(Arc<Mutex<BTreeMap<String, Part>>>);

impl Truth {
    pub(super) fn ask(&self, name: &str, space: Place, price: Money) {
        let part = Part { space, price, is_delivered: false, is_unnoted: false };
        self.0.lock().unwrap().insert(name.to_owned(), part);
    }

    pub(super) fn deliver(&self, name: &str) {
        if let Some(part) = self.0.lock().unwrap().get_mut(name) {
            part.is_delivered = true;
        }
    }

    /// The space died; of what it delivered it had noted only what `is_noted` says. What it will never know of.
    pub(super) fn die(&self, space: Place, is_noted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut unknown = Vec::new();
        for (name, part) in self.0.lock().unwrap().iter_mut() {
            if part.space == space && part.is_delivered && !part.is_unnoted && !is_noted(name) {
                part.is_unnoted = true;
                unknown.push(name.clone());
            }
        }
        unknown
    }

    pub(super) fn parts(&self) -> BTreeMap<String, Part> {
        self.0.lock().unwrap().clone()
    }
}
