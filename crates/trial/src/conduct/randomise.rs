//! Stratified permuted blocks.

use malar_patients::random::{Key, Purpose, Stream};

/// Assigns arms to patients given their strata, in order of enrolment. Each stratum fills permuted blocks of its own;
/// in a block each arm stands as often as its share of `n_per_arm` says. The arms' totals are close to, not exactly,
/// `n_per_arm`, as in a trial. `list` numbers the randomisations of a trial: 0 for the first, other numbers for later ones.
pub(crate) fn assign_arms(
    strata: &[u16],
    n_per_arm: &[u32],
    block_size: u32,
    (seed, replicate, list): (u64, u32, u16),
) -> Vec<u16> {
    let block = block_template(n_per_arm, block_size);
    let n_strata = strata.iter().max().map_or(0, |s| usize::from(*s) + 1);
    let stream = |stratum| {
        Stream::new(Key {
            seed,
            replicate,
            patient: stratum,
            purpose: Purpose::Randomisation,
            visit: list,
        })
    };
    let mut open: Vec<(Stream, Vec<u16>)> = (0..n_strata as u32).map(|s| (stream(s), Vec::new())).collect();
    let assign = |stratum: &u16| {
        let (stream, rest) = &mut open[usize::from(*stratum)];
        if rest.is_empty() {
            *rest = permuted(&block, stream);
        }
        rest.pop().expect("a block has at least one place")
    };
    strata.iter().map(assign).collect()
}

/// One block in order of arms: the smallest block of at least `block_size` that keeps the arms' ratio.
fn block_template(n_per_arm: &[u32], block_size: u32) -> Vec<u16> {
    let total: u32 = n_per_arm.iter().sum();
    let smallest = (*n_per_arm.iter().min().expect("a trial has arms")).max(1);
    // Ratios are rounded to halves of the smallest arm, so that 184 : 93 : 180 becomes 2 : 1 : 2.
    let units: Vec<u32> = n_per_arm
        .iter()
        .map(|&n| ((f64::from(n) / f64::from(smallest)) * 2.0).round() as u32)
        .collect();
    let divisor = units.iter().copied().fold(0, gcd).max(1);
    let ratio: Vec<u32> = units.iter().map(|u| (u / divisor).max(1)).collect();
    let one: u32 = ratio.iter().sum();
    let copies = block_size.min(total).div_ceil(one).max(1);
    let places = ratio
        .iter()
        .enumerate()
        .flat_map(|(arm, &r)| std::iter::repeat_n(arm as u16, (r * copies) as usize));
    places.collect()
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Fisher–Yates.
fn permuted(block: &[u16], stream: &mut Stream) -> Vec<u16> {
    let mut places = block.to_vec();
    for last in (1..places.len()).rev() {
        places.swap(last, stream.below(last + 1));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_block_holds_each_arm_in_its_ratio() {
        let mut block = block_template(&[184, 93, 180], 5);
        assert_eq!(block, [0, 0, 1, 2, 2]);
        block = block_template(&[182, 180], 4);
        assert_eq!(block, [0, 0, 1, 1]);
    }

    #[test]
    fn strata_are_balanced_at_every_full_block() {
        let strata: Vec<u16> = (0..400).map(|k| k % 4).collect();
        let arms = assign_arms(&strata, &[182, 180], 4, (1, 0, 0));
        for stratum in 0..4 {
            let ones = strata
                .iter()
                .zip(&arms)
                .filter(|&(s, a)| *s == stratum && *a == 1)
                .count();
            assert_eq!(ones, 50);
        }
    }

    #[test]
    fn assignment_depends_on_seed_and_replicate_only() {
        let strata = [0; 40];
        let one = assign_arms(&strata, &[20, 20], 4, (1, 0, 0));
        assert_eq!(one, assign_arms(&strata, &[20, 20], 4, (1, 0, 0)));
        assert_ne!(one, assign_arms(&strata, &[20, 20], 4, (1, 1, 0)));
    }
}
