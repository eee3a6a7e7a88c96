//! A cohort of patients with hips and knees, arm by arm.

use malar_patients::random::{Key, Purpose, Stream};
use malar_stats::Difference;
use malar_stats::descriptive::{mean, standard_deviation};

use super::constants::Constants;
use super::joint::{Joint, Luck, Site, susceptible_share};
use super::protocol::{JointArm, JointProtocol};
use crate::results::{AtRisk, EndpointRow, EstimateRow, EventRow, Labels, Replicate, Screening};

/// Hips and knees of one patient.
const SITES: [Site; 4] = [Site::Hip, Site::Hip, Site::Knee, Site::Knee];

/// What is read off a patient: id, unit.
const MEASURES: [(&str, &str); 7] = [
    ("no-osteonecrosis", "percent"),
    ("joints-kept", "percent"),
    ("no-arthroplasty", "percent"),
    ("pain", "points of pain"),
    ("lysholm", "points"),
    ("joint-space", "mm"),
    ("operations", "arthroplasties"),
];

/// What may happen to a joint: id, words, grade, serious from.
const EVENTS: [(&str, &str, u8); 7] = [
    ("osteonecrosis", "Osteonecrosis on magnetic resonance", 1),
    ("healing", "Osteonecrosis healed", 1),
    ("collapse", "Collapse of a joint surface", 3),
    ("core-decompression", "Core decompression", 3),
    ("osteotomy", "High tibial osteotomy with chondrogenesis", 3),
    ("arthroplasty", "Arthroplasty", 3),
    ("revision", "Revision of an arthroplasty", 3),
];

/// A joint cohort that can be run.
#[derive(Clone, Debug)]
pub struct JointCohort {
    protocol: JointProtocol,
    constants: Constants,
    labels: Labels,
}

/// One patient's joints.
struct Patient {
    arm: usize,
    joints: [Joint; 4],
}

impl JointCohort {
    /// A cohort of a checked protocol.
    pub fn new(protocol: JointProtocol, constants: Constants) -> JointCohort {
        let texts = |list: &mut dyn Iterator<Item = &str>| list.map(str::to_owned).collect::<Vec<_>>();
        let labels = Labels {
            arms: protocol.arms.iter().map(|arm| arm.id.clone()).collect(),
            endpoints: texts(&mut MEASURES.iter().map(|m| m.0)),
            published_as: texts(&mut MEASURES.iter().map(|m| m.0)),
            endpoint_units: texts(&mut MEASURES.iter().map(|m| m.1)),
            populations: vec!["all".to_owned()],
            events: texts(&mut EVENTS.iter().map(|e| e.0)),
            event_terms: texts(&mut EVENTS.iter().map(|e| e.1)),
            event_serious_from: vec![3; EVENTS.len()],
            causes: vec!["background".to_owned()],
            ..Labels::default()
        };
        JointCohort {
            protocol,
            constants,
            labels,
        }
    }

    /// The protocol in force.
    pub fn protocol(&self) -> &JointProtocol {
        &self.protocol
    }

    /// Names behind the indices of the rows.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Simulates one cohort.
    pub fn replicate(&self, seed: u64, index: u32) -> Replicate {
        let mut patients = Vec::new();
        for (arm, definition) in self.protocol.arms.iter().enumerate() {
            // Arms share their patients' luck: the same numbers, another course.
            patients.extend((0..definition.n).map(|patient| self.live(arm, definition, seed, index, patient)));
        }
        let (mut endpoints, mut estimates) = (Vec::new(), Vec::new());
        for endpoint in 0..MEASURES.len() {
            for &week in &self.protocol.weeks {
                self.read(endpoint, week, &patients, &mut endpoints, &mut estimates);
            }
        }
        let years = self.protocol.weeks.last().map_or(0.0, |week| week * 7.0 / 365.25);
        Replicate {
            index,
            screening: Screening {
                randomised: patients.len() as u32,
                ..Screening::default()
            },
            patients: Vec::new(),
            visits: Vec::new(),
            doses: Vec::new(),
            outcomes: Vec::new(),
            endpoints,
            estimates,
            estimands: Vec::new(),
            events: self.events(&patients),
            at_risk: (self.protocol.arms.iter())
                .map(|arm| AtRisk {
                    patients: arm.n,
                    years: years * f64::from(arm.n),
                })
                .collect(),
            survival: Vec::new(),
            hypotheses: Vec::new(),
            baskets: Vec::new(),
            kinetics: Vec::new(),
            patient_years: years * patients.len() as f64,
            steps: (0, 0),
        }
    }

    fn live(&self, arm: usize, definition: &JointArm, seed: u64, replicate: u32, patient: u32) -> Patient {
        let mut stream = Stream::new(Key {
            seed,
            replicate,
            patient,
            purpose: Purpose::Joints,
            visit: 0,
        });
        let peak = definition.courses.first().map_or(0.0, |course| course.peak);
        let susceptible = stream.uniform() < susceptible_share(peak, &self.constants);
        let joints = SITES.map(|site| {
            let luck = Luck::draw(&mut stream);
            Joint::live(
                site,
                &luck,
                susceptible,
                &definition.courses,
                definition.treatments,
                &self.constants,
            )
        });
        Patient { arm, joints }
    }

    /// One endpoint at one week, by arm and against the control.
    fn read(
        &self,
        endpoint: usize,
        week: f64,
        patients: &[Patient],
        rows: &mut Vec<EndpointRow>,
        estimates: &mut Vec<EstimateRow>,
    ) {
        let control = self.protocol.control();
        let values: Vec<Vec<f64>> = (0..self.protocol.arms.len())
            .map(|arm| {
                let members = patients.iter().filter(|patient| patient.arm == arm);
                members
                    .map(|patient| patient.measure(endpoint, week * 7.0, &self.constants))
                    .collect()
            })
            .collect();
        let endpoint = endpoint as u16;
        for (arm, values) in values.iter().enumerate() {
            rows.push(EndpointRow {
                arm: arm as u16,
                endpoint,
                week,
                population: 0,
                n: values.len() as f64,
                count: values.iter().sum::<f64>(),
                value: mean(values).unwrap_or(f64::NAN),
            });
        }
        for arm in (0..values.len()).filter(|&arm| arm != control) {
            let difference = difference(&values[arm], &values[control]);
            estimates.extend(difference.map(|d| EstimateRow {
                arm: arm as u16,
                control: control as u16,
                endpoint,
                week,
                population: 0,
                difference: d.estimate,
                low95: d.low95,
                high95: d.high95,
                p_value: d.p_value,
            }));
        }
    }

    fn events(&self, patients: &[Patient]) -> Vec<EventRow> {
        let end = self.protocol.weeks.last().map_or(0.0, |week| week * 7.0);
        let mut rows = Vec::new();
        for (number, patient) in patients.iter().enumerate() {
            let mut own: Vec<EventRow> = Vec::new();
            for joint in &patient.joints {
                let days = [
                    joint.lesion,
                    joint.repaired,
                    joint.collapsed,
                    joint.decompressed,
                    joint.osteotomy,
                    joint.replaced,
                    joint.revised,
                ];
                let happened = days.iter().zip(EVENTS).enumerate().filter(|(_, (day, _))| **day <= end);
                own.extend(happened.map(|(event, (day, (_, _, grade)))| EventRow {
                    patient: number as u32,
                    arm: patient.arm as u16,
                    day: *day,
                    event: event as u16,
                    grade,
                    cause: 0,
                }));
            }
            own.sort_by(|a, b| a.day.total_cmp(&b.day).then(a.event.cmp(&b.event)));
            rows.extend(own);
        }
        rows
    }
}

impl Patient {
    /// Value of one of [`MEASURES`] on a day: of pain, function and space the worst joint's, function of knees alone.
    fn measure(&self, measure: usize, day: f64, constants: &Constants) -> f64 {
        let states = self.joints.iter().map(|joint| joint.at(day, constants));
        let percent = |holds: bool| if holds { 100.0 } else { 0.0 };
        match measure {
            0 => percent(self.joints.iter().all(|joint| joint.lesion > day)),
            1 => 25.0 * self.joints.iter().filter(|joint| joint.replaced > day).count() as f64,
            2 => percent(self.joints.iter().all(|joint| joint.replaced > day)),
            3 => states.map(|state| state.pain).fold(0.0, f64::max),
            4 => {
                let knees = self.joints.iter().filter(|joint| joint.site == Site::Knee);
                knees
                    .map(|joint| joint.at(day, constants).lysholm)
                    .fold(100.0, f64::min)
            }
            5 => states.map(|state| state.space).fold(f64::INFINITY, f64::min),
            _ => self.joints.iter().map(|joint| joint.cost(day, constants)).sum(),
        }
    }
}

/// Difference of two means, variances not assumed equal; `None` for an arm of one, or without any spread.
fn difference(arm: &[f64], control: &[f64]) -> Option<Difference> {
    let variance = |values: &[f64]| Some(standard_deviation(values)?.powi(2) / values.len() as f64);
    let error = (variance(arm)? + variance(control)?).sqrt();
    (error > 0.0).then(|| Difference::normal(mean(arm).unwrap_or(f64::NAN) - mean(control).unwrap_or(f64::NAN), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::joints::joint::collapsed_share;
    use crate::library;

    fn constants() -> Constants {
        let file = library::source("models/steroid-osteonecrosis/joints.toml");
        Constants::parse(&file).unwrap_or_else(|e| panic!("{}", e.render(&file.text)))
    }

    fn cohort(n: u32) -> JointCohort {
        let file = library::source("trials/rehearsal-steroid-osteonecrosis.toml");
        let protocol = JointProtocol::parse(&file).unwrap_or_else(|e| panic!("{}", e.render(&file.text)));
        let arms = protocol.arms.len() as u32;
        JointCohort::new(protocol.resized(n * arms), constants())
    }

    fn value(cohort: &JointCohort, replicate: &Replicate, arm: &str, endpoint: &str, week: f64) -> f64 {
        let at = |list: &[String], id: &str| list.iter().position(|known| known == id).unwrap() as u16;
        let (arm, endpoint) = (at(&cohort.labels.arms, arm), at(&cohort.labels.endpoints, endpoint));
        let mut rows = replicate.endpoints.iter();
        rows.find(|r| r.arm == arm && r.endpoint == endpoint && r.week == week)
            .unwrap()
            .value
    }

    /// Oinuma 2001: 32 of 72 patients within a year of a first high-dose course, all within five months. 4000 patients leave
    /// three standard errors of 2.4 points.
    #[test]
    fn lesions_come_early_and_as_often_as_published() {
        let cohort = cohort(4000);
        let replicate = cohort.replicate(1, 0);
        let lesions = |week: f64| 100.0 - value(&cohort, &replicate, "high-dose", "no-osteonecrosis", week);
        assert!((lesions(52.0) - 44.4).abs() < 2.4, "{}", lesions(52.0));
        assert!((lesions(26.0) - lesions(52.0)).abs() < 1e-9);
        let lower = 100.0 - value(&cohort, &replicate, "lower-dose", "no-osteonecrosis", 52.0);
        let odds = |percent: f64| percent / (100.0 - percent);
        let ratio = odds(lesions(52.0)) / odds(lower);
        assert!((3.5..5.1).contains(&ratio), "{ratio}");
    }

    /// Collapse of the largest lesions after two years, published 57.8 and 23.2 %; the shapes were derived from these.
    #[test]
    fn large_lesions_collapse_as_published() {
        let constants = constants();
        let share = |id: &str| {
            let lesion = constants.lesions.iter().find(|lesion| lesion.id == id).unwrap();
            collapsed_share(lesion, 2.0 * 365.25)
        };
        assert!((share("c2") - 0.578).abs() < 0.01, "{}", share("c2"));
        assert!((share("c1") - 0.232).abs() < 0.01, "{}", share("c1"));
    }

    #[test]
    fn a_lower_peak_never_adds_a_lesion_and_surgery_never_one_either() {
        let cohort = cohort(500);
        let replicate = cohort.replicate(2, 0);
        for week in [52.0, 260.0, 520.0] {
            let free = |arm: &str| value(&cohort, &replicate, arm, "no-osteonecrosis", week);
            assert!(free("lower-dose") >= free("high-dose"));
            assert_eq!(free("osteotomy").to_bits(), free("high-dose").to_bits());
        }
    }

    #[test]
    fn osteotomy_delays_arthroplasty() {
        let cohort = cohort(500);
        let replicate = cohort.replicate(2, 0);
        let kept = |arm: &str| value(&cohort, &replicate, arm, "joints-kept", 520.0);
        assert!(kept("osteotomy") > kept("high-dose"));
    }

    #[test]
    fn a_cohort_depends_on_seed_and_index_only() {
        let cohort = cohort(50);
        assert_eq!(cohort.replicate(1, 3), cohort.replicate(1, 3));
        assert_ne!(cohort.replicate(1, 3).events, cohort.replicate(2, 3).events);
    }
}
