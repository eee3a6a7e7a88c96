//! A virtual patient who has not been randomised yet.

use malar_instruments::kidney::Sex;
use malar_patients::Population;
use malar_patients::random::{Key, Purpose, Stream};

use super::triggers::{TriggerLaw, Triggers};
use crate::instruments::items::{ITEMS, Looks, N_ORGANS, ORGANS};
use crate::instruments::{Correlation, KidneyOf, MayHave, Measured, Noise, Presentation, SingleNoise};
use crate::protocol::Region;

/// Where the values that the trial layer needs stand among a population's values.
#[derive(Clone, Debug)]
pub(crate) struct Roster {
    severity: [usize; N_ORGANS],
    may_have: Vec<(usize, usize)>,
    rater_level: usize,
    trigger_rate: usize,
    trigger_jump: usize,
    trigger_organ_chance: usize,
    trigger_mean: usize,
    pub prednisone: usize,
    pub ifn_signature_high: usize,
    pub antimalarial: usize,
    pub immunosuppressant: usize,
    pub weight: usize,
    pub frailty: usize,
    effect_share: Option<usize>,
    age: Option<usize>,
    female: Option<usize>,
    egfr_pre_flare: Option<usize>,
}

impl Roster {
    /// Finds every name, or says which one the population does not draw.
    pub fn find(population: &Population) -> Result<Roster, String> {
        let at = |name: &str| population.index(name).ok_or_else(|| name.to_owned());
        let mut severity = [0; N_ORGANS];
        for (k, organ) in ORGANS.iter().enumerate() {
            severity[k] = at(&format!("severity_{organ}"))?;
        }
        let mut may_have = Vec::new();
        for (k, item) in ITEMS.iter().enumerate() {
            if matches!(item.looks, Looks::At(_)) {
                may_have.push((k, at(&format!("may_have_{}", item.id))?));
            }
        }
        Ok(Roster {
            severity,
            may_have,
            rater_level: at("rater_level")?,
            trigger_rate: at("trigger_rate")?,
            trigger_jump: at("trigger_jump")?,
            trigger_organ_chance: at("trigger_organ_chance")?,
            trigger_mean: at("trigger_mean")?,
            prednisone: at("prednisone_baseline")?,
            ifn_signature_high: at("ifn_signature_high")?,
            antimalarial: at("antimalarial")?,
            immunosuppressant: at("immunosuppressant")?,
            weight: at("weight")?,
            frailty: at("dropout_frailty")?,
            effect_share: population.index("trial_effect_share"),
            age: population.index("age"),
            female: population.index("female"),
            egfr_pre_flare: population.index("eGFR_pre_flare"),
        })
    }

    /// How the patient presents.
    pub fn presentation(&self, values: &[f64], stream: &mut Stream) -> Presentation {
        let may_have = self.may_have.iter().filter(|(_, at)| values[*at] != 0.0);
        Presentation {
            severity: self.severity.map(|at| values[at]),
            may_have: MayHave::new(may_have.fold(0, |bits, (item, _)| bits | 1 << item)),
            item_level: std::array::from_fn(|_| stream.normal()),
            effect_level: stream.normal(),
            effect_mean: self.effect_share.map_or(1.0, |at| values[at]),
            rater_level: values[self.rater_level],
            kidney: self.kidney(values),
        }
    }

    fn kidney(&self, values: &[f64]) -> KidneyOf {
        let sex = |at: usize| if values[at] != 0.0 { Sex::Female } else { Sex::Male };
        KidneyOf {
            age_and_sex: self.age.map(|at| values[at]).zip(self.female.map(sex)),
            egfr_pre_flare: self.egfr_pre_flare.map_or(f64::NAN, |at| values[at]),
        }
    }

    /// The law of the patient's triggers.
    pub fn trigger_law(&self, values: &[f64]) -> TriggerLaw {
        TriggerLaw {
            rate: values[self.trigger_rate] / 365.25,
            jump: values[self.trigger_jump],
            organ_chance: values[self.trigger_organ_chance],
        }
    }

    /// Mean of the patient's triggers over time, where the run-in starts.
    pub fn trigger_mean(&self, values: &[f64]) -> f64 {
        values[self.trigger_mean]
    }

    /// Signature high, antimalarial, immunosuppressant.
    pub fn covariates(&self, values: &[f64]) -> [bool; 3] {
        [self.ifn_signature_high, self.antimalarial, self.immunosuppressant].map(|at| values[at] != 0.0)
    }
}

/// What chance has in store for a patient: triggers and visit noise, the same in every arm.
#[derive(Clone, Debug)]
pub(crate) struct Luck {
    pub key: Key,
    pub triggers: Triggers,
    pub noise: Option<Noise>,
    pub visit: u16,
}

impl Luck {
    /// Luck of a patient whose clock starts at `start` days.
    pub fn new(key: Key, law: TriggerLaw, start: f64) -> Self {
        let stream = Stream::new(Key {
            purpose: Purpose::Triggers,
            visit: 0,
            ..key
        });
        Luck {
            key,
            triggers: Triggers::new(stream, law, start),
            noise: None,
            visit: 0,
        }
    }

    /// Noise of the next visit. Each visit has its own stream, so that arms stay in step whatever was decided before.
    /// What is measured of single organs has a stream of its own, so that measuring it changes nothing else.
    pub fn next_visit(&mut self, correlation: Correlation, measured: Measured) -> &Noise {
        let mut stream = Stream::new(Key {
            purpose: Purpose::Assessment,
            visit: self.visit,
            ..self.key
        });
        let single = measured.any().then(|| self.single_noise());
        self.visit += 1;
        let mut noise = match self.noise.take() {
            None => Noise::first(&mut stream),
            Some(mut noise) => {
                noise.advance(correlation, &mut stream);
                noise
            }
        };
        noise.single = single;
        self.noise.insert(noise)
    }

    fn single_noise(&self) -> SingleNoise {
        SingleNoise::draw(&mut Stream::new(Key {
            purpose: Purpose::SingleOrgans,
            visit: self.visit,
            ..self.key
        }))
    }

    /// Uniform numbers for decisions at the visit just assessed.
    pub fn decisions(&self) -> [f64; 5] {
        let mut stream = Stream::new(Key {
            purpose: Purpose::Decisions,
            visit: self.visit,
            ..self.key
        });
        std::array::from_fn(|_| stream.uniform())
    }
}

/// A drawn virtual patient.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Values in the order of the population's names.
    pub values: Vec<f64>,
    pub presentation: Presentation,
    pub luck: Luck,
    /// Position among the protocol's regions; 0 where there are none.
    pub region: usize,
}

impl Candidate {
    /// Draws candidate number `patient`; the clock starts at day 0, the run-in's first.
    pub fn draw(population: &Population, roster: &Roster, seed: u64, replicate: u32, patient: u32) -> Candidate {
        let key = Key {
            seed,
            replicate,
            patient,
            purpose: Purpose::Parameters,
            visit: 0,
        };
        let mut values = vec![0.0; population.names().len()];
        population.draw(&mut Stream::new(key), &mut values);
        let law = roster.trigger_law(&values);
        Candidate {
            presentation: roster.presentation(
                &values,
                &mut Stream::new(Key {
                    purpose: Purpose::Presentation,
                    ..key
                }),
            ),
            luck: Luck::new(key, law, 0.0),
            values,
            region: 0,
        }
    }

    /// The same patient as one of a region, drawn by its share; `severity_sd` turns its severity into that of the population.
    #[must_use]
    pub fn in_region(mut self, regions: &[Region], severity_sd: f64) -> Candidate {
        if regions.is_empty() {
            return self;
        }
        let mut stream = Stream::new(Key {
            purpose: Purpose::Conduct,
            visit: 3,
            ..self.luck.key
        });
        self.region = Region::at(regions, stream.uniform());
        let region = &regions[self.region];
        for severity in &mut self.presentation.severity {
            *severity += region.severity / severity_sd;
        }
        self.presentation.effect_mean *= region.trial_effect;
        self
    }
}
