//! What patterns can match at all: the addresses that two patterns have in common or not, found by walking both at once.
//!
//! A pattern is a nondeterministic automaton whose states are the places between its parts. An address is one `@` with at
//! least one character on either side, none of them white space. The walk goes breadth first, so what it finds is short.

use std::collections::{BTreeSet, HashSet, VecDeque};

use super::pattern::{Part, Pattern};

/// States looked at before giving up: patterns of people need hundreds.
const MOST_STATES: usize = 20_000;

/// What a walk came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    /// Such an address.
    Found(String),
    /// There is none.
    None,
    /// It was given up.
    TooLong,
}

/// An address that matches, if there is one.
pub(super) fn an_address(pattern: &Pattern) -> Option<String> {
    match walk(pattern, None) {
        Search::Found(address) => Some(address),
        Search::None | Search::TooLong => None,
    }
}

/// An address that matches `inside` and not `outside`.
pub(super) fn an_address_outside(inside: &Pattern, outside: &Pattern) -> Search {
    walk(inside, Some(outside))
}

/// How much of an address has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shape {
    Nothing,
    Local,
    At,
    Domain,
}

impl Shape {
    fn after(self, c: char) -> Option<Self> {
        match (self, c) {
            (Self::Local, '@') => Some(Self::At),
            (_, '@') => None,
            // Addresses are compared in lower case.
            (_, c) if c.is_whitespace() || c.is_control() || c.is_uppercase() => None,
            (Self::Nothing | Self::Local, _) => Some(Self::Local),
            (Self::At | Self::Domain, _) => Some(Self::Domain),
        }
    }
}

/// Places in a pattern at which a reader may stand.
type Places = BTreeSet<usize>;

/// Where all three readers stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    inside: Places,
    outside: Places,
    shape: Shape,
}

fn walk(inside: &Pattern, outside: Option<&Pattern>) -> Search {
    let alphabet = alphabet(inside.parts(), outside.map_or(&[], Pattern::parts));
    let none = Pattern::new("");
    let refused = outside.map(Pattern::parts);
    let outside = outside.unwrap_or(&none).parts();
    let start = State {
        inside: closed(inside.parts(), BTreeSet::from([0])),
        outside: closed(outside, BTreeSet::from([0])),
        shape: Shape::Nothing,
    };
    let mut seen = HashSet::from([start.clone()]);
    let mut waiting = VecDeque::from([(start, String::new())]);
    while let Some((state, read)) = waiting.pop_front() {
        let is_inside = state.inside.contains(&inside.parts().len());
        let is_outside = refused.is_none_or(|parts| !state.outside.contains(&parts.len()));
        if state.shape == Shape::Domain && is_inside && is_outside {
            return Search::Found(read);
        }
        for &c in &alphabet {
            let Some(shape) = state.shape.after(c) else { continue };
            let inside = step(inside.parts(), &state.inside, c);
            if inside.is_empty() {
                continue;
            }
            let next = State { inside, outside: step(outside, &state.outside, c), shape };
            if seen.insert(next.clone()) {
                if seen.len() > MOST_STATES {
                    return Search::TooLong;
                }
                waiting.push_back((next, format!("{read}{c}")));
            }
        }
    }
    Search::None
}

/// The places from which nothing but a `*` has to be passed over.
fn closed(parts: &[Part], mut places: Places) -> Places {
    let mut at: Vec<usize> = places.iter().copied().collect();
    while let Some(place) = at.pop() {
        if parts.get(place) == Some(&Part::Run) && places.insert(place + 1) {
            at.push(place + 1);
        }
    }
    places
}

fn step(parts: &[Part], places: &Places, c: char) -> Places {
    let mut next = Places::new();
    for &place in places {
        match parts.get(place) {
            Some(Part::Run) => {
                next.insert(place);
            }
            Some(part) if part.takes(c) => {
                next.insert(place + 1);
            }
            _ => {}
        }
    }
    closed(parts, next)
}

/// A character of each kind that the patterns tell apart: where a literal or range begins, and where it has ended.
fn alphabet(one: &[Part], other: &[Part]) -> BTreeSet<char> {
    // Some of each kind, and one that no pattern of people names, stand for all the others.
    let mut letters = BTreeSet::from(['@', 'a', '0', '.', '_', '~', '\u{e000}']);
    let mut bound = |first: char, last: char| {
        letters.insert(first);
        letters.extend(char::from_u32(last as u32 + 1));
    };
    for part in one.iter().chain(other) {
        match part {
            Part::Literal(c) => bound(*c, *c),
            Part::Class { ranges, .. } => {
                for (first, last) in ranges {
                    bound(*first, *last);
                }
            }
            Part::Any | Part::Run => {}
        }
    }
    letters
}
