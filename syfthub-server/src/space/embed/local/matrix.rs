//! The arithmetic of the encoder on rows of numbers.

/// A view of rows and columns in a slice, possibly turned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matrix<'a> {
    numbers: &'a [f32],
    rows: usize,
    columns: usize,
    row_step: usize,
    column_step: usize,
}

impl<'a> Matrix<'a> {
    /// `columns` numbers of each of `rows` rows, `step` apart, from `offset` on. They must be there.
    pub(super) fn part(
        numbers: &'a [f32],
        rows: usize,
        columns: usize,
        step: usize,
        offset: usize,
    ) -> Self {
        let numbers = &numbers[offset..];
        assert!(reaches(rows, columns, step) <= numbers.len(), "a matrix lies within its numbers");
        Self { numbers, rows, columns, row_step: step, column_step: 1 }
    }

    /// Rows as columns.
    pub(super) fn turned(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_step: self.column_step,
            column_step: self.row_step,
            ..self
        }
    }
}

/// How many numbers a matrix needs whose rows are `step` apart.
fn reaches(rows: usize, columns: usize, step: usize) -> usize {
    rows.checked_sub(1).map_or(0, |last| last * step + columns)
}

/// Adds `scale * left * right` to the part of `sum` from column `offset` on, whose rows are `step` apart.
pub(super) fn add_product(
    scale: f32,
    left: Matrix<'_>,
    right: Matrix<'_>,
    sum: &mut [f32],
    step: usize,
    offset: usize,
) {
    let sum = &mut sum[offset..];
    assert!(left.columns == right.rows, "the product is defined");
    assert!(reaches(left.rows, right.columns, step) <= sum.len(), "the product has its place");
    let steps = |matrix: &Matrix<'_>| (signed(matrix.row_step), signed(matrix.column_step));
    let ((left_row, left_column), (right_row, right_column)) = (steps(&left), steps(&right));
    #[expect(unsafe_code, reason = "the library takes pointers, so that views need no copies")]
    // SAFETY: both views lie within their slices by construction, and the sum was just checked.
    unsafe {
        matrixmultiply::sgemm(
            left.rows,
            left.columns,
            right.columns,
            scale,
            left.numbers.as_ptr(),
            left_row,
            left_column,
            right.numbers.as_ptr(),
            right_row,
            right_column,
            1.0,
            sum.as_mut_ptr(),
            signed(step),
            1,
        );
    }
}

fn signed(step: usize) -> isize {
    isize::try_from(step).expect("a slice is no longer than that")
}

/// Shares that sum to 1, larger for larger numbers.
pub(super) fn softmax(row: &mut [f32]) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for x in row.iter_mut() {
        *x = (*x - largest).exp();
        sum += *x;
    }
    for x in row {
        *x /= sum;
    }
}

/// Mean 0 and variance 1, then scaled and shifted.
pub(super) fn layer_norm(row: &mut [f32], weight: &[f32], bias: &[f32], epsilon: f32) {
    #[expect(clippy::cast_precision_loss, reason = "a row is some hundreds long")]
    let length = row.len() as f32;
    let mean = row.iter().sum::<f32>() / length;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / length;
    let scale = 1.0 / (variance + epsilon).sqrt();
    for ((x, weight), bias) in row.iter_mut().zip(weight).zip(bias) {
        *x = (*x - mean) * scale * weight + bias;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_added_into_its_part_of_the_sum() {
        let left = [1.0, 2.0, 3.0, 4.0];
        let right = [5.0, 6.0, 7.0, 8.0];
        let (left, right) = (Matrix::part(&left, 2, 2, 2, 0), Matrix::part(&right, 2, 2, 2, 0));
        let mut sum = vec![1.0; 6];
        add_product(1.0, left, right, &mut sum, 3, 1);
        assert_eq!(sum, [1.0, 20.0, 23.0, 1.0, 44.0, 51.0]);
        let mut sum = vec![0.0; 4];
        add_product(0.5, left, right.turned(), &mut sum, 2, 0);
        assert_eq!(sum, [8.5, 11.5, 19.5, 26.5]);
    }

    #[test]
    fn shares_sum_to_one_and_a_norm_has_mean_0() {
        let mut row = [1000.0, 1000.0, 999.0];
        softmax(&mut row);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6 && row[0] > row[2]);
        let mut row = [1.0, 2.0, 3.0];
        layer_norm(&mut row, &[1.0; 3], &[0.0; 3], 1e-12);
        assert!(row.iter().sum::<f32>().abs() < 1e-6 && (row[2] - 1.224_745).abs() < 1e-4);
    }
}
