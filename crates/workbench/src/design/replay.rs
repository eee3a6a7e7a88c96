//! Trials drawn from the pool, look by look.

use malar_patients::random::{Key, Purpose, Stream};
use malar_stats::distribution::normal_quantile;
use malar_stats::stratified::{Stratum, Variance, mantel_haenszel_difference};

use super::pool::{Patient, Pool};
use super::{Boundaries, Characteristics, Look, Mixing};

/// A design at one size, to be tried many times.
pub(super) struct Plan<'a> {
    pub pool: &'a Pool,
    pub boundaries: &'a Boundaries,
    pub alpha: f64,
    pub patients: u32,
    pub trials: u32,
    pub mixing: Mixing,
    pub seed: u64,
}

/// Whether the drug works.
#[derive(Clone, Copy, PartialEq)]
enum Truth {
    AsSimulated,
    /// The arm's patients are drawn from the control's.
    NoEffect,
}

/// How one trial went.
struct Outcome {
    look: usize,
    won: bool,
    estimate: f64,
    /// It would have won with one look at the end.
    won_at_end: bool,
}

/// Counts over trials.
struct Tally {
    wins: Vec<u32>,
    gives_up: Vec<u32>,
    won_at_end: u32,
    estimates: f64,
    patients: f64,
}

impl Plan<'_> {
    pub fn characteristics(&self) -> Characteristics {
        let (real, null) = (self.tally(Truth::AsSimulated), self.tally(Truth::NoEffect));
        let n = f64::from(self.trials);
        let share = |counts: &[u32]| f64::from(counts.iter().sum::<u32>()) / n;
        let se = |p: f64| (p * (1.0 - p) / n).sqrt();
        let (power, error) = (share(&real.wins), share(&null.wins));
        Characteristics {
            patients: self.patients,
            power,
            power_se: se(power),
            type_one_error: error,
            type_one_error_se: se(error),
            expected_patients: real.patients / n,
            expected_patients_null: null.patients / n,
            power_single_look: f64::from(real.won_at_end) / n,
            mean_estimate: 100.0 * real.estimates / n,
            looks: self.looks(&real),
            looks_null: self.looks(&null),
        }
    }

    fn looks(&self, tally: &Tally) -> Vec<Look> {
        let n = f64::from(self.trials);
        let look = |k: usize| Look {
            patients: self.seen_at(k),
            wins: f64::from(tally.wins[k]) / n,
            gives_up: f64::from(tally.gives_up[k]) / n,
        };
        (0..self.boundaries.looks.len()).map(look).collect()
    }

    /// Patients with the endpoint at a look.
    fn seen_at(&self, look: usize) -> u32 {
        (f64::from(self.patients) * self.boundaries.looks[look]).round() as u32
    }

    fn tally(&self, truth: Truth) -> Tally {
        let n_looks = self.boundaries.looks.len();
        let mut tally = Tally {
            wins: vec![0; n_looks],
            gives_up: vec![0; n_looks],
            won_at_end: 0,
            estimates: 0.0,
            patients: 0.0,
        };
        let mut table = vec![Stratum::default(); self.pool.n_strata];
        for trial in 0..self.trials {
            let outcome = self.one(truth, trial, &mut table);
            let counts = if outcome.won {
                &mut tally.wins
            } else {
                &mut tally.gives_up
            };
            counts[outcome.look] += 1;
            tally.won_at_end += u32::from(outcome.won_at_end);
            tally.estimates += outcome.estimate;
            tally.patients += f64::from(self.seen_at(outcome.look));
        }
        tally
    }

    /// One trial; it is drawn to its end even if it stops, for the comparison with a single look.
    fn one(&self, truth: Truth, trial: u32, table: &mut [Stratum]) -> Outcome {
        let mut stream = Stream::new(Key {
            seed: self.seed,
            replicate: trial,
            patient: self.patients,
            purpose: Purpose::Conduct,
            visit: 1 + u16::from(truth == Truth::NoEffect),
        });
        let (treated, control) = self.sources(truth, &mut stream);
        table.fill(Stratum::default());
        let (mut seen, mut stopped) = (0, None);
        let last = self.boundaries.looks.len() - 1;
        for look in 0..=last {
            let until = self.seen_at(look);
            for patient in seen..until {
                // Arms take turns: the tightest block randomisation there is.
                let (source, is_treated) = if patient % 2 == 0 {
                    (treated, true)
                } else {
                    (control, false)
                };
                let drawn = source[stream.below(source.len())];
                count(table, drawn, is_treated);
            }
            seen = until;
            let (estimate, z) = analysed(table);
            let won = z >= self.boundaries.upper[look];
            let gives_up = self.boundaries.lower.get(look).is_some_and(|bound| z < *bound);
            if stopped.is_none() && (won || gives_up || look == last) {
                stopped = Some((look, won, estimate));
            }
            if look == last {
                let (look, won, estimate) = stopped.expect("the last look stops a trial");
                return Outcome {
                    look,
                    won,
                    estimate,
                    won_at_end: z >= -normal_quantile(self.alpha),
                };
            }
        }
        unreachable!("a design has a look")
    }

    /// Whom this trial's arms are drawn from.
    fn sources(&self, truth: Truth, stream: &mut Stream) -> (&[Patient], &[Patient]) {
        let treated = if truth == Truth::NoEffect {
            &self.pool.control
        } else {
            &self.pool.treated
        };
        match self.mixing {
            Mixing::AllTrials => (&treated.patients, &self.pool.control.patients),
            Mixing::OneTrial => {
                let trial = stream.below(self.pool.n_trials);
                (treated.of_trial(trial), self.pool.control.of_trial(trial))
            }
        }
    }
}

fn count(table: &mut [Stratum], patient: Patient, is_treated: bool) {
    let stratum = &mut table[usize::from(patient.stratum)];
    let count = if is_treated {
        &mut stratum.treated
    } else {
        &mut stratum.control
    };
    count.n += 1;
    count.responders += u32::from(patient.responded);
}

/// Mantel-Haenszel difference and its z; a table that says nothing is no success.
fn analysed(table: &[Stratum]) -> (f64, f64) {
    match mantel_haenszel_difference(table, Variance::Sato) {
        Some(d) if d.standard_error > 0.0 => (d.estimate, d.estimate / d.standard_error),
        _ => (0.0, 0.0),
    }
}
