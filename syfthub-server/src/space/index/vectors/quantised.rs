//! Unit vectors in one byte for each part: a quarter of the memory, and several times the speed of a scan, for an error
//! of the cosine in its third digit.

use std::borrow::Cow;

/// The largest part of a vector becomes this.
const LARGEST: f32 = 127.0;

/// A vector, and the factor that its parts share.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Quantised<'a> {
    parts: Cow<'a, [u8]>,
    factor: f32,
}

impl Quantised<'static> {
    /// A unit vector, rounded.
    pub(in super::super) fn of(vector: &[f32]) -> Self {
        let largest =
            vector.iter().fold(f32::MIN_POSITIVE, |largest, part| largest.max(part.abs()));
        #[expect(clippy::cast_possible_truncation, reason = "no part is larger than the largest")]
        let byte = |part: &f32| (part / largest * LARGEST).round() as i8;
        let parts = vector.iter().map(|part| byte(part).cast_unsigned()).collect();
        Self { parts, factor: largest / LARGEST }
    }
}

impl<'a> Quantised<'a> {
    /// A row as it was [written](Self::write).
    pub(super) fn read(row: &'a [u8]) -> Option<Self> {
        let (parts, factor) = row.split_last_chunk::<4>()?;
        Some(Self { parts: parts.into(), factor: f32::from_le_bytes(*factor) })
    }

    /// The row: parts, then factor.
    pub(super) fn write(&self, row: &mut Vec<u8>) {
        row.extend_from_slice(&self.parts);
        row.extend_from_slice(&self.factor.to_le_bytes());
    }

    /// How many parts it has.
    pub(in super::super) fn dimensions(&self) -> usize {
        self.parts.len()
    }

    /// The same vector without owning it.
    #[cfg(test)]
    pub(in super::super) fn borrow(&self) -> Quantised<'_> {
        Quantised { parts: Cow::Borrowed(&self.parts), factor: self.factor }
    }

    /// The cosine of the angle between two vectors of the same length, -1 to 1.
    #[inline]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a cosine needs no more digits than a float has"
    )]
    pub(in super::super) fn cosine(&self, other: &Quantised<'_>) -> f32 {
        dot(&self.parts, &other.parts) as f32 * (self.factor * other.factor)
    }
}

/// Written so that the compiler makes vector instructions of it.
#[inline]
fn dot(left: &[u8], right: &[u8]) -> i32 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "twice the speed where the processor has wider registers")]
        // SAFETY: the processor was just asked for the feature.
        return unsafe { wide(left, right) };
    }
    sum_of_products(left, right)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wide(left: &[u8], right: &[u8]) -> i32 {
    sum_of_products(left, right)
}

#[expect(clippy::inline_always, reason = "its instructions are those of the function around it")]
#[inline(always)]
fn sum_of_products(left: &[u8], right: &[u8]) -> i32 {
    let product = |(a, b): (&u8, &u8)| i32::from(a.cast_signed()) * i32::from(b.cast_signed());
    left.iter().zip(right).map(product).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unit(vector: &[f32]) -> Vec<f32> {
        let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
        vector.iter().map(|x| x / length).collect()
    }

    proptest! {
        #[test]
        fn a_cosine_of_rounded_vectors_is_that_of_the_exact_ones_to_two_digits(
            pairs in prop::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), 32..400),
        ) {
            let (left, right): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            let (left, right) = (unit(&left), unit(&right));
            let exact: f32 = left.iter().zip(&right).map(|(a, b)| a * b).sum();
            let rounded = Quantised::of(&left).cosine(&Quantised::of(&right));
            prop_assert!((exact - rounded).abs() < 0.02, "{exact} {rounded}");
        }
    }

    #[test]
    fn a_row_is_read_as_it_was_written() {
        let vector = Quantised::of(&[0.6, -0.8]);
        let mut row = Vec::new();
        vector.write(&mut row);
        assert_eq!(Quantised::read(&row), Some(vector));
        assert_eq!(Quantised::read(&[1, 2]), None);
    }

    #[test]
    fn wide_and_narrow_registers_agree() {
        let bytes: Vec<u8> = (0..384_u32).map(|n| u8::try_from(n * 37 % 256).unwrap()).collect();
        let other: Vec<u8> = bytes.iter().rev().copied().collect();
        assert_eq!(dot(&bytes, &other), sum_of_products(&bytes, &other));
    }
}
