//! Names that nobody chose.

use rand::Rng as _;

/// Characters of a suffix.
const LENGTH: usize = 6;

/// A random suffix, of letters and digits, for a name that gives no other difference.
pub(crate) fn suffix() -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut rng = rand::rng();
    (0..LENGTH).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
}
