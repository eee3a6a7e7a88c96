//! Random patients as forms were filled in, and the words of the endpoint rules from those forms.

use malar_instruments::bilag::grade::Grades;
use malar_instruments::bilag::index::{Form, History};
use malar_instruments::bilag::items::{Mark, N_CLINICAL};
use malar_instruments::bilag::renal::Convention;
use malar_instruments::pga::Pga;
use malar_instruments::renal_response::RenalVisit;
use malar_instruments::sledai::descriptors::{Descriptor, Descriptors};
use malar_instruments::sledai::selena::{SelenaFindings, selena};
use malar_instruments::target_states::is_major;
use malar_instruments::{Decimal, ItemError};
use malar_trial::instruments::{Components, N_VARIABLES, Serology, SinceLast, VARIABLES, Variables, bilag_variables};

/// One visit, as entered.
#[derive(Clone, Debug)]
pub struct Visit {
    pub week: i32,
    pub descriptors: Descriptors,
    pub bilag: Form,
    pub pga: Pga,
    pub prednisone: Decimal,
    pub immunosuppressant: bool,
    pub discontinued: bool,
    pub restricted: bool,
    /// Kidney, any value of which may be missing.
    pub kidney: RenalVisit,
    pub clasi: Option<u8>,
    pub active_joints: Option<u8>,
    pub further: Further,
}

/// What scores, flares and partial improvement look at.
#[derive(Clone, Debug)]
pub struct Further {
    /// C3 and C4, g/L, and anti-dsDNA, IU/mL.
    pub serology: [Option<Decimal>; 3],
    /// By descriptor: at least half better than at baseline, if it is still there; not judged now and then.
    pub half_better: [Option<bool>; 24],
    /// mg/day from the visit's decision on.
    pub prescribed: Decimal,
    /// kg.
    pub weight: Decimal,
    pub hospitalised: bool,
    pub milder_drug_added: bool,
}

/// Visits in order, baseline first, and their BILAG grades.
#[derive(Clone, Debug)]
pub struct Patient {
    pub visits: Vec<Visit>,
    pub grades: Vec<Grades>,
}

/// BILAG-2004 of every visit.
pub fn grade(visits: &[Visit]) -> Result<Vec<Grades>, ItemError> {
    let mut history = History::none();
    visits
        .iter()
        .map(|v| history.grade(&v.bilag, Convention::Written))
        .collect()
}

/// Positions of the words that [`Words::of`] fills, looked up once.
pub struct Words([usize; FILLED.len()], [usize; OF_COMPONENTS.len()]);

/// Words that are read off the components of a visit, as trials and tables have them.
const OF_COMPONENTS: [&str; 9] = [
    "c3_change",
    "c4_change",
    "anti_dsdna_change",
    "sledai_responder_50",
    "sledai_responder_50_baseline",
    "sledai_responder_50_change",
    "selena_flare",
    "selena_flare_bliss",
    "c4",
];

const FILLED: [&str; 44] = [
    "week",
    "sledai",
    "sledai_baseline",
    "sledai_change",
    "sledai_2k",
    "sledai_2k_baseline",
    "sledai_2k_change",
    "clinical_sledai_2k",
    "major_organ_activity",
    "arthritis",
    "rash",
    "arthritis_baseline",
    "rash_baseline",
    "low_complement",
    "anti_dsdna_positive",
    "low_complement_baseline",
    "anti_dsdna_positive_baseline",
    "sledai_rise_since_last",
    "bilag_flare",
    "bilag_new_a_since_last",
    "bilag_new_b_since_last",
    "pga",
    "pga_baseline",
    "pga_change",
    "prednisone",
    "prednisone_baseline",
    "immunosuppressant",
    "discontinued",
    "restricted",
    "upcr",
    "egfr",
    "egfr_baseline",
    "egfr_pre_flare",
    "creatinine",
    "creatinine_baseline",
    "creatinine_upper_limit",
    "urine_red_cells",
    "red_cell_casts",
    "clasi_activity",
    "clasi_activity_baseline",
    "active_joints",
    "active_joints_baseline",
    "upcr_baseline",
    "urine_red_cells_baseline",
];

impl Words {
    pub fn new() -> Words {
        Words(FILLED.map(position), OF_COMPONENTS.map(position))
    }

    /// Variables of visit `k` of a patient whose forms are complete.
    pub fn of(&self, patient: &Patient, k: usize) -> Result<Variables, ItemError> {
        let (baseline, previous, now) = (&patient.visits[0], &patient.visits[k - 1], &patient.visits[k]);
        let letters = |k: usize| patient.grades[k].letters();
        let mut variables = bilag_variables(&letters(0), &letters(k)).expect("nine letters");
        let against_previous = bilag_variables(&letters(k - 1), &letters(k)).expect("nine letters");
        let truth = |x: bool| f64::from(u8::from(x));
        let decimal = |x: Option<Decimal>| x.map_or(f64::NAN, Decimal::to_f64);
        let count = |x: Option<u8>| x.map_or(f64::NAN, f64::from);
        let present = |v: &Visit, d: Descriptor| truth(v.descriptors.state(d) == Some(true));
        let (total_before, total) = (
            f64::from(baseline.descriptors.total()?),
            f64::from(now.descriptors.total()?),
        );
        let major = Descriptor::ALL
            .into_iter()
            .any(|d| is_major(d) && now.descriptors.state(d) == Some(true));
        let values = [
            f64::from(now.week),
            total,
            total_before,
            total - total_before,
            total,
            total_before,
            total - total_before,
            f64::from(now.descriptors.clinical_total()?),
            truth(major),
            present(now, Descriptor::Arthritis),
            present(now, Descriptor::Rash),
            present(baseline, Descriptor::Arthritis),
            present(baseline, Descriptor::Rash),
            present(now, Descriptor::LowComplement),
            present(now, Descriptor::AntiDsDna),
            present(baseline, Descriptor::LowComplement),
            present(baseline, Descriptor::AntiDsDna),
            total - f64::from(previous.descriptors.total()?),
            against_previous[self.0[18]],
            against_previous[self.0[19]],
            against_previous[self.0[20]],
            now.pga.value().to_f64(),
            baseline.pga.value().to_f64(),
            (now.pga.value() - baseline.pga.value()).to_f64(),
            now.prednisone.to_f64(),
            baseline.prednisone.to_f64(),
            truth(now.immunosuppressant),
            truth(now.discontinued),
            truth(now.restricted),
            decimal(now.kidney.upcr),
            decimal(now.kidney.egfr),
            decimal(now.kidney.egfr_baseline),
            decimal(now.kidney.egfr_pre_flare),
            decimal(now.kidney.creatinine),
            decimal(now.kidney.creatinine_baseline),
            decimal(now.kidney.creatinine_limit),
            decimal(now.kidney.red_cells),
            now.kidney.red_cell_casts.map_or(f64::NAN, truth),
            count(now.clasi),
            count(baseline.clasi),
            count(now.active_joints),
            count(baseline.active_joints),
            decimal(now.kidney.upcr_baseline),
            decimal(now.kidney.red_cells_baseline),
        ];
        for (&position, value) in self.0.iter().zip(values) {
            variables[position] = value;
        }
        let [at_baseline, before, now] = [0, k - 1, k].map(|k| components(patient, k));
        let of_components = now?.variables(&at_baseline?, &before?);
        for &position in &self.1 {
            variables[position] = of_components[position];
        }
        Ok(variables)
    }
}

/// Components of visit `k`, as far as the words that are read off them need.
fn components(patient: &Patient, k: usize) -> Result<Components, ItemError> {
    let visit = &patient.visits[k];
    let (form, float) = (&visit.further, |x: Option<Decimal>| x.map(Decimal::to_f64));
    let proteinuria = |k: usize| patient.visits[k].descriptors.state(Descriptor::Proteinuria) == Some(true);
    let new_proteinuria = proteinuria(k) && (k == 0 || !proteinuria(k - 1));
    let as_selena = selena(visit.descriptors, Some(new_proteinuria), SelenaFindings::default());
    Ok(Components {
        descriptors: visit.descriptors,
        sledai_2k: Some(visit.descriptors.total()?),
        selena_sledai: Some(as_selena.total()?),
        half_better: Descriptors::from_states(&form.half_better),
        pga: Some(visit.pga.value()),
        serology: Serology {
            c3: float(form.serology[0]),
            c4: float(form.serology[1]),
            anti_dsdna: float(form.serology[2]),
        },
        prednisone: Some(visit.prednisone.to_f64()),
        prednisone_after: Some(form.prescribed.to_f64()),
        weight: Some(form.weight.to_f64()),
        since_last: SinceLast {
            hospitalised: Some(form.hospitalised),
            milder_drug_added: Some(form.milder_drug_added),
            immunosuppressant_added: None,
        },
        restricted: visit.restricted,
        ..Components::not_assessed(f64::from(visit.week))
    })
}

/// Position of a word.
pub fn position(name: &str) -> usize {
    assert!(N_VARIABLES >= FILLED.len());
    VARIABLES.iter().position(|v| v.0 == name).expect("a variable")
}

/// Numbers from a seed (SplitMix64, Steele 2014).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn percent(&mut self, p: usize) -> bool {
        self.below(100) < p
    }
}

/// Doses that trials see, in hundredths of a milligram; some are exact quarters that binary fractions get wrong.
const DOSES: [i64; 14] = [0, 0, 250, 500, 500, 690, 750, 751, 800, 920, 999, 1000, 2000, 4000];

/// A patient with `n_visits` visits four or eight weeks apart after baseline. Not lifelike: made to reach every reason.
pub fn random_patient(random: &mut Random, n_visits: usize) -> Patient {
    let improves = random.percent(50);
    let weeks_apart = if random.percent(50) { 4 } else { 8 };
    let mut visit = first_visit(random);
    let mut visits = vec![visit.clone()];
    for k in 1..=n_visits {
        visit.week = weeks_apart * k as i32;
        next_visit(random, &mut visit, improves);
        visits.push(visit.clone());
    }
    let grades = grade(&visits).expect("possible forms");
    Patient { visits, grades }
}

fn first_visit(random: &mut Random) -> Visit {
    let mut bilag = Form {
        clinical: [Some(Mark::Absent); N_CLINICAL],
        ..Form::NOT_DONE
    };
    bilag.renal.active_sediment = Some(random.percent(10));
    bilag.blood.haemoglobin = Some(Decimal::tenths(75 + random.below(60) as i64));
    for _ in 0..random.below(4) {
        bilag.clinical[random.below(N_CLINICAL)] = Some(Mark::Same);
    }
    let bits = (random.next() & random.next()) as u32 & !0x7f; // a quarter each; the nervous system's seven seldom
    Visit {
        week: 0,
        descriptors: Descriptors::from_bits(bits),
        bilag,
        pga: pga(50 + random.below(200) as i64),
        prednisone: Decimal::hundredths(DOSES[random.below(DOSES.len())]),
        immunosuppressant: random.percent(40),
        discontinued: false,
        restricted: false,
        kidney: kidney(random, RenalVisit::default()),
        clasi: maybe(random, |r| r.below(40) as u8),
        active_joints: maybe(random, |r| r.below(29) as u8),
        further: further(random, Decimal::tenths(450 + random_weight(bits))),
    }
}

/// Tenths of a kilogram above 45, from bits that were drawn for something else.
fn random_weight(bits: u32) -> i64 {
    i64::from(bits >> 8) % 500
}

/// Fresh values of what scores, flares and partial improvement look at.
fn further(random: &mut Random, weight: Decimal) -> Further {
    let mut value = |n: usize, step: i64| maybe(random, |r| Decimal::thousandths(step * r.below(n) as i64));
    let serology = [value(30, 50), value(40, 10), value(300, 1_000)];
    Further {
        serology,
        half_better: std::array::from_fn(|_| (!random.percent(1)).then(|| random.percent(40))),
        prescribed: Decimal::hundredths(DOSES[random.below(DOSES.len())]),
        weight,
        hospitalised: random.percent(1),
        milder_drug_added: random.percent(2),
    }
}

/// A value that is missing now and then.
fn maybe<T>(random: &mut Random, value: impl Fn(&mut Random) -> T) -> Option<T> {
    let drawn = value(random);
    (!random.percent(3)).then_some(drawn)
}

/// Fresh values of the kidney; what belongs to baseline stays once known. Steps are coarse, so that limits are hit
/// exactly.
fn kidney(random: &mut Random, before: RenalVisit) -> RenalVisit {
    let steps = |n: usize, step: i64| move |r: &mut Random| Decimal::thousandths(step * (1 + r.below(n) as i64));
    let egfr = maybe(random, steps(28, 5_000));
    let pre_flare = maybe(random, steps(28, 5_000));
    let creatinine = maybe(random, steps(30, 46));
    let limit = maybe(random, steps(3, 400));
    RenalVisit {
        upcr: maybe(random, steps(12, 100)),
        upcr_baseline: before.upcr_baseline.or(maybe(random, steps(12, 300))),
        egfr,
        egfr_baseline: before.egfr_baseline.or(egfr),
        egfr_pre_flare: before.egfr_pre_flare.or(pre_flare),
        creatinine,
        creatinine_baseline: before.creatinine_baseline.or(maybe(random, steps(30, 40))),
        creatinine_limit: before.creatinine_limit.or(limit),
        red_cells: maybe(random, steps(14, 1_000)),
        red_cells_baseline: before.red_cells_baseline.or(maybe(random, steps(14, 1_000))),
        red_cell_casts: maybe(random, |r| r.percent(10)),
        ..before
    }
}

fn next_visit(random: &mut Random, visit: &mut Visit, improves: bool) {
    let (resolves, appears) = if improves { (45, 1) } else { (15, 4) };
    for descriptor in Descriptor::ALL {
        let now = match visit.descriptors.state(descriptor) {
            Some(true) => !random.percent(resolves),
            _ => random.percent(appears),
        };
        visit.descriptors = visit.descriptors.with_state(descriptor, Some(now));
    }
    for mark in visit.bilag.clinical.iter_mut().filter(|m| **m != Some(Mark::Absent)) {
        let to = if improves { random.below(3) } else { random.below(5) };
        *mark = Mark::from_code(to as u8);
    }
    if random.percent(if improves { 10 } else { 60 }) {
        visit.bilag.clinical[random.below(N_CLINICAL)] = Some(Mark::New);
    }
    visit.bilag.renal.active_sediment = Some(random.percent(5));
    if random.percent(30) {
        visit.bilag.blood.haemoglobin = Some(Decimal::tenths(75 + random.below(60) as i64));
    }
    let step = random.below(61) as i64 - if improves { 45 } else { 30 };
    visit.pga = pga(visit.pga.value().in_thousandths() / 10 + step);
    if random.percent(25) {
        let ceiling = if improves { 8 } else { DOSES.len() };
        visit.prednisone = Decimal::hundredths(DOSES[random.below(ceiling)]);
    }
    visit.immunosuppressant ^= random.percent(5);
    visit.kidney = kidney(random, visit.kidney);
    visit.clasi = maybe(random, |r| r.below(40) as u8);
    visit.active_joints = maybe(random, |r| r.below(29) as u8);
    visit.discontinued |= random.percent(1);
    visit.restricted |= random.percent(1);
    let (weight, before) = (visit.further.weight, visit.further.prescribed);
    visit.further = further(random, weight);
    if random.percent(70) {
        visit.further.prescribed = before;
    }
}

fn pga(hundredths: i64) -> Pga {
    Pga::on_0_to_3(Decimal::hundredths(hundredths.clamp(0, 300))).expect("clamped")
}
