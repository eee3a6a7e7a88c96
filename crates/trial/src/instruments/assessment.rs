//! One visit, as raters and laboratories see it.

use malar_instruments::bilag::grade::Grade;
use malar_patients::{Measurement, SingleOrgans};
use malar_solver::math::{exp, ln, pow};

use super::items::*;
use super::noise::Noise;
use super::single_organs::{Filter, Joints, Kidney, KidneyOf, Measured, Severity, SingleNoise, clasi};

/// What does not change about how a patient presents.
#[derive(Clone, Debug)]
pub struct Presentation {
    /// Severity of each organ, standard normal.
    pub severity: [f64; N_ORGANS],
    /// Items that can ever be present.
    pub may_have: MayHave,
    /// What each item lastingly has of its own, standard normal.
    pub item_level: [f64; N_ITEMS],
    /// How much of the trial effect the patient has, standard normal.
    pub effect_level: f64,
    /// Mean trial effect of patients like this one, as a multiple of the population's.
    pub effect_mean: f64,
    /// The rater's own level, standard normal.
    pub rater_level: f64,
    /// What belongs to the patient's kidney.
    pub kidney: KidneyOf,
}

impl Presentation {
    /// True if any item of the organ can be present.
    pub fn involves(&self, organ: usize) -> bool {
        self.may_have.leading[organ].is_some()
    }

    /// The patient's trial effect as a multiple of the trial's, log-normal about the mean of patients like this one.
    pub fn effect_share(&self, between_patients_sd: f64) -> f64 {
        self.effect_mean * exp(between_patients_sd * (self.effect_level - between_patients_sd / 2.0))
    }
}

/// Which items a patient can ever have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MayHave {
    /// Items as bits.
    bits: u32,
    /// The item by which each organ shows first: of those that can be present the first of the form, which is arthritis or rash
    /// in most.
    leading: [Option<usize>; N_ORGANS],
}

impl MayHave {
    /// The items of a set of bits.
    pub fn new(bits: u32) -> MayHave {
        let first_at = |organ: usize| (0..N_ITEMS).find(|&k| bits >> k & 1 == 1 && ITEMS[k].looks == Looks::At(organ));
        MayHave {
            bits,
            leading: std::array::from_fn(first_at),
        }
    }

    /// True if the item can be present.
    pub fn has(self, item: usize) -> bool {
        self.bits >> item & 1 == 1
    }
}

/// The biology at a visit, without noise.
#[derive(Clone, Copy, Debug)]
pub struct Biology {
    /// Organ activities, fold of the patient's mean.
    pub organs: [f64; N_ORGANS],
    /// C3, g/L.
    pub c3: f64,
    /// C4, g/L.
    pub c4: f64,
    /// Anti-dsDNA IgG, IU/mL.
    pub anti_dsdna: f64,
    /// Anti-dsDNA of the classes IgA2 and IgA1, arbitrary units; NaN if the trial does not measure it.
    pub iga_anti_dsdna: [f64; 2],
    /// Interferon gene signature, fold of baseline.
    pub ifn_signature: f64,
    /// Serum concentration of the study drug, mg/L.
    pub concentration: f64,
    /// Kidney, where the trial measures it.
    pub kidney: Option<Filter>,
}

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assessment {
    /// SLEDAI-2K items present, as bits.
    pub items: u32,
    /// SLEDAI-2K total.
    pub sledai_2k: u16,
    /// SELENA-SLEDAI total: proteinuria counts only when new since the last visit.
    pub selena_sledai: u16,
    /// BILAG-2004 grades in instrument order.
    pub grades: [Grade; N_DOMAINS],
    /// PGA in hundredths, so that 1.2 - 0.9 is 0.3 exactly.
    pub pga_hundredths: i32,
    /// Measured C3, g/L.
    pub c3: f64,
    /// Measured C4, g/L.
    pub c4: f64,
    /// Measured anti-dsDNA, IU/mL.
    pub anti_dsdna: f64,
    /// Measured anti-dsDNA of the classes IgA2 and IgA1, arbitrary units; NaN if the trial does not measure it.
    pub iga_anti_dsdna: [f64; 2],
    /// Urine, creatinine and filtration rate, where the trial measures them.
    pub kidney: Option<Kidney>,
    /// Red cells in the urine per field, where the trial measures the kidney.
    pub urine_red_cells: Option<f64>,
    /// CLASI activity, where the trial measures it.
    pub clasi: Option<f64>,
    /// Joint counts, where the trial makes them.
    pub joints: Option<Joints>,
    /// Severity of each organ without noise, ln units.
    pub(super) steady: [f64; N_ORGANS],
    /// How far C3 and C4, g/L, and anti-dsDNA, IU/mL, are beyond their limits of normal as measured; 0 within.
    pub(super) gaps: [f64; 3],
    /// BILAG severity of each organ, for the direction of change at the next visit.
    severity: [f64; N_ORGANS],
    /// BILAG level (0 none, 1 C, 2 B, 3 A) of each organ after direction.
    level: [u8; N_ORGANS],
}

impl Assessment {
    /// Nothing found anywhere.
    #[cfg(test)]
    pub(super) fn unremarkable() -> Assessment {
        Assessment {
            items: 0,
            sledai_2k: 0,
            selena_sledai: 0,
            grades: [Grade::E; N_DOMAINS],
            pga_hundredths: 0,
            c3: 1.0,
            c4: 0.2,
            anti_dsdna: 0.0,
            iga_anti_dsdna: [f64::NAN; 2],
            kidney: None,
            urine_red_cells: None,
            clasi: None,
            joints: None,
            steady: [0.0; N_ORGANS],
            gaps: [0.0; 3],
            severity: [0.0; N_ORGANS],
            level: [0; N_ORGANS],
        }
    }

    /// True if a SLEDAI-2K item is present.
    pub fn has(&self, item: usize) -> bool {
        self.items >> item & 1 == 1
    }
}

/// Weight of each organ in PGA (probe): blood half, serosa 0.8, others 1.
const PGA_WEIGHT: [f64; N_ORGANS] = [1.0, 1.0, 1.0, 0.5, 0.8, 1.0, 1.0];

/// What stays the same while a patient is examined: the instruments, the patient's way of presenting, the trial effect.
#[derive(Clone, Copy, Debug)]
pub struct Examination<'a> {
    /// Constants of the instruments.
    pub instruments: &'a Measurement,
    /// Constants of what is measured of single organs.
    pub single_organs: &'a SingleOrgans,
    /// What of single organs the trial measures.
    pub measured: Measured,
    /// How the patient presents.
    pub who: &'a Presentation,
    /// Trial effect at this time, ln units.
    pub offset: f64,
    /// The skin's share of it.
    pub skin_share: f64,
}

impl Examination<'_> {
    /// Measures the patient; `previous` is the last assessment, for the direction of change.
    pub fn assess(&self, now: &Biology, noise: &Noise, previous: Option<&Assessment>) -> Assessment {
        let m = self.instruments;
        let steady = self.steady_severity(now);
        let theta = self.organ_severity(&steady, noise);
        let leading = self.leading_severity(&theta, noise);
        let laboratory = |value: f64, drift_sd: f64, cv: f64, k: usize| {
            value * exp(drift_sd * noise.drift[k] + cv * noise.laboratory[k])
        };
        let c3 = laboratory(now.c3, m.c3_drift_sd, m.c3_cv, 0);
        let c4 = laboratory(now.c4, m.c4_drift_sd, m.c4_cv, 1);
        let anti_dsdna = laboratory(now.anti_dsdna, m.anti_dsdna_drift_sd, m.anti_dsdna_cv, 2);
        // The assay of anti-dsDNA IgG with another second antibody.
        let iga_anti_dsdna = std::array::from_fn(|k| now.iga_anti_dsdna[k] * exp(m.anti_dsdna_cv * noise.iga[k]));
        let kidney = self.kidney(now, noise);
        let mut items = 0;
        for (k, item) in ITEMS.iter().enumerate() {
            let present = match item.looks {
                // Where urine protein is measured, the item is read off it.
                Looks::At(_) if k == PROTEINURIA && kidney.is_some() => {
                    kidney.is_some_and(|kidney| kidney.upcr > Kidney::PROTEINURIA)
                }
                Looks::At(organ) => {
                    self.who.may_have.has(k) && theta[organ] + self.own(k, noise) > item_threshold(m, k)
                }
                Looks::AtComplement => c3 < m.c3_lower_limit || c4 < m.c4_lower_limit,
                Looks::AtAntiDsDna => anti_dsdna > m.anti_dsdna_upper_limit,
            };
            items |= u32::from(present) << k;
        }
        let sledai_2k = total(items);
        let old_proteinuria = previous.is_some_and(|p| p.has(PROTEINURIA)) && items >> PROTEINURIA & 1 == 1;
        let severity: [f64; N_ORGANS] = std::array::from_fn(|o| leading[o] + m.bilag_noise_sd * noise.bilag[o]);
        let level = bilag_levels(m, self.who, &severity, previous);
        Assessment {
            items,
            sledai_2k,
            selena_sledai: sledai_2k - if old_proteinuria { ITEMS[PROTEINURIA].weight } else { 0 },
            grades: grades(self.who, &level),
            pga_hundredths: physician_global(m, self.who, &leading, noise),
            c3,
            c4,
            anti_dsdna,
            iga_anti_dsdna,
            kidney,
            urine_red_cells: kidney.map(|_| self.red_cells(&theta, noise)),
            clasi: self
                .single(noise, self.measured.clasi)
                .map(|n| clasi(self.single_organs, &self.severity_of(SKIN, &leading), n)),
            joints: self
                .single(noise, self.measured.joints)
                .map(|n| Joints::measure(self.single_organs, &self.severity_of(JOINT, &leading), n)),
            steady,
            gaps: [
                m.c3_lower_limit - c3,
                m.c4_lower_limit - c4,
                anti_dsdna - m.anti_dsdna_upper_limit,
            ]
            .map(|gap| gap.max(0.0)),
            severity,
            level,
        }
    }

    /// Noise of single organs for an instrument, if the trial uses it.
    fn single<'n>(&self, noise: &'n Noise, used: bool) -> Option<&'n SingleNoise> {
        noise.single.as_ref().filter(|_| used)
    }

    fn kidney(&self, now: &Biology, noise: &Noise) -> Option<Kidney> {
        let noise = self.single(noise, self.measured.kidney)?;
        let filter = now.kidney.as_ref()?;
        Some(Kidney::measure(self.single_organs, &self.who.kidney, filter, noise))
    }

    fn severity_of(&self, organ: usize, theta: &[f64; N_ORGANS]) -> Severity {
        let m = self.instruments;
        let mean = if organ == SKIN { m.mean_skin } else { m.mean_joint };
        Severity {
            lasting: self.who.severity[organ],
            change: theta[organ] - mean - m.severity_sd * self.who.severity[organ],
            involved: self.who.involves(organ),
        }
    }

    /// Red cells per field: above five exactly when the item haematuria is present; one in a patient who never has it.
    fn red_cells(&self, theta: &[f64; N_ORGANS], noise: &Noise) -> f64 {
        let m = self.instruments;
        if !self.who.may_have.has(HAEMATURIA) {
            return 1.0;
        }
        let above = theta[RENAL] + self.own(HAEMATURIA, noise) - item_threshold(m, HAEMATURIA);
        5.0 * exp(self.single_organs.red_cell_gain * above)
    }

    /// What an item has of its own, ln units.
    fn own(&self, item: usize, noise: &Noise) -> f64 {
        let m = self.instruments;
        m.item_lasting_sd * self.who.item_level[item] + m.item_noise_sd * noise.item[item]
    }

    /// Severity of each organ as its leading item shows it: what BILAG, PGA and single-organ scores look at.
    fn leading_severity(&self, theta: &[f64; N_ORGANS], noise: &Noise) -> [f64; N_ORGANS] {
        std::array::from_fn(|o| theta[o] + self.who.may_have.leading[o].map_or(0.0, |item| self.own(item, noise)))
    }

    /// Latent severity of each organ, ln units, trial effect included, noise not.
    fn steady_severity(&self, now: &Biology) -> [f64; N_ORGANS] {
        let m = self.instruments;
        std::array::from_fn(|o| {
            let (mean, effect) = match o {
                SKIN => (m.mean_skin, self.offset * self.skin_share),
                JOINT => (m.mean_joint, self.offset),
                _ => (m.mean_other, self.offset),
            };
            let activity = now.organs[o].max(1e-3); // below a thousandth of baseline nothing shows
            let lasting = mean + m.severity_sd * self.who.severity[o] + m.gain * ln(activity);
            lasting + effect
        })
    }

    /// The same with the noise that all items of an organ share.
    fn organ_severity(&self, steady: &[f64; N_ORGANS], noise: &Noise) -> [f64; N_ORGANS] {
        let m = self.instruments;
        std::array::from_fn(|o| {
            let factor = if o == SKIN { m.skin_noise_factor } else { 1.0 };
            steady[o] + m.organ_noise_sd * factor * noise.organ[o]
        })
    }
}

fn item_threshold(m: &Measurement, item: usize) -> f64 {
    match item {
        ARTHRITIS => m.threshold_arthritis,
        RASH => m.threshold_rash,
        ALOPECIA => m.threshold_alopecia,
        ULCERS => m.threshold_ulcers,
        _ => m.threshold_other,
    }
}

/// Level of each organ from severity and its direction since the last visit.
fn bilag_levels(
    m: &Measurement,
    who: &Presentation,
    severity: &[f64; N_ORGANS],
    previous: Option<&Assessment>,
) -> [u8; N_ORGANS] {
    let absolute = |o: usize, s: f64| {
        let level =
            u8::from(s > m.bilag_threshold_c) + u8::from(s > m.bilag_threshold_b) + u8::from(s > m.bilag_threshold_a);
        if o == HAEMATOLOGICAL { level.min(2) } else { level }
    };
    std::array::from_fn(|o| {
        if !who.involves(o) {
            return 0;
        }
        let level = absolute(o, severity[o]);
        let Some(before) = previous else { return level };
        let change = severity[o] - before.severity[o];
        if level >= 2 && level == absolute(o, before.severity[o]) && change < -m.bilag_improving_fall {
            level - 1 // improving: one grade lower
        } else if level > before.level[o] && change < m.bilag_worsening_rise {
            before.level[o]
        } else {
            level
        }
    })
}

/// Grades of the nine domains. Cutaneous vasculitis counts under mucocutaneous, fever under constitutional;
/// gastrointestinal and ophthalmic disease are not modelled.
fn grades(who: &Presentation, level: &[u8; N_ORGANS]) -> [Grade; N_DOMAINS] {
    let organs: [&[usize]; N_DOMAINS] = [
        &[SEROSAL],
        &[SKIN, VASCULAR],
        &[NEUROPSYCHIATRIC],
        &[JOINT],
        &[SEROSAL],
        &[],
        &[],
        &[RENAL],
        &[HAEMATOLOGICAL],
    ];
    let fever = who.may_have.has(FEVER);
    let serositis = (0..N_ITEMS).any(|k| k != FEVER && who.may_have.has(k) && ITEMS[k].looks == Looks::At(SEROSAL));
    std::array::from_fn(|domain| {
        let involved = match domain {
            0 => fever,
            4 => serositis,
            _ => organs[domain].iter().any(|&o| who.involves(o)),
        };
        let worst = organs[domain].iter().map(|&o| level[o]).max().unwrap_or(0);
        match (involved, worst) {
            (false, _) => Grade::E,
            (true, 0) => Grade::D,
            (true, 1) => Grade::C,
            (true, 2) => Grade::B,
            (true, _) => Grade::A,
        }
    })
}

/// PGA, 0 to 300 hundredths, to the precision of the form.
fn physician_global(m: &Measurement, who: &Presentation, theta: &[f64; N_ORGANS], noise: &Noise) -> i32 {
    let softplus = |x: f64| if x > 30.0 { x } else { ln(1.0 + exp(x)) };
    let total: f64 = (0..N_ORGANS)
        .filter(|&o| who.involves(o))
        .map(|o| PGA_WEIGHT[o] * softplus(2.0 * theta[o]) / 2.0)
        .sum();
    let score = 3.0 * (1.0 - exp(-m.pga_gain * pow(total, m.pga_exponent)))
        + m.pga_rater_sd * who.rater_level
        + m.pga_visit_sd * noise.pga;
    (score.clamp(0.0, 3.0) * 100.0).round() as i32
}
