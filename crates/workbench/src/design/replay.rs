//! Trials drawn from the pool, look by look.

use malar_patients::random::{Key, Purpose, Stream};
use malar_stats::descriptive::standard_deviation;
use malar_stats::distribution::normal_quantile;
use malar_stats::sequential::{conditional_power, predictive_power};
use malar_stats::stratified::{Continuity, Stratum, Variance, cochran_mantel_haenszel, mantel_haenszel_difference};

use super::accrual::{AccrualFile, Arrival, Calendar, Dates, turned_over};
use super::pool::{Patient, Pool};
use super::urn::Urns;
use super::{Assurance, Boundaries, Characteristics, Look, Mixing};
use crate::posterior::REPLICATES_PER_MEMBER;

/// A design at one size, to be tried many times.
#[derive(Clone, Copy)]
pub(super) struct Plan<'a> {
    pub pool: &'a Pool,
    pub boundaries: &'a Boundaries,
    pub alpha: f64,
    pub patients: u32,
    pub trials: u32,
    pub mixing: Mixing,
    pub accrual: Option<&'a AccrualFile>,
    /// Week of the endpoint.
    pub week: f64,
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
    /// Conditional and predictive power at each look but the last that the trial came to.
    interims: Vec<(f64, f64)>,
    dates: Option<Dates>,
}

/// Counts over trials.
struct Tally {
    wins: Vec<u32>,
    gives_up: Vec<u32>,
    /// Sums of conditional and predictive power by look, and trials that came to it.
    interims: Vec<(f64, f64, u32)>,
    won_at_end: u32,
    estimates: f64,
    patients: f64,
    calendar: Calendar,
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
            calendar: self.accrual.map(|_| self.calendar(&real, &null)),
            assurance: None,
        }
    }

    /// Power averaged over simulated trials, each a world with numbers and a deviation of its own, and its standard error: pairs of trials share a
    /// member of the posterior, so pairs are what is independent.
    pub fn assurance(&self) -> Assurance {
        let pairs = self.pool.n_trials.div_ceil(REPLICATES_PER_MEMBER as usize);
        let (mut wins, mut trials) = (vec![0.0; pairs], vec![0.0; pairs]);
        let mut table = vec![Stratum::default(); self.pool.n_strata];
        for trial in 0..self.trials {
            let pair = self.world(trial) / REPLICATES_PER_MEMBER as usize;
            wins[pair] += f64::from(u8::from(self.one(Truth::AsSimulated, trial, &mut table).won));
            trials[pair] += 1.0;
        }
        let shares: Vec<f64> = wins.iter().zip(&trials).map(|(won, n)| won / n).collect();
        Assurance {
            power: wins.iter().sum::<f64>() / f64::from(self.trials),
            standard_error: standard_deviation(&shares).map(|sd| sd / (pairs as f64).sqrt()),
        }
    }

    fn looks(&self, tally: &Tally) -> Vec<Look> {
        let n = f64::from(self.trials);
        let mean = |sum: f64, n: u32| (n > 0).then(|| sum / f64::from(n));
        let look = |k: usize| Look {
            patients: self.seen_at(k),
            wins: f64::from(tally.wins[k]) / n,
            gives_up: f64::from(tally.gives_up[k]) / n,
            conditional_power: mean(tally.interims[k].0, tally.interims[k].2),
            predictive_power: mean(tally.interims[k].1, tally.interims[k].2),
        };
        (0..self.boundaries.looks.len()).map(look).collect()
    }

    /// Means of what was summed up over trials.
    fn calendar(&self, real: &Tally, null: &Tally) -> Calendar {
        let n = f64::from(self.trials);
        let look = |&(week, enrolled): &(f64, f64)| (week / n, enrolled / n);
        Calendar {
            full_week: real.calendar.full_week / n,
            stop_week: real.calendar.stop_week / n,
            enrolled: real.calendar.enrolled / n,
            stop_week_null: null.calendar.stop_week / n,
            enrolled_null: null.calendar.enrolled / n,
            looks: real.calendar.looks.iter().map(look).collect(),
        }
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
            interims: vec![(0.0, 0.0, 0); n_looks],
            won_at_end: 0,
            estimates: 0.0,
            patients: 0.0,
            calendar: Calendar {
                looks: vec![(0.0, 0.0); n_looks],
                ..Calendar::default()
            },
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
            for (sum, (trend, predictive)) in tally.interims.iter_mut().zip(&outcome.interims) {
                *sum = (sum.0 + trend, sum.1 + predictive, sum.2 + 1);
            }
            tally.won_at_end += u32::from(outcome.won_at_end);
            tally.estimates += outcome.estimate;
            tally.patients += f64::from(self.seen_at(outcome.look));
            if let Some(dates) = &outcome.dates {
                tally.count(dates, outcome.look);
            }
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
        let mut urns = self.urns(truth, trial);
        let mut regions = self.regions(trial, &urns);
        table.fill(Stratum::default());
        let (mut seen, mut stopped, mut interims) = (0, None, Vec::new());
        let last = self.boundaries.looks.len() - 1;
        for look in 0..=last {
            let until = self.seen_at(look);
            for patient in seen..until {
                let is_treated = patient % 2 == 0; // arms take turns: the tightest block randomisation there is
                let mut drawn = urns.draw(is_treated, &mut stream);
                if let Some(regions) = &mut regions {
                    drawn.responded = regions.response(drawn.responded, patient, is_treated);
                }
                count(table, drawn, is_treated);
            }
            seen = until;
            let (estimate, z) = analysed(table);
            if stopped.is_none() && look < last {
                interims.push(self.interim(look, z));
            }
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
                    interims,
                    dates: regions.map(|regions| regions.dates),
                };
            }
        }
        unreachable!("a design has a look")
    }

    /// Power of the last look, given z at this one: under the current trend, and averaged over what the data say of the effect.
    fn interim(&self, look: usize, z: f64) -> (f64, f64) {
        let (t, critical) = (self.boundaries.looks[look], self.boundaries.upper.last().copied());
        let critical = critical.expect("a design has a look");
        let trend = conditional_power(z, t, critical, z / t.sqrt());
        (trend.unwrap_or(0.0), predictive_power(z, t, critical).unwrap_or(0.0))
    }

    /// Who comes from where and when, from a stream of its own: a calendar alone changes no result.
    fn regions(&self, trial: u32, urns: &Urns<'_>) -> Option<Regions> {
        let accrual = self.accrual?;
        let (control, treated) = urns.shares();
        let mut stream = Stream::new(Key {
            seed: self.seed,
            replicate: trial,
            patient: self.patients,
            purpose: Purpose::Conduct,
            visit: 3,
        });
        let arrivals = accrual.arrivals(self.patients as usize, &mut stream);
        let odds = accrual.response_odds().into_iter();
        let chances = odds
            .map(|odds| [control, treated].map(|p| turned_over(p, odds)))
            .collect();
        let analysed = (0..self.boundaries.looks.len()).map(|look| self.seen_at(look));
        Some(Regions {
            dates: Dates::of(&arrivals, analysed, self.week),
            arrivals,
            chances,
            stream,
        })
    }

    /// Whom this trial's arms are drawn from.
    fn urns(&self, truth: Truth, trial: u32) -> Urns<'_> {
        let has_effect = truth == Truth::AsSimulated;
        match self.mixing {
            Mixing::AllTrials => Urns::of_all(self.pool, has_effect),
            Mixing::OneTrial => Urns::of_trial(self.pool, has_effect, self.world(trial)),
        }
    }

    /// The simulated trial from which a drawn one comes: each in turn.
    fn world(&self, trial: u32) -> usize {
        trial as usize % self.pool.n_trials
    }
}

/// Where and when the patients of one trial come.
struct Regions {
    arrivals: Vec<Arrival>,
    dates: Dates,
    /// Chance of turning over no response and a response, by region, then control and treated.
    chances: Vec<[[f64; 2]; 2]>,
    stream: Stream,
}

impl Regions {
    /// The response of a patient in the region where the patient came.
    fn response(&mut self, responded: bool, patient: u32, is_treated: bool) -> bool {
        let chances = &self.chances[self.arrivals[patient as usize].region];
        responded != (self.stream.uniform() < chances[usize::from(is_treated)][usize::from(responded)])
    }
}

impl Tally {
    /// Adds the dates of a trial that stopped at a look.
    fn count(&mut self, dates: &Dates, stopped: usize) {
        let sum = &mut self.calendar;
        sum.full_week += dates.full_week;
        sum.stop_week += dates.looks[stopped].0;
        sum.enrolled += dates.looks[stopped].1;
        for (total, look) in sum.looks.iter_mut().zip(&dates.looks) {
            *total = (total.0 + look.0, total.1 + look.1);
        }
    }
}

/// Puts a patient into the table.
pub(super) fn count(table: &mut [Stratum], patient: Patient, is_treated: bool) {
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
pub(super) fn analysed(table: &[Stratum]) -> (f64, f64) {
    match mantel_haenszel_difference(table, Variance::Sato) {
        Some(d) if d.standard_error > 0.0 => (d.estimate, d.estimate / d.standard_error),
        _ => (0.0, 0.0),
    }
}

/// z of the Cochran-Mantel-Haenszel test, whose variance is that without an effect; a table that says nothing is no success.
pub(super) fn score_z(table: &[Stratum]) -> f64 {
    let (estimate, _) = analysed(table);
    let found = cochran_mantel_haenszel(table, Continuity::Uncorrected);
    found.map_or(0.0, |found| found.statistic.sqrt() * estimate.signum())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The drug always wins in the worlds of one member and never in those of another: assurance is a half, and two members tell it
    /// with a standard error of a half.
    #[test]
    fn assurance_is_the_mean_over_worlds_and_members_are_what_is_independent() {
        let pool = Pool::of_worlds(&[true, true, false, false], 60);
        let boundaries = Boundaries {
            looks: vec![0.5, 1.0],
            upper: vec![2.96, 1.97],
            lower: Vec::new(),
            nominal_p: Vec::new(),
        };
        let plan = Plan {
            pool: &pool,
            boundaries: &boundaries,
            alpha: 0.025,
            patients: 60,
            trials: 400,
            mixing: Mixing::OneTrial,
            accrual: None,
            week: 52.0,
            seed: 1,
        };
        let found = plan.assurance();
        assert_eq!(found.power, 0.5);
        assert!((found.standard_error.expect("two members") - 0.5).abs() < 1e-12);
        let effect = pool.effect();
        // Differences of 1, 1, -1, -1 have a standard deviation of sqrt(4/3), and no chance within a trial.
        assert_eq!(effect.mean, 0.0);
        assert!((effect.sd - 100.0 * (4.0f64 / 3.0).sqrt()).abs() < 1e-9);
    }
}
