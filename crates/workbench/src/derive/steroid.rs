//! The daily dose of steroids from records of medication or exposure (CM, EX), where no table gives it by visit.
//!
//! Oral glucocorticoids in force on a day are added up as prednisone. Injections and drugs given as needed are no daily dose.

use super::intake::Person;
use crate::dataset::{Column, Dataset};

/// Milligrams of a drug that are worth 5 mg of prednisone. Source: US prescribing information of Solu-Medrol, dosage and
/// administration (unverified: not read again).
const WORTH_FIVE_MG: [(&str, f64); 9] = [
    ("METHYLPREDNISOLONE", 4.0), // before the names that it contains
    ("PREDNISOLONE", 5.0),
    ("PREDNISONE", 5.0),
    ("HYDROCORTISONE", 20.0), // before the name that it contains
    ("CORTISONE", 25.0),
    ("TRIAMCINOLONE", 4.0),
    ("DEXAMETHASONE", 0.75),
    ("BETAMETHASONE", 0.75),
    ("PARAMETHASONE", 2.0),
];

/// Times a day, by CDISC's codes of frequency.
const TIMES_A_DAY: [(&str, f64); 7] = [
    ("", 1.0),
    ("QD", 1.0),
    ("BID", 2.0),
    ("TID", 3.0),
    ("QID", 4.0),
    ("QOD", 0.5),
    ("Q2D", 0.5),
];

/// A dose over some days of the study.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Taken {
    /// First day; minus infinity if it is not known.
    pub from: f64,
    /// Last day; infinity if it has not ended.
    pub to: f64,
    /// Prednisone-equivalent, mg/day.
    pub prednisone: f64,
}

/// What a table of medication or exposure says of steroids.
pub(super) struct Steroids<'a> {
    table: &'a Dataset,
    names: Vec<&'a Column>,
    total: Option<&'a Column>,
    dose: Option<&'a Column>,
    unit: Option<&'a Column>,
    frequency: Option<&'a Column>,
    route: Option<&'a Column>,
    days: [Option<&'a Column>; 2],
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Row {
    /// Something else than a daily steroid by mouth.
    Other,
    /// A steroid whose daily dose it does not tell.
    Untold,
    /// A daily dose.
    Daily(Taken),
}

impl<'a> Steroids<'a> {
    /// The columns of a table of domain CM or EX; `None` if it names no drugs and doses.
    pub fn of(table: &'a Dataset) -> Option<Steroids<'a>> {
        let domain = ["CM", "EX"]
            .into_iter()
            .find(|d| table.column(&format!("{d}TRT")).is_some())?;
        let column = |suffix: &str| table.column(&format!("{domain}{suffix}"));
        let (total, dose) = (column("DOSTOT"), column("DOSE"));
        (total.is_some() || dose.is_some()).then(|| Steroids {
            table,
            names: ["DECOD", "TRT"].iter().filter_map(|suffix| column(suffix)).collect(),
            total,
            dose,
            unit: column("DOSU"),
            frequency: column("DOSFRQ"),
            route: column("ROUTE"),
            days: [column("STDY"), column("ENDY")],
        })
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.table.n_rows()
    }

    /// What a row says.
    pub fn row(&self, row: usize) -> Row {
        let text = |column: Option<&Column>| column.map_or(String::new(), |c| c.text(row).trim().to_ascii_uppercase());
        let number = |column: Option<&Column>| crate::dataset::parse_number(&text(column)).filter(|x| !x.is_nan());
        let Some(worth) = self.names.iter().find_map(|name| worth_five(&text(Some(name)))) else {
            return Row::Other;
        };
        let route = text(self.route);
        if !route.is_empty() && !route.contains("ORAL") {
            return Row::Other;
        }
        let milligrams = match text(self.unit).as_str() {
            "" | "MG" | "MG/DAY" => Some(1.0),
            "G" => Some(1000.0),
            "UG" | "MCG" => Some(0.001),
            _ => None,
        };
        let frequency = text(self.frequency);
        let times = TIMES_A_DAY.iter().find(|(code, _)| *code == frequency).map(|f| f.1);
        let a_day = number(self.total).or_else(|| Some(number(self.dose)? * times?));
        let Some(a_day) = a_day
            .zip(milligrams)
            .map(|(dose, mg)| dose * mg)
            .filter(|mg| *mg >= 0.0)
        else {
            return Row::Untold;
        };
        Row::Daily(Taken {
            from: number(self.days[0]).unwrap_or(f64::NEG_INFINITY),
            to: number(self.days[1]).unwrap_or(f64::INFINITY),
            prednisone: a_day * 5.0 / worth,
        })
    }
}

fn worth_five(name: &str) -> Option<f64> {
    let known = WORTH_FIVE_MG.iter().find(|(drug, _)| name.contains(drug));
    known.map(|(_, worth)| *worth)
}

impl Person {
    /// Prednisone-equivalent that the patient took before the decision of a visit on `day`, mg/day: of the day before; at
    /// baseline, where nothing is decided yet, of the day itself. `None` without records.
    pub fn prednisone_at(&self, day: f64) -> Option<f64> {
        self.prednisone_on(if day > 1.0 { day - 1.0 } else { day })
    }

    /// Dose in force on a day, the one of a visit's decision if it was a visit; `None` if no table tells.
    pub fn prednisone_on(&self, day: f64) -> Option<f64> {
        let day = if day >= 1.0 { day.floor() } else { day };
        let in_force = |taken: &&Taken| taken.from <= day && day <= taken.to;
        let taken = self.steroids.as_ref()?.iter().filter(in_force);
        Some(taken.map(|taken| taken.prednisone).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Dataset {
        Dataset::new("CM", "")
            .with_texts("USUBJID", "", ["a"; 7])
            .with_texts(
                "CMTRT",
                "",
                [
                    "Prednisone",
                    "METHYLPREDNISOLONE",
                    "methylprednisolone",
                    "Aspirin",
                    "prednisolone",
                    "Cortisone",
                    "prednisone",
                ],
            )
            .with_numbers("CMDOSE", "", vec![5.0, 4.0, 500.0, 100.0, 5.0, 25.0, 10.0])
            .with_texts("CMDOSU", "", ["mg", "mg", "mg", "mg", "tablet", "mg", "mg"])
            .with_texts("CMDOSFRQ", "", ["QD", "BID", "ONCE", "QD", "QD", "QOD", "PRN"])
            .with_texts(
                "CMROUTE",
                "",
                ["ORAL", "", "INTRAVENOUS", "ORAL", "ORAL", "oral", "ORAL"],
            )
            .with_numbers("CMSTDY", "", vec![1.0, f64::NAN, 3.0, 1.0, 1.0, 20.0, 1.0])
            .with_numbers("CMENDY", "", vec![28.0, f64::NAN, 3.0, 9.0, 9.0, 30.0, 9.0])
    }

    #[test]
    fn oral_steroids_become_prednisone_a_day() {
        let table = table();
        let steroids = Steroids::of(&table).expect("drugs and doses");
        let told = |row| match steroids.row(row) {
            Row::Daily(taken) => taken.prednisone,
            Row::Untold => -1.0,
            Row::Other => -2.0,
        };
        let all: Vec<f64> = (0..steroids.n_rows()).map(told).collect();
        assert_eq!(all, [5.0, 10.0, -2.0, -2.0, -1.0, 2.5, -1.0]);
    }

    #[test]
    fn the_dose_before_a_visit_is_that_of_the_day_before() {
        let table = table();
        let steroids = Steroids::of(&table).expect("drugs and doses");
        let daily = (0..7).filter_map(|row| match steroids.row(row) {
            Row::Daily(taken) => Some(taken),
            _ => None,
        });
        let person = Person {
            steroids: Some(daily.collect()),
            ..Person::default()
        };
        let at = |day| person.prednisone_at(day).expect("records");
        assert_eq!(
            [-5.0, 1.0, 20.0, 29.0, 30.0, 32.0].map(at),
            [10.0, 15.0, 15.0, 17.5, 12.5, 10.0]
        );
        assert_eq!(Person::default().prednisone_at(1.0), None);
    }
}
