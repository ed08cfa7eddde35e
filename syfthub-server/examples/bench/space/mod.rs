//! The space by itself: how fast it finds, and how well.

mod bare;
mod corpus;
mod judged;
mod node;
mod quality;
mod search;

pub(crate) use quality::measure as quality;
pub(crate) use search::measure as search;
