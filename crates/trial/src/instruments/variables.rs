//! The words that rules of protocols and endpoints may use, and their values at a visit.

use malar_instruments::bilag::grade::Grade;

use super::assessment::Assessment;
use super::items::*;

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
        #[allow(non_camel_case_types, clippy::enum_variant_names)]
        #[derive(Clone, Copy)]
        enum V { $($name,)* }
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
    /// Covariates: signature high, antimalarial, immunosuppressant.
    pub covariates: [bool; 3],
    /// Study drug stopped.
    pub discontinued: bool,
    /// Restricted medication used.
    pub restricted: bool,
}

impl VisitContext<'_> {
    /// Values of all variables; NaN for what the trial does not measure.
    pub fn variables(&self) -> Variables {
        let mut v: Variables = std::array::from_fn(|k| if VARIABLES[k].1.is_optional() { f64::NAN } else { 0.0 });
        self.activity(&mut v);
        self.single_organs(&mut v);
        self.bilag(&mut v);
        let mut set = |name: V, value: f64| v[name as usize] = value;
        set(V::week, self.week);
        set(V::pga, f64::from(self.now.pga_hundredths) / 100.0);
        set(V::pga_baseline, f64::from(self.baseline.pga_hundredths) / 100.0);
        set(
            V::pga_change,
            f64::from(self.now.pga_hundredths - self.baseline.pga_hundredths) / 100.0,
        );
        set(V::prednisone, self.prednisone);
        set(V::prednisone_baseline, self.prednisone_baseline);
        set(V::ifn_signature_high, truth(self.covariates[0]));
        set(V::antimalarial, truth(self.covariates[1]));
        set(V::immunosuppressant, truth(self.covariates[2]));
        set(V::discontinued, truth(self.discontinued));
        set(V::restricted, truth(self.restricted));
        v
    }

    fn activity(&self, v: &mut Variables) {
        let mut set = |name: V, value: f64| v[name as usize] = value;
        let (now, baseline) = (self.now, self.baseline);
        let score = |a: &Assessment| match self.form {
            Sledai::Sledai2k => f64::from(a.sledai_2k),
            Sledai::SelenaSledai => f64::from(a.selena_sledai),
        };
        let serology = |a: &Assessment| 2.0 * (truth(a.has(LOW_COMPLEMENT)) + truth(a.has(ANTI_DSDNA)));
        set(V::sledai, score(now));
        set(V::sledai_baseline, score(baseline));
        set(V::sledai_change, score(now) - score(baseline));
        set(V::sledai_rise_since_last, score(now) - score(self.previous));
        set(V::sledai_2k, f64::from(now.sledai_2k));
        set(V::sledai_2k_baseline, f64::from(baseline.sledai_2k));
        set(
            V::sledai_2k_change,
            f64::from(now.sledai_2k) - f64::from(baseline.sledai_2k),
        );
        set(V::clinical_sledai_2k, f64::from(now.sledai_2k) - serology(now));
        set(V::major_organ_activity, truth(now.items & major_organ_items() != 0));
        set(V::arthritis, truth(now.has(ARTHRITIS)));
        set(V::rash, truth(now.has(RASH)));
        set(V::arthritis_baseline, truth(baseline.has(ARTHRITIS)));
        set(V::rash_baseline, truth(baseline.has(RASH)));
        set(V::low_complement, truth(now.has(LOW_COMPLEMENT)));
        set(V::anti_dsdna_positive, truth(now.has(ANTI_DSDNA)));
        set(V::low_complement_baseline, truth(baseline.has(LOW_COMPLEMENT)));
        set(V::anti_dsdna_positive_baseline, truth(baseline.has(ANTI_DSDNA)));
        set(V::iga2_anti_dsdna, now.iga_anti_dsdna[0]);
        set(V::iga2_anti_dsdna_baseline, baseline.iga_anti_dsdna[0]);
        set(V::iga1_anti_dsdna, now.iga_anti_dsdna[1]);
        set(V::iga1_anti_dsdna_baseline, baseline.iga_anti_dsdna[1]);
    }

    fn single_organs(&self, v: &mut Variables) {
        let mut set = |name: V, value: f64| v[name as usize] = value;
        let (now, baseline) = (self.now, self.baseline);
        if let (Some(kidney), Some(before)) = (now.kidney, baseline.kidney) {
            set(V::upcr, kidney.upcr);
            set(V::upcr_baseline, before.upcr);
            set(V::egfr, kidney.egfr);
            set(V::egfr_baseline, before.egfr);
            set(V::egfr_pre_flare, kidney.egfr_pre_flare);
            set(V::creatinine, kidney.creatinine);
            set(V::creatinine_baseline, before.creatinine);
            set(V::creatinine_upper_limit, kidney.creatinine_upper_limit);
            set(V::red_cell_casts, truth(now.has(CASTS)));
        }
        if let (Some(cells), Some(before)) = (now.urine_red_cells, baseline.urine_red_cells) {
            set(V::urine_red_cells, cells);
            set(V::urine_red_cells_baseline, before);
        }
        if let (Some(clasi), Some(before)) = (now.clasi, baseline.clasi) {
            set(V::clasi_activity, clasi);
            set(V::clasi_activity_baseline, before);
        }
        if let (Some(joints), Some(before)) = (now.joints, baseline.joints) {
            set(V::active_joints, joints.active());
            set(V::active_joints_baseline, before.active());
            set(V::tender_joints, joints.tender);
            set(V::tender_joints_baseline, before.tender);
            set(V::swollen_joints, joints.swollen);
            set(V::swollen_joints_baseline, before.swollen);
        }
    }

    fn bilag(&self, v: &mut Variables) {
        set_bilag(&self.baseline.grades, &self.previous.grades, &self.now.grades, v);
    }
}

type Grades = [Grade; N_DOMAINS];

fn set_bilag(baseline: &Grades, previous: &Grades, now: &Grades, v: &mut Variables) {
    let mut set = |name: V, value: f64| v[name as usize] = value;
    let count = |grades: &Grades, grade: Grade| grades.iter().filter(|&&g| g == grade).count() as f64;
    let (new_a, new_b) = new_grades(baseline, now);
    let (flare_a, flare_b) = new_grades(previous, now);
    let improved = baseline.iter().zip(now).all(|(&from, &to)| match from {
        Grade::A => to <= Grade::B,
        Grade::B => to <= Grade::C,
        _ => true,
    });
    set(V::bilag_a, count(now, Grade::A));
    set(V::bilag_b, count(now, Grade::B));
    set(V::bilag_a_baseline, count(baseline, Grade::A));
    set(V::bilag_b_baseline, count(baseline, Grade::B));
    set(V::bilag_new_a, f64::from(new_a));
    set(V::bilag_new_b, f64::from(new_b));
    set(V::bilag_all_improved, truth(improved));
    set(V::bilag_flare, truth(flare_a >= 1 || flare_b >= 2));
    set(V::bilag_new_a_since_last, f64::from(flare_a));
    set(V::bilag_new_b_since_last, f64::from(flare_b));
    set(V::bilag_mucocutaneous, f64::from(now[1] as u8));
    set(V::bilag_neuropsychiatric, f64::from(now[2] as u8));
    set(V::bilag_musculoskeletal, f64::from(now[3] as u8));
    set(V::bilag_renal, f64::from(now[7] as u8));
}

/// Variables of a worked case that gives its grades as nine letters in instrument order; the previous visit is the baseline.
pub fn bilag_variables(baseline: &str, now: &str) -> Option<Variables> {
    let grades = |text: &str| -> Option<Grades> {
        let letters: Option<Vec<Grade>> = text.chars().map(Grade::from_letter).collect();
        letters?.try_into().ok()
    };
    let (baseline, now) = (grades(baseline)?, grades(now)?);
    let mut v = [0.0; N_VARIABLES];
    set_bilag(&baseline, &baseline, &now, &mut v);
    Some(v)
}

/// New A (A now, not A before) and new B (B now, C or better before). A to B is improvement.
fn new_grades(before: &Grades, now: &Grades) -> (u8, u8) {
    let pairs = before.iter().zip(now);
    pairs.fold((0, 0), |(a, b), (&from, &to)| {
        (
            a + u8::from(to == Grade::A && from != Grade::A),
            b + u8::from(to == Grade::B && from <= Grade::C),
        )
    })
}

/// Items that LLDAS calls major organ activity, as bits: nervous system, vasculitis, kidney, serosa, fever.
fn major_organ_items() -> u32 {
    let major = |item: &Item| matches!(item.looks, Looks::At(NEUROPSYCHIATRIC | VASCULAR | RENAL | SEROSAL));
    ITEMS
        .iter()
        .enumerate()
        .filter(|(_, item)| major(item))
        .fold(0, |bits, (k, _)| bits | 1 << k)
}

fn truth(x: bool) -> f64 {
    f64::from(u8::from(x))
}
