//! How many answers are made at once, altogether and for one caller.
//!
//! An answer keeps connections, memory and somebody's model for as long as it takes, so what is limited is how many are
//! under way, not how many begin. A place is taken before the question is read and is free again when the answer is over,
//! whichever way it ends: whoever holds the [`Place`] drops it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metrics::Gauge;
use syfthub_core::UserId;

use crate::config::AggregatorLimitSettings;
use crate::http::ClientNetwork;

/// Who asks, as far as limits are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Asker {
    /// A user of the hub.
    User(UserId),
    /// Somebody from this network.
    Network(ClientNetwork),
}

/// Why an answer cannot begin now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Full {
    /// This caller has as many answers under way as one may have.
    #[error(
        "Too many answers at once: {0} are under way for you, try again when one of them is done"
    )]
    Caller(usize),
    /// Everybody together has.
    #[error("The aggregator makes as many answers as it can, try again later")]
    Everybody,
}

/// Gives out the places. Clones share them.
#[derive(Clone)]
pub(super) struct Admission(Arc<Places>);

struct Places {
    all: usize,
    each: usize,
    taken: Mutex<Taken>,
    open: Gauge,
}

#[derive(Default)]
struct Taken {
    all: usize,
    of: HashMap<Asker, usize>,
}

impl Admission {
    /// As many places as `limits` say.
    pub(super) fn new(limits: &AggregatorLimitSettings) -> Self {
        for limit in ["caller", "all"] {
            metrics::counter!("aggregator_refused_total", "limit" => limit).increment(0);
        }
        Self(Arc::new(Places {
            all: limits.max_answers,
            each: limits.max_answers_per_caller,
            taken: Mutex::default(),
            open: metrics::gauge!("aggregator_open_answers"),
        }))
    }

    /// Takes a place for an answer to `asker`.
    ///
    /// # Errors
    /// When there is none for them.
    pub(super) fn admit(&self, asker: Asker) -> Result<Place, Full> {
        let admitted = self.0.take(asker);
        if let Err(full) = admitted {
            let limit = if full == Full::Everybody { "all" } else { "caller" };
            metrics::counter!("aggregator_refused_total", "limit" => limit).increment(1);
            return Err(full);
        }
        self.0.open.increment(1);
        Ok(Place { places: Arc::clone(&self.0), asker })
    }

    /// Whether nobody would be admitted.
    pub(super) fn is_full(&self) -> bool {
        self.0.taken().all >= self.0.all
    }
}

impl Places {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, asker: Asker) -> Result<(), Full> {
        let mut taken = self.taken();
        if taken.all >= self.all {
            return Err(Full::Everybody);
        }
        let own = taken.of.entry(asker).or_default();
        if *own >= self.each {
            return Err(Full::Caller(self.each));
        }
        *own += 1;
        taken.all += 1;
        Ok(())
    }

    fn give_back(&self, asker: Asker) {
        let mut taken = self.taken();
        taken.all -= 1;
        if let Entry::Occupied(mut own) = taken.of.entry(asker) {
            *own.get_mut() -= 1;
            if *own.get() == 0 {
                own.remove();
            }
        }
    }
}

/// The right to have one answer under way; dropping it gives it back.
pub(super) struct Place {
    places: Arc<Places>,
    asker: Asker,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.give_back(self.asker);
        self.places.open.decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::defaults;

    fn admission(all: usize, each: usize) -> Admission {
        let limits = AggregatorLimitSettings {
            max_answers: all,
            max_answers_per_caller: each,
            ..defaults()
        };
        Admission::new(&limits)
    }

    fn user(number: i64) -> Asker {
        Asker::User(UserId(number))
    }

    #[test]
    fn a_caller_has_a_few_places_and_everybody_together_some_more() {
        let admission = admission(3, 2);
        let first = admission.admit(user(1)).unwrap();
        let _second = admission.admit(user(1)).unwrap();
        assert_eq!(admission.admit(user(1)).err(), Some(Full::Caller(2)));
        let _third = admission.admit(user(2)).unwrap();
        assert!(admission.is_full());
        assert_eq!(admission.admit(user(3)).err(), Some(Full::Everybody));
        drop(first);
        assert!(admission.admit(user(1)).is_ok());
    }

    proptest! {
        #[test]
        fn every_place_comes_back(steps in prop::collection::vec((0_i64..4, any::<bool>()), 0..100)) {
            let admission = admission(5, 2);
            let mut held: Vec<(i64, Place)> = Vec::new();
            for (number, ends) in steps {
                if ends {
                    held.pop();
                } else if let Ok(place) = admission.admit(user(number)) {
                    held.push((number, place));
                }
                let most = (0..4).map(|one| held.iter().filter(|(of, _)| *of == one).count()).max();
                prop_assert!(held.len() <= 5 && most <= Some(2));
                prop_assert_eq!(admission.0.taken().all, held.len());
            }
            held.clear();
            prop_assert!(admission.0.taken().of.is_empty());
        }
    }
}
