//! Rows read off the patients of a course.

use super::file::{Course, Row, TOLERANCE};
use super::page;
use super::report::RowResult;

/// Everything that rows look at, each once.
pub(super) fn shown(course: &Course) -> Vec<String> {
    let mut shown = Vec::new();
    for name in course
        .rows
        .iter()
        .flat_map(|row| [Some(&row.shows), row.over.as_ref()])
        .flatten()
    {
        if !shown.contains(name.get_ref()) {
            shown.push(name.get_ref().clone());
        }
    }
    shown
}

/// Baseline, and every day that a row looks at, from the first dose.
pub(super) fn days(course: &Course) -> Vec<f64> {
    let looked = course.rows.iter().flat_map(|row| row.look.list());
    let mut days: Vec<f64> = looked.map(|day| course.start + day).chain([0.0]).collect();
    days.sort_by(f64::total_cmp);
    days.dedup_by(|a, b| a.to_bits() == b.to_bits());
    days
}

/// One row, read off all patients.
pub(super) fn read(course: &Course, row: &Row, shown: &[String], days: &[f64], seen: &[Option<Vec<f64>>]) -> RowResult {
    let place = |name: &String| {
        shown
            .iter()
            .position(|known| known == name)
            .expect("every name is shown")
    };
    let (top, below) = (
        place(row.shows.get_ref()),
        row.over.as_ref().map(|name| place(name.get_ref())),
    );
    let looked = row.look.list();
    let index = |day: f64| days.partition_point(|&known| known < course.start + day);
    let of_patient = |values: &Vec<f64>| {
        let value = |k: usize| {
            let at = |column: usize| values[k * shown.len() + column];
            at(top) / below.map_or(1.0, at)
        };
        let found: Vec<f64> = looked.iter().map(|&day| value(index(day))).collect();
        row.reading.of(value(0), &looked, &found)
    };
    let mut numbers: Vec<f64> = seen.iter().flatten().map(of_patient).collect();
    // What never comes is later than everything.
    numbers
        .iter_mut()
        .filter(|x| x.is_nan())
        .for_each(|x| *x = f64::INFINITY);
    numbers.sort_by(f64::total_cmp);
    let is_share = row.reading.is_share();
    let simulated = match is_share {
        true => numbers.iter().sum::<f64>() / numbers.len() as f64,
        false => quantile(&numbers, 0.5),
    };
    let [low, high] = row.limits();
    let within = (low..=high).contains(&simulated);
    RowResult {
        therapy: course.therapy.get_ref().clone(),
        weak: false,
        regimen: course.regimen.clone(),
        readout: row.readout.clone(),
        unit: row.unit.clone(),
        simulated,
        low90: (!is_share).then(|| quantile(&numbers, 0.05)),
        high90: (!is_share).then(|| quantile(&numbers, 0.95)),
        unsolved: seen.iter().filter(|patient| patient.is_none()).count() as u32,
        published: row.published,
        accepted_low: low,
        accepted_high: high,
        accepted_as: match row.accepted_as.is_empty() {
            true => format!("±{:.0} %", 100.0 * TOLERANCE),
            false => row.accepted_as.clone(),
        },
        within,
        evidence: row.evidence.as_ref().map(|cited| cited.get_ref().id.clone()),
        source: page::source(row),
        sets: row.sets.clone(),
        outside: if within { String::new() } else { row.outside.clone() },
    }
}

/// Quantile of sorted numbers by linear interpolation (type 7); NaN of none.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = share * last as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    // Two infinities would make no number.
    if low == high {
        low
    } else {
        low + (high - low) * place.fract()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_type_7() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(quantile(&[1.0, f64::INFINITY, f64::INFINITY], 0.75), f64::INFINITY);
    }
}
