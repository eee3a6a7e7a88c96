//! Dropping arms or subgroups at a look: closed testing with stages combined by the inverse normal method.

use crate::distribution::{normal_cdf, normal_quantile};
use crate::sequential::combined_z;

/// One hypothesis in the second stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StageTwo {
    /// Went on, with this one-sided p value from the second stage's subjects alone.
    Kept(f64),
    /// Was dropped.
    Dropped,
}

/// Simes' p value of an intersection: valid for independent and for positively dependent one-sided tests, such as arms
/// that share a control or a population and its subgroup.
///
/// Source: Simes 1986, Biometrika 73:751; Sarkar 1998, Ann Stat 26:494. One without members.
pub fn intersection_p_value(p: &[f64]) -> f64 {
    let mut sorted = p.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let scaled = sorted.iter().enumerate().map(|(k, p)| n * p / (k + 1) as f64);
    scaled.fold(1.0, f64::min)
}

/// Which hypotheses are rejected at one-sided `alpha`, with control of the probability of any false rejection.
///
/// `first` are p values of the first stage; `planned` is its planned information fraction, in (0, 1). Every intersection
/// is tested with the p value of its members in each stage; an intersection all of whose members were dropped cannot be
/// rejected. The rule that dropped them may be anything that looked at the first stage.
/// Source: Bretz et al. 2006, Biom J 48:623; Brannath et al. 2009, Stat Med 28:1445. At most 16 hypotheses.
/// Checked: validation/stats/adaptive/.
pub fn adaptive_closed_test(first: &[f64], second: &[StageTwo], planned: f64, alpha: f64) -> Vec<bool> {
    assert_eq!(first.len(), second.len(), "two stages of each hypothesis");
    assert!(first.len() <= 16, "at most 16 hypotheses");
    assert!(planned > 0.0 && planned < 1.0, "a fraction inside");
    let n = first.len();
    let mut rejected = vec![true; n];
    for set in 1usize..1 << n {
        let members = || (0..n).filter(|k| set >> k & 1 == 1);
        let p1 = intersection_p_value(&members().map(|k| first[k]).collect::<Vec<_>>());
        let kept = members().filter_map(|k| match second[k] {
            StageTwo::Kept(p) => Some(p),
            StageTwo::Dropped => None,
        });
        let p2 = intersection_p_value(&kept.collect::<Vec<_>>());
        if combined_p_value(p1, p2, planned) > alpha {
            members().for_each(|k| rejected[k] = false);
        }
    }
    let is_kept = |(k, r): (usize, bool)| r && matches!(second[k], StageTwo::Kept(_));
    rejected.into_iter().enumerate().map(is_kept).collect()
}

/// Inverse normal combination of two stages; p values of 0 and 1 are taken to the ends of the normal law's reach.
fn combined_p_value(first: f64, second: f64, planned: f64) -> f64 {
    let z = |p: f64| -normal_quantile(p.clamp(1e-300, 1.0 - 1e-16));
    normal_cdf(-combined_z(z(first), z(second), planned))
}
