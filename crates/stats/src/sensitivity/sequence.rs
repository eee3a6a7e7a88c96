//! Sobol's sequence: points that fill the unit cube evenly, plain or scrambled.
//!
//! Direction numbers: Joe & Kuo 2008 (SIAM J Sci Comput 30:2635), their licence beside them. Order of the points: Gray code
//! (Antonov & Saleev 1979). Scrambling: Owen's nested permutation of binary digits (Owen 1995, in Monte Carlo and Quasi-Monte
//! Carlo Methods in Scientific Computing, Springer), its coin tosses read off a hash of the digits before.
//!
//! Checked: validation/sensitivity/ (plain points as scipy.stats.qmc gives them, bit for bit).

use std::sync::OnceLock;

use super::random;

/// Most dimensions of a sequence.
pub const MOST_DIMENSIONS: usize = 250;
/// Binary digits with direction numbers; points repeat after 2^32.
const DIGITS: usize = 32;

/// A sequence of points in some number of dimensions; each point can be had by itself.
#[derive(Clone, Debug)]
pub struct Sequence {
    dimensions: usize,
    scrambled_by: Option<u64>,
}

impl Sequence {
    /// Sobol's points as they are: the first is the origin. `None` above [`MOST_DIMENSIONS`].
    pub fn plain(dimensions: usize) -> Option<Sequence> {
        (dimensions <= MOST_DIMENSIONS).then_some(Sequence {
            dimensions,
            scrambled_by: None,
        })
    }

    /// Scrambled points: each is uniform on the open cube, all together are as even as the plain ones.
    pub fn scrambled(dimensions: usize, seed: u64) -> Option<Sequence> {
        Sequence::plain(dimensions).map(|plain| Sequence {
            scrambled_by: Some(seed),
            ..plain
        })
    }

    /// Point number `index`, from 0.
    pub fn point(&self, index: u32) -> Vec<f64> {
        let gray = index ^ (index >> 1);
        let coordinate = |dimension: usize| {
            let directions = &directions()[dimension];
            let digits = (0..DIGITS)
                .filter(|&k| gray >> k & 1 == 1)
                .fold(0, |x, k| x ^ directions[k]);
            match self.scrambled_by {
                None => f64::from(digits) / 2_f64.powi(32),
                Some(seed) => scrambled(digits, &[seed, dimension as u64]),
            }
        };
        (0..self.dimensions).map(coordinate).collect()
    }
}

/// The number with binary digits `digits`, each flipped or not by a coin that only numbers with the same digits before share;
/// 20 random digits follow.
fn scrambled(digits: u32, place: &[u64; 2]) -> f64 {
    let coin = |before: usize, value: u32| random::bits(&[place[0], place[1], before as u64, u64::from(value)]);
    let flips = (0..DIGITS).fold(0_u32, |flips, before| {
        let value = digits.checked_shr((DIGITS - before) as u32).unwrap_or(0);
        flips << 1 | (coin(before, value) & 1) as u32
    });
    let rest = coin(DIGITS, digits) >> 44;
    let all = u64::from(digits ^ flips) << 20 | rest;
    (all as f64 + 0.5) / 2_f64.powi(52)
}

/// Direction numbers of every dimension, first digit first.
fn directions() -> &'static [[u32; DIGITS]] {
    static DIRECTIONS: OnceLock<Vec<[u32; DIGITS]>> = OnceLock::new();
    DIRECTIONS.get_or_init(|| {
        let first: [u32; DIGITS] = std::array::from_fn(|k| 1 << (DIGITS - 1 - k));
        let lines = include_str!("new-joe-kuo-6.250.txt").lines();
        let others = lines.filter(|line| !line.starts_with('#')).map(direction_numbers);
        std::iter::once(first).chain(others).collect()
    })
}

/// The recurrence of Joe & Kuo 2008, eq. 2, from `degree coefficients m_1 .. m_degree`.
fn direction_numbers(line: &str) -> [u32; DIGITS] {
    let numbers = line
        .split(' ')
        .map(|n| n.parse().expect("the table holds whole numbers"));
    let numbers: Vec<u32> = numbers.collect();
    let (degree, inner, start) = (numbers[0] as usize, numbers[1], &numbers[2..]);
    let mut v = [0; DIGITS];
    for k in 0..DIGITS {
        v[k] = if k < degree {
            start[k] << (DIGITS - 1 - k)
        } else {
            let coefficients = (1..degree).filter(|j| inner >> (degree - 1 - j) & 1 == 1);
            let sum = coefficients.fold(0, |sum, j| sum ^ v[k - j]);
            sum ^ v[k - degree] ^ v[k - degree] >> degree
        };
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_has_as_many_dimensions_as_promised() {
        assert_eq!(directions().len(), MOST_DIMENSIONS);
        assert!(Sequence::plain(MOST_DIMENSIONS + 1).is_none());
    }

    /// 2^10 points of any one dimension hit every one of 2^10 equal intervals once; of the first two every box of area 2^-10.
    #[test]
    fn scrambled_points_are_still_a_net() {
        let sequence = Sequence::scrambled(40, 7).expect("few dimensions");
        let points: Vec<Vec<f64>> = (0..1024).map(|k| sequence.point(k)).collect();
        for dimension in 0..40 {
            let mut hit = [false; 1024];
            points.iter().for_each(|p| hit[(p[dimension] * 1024.0) as usize] = true);
            assert!(hit.iter().all(|&h| h), "dimension {dimension}");
        }
        for (columns, rows) in [(32_usize, 32_usize), (64, 16), (2, 512), (256, 4)] {
            let mut hit = vec![false; 1024];
            for p in &points {
                hit[(p[0] * columns as f64) as usize * rows + (p[1] * rows as f64) as usize] = true;
            }
            assert!(hit.iter().all(|&h| h), "{columns} x {rows}");
        }
    }

    #[test]
    fn seeds_give_other_points_and_the_same_seed_the_same() {
        let at = |seed| Sequence::scrambled(3, seed).expect("few dimensions").point(5);
        assert_eq!(at(1), at(1));
        assert_ne!(at(1), at(2));
    }

    /// Mean of prod (1 + (x_j - 1/2)) over `n` points of 6 dimensions; the integral is 1.
    fn mean_of_product(n: u32, seed: u64) -> f64 {
        let sequence = Sequence::scrambled(6, seed).expect("few dimensions");
        let value = |k| -> f64 { sequence.point(k).iter().map(|x| 0.5 + x).product() };
        (0..n).map(value).sum::<f64>() / f64::from(n)
    }

    /// Plain Monte Carlo has a standard error of sqrt((13/12)^6 - 1)/sqrt(n) = 0.0245 at 1,024 points and half of it at 4,096.
    /// Scrambled points do at least twenty times better, and gain more than a factor of four from four times the points.
    #[test]
    fn known_integral_is_met_faster_than_by_chance() {
        let error = |n| {
            let squares = (0..32).map(|seed| (mean_of_product(n, seed) - 1.0).powi(2));
            (squares.sum::<f64>() / 32.0).sqrt()
        };
        let (few, many) = (error(1024), error(4096));
        assert!(few < 0.0245 / 20.0 && many < few / 4.0, "{few} {many}");
    }
}
