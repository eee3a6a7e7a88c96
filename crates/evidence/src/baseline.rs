//! What patients were like when they entered: keys made of a variable and a statistic, such as `sledai_2k_mean`.

use crate::published::{Arm, Published};

/// Endings of a baseline key.
pub const STATISTICS: &[&str] = &["mean", "sd", "median", "q1", "q3", "min", "max", "percent", "n"];

/// Beginnings of a baseline key, sorted, each with its meaning and unit.
pub const VARIABLES: &[(&str, &str)] = &[
    ("active_joint", "joints both swollen and tender"),
    ("age", "age at entry, years"),
    ("age_at_diagnosis", "age at diagnosis, years"),
    ("anti_dsdna_pos", "anti-dsDNA above the laboratory's limit"),
    ("antimalarial", "on an antimalarial"),
    ("arthritis_sledai", "arthritis item of SLEDAI present"),
    ("asian", "Asian"),
    ("azathioprine", "on azathioprine"),
    ("bilag_a", "one or more BILAG A grades"),
    ("bilag_a_or_2b", "one or more BILAG A or two or more B grades"),
    ("bilag_global", "BILAG-2004 global score"),
    ("black", "Black"),
    ("clasi_a", "CLASI activity score"),
    ("class_iii", "lupus nephritis class III"),
    ("class_iii_iv_plus_v", "class III or IV with V"),
    ("class_iii_or_iv", "class III or IV without V"),
    ("class_iv", "class IV"),
    ("class_v", "class V"),
    ("class_v_overlap", "class V with III or IV"),
    ("disease_duration_months", "time since diagnosis, months"),
    ("disease_duration_years", "time since diagnosis, years"),
    ("egfr", "estimated glomerular filtration rate, mL/min/1.73 m2"),
    ("egfr_below_60", "eGFR below 60"),
    ("egfr_ge60", "eGFR 60 or more"),
    ("female", "female"),
    ("gc", "on a glucocorticoid"),
    ("gc_ge10", "prednisone equivalent 10 mg/day or more"),
    ("gc_gt7_5", "prednisone equivalent above 7.5 mg/day"),
    ("ge2_bilag_b", "no BILAG A and two or more B grades"),
    ("hips", "hips"),
    ("ifngs_high", "interferon gene signature high"),
    ("igg_g_l", "IgG, g/L"),
    ("iim", "patients with inflammatory myopathy"),
    ("immunological_domain", "immunological domain of SLEDAI active"),
    ("immunosuppressant", "on an immunosuppressant"),
    ("knees", "knees"),
    ("ln", "lupus nephritis"),
    ("ln_class_iii_iv", "lupus nephritis class III or IV"),
    ("low_c3", "C3 below the laboratory's limit"),
    ("low_c4", "C4 below the laboratory's limit"),
    ("medial_joint_space_mm", "medial joint space of the knee, mm"),
    ("methotrexate", "on methotrexate"),
    ("mmf", "on mycophenolate"),
    ("nonrenal_sledai", "SLEDAI without renal items"),
    ("pga", "physician's global assessment, 0 to 3"),
    ("prednisone_mg", "prednisone equivalent, mg/day"),
    ("prior_rituximab", "had rituximab before"),
    ("proteinuria_g_day", "proteinuria, g/day"),
    ("rash_sledai", "rash item of SLEDAI present"),
    ("renal_domain", "renal domain of SLEDAI active"),
    ("sdi", "SLICC damage index"),
    ("selena_sledai", "SELENA-SLEDAI"),
    ("selena_sledai_ge10", "SELENA-SLEDAI 10 or more"),
    ("sle", "patients with SLE"),
    ("sledai", "patients with a SLEDAI"),
    ("sledai_2k", "SLEDAI-2K"),
    ("sledai_ge10", "SLEDAI-2K 10 or more"),
    ("ssc", "patients with systemic sclerosis"),
    ("steroid_dependent", "could not stop steroids"),
    ("swollen_joint", "swollen joints"),
    ("tender_joint", "tender joints"),
    ("upcr", "urinary protein/creatinine ratio, g/g"),
    ("upcr_elevated", "UPCR above normal"),
    ("upcr_gt3", "UPCR above 3 g/g"),
    ("varus_degrees", "varus of the knee, degrees"),
];

/// A characteristic over all arms that state it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BaselineValue {
    /// Mean or percent, weighted by arm size.
    pub value: f64,
    /// Standard deviation of all patients together, if every arm gives one with its mean.
    pub sd: Option<f64>,
    /// Patients in the arms that state it.
    pub n: u32,
}

/// The variable and the statistic of a key, if both are known.
pub(crate) fn split_key(key: &str) -> Option<(&str, &str)> {
    let (variable, statistic) = key.rsplit_once('_')?;
    let is_known = VARIABLES.binary_search_by_key(&variable, |known| known.0).is_ok();
    (is_known && STATISTICS.contains(&statistic)).then_some((variable, statistic))
}

impl Arm {
    /// A characteristic of this arm by its key in the file, such as `pga_mean`.
    pub fn baseline(&self, key: &str) -> Option<f64> {
        self.baseline.get(key).copied()
    }

    /// All characteristics, sorted by key.
    pub fn baseline_values(&self) -> impl Iterator<Item = (&str, f64)> {
        self.baseline.iter().map(|(key, &value)| (key.as_str(), value))
    }
}

impl Published {
    /// A mean or percentage by its key in the file, weighted over the arms of known size that state it.
    ///
    /// `key` ends in `_mean` or `_percent`; medians and extremes cannot be pooled, so they give `None`.
    pub fn baseline(&self, key: &str) -> Option<BaselineValue> {
        let (variable, statistic) = split_key(key)?;
        if statistic != "mean" && statistic != "percent" {
            return None;
        }
        let sd_key = format!("{variable}_sd");
        let stated = |arm: &Arm| Some((arm.baseline(key)?, arm.baseline(&sd_key), arm.n?));
        let arms: Vec<(f64, Option<f64>, u32)> = self.arms.iter().filter_map(stated).collect();
        let n: u32 = arms.iter().map(|arm| arm.2).sum();
        if n == 0 {
            return None;
        }
        let value = arms.iter().map(|arm| arm.0 * f64::from(arm.2)).sum::<f64>() / f64::from(n);
        let sd = if statistic == "mean" {
            pooled_sd(&arms, value, n)
        } else {
            None
        };
        Some(BaselineValue { value, sd, n })
    }
}

/// Standard deviation of the union of groups given as (mean, sd, n) around their common mean.
fn pooled_sd(groups: &[(f64, Option<f64>, u32)], mean: f64, n: u32) -> Option<f64> {
    let mut squares = 0.0;
    for &(group_mean, sd, group_n) in groups {
        let sd = sd?;
        squares += sd * sd * f64::from(group_n.saturating_sub(1)) + (group_mean - mean).powi(2) * f64::from(group_n);
    }
    (n > 1).then(|| (squares / f64::from(n - 1)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_sorted_so_that_look_up_finds_them() {
        assert!(VARIABLES.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(split_key("sledai_2k_mean"), Some(("sledai_2k", "mean")));
        assert_eq!(split_key("sledia_2k_mean"), None);
        assert_eq!(split_key("sledai_2k_maen"), None);
    }

    #[test]
    fn pooled_spread_is_that_of_the_patients_taken_together() {
        // 1, 3 and 7, 9: means 2 and 8, both sd sqrt(2); together mean 5, squares 40, sd sqrt(40 / 3).
        let groups = [(2.0, Some(2f64.sqrt()), 2), (8.0, Some(2f64.sqrt()), 2)];
        assert!((pooled_sd(&groups, 5.0, 4).unwrap() - (40.0f64 / 3.0).sqrt()).abs() < 1e-14);
        assert_eq!(pooled_sd(&[(2.0, None, 2)], 2.0, 2), None);
    }
}
