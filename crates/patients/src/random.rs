//! Counter-based random streams: a number depends on (seed, replicate, patient, purpose, visit) and on nothing else.
//!
//! Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", doi:10.1145/2063384.2063405). Arms share
//! their patients' luck because no stream is keyed by arm.

use malar_solver::math;

/// What a stream is for. Streams of different purposes are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Purpose {
    /// Parameters of a virtual patient.
    Parameters = 1,
    /// Times, sizes and organs of flare triggers.
    Triggers = 2,
    /// Visit noise of raters and assays.
    Assessment = 3,
    /// Decisions at a visit: rescue, taper, drop-out.
    Decisions = 4,
    /// Order of arms within randomisation blocks.
    Randomisation = 5,
    /// What a whole trial shares: between-trial effects.
    Trial = 6,
    /// Random effects of drug kinetics.
    Kinetics = 7,
    /// Time and success of making a product for one patient.
    Manufacture = 8,
    /// Adverse events.
    Safety = 9,
    /// How a trial is run: follow-up after stopping, sites, arrival, adherence.
    Conduct = 10,
    /// Values filled in by an analysis.
    Imputation = 11,
    /// How single items show in a patient, for good.
    Presentation = 12,
    /// Joints after steroids.
    Joints = 30,
    /// Visit noise of urine, creatinine, CLASI and joint counts, drawn only where a trial measures them.
    SingleOrgans = 20,
    /// Ensembles of a calibration.
    Calibration = 64,
}

/// Who and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Seed of the run.
    pub seed: u64,
    /// Replicate of the trial.
    pub replicate: u32,
    /// Patient (or stratum, for randomisation).
    pub patient: u32,
    /// What for.
    pub purpose: Purpose,
    /// Visit number, 0 where there is none.
    pub visit: u16,
}

/// An endless sequence of independent numbers.
#[derive(Clone, Debug)]
pub struct Stream {
    key: [u32; 2],
    counter: [u32; 4],
    block: [u32; 4],
    used: usize,
}

impl Stream {
    /// The stream of a key, from its beginning.
    pub fn new(key: Key) -> Self {
        Stream {
            key: [key.seed as u32, (key.seed >> 32) as u32],
            counter: [
                0,
                (key.purpose as u32) << 16 | u32::from(key.visit),
                key.patient,
                key.replicate,
            ],
            block: [0; 4],
            used: 4,
        }
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        if self.used >= 4 {
            self.block = philox(self.counter, self.key);
            self.counter[0] = self.counter[0].wrapping_add(1);
            self.used = 0;
        }
        let pair = u64::from(self.block[self.used]) << 32 | u64::from(self.block[self.used + 1]);
        self.used += 2;
        pair
    }

    /// Uniform on the open interval (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
    }

    /// Standard normal, by inversion: one uniform per draw.
    pub fn normal(&mut self) -> f64 {
        crate::normal::quantile(self.uniform())
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -math::ln(self.uniform())
    }

    /// Gamma with `shape` > 0 and scale 1 (Marsaglia & Tsang 2000, doi:10.1145/358407.358414).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = math::exp(-self.exponential() / shape);
            return self.gamma(shape + 1.0) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let t = 1.0 + c * x;
            if t <= 0.0 {
                continue;
            }
            let v = t * t * t;
            if math::ln(self.uniform()) < 0.5 * x * x + d * (1.0 - v + math::ln(v)) {
                return d * v;
            }
        }
    }

    /// Beta with positive parameters.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let x = self.gamma(a);
        x / (x + self.gamma(b))
    }

    /// Uniform integer below `n` (n small; the bias of order n / 2^52 is nothing).
    pub fn below(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n - 1)
    }
}

/// One block of Philox4x32 with ten rounds.
fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let a = u64::from(counter[0]) * 0xD251_1F53;
        let b = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (b >> 32) as u32 ^ counter[1] ^ key[0],
            b as u32,
            (a >> 32) as u32 ^ counter[3] ^ key[1],
            a as u32,
        ];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of the authors' Random123 library (kat_vectors, philox4x32 10).
    #[test]
    fn philox_gives_the_published_known_answers() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    fn stream(patient: u32) -> Stream {
        Stream::new(Key {
            seed: 7,
            replicate: 0,
            patient,
            purpose: Purpose::Parameters,
            visit: 0,
        })
    }

    #[test]
    fn a_patients_numbers_do_not_depend_on_other_patients() {
        let alone: Vec<u64> = (0..5).map(|_| 0).scan(stream(3), |s, _| Some(s.bits())).collect();
        let mut other = stream(2);
        other.bits();
        let again: Vec<u64> = (0..5).map(|_| 0).scan(stream(3), |s, _| Some(s.bits())).collect();
        assert_eq!(alone, again);
        assert_ne!(alone[0], stream(2).bits());
    }

    /// Means of 40,000 draws lie within five standard errors of the exact means.
    #[test]
    fn moments_are_those_of_the_named_distributions() {
        let n = 40_000;
        let mut s = stream(1);
        let mean = |f: &mut dyn FnMut() -> f64| (0..n).map(|_| f()).sum::<f64>() / f64::from(n);
        let se = |sd: f64| 5.0 * sd / f64::from(n).sqrt();
        assert!((mean(&mut || s.normal())).abs() < se(1.0));
        assert!((mean(&mut || s.exponential()) - 1.0).abs() < se(1.0));
        assert!((mean(&mut || s.gamma(2.5)) - 2.5).abs() < se(2.5f64.sqrt()));
        assert!((mean(&mut || s.gamma(0.4)) - 0.4).abs() < se(0.4f64.sqrt()));
        assert!((mean(&mut || s.beta(4.0, 6.0)) - 0.4).abs() < se(0.15));
    }
}
