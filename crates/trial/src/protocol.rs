//! The protocol file: arms, eligibility, visits, background rules, endpoints, analysis. No outcomes.

use std::collections::BTreeMap;
use std::ops::Range;

use malar_model::codes::{ARMS, NO_SOURCE, SCHEDULE};
use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::rule::Rule;
use malar_model::toml_file::read_toml;
use serde::Deserialize;
use toml::Spanned;

use crate::endpoint::parse_measured_rule;
use crate::estimand::{Declared, EstimandFile};
use crate::instruments::Sledai;
use crate::planned::{self, Encounter, Epoch};
use crate::regimen::TherapyUse;
use crate::regimes::{Condition, check_week, conditions};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProtocolFile {
    id: String,
    name: String,
    #[serde(default)]
    registry: String,
    model: String,
    population: Spanned<String>,
    evidence: Option<String>,
    duration_weeks: Spanned<f64>,
    visit_every_weeks: f64,
    sledai: Sledai,
    instruments: Vec<String>,
    steroid: String,
    source: Vec<String>,
    arms: Vec<Spanned<ArmFile>>,
    candidates: Option<CandidatesFile>,
    screening: ScreeningFile,
    randomisation: RandomisationFile,
    rescue: RescueFile,
    taper: Option<TaperFile>,
    retreatment: Option<RetreatmentFile>,
    #[serde(default)]
    survival: Vec<SurvivalFile>,
    endpoints: Vec<EndpointUseFile>,
    #[serde(default)]
    populations: Vec<PopulationUse>,
    #[serde(default)]
    estimands: Vec<Spanned<EstimandFile>>,
    follow_up: Option<FollowUpFile>,
    #[serde(default)]
    epochs: Vec<Epoch>,
    #[serde(default)]
    encounters: Vec<Spanned<Encounter>>,
    conduct: Option<Spanned<ConductFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConductFile {
    #[serde(default = "always")]
    adherence: f64,
    #[serde(default)]
    rater_drift_per_year: f64,
    assumed: String,
}

fn always() -> f64 {
    1.0
}

/// How a trial is run, where that is not ideal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conduct {
    /// Share of planned doses that are taken, above 0 to 1; of daily drugs, the share of the daily dose.
    pub adherence: f64,
    /// How much more active raters find the same patient a year later, ln units of organ activity.
    pub rater_drift_per_year: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FollowUpFile {
    share: Spanned<f64>,
    assumed: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArmFile {
    id: String,
    n: u32,
    #[serde(default)]
    control: bool,
    #[serde(default)]
    therapies: Vec<Spanned<TherapyUse>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CandidatesFile {
    constants: Spanned<BTreeMap<String, f64>>,
    assumed: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScreeningFile {
    attempts: u8,
    assumed: String,
    criteria: Vec<RuleFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    id: String,
    holds: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RandomisationFile {
    block_size: Spanned<u32>,
    assumed: String,
    #[serde(default)]
    strata: Vec<RuleFile>,
    minimisation: Option<Spanned<f64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RescueFile {
    worse: Spanned<String>,
    counts_from_week: f64,
    assumed: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaperFile {
    eligible: Spanned<String>,
    when: Spanned<String>,
    from_week: f64,
    to_week: f64,
    target_mg: f64,
    step_mg: f64,
    step_share: f64,
    back_up: Spanned<String>,
    back_up_mg: f64,
    assumed: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RetreatmentFile {
    when: Spanned<String>,
    from_week: f64,
    again_after_weeks: f64,
    most: u32,
    days: Spanned<f64>,
    assumed: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SurvivalFile {
    id: String,
    event: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointUseFile {
    id: Spanned<String>,
    weeks: Spanned<Vec<f64>>,
    primary_week: Option<f64>,
}

/// An endpoint and the weeks at which it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct EndpointUse {
    /// Endpoint id.
    pub id: String,
    /// Weeks of assessment.
    pub weeks: Vec<f64>,
    /// Given if this is the protocol's primary endpoint: the week that decides.
    pub primary_week: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PopulationUse {
    id: String,
    holds: Spanned<String>,
    at_week: Option<Spanned<f64>>,
}

/// A named rule.
#[derive(Clone, Debug)]
pub struct NamedRule {
    /// Id.
    pub id: String,
    /// The rule.
    pub rule: Rule,
    /// Its place in the file.
    pub span: Range<usize>,
    /// The visit it looks at, weeks; the usual one if absent.
    pub at_week: Option<f64>,
}

/// One arm.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Id.
    pub id: String,
    /// Patients.
    pub n: u32,
    /// Comparisons are made against the first control arm.
    pub control: bool,
    /// Therapies, each with its place in the file.
    pub therapies: Vec<(TherapyUse, Range<usize>)>,
    /// Therapies that only some of the arm's patients go on to.
    pub conditions: Vec<Condition>,
}

/// Rules that lower the steroid dose.
#[derive(Clone, Debug)]
pub struct Taper {
    /// Who may taper (looked at with the baseline visit's values).
    pub eligible: Rule,
    /// When a step down may be tried.
    pub when: Rule,
    /// First week.
    pub from_week: f64,
    /// Last week.
    pub to_week: f64,
    /// Dose to reach, mg/day.
    pub target_mg: f64,
    /// Smallest step, mg/day.
    pub step_mg: f64,
    /// Step as a share of the current dose, if larger.
    pub step_share: f64,
    /// When a tapered dose goes up again.
    pub back_up: Rule,
    /// Step up, mg/day, at most to the baseline dose.
    pub back_up_mg: f64,
}

/// When a patient's first treatment is given again.
#[derive(Clone, Debug)]
pub struct Retreatment {
    /// What calls for it, at a visit.
    pub when: Rule,
    /// First week.
    pub from_week: f64,
    /// Weeks that have to pass after the last time.
    pub again_after_weeks: f64,
    /// How often at most.
    pub most: u32,
    /// Doses of so many first days are repeated, from the visit's day on.
    pub days: f64,
}

/// Rules for rescue and restricted medication.
#[derive(Clone, Debug)]
pub struct Rescue {
    /// Worsening that may lead to rescue.
    pub worse: Rule,
    /// First week from which a rescue makes a patient a non-responder.
    pub counts_from_week: f64,
}

/// A checked protocol.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// Id, equal to the file name.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Registry number.
    pub registry: String,
    /// Disease model id.
    pub model: String,
    /// Population id.
    pub population: String,
    /// Where the population is named.
    pub population_span: Range<usize>,
    /// Id of the published results, if any.
    pub evidence: Option<String>,
    /// Length of treatment, weeks.
    pub duration_weeks: f64,
    /// Visit interval, weeks.
    pub visit_every_weeks: f64,
    /// Form of SLEDAI.
    pub sledai: Sledai,
    /// Instruments measured.
    pub instruments: Vec<String>,
    /// Background steroid, a therapy id.
    pub steroid: String,
    /// Arms in file order.
    pub arms: Vec<Arm>,
    /// Constants of the population that have another value among this trial's candidates.
    pub constants: Vec<(String, f64)>,
    /// Where they stand in the file.
    pub constants_span: Range<usize>,
    /// Screening visits a candidate may have.
    pub screening_attempts: u8,
    /// Entry criteria.
    pub criteria: Vec<NamedRule>,
    /// Randomisation block size.
    pub block_size: u32,
    /// Probability with which the arm that balances best is taken, if patients are minimised instead of randomised in blocks.
    pub minimisation: Option<f64>,
    /// Yes/no strata; their combinations are the strata.
    pub strata: Vec<NamedRule>,
    /// Rescue.
    pub rescue: Rescue,
    /// Steroid taper.
    pub taper: Option<Taper>,
    /// Treatment given again.
    pub retreatment: Option<Retreatment>,
    /// Times to a first event at a visit: curves of those without it.
    pub survival: Vec<NamedRule>,
    /// Endpoints, each with its place in the file.
    pub endpoints: Vec<(EndpointUse, Range<usize>)>,
    /// Analysis populations beside `all`.
    pub populations: Vec<NamedRule>,
    /// Estimands, with the file each was written in.
    pub estimands: Vec<Declared>,
    /// Share of patients who go on coming to visits after stopping study drug, 0 to 1.
    pub followed: f64,
    /// Planned epochs, if the file lists them.
    pub epochs: Vec<Epoch>,
    /// Planned encounters, if the file lists them.
    pub encounters: Vec<Encounter>,
    /// Adherence and raters.
    pub conduct: Conduct,
}

/// Every dose taken, raters who do not drift.
const IDEAL: Conduct = Conduct {
    adherence: 1.0,
    rater_drift_per_year: 0.0,
};

impl Protocol {
    /// Reads a protocol file; names of therapies, endpoints and instruments are checked when the trial is set up.
    pub fn parse(source: &Source) -> Result<Protocol, Diagnostic> {
        let file: ProtocolFile = read_toml(source)?;
        check(&file, source)?;
        let measured = &file.instruments;
        let named = |rules: &[RuleFile]| -> Result<Vec<NamedRule>, Diagnostic> {
            rules
                .iter()
                .map(|r| named_rule(&r.id, &r.holds, measured, source))
                .collect()
        };
        let populations: Result<Vec<_>, Diagnostic> = file
            .populations
            .iter()
            .map(|p| {
                Ok(NamedRule {
                    at_week: p.at_week.as_ref().map(|week| *week.get_ref()),
                    ..named_rule(&p.id, &p.holds, measured, source)?
                })
            })
            .collect();
        Ok(Protocol {
            criteria: named(&file.screening.criteria)?,
            strata: named(&file.randomisation.strata)?,
            rescue: Rescue {
                worse: parse_measured_rule(&file.rescue.worse, measured, source)?,
                counts_from_week: file.rescue.counts_from_week,
            },
            taper: file
                .taper
                .as_ref()
                .map(|t| parse_taper(t, measured, source))
                .transpose()?,
            retreatment: file
                .retreatment
                .as_ref()
                .map(|r| parse_retreatment(r, measured, source))
                .transpose()?,
            survival: (file.survival.iter())
                .map(|s| named_rule(&s.id, &s.event, measured, source))
                .collect::<Result<_, _>>()?,
            populations: populations?,
            constants: constants(&file),
            constants_span: file.candidates.as_ref().map_or(0..0, |c| c.constants.span()),
            arms: (file.arms.iter())
                .map(|a| arm(a, measured, source))
                .collect::<Result<_, _>>()?,
            endpoints: file.endpoints.iter().map(endpoint_use).collect(),
            encounters: planned::checked(&file.epochs, file.encounters, source)?,
            epochs: file.epochs,
            estimands: declared(file.estimands, source),
            followed: file.follow_up.as_ref().map_or(0.0, |f| *f.share.get_ref()),
            conduct: file.conduct.as_ref().map_or(IDEAL, |c| Conduct {
                adherence: c.get_ref().adherence,
                rater_drift_per_year: c.get_ref().rater_drift_per_year,
            }),
            minimisation: file.randomisation.minimisation.as_ref().map(|p| *p.get_ref()),
            id: file.id,
            name: file.name,
            registry: file.registry,
            model: file.model,
            population_span: file.population.span(),
            population: file.population.into_inner(),
            evidence: file.evidence,
            duration_weeks: *file.duration_weeks.get_ref(),
            visit_every_weeks: file.visit_every_weeks,
            sledai: file.sledai,
            instruments: file.instruments,
            steroid: file.steroid,
            screening_attempts: file.screening.attempts,
            block_size: *file.randomisation.block_size.get_ref(),
        })
    }

    /// Position of the control arm: the first marked so, else the first arm.
    pub fn control(&self) -> usize {
        self.arms.iter().position(|a| a.control).unwrap_or(0)
    }

    /// Randomised patients.
    pub fn n_patients(&self) -> u32 {
        self.arms.iter().map(|a| a.n).sum()
    }

    /// The same protocol with about `n` patients, arms in the same proportion, at least one patient in each.
    #[must_use]
    pub fn resized(mut self, n: u32) -> Self {
        let total = f64::from(self.n_patients());
        for arm in &mut self.arms {
            arm.n = ((f64::from(arm.n) * f64::from(n) / total).round() as u32).max(1);
        }
        self
    }

    /// The same protocol with estimands that a study adds.
    #[must_use]
    pub fn with_estimands(mut self, estimands: Vec<Spanned<EstimandFile>>, source: &Source) -> Self {
        self.estimands.extend(declared(estimands, source));
        self
    }

    /// Number of visits after baseline.
    pub fn n_visits(&self) -> usize {
        (self.duration_weeks / self.visit_every_weeks + 1e-9) as usize
    }
}

fn declared(estimands: Vec<Spanned<EstimandFile>>, source: &Source) -> Vec<Declared> {
    let declare = |file| Declared {
        file,
        source: source.clone(),
    };
    estimands.into_iter().map(declare).collect()
}

fn constants(file: &ProtocolFile) -> Vec<(String, f64)> {
    let given = file.candidates.iter().flat_map(|c| c.constants.get_ref());
    given.map(|(name, value)| (name.clone(), *value)).collect()
}

fn endpoint_use(file: &EndpointUseFile) -> (EndpointUse, Range<usize>) {
    let (id, weeks) = (file.id.get_ref().clone(), file.weeks.get_ref().clone());
    (
        EndpointUse {
            id,
            weeks,
            primary_week: file.primary_week,
        },
        file.id.span(),
    )
}

fn named_rule(
    id: &str,
    holds: &Spanned<String>,
    measured: &[String],
    source: &Source,
) -> Result<NamedRule, Diagnostic> {
    Ok(NamedRule {
        id: id.to_owned(),
        rule: parse_measured_rule(holds, measured, source)?,
        span: holds.span(),
        at_week: None,
    })
}

fn arm(file: &Spanned<ArmFile>, measured: &[String], source: &Source) -> Result<Arm, Diagnostic> {
    let f = file.get_ref();
    Ok(Arm {
        conditions: conditions(f.therapies.iter().map(Spanned::get_ref), measured, source)?,
        id: f.id.clone(),
        n: f.n,
        control: f.control,
        therapies: f.therapies.iter().map(|t| (t.get_ref().clone(), t.span())).collect(),
    })
}

fn parse_taper(file: &TaperFile, measured: &[String], source: &Source) -> Result<Taper, Diagnostic> {
    Ok(Taper {
        eligible: parse_measured_rule(&file.eligible, measured, source)?,
        when: parse_measured_rule(&file.when, measured, source)?,
        from_week: file.from_week,
        to_week: file.to_week,
        target_mg: file.target_mg,
        step_mg: file.step_mg,
        step_share: file.step_share,
        back_up: parse_measured_rule(&file.back_up, measured, source)?,
        back_up_mg: file.back_up_mg,
    })
}

fn parse_retreatment(file: &RetreatmentFile, measured: &[String], source: &Source) -> Result<Retreatment, Diagnostic> {
    let (days, weeks) = (*file.days.get_ref(), [file.from_week, file.again_after_weeks]);
    if !(days > 0.0 && weeks.iter().all(|week| week.is_finite() && *week >= 0.0)) {
        let message = "the treatment to give again is empty".to_owned();
        let help = "`days` is how many first days of treatment are repeated, above 0; weeks are at least 0";
        return Err(Diagnostic::error(SCHEDULE, source, file.days.span(), message).help(help));
    }
    Ok(Retreatment {
        when: parse_measured_rule(&file.when, measured, source)?,
        from_week: file.from_week,
        again_after_weeks: file.again_after_weeks,
        most: file.most,
        days,
    })
}

/// What can be said about a protocol without looking at other files.
fn check(file: &ProtocolFile, source: &Source) -> Result<(), Diagnostic> {
    let first_line = 0..source.text.lines().next().map_or(0, str::len);
    let wrong = |code: &'static str, span: Range<usize>, message: String, help: &str| {
        Err(Diagnostic::error(code, source, span, message).help(help))
    };
    if file.source.is_empty() {
        let message = format!("trial `{}` has no source", file.id);
        return Err(Diagnostic::error(NO_SOURCE, source, first_line, message).help("add `source = [\"doi:...\"]`"));
    }
    let reasons = [
        &file.screening.assumed,
        &file.randomisation.assumed,
        &file.rescue.assumed,
    ];
    if reasons
        .into_iter()
        .chain(file.taper.as_ref().map(|t| &t.assumed))
        .chain(file.retreatment.as_ref().map(|r| &r.assumed))
        .chain(file.follow_up.as_ref().map(|f| &f.assumed))
        .chain(file.conduct.as_ref().map(|c| &c.get_ref().assumed))
        .chain(file.candidates.as_ref().map(|c| &c.assumed))
        .any(|text| text.is_empty())
    {
        let message = "a section with assumed numbers does not say why".to_owned();
        return Err(Diagnostic::error(NO_SOURCE, source, first_line, message).help("fill in `assumed = \"why\"`"));
    }
    if file.arms.is_empty() || file.arms.iter().any(|a| a.get_ref().n == 0) {
        let span = file.arms.first().map_or(first_line, Spanned::span);
        return wrong(
            ARMS,
            span,
            "a trial needs arms with patients".to_owned(),
            "give each `[[arms]]` an `n` of 1 or more",
        );
    }
    let duration = *file.duration_weeks.get_ref();
    if !(file.visit_every_weeks > 0.0 && duration >= file.visit_every_weeks && duration <= 1040.0) {
        let help = "visits need a positive interval, and the trial at least one visit and at most 20 years";
        return wrong(
            SCHEDULE,
            file.duration_weeks.span(),
            "duration and visit interval do not fit".to_owned(),
            help,
        );
    }
    if *file.randomisation.block_size.get_ref() == 0 {
        return wrong(
            ARMS,
            file.randomisation.block_size.span(),
            "block size is zero".to_owned(),
            "use a small multiple of the number of arms",
        );
    }
    if let Some(conduct) = &file.conduct {
        let Conduct {
            adherence,
            rater_drift_per_year,
        } = Conduct {
            adherence: conduct.get_ref().adherence,
            rater_drift_per_year: conduct.get_ref().rater_drift_per_year,
        };
        if !(adherence > 0.0 && adherence <= 1.0 && rater_drift_per_year.is_finite()) {
            return wrong(
                SCHEDULE,
                conduct.span(),
                "adherence is a share above 0, at most 1, and drift a number".to_owned(),
                "write `adherence = 0.9` for nine doses in ten",
            );
        }
    }
    if let Some(probability) = &file.randomisation.minimisation
        && !(*probability.get_ref() > 0.5 && *probability.get_ref() <= 1.0)
    {
        return wrong(
            ARMS,
            probability.span(),
            "minimisation takes the best arm with a probability above 0.5, at most 1".to_owned(),
            "write `minimisation = 0.8`, or leave it out for permuted blocks",
        );
    }
    if let Some(follow_up) = &file.follow_up
        && !(0.0..=1.0).contains(follow_up.share.get_ref())
    {
        return wrong(
            SCHEDULE,
            follow_up.share.span(),
            "a share of patients is not between 0 and 1".to_owned(),
            "write `share = 0.9` for nine in ten",
        );
    }
    let visits = (file.visit_every_weeks, duration);
    for week in file.populations.iter().filter_map(|p| p.at_week.as_ref()) {
        check_week(*week.get_ref(), week.span(), visits, source)?;
    }
    for (k, arm) in file.arms.iter().enumerate() {
        if file.arms[..k].iter().any(|a| a.get_ref().id == arm.get_ref().id) {
            return wrong(
                ARMS,
                arm.span(),
                format!("arm `{}` is declared twice", arm.get_ref().id),
                "give each arm its own id",
            );
        }
        for therapy in &arm.get_ref().therapies {
            TherapyUse::check(therapy, source)?;
            if let Some(only_if) = &therapy.get_ref().only_if {
                check_week(*only_if.week.get_ref(), only_if.week.span(), visits, source)?;
            }
        }
    }
    for endpoint in &file.endpoints {
        let visits = |week: &f64| {
            let k = week / file.visit_every_weeks;
            *week > 0.0 && *week <= duration && (k - k.round()).abs() < 1e-9
        };
        if !endpoint
            .weeks
            .get_ref()
            .iter()
            .chain(&endpoint.primary_week)
            .all(visits)
        {
            let message = format!("endpoint `{}` is read at a week without visit", endpoint.id.get_ref());
            return wrong(
                SCHEDULE,
                endpoint.weeks.span(),
                message,
                "use weeks that are multiples of `visit_every_weeks`, up to the duration",
            );
        }
    }
    Ok(())
}
