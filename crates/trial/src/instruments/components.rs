//! The components of a visit, any of which may be missing, and the values of all words from them.
//!
//! Virtual patients and real tables meet here: both hand over components, and endpoints see nothing else.

use malar_instruments::Decimal;
use malar_instruments::bilag::change::{New, all_active_improved, new_grades};
use malar_instruments::bilag::grade::{Domain, Grade, Grades, N_DOMAINS};
use malar_instruments::sledai::descriptors::{Descriptor, Descriptors};
use malar_instruments::target_states::is_major;

use super::flare::{SinceLast, set_flare};
use super::variables::{V, Variables, missing};

/// What was assessed at a visit; `None`, an unknown descriptor, a domain without a grade were not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Components {
    /// Weeks since randomisation.
    pub week: f64,
    /// The 24 descriptors of SLEDAI-2K.
    pub descriptors: Descriptors,
    /// SLEDAI-2K total; of the descriptors, or as recorded where they are not known.
    pub sledai_2k: Option<u16>,
    /// SELENA-SLEDAI total.
    pub selena_sledai: Option<u16>,
    /// Total of the form of SLEDAI that the protocol names.
    pub sledai: Option<u16>,
    /// Of the descriptors present at baseline and now, those at least half better than at baseline.
    pub half_better: Descriptors,
    /// BILAG-2004.
    pub grades: Grades,
    /// Physician's global assessment, 0–3.
    pub pga: Option<Decimal>,
    /// Complement and anti-dsDNA.
    pub serology: Serology,
    /// Urine and creatinine.
    pub renal: Renal,
    /// CLASI activity, 0–70.
    pub clasi_activity: Option<f64>,
    /// Joints of 28 both tender and swollen.
    pub active_joints: Option<f64>,
    /// Tender joints of 28.
    pub tender_joints: Option<f64>,
    /// Swollen joints of 28.
    pub swollen_joints: Option<f64>,
    /// Prednisone-equivalent before this visit's decision, mg/day.
    pub prednisone: Option<f64>,
    /// Prednisone-equivalent from this visit's decision on, mg/day.
    pub prednisone_after: Option<f64>,
    /// Body weight, kg.
    pub weight: Option<f64>,
    /// What happened since the visit before that the instruments do not show.
    pub since_last: SinceLast,
    /// Type I interferon gene signature is high.
    pub ifn_signature_high: Option<bool>,
    /// On an antimalarial.
    pub antimalarial: Option<bool>,
    /// On an immunosuppressant.
    pub immunosuppressant: Option<bool>,
    /// Study drug was stopped before.
    pub discontinued: bool,
    /// Restricted medication was used up to now.
    pub restricted: bool,
}

/// Serology at a visit; `None` was not measured, or in another unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Serology {
    /// C3, g/L.
    pub c3: Option<f64>,
    /// C4, g/L.
    pub c4: Option<f64>,
    /// Anti-dsDNA, IU/mL.
    pub anti_dsdna: Option<f64>,
}

/// The kidney at a visit; `None` was not assessed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Renal {
    /// Urine protein to creatinine, g/g.
    pub upcr: Option<f64>,
    /// Estimated filtration rate, mL/min/1.73 m².
    pub egfr: Option<f64>,
    /// The same before the flare that led to the trial.
    pub egfr_pre_flare: Option<f64>,
    /// Serum creatinine, mg/dL.
    pub creatinine: Option<f64>,
    /// Its upper limit of normal, mg/dL.
    pub creatinine_upper_limit: Option<f64>,
    /// Red cells per high-power field.
    pub urine_red_cells: Option<f64>,
    /// Red-cell casts are seen.
    pub red_cell_casts: Option<bool>,
}

impl Components {
    /// A visit at which nothing was assessed.
    pub fn not_assessed(week: f64) -> Components {
        Components {
            week,
            descriptors: Descriptors::not_assessed(),
            sledai_2k: None,
            selena_sledai: None,
            sledai: None,
            half_better: Descriptors::not_assessed(),
            grades: Grades([None; N_DOMAINS]),
            pga: None,
            serology: Serology::default(),
            renal: Renal::default(),
            clasi_activity: None,
            active_joints: None,
            tender_joints: None,
            swollen_joints: None,
            prednisone: None,
            prednisone_after: None,
            weight: None,
            since_last: SinceLast::default(),
            ifn_signature_high: None,
            antimalarial: None,
            immunosuppressant: None,
            discontinued: false,
            restricted: false,
        }
    }

    /// Values of all variables at this visit; NaN for what was not assessed here, at `baseline` or at the visit before.
    pub fn variables(&self, baseline: &Components, previous: &Components) -> Variables {
        let mut v = missing();
        v[V::week as usize] = self.week;
        self.activity(baseline, previous, &mut v);
        self.partial_improvement(baseline, &mut v);
        set_flare(self, previous, &mut v);
        self.antibodies_and_complement(baseline, &mut v);
        set_bilag(&baseline.grades, &previous.grades, &self.grades, &mut v);
        self.physician_and_drugs(baseline, &mut v);
        self.organs(baseline, &mut v);
        v
    }

    fn activity(&self, baseline: &Components, previous: &Components, v: &mut Variables) {
        let mut set = |name: V, value: f64| v[name as usize] = value;
        let [sledai, before, last] = [self, baseline, previous].map(|c| number(c.sledai));
        set(V::sledai, sledai);
        set(V::sledai_baseline, before);
        set(V::sledai_change, sledai - before);
        set(V::sledai_rise_since_last, sledai - last);
        let [total, before] = [self, baseline].map(|c| number(c.sledai_2k));
        set(V::sledai_2k, total);
        set(V::sledai_2k_baseline, before);
        set(V::sledai_2k_change, total - before);
        set(V::clinical_sledai_2k, number(self.descriptors.clinical_total().ok()));
        set(V::major_organ_activity, truth(self.major_organ_activity()));
        let descriptors = [
            (Descriptor::Arthritis, V::arthritis, V::arthritis_baseline),
            (Descriptor::Rash, V::rash, V::rash_baseline),
            (Descriptor::LowComplement, V::low_complement, V::low_complement_baseline),
            (
                Descriptor::AntiDsDna,
                V::anti_dsdna_positive,
                V::anti_dsdna_positive_baseline,
            ),
        ];
        for (descriptor, now, at_baseline) in descriptors {
            set(now, truth(self.descriptors.state(descriptor)));
            set(at_baseline, truth(baseline.descriptors.state(descriptor)));
        }
    }

    /// One descriptor of a major organ is enough; without one, all must be known.
    fn major_organ_activity(&self) -> Option<bool> {
        let mut known = true;
        for descriptor in Descriptor::ALL.into_iter().filter(|&d| is_major(d)) {
            match self.descriptors.state(descriptor) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => known = false,
            }
        }
        known.then_some(false)
    }

    fn physician_and_drugs(&self, baseline: &Components, v: &mut Variables) {
        let mut set = |name: V, value: f64| v[name as usize] = value;
        set(V::pga, decimal(self.pga));
        set(V::pga_baseline, decimal(baseline.pga));
        let change = self.pga.zip(baseline.pga).map(|(now, before)| now - before);
        set(V::pga_change, decimal(change));
        set(V::prednisone, self.prednisone.unwrap_or(f64::NAN));
        set(V::prednisone_baseline, baseline.prednisone.unwrap_or(f64::NAN));
        set(V::ifn_signature_high, truth(self.ifn_signature_high));
        set(V::antimalarial, truth(self.antimalarial));
        set(V::immunosuppressant, truth(self.immunosuppressant));
        set(V::discontinued, truth(Some(self.discontinued)));
        set(V::restricted, truth(Some(self.restricted)));
    }

    fn antibodies_and_complement(&self, baseline: &Components, v: &mut Variables) {
        let (now, before) = (&self.serology, &baseline.serology);
        let values = [
            ([V::c3, V::c3_baseline, V::c3_change], now.c3, before.c3),
            ([V::c4, V::c4_baseline, V::c4_change], now.c4, before.c4),
            (
                [V::anti_dsdna, V::anti_dsdna_baseline, V::anti_dsdna_change],
                now.anti_dsdna,
                before.anti_dsdna,
            ),
        ];
        for (names, now, before) in values {
            let [now, before] = [now, before].map(|x| x.unwrap_or(f64::NAN));
            for (name, value) in names.into_iter().zip([now, before, now - before]) {
                v[name as usize] = value;
            }
        }
    }

    fn organs(&self, baseline: &Components, v: &mut Variables) {
        let mut set = |name: V, value: Option<f64>| v[name as usize] = value.unwrap_or(f64::NAN);
        let (now, before) = (&self.renal, &baseline.renal);
        set(V::upcr, now.upcr);
        set(V::upcr_baseline, before.upcr);
        set(V::egfr, now.egfr);
        set(V::egfr_baseline, before.egfr);
        set(V::egfr_pre_flare, now.egfr_pre_flare.or(before.egfr_pre_flare));
        set(V::creatinine, now.creatinine);
        set(V::creatinine_baseline, before.creatinine);
        let limit = now.creatinine_upper_limit.or(before.creatinine_upper_limit);
        set(V::creatinine_upper_limit, limit);
        set(V::urine_red_cells, now.urine_red_cells);
        set(V::urine_red_cells_baseline, before.urine_red_cells);
        set(
            V::red_cell_casts,
            now.red_cell_casts.map(|seen| f64::from(u8::from(seen))),
        );
        set(V::clasi_activity, self.clasi_activity);
        set(V::clasi_activity_baseline, baseline.clasi_activity);
        set(V::active_joints, self.active_joints);
        set(V::active_joints_baseline, baseline.active_joints);
        set(V::tender_joints, self.tender_joints);
        set(V::tender_joints_baseline, baseline.tender_joints);
        set(V::swollen_joints, self.swollen_joints);
        set(V::swollen_joints_baseline, baseline.swollen_joints);
    }
}

/// Words of BILAG; one that counts domains is missing if a domain is.
pub(super) fn set_bilag(baseline: &Grades, previous: &Grades, now: &Grades, v: &mut Variables) {
    let mut set = |name: V, value: f64| v[name as usize] = value;
    let count = |grades: &Grades, grade: Grade| match grades.complete() {
        Ok(all) => all.iter().filter(|&&g| g == grade).count() as f64,
        Err(_) => f64::NAN,
    };
    let grade = |grades: &Grades, domain: Domain| grades.of(domain).map_or(f64::NAN, |g| f64::from(g as u8));
    let letter = |domain: Domain| grade(now, domain);
    let new = new_grades(baseline, now).ok();
    let since_last = new_grades(previous, now).ok();
    let of = |new: Option<New>, part: fn(New) -> u8| new.map_or(f64::NAN, |n| f64::from(part(n)));
    set(V::bilag_a, count(now, Grade::A));
    set(V::bilag_b, count(now, Grade::B));
    set(V::bilag_a_baseline, count(baseline, Grade::A));
    set(V::bilag_b_baseline, count(baseline, Grade::B));
    set(V::bilag_new_a, of(new, |n| n.a));
    set(V::bilag_new_b, of(new, |n| n.b));
    set(V::bilag_all_improved, truth(all_active_improved(baseline, now).ok()));
    set(V::bilag_flare, of(since_last, |n| u8::from(n.is_tulip_flare())));
    set(V::bilag_new_a_since_last, of(since_last, |n| n.a));
    set(V::bilag_new_b_since_last, of(since_last, |n| n.b));
    set(V::bilag_mucocutaneous, letter(Domain::Mucocutaneous));
    set(V::bilag_neuropsychiatric, letter(Domain::Neuropsychiatric));
    set(V::bilag_musculoskeletal, letter(Domain::Musculoskeletal));
    set(V::bilag_renal, letter(Domain::Renal));
    set(V::bilag_mucocutaneous_baseline, grade(baseline, Domain::Mucocutaneous));
    set(V::bilag_renal_baseline, grade(baseline, Domain::Renal));
}

pub(super) fn number(x: Option<u16>) -> f64 {
    x.map_or(f64::NAN, f64::from)
}

pub(super) fn decimal(x: Option<Decimal>) -> f64 {
    x.map_or(f64::NAN, Decimal::to_f64)
}

fn truth(x: Option<bool>) -> f64 {
    x.map_or(f64::NAN, |x| f64::from(u8::from(x)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_assessed_is_missing_and_what_was_is_there() {
        let mut now = Components::not_assessed(12.0);
        now.pga = Some(Decimal::tenths(12));
        now.descriptors = now.descriptors.with(Descriptor::Fever);
        let v = now.variables(&Components::not_assessed(0.0), &Components::not_assessed(8.0));
        assert_eq!((v[V::week as usize], v[V::pga as usize]), (12.0, 1.2));
        assert_eq!(v[V::major_organ_activity as usize], 1.0, "fever is enough");
        for name in [
            V::pga_change,
            V::sledai_2k,
            V::bilag_new_a,
            V::prednisone,
            V::upcr,
            V::arthritis,
        ] {
            assert!(v[name as usize].is_nan());
        }
    }

    #[test]
    fn differences_of_pga_are_those_of_decimals() {
        let at = |tenths| Components {
            pga: Some(Decimal::tenths(tenths)),
            ..Components::not_assessed(0.0)
        };
        assert_eq!(at(12).variables(&at(9), &at(9))[V::pga_change as usize], 0.3);
    }
}
