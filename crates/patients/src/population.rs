//! The population file: a small probabilistic program that draws one virtual patient after another.
//!
//! Entries of `parameter` are drawn in file order. Each has exactly one way of drawing; an `expression` may use every earlier
//! name. Standard normal variables named in `[copula]` come first and carry the correlations.

use std::ops::Range;

use malar_model::codes::{CORRELATION, DISTRIBUTION, NO_SOURCE, POPULATION_BASE};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::rule::Rule;
use malar_model::toml_file::read_toml;
use serde::Deserialize;
use toml::Spanned;

use crate::clinical::{Clinical, ClinicalFile};
use crate::random::Stream;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PopulationFile {
    id: Spanned<String>,
    name: String,
    model: Spanned<String>,
    based_on: Option<Spanned<String>>,
    #[serde(default)]
    calibrated_on: Vec<String>,
    #[serde(default)]
    source: Vec<String>,
    copula: Option<CopulaFile>,
    stability: Option<StabilityFile>,
    run_in: Option<RunInFile>,
    #[serde(default)]
    parameter: Vec<Spanned<ParameterFile>>,
    #[serde(default)]
    clinical: ClinicalFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CopulaFile {
    variables: Vec<String>,
    correlation: Spanned<Vec<Vec<f64>>>,
    #[serde(default)]
    source: Option<String>,
    #[serde(default)]
    assumed: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StabilityFile {
    eigenvalue_max_per_day: f64,
    exclude: Vec<String>,
    assumed: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunInFile {
    weeks: f64,
    assumed: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ParameterFile {
    name: String,
    unit: String,
    constant: Option<f64>,
    normal: Option<[f64; 2]>,
    lognormal: Option<[f64; 2]>,
    uniform: Option<[f64; 2]>,
    loguniform: Option<[f64; 2]>,
    beta: Option<[f64; 2]>,
    gamma: Option<[f64; 2]>,
    bernoulli: Option<f64>,
    discrete: Option<DiscreteFile>,
    expression: Option<String>,
    source: Option<String>,
    assumed: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DiscreteFile {
    of: String,
    values: Vec<f64>,
    shares: Vec<f64>,
}

/// One way of drawing a number.
#[derive(Clone, Debug)]
pub(crate) enum Draw {
    Constant(f64),
    Normal(f64, f64),
    LogNormal(f64, f64),
    Uniform(f64, f64),
    LogUniform(f64, f64),
    Beta(f64, f64),
    Gamma(f64, f64),
    Bernoulli(f64),
    /// Values with upper limits of their cumulative shares, read off an earlier standard normal.
    Discrete {
        of: usize,
        values: Vec<f64>,
        upper: Vec<f64>,
    },
    Expression(Rule),
}

/// A checked population: draws the parameters of virtual patients.
#[derive(Clone, Debug)]
pub struct Population {
    /// Id, equal to the file name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Id of the disease model.
    pub model: String,
    /// Trials whose results informed any number in the file.
    pub calibrated_on: Vec<String>,
    /// How latent activity shows in the clinic, and how people behave in trials.
    pub clinical: Clinical,
    /// Largest real eigenvalue allowed at a patient's own baseline, per day.
    pub eigenvalue_max: f64,
    /// States left out of the stability test (slow or passive ones).
    pub stability_exclude: Vec<String>,
    /// Days that a virtual patient lives with triggers before the first screening visit.
    pub run_in_days: f64,
    /// Names in drawing order: copula variables first.
    pub(crate) names: Vec<String>,
    pub(crate) n_copula: usize,
    /// Lower Cholesky factor of the copula's correlation, by row.
    cholesky: Vec<Vec<f64>>,
    pub(crate) draws: Vec<Draw>,
}

impl Population {
    /// Reads and checks a population file that stands alone.
    pub fn parse(source: &Source) -> Result<Population, Diagnostic> {
        Population::parse_layers(&[source])
    }

    /// Id of the population that a file is based on, if it is.
    pub fn based_on(source: &Source) -> Result<Option<String>, Diagnostic> {
        let file: PopulationFile = read_toml(source)?;
        Ok(file.based_on.map(Spanned::into_inner))
    }

    /// Reads and checks a population file on top of the one it is based on: entries of the same name and whole sections are replaced,
    /// entries that are new come after. The diagnostic's path says which of the two files is wrong.
    pub fn parse_on(base: &Source, source: &Source) -> Result<Population, Diagnostic> {
        Population::parse_layers(&[base, source])
    }

    /// Layers from the lowest up; the last one names the population.
    fn parse_layers(sources: &[&Source]) -> Result<Population, Diagnostic> {
        let mut layers = Vec::new();
        for (k, &source) in sources.iter().enumerate() {
            let file: PopulationFile = read_toml(source)?;
            check_assumptions(&file, source)?;
            if let Some(base) = file.based_on.as_ref().filter(|_| k == 0) {
                return Err(without_base(base, source));
            }
            layers.push((file, source));
        }
        let entries = entries(&layers);
        let calibrated_on = calibrated_on(&layers);
        let (copula, copula_source) = top(&mut layers, "copula", |f| f.copula.take())?;
        let (stability, _) = top(&mut layers, "stability", |f| f.stability.take())?;
        let (run_in, _) = top(&mut layers, "run_in", |f| f.run_in.take())?;
        let cholesky = correlation(&copula, copula_source)?;
        let mut names = copula.variables.clone();
        let mut draws = Vec::new();
        for (entry, source) in entries {
            draws.push(parse_draw(&entry, &names, source)?);
            names.push(entry.into_inner().name);
        }
        let clinical = layers
            .iter_mut()
            .map(|(f, source)| (std::mem::take(&mut f.clinical), *source));
        let clinical = ClinicalFile::check(clinical.collect())?;
        let (file, _) = layers.pop().expect("at least one layer");
        Ok(Population {
            id: file.id.into_inner(),
            name: file.name,
            model: file.model.into_inner(),
            calibrated_on,
            clinical,
            eigenvalue_max: stability.eigenvalue_max_per_day,
            stability_exclude: stability.exclude,
            run_in_days: run_in.weeks * 7.0,
            n_copula: copula.variables.len(),
            names,
            cholesky,
            draws,
        })
    }

    /// Names of everything a patient has, in the order of the values of [`Self::draw`].
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Position of a name.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// Replaces the value of a parameter that is a `constant`, as a protocol may; `false` if none has this name.
    pub fn set_constant(&mut self, name: &str, value: f64) -> bool {
        let draw = self.index(name).and_then(|k| k.checked_sub(self.n_copula));
        match draw.map(|k| &mut self.draws[k]) {
            Some(Draw::Constant(constant)) => {
                *constant = value;
                true
            }
            _ => false,
        }
    }

    /// Draws one patient into `values` (as long as [`Self::names`]).
    pub fn draw(&self, stream: &mut Stream, values: &mut [f64]) {
        let mut independent = [0.0; 16];
        for row in 0..self.n_copula {
            independent[row] = stream.normal();
            values[row] = (0..=row).map(|k| self.cholesky[row][k] * independent[k]).sum();
        }
        for (k, draw) in self.draws.iter().enumerate() {
            let (earlier, rest) = values.split_at_mut(self.n_copula + k);
            rest[0] = draw.value(stream, earlier);
        }
    }
}

impl Draw {
    fn value(&self, stream: &mut Stream, earlier: &[f64]) -> f64 {
        use malar_solver::math::{exp, ln};
        match *self {
            Draw::Constant(x) => x,
            Draw::Normal(mean, sd) => mean + sd * stream.normal(),
            Draw::LogNormal(median, sd) => median * exp(sd * stream.normal()),
            Draw::Uniform(low, high) => low + (high - low) * stream.uniform(),
            Draw::LogUniform(low, high) => exp(ln(low) + (ln(high) - ln(low)) * stream.uniform()),
            Draw::Beta(a, b) => stream.beta(a, b),
            Draw::Gamma(shape, scale) => scale * stream.gamma(shape),
            Draw::Bernoulli(p) => f64::from(u8::from(stream.uniform() < p)),
            Draw::Discrete {
                of,
                ref values,
                ref upper,
            } => {
                let u = crate::normal::distribution(earlier[of]);
                values[upper.iter().position(|&limit| u < limit).unwrap_or(values.len() - 1)]
            }
            Draw::Expression(ref rule) => rule.evaluate(earlier),
        }
    }
}

fn parse_draw(entry: &Spanned<ParameterFile>, names: &[String], source: &Source) -> Result<Draw, Diagnostic> {
    let p = entry.get_ref();
    let span = entry.span();
    let mut found = Vec::new();
    let positive = |what: &str, ok: bool| {
        if ok {
            Ok(())
        } else {
            Err(wrong_draw(
                source,
                span.clone(),
                format!("{what} of `{}` are out of range", p.name),
            ))
        }
    };
    found.extend(p.constant.map(Draw::Constant));
    if let Some([mean, sd]) = p.normal {
        positive("mean and sd", sd >= 0.0)?;
        found.push(Draw::Normal(mean, sd));
    }
    if let Some([median, sd]) = p.lognormal {
        positive("median and log sd", median > 0.0 && sd >= 0.0)?;
        found.push(Draw::LogNormal(median, sd));
    }
    if let Some([low, high]) = p.uniform {
        positive("limits", low <= high)?;
        found.push(Draw::Uniform(low, high));
    }
    if let Some([low, high]) = p.loguniform {
        positive("limits", 0.0 < low && low <= high)?;
        found.push(Draw::LogUniform(low, high));
    }
    if let Some([a, b]) = p.beta {
        positive("shapes", a > 0.0 && b > 0.0)?;
        found.push(Draw::Beta(a, b));
    }
    if let Some([shape, scale]) = p.gamma {
        positive("shape and scale", shape > 0.0 && scale > 0.0)?;
        found.push(Draw::Gamma(shape, scale));
    }
    if let Some(share) = p.bernoulli {
        positive("share", (0.0..=1.0).contains(&share))?;
        found.push(Draw::Bernoulli(share));
    }
    if let Some(discrete) = &p.discrete {
        found.push(parse_discrete(discrete, names, source, span.clone())?);
    }
    if let Some(text) = &p.expression {
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let at = expression_span(source, &span, text);
        found.push(Draw::Expression(Rule::parse(text, source, at, &known)?));
    }
    match (found.pop(), found.is_empty()) {
        (Some(draw), true) => Ok(draw),
        _ => Err(wrong_draw(
            source,
            span,
            format!("`{}` needs exactly one way of drawing", p.name),
        )),
    }
}

fn wrong_draw(source: &Source, span: Range<usize>, message: String) -> Diagnostic {
    Diagnostic::error(DISTRIBUTION, source, span, message).help(
        "give one of `constant`, `normal`, `lognormal`, `uniform`, `loguniform`, `beta`, `gamma`, `bernoulli`, `discrete`, `expression`",
    )
}

fn parse_discrete(
    file: &DiscreteFile,
    names: &[String],
    source: &Source,
    span: Range<usize>,
) -> Result<Draw, Diagnostic> {
    let total: f64 = file.shares.iter().sum();
    if file.values.is_empty() || file.values.len() != file.shares.len() || (total - 1.0).abs() > 1e-9 {
        return Err(wrong_draw(
            source,
            span,
            "`discrete` needs as many shares as values, adding up to 1".to_owned(),
        ));
    }
    let Some(of) = names.iter().position(|n| *n == file.of) else {
        return Err(wrong_draw(
            source,
            span,
            format!("`discrete` reads off `{}`, which is not drawn before", file.of),
        ));
    };
    let upper = file.shares.iter().scan(0.0, |sum, share| {
        *sum += share;
        Some(*sum)
    });
    Ok(Draw::Discrete {
        of,
        values: file.values.clone(),
        upper: upper.collect(),
    })
}

/// Where an expression's text stands inside its entry, so that an error underlines the symbol itself.
fn expression_span(source: &Source, entry: &Range<usize>, text: &str) -> Range<usize> {
    let start = source
        .text
        .get(entry.clone())
        .and_then(|t| t.find(text))
        .map_or(entry.start, |i| entry.start + i);
    start..(start + text.len()).min(entry.end)
}

type Layer<'a> = (PopulationFile, &'a Source);

fn without_base(base: &Spanned<String>, source: &Source) -> Diagnostic {
    let message = format!(
        "the population rests on `{}`, which was not read with it",
        base.get_ref()
    );
    Diagnostic::error(POPULATION_BASE, source, base.span(), message)
        .help("a population that others are based on stands alone; use it from a trial")
}

/// Entries of all layers: those of the lowest, replaced where a higher one has the same name, then the new ones.
fn entries<'a>(layers: &[Layer<'a>]) -> Vec<(Spanned<ParameterFile>, &'a Source)> {
    let mut found: Vec<(Spanned<ParameterFile>, &'a Source)> = Vec::new();
    for (file, source) in layers {
        for entry in &file.parameter {
            let place = found
                .iter()
                .position(|(known, _)| known.get_ref().name == entry.get_ref().name);
            match place {
                Some(place) => found[place] = (entry.clone(), source),
                None => found.push((entry.clone(), source)),
            }
        }
    }
    found
}

/// Trials that informed any layer.
fn calibrated_on(layers: &[Layer<'_>]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for trial in layers.iter().rev().flat_map(|(file, _)| &file.calibrated_on) {
        if !all.contains(trial) {
            all.push(trial.clone());
        }
    }
    all
}

/// A section from the highest layer that has it.
fn top<'a, T>(
    layers: &mut [Layer<'a>],
    name: &str,
    take: impl Fn(&mut PopulationFile) -> Option<T>,
) -> Result<(T, &'a Source), Diagnostic> {
    let found = layers
        .iter_mut()
        .rev()
        .find_map(|(file, source)| Some((take(file)?, *source)));
    found.ok_or_else(|| {
        let (file, source) = &layers[0];
        let message = format!("the population has no `[{name}]`");
        Diagnostic::error(POPULATION_BASE, source, file.id.span(), message)
            .help("add the section, or `based_on` a population that has it")
    })
}

fn correlation(file: &CopulaFile, source: &Source) -> Result<Vec<Vec<f64>>, Diagnostic> {
    let wrong =
        |message: &str, help: &str| Diagnostic::error(CORRELATION, source, file.correlation.span(), message).help(help);
    let factor = cholesky(file.correlation.as_ref()).ok_or_else(|| {
        let help = "make it square, symmetric, with ones on the diagonal and smaller off-diagonal entries";
        wrong("correlation matrix is not positive definite", help)
    })?;
    if factor.len() != file.variables.len() {
        let help = "give one row and one column per variable";
        return Err(wrong("correlation matrix and variables differ in size", help));
    }
    Ok(factor)
}

/// Every number has a source or says why it is assumed.
fn check_assumptions(file: &PopulationFile, source: &Source) -> Result<(), Diagnostic> {
    let missing = |span: Range<usize>, what: &str| {
        Err(
            Diagnostic::error(NO_SOURCE, source, span, format!("{what} has no source"))
                .help("add `source = \"doi:...\"` or `assumed = \"why\"`, not both"),
        )
    };
    let one = |a: &Option<String>, b: &Option<String>| {
        a.as_ref().is_some_and(|t| !t.is_empty()) != b.as_ref().is_some_and(|t| !t.is_empty())
    };
    if let Some(copula) = &file.copula
        && !one(&copula.source, &copula.assumed)
    {
        return missing(copula.correlation.span(), "the copula");
    }
    for entry in &file.parameter {
        let p = entry.get_ref();
        if !one(&p.source, &p.assumed) {
            return missing(entry.span(), &format!("`{}`", p.name));
        }
    }
    let stability = file.stability.iter().map(|s| &s.assumed);
    let mut reasons = stability.chain(file.run_in.iter().map(|r| &r.assumed));
    if reasons.any(|r| r.is_empty()) || (file.source.is_empty() && file.calibrated_on.is_empty()) {
        return missing(file.id.span(), "the population");
    }
    Ok(())
}

/// Lower Cholesky factor, or `None` if the matrix is not symmetric positive definite with unit diagonal.
fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut factor = vec![vec![0.0; n]; n];
    if n > 16 || matrix.iter().any(|row| row.len() != n) {
        return None;
    }
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let rest = matrix[i][j] - sum;
            if i == j {
                if rest <= 0.0 || (matrix[i][i] - 1.0).abs() > 1e-12 {
                    return None;
                }
                factor[i][i] = rest.sqrt();
            } else {
                if (matrix[i][j] - matrix[j][i]).abs() > 1e-12 {
                    return None;
                }
                factor[i][j] = rest / factor[j][j];
            }
        }
    }
    Some(factor)
}
