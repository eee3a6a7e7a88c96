//! Plain description of a slice of finite numbers, summed in the order given.

/// Arithmetic mean; `None` for an empty slice.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Sample standard deviation (divisor n - 1), two passes; `None` below two values.
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    let centre = mean(values)?;
    let squares: f64 = values.iter().map(|x| (x - centre) * (x - centre)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// Mean with `weights` of the same length, at least zero; `None` if they sum to zero.
pub fn weighted_mean(values: &[f64], weights: &[f64]) -> Option<f64> {
    assert_eq!(values.len(), weights.len(), "one weight per value");
    let total: f64 = weights.iter().sum();
    let sum: f64 = values.iter().zip(weights).map(|(x, w)| x * w).sum();
    (total > 0.0).then(|| sum / total)
}

/// Quantile at `p`, in [0, 1], linear between order statistics (type 7, the default of R and numpy).
///
/// `None` for an empty slice. Source: Hyndman & Fan 1996, Am Stat 50:361. Checked: validation/stats/descriptive/.
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    quantile_sorted(&sorted, p)
}

/// The same for values already in ascending order, without a copy.
pub fn quantile_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    assert!((0.0..=1.0).contains(&p), "quantile at {p}");
    let last = sorted.len().checked_sub(1)?;
    let position = p * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (position - below as f64) * (sorted[above] - sorted[below]))
}

/// Median; `None` for an empty slice.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}
