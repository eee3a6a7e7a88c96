//! Minimisation: the arm that leaves the marginal totals most alike is preferred.
//!
//! Source: Pocock & Simon 1975, Biometrics 31:103, with the range as measure of imbalance and all factors alike.

use malar_patients::random::{Key, Purpose, Stream};

/// Assigns arms to patients given their strata (`n_factors` yes/no rules as bits), in order of enrolment.
///
/// The best arm, or one of several that are equally good, is taken with `probability`, else one of the others; a patient for
/// whom all arms are alike is randomised in the ratio of `n_per_arm`.
pub(crate) fn minimise(
    strata: &[u16],
    n_per_arm: &[u32],
    (n_factors, probability): (usize, f64),
    seed: u64,
    replicate: u32,
) -> Vec<u16> {
    // Totals by factor, level and arm; the last factor is the trial as a whole.
    let mut totals = vec![[vec![0u32; n_per_arm.len()], vec![0u32; n_per_arm.len()]]; n_factors + 1];
    let levels = |stratum: u16| (0..=n_factors).map(move |f| usize::from(f < n_factors && stratum >> f & 1 == 1));
    let mut arms = Vec::with_capacity(strata.len());
    for (patient, &stratum) in strata.iter().enumerate() {
        let mut stream = Stream::new(Key {
            seed,
            replicate,
            patient: patient as u32,
            purpose: Purpose::Randomisation,
            visit: 1,
        });
        let imbalance = |arm: usize| -> f64 {
            let of_level = levels(stratum)
                .enumerate()
                .map(|(f, level)| range(&totals[f][level], n_per_arm, arm));
            of_level.sum()
        };
        let imbalances: Vec<f64> = (0..n_per_arm.len()).map(imbalance).collect();
        let arm = preferred(&imbalances, n_per_arm, probability, &mut stream);
        for (f, level) in levels(stratum).enumerate() {
            totals[f][level][arm] += 1;
        }
        arms.push(arm as u16);
    }
    arms
}

/// Largest minus smallest share of its planned size that an arm would have with one patient more in `arm`.
fn range(totals: &[u32], n_per_arm: &[u32], arm: usize) -> f64 {
    let share = |k: usize| f64::from(totals[k] + u32::from(k == arm)) / f64::from(n_per_arm[k]);
    let shares = || (0..totals.len()).map(share);
    shares().fold(f64::MIN, f64::max) - shares().fold(f64::MAX, f64::min)
}

fn preferred(imbalances: &[f64], n_per_arm: &[u32], probability: f64, stream: &mut Stream) -> usize {
    let least = imbalances.iter().copied().fold(f64::MAX, f64::min);
    let is_best = |k: usize| imbalances[k] <= least + 1e-12;
    let n_best = (0..imbalances.len()).filter(|&k| is_best(k)).count();
    let among_best = n_best == imbalances.len() || stream.uniform() < probability;
    let weight = |k: usize| {
        if is_best(k) == among_best {
            f64::from(n_per_arm[k])
        } else {
            0.0
        }
    };
    let total: f64 = (0..imbalances.len()).map(weight).sum();
    let mut left = stream.uniform() * total;
    for k in 0..imbalances.len() {
        left -= weight(k);
        if left < 0.0 {
            return k;
        }
    }
    (0..imbalances.len())
        .rfind(|&k| weight(k) > 0.0)
        .expect("some arm has weight")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worst difference of the arms within any level of any factor.
    fn worst(strata: &[u16], arms: &[u16], n_factors: usize) -> i32 {
        let mut worst = 0;
        for f in 0..n_factors {
            for level in 0..2 {
                let of_level = strata.iter().zip(arms).filter(|(s, _)| **s >> f & 1 == level);
                let difference: i32 = of_level.map(|(_, arm)| if *arm == 0 { 1 } else { -1 }).sum();
                worst = worst.max(difference.abs());
            }
        }
        worst
    }

    #[test]
    fn margins_stay_balanced_where_strata_are_many_and_small() {
        // Six factors, 64 strata, 100 patients: blocks would mostly stay open.
        let strata: Vec<u16> = (0..100u32)
            .map(|k| (k.wrapping_mul(2_654_435_761) >> 20) as u16 & 63)
            .collect();
        for replicate in 0..20 {
            let arms = minimise(&strata, &[50, 50], (6, 0.9), 1, replicate);
            assert!(worst(&strata, &arms, 6) <= 10, "{}", worst(&strata, &arms, 6));
        }
    }

    #[test]
    fn unequal_arms_keep_their_ratio_and_nothing_else_decides() {
        let strata = vec![0; 300];
        let arms = minimise(&strata, &[200, 100], (0, 0.9), 7, 0);
        let second = arms.iter().filter(|arm| **arm == 1).count();
        assert!((95..=105).contains(&second), "{second}");
        assert_eq!(arms, minimise(&strata, &[200, 100], (0, 0.9), 7, 0));
        assert_ne!(arms, minimise(&strata, &[200, 100], (0, 0.9), 7, 1));
        // The first patients do not know how many follow.
        assert_eq!(arms[..50], minimise(&strata[..50], &[200, 100], (0, 0.9), 7, 0)[..]);
    }
}
