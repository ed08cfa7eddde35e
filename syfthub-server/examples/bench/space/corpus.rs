//! Text by the page whose words are as unequally common as those of a language, the same on every machine.

use std::fmt::Write as _;
use std::path::Path;

/// Words of the language.
const VOCABULARY: usize = 30_000;
/// Words of a section: below a passage's size, and too many to be joined to its neighbour.
const SECTION: usize = 110;
/// Sections of a file.
pub(super) const SECTIONS: usize = 100;

const SYLLABLES: [&str; 24] = [
    "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "su",
    "ta", "ve", "wi", "xo", "zu", "bra", "cle", "dri", "fro",
];

/// Numbers that look random and are not (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A word's number; small ones are far more common.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank below the size of the vocabulary"
    )]
    fn rank(&mut self) -> usize {
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        (share.powi(3) * VOCABULARY as f64) as usize
    }
}

fn word(rank: usize) -> String {
    let base = SYLLABLES.len();
    let (first, second, third) = (rank % base, rank / base % base, rank / base / base % base);
    let last = rank / base / base / base;
    let mut word = format!("{}{}{}", SYLLABLES[first], SYLLABLES[second], SYLLABLES[third]);
    word.extend(SYLLABLES.get(last).into_iter().filter(|_| last > 0).copied());
    word
}

/// A section's text, which only depends on its number.
pub(super) fn section(number: usize) -> String {
    let mut numbers = seeded(number);
    let mut text = String::new();
    for n in 1..=SECTION {
        let _ = write!(text, "{}{}", word(numbers.rank()), if n % 11 == 0 { ". " } else { " " });
    }
    text.trim_end().to_owned()
}

/// A question of four words of the section, not one of them among the most common.
pub(super) fn question(number: usize) -> String {
    let mut numbers = seeded(number);
    let ranks: Vec<usize> =
        (0..SECTION).map(|_| numbers.rank()).filter(|rank| *rank > 100).collect();
    let step = ranks.len() / 4;
    let words: Vec<String> = (0..4).map(|n| word(ranks[n * step])).collect();
    words.join(" ")
}

fn seeded(number: usize) -> Numbers {
    let mut numbers = Numbers(number as u64 * 0x9e37_79b9_7f4a_7c15 + 1);
    for _ in 0..4 {
        numbers.next();
    }
    numbers
}

/// Writes `sections` sections into files below `folder`; answers how many files.
pub(super) fn write(folder: &Path, sections: usize) -> anyhow::Result<usize> {
    let files = sections.div_ceil(SECTIONS);
    for file in 0..files {
        let place = folder.join(format!("{:03}", file / 100));
        std::fs::create_dir_all(&place)?;
        let mut text = format!("# Document {file}\n");
        for number in (file * SECTIONS..sections).take(SECTIONS) {
            let _ = write!(text, "\n## Part {number}\n\n{}\n", section(number));
        }
        std::fs::write(place.join(format!("{file}.md")), text)?;
    }
    Ok(files)
}
