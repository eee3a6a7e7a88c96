//! Random numbers for the simulated trials.

use malar_stats::Count;
use malar_stats::distribution::normal_quantile;

/// A splitmix64 stream (Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195).
pub struct Dice(u64);

impl Dice {
    /// The stream of a method, from its name (FNV-1a).
    pub fn named(name: &str) -> Dice {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let mut dice = Dice(name.bytes().fold(0xcbf2_9ce4_8422_2325, mix));
        Dice(dice.bits())
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform on (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// Poisson, by counting exponentials.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        let (mut sum, mut events) = (self.exponential(), 0);
        while sum < mean {
            sum += self.exponential();
            events += 1;
        }
        events
    }

    /// Responders among `n` subjects with share `p`.
    pub fn count(&mut self, n: u32, p: f64) -> Count {
        let responders = (0..n).filter(|_| self.chance(p)).count() as u32;
        Count { responders, n }
    }
}
