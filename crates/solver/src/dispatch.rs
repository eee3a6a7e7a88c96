//! The only place that asks which vector instructions the CPU has.
//!
//! A [`Kernel`] is ordinary code over [`Lane`](crate::Lane)s, inlined into a function that is compiled for each instruction set.
//! Rust never fuses a multiplication with an addition, so every instruction set gives the same bits; wider vectors only do more lanes
//! per instruction. Nothing here is needed for correct results: [`InstructionSet::BASELINE`] runs everywhere.
#![cfg_attr(
    target_arch = "x86_64",
    expect(
        unsafe_code,
        reason = "calling a function compiled for an instruction set needs the proof that the CPU has it"
    )
)]

/// Code that can be compiled for several instruction sets. Mark `run` and everything it calls `#[inline(always)]`.
pub trait Kernel {
    /// What `run` returns.
    type Output;
    /// The work.
    fn run(self) -> Self::Output;
}

/// A set of vector instructions that this CPU is known to have: a value of this type is the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstructionSet(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl InstructionSet {
    /// What every CPU of the target architecture has; the safe twin of the others.
    pub const BASELINE: InstructionSet = InstructionSet(Level::Baseline);

    /// Every set this CPU has, widest last.
    #[must_use]
    pub fn available() -> Vec<InstructionSet> {
        let sets = [Self::BASELINE].into_iter();
        #[cfg(target_arch = "x86_64")]
        let sets = {
            // Every CPU with AVX2 but a few by VIA has fused multiplications too; machine code uses both.
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl");
            sets.chain(avx2.then_some(InstructionSet(Level::Avx2)))
                .chain((avx2 && avx512).then_some(InstructionSet(Level::Avx512)))
        };
        sets.collect()
    }

    /// The widest set this CPU has.
    #[must_use]
    pub fn detect() -> InstructionSet {
        Self::available().pop().unwrap_or(Self::BASELINE)
    }

    /// Width of a vector in lanes if the set has the vectors of AVX2 (4) or AVX-512 (8): what run-time machine code is made for.
    #[must_use]
    pub fn vector_lanes(self) -> Option<usize> {
        match self.0 {
            Level::Baseline => None,
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Some(4),
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => Some(8),
        }
    }

    /// Runs `kernel` compiled for this set.
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Level::Baseline => kernel.run(),
            // SAFETY: only `available` makes these values, after asking the CPU for every feature enabled below.
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => unsafe { avx2(kernel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => unsafe { avx512(kernel) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run()
}
