//! Members of a posterior where every number's prior is the same.

use malar_stats::matrix::Matrix;

use super::CalibrationFile;
use crate::catalog::{Kind, Library};
use crate::finding::{Finding, InputError};
use crate::posterior::Posterior;

/// Each member's numbers as standard normals under their priors, a row per member in the posterior's order of names. Nothing if the
/// library has no calibration of the posterior's name that moves the same numbers.
pub(crate) fn standardised(library: &Library, posterior: &Posterior) -> Result<Option<Matrix>, InputError> {
    let Some(source) = library.find(Kind::Calibrations, &posterior.id) else {
        return Ok(None);
    };
    let file = CalibrationFile::parse(source).map_err(|found| vec![Finding::new(found, source)])?;
    let prior = |name: &String| file.moved.iter().find(|moved| moved.name == *name).map(|m| &m.prior);
    let Some(priors) = posterior.names.iter().map(prior).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let row = |member: &Vec<f64>| -> Vec<f64> {
        let pairs = priors.iter().zip(member);
        pairs.map(|(prior, value)| prior.standard(*value)).collect()
    };
    let rows: Vec<Vec<f64>> = posterior.members.iter().map(row).collect();
    let is_inside = rows.iter().flatten().all(|z| z.is_finite());
    Ok(is_inside.then(|| Matrix::from_rows(&rows)))
}
