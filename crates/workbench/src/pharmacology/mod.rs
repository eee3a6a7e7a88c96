//! Every therapy against its published pharmacology: drug levels, B cells, antibodies, CAR cells, the interferon signature, before
//! any question of benefit.
//!
//! The courses and their published values stand in `evidence/pharmacology.toml`. A row is within if the median of the virtual
//! patients lies in the accepted interval; a share of patients is their mean.

mod figure;
mod file;
mod page;
mod reading;
mod report;
mod rows;

use std::collections::BTreeMap;

use malar_model::codes::{DOSING, MECHANISM};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::equations::Equations;
use malar_model::read_toml;
use malar_solver::Settings;
use malar_trial::exposure::{Bodies, Drawn, Exposure, ExposureError};
use malar_trial::{Hooks, Product, Support, Therapy};

use crate::catalog::{Kind, Library};
use crate::finding::{Finding, InputError};
use crate::listing;
use crate::run::Progress;
use crate::score::library_evidence_with;
use crate::study::{ModelFile, Used, equations, product};

pub use figure::figure;
pub use file::{PharmacologyFile, TOLERANCE};
pub use page::page;
pub use reading::Reading;
pub use report::{Count, Report, RowResult};

use file::{Course, Row};
use rows::{days, read, shown};

/// Path of the file below the library.
pub const FILE: &str = "evidence/pharmacology.toml";
/// Share of rows on the `fit` list that have to lie within.
pub const GOAL: f64 = 0.8;
/// Relative accuracy of the integration: cells fall by ten orders of magnitude and come back.
const ACCURACY: f64 = 1e-6;

/// How many patients, and whose luck.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Virtual patients per course, 1 or more.
    pub patients: u32,
    /// Seed.
    pub seed: u64,
    /// Only this therapy.
    pub therapy: Option<String>,
}

/// Simulates every course and reads every row.
pub fn pharmacology(library: &Library, request: &Request, progress: &dyn Progress) -> Result<Report, InputError> {
    if request.patients == 0 {
        let (what, help) = ("the number of patients", "write 1 or more");
        let value = "0".to_owned();
        return Err(InputError::Value { what, value, help });
    }
    let source = library.get(FILE).ok_or_else(|| InputError::Unknown {
        kind: "file",
        name: FILE.into(),
        help: "it holds the courses and what was published about them".into(),
    })?;
    let (evidence, split) = library_evidence_with(library, None)?;
    let file = PharmacologyFile::read(source, &evidence, &split).map_err(|found| Finding::all(found, source))?;
    let known: Vec<String> = listing::therapies(library).into_iter().map(|t| t.id).collect();
    let is_asked = |course: &&Course| request.therapy.as_ref().is_none_or(|id| id == course.therapy.get_ref());
    let courses: Vec<&Course> = file.courses.iter().filter(is_asked).collect();
    if let Some(id) = request.therapy.as_ref().filter(|id| !known.contains(id)) {
        return Err(InputError::Unknown {
            kind: "therapy",
            name: id.clone(),
            help: format!("known therapies: {}", known.join(", ")),
        });
    }
    let mut bench = Bench::new(library, source, &file, request)?;
    let mut rows = Vec::new();
    for (done, course) in courses.iter().enumerate() {
        progress.update(done as u32, courses.len() as u32);
        rows.extend(bench.rows(course)?);
    }
    let has_row = |id: &String| file.courses.iter().any(|course| course.therapy.get_ref() == id);
    Ok(Report {
        patients: request.patients,
        seed: request.seed,
        rows,
        silent: known.into_iter().filter(|id| !has_row(id)).collect(),
        unread: (file.unread.iter().map(toml::Spanned::get_ref))
            .map(|unread| (unread.id.clone(), unread.endpoints.clone(), unread.why.clone()))
            .collect(),
    })
}

/// Everything that courses share.
struct Bench<'a> {
    used: Used<'a>,
    source: &'a Source,
    disease: (Equations, Hooks),
    products: BTreeMap<String, Product>,
    bodies: Bodies,
}

impl<'a> Bench<'a> {
    fn new(
        library: &'a Library,
        source: &'a Source,
        file: &PharmacologyFile,
        request: &Request,
    ) -> Result<Bench<'a>, InputError> {
        let mut used = Used::new(library);
        let disease = disease(&mut used, &file.model, source)?;
        let number = |quantity: &toml::Spanned<malar_model::Quantity>, unit| {
            let found = quantity.get_ref().in_unit(unit, source, quantity.span());
            found.map_err(|found| vec![Finding::new(found, source)])
        };
        Ok(Bench {
            bodies: Bodies {
                n: request.patients,
                seed: request.seed,
                weight_kg: number(&file.weight, "kg")?,
                weight_log_sd: number(&file.weight_log_sd, "1")?,
                drawn: Vec::new(),
            },
            used,
            source,
            disease,
            products: BTreeMap::new(),
        })
    }

    /// The rows of one course.
    fn rows(&mut self, course: &Course) -> Result<Vec<RowResult>, InputError> {
        let products = self.products(course)?;
        let shown = shown(course);
        let names: Vec<String> = shown.iter().map(|name| name.replace('.', "__")).collect();
        let (disease, hooks) = &self.disease;
        let drawn: Vec<String> = course
            .patients
            .iter()
            .map(|drawn| drawn.name.get_ref().clone())
            .collect();
        let exposure = Exposure::new((disease, hooks), &products, &course.gives, (&drawn, &names))
            .map_err(|reason| self.refused(course, &reason))?;
        let days = days(course);
        let bodies = Bodies {
            drawn: course.patients.iter().map(drawn_from).collect(),
            ..self.bodies.clone()
        };
        let seen = exposure.run(&bodies, &Settings::with_tolerance(ACCURACY), &days);
        let given = self.products.get(course.therapy.get_ref());
        let weak = given.is_some_and(|product| product.therapy.support == Support::Weak);
        let result = |row: &Row| RowResult {
            weak,
            ..read(course, row, &shown, &days, &seen)
        };
        Ok(course.rows.iter().map(result).collect())
    }

    /// Everything that a course gives, each once, in the order of the file.
    fn products(&mut self, course: &Course) -> Result<Vec<Product>, InputError> {
        let mut ids: Vec<&String> = Vec::new();
        for used in &course.gives {
            if !ids.contains(&&used.id) {
                ids.push(&used.id);
            }
        }
        let mut products = Vec::new();
        for id in ids {
            if !self.products.contains_key(id) {
                let product = product_called(&mut self.used, id, self.source)?;
                self.products.insert(id.clone(), product);
            }
            products.push(self.products[id].clone());
        }
        Ok(products)
    }

    fn refused(&self, course: &Course, reason: &ExposureError) -> Vec<Finding> {
        let (code, help) = match reason {
            ExposureError::Dosing { .. } => (DOSING, "use a route of the therapy file and the unit it counts in"),
            _ => (
                MECHANISM,
                "`shows` is a name of the disease model, or `therapy.name` of a therapy that is given",
            ),
        };
        let found = Diagnostic::error(code, self.source, course.therapy.span(), reason.to_string());
        vec![Finding::new(found.help(help), self.source)]
    }
}

/// Equations of a disease model, and what therapies may change in it.
fn disease(used: &mut Used<'_>, id: &str, mentioned_in: &Source) -> Result<(Equations, Hooks), InputError> {
    let file = used.named(Kind::Models, id, mentioned_in)?;
    let file: ModelFile = read_toml(file).map_err(|found| vec![Finding::new(found, file)])?;
    let equations = equations(used, &format!("models/{id}/{}", file.file))?;
    Ok((equations, file.hooks))
}

fn product_called(used: &mut Used<'_>, id: &str, mentioned_in: &Source) -> Result<Product, InputError> {
    let source = used.named(Kind::Therapies, id, mentioned_in)?;
    let therapy = Therapy::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
    product(used, therapy, source)
}

fn drawn_from(drawn: &file::Drawn) -> Drawn {
    Drawn {
        median: drawn.median,
        log_sd: drawn.log_sd,
        limits: (drawn.from, drawn.to),
    }
}

/// Everything that is wrong with the file, for `malar check`.
pub(crate) fn check(library: &Library, source: &Source) -> Vec<Finding> {
    let Ok((evidence, split)) = library_evidence_with(library, None) else {
        return Vec::new(); // said where it is wrong
    };
    let found = PharmacologyFile::read(source, &evidence, &split)
        .err()
        .unwrap_or_default();
    Finding::all(found, source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Silent;

    #[test]
    fn the_file_says_what_the_evidence_says() {
        let library = Library::embedded();
        let found = check(&library, library.get(FILE).expect("embedded"));
        let text: Vec<String> = found.iter().map(Finding::to_string).collect();
        assert!(text.is_empty(), "{}", text.join("\n"));
    }

    /// True if the file with `from` replaced by `to` is refused with these words.
    fn is_refused(from: &str, to: &str, words: &str) -> bool {
        let library = Library::embedded();
        let source = library.get(FILE).expect("embedded");
        let changed = Source {
            text: source.text.replacen(from, to, 1),
            ..source.clone()
        };
        assert_ne!(changed.text, source.text);
        let found = check(&library, &changed);
        found.iter().any(|f| f.diagnostic.message.contains(words))
    }

    #[test]
    fn a_number_that_differs_from_the_evidence_is_refused() {
        assert!(is_refused("published = 157", "published = 150", "the evidence has 157"));
    }

    #[test]
    fn a_published_result_without_a_row_needs_a_reason() {
        let (from, to) = ("id = \"iberdomide-p2b\"", "id = \"muse\"");
        assert!(is_refused(from, to, "of `iberdomide-p2b`"));
    }

    #[test]
    fn rows_of_one_therapy_can_be_asked_for() {
        let request = Request {
            patients: 5,
            seed: 1,
            therapy: Some("anifrolumab".to_owned()),
        };
        let report = pharmacology(&Library::embedded(), &request, &Silent).unwrap();
        assert!(
            report
                .rows
                .iter()
                .all(|row| row.therapy == "anifrolumab" && row.simulated.is_finite())
        );
        assert!(report.silent.contains(&"methotrexate".to_owned()));
        assert!(!figure(&report).contains("anifrolumab†"));
    }

    #[test]
    fn a_weak_therapy_is_marked_in_page_and_figure() {
        let request = Request {
            patients: 2,
            seed: 1,
            therapy: Some("blisibimod".to_owned()),
        };
        let report = pharmacology(&Library::embedded(), &request, &Silent).unwrap();
        assert!(page(&report, &[]).contains("| blisibimod† |"));
        assert!(figure(&report).contains("blisibimod†: lowest naive B cells"));
    }
}
