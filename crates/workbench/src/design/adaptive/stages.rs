//! Two stages of adaptive trials, drawn and tested. Stages are independent groups of patients.

use malar_patients::random::{Key, Purpose, Stream};
use malar_stats::Count;
use malar_stats::adaptive::{PromisingZone, StageTwo, adaptive_closed_test, thall_wathen};
use malar_stats::bayes::Beta;
use malar_stats::distribution::{normal_cdf, normal_quantile};
use malar_stats::sequential::{conditional_power, predictive_power};
use malar_stats::stratified::Stratum;

use super::file::Rule;
use super::{Adaptive, Choice, Interim, Trier};
use crate::design::Mixing;
use crate::design::pool::Patient;
use crate::design::replay::{analysed, count, score_z};

/// How one trial went.
struct Outcome {
    won: bool,
    /// It would have won unadapted.
    won_unadapted: bool,
    patients: u32,
    /// Weight of each choice: 1 for the one taken, or shares of patients.
    chosen: Vec<f64>,
    interim: Interim,
}

/// Sums over trials.
#[derive(Default)]
struct Tally {
    won: f64,
    won_unadapted: f64,
    patients: f64,
    chosen: Vec<f64>,
    chosen_and_won: Vec<f64>,
    interim: Interim,
}

/// Patients of one trial's arms to draw from, control first.
type Sources<'a> = Vec<&'a [Patient]>;

impl Trier<'_> {
    /// The design at one size.
    pub fn characteristics(&self, patients: u32) -> Adaptive {
        let (real, null) = (self.tally(patients, false), self.tally(patients, true));
        let n = f64::from(self.trials);
        let se = |p: f64| (p * (1.0 - p) / n).sqrt();
        let (power, error) = (real.won / n, null.won / n);
        let choice = |(k, what): (usize, &String)| Choice {
            what: what.clone(),
            share: real.chosen[k] / n,
            share_null: null.chosen[k] / n,
            wins: real.chosen_and_won[k] / n,
        };
        Adaptive {
            patients,
            power,
            power_se: se(power),
            type_one_error: error,
            type_one_error_se: se(error),
            power_unadapted: real.won_unadapted / n,
            expected_patients: real.patients / n,
            expected_patients_null: null.patients / n,
            interim: Interim {
                conditional_power: real.interim.conditional_power / n,
                predictive_power: real.interim.predictive_power / n,
            },
            choices: self.choices.iter().enumerate().map(choice).collect(),
        }
    }

    fn tally(&self, patients: u32, is_null: bool) -> Tally {
        let mut tally = Tally {
            chosen: vec![0.0; self.choices.len()],
            chosen_and_won: vec![0.0; self.choices.len()],
            ..Tally::default()
        };
        for trial in 0..self.trials {
            let mut stream = Stream::new(Key {
                seed: self.seed,
                replicate: trial,
                patient: patients,
                purpose: Purpose::Conduct,
                visit: 5 + u16::from(is_null),
            });
            let sources = self.sources(is_null, &mut stream);
            let outcome = self.one(patients, &sources, &mut stream);
            let won = f64::from(u8::from(outcome.won));
            tally.won += won;
            tally.won_unadapted += f64::from(u8::from(outcome.won_unadapted));
            tally.patients += f64::from(outcome.patients);
            for (k, share) in outcome.chosen.iter().enumerate() {
                tally.chosen[k] += share;
                tally.chosen_and_won[k] += share * won;
            }
            tally.interim.conditional_power += outcome.interim.conditional_power;
            tally.interim.predictive_power += outcome.interim.predictive_power;
        }
        tally
    }

    /// Whom this trial's arms are drawn from; without an effect all of them from the control's patients.
    fn sources(&self, is_null: bool, stream: &mut Stream) -> Sources<'_> {
        let trial = match self.mixing {
            Mixing::AllTrials => None,
            Mixing::OneTrial => Some(stream.below(self.n_trials)),
        };
        let source = |k: usize| {
            let arm = self.arms[if is_null { 0 } else { k }];
            trial.map_or(arm.patients.as_slice(), |trial| arm.of_trial(trial))
        };
        (0..self.arms.len()).map(source).collect()
    }

    fn one(&self, patients: u32, sources: &Sources<'_>, stream: &mut Stream) -> Outcome {
        match self.rule {
            Rule::ResponseAdaptive { block } => self.leaning(patients, block, sources, stream),
            Rule::SampleSize(zone) => self.resized(patients, zone, sources, stream),
            Rule::Enrichment { factor, better_by } => self.enriched(patients, (factor, better_by), sources, stream),
            Rule::BestArm => self.best_arm(patients, sources, stream),
        }
    }

    fn resized(&self, patients: u32, zone: PromisingZone, sources: &Sources<'_>, stream: &mut Stream) -> Outcome {
        let n = self.first_stage(patients);
        let first = self.drawn(n, (sources[0], sources[1]), stream);
        let z = analysed(&first).1;
        let planned = patients - n;
        let more = (zone.second_stage(z) * f64::from(patients)).round() as u32;
        let rest = more.max(planned);
        let second = self.drawn(planned, (sources[0], sources[1]), stream);
        let won_unadapted = self.wins_at_end(&first, &second);
        let mut all = second;
        add(&mut all, &self.drawn(rest - planned, (sources[0], sources[1]), stream));
        let enlarged = rest > planned;
        Outcome {
            won: zone.wins(z, analysed(&all).1),
            won_unadapted,
            patients: n + rest,
            chosen: one_of(2, usize::from(enlarged)),
            interim: self.interim(z),
        }
    }

    fn enriched(
        &self,
        patients: u32,
        (factor, better_by): (u16, f64),
        sources: &Sources<'_>,
        stream: &mut Stream,
    ) -> Outcome {
        let n = self.first_stage(patients);
        let is_member = |stratum: usize| stratum >> factor & 1 == 1;
        let subgroup = |table: &[Stratum]| -> Vec<Stratum> {
            let members = table.iter().enumerate().filter(|(k, _)| is_member(*k));
            members.map(|(_, stratum)| *stratum).collect()
        };
        let first = self.drawn(n, (sources[0], sources[1]), stream);
        let (all, alone) = (analysed(&first).1, analysed(&subgroup(&first)).1);
        let goes_alone = alone > all + better_by;
        let second = self.drawn(patients - n, (sources[0], sources[1]), stream);
        let won_unadapted = self.wins_at_end(&first, &second);
        let two = if goes_alone {
            let members = |source: &[Patient]| -> Vec<Patient> {
                let members = source.iter().filter(|p| is_member(usize::from(p.stratum)));
                members.copied().collect()
            };
            let (control, treated) = (members(sources[0]), members(sources[1]));
            let table = self.drawn(patients - n, (&control, &treated), stream);
            [StageTwo::Dropped, StageTwo::Kept(p_value(&table))]
        } else {
            [
                StageTwo::Kept(p_value(&second)),
                StageTwo::Kept(p_value(&subgroup(&second))),
            ]
        };
        let rejected = adaptive_closed_test(&[normal_cdf(-all), normal_cdf(-alone)], &two, self.planned, self.alpha);
        Outcome {
            won: rejected.contains(&true),
            won_unadapted,
            patients,
            chosen: one_of(2, usize::from(goes_alone)),
            interim: self.interim(all),
        }
    }

    fn best_arm(&self, patients: u32, sources: &Sources<'_>, stream: &mut Stream) -> Outcome {
        let n_arms = sources.len() - 1;
        // Arms and control are as large as each other in the first stage.
        let n = self.first_stage(patients);
        let each = n / (n_arms as u32 + 1);
        let control = self.drawn_of(each, sources[0], false, stream);
        let mut z = Vec::new();
        for source in &sources[1..] {
            let mut table = self.drawn_of(each, source, true, stream);
            add(&mut table, &control);
            z.push(analysed(&table).1);
        }
        let best = (0..n_arms)
            .max_by(|&a, &b| z[a].total_cmp(&z[b]))
            .expect("there are arms");
        let second = self.drawn(patients - n, (sources[0], sources[1 + best]), stream);
        let p = p_value(&second);
        let two: Vec<StageTwo> = (0..n_arms)
            .map(|k| {
                if k == best {
                    StageTwo::Kept(p)
                } else {
                    StageTwo::Dropped
                }
            })
            .collect();
        let first: Vec<f64> = z.iter().map(|z| normal_cdf(-z)).collect();
        let fixed = self.drawn(patients, (sources[0], sources[1]), stream);
        Outcome {
            won: adaptive_closed_test(&first, &two, self.planned, self.alpha)[best],
            won_unadapted: analysed(&fixed).1 >= self.critical(),
            patients,
            chosen: one_of(n_arms, best),
            interim: self.interim(z[best]),
        }
    }

    /// Tested by a score test: an arm that did badly by chance gets few patients, and a variance from these few would be too small
    /// where their share is extreme.
    fn leaning(&self, patients: u32, block: u32, sources: &Sources<'_>, stream: &mut Stream) -> Outcome {
        let mut posteriors = [Beta { a: 1.0, b: 1.0 }; 2];
        let mut table = vec![Stratum::default(); self.n_strata];
        let (mut seen, mut treated, mut shares) = (0, 0u32, vec![0.5; 2]);
        let mut interim = Interim::default();
        while seen < patients {
            if seen >= self.first_stage(patients) && interim == Interim::default() {
                interim = self.interim(score_z(&table));
            }
            for _ in 0..block.min(patients - seen) {
                let arm = usize::from(stream.uniform() < shares[1]);
                let patient = sources[arm][stream.below(sources[arm].len())];
                count(&mut table, patient, arm == 1);
                treated += arm as u32;
                let responders = u32::from(patient.responded);
                posteriors[arm] = posteriors[arm].after(Count { responders, n: 1 });
            }
            seen += block.min(patients - seen);
            shares = thall_wathen(&posteriors, seen, patients);
        }
        let fixed = self.drawn(patients, (sources[0], sources[1]), stream);
        let share = f64::from(treated) / f64::from(patients);
        Outcome {
            won: score_z(&table) >= self.critical(),
            won_unadapted: score_z(&fixed) >= self.critical(),
            patients,
            chosen: vec![1.0 - share, share],
            interim,
        }
    }

    fn first_stage(&self, patients: u32) -> u32 {
        (f64::from(patients) * self.planned).round() as u32
    }

    fn critical(&self) -> f64 {
        -normal_quantile(self.alpha)
    }

    fn interim(&self, z: f64) -> Interim {
        let (t, critical) = (self.planned, self.critical());
        Interim {
            conditional_power: conditional_power(z, t, critical, z / t.sqrt()).unwrap_or(0.0),
            predictive_power: predictive_power(z, t, critical).unwrap_or(0.0),
        }
    }

    /// Both stages analysed as one.
    fn wins_at_end(&self, first: &[Stratum], second: &[Stratum]) -> bool {
        let mut all = first.to_vec();
        add(&mut all, second);
        analysed(&all).1 >= self.critical()
    }

    /// A table of `n` patients; arms take turns.
    fn drawn(&self, n: u32, (control, treated): (&[Patient], &[Patient]), stream: &mut Stream) -> Vec<Stratum> {
        let mut table = self.drawn_of(n - n / 2, treated, true, stream);
        add(&mut table, &self.drawn_of(n / 2, control, false, stream));
        table
    }

    fn drawn_of(&self, n: u32, source: &[Patient], is_treated: bool, stream: &mut Stream) -> Vec<Stratum> {
        let mut table = vec![Stratum::default(); self.n_strata];
        let n = if source.is_empty() { 0 } else { n }; // nobody to draw says nothing
        for _ in 0..n {
            count(&mut table, source[stream.below(source.len())], is_treated);
        }
        table
    }
}

fn p_value(table: &[Stratum]) -> f64 {
    normal_cdf(-analysed(table).1)
}

fn one_of(n: usize, chosen: usize) -> Vec<f64> {
    (0..n).map(|k| f64::from(u8::from(k == chosen))).collect()
}

fn add(table: &mut [Stratum], more: &[Stratum]) {
    for (sum, stratum) in table.iter_mut().zip(more) {
        sum.treated = sum.treated.pooled(stratum.treated);
        sum.control = sum.control.pooled(stratum.control);
    }
}
