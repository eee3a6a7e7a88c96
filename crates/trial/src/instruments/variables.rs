//! The words that rules of protocols and endpoints may use, and their values at a visit.

use malar_instruments::Decimal;
use malar_instruments::bilag::grade::Grades;
use malar_instruments::sledai::descriptors::Descriptors;

use super::assessment::Assessment;
use super::components::{Components, Renal, Serology, set_bilag};
use super::flare::SinceLast;
use super::half_better::half_better;
use super::items::CASTS;
use super::single_organs::Joints;

/// An instrument a trial may or may not measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instrument {
    /// Always known: time, treatment, covariates.
    None,
    /// SLEDAI-2K or SELENA-SLEDAI items.
    Sledai,
    /// BILAG-2004.
    Bilag,
    /// Physician's global assessment.
    Pga,
    /// C3, C4, anti-dsDNA.
    Serology,
    /// Anti-dsDNA of the classes IgA1 and IgA2.
    Iga,
    /// Urine protein, sediment, creatinine, filtration rate.
    Kidney,
    /// CLASI.
    Clasi,
    /// 28-joint count.
    Joints,
}

impl Instrument {
    /// Id in protocol files.
    pub fn id(self) -> &'static str {
        match self {
            Instrument::None => "",
            Instrument::Sledai => "sledai-2k",
            Instrument::Bilag => "bilag-2004",
            Instrument::Pga => "pga",
            Instrument::Serology => "serology",
            Instrument::Iga => "iga-anti-dsdna",
            Instrument::Kidney => "kidney",
            Instrument::Clasi => "clasi",
            Instrument::Joints => "joint-count",
        }
    }

    /// True if it is measured only where the protocol lists it; elsewhere its variables are missing.
    pub fn is_optional(self) -> bool {
        matches!(
            self,
            Instrument::Kidney | Instrument::Clasi | Instrument::Joints | Instrument::Iga
        )
    }
}

/// Which form of SLEDAI the variables `sledai`, `sledai_baseline` and `sledai_change` stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sledai {
    /// SLEDAI-2K: persistent proteinuria counts.
    #[serde(rename = "sledai-2k")]
    Sledai2k,
    /// SELENA-SLEDAI: proteinuria counts when new.
    SelenaSledai,
}

macro_rules! variables {
    ($($name:ident: $instrument:ident, $meaning:literal;)*) => {
        /// Position of a variable.
        #[allow(non_camel_case_types, clippy::enum_variant_names)] // the names are those of rules
        #[derive(Clone, Copy)]
        pub(super) enum V { $($name,)* }
        /// Name, instrument and meaning of every variable.
        pub const VARIABLES: &[(&str, Instrument, &str)] = &[$((stringify!($name), Instrument::$instrument, $meaning),)*];
    };
}

variables! {
    week: None, "weeks since randomisation";
    sledai: Sledai, "SLEDAI of the form the protocol names, points";
    sledai_baseline: Sledai, "the same at baseline";
    sledai_change: Sledai, "the same, change from baseline";
    sledai_rise_since_last: Sledai, "the same, rise since the previous visit";
    sledai_2k: Sledai, "SLEDAI-2K, points";
    sledai_2k_baseline: Sledai, "SLEDAI-2K at baseline";
    sledai_2k_change: Sledai, "SLEDAI-2K, change from baseline";
    sledai_responder_50: Sledai, "S2K RI-50: items at least half better than at baseline count half their points";
    sledai_responder_50_baseline: Sledai, "the same at baseline: SLEDAI-2K";
    sledai_responder_50_change: Sledai, "the same, change from baseline";
    selena_flare: Sledai, "SELENA flare index since the previous visit: 0 none, 1 mild or moderate, 2 severe";
    selena_flare_bliss: Sledai, "the same as modified in BLISS: a score above 12 alone is not severe";
    clinical_sledai_2k: Sledai, "SLEDAI-2K without complement and anti-dsDNA";
    major_organ_activity: Sledai, "1 if a renal, neurological, serosal, vasculitis or fever item is present";
    arthritis: Sledai, "1 if the item arthritis is present";
    rash: Sledai, "1 if the item rash is present";
    arthritis_baseline: Sledai, "1 if the item arthritis was present at baseline";
    rash_baseline: Sledai, "1 if the item rash was present at baseline";
    low_complement: Serology, "1 if C3 or C4 is below the lower limit of normal";
    anti_dsdna_positive: Serology, "1 if anti-dsDNA is above the upper limit of normal";
    low_complement_baseline: Serology, "the same at baseline";
    anti_dsdna_positive_baseline: Serology, "the same at baseline";
    c3: Serology, "complement C3, g/L";
    c3_baseline: Serology, "the same at baseline";
    c3_change: Serology, "the same, change from baseline";
    c4: Serology, "complement C4, g/L";
    c4_baseline: Serology, "the same at baseline";
    c4_change: Serology, "the same, change from baseline";
    anti_dsdna: Serology, "anti-dsDNA, IU/mL";
    anti_dsdna_baseline: Serology, "the same at baseline";
    anti_dsdna_change: Serology, "the same, change from baseline";
    iga2_anti_dsdna: Iga, "anti-dsDNA of class IgA2, arbitrary units";
    iga2_anti_dsdna_baseline: Iga, "the same at baseline";
    iga1_anti_dsdna: Iga, "anti-dsDNA of class IgA1, arbitrary units";
    iga1_anti_dsdna_baseline: Iga, "the same at baseline";
    bilag_a: Bilag, "domains graded A";
    bilag_b: Bilag, "domains graded B";
    bilag_a_baseline: Bilag, "domains graded A at baseline";
    bilag_b_baseline: Bilag, "domains graded B at baseline";
    bilag_new_a: Bilag, "domains graded A now and not at baseline";
    bilag_new_b: Bilag, "domains graded B now and C, D or E at baseline";
    bilag_all_improved: Bilag, "1 if every baseline A is B or better and every baseline B is C or better";
    bilag_flare: Bilag, "1 if a new A or two new B against the previous visit";
    bilag_new_a_since_last: Bilag, "domains graded A now and not at the previous visit";
    bilag_new_b_since_last: Bilag, "domains graded B now and C, D or E at the previous visit";
    bilag_musculoskeletal: Bilag, "grade of the domain, E 0, D 1, C 2, B 3, A 4";
    bilag_mucocutaneous: Bilag, "grade of the domain, E 0 to A 4";
    bilag_renal: Bilag, "grade of the domain, E 0 to A 4";
    bilag_mucocutaneous_baseline: Bilag, "the same of the mucocutaneous domain at baseline";
    bilag_renal_baseline: Bilag, "the same of the renal domain at baseline";
    bilag_neuropsychiatric: Bilag, "grade of the domain, E 0 to A 4";
    pga: Pga, "physician's global assessment, 0-3";
    pga_baseline: Pga, "the same at baseline";
    pga_change: Pga, "the same, change from baseline, exact to 0.01";
    upcr: Kidney, "urine protein to creatinine, g/g";
    upcr_baseline: Kidney, "the same at baseline";
    egfr: Kidney, "estimated filtration rate, mL/min/1.73 m²";
    egfr_baseline: Kidney, "the same at baseline";
    egfr_pre_flare: Kidney, "the same before the flare that led to the trial";
    creatinine: Kidney, "serum creatinine, mg/dL";
    creatinine_baseline: Kidney, "the same at baseline";
    creatinine_upper_limit: Kidney, "upper limit of normal of creatinine, mg/dL";
    urine_red_cells: Kidney, "red cells per high-power field";
    urine_red_cells_baseline: Kidney, "the same at baseline";
    red_cell_casts: Kidney, "1 if red-cell casts are seen";
    clasi_activity: Clasi, "CLASI activity, 0-70";
    clasi_activity_baseline: Clasi, "the same at baseline";
    active_joints: Joints, "joints of 28 both tender and swollen";
    active_joints_baseline: Joints, "the same at baseline";
    tender_joints: Joints, "tender joints of 28";
    tender_joints_baseline: Joints, "the same at baseline";
    swollen_joints: Joints, "swollen joints of 28";
    swollen_joints_baseline: Joints, "the same at baseline";
    prednisone: None, "prednisone-equivalent before this visit's decision, mg/day";
    prednisone_baseline: None, "prednisone-equivalent at baseline, mg/day";
    ifn_signature_high: None, "1 if the type I interferon gene signature is high";
    antimalarial: None, "1 if on an antimalarial";
    immunosuppressant: None, "1 if on an immunosuppressant";
    discontinued: None, "1 after discontinuation of study drug";
    restricted: None, "1 once restricted medication was used";
}

/// Position of the flag of a BILAG flare against the previous visit.
pub(crate) const BILAG_FLARE_AT: usize = V::bilag_flare as usize;
/// Position of the flag set after discontinuation.
pub(crate) const DISCONTINUED_AT: usize = V::discontinued as usize;
/// Position of the flag set once restricted medication was used.
pub(crate) const RESTRICTED_AT: usize = V::restricted as usize;
/// Positions of what only a visit's decisions tell: flares that treatment defines.
pub(crate) const KNOWN_LATE: [usize; 2] = [V::selena_flare as usize, V::selena_flare_bliss as usize];

/// Number of variables.
pub const N_VARIABLES: usize = VARIABLES.len();

/// Values of all variables at one visit, in the order of [`VARIABLES`].
pub type Variables = [f64; N_VARIABLES];

/// Names of all variables, for parsing rules.
pub fn variable_names() -> [&'static str; N_VARIABLES] {
    std::array::from_fn(|k| VARIABLES[k].0)
}

/// Everything a visit's variables depend on.
#[derive(Clone, Copy, Debug)]
pub struct VisitContext<'a> {
    /// Form of SLEDAI of the protocol.
    pub form: Sledai,
    /// Weeks since randomisation.
    pub week: f64,
    /// Baseline assessment.
    pub baseline: &'a Assessment,
    /// Assessment of the visit before.
    pub previous: &'a Assessment,
    /// This assessment.
    pub now: &'a Assessment,
    /// Prednisone-equivalent now, mg/day.
    pub prednisone: f64,
    /// Prednisone-equivalent at baseline, mg/day.
    pub prednisone_baseline: f64,
    /// Body weight, kg.
    pub weight: f64,
    /// Covariates: signature high, antimalarial, immunosuppressant.
    pub covariates: [bool; 3],
    /// Study drug stopped.
    pub discontinued: bool,
    /// Restricted medication used.
    pub restricted: bool,
}

impl VisitContext<'_> {
    /// Values of all variables; NaN for what the trial does not measure, and for flares, which wait for the visit's decision.
    pub fn variables(&self) -> Variables {
        let baseline = Components {
            prednisone: Some(self.prednisone_baseline),
            ..self.measured(self.baseline)
        };
        let mut v = self.components().variables(&baseline, &self.measured(self.previous));
        let mut set = |name: V, value: f64| v[name as usize] = value;
        set(V::selena_flare, f64::NAN);
        set(V::selena_flare_bliss, f64::NAN);
        // Anti-dsDNA IgA is no component that tables of real trials have.
        set(V::iga2_anti_dsdna, self.now.iga_anti_dsdna[0]);
        set(V::iga2_anti_dsdna_baseline, self.baseline.iga_anti_dsdna[0]);
        set(V::iga1_anti_dsdna, self.now.iga_anti_dsdna[1]);
        set(V::iga1_anti_dsdna_baseline, self.baseline.iga_anti_dsdna[1]);
        v
    }

    /// The components of this visit.
    pub fn components(&self) -> Components {
        let [ifn_signature_high, antimalarial, immunosuppressant] = self.covariates.map(Some);
        Components {
            prednisone: Some(self.prednisone),
            ifn_signature_high,
            antimalarial,
            immunosuppressant,
            discontinued: self.discontinued,
            restricted: self.restricted,
            weight: Some(self.weight),
            half_better: half_better(self.baseline, self.now),
            ..self.measured(self.now)
        }
    }

    /// What an assessment says, without drugs.
    fn measured(&self, assessment: &Assessment) -> Components {
        let known = |x: f64| Some(x).filter(|x| !x.is_nan());
        let renal = assessment.kidney.map_or(Renal::default(), |kidney| Renal {
            upcr: known(kidney.upcr),
            egfr: known(kidney.egfr),
            egfr_pre_flare: known(kidney.egfr_pre_flare),
            creatinine: known(kidney.creatinine),
            creatinine_upper_limit: known(kidney.creatinine_upper_limit),
            urine_red_cells: assessment.urine_red_cells,
            red_cell_casts: Some(assessment.has(CASTS)),
        });
        Components {
            descriptors: Descriptors::from_bits(assessment.items),
            sledai_2k: Some(assessment.sledai_2k),
            selena_sledai: Some(assessment.selena_sledai),
            sledai: Some(match self.form {
                Sledai::Sledai2k => assessment.sledai_2k,
                Sledai::SelenaSledai => assessment.selena_sledai,
            }),
            grades: Grades(assessment.grades.map(Some)),
            pga: Some(Decimal::hundredths(assessment.pga_hundredths.into())),
            serology: Serology {
                c3: known(assessment.c3),
                c4: known(assessment.c4),
                anti_dsdna: known(assessment.anti_dsdna),
            },
            renal,
            since_last: SinceLast::OF_VIRTUAL_PATIENTS,
            clasi_activity: assessment.clasi,
            active_joints: assessment.joints.map(Joints::active),
            tender_joints: assessment.joints.map(|joints| joints.tender),
            swollen_joints: assessment.joints.map(|joints| joints.swollen),
            ..Components::not_assessed(self.week)
        }
    }
}

/// All variables missing.
pub(super) fn missing() -> Variables {
    [f64::NAN; N_VARIABLES]
}

/// Variables of a worked case that gives its grades as nine letters in instrument order; the previous visit is the baseline.
pub fn bilag_variables(baseline: &str, now: &str) -> Option<Variables> {
    let (baseline, now) = (Grades::from_letters(baseline)?, Grades::from_letters(now)?);
    let mut v = [0.0; N_VARIABLES];
    set_bilag(&baseline, &baseline, &now, &mut v);
    Some(v)
}
