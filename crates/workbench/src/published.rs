//! What a trial published, looked up by the names the simulation uses.

use malar_evidence::Origin;

/// A published rate of one arm.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedRate {
    /// Percent, or events per patient-year.
    pub value: f64,
    /// `percent` or `per patient-year`.
    pub unit: String,
    /// Patients behind it.
    pub n: Option<f64>,
    /// Where it was seen.
    pub source: String,
}

/// A published difference arm minus control.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedDifference {
    /// Percentage points, or events per patient-year.
    pub value: f64,
    /// `percentage points` or `per patient-year`.
    pub unit: String,
    /// 95 % confidence limits, where given.
    pub limits: Option<(f64, f64)>,
    /// True if it was not printed but computed from the two arms' values.
    pub computed: bool,
}

/// A published baseline characteristic, patients-weighted over the arms that state it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PublishedBaseline {
    /// Mean or percent.
    pub value: f64,
    /// Standard deviation of a mean.
    pub sd: Option<f64>,
}

/// Looks up published results of one trial. Names are the simulation's; unknown names give `None`.
pub trait Published: Sync {
    /// Rate of `arm` for `endpoint` at `week` in an analysis population.
    fn rate(&self, arm: &str, endpoint: &str, week: f64, population: &str) -> Option<PublishedRate>;
    /// Difference between `arm` and `control`, as printed or else from the two rates.
    fn difference(
        &self,
        arm: &str,
        control: &str,
        endpoint: &str,
        week: f64,
        population: &str,
    ) -> Option<PublishedDifference>;
    /// Baseline characteristic by the key of the evidence files, such as `sledai_2k_mean` or `ifngs_high_percent`.
    fn baseline(&self, key: &str) -> Option<PublishedBaseline>;
}

/// For trials nobody has published.
pub struct Nothing;

impl Published for Nothing {
    fn rate(&self, _: &str, _: &str, _: f64, _: &str) -> Option<PublishedRate> {
        None
    }
    fn difference(&self, _: &str, _: &str, _: &str, _: f64, _: &str) -> Option<PublishedDifference> {
        None
    }
    fn baseline(&self, _: &str) -> Option<PublishedBaseline> {
        None
    }
}

/// The evidence file of a trial.
impl Published for malar_evidence::Published {
    fn rate(&self, arm: &str, endpoint: &str, week: f64, population: &str) -> Option<PublishedRate> {
        let outcome = self.arm_result(arm, endpoint, week, population)?;
        let n = self.denominator(outcome).map(|(n, _)| f64::from(n));
        Some(PublishedRate {
            value: outcome.value?,
            unit: outcome.unit.clone(),
            n,
            source: outcome.source.clone(),
        })
    }

    fn difference(
        &self,
        arm: &str,
        control: &str,
        endpoint: &str,
        week: f64,
        population: &str,
    ) -> Option<PublishedDifference> {
        let found = malar_evidence::Published::difference(self, arm, control, endpoint, week, population)?;
        let limits = found.low95.zip(found.high95);
        Some(PublishedDifference {
            value: found.value,
            unit: found.unit,
            limits,
            computed: found.origin == Origin::Computed,
        })
    }

    fn baseline(&self, key: &str) -> Option<PublishedBaseline> {
        let found = malar_evidence::Published::baseline(self, key)?;
        Some(PublishedBaseline {
            value: found.value,
            sd: found.sd,
        })
    }
}
