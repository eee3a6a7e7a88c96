//! Random numbers by place: a hash of what they are for, so that no order of drawing matters.
//!
//! SplitMix64's mixing function (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195), folded over the words of the place.

/// 64 random bits of a place.
pub(super) fn bits(place: &[u64]) -> u64 {
    place.iter().fold(0x243F_6A88_85A3_08D3, |state, word| {
        mix((state ^ word).wrapping_add(0x9E37_79B9_7F4A_7C15))
    })
}

/// Uniform whole number below `n`, which is not zero (n small against 2^64: the bias is nothing).
pub(super) fn below(place: &[u64], n: usize) -> usize {
    ((u128::from(bits(place)) * n as u128) >> 64) as usize
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First outputs of SplitMix64 with seed 0, as in the reference implementation (Vigna, splitmix64.c).
    #[test]
    fn mixing_is_that_of_splitmix64() {
        let step = 0x9E37_79B9_7F4A_7C15_u64;
        assert_eq!(mix(step), 0xE220_A839_7B1D_CDAF);
        assert_eq!(mix(step.wrapping_mul(2)), 0x6E78_9E6A_A1B9_65F4);
    }

    #[test]
    fn whole_numbers_are_even() {
        let mut counts = [0_u32; 7];
        (0..70_000).for_each(|k| counts[below(&[3, k], 7)] += 1);
        // Five standard deviations of a binomial count of mean 10,000.
        assert!(counts.iter().all(|c| c.abs_diff(10_000) < 463), "{counts:?}");
    }
}
