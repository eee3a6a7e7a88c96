//! Whom the patients of a drawn trial are drawn from.

use malar_patients::random::Stream;

use super::pool::{Arm, Patient, Pool};

/// Patients of both arms; without an effect the treated are drawn among the control's.
pub(super) struct Urns<'a> {
    control: Urn<'a>,
    treated: Option<Urn<'a>>,
}

/// Patients, drawn again and again or each once.
struct Urn<'a> {
    patients: &'a [Patient],
    /// Those not yet drawn, if each is drawn once.
    left: Option<Vec<u32>>,
}

impl<'a> Urns<'a> {
    /// All simulated trials together, each patient drawn again and again.
    pub fn of_all(pool: &'a Pool, has_effect: bool) -> Urns<'a> {
        Urns::new(pool, has_effect, |arm| Urn {
            patients: &arm.patients,
            left: None,
        })
    }

    /// One simulated trial, each patient drawn once: then the drawn trial is one of that world, whatever the simulated trial's size.
    pub fn of_trial(pool: &'a Pool, has_effect: bool, trial: usize) -> Urns<'a> {
        Urns::new(pool, has_effect, |arm| {
            let patients = arm.of_trial(trial);
            let left = Some((0..patients.len() as u32).collect());
            Urn { patients, left }
        })
    }

    fn new(pool: &'a Pool, has_effect: bool, urn: impl Fn(&'a Arm) -> Urn<'a>) -> Urns<'a> {
        Urns {
            control: urn(&pool.control),
            treated: has_effect.then(|| urn(&pool.treated)),
        }
    }

    /// Draws a patient.
    pub fn draw(&mut self, is_treated: bool, stream: &mut Stream) -> Patient {
        match &mut self.treated {
            Some(treated) if is_treated => treated.draw(stream),
            _ => self.control.draw(stream),
        }
    }

    /// Shares of responders among all who may be drawn: control, treated.
    pub fn shares(&self) -> (f64, f64) {
        let control = self.control.share();
        (control, self.treated.as_ref().map_or(control, Urn::share))
    }
}

impl Urn<'_> {
    fn draw(&mut self, stream: &mut Stream) -> Patient {
        let k = match &mut self.left {
            None => stream.below(self.patients.len()),
            Some(left) => left.swap_remove(stream.below(left.len())) as usize,
        };
        self.patients[k]
    }

    fn share(&self) -> f64 {
        self.patients.iter().filter(|p| p.responded).count() as f64 / self.patients.len() as f64
    }
}

#[cfg(test)]
mod tests {
    use malar_patients::random::{Key, Purpose};

    use super::*;

    #[test]
    fn of_one_trial_everybody_is_drawn_once_and_without_effect_both_arms_share_them() {
        let patients: Vec<Patient> = (0..6)
            .map(|stratum| Patient {
                stratum,
                responded: false,
            })
            .collect();
        let arm = Arm::of(patients.clone());
        let mut stream = Stream::new(Key {
            seed: 1,
            replicate: 0,
            patient: 0,
            purpose: Purpose::Conduct,
            visit: 0,
        });
        let left = Some((0..6).collect());
        let mut urns = Urns {
            control: Urn {
                patients: &arm.patients,
                left,
            },
            treated: None,
        };
        let mut drawn: Vec<u16> = (0..6).map(|k| urns.draw(k % 2 == 0, &mut stream).stratum).collect();
        drawn.sort_unstable();
        assert_eq!(drawn, [0, 1, 2, 3, 4, 5]);
    }
}
