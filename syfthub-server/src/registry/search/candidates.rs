//! Which endpoints are looked at for a query.

use std::collections::HashMap;

use syfthub_core::ids::EndpointId;

use super::engine::Place;
use super::rank::{IN_README, Reading, Word};
use super::words::words;
use super::{Wanted, slips, store};
use crate::db::{StoreError, Tx};

/// Endpoints with the most stars that are looked at beside those that the index names first.
const STARRED: usize = 50;

/// Words that one word of a query may stand for, by beginning and by slip.
const READINGS: usize = 8;

/// Letters of a word that suffice as the beginning of another one.
const BEGINNING: usize = 3;

/// Names of owners that one query may hold, and owners that one of these may mean.
const OWNERS: usize = 4;

/// The endpoints that may be what was looked for.
pub(super) struct Candidates {
    /// The words of the query.
    pub(super) words: Vec<Word>,
    places: HashMap<i64, Places>,
    /// Popular ones, which the index was not asked about.
    starred: Vec<i64>,
}

/// Where the index found the words, a bit for each.
#[derive(Debug, Default, Clone, Copy)]
struct Places {
    /// In the head, or in a name that the owner has or had.
    head: u16,
    anywhere: u16,
}

impl Candidates {
    /// Asks the index for each word, and for all of them together where a word is too common to be followed alone.
    pub(super) async fn gather(
        tx: &mut Tx,
        wanted: &Wanted,
        asked: &[String],
    ) -> Result<Self, StoreError> {
        let mut all = Self { words: Vec::new(), places: HashMap::new(), starred: Vec::new() };
        let (mut known, mut bits, mut is_cut) = (Vec::new(), 0, false);
        for (n, word) in asked.iter().enumerate() {
            let found = all.add_word(tx, wanted, word).await?;
            is_cut |= found >= wanted.breadth.named();
            if found > 0 {
                known.push(
                    all.words[n].readings.iter().map(|reading| reading.word.clone()).collect(),
                );
                bits |= 1 << n;
            }
        }
        if is_cut {
            for place in [Place::Head, Place::Anywhere].into_iter().filter(|_| known.len() > 1) {
                let most = wanted.breadth.named();
                let every = store::matching(tx, &wanted.kinds, &known, place, most).await?;
                all.note(&every, place, bits);
            }
            all.starred = store::starred(tx, STARRED).await?;
        }
        all.add_owners(tx, wanted, asked).await?;
        Ok(all)
    }

    /// Looks one word up; answers how many endpoints have it, as far as they were counted.
    async fn add_word(
        &mut self,
        tx: &mut Tx,
        wanted: &Wanted,
        word: &str,
    ) -> Result<usize, StoreError> {
        let (bit, most) = (1 << self.words.len(), wanted.breadth.named());
        let mut group = vec![Reading::exact(word)];
        let mut head = look_up(tx, wanted, &group, Place::Head).await?;
        if head.is_empty() {
            group.extend(guesses(tx, word).await?);
            if group.len() > 1 {
                head = look_up(tx, wanted, &group, Place::Head).await?;
            }
        }
        self.note(&head, Place::Head, bit);
        let mut found = head.len();
        if found < most {
            let anywhere = look_up(tx, wanted, &group, Place::Anywhere).await?;
            self.note(&anywhere, Place::Anywhere, bit);
            found = found.max(anywhere.len());
        }
        self.words.push(Word::new(group, found, most));
        Ok(found)
    }

    /// Adds what belongs to owners whom the query names, if only by the beginning of their name.
    async fn add_owners(
        &mut self,
        tx: &mut Tx,
        wanted: &Wanted,
        asked: &[String],
    ) -> Result<(), StoreError> {
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let lower = wanted.query.to_lowercase();
        let names = lower.split(|c| !name(c)).filter(|part| part.len() >= 3);
        for name in names.take(OWNERS) {
            let parts = words(name);
            let bits = asked.iter().enumerate().filter(|(_, word)| parts.contains(word));
            let bits = bits.fold(0, |bits, (n, _)| bits | 1 << n);
            for owner in store::owners(tx, name, OWNERS).await? {
                for id in store::of_owner(tx, owner, wanted.breadth.named()).await? {
                    // Nothing is found by that alone: the owner may be called otherwise by now.
                    self.places.entry(id).or_default().head |= bits;
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, ids: &[i64], place: Place, bits: u16) {
        for id in ids {
            let places = self.places.entry(*id).or_default();
            places.anywhere |= bits;
            if place == Place::Head {
                places.head |= bits;
            }
        }
    }

    /// The numbers to look at: the popular ones, then those that have the rarest words in the best places.
    pub(super) fn in_order(&self) -> Vec<i64> {
        let others = self.places.iter().filter(|(id, _)| !self.starred.contains(id));
        let mut rated: Vec<(f64, i64)> =
            others.map(|(id, places)| (self.promise(*places), *id)).collect();
        rated.sort_by(|(a, x), (b, y)| b.total_cmp(a).then(y.cmp(x)));
        self.starred.iter().copied().chain(rated.into_iter().map(|(_, id)| id)).collect()
    }

    fn promise(&self, places: Places) -> f64 {
        let words = self.words.iter().enumerate();
        words
            .map(|(n, word)| match ((places.head >> n) & 1, (places.anywhere >> n) & 1) {
                (1, _) => word.rarity,
                (_, 1) => word.rarity * IN_README,
                _ => 0.0,
            })
            .sum()
    }

    /// The words that the index found in the endpoint, a bit for each.
    pub(super) fn somewhere(&self, id: EndpointId) -> u16 {
        self.places.get(&id.0).map_or(0, |places| places.anywhere)
    }
}

async fn look_up(
    tx: &mut Tx,
    wanted: &Wanted,
    group: &[Reading],
    place: Place,
) -> Result<Vec<i64>, StoreError> {
    let words: Vec<String> = group.iter().map(|reading| reading.word.clone()).collect();
    store::matching(tx, &wanted.kinds, &[words], place, wanted.breadth.named()).await
}

/// What a word that no name has may stand for.
async fn guesses(tx: &mut Tx, word: &str) -> Result<Vec<Reading>, StoreError> {
    let mut guesses = Vec::new();
    if word.chars().count() >= BEGINNING {
        let begun = store::beginning(tx, word, READINGS).await?;
        guesses.extend(begun.into_iter().map(Reading::begun));
    }
    if slips::is_corrected(word) {
        let near = store::words_of(tx, &slips::forms(word)).await?;
        let near = near.into_iter().filter(|known| slips::is_one_slip(word, known));
        guesses.extend(near.take(READINGS).map(Reading::slipped));
    }
    Ok(guesses)
}
