//! Which columns of a table mean what: findings as SDTM and ADaM have them.

use malar_model::codes::{DATASET_COLUMN, ITEM, ITEM_UNIT};

use super::cells::{Marked, Numbers, Units};
use super::codes::{Code, Codes, Holds, measured_in};
use super::times::Times;
use super::units::{Conversion, Unit};
use super::week::Time;
use super::words::{allowed, in_range, read_word, refusal};
use crate::dataset::{Column, Dataset, TableError, Texts};

/// A table of findings whose columns are known.
pub(super) struct Findings<'a> {
    table: &'a Dataset,
    subject: Texts,
    code: Texts,
    codes: [Vec<Option<&'static Code>>; 2],
    is_urine: Option<Marked>,
    number: Option<Numbers<'a>>,
    text: Option<(&'a str, Texts)>,
    unit: Option<Units<'a>>,
    limits: [Option<Numbers<'a>>; 2],
    indicator: Option<Texts>,
    times: Times<'a>,
    is_baseline: Option<Marked>,
    is_left_out: Vec<Marked>,
    is_not_done: Option<Marked>,
}

/// What a row says.
pub(super) struct Finding {
    pub code: &'static Code,
    pub value: f64,
    /// Lower and upper limit of normal in the unit of the value; NaN if not given.
    pub limits: [f64; 2],
    /// The value in the unit of [`measured_in`]; NaN if its unit is not one of those.
    pub measured: f64,
    pub time: Time,
    pub is_baseline: bool,
}

/// Why a row says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Skipped {
    /// Its code is not read here.
    Code,
    /// It has no value, or says that nothing was done.
    Empty,
    /// It was imputed, or is not the one to analyse.
    NotAnalysed,
}

impl<'a> Findings<'a> {
    /// The findings of a table; `None` if it has no column of codes.
    pub fn of(table: &'a Dataset) -> Option<Result<Findings<'a>, TableError>> {
        let code = table.columns.iter().find(|c| {
            let name = c.name.to_ascii_uppercase();
            name == "PARAMCD" || (name.len() == 8 && name.ends_with("TESTCD"))
        })?;
        Some(Findings::new(table, code))
    }

    fn new(table: &'a Dataset, code: &'a Column) -> Result<Findings<'a>, TableError> {
        let prefix = code.name.to_ascii_uppercase();
        let prefix = prefix.strip_suffix("TESTCD").unwrap_or("");
        let of_domain = |suffix: &str| {
            table
                .column(&format!("{prefix}{suffix}"))
                .filter(|_| !prefix.is_empty())
        };
        let named = |name: &str| table.column(name);
        let missing = |what: &str| TableError {
            code: DATASET_COLUMN,
            place: table.path.clone(),
            message: format!("{what} is missing"),
            help: "docs/derive.md lists the columns of findings that are read".into(),
        };
        let subject = named("USUBJID").or(named("SUBJID")).ok_or_else(|| missing("USUBJID"))?;
        let number = named("AVAL").or(of_domain("STRESN"));
        let text = named("AVALC").or(of_domain("STRESC")).or(of_domain("ORRES"));
        if number.is_none() && text.is_none() {
            return Err(missing("AVAL, AVALC, --STRESN, --STRESC or --ORRES"));
        }
        let original = of_domain("STRESN").is_none() && of_domain("STRESC").is_none() && named("AVAL").is_none();
        let (unit, limits) = if original {
            (of_domain("ORRESU"), [of_domain("ORNRLO"), of_domain("ORNRHI")])
        } else {
            let limits = [("ANRLO", "STNRLO"), ("ANRHI", "STNRHI")];
            (
                named("AVALU").or(of_domain("STRESU")).or(named("PARAM")),
                limits.map(|(adam, sdtm)| named(adam).or(of_domain(sdtm))),
            )
        };
        let times = Times::of(table, of_domain("DY"));
        if times.is_empty() {
            return Err(missing("AVISIT, VISIT, AVISITN, VISITDY, ADY or --DY"));
        }
        let coded = code.coded();
        let look_up = |is_urine| {
            let names = coded.distinct().iter();
            names.map(|name| Codes::all().find(name.trim(), is_urine)).collect()
        };
        let specimen = of_domain("SPEC");
        let left_out = [
            named("DTYPE").map(|c| Marked::new(c, |text| !text.is_empty())),
            named("ANL01FL").map(|c| Marked::new(c, |text| text != "Y")),
        ];
        let baseline = named("ABLFL").or(of_domain("LOBXFL")).or(of_domain("BLFL"));
        Ok(Findings {
            table,
            subject: subject.coded(),
            codes: [look_up(false), look_up(true)],
            code: coded,
            is_urine: specimen.map(|c| Marked::new(c, |text| text.to_ascii_uppercase().contains("URINE"))),
            number: number.map(Numbers::of),
            text: text.map(|column| (column.name.as_str(), column.coded())),
            unit: unit.map(Units::of),
            limits: limits.map(|column| column.map(Numbers::of)),
            indicator: named("ANRIND").or(of_domain("NRIND")).map(Column::coded),
            times,
            is_baseline: baseline.map(|c| Marked::new(c, |text| text == "Y")),
            is_left_out: left_out.into_iter().flatten().collect(),
            is_not_done: of_domain("STAT").map(|c| Marked::new(c, |text| text.eq_ignore_ascii_case("NOT DONE"))),
        })
    }

    /// Whose row it is.
    pub fn subjects(&self) -> &Texts {
        &self.subject
    }

    /// Codes that are not read, each once.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        let names = self.code.distinct().iter().enumerate();
        names
            .filter(|(k, _)| self.codes.iter().all(|c| c[*k].is_none()))
            .map(|(_, name)| name.as_str())
    }

    /// What a row says.
    pub fn row(&self, row: usize) -> Result<Result<Finding, Skipped>, TableError> {
        let says = |marked: &Option<Marked>| marked.as_ref().is_some_and(|m| m.get(row));
        let Some(code) = self.codes[usize::from(says(&self.is_urine))][self.code.code(row)] else {
            return Ok(Err(Skipped::Code));
        };
        if self.is_left_out.iter().any(|marked| marked.get(row)) {
            return Ok(Err(Skipped::NotAnalysed));
        }
        let value = if says(&self.is_not_done) {
            f64::NAN
        } else {
            self.value(code, row)?
        };
        if value.is_nan() {
            return Ok(Err(Skipped::Empty));
        }
        let measured = self.measured(code, row, value);
        let (value, limits) = match self.conversion(code, row)? {
            None => (value, [f64::NAN; 2]),
            Some(conversion) => (conversion.apply(value), self.limits_of(code, row, value, conversion)?),
        };
        let finding = Finding {
            code,
            value,
            limits,
            measured,
            time: self.time(row)?,
            is_baseline: says(&self.is_baseline),
        };
        Ok(Ok(finding))
    }

    fn wrong(&self, row: usize, column: &str, message: String, help: &str) -> TableError {
        self.table.wrong(ITEM, row, column, message, help)
    }

    /// The number of a row, if it has one; else its text as a number by the kind of the code.
    fn value(&self, code: &Code, row: usize) -> Result<f64, TableError> {
        let (column, text) = self
            .text
            .as_ref()
            .map_or(("", ""), |(name, texts)| (name, texts.get(row).trim()));
        if code.holds == Holds::Grade && !text.is_empty() {
            let letter = read_word(code.holds, text);
            return letter.ok_or_else(|| self.wrong(row, column, refusal(code, text), "write a letter from A to E"));
        }
        let number = self
            .number
            .as_ref()
            .map_or(Ok(f64::NAN), |numbers| numbers.get(self.table, row))?;
        let value = if number.is_nan() {
            read_word(code.holds, text)
        } else {
            Some(number)
        };
        value.and_then(|x| in_range(code.holds, x)).ok_or_else(|| {
            let (column, found) = match (&self.number, number.is_nan()) {
                (Some(numbers), false) => (numbers.name, number.to_string()),
                _ => (column, text.to_owned()),
            };
            self.wrong(row, column, refusal(code, &found), allowed(code.holds))
        })
    }

    /// How the unit of a quantity is converted; `None` for what has no unit.
    fn conversion(&self, code: &Code, row: usize) -> Result<Option<Conversion>, TableError> {
        let Holds::Quantity(unit) = code.holds else {
            return Ok(None);
        };
        let found = match &self.unit {
            None => unit.conversion(""),
            Some(units) => units.conversions[units.texts.code(row)][unit as usize],
        };
        let conversion = found.ok_or_else(|| {
            let column = self.unit.as_ref().map_or("of units", |units| units.name);
            let written = self.unit.as_ref().map_or("", |units| units.texts.get(row).trim());
            let message = match written {
                "" => format!("`{}` has no unit", code.code),
                written => format!("`{}` in `{written}` cannot be converted", code.code),
            };
            self.table.wrong(
                ITEM_UNIT,
                row,
                column,
                message,
                &format!("units read: {}", unit.names()),
            )
        });
        conversion.map(Some)
    }

    /// The value in the unit in which scores look at it, where that is not the one it is held against its limit in.
    fn measured(&self, code: &Code, row: usize, value: f64) -> f64 {
        let unit = measured_in(code.slot.0.into()).zip(self.unit.as_ref());
        let conversion = unit.and_then(|(unit, units)| units.conversions[units.texts.code(row)][unit as usize]);
        conversion.map_or(f64::NAN, |conversion| conversion.apply(value))
    }

    /// Limits of normal. Where only they are looked at, LOW, NORMAL and HIGH without limits become limits beside the value.
    fn limits_of(&self, code: &Code, row: usize, value: f64, conversion: Conversion) -> Result<[f64; 2], TableError> {
        let mut limits = [f64::NAN; 2];
        for (limit, numbers) in limits.iter_mut().zip(&self.limits) {
            if let Some(numbers) = numbers {
                *limit = conversion.apply(numbers.get(self.table, row)?);
            }
        }
        let indicator = self
            .indicator
            .as_ref()
            .filter(|_| code.holds == Holds::Quantity(Unit::AgainstLimit));
        let said = indicator.map_or("", |texts| texts.get(row).trim());
        match said.to_ascii_uppercase().as_str() {
            "LOW" | "LOW LOW" | "L" => limits = limits.map(|l| if l.is_nan() { value + 1.0 } else { l }),
            "HIGH" | "HIGH HIGH" | "H" => limits = limits.map(|l| if l.is_nan() { value - 1.0 } else { l }),
            "NORMAL" | "N" => limits = limits.map(|l| if l.is_nan() { value } else { l }),
            _ => {}
        }
        Ok(limits)
    }

    fn time(&self, row: usize) -> Result<Time, TableError> {
        let time = self.times.of_row(self.table, row)?;
        time.ok_or_else(|| {
            let help = "give AVISIT or VISIT as `Week 12` or `Baseline`, or a day in VISITDY, ADY or --DY";
            self.wrong(
                row,
                self.times.column(),
                "the row says neither week nor day".into(),
                help,
            )
        })
    }
}
