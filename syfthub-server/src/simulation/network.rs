//! A network that delays, loses and doubles what it carries, and falls apart.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::dice::Dice;

/// Somebody who sends and receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Person(usize),
    Space(usize),
    Ledger,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(number) => write!(f, "person {number}"),
            Self::Space(number) => write!(f, "space {number}"),
            Self::Ledger => f.write_str("ledger"),
        }
    }
}

/// The network; clones share it.
#[derive(Clone)]
pub(super) struct Network {
    dice: Dice,
    weather: Arc<Mutex<Weather>>,
}

struct Weather {
    is_stormy: bool,
    /// Pairs that cannot reach each other.
    cut: BTreeSet<(Place, Place)>,
}

impl Network {
    /// A network in a storm.
    pub(super) fn new(dice: Dice) -> Self {
        let weather = Weather { is_stormy: true, cut: BTreeSet::new() };
        Self { dice, weather: Arc::new(Mutex::new(weather)) }
    }

    /// Carries something; tells whether it arrives.
    pub(super) async fn carry(&self, from: Place, to: Place) -> bool {
        tokio::time::sleep(self.delay()).await;
        let weather = self.weather.lock().unwrap();
        let is_cut = weather.cut.contains(&pair(from, to));
        let is_lost = weather.is_stormy && self.dice.one_in(30);
        !is_cut && !is_lost
    }

    /// Whether something arrives once more, and how much later.
    pub(super) fn doubles(&self) -> Option<Duration> {
        let is_stormy = self.weather.lock().unwrap().is_stormy;
        (is_stormy && self.dice.one_in(20)).then(|| self.dice.span(0, 8_000))
    }

    fn delay(&self) -> Duration {
        let is_stormy = self.weather.lock().unwrap().is_stormy;
        let is_slow = is_stormy && self.dice.one_in(25);
        if is_slow { self.dice.span(500, 12_000) } else { self.dice.span(1, 60) }
    }

    pub(super) fn cut(&self, one: Place, other: Place) {
        self.weather.lock().unwrap().cut.insert(pair(one, other));
    }

    pub(super) fn mend(&self, one: Place, other: Place) {
        self.weather.lock().unwrap().cut.remove(&pair(one, other));
    }

    /// From now on everything arrives, once and soon.
    pub(super) fn calm(&self) {
        let mut weather = self.weather.lock().unwrap();
        weather.is_stormy = false;
        weather.cut.clear();
    }
}

fn pair(one: Place, other: Place) -> (Place, Place) {
    if one < other { (one, other) } else { (other, one) }
}
