//! Which columns of a table mean what: findings as SDTM and ADaM have them.

use malar_model::codes::{DATASET_COLUMN, ITEM, ITEM_UNIT};

use super::codes::{Code, Codes, Holds};
use super::units::{Conversion, Unit};
use super::week::{Time, week_of_day, week_of_text};
use crate::dataset::{Column, Dataset, TableError, Texts, Values, parse_number};

/// A table of findings whose columns are known.
pub(super) struct Findings<'a> {
    table: &'a Dataset,
    subject: Texts,
    code: Texts,
    codes: [Vec<Option<&'static Code>>; 2],
    is_urine: Option<(Texts, Vec<bool>)>,
    number: Option<Numbers<'a>>,
    text: Option<(&'a str, Texts)>,
    unit: Option<(&'a str, Texts)>,
    limits: [Option<Numbers<'a>>; 2],
    indicator: Option<Texts>,
    times: Times<'a>,
    baseline: Option<Texts>,
    left_out: [Option<Texts>; 3],
}

/// Numbers of a column, looked up by row.
struct Numbers<'a> {
    name: &'a str,
    values: NumberValues<'a>,
}

enum NumberValues<'a> {
    Plain(&'a [f64]),
    Read(&'a Texts, Vec<Option<f64>>),
}

/// Where the time of a row may stand, in the order in which it is looked for.
struct Times<'a> {
    analysis_visit: Option<(Texts, Vec<Option<f64>>)>,
    planned_day: Option<Numbers<'a>>,
    visit: Option<(Texts, Vec<Option<f64>>)>,
    analysis_number: Option<Numbers<'a>>,
    day: Option<Numbers<'a>>,
}

/// What a row says.
pub(super) struct Finding {
    pub code: &'static Code,
    pub value: f64,
    /// Lower and upper limit of normal in the unit of the value; NaN if not given.
    pub limits: [f64; 2],
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
        let specimen = of_domain("SPEC").map(|column| {
            let texts = column.coded();
            let is_urine = texts
                .distinct()
                .iter()
                .map(|t| t.to_ascii_uppercase().contains("URINE"))
                .collect();
            (texts, is_urine)
        });
        Ok(Findings {
            table,
            subject: subject.coded(),
            codes: [look_up(false), look_up(true)],
            code: coded,
            is_urine: specimen,
            number: number.map(Numbers::of),
            text: text.map(|column| (column.name.as_str(), column.coded())),
            unit: unit.map(|column| (column.name.as_str(), column.coded())),
            limits: limits.map(|column| column.map(Numbers::of)),
            indicator: named("ANRIND").or(of_domain("NRIND")).map(Column::coded),
            times,
            baseline: named("ABLFL")
                .or(of_domain("LOBXFL"))
                .or(of_domain("BLFL"))
                .map(Column::coded),
            left_out: [named("DTYPE"), named("ANL01FL"), of_domain("STAT")].map(|c| c.map(Column::coded)),
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
        let is_urine = self
            .is_urine
            .as_ref()
            .is_some_and(|(texts, is_urine)| is_urine[texts.code(row)]);
        let Some(code) = self.codes[usize::from(is_urine)][self.code.code(row)] else {
            return Ok(Err(Skipped::Code));
        };
        let [imputed, analysed, status] = &self.left_out;
        let cell = |texts: &'_ Option<Texts>| texts.as_ref().map(|t| t.get(row).trim().to_owned());
        if cell(imputed).is_some_and(|t| !t.is_empty()) || cell(analysed).is_some_and(|t| t != "Y") {
            return Ok(Err(Skipped::NotAnalysed));
        }
        let conversion = self.conversion(code, row);
        let value = match cell(status).is_some_and(|t| t.eq_ignore_ascii_case("NOT DONE")) {
            true => f64::NAN,
            false => self.value(code, row)?,
        };
        if value.is_nan() {
            return Ok(Err(Skipped::Empty));
        }
        let (value, limits) = match conversion? {
            None => (value, [f64::NAN; 2]),
            Some(conversion) => (conversion.apply(value), self.limits_of(code, row, value, conversion)?),
        };
        let finding = Finding {
            code,
            value,
            limits,
            time: self.time(row)?,
            is_baseline: cell(&self.baseline).is_some_and(|t| t == "Y"),
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
        let column = if number.is_nan() {
            column
        } else {
            self.number.as_ref().map_or("", |n| n.name)
        };
        let found = if number.is_nan() {
            text.to_owned()
        } else {
            number.to_string()
        };
        let value = if number.is_nan() {
            read_word(code.holds, text)
        } else {
            Some(number)
        };
        let value = value.and_then(|x| in_range(code.holds, x));
        value.ok_or_else(|| self.wrong(row, column, refusal(code, &found), allowed(code.holds)))
    }

    /// How the unit of a quantity is converted; `None` for what has no unit.
    fn conversion(&self, code: &Code, row: usize) -> Result<Option<Conversion>, TableError> {
        let Holds::Quantity(unit) = code.holds else {
            return Ok(None);
        };
        let (column, written) = match &self.unit {
            None => ("", ""),
            Some((name, texts)) if name.eq_ignore_ascii_case("PARAM") => (*name, in_brackets(texts.get(row))),
            Some((name, texts)) => (*name, texts.get(row).trim()),
        };
        // A unit of ours may also be left away where only one is in use.
        let conversion = unit.conversion(written).ok_or_else(|| {
            let column = if column.is_empty() { "of units" } else { column };
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

impl<'a> Numbers<'a> {
    fn of(column: &'a Column) -> Numbers<'a> {
        let values = match &column.values {
            Values::Numbers(numbers) => NumberValues::Plain(numbers),
            Values::Texts(texts) => {
                let read = texts.distinct().iter().map(|text| parse_number(text)).collect();
                NumberValues::Read(texts, read)
            }
        };
        Numbers {
            name: &column.name,
            values,
        }
    }

    /// The number of a row; NaN if missing. Fails if a text is none.
    fn get(&self, table: &Dataset, row: usize) -> Result<f64, TableError> {
        match &self.values {
            NumberValues::Plain(numbers) => Ok(numbers[row]),
            NumberValues::Read(texts, read) => read[texts.code(row)].ok_or_else(|| {
                let message = format!("`{}` is not a number", texts.get(row));
                let help = "write a number; a value beyond the limits of an assay is not guessed here";
                table.wrong(ITEM, row, self.name, message, help)
            }),
        }
    }
}

impl<'a> Times<'a> {
    fn of(table: &'a Dataset, day: Option<&'a Column>) -> Times<'a> {
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

    fn is_empty(&self) -> bool {
        let words = self.analysis_visit.is_some() || self.visit.is_some();
        !words
            && [&self.planned_day, &self.analysis_number, &self.day]
                .iter()
                .all(|n| n.is_none())
    }

    /// A column to name when a row has no time.
    fn column(&self) -> &str {
        if self.analysis_visit.is_some() {
            return "AVISIT";
        }
        let numbers = [&self.planned_day, &self.analysis_number, &self.day]
            .into_iter()
            .flatten();
        numbers.map(|n| n.name).next().unwrap_or("VISIT")
    }

    fn of_row(&self, table: &Dataset, row: usize) -> Result<Option<Time>, TableError> {
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

/// A word as the number that stands for it; nothing is missing.
fn read_word(holds: Holds, text: &str) -> Option<f64> {
    let upper = text.to_ascii_uppercase();
    if matches!(upper.as_str(), "" | "." | "ND" | "NOT DONE") {
        return Some(f64::NAN);
    }
    match holds {
        Holds::Grade => {
            let mut letters = upper.chars();
            let letter = letters.next().filter(|_| letters.clone().next().is_none())?;
            malar_instruments::bilag::grade::Grade::from_letter(letter).map(|g| f64::from(g as u8))
        }
        Holds::Descriptor(_) | Holds::Flag => match upper.as_str() {
            "Y" | "YES" | "PRESENT" | "TRUE" | "POSITIVE" => Some(1.0),
            "N" | "NO" | "ABSENT" | "FALSE" | "NEGATIVE" => Some(0.0),
            _ => parse_number(text),
        },
        Holds::Mark => match upper.as_str() {
            "NOT PRESENT" => Some(0.0),
            "IMPROVING" => Some(1.0),
            "SAME" => Some(2.0),
            "WORSE" => Some(3.0),
            "NEW" => Some(4.0),
            _ => parse_number(text),
        },
        Holds::Count(_) | Holds::Quantity(_) => parse_number(text),
    }
}

/// The value as it is kept, if its item can have it: descriptors become 0 or 1.
fn in_range(holds: Holds, x: f64) -> Option<f64> {
    if x.is_nan() {
        return Some(x);
    }
    let whole = |high: f64| (x.fract() == 0.0 && (0.0..=high).contains(&x)).then_some(x);
    match holds {
        Holds::Descriptor(descriptor) => match whole(8.0)? {
            0.0 => Some(0.0),
            points if points == 1.0 || points == f64::from(descriptor.weight()) => Some(1.0),
            _ => None,
        },
        Holds::Mark | Holds::Grade => whole(4.0),
        Holds::Flag => whole(1.0),
        Holds::Count(high) => whole(high.into()),
        Holds::Quantity(Unit::Temperature) => Some(x),
        Holds::Quantity(_) => (x >= 0.0).then_some(x),
    }
}

fn refusal(code: &Code, found: &str) -> String {
    format!("`{}` ({}) cannot be `{found}`", code.code, code.meaning)
}

fn allowed(holds: Holds) -> &'static str {
    match holds {
        Holds::Descriptor(_) => "write 0 for absent, 1 or the descriptor's points for present, or Y or N",
        Holds::Mark => "write 0 not present, 1 improving, 2 same, 3 worse, 4 new, or ND",
        Holds::Grade => "write a letter from A to E in AVALC, --STRESC or --ORRES",
        Holds::Flag => "write Y or N, 1 or 0",
        Holds::Count(_) => "write a whole number in the range of the score",
        Holds::Quantity(_) => {
            "write a number that is not negative; a value beyond the limits of an assay is not guessed here"
        }
    }
}

/// What stands in the last brackets: `Creatinine (umol/L)`.
fn in_brackets(text: &str) -> &str {
    let inside = text.trim_end().strip_suffix(')').and_then(|t| t.rsplit_once('('));
    inside.map_or("", |(_, unit)| unit.trim())
}
