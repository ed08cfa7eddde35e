//! How much of what spaces send may be held in memory, by all answers together.
//!
//! A cap on one answer of one space bounds nothing when whoever asks may ask often and owns the spaces. So a server gives
//! its nodes an [`Allowance`]: every byte that is kept of a space's answer is taken from it, and comes back when the
//! [`Share`] that took it is dropped with everything that was made of the bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that may be held. Clones are the same allowance.
#[derive(Debug, Clone)]
pub struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    /// An allowance of `bytes`.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// A share that holds nothing yet.
    pub fn share(&self) -> Share {
        Share(Arc::new(Held { left: Arc::clone(&self.0), bytes: AtomicUsize::new(0) }))
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one answer holds of an [`Allowance`]. Clones hold it together; it comes back with the last of them.
#[derive(Debug, Clone)]
pub struct Share(Arc<Held>);

#[derive(Debug)]
struct Held {
    left: Arc<AtomicUsize>,
    bytes: AtomicUsize,
}

impl Share {
    /// Takes `bytes`, or nothing when there are not so many left.
    pub(super) fn take(&self, bytes: usize) -> bool {
        let less = |left: usize| left.checked_sub(bytes);
        let taken = self.0.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok();
        if taken {
            self.0.bytes.fetch_add(bytes, Ordering::Relaxed);
        }
        taken
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.left.fetch_add(*self.bytes.get_mut(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_comes_back_with_the_last_who_holds_it() {
        let allowance = Allowance::new(10);
        let (one, other) = (allowance.share(), allowance.share());
        assert!(one.take(6) && !other.take(5) && other.take(4) && !one.take(1));
        let again = one.clone();
        drop(one);
        assert_eq!(allowance.left(), 0);
        drop(again);
        assert_eq!(allowance.left(), 6);
        assert!(other.take(6));
    }
}
