//! Adverse events by arm over replicates.

use std::collections::BTreeMap;

use super::sample::Sample;
use crate::published::Published;
use crate::summary::EventSummary;
use malar_trial::results::{AtRisk, EventRow, Labels, Replicate};

/// Lowest grade called severe.
const SEVERE: u8 = 3;

/// What was seen of one event in one arm, a value for each replicate.
struct Seen {
    percent: Sample,
    per_100_years: Sample,
    severe: Sample,
    serious: Sample,
    /// Percent of patients by worst grade.
    grades: [Sample; 5],
}

/// Events seen so far.
#[derive(Default)]
pub(super) struct Safety {
    seen: BTreeMap<(u16, u16), Seen>,
    years: BTreeMap<u16, Sample>,
    last_week: f64,
}

impl Safety {
    pub fn add(&mut self, replicate: &Replicate, labels: &Labels) {
        for (arm, who) in replicate.at_risk.iter().enumerate() {
            let arm = arm as u16;
            self.years.entry(arm).or_insert_with(Sample::new).add(who.years);
            for event in 0..labels.events.len() as u16 {
                let of = |row: &&EventRow| row.arm == arm && row.event == event;
                let rows: Vec<&EventRow> = replicate.events.iter().filter(of).collect();
                let serious_from = labels.event_serious_from[usize::from(event)];
                self.seen
                    .entry((event, arm))
                    .or_insert_with(Seen::new)
                    .add(&rows, who, serious_from);
            }
        }
        let weeks = replicate.endpoints.iter().map(|row| row.week);
        self.last_week = weeks.fold(self.last_week, f64::max);
    }

    pub fn summaries(&self, labels: &Labels, published: &dyn Published) -> Vec<EventSummary> {
        let summary = |(&(event, arm), seen): (&(u16, u16), &Seen)| {
            let (arm_id, id) = (&labels.arms[usize::from(arm)], &labels.events[usize::from(event)]);
            let known = published.rate(arm_id, id, self.last_week, "all");
            let [low90, high90] = seen.percent.quantiles([0.05, 0.95]);
            let [rate_low90, rate_high90] = seen.per_100_years.quantiles([0.05, 0.95]);
            EventSummary {
                arm: arm_id.clone(),
                event: id.clone(),
                term: labels.event_terms[usize::from(event)].clone(),
                percent: seen.percent.mean(),
                low90,
                high90,
                per_100_years: seen.per_100_years.mean(),
                rate_low90,
                rate_high90,
                severe_percent: seen.severe.mean(),
                serious_percent: seen.serious.mean(),
                grade_percent: seen.grades.iter().map(Sample::mean).collect(),
                patient_years: self.years[&arm].mean(),
                published: known.map(|rate| rate.value),
            }
        };
        // Nobody of a control of whom only counts were published was watched.
        let watched = |(_, arm): &(u16, u16)| self.years[arm].mean() > 0.0;
        self.seen.iter().filter(|(key, _)| watched(key)).map(summary).collect()
    }
}

impl Seen {
    fn new() -> Seen {
        Seen {
            percent: Sample::new(),
            per_100_years: Sample::new(),
            severe: Sample::new(),
            serious: Sample::new(),
            grades: std::array::from_fn(|_| Sample::new()),
        }
    }

    fn add(&mut self, rows: &[&EventRow], arm: &AtRisk, serious_from: u8) {
        let mut worst: BTreeMap<u32, u8> = BTreeMap::new();
        for row in rows {
            let grade = worst.entry(row.patient).or_insert(row.grade);
            *grade = row.grade.max(*grade);
        }
        let percent = |counts: &dyn Fn(u8) -> bool| {
            100.0 * worst.values().filter(|grade| counts(**grade)).count() as f64 / f64::from(arm.patients)
        };
        self.percent.add(percent(&|_| true));
        self.severe.add(percent(&|grade| grade >= SEVERE));
        self.serious.add(percent(&|grade| grade >= serious_from));
        for (k, sample) in self.grades.iter_mut().enumerate() {
            sample.add(percent(&|grade| usize::from(grade) == k + 1));
        }
        self.per_100_years.add(100.0 * rows.len() as f64 / arm.years);
    }
}
