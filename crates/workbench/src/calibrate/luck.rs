//! Sets of virtual patients. Members of one set meet the same patients, so that they differ by their numbers only; sets differ, so that a
//! calibration does not fit the luck of a few hundred patients. What a set's luck adds to a prediction is taken out again.

use malar_stats::ensemble::Linear;
use malar_stats::matrix::Matrix;

/// Fewest members of a set, so that they say more about numbers than about luck.
const MEMBERS_PER_SET: usize = 10;
/// Most sets.
const MOST_SETS: usize = 10;
/// Weak prior on the slopes, as strong as one member.
const RIDGE: f64 = 1.0;

/// How many sets an ensemble of so many members has.
pub(crate) fn n_sets(members: usize) -> usize {
    (members / MEMBERS_PER_SET).clamp(1, MOST_SETS)
}

/// The set of a member; the two members of an opposite pair share theirs.
pub(crate) fn set_of(member: usize, n_sets: usize) -> usize {
    member / 2 % n_sets
}

/// Predictions without the luck of their set: g = a + B z + luck of the set, fitted with the slopes B within sets, less the luck.
///
/// The lucks add up to zero over members. One set leaves predictions as they are.
pub(crate) fn aligned(parameters: &Matrix, predictions: Matrix, n_sets: usize) -> Matrix {
    if n_sets < 2 {
        return predictions;
    }
    let (z_means, g_means) = (set_means(parameters, n_sets), set_means(&predictions, n_sets));
    let within = |of: &Matrix, means: &Matrix| {
        let mut result = of.clone();
        for member in 0..of.n_rows() {
            for k in 0..of.n_columns() {
                result[(member, k)] -= means[(set_of(member, n_sets), k)];
            }
        }
        result
    };
    let slopes = Linear::fit(&within(parameters, &z_means), &within(&predictions, &g_means), RIDGE);
    let Some(slopes) = slopes.map(|linear| linear.slopes) else {
        return predictions;
    };
    let lucks: Vec<Vec<f64>> = (0..n_sets)
        .map(|set| {
            let explained = slopes.times_vector(z_means.row(set));
            g_means.row(set).iter().zip(explained).map(|(g, e)| g - e).collect()
        })
        .collect();
    let n = predictions.n_rows() as f64;
    let mut result = predictions;
    for k in 0..result.n_columns() {
        let average = (0..result.n_rows())
            .map(|member| lucks[set_of(member, n_sets)][k])
            .sum::<f64>()
            / n;
        for member in 0..result.n_rows() {
            result[(member, k)] -= lucks[set_of(member, n_sets)][k] - average;
        }
    }
    result
}

/// Mean of the members of each set, one row per set.
fn set_means(rows: &Matrix, n_sets: usize) -> Matrix {
    let mut sums = Matrix::zeros(n_sets, rows.n_columns());
    let mut counts = vec![0.0; n_sets];
    for (member, row) in rows.rows().enumerate() {
        let set = set_of(member, n_sets);
        counts[set] += 1.0;
        for (k, value) in row.iter().enumerate() {
            sums[(set, k)] += value;
        }
    }
    for set in 0..n_sets {
        for k in 0..rows.n_columns() {
            sums[(set, k)] /= counts[set];
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calibrate::iterate::normals;

    #[test]
    fn luck_of_a_set_is_taken_out_and_what_the_numbers_do_is_kept() {
        let (members, sets) = (60, 6);
        let z = normals(3, 0, 0, members, 2);
        let right = |row: &[f64]| 0.5 * row[0] - 2.0 * row[1];
        let luck = |member: usize| [3.0, -1.0, 0.5, -2.5, 4.0, -4.0][set_of(member, sets)];
        let rows: Vec<[f64; 1]> = z.rows().enumerate().map(|(k, row)| [right(row) + luck(k)]).collect();
        let aligned = aligned(&z, Matrix::from_rows(&rows), sets);
        for (k, row) in z.rows().enumerate() {
            // The ridge shrinks slopes by a sixtieth or so; set means of ten members differ by less than one.
            assert!(
                (aligned[(k, 0)] - right(row)).abs() < 0.1,
                "{} {}",
                aligned[(k, 0)],
                right(row)
            );
        }
    }

    #[test]
    fn opposite_pairs_share_their_patients_and_small_ensembles_have_one_set() {
        assert_eq!((n_sets(12), n_sets(40), n_sets(500)), (1, 4, 10));
        assert!((0..50).all(|pair| set_of(2 * pair, 10) == set_of(2 * pair + 1, 10)));
    }
}
