//! A made-up trial for tests and for looking at reports: plausible shapes, no biology, no published result behind it.

use malar_trial::Infeasible;
use malar_trial::instruments::Components;
use malar_trial::results::{
    EndpointRow, EstimateRow, Labels, OutcomeRow, PatientRow, PatientStatus, Replicate, Screening, VisitRow,
};
use malar_workbench::plan::{FileHash, Manifest};
use malar_workbench::published::{Published, PublishedBaseline, PublishedDifference, PublishedRate};
use malar_workbench::run::{About, Prepared, Simulate};
use malar_workbench::summary::Assumption;

/// Weeks of visits.
const WEEKS: [f64; 8] = [0.0, 4.0, 8.0, 16.0, 24.0, 32.0, 40.0, 52.0];
/// Share that responds in the end, by endpoint and arm.
const FINAL: [[f64; 2]; 4] = [[0.31, 0.46], [0.38, 0.53], [0.11, 0.22], [0.28, 0.49]];

/// Uniform numbers on 0..1: a splitmix64 stream (Steele, Lea & Flood 2014).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64, index: u32) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (u64::from(index) << 32))
    }
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }
    /// About normal: the sum of twelve uniforms.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
    fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }
}

/// Two arms, four response endpoints, one flare rate.
pub struct Trial {
    labels: Labels,
    patients: u32,
}

impl Trial {
    pub fn new(patients: u32) -> Trial {
        let names = |list: &[&str]| list.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        let labels = Labels {
            arms: names(&["placebo", "examplimab-300"]),
            endpoints: names(&["bicla", "sri-4", "lldas", "gc-taper", "flare-rate"]),
            published_as: names(&["bicla", "sri-4", "lldas", "gc-taper", "flare-rate"]),
            endpoint_units: names(&["percent", "percent", "percent", "percent", "per patient-year"]),
            reasons: names(&[
                "responder",
                "no-improvement",
                "worsening",
                "restricted-medication",
                "discontinued",
            ]),
            populations: names(&["all", "ifngs-high"]),
            criteria: names(&[
                "sledai-2k-at-least-6",
                "bilag-a-or-two-b",
                "pga-at-least-1",
                "autoantibody-positive",
            ]),
            strata: names(&["low", "high"]),
            ..Labels::default()
        };
        Trial { labels, patients }
    }

    fn patient(&self, number: u32, dice: &mut Dice) -> PatientRow {
        let arm = (number % 2) as u16;
        let status = match dice.uniform() {
            u if u < 0.8 => PatientStatus::Completed,
            u if u < 0.9 => PatientStatus::DroppedOutAdministrative,
            u if u < 0.998 => PatientStatus::DroppedOutLackOfEfficacy,
            _ => PatientStatus::SolverFailed,
        };
        let failed = status == PatientStatus::SolverFailed;
        PatientRow {
            patient: number,
            arm,
            stratum: u16::from(dice.chance(0.5)),
            region: None,
            screening_attempts: 1 + u8::from(dice.chance(0.3)),
            weight_kg: 70.0 + 12.0 * dice.normal(),
            sledai_2k: (11.0 + 3.5 * dice.normal()).max(6.0).round() as u16,
            pga: (1.8 + 0.4 * dice.normal()).clamp(1.0, 3.0),
            bilag_a: u8::from(dice.chance(0.49)),
            bilag_b: 1 + u8::from(dice.chance(0.7)),
            prednisone_mg_per_day: if dice.chance(0.8) {
                (10.0 + 6.0 * dice.normal()).max(1.0)
            } else {
                0.0
            },
            ifn_signature_high: dice.chance(0.82),
            anti_dsdna_positive: dice.chance(0.44),
            low_complement: dice.chance(0.4),
            antimalarial: dice.chance(0.7),
            immunosuppressant: dice.chance(0.48),
            status,
            last_week: if status == PatientStatus::Completed {
                52.0
            } else {
                (dice.uniform() * 51.0).floor()
            },
            restricted_week: dice.chance(0.15).then(|| (dice.uniform() * 50.0).floor()),
            flares: u16::from(dice.chance(0.3)),
            retreatments: 0,
            failure: if failed {
                "step size too small at day 93.2 in `plasma_cells`".into()
            } else {
                String::new()
            },
        }
    }

    fn visit(patient: &PatientRow, week: f64, dice: &mut Dice) -> VisitRow {
        let effect = (1.0 + f64::from(patient.arm)) * (1.0 - (-week / 12.0).exp());
        VisitRow {
            patient: patient.patient,
            arm: patient.arm,
            week,
            sledai_2k: (f64::from(patient.sledai_2k) - 2.4 * effect + dice.normal())
                .max(0.0)
                .round() as u16,
            sledai_items: 0b1000_0000_0000_0000_1111_0000,
            bilag: *b"CBEDDCEEE",
            pga: (patient.pga - 0.35 * effect).max(0.0),
            prednisone_mg_per_day: patient.prednisone_mg_per_day * (1.0 - 0.15 * effect),
            anti_dsdna_iu_per_ml: (4.0 + 0.8 * dice.normal() - 0.15 * effect).exp(),
            iga2_anti_dsdna_au: f64::NAN,
            iga1_anti_dsdna_au: f64::NAN,
            c3_g_per_l: 0.92 + 0.2 * dice.normal() + 0.03 * effect,
            c4_g_per_l: 0.17 + 0.05 * dice.normal() + 0.005 * effect,
            ifn_signature_fold: if patient.arm == 1 && week > 0.0 { 0.15 } else { 1.0 } * (0.3 * dice.normal()).exp(),
            concentration_mg_per_l: if patient.arm == 1 && week > 0.0 {
                (3.2 + 0.5 * dice.normal()).exp()
            } else {
                0.0
            },
            upcr_g_per_g: None,
            egfr_ml_per_min: None,
            clasi_activity: None,
            tender_joints: None,
            swollen_joints: None,
            on_study: week <= patient.last_week,
            restricted: patient.restricted_week.is_some_and(|at| at <= week),
            components: Components::not_assessed(week),
        }
    }

    fn outcomes(&self, patients: &[PatientRow], dice: &mut Dice) -> Vec<OutcomeRow> {
        let mut rows = Vec::new();
        for patient in patients {
            for endpoint in 0..FINAL.len() {
                for &week in &WEEKS[1..] {
                    let share = FINAL[endpoint][usize::from(patient.arm)] * (1.0 - (-week / 14.0).exp()) * 1.02;
                    let responded = dice.chance(share);
                    let failure = 1 + (dice.uniform().powf(1.8) * 4.0) as u16;
                    let reason = if responded { 0 } else { failure.min(4) };
                    let endpoint = endpoint as u16;
                    rows.push(OutcomeRow {
                        patient: patient.patient,
                        arm: patient.arm,
                        endpoint,
                        week,
                        responded,
                        reason,
                        value: None,
                    });
                }
            }
        }
        rows
    }

    fn endpoints(patients: &[PatientRow], outcomes: &[OutcomeRow]) -> Vec<EndpointRow> {
        let mut rows = Vec::new();
        let is_in =
            |row: &OutcomeRow, population: u16| population == 0 || patients[row.patient as usize].ifn_signature_high;
        for endpoint in 0..FINAL.len() as u16 {
            for &week in &WEEKS[1..] {
                for population in 0..2 {
                    for arm in 0..2 {
                        let counted = outcomes.iter().filter(|o| {
                            o.endpoint == endpoint && o.week == week && o.arm == arm && is_in(o, population)
                        });
                        let (n, count) = counted.fold((0.0, 0.0), |(n, c), o| (n + 1.0, c + f64::from(o.responded)));
                        rows.push(EndpointRow {
                            arm,
                            endpoint,
                            week,
                            population,
                            n,
                            count,
                            value: 100.0 * count / n,
                        });
                    }
                }
            }
        }
        for arm in 0..2 {
            let of_arm = patients.iter().filter(|p| p.arm == arm);
            let (n, count) = of_arm.fold((0.0, 0.0), |(n, c), p| {
                (n + p.last_week / 52.0, c + f64::from(p.flares) * 1.4)
            });
            rows.push(EndpointRow {
                arm,
                endpoint: 4,
                week: 52.0,
                population: 0,
                n,
                count,
                value: count / n,
            });
        }
        rows
    }

    fn estimates(endpoints: &[EndpointRow]) -> Vec<EstimateRow> {
        let pairs = endpoints.chunks(2).map(|pair| (&pair[0], &pair[1]));
        pairs
            .map(|(control, arm)| {
                let difference = arm.value - control.value;
                let variance = |row: &EndpointRow| {
                    if row.endpoint == 4 {
                        row.value / row.n
                    } else {
                        row.value * (100.0 - row.value) / row.n
                    }
                };
                let error = (variance(arm) + variance(control)).sqrt();
                EstimateRow {
                    arm: 1,
                    control: 0,
                    endpoint: arm.endpoint,
                    week: arm.week,
                    population: arm.population,
                    difference,
                    low95: difference - 1.96 * error,
                    high95: difference + 1.96 * error,
                    // Only which side of 0.05 it falls on matters here.
                    p_value: if difference.abs() > 1.96 * error { 0.01 } else { 0.5 },
                }
            })
            .collect()
    }
}

impl Simulate for Trial {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn replicate(&self, seed: u64, index: u32) -> Result<Replicate, Infeasible> {
        let mut dice = Dice::new(seed, index);
        let patients: Vec<PatientRow> = (0..self.patients)
            .map(|number| self.patient(number, &mut dice))
            .collect();
        let mut visits = Vec::new();
        for patient in &patients {
            visits.extend(WEEKS.iter().map(|&week| Trial::visit(patient, week, &mut dice)));
        }
        let outcomes = self.outcomes(&patients, &mut dice);
        let endpoints = Trial::endpoints(&patients, &outcomes);
        let estimates = Trial::estimates(&endpoints);
        let attempts = self.patients * 2;
        let screening = Screening {
            candidates: self.patients * 3,
            filtered: self.patients / 4,
            attempts,
            failed_by_criterion: vec![attempts / 4, attempts / 5, attempts / 9, attempts / 8],
            solver_failed: 1,
            randomised: self.patients,
        };
        let patient_years = f64::from(self.patients) * 1.5;
        let steps = (1, 0);
        Ok(Replicate {
            doses: Vec::new(),
            index,
            screening,
            patients,
            visits,
            outcomes,
            endpoints,
            estimates,
            events: Vec::new(),
            at_risk: Vec::new(),
            survival: Vec::new(),
            hypotheses: Vec::new(),
            baskets: Vec::new(),
            kinetics: Vec::new(),
            patient_years,
            estimands: Vec::new(),
            steps,
        })
    }
}

/// Made-up published results of the made-up trial.
pub struct MadeUp;

impl Published for MadeUp {
    fn rate(&self, arm: &str, endpoint: &str, week: f64, population: &str) -> Option<PublishedRate> {
        let (_, values) = [
            (("bicla", 52.0), [29.0, 44.0]),
            (("bicla", 24.0), [24.0, 40.0]),
            (("bicla", 8.0), [18.0, 24.0]),
            (("sri-4", 52.0), [37.0, 56.0]),
            (("sri-4", 24.0), [36.0, 47.0]),
            (("gc-taper", 52.0), [30.0, 52.0]),
        ]
        .into_iter()
        .find(|((id, at), _)| *id == endpoint && *at == week && population == "all")?;
        let value = values[usize::from(arm != "placebo")];
        Some(PublishedRate {
            value,
            unit: "percent".into(),
            n: Some(180.0),
            source: "made up for tests".into(),
        })
    }

    fn difference(&self, _: &str, _: &str, endpoint: &str, week: f64, population: &str) -> Option<PublishedDifference> {
        let unit = "percentage points".to_string();
        let difference = |value, limits, computed| PublishedDifference {
            value,
            unit,
            limits,
            computed,
        };
        match (endpoint, population) {
            ("bicla", "all") if week == 52.0 => Some(difference(15.0, Some((5.1, 24.9)), false)),
            ("sri-4", "all") if week == 52.0 => Some(difference(19.0, Some((8.9, 29.1)), true)),
            _ => None,
        }
    }

    fn baseline(&self, key: &str) -> Option<PublishedBaseline> {
        let (value, sd) = match key {
            "sledai_2k_mean" => (11.4, Some(3.8)),
            "bilag_a_percent" => (49.0, None),
            "ifngs_high_percent" => (82.6, None),
            "gc_percent" => (81.0, None),
            _ => return None,
        };
        Some(PublishedBaseline { value, sd })
    }
}

/// The made-up trial, ready to run.
pub fn prepared(replicates: u32, patients: u32, seed: u64) -> Prepared {
    let assumption = |name: &str, value: &str, unit: &str, reason: &str| Assumption {
        file: "models/example.ant".into(),
        name: name.into(),
        value: value.into(),
        unit: unit.into(),
        reason: reason.into(),
    };
    Prepared {
        manifest: Manifest {
            engine: env!("CARGO_PKG_VERSION").into(),
            study: "example-1".into(),
            seed,
            replicates,
            patients,
            files: vec![
                FileHash::new("models/example.ant", "x"),
                FileHash::new("trials/example-1.toml", "y"),
            ],
        },
        about: About {
            name: "EXAMPLE-1 (made up)".into(),
            question: String::new(),
            population: "example-adults".into(),
            calibrated_on: vec!["example-0".into()],
            shares_patients_with: Vec::new(),
            reason_words: vec![("worsening".into(), "a new BILAG A, or more than one new B".into())],
            arms: vec![
                ("placebo".into(), "placebo".into()),
                ("examplimab-300".into(), "examplimab".into()),
            ],
            weak_arms: vec!["examplimab-300".into()],
            sledai: None,
            warnings: vec!["Examplimab in arm `examplimab-300`: 300 mg is outside the studied 10 to 100 mg".into()],
            primary: Some(("bicla".into(), 52.0)),
            assumptions: vec![
                assumption(
                    "k_repair",
                    "0.02",
                    "1/d",
                    "no organ-level repair rate is published; one month assumed",
                ),
                assumption(
                    "rater_sd",
                    "0.2",
                    "points",
                    "middle of the range raters gave in interviews",
                ),
            ],
            command: format!("malar run example-1 --replicates {replicates} --seed {seed}"),
            posterior: None,
        },
        protocol: malar_model::diagnostic::Source {
            path: "example.toml".into(),
            text: String::new(),
        },
        simulation: Box::new(Trial::new(patients)),
        published: Box::new(MadeUp),
    }
}
