//! Partial rank correlation: how monotonically a result goes with one input when the others are held.
//!
//! Source: Marino et al. 2008, J Theor Biol 254:178. Checked: validation/sensitivity/ (ranks and regressions in numpy and scipy).

use crate::Interval;
use crate::distribution::{student_two_sided_p_value, two_sided_quantile};
use crate::error::FitError;
use crate::matrix::{Cholesky, Matrix};

/// Partial rank correlation of one input with the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankCorrelation {
    /// In -1..1.
    pub value: f64,
    /// Fisher's z interval.
    pub interval: Interval,
    /// Against no monotone relation, from Student's t.
    pub p_value: f64,
}

/// Correlations of every input: `inputs[row][input]`, one result per row; `level` of the intervals, 0 to 1.
///
/// Needs more rows than inputs plus three, and no input or result that is constant or a combination of others in ranks.
pub fn partial_rank_correlations(
    inputs: &[Vec<f64>],
    results: &[f64],
    level: f64,
) -> Result<Vec<RankCorrelation>, FitError> {
    let (n, k) = (results.len(), inputs.first().map_or(0, Vec::len));
    assert_eq!(inputs.len(), n, "one result per row");
    if n < k + 4 {
        return Err(FitError::TooFew);
    }
    FitError::check_finite(inputs.iter().flatten().chain(results))?;
    let column = |j: usize| inputs.iter().map(|row| row[j]).collect::<Vec<f64>>();
    let mut columns: Vec<Vec<f64>> = (0..k).map(|j| ranks(&column(j))).collect();
    columns.push(ranks(results));
    let precision = precision_of(&columns).ok_or(FitError::Singular)?;
    let of_input = |j: usize| {
        let r = -precision[(j, k)] / (precision[(j, j)] * precision[(k, k)]).sqrt();
        with_errors(r.clamp(-1.0, 1.0), n, k, level)
    };
    Ok((0..k).map(of_input).collect())
}

/// Interval and p value of a partial correlation of `n` rows with `k - 1` inputs held.
fn with_errors(r: f64, n: usize, k: usize, level: f64) -> RankCorrelation {
    let df = (n - k - 1) as f64;
    let t = r * (df / (1.0 - r * r)).sqrt();
    let half = two_sided_quantile(level) / ((n - k - 2) as f64).sqrt();
    let z = libm::atanh(r);
    RankCorrelation {
        value: r,
        interval: Interval {
            low: libm::tanh(z - half),
            high: libm::tanh(z + half),
        },
        p_value: if t.is_finite() {
            student_two_sided_p_value(t, df)
        } else {
            0.0
        },
    }
}

/// Ranks from 1; equal values share the mean of their ranks.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let same = |&&i: &&usize| values[i].total_cmp(&values[order[start]]).is_eq();
        let n = order[start..].iter().take_while(same).count();
        for &i in &order[start..start + n] {
            ranks[i] = start as f64 + 0.5 * (n as f64 + 1.0);
        }
        start += n;
    }
    ranks
}

/// Inverse of the correlation matrix.
fn precision_of(columns: &[Vec<f64>]) -> Option<Matrix> {
    let centred: Vec<Vec<f64>> = columns.iter().map(|c| standardised(c)).collect::<Option<_>>()?;
    let mut correlation = Matrix::zeros(columns.len(), columns.len());
    for i in 0..columns.len() {
        for j in 0..columns.len() {
            correlation[(i, j)] = centred[i].iter().zip(&centred[j]).map(|(x, y)| x * y).sum();
        }
    }
    Some(Cholesky::new(&correlation)?.inverse())
}

/// Mean zero, sum of squares one; `None` for a constant.
fn standardised(column: &[f64]) -> Option<Vec<f64>> {
    let mean = column.iter().sum::<f64>() / column.len() as f64;
    let centred: Vec<f64> = column.iter().map(|x| x - mean).collect();
    let length = centred.iter().map(|x| x * x).sum::<f64>().sqrt();
    (length > 0.0).then(|| centred.iter().map(|x| x / length).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sensitivity::sequence::Sequence;

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[30.0, 10.0, 20.0, 10.0]), [4.0, 1.5, 3.0, 1.5]);
    }

    /// The result rises steeply with the first input and up and down again with the second.
    #[test]
    fn steep_but_monotone_is_near_one_and_up_and_down_near_zero() {
        let points = Sequence::scrambled(2, 5).expect("two dimensions");
        let inputs: Vec<Vec<f64>> = (0..256).map(|k| points.point(k)).collect();
        let result = |x: &Vec<f64>| (12.0 * x[0]).exp() * (1.0 + x[1] * (1.0 - x[1]));
        let results: Vec<f64> = inputs.iter().map(result).collect();
        let found = partial_rank_correlations(&inputs, &results, 0.95).expect("256 rows");
        assert!(found[0].value > 0.99 && found[0].p_value < 1e-6);
        // Four standard errors of a correlation that is zero.
        assert!(found[1].value.abs() < 4.0 / 256_f64.sqrt());
    }

    #[test]
    fn constants_and_few_rows_are_refused() {
        let inputs: Vec<Vec<f64>> = (0..10).map(|k| vec![f64::from(k)]).collect();
        let constant = [1.0; 10];
        assert_eq!(
            partial_rank_correlations(&inputs, &constant, 0.95),
            Err(FitError::Singular)
        );
        assert_eq!(
            partial_rank_correlations(&inputs[..4], &constant[..4], 0.95),
            Err(FitError::TooFew)
        );
    }
}
