//! Where the time of a finding stands.

use super::cells::Numbers;
use super::week::{Time, week_of_day, week_of_text};
use crate::dataset::{Column, Dataset, TableError, Texts};

/// Where the time of a row may stand, in the order in which it is looked for.
pub(super) struct Times<'a> {
    analysis_visit: Option<(Texts, Vec<Option<f64>>)>,
    planned_day: Option<Numbers<'a>>,
    visit: Option<(Texts, Vec<Option<f64>>)>,
    analysis_number: Option<Numbers<'a>>,
    day: Option<Numbers<'a>>,
}

impl<'a> Times<'a> {
    pub fn of(table: &'a Dataset, day: Option<&'a Column>) -> Times<'a> {
        let words = |name: &str| {
            let texts = table.column(name)?.coded();
            let weeks = texts.distinct().iter().map(|text| week_of_text(text)).collect();
            Some((texts, weeks))
        };
        let analysis_visit = words("AVISIT");
        let has_words = analysis_visit.is_some();
        Times {
            analysis_visit,
            planned_day: table.column("VISITDY").map(Numbers::of),
            visit: words("VISIT"),
            analysis_number: table.column("AVISITN").filter(|_| !has_words).map(Numbers::of),
            day: table.column("ADY").or(day).map(Numbers::of),
        }
    }

    pub fn is_empty(&self) -> bool {
        let words = self.analysis_visit.is_some() || self.visit.is_some();
        !words
            && [&self.planned_day, &self.analysis_number, &self.day]
                .iter()
                .all(|n| n.is_none())
    }

    /// A column to name when a row has no time.
    pub fn column(&self) -> &str {
        if self.analysis_visit.is_some() {
            return "AVISIT";
        }
        let numbers = [&self.planned_day, &self.analysis_number, &self.day]
            .into_iter()
            .flatten();
        numbers.map(|n| n.name).next().unwrap_or("VISIT")
    }

    pub fn of_row(&self, table: &Dataset, row: usize) -> Result<Option<Time>, TableError> {
        let number = |numbers: &Option<Numbers>| numbers.as_ref().map_or(Ok(f64::NAN), |n| n.get(table, row));
        let word = |words: &Option<(Texts, Vec<Option<f64>>)>| words.as_ref().and_then(|(t, weeks)| weeks[t.code(row)]);
        let day = number(&self.day)?;
        let nominal = |week: f64| {
            Some(Time {
                week,
                day,
                is_nominal: true,
            })
        };
        if let Some(week) = word(&self.analysis_visit) {
            return Ok(nominal(week));
        }
        let planned = number(&self.planned_day)?;
        if !planned.is_nan() {
            return Ok(nominal(week_of_day(planned)));
        }
        if let Some(week) = word(&self.visit) {
            return Ok(nominal(week));
        }
        let week = number(&self.analysis_number)?;
        if !week.is_nan() {
            return Ok(nominal(week));
        }
        let by_day = Time {
            week: week_of_day(day),
            day,
            is_nominal: false,
        };
        Ok((!day.is_nan()).then_some(by_day))
    }
}
