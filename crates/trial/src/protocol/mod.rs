//! The protocol file: arms, eligibility, visits, background rules, endpoints, analysis. No outcomes.

mod again;
mod arms;
mod baskets;
mod check;
mod file;
mod multiplicity;
mod origin;
mod regions;
mod rules;
mod withdrawal;

pub use again::RandomisedAgain;
pub use arms::{Arm, Conduct, EndpointUse};
pub use baskets::BasketAnalysis;
pub use multiplicity::{Hypothesis, Multiplicity, Procedure};
pub use origin::{Basket, External, Origin, PublishedCount};
pub use regions::Region;
pub use rules::{NamedRule, Rescue, Retreatment, RunIn, Taper};
pub use withdrawal::AdverseEvents;

use std::ops::Range;

use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::toml_file::read_toml;
use toml::Spanned;

use self::check::Check;
use self::file::ProtocolFile;
use self::rules::Reader;
use crate::estimand::{Declared, EstimandFile};
use crate::instruments::Sledai;
use crate::planned::{self, Encounter, Epoch};

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
    /// Weeks after which a candidate who failed comes again.
    pub again_after_weeks: f64,
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
    /// Visits between screening and baseline.
    pub run_in: Option<RunIn>,
    /// Adverse events that stop study drug.
    pub adverse_events: Option<AdverseEvents>,
    /// Regions, if they differ.
    pub regions: Vec<Region>,
    /// Who is randomised again, in order of weeks.
    pub randomised_again: Vec<RandomisedAgain>,
    /// Baskets beside the trial's own population.
    pub baskets: Vec<Basket>,
    /// How they are analysed.
    pub basket_analysis: Option<BasketAnalysis>,
    /// Hypotheses that share one error, if the protocol lists them.
    pub multiplicity: Option<Multiplicity>,
}

impl Protocol {
    /// Reads a protocol file; names of therapies, endpoints and instruments are checked when the trial is set up.
    pub fn parse(source: &Source) -> Result<Protocol, Diagnostic> {
        let mut file: ProtocolFile = read_toml(source)?;
        Check { file: &file, source }.all()?;
        let hypotheses = file.multiplicity.take();
        let mut protocol = Protocol::without_hypotheses(file, source)?;
        let hypotheses = hypotheses.map(|h| multiplicity::multiplicity(&h, &protocol, source));
        protocol.multiplicity = hypotheses.transpose()?;
        Ok(protocol)
    }

    /// Everything but the hypotheses, which refer to the rest.
    fn without_hypotheses(file: ProtocolFile, source: &Source) -> Result<Protocol, Diagnostic> {
        let reader = Reader {
            measured: &file.instruments,
            source,
        };
        let survival = file.survival.iter().map(|s| reader.named(&s.id, &s.event));
        let arms: Vec<Arm> = (file.arms.iter())
            .map(|a| Arm::read(a, reader))
            .collect::<Result<_, _>>()?;
        let visits = (file.visit_every_weeks, *file.duration_weeks.get_ref());
        Ok(Protocol {
            run_in: file.run_in.as_ref().map(|r| reader.run_in(r)).transpose()?,
            adverse_events: (file.adverse_events.as_ref())
                .map(|a| AdverseEvents::read(a, source))
                .transpose()?,
            regions: regions::regions(&file.regions, source)?,
            randomised_again: again::randomised_again(&file.randomised_again, &arms, visits, reader)?,
            baskets: (file.baskets.iter())
                .map(|b| Basket::read(b, reader))
                .collect::<Result<_, _>>()?,
            basket_analysis: basket_analysis(&file, source)?,
            multiplicity: None,
            arms,
            criteria: reader.criteria(&file.screening.criteria)?,
            strata: reader.strata(&file.randomisation.strata)?,
            rescue: reader.rescue(&file.rescue)?,
            taper: file.taper.as_ref().map(|t| reader.taper(t)).transpose()?,
            retreatment: file.retreatment.as_ref().map(|r| reader.retreatment(r)).transpose()?,
            survival: survival.collect::<Result<_, _>>()?,
            populations: reader.populations(&file.populations)?,
            constants: constants(&file),
            constants_span: file.candidates.as_ref().map_or(0..0, |c| c.constants.span()),
            endpoints: file.endpoints.iter().map(EndpointUse::read).collect(),
            encounters: planned::checked(&file.epochs, file.encounters, source)?,
            epochs: file.epochs,
            estimands: declared(file.estimands, source),
            followed: file.follow_up.as_ref().map_or(0.0, |f| *f.share.get_ref()),
            conduct: Conduct::read(file.conduct.as_ref()),
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
            again_after_weeks: (file.screening.again_after_weeks).map_or(visits.0, Spanned::into_inner),
            block_size: *file.randomisation.block_size.get_ref(),
        })
    }

    /// Position of the control arm: the first marked so, else the first arm.
    pub fn control(&self) -> usize {
        self.arms.iter().position(|a| a.control).unwrap_or(0)
    }

    /// Patients simulated: randomised ones, those of baskets, and of external controls that are more than published counts.
    pub fn n_patients(&self) -> u32 {
        let baskets: u32 = self.baskets.iter().map(|b| b.n).sum();
        let arms = self.arms.iter().filter(|arm| !arm.is_published());
        arms.map(|arm| arm.n).sum::<u32>() + baskets
    }

    /// Arms to which patients are randomised; external controls come after them.
    pub fn randomised(&self) -> &[Arm] {
        &self.arms[..self.arms.iter().take_while(|a| a.external.is_none()).count()]
    }

    /// Ids of populations that baskets and controls from elsewhere are drawn from, beside the trial's own.
    pub fn other_populations(&self) -> impl Iterator<Item = &str> {
        let of_arms = self
            .arms
            .iter()
            .filter_map(|arm| arm.external.as_ref())
            .map(|e| &e.origin);
        let of_baskets = self.baskets.iter().map(|b| &b.origin);
        of_arms
            .chain(of_baskets)
            .filter_map(|origin| origin.population.as_deref())
    }

    /// Baskets, the trial's own population among them; 0 if there are no others.
    pub fn n_baskets(&self) -> usize {
        match self.baskets.len() {
            0 => 0,
            others => others + 1,
        }
    }

    /// Ids of the analysis populations: everybody, those of the file, regions, baskets.
    pub fn analysis_populations(&self) -> Vec<String> {
        let own = self.populations.iter().map(|p| p.id.clone());
        let regions = self.regions.iter().map(|r| format!("region-{}", r.id));
        let baskets = self.basket_ids().into_iter().map(|id| format!("basket-{id}"));
        let all = std::iter::once("all".to_owned());
        all.chain(own).chain(regions).chain(baskets).collect()
    }

    /// Ids of the baskets; the trial's own patients are called after their population. None if there are no others.
    pub fn basket_ids(&self) -> Vec<String> {
        if self.baskets.is_empty() {
            return Vec::new();
        }
        let others = self.baskets.iter().map(|b| b.id.clone());
        std::iter::once(self.population.clone()).chain(others).collect()
    }

    /// The same protocol with about `n` patients, arms in the same proportion, at least one patient in each. Published controls
    /// stay as they are.
    #[must_use]
    pub fn resized(mut self, n: u32) -> Self {
        let total = f64::from(self.n_patients());
        let share = |of: u32| ((f64::from(of) * f64::from(n) / total).round() as u32).max(1);
        for arm in &mut self.arms {
            if !arm.is_published() {
                arm.n = share(arm.n);
            }
        }
        for basket in &mut self.baskets {
            basket.n = share(basket.n);
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

fn basket_analysis(file: &ProtocolFile, source: &Source) -> Result<Option<BasketAnalysis>, Diagnostic> {
    let read = |e: &'_ file::EndpointUseFile| (e.id.get_ref().clone(), e.weeks.get_ref().clone());
    let endpoints: Vec<(String, Vec<f64>)> = file.endpoints.iter().map(read).collect();
    let endpoints: Vec<(&str, &[f64])> = endpoints
        .iter()
        .map(|(id, weeks)| (id.as_str(), weeks.as_slice()))
        .collect();
    let analysis = file.basket_analysis.as_ref();
    analysis
        .map(|b| BasketAnalysis::read(b, &endpoints, source))
        .transpose()
}

fn constants(file: &ProtocolFile) -> Vec<(String, f64)> {
    let given = file.candidates.iter().flat_map(|c| c.constants.get_ref());
    given.map(|(name, value)| (name.clone(), *value)).collect()
}
