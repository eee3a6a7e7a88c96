//! S2K RI-50: items that are still there, but at least half better than at baseline.

use malar_instruments::sledai::descriptors::{Descriptor, Descriptors};
use malar_instruments::sledai::responder_50;

use super::assessment::Assessment;
use super::components::{Components, decimal, number};
use super::items::{ITEMS, Looks, N_ITEMS, PROTEINURIA};
use super::variables::{V, Variables};

impl Components {
    /// Words of S2K RI-50. Whether an item is half better is asked where it is present at baseline and now; elsewhere it
    /// does not matter.
    pub(super) fn partial_improvement(&self, baseline: &Components, v: &mut Variables) {
        let index = self.half_better_of(baseline).and_then(|half| {
            let found = responder_50::score(baseline.descriptors, self.descriptors, half);
            found.ok()
        });
        let mut set = |name: V, value: f64| v[name as usize] = value;
        let (now, before) = (decimal(index), number(baseline.sledai_2k));
        set(V::sledai_responder_50, now);
        set(V::sledai_responder_50_baseline, before);
        set(V::sledai_responder_50_change, now - before);
    }

    /// The items that count half; `None` if it is not known of one that is present at both visits.
    fn half_better_of(&self, baseline: &Components) -> Option<Descriptors> {
        let mut half = Descriptors::none();
        for descriptor in Descriptor::ALL {
            let stays = [baseline, self]
                .iter()
                .all(|c| c.descriptors.state(descriptor) == Some(true));
            if stays && self.half_better.state(descriptor)? {
                half = half.with(descriptor);
            }
        }
        Some(half)
    }
}

/// Items of a virtual patient present at baseline and now, and whether they are at least half better; the others are left
/// open. Assumed, for the index says it of joints, areas and pains that virtual patients do not have:
///
/// - of an organ: the severity without noise, `exp(theta)`, has halved;
/// - proteinuria, where urine is measured: the ratio has halved;
/// - complement and anti-dsDNA: half of each gap to the limit of normal has closed.
pub(super) fn half_better(baseline: &Assessment, now: &Assessment) -> Descriptors {
    let stays = baseline.items & now.items;
    let mut states = [None; N_ITEMS];
    for (k, state) in states.iter_mut().enumerate().filter(|(k, _)| stays >> k & 1 == 1) {
        *state = Some(is_half_better(k, baseline, now));
    }
    Descriptors::from_states(&states)
}

fn is_half_better(item: usize, baseline: &Assessment, now: &Assessment) -> bool {
    let half = |before: f64, now: f64| now <= before / 2.0;
    let gap = |k: usize| half(baseline.gaps[k], now.gaps[k]);
    match (ITEMS[item].looks, baseline.kidney, now.kidney) {
        (Looks::At(_), Some(before), Some(now)) if item == PROTEINURIA => half(before.upcr, now.upcr),
        (Looks::At(organ), ..) => now.steady[organ] <= baseline.steady[organ] - std::f64::consts::LN_2,
        (Looks::AtComplement, ..) => gap(0) && gap(1),
        (Looks::AtAntiDsDna, ..) => gap(2),
    }
}

/// Descriptors by id; fails with an id that is none.
pub(super) fn descriptors(ids: &[String]) -> Result<Descriptors, String> {
    ids.iter().try_fold(Descriptors::none(), |set, id| {
        let known = Descriptor::ALL.into_iter().find(|d| d.id() == id);
        known.map(|d| set.with(d)).ok_or_else(|| id.clone())
    })
}

/// Words of S2K RI-50 of a worked case from the items at baseline, now, and half better.
pub(crate) fn set_partial_improvement(items: [&[String]; 3], v: &mut Variables) -> Result<(), String> {
    let visit = |ids: &[String]| {
        let descriptors = descriptors(ids)?;
        Ok::<_, String>(Components {
            descriptors,
            sledai_2k: descriptors.total().ok(),
            ..Components::not_assessed(0.0)
        })
    };
    let now = Components {
        half_better: descriptors(items[2])?,
        ..visit(items[1])?
    };
    now.partial_improvement(&visit(items[0])?, v);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruments::items::{ARTHRITIS, LOW_COMPLEMENT};

    fn visit(items: &[usize], joint: f64, gaps: [f64; 3]) -> Assessment {
        let mut steady = [0.0; 7];
        steady[crate::instruments::items::JOINT] = joint;
        let mut visit = Assessment::unremarkable();
        visit.items = items.iter().fold(0, |bits, k| bits | 1 << k);
        (visit.steady, visit.gaps) = (steady, gaps);
        visit
    }

    fn state(before: &Assessment, now: &Assessment, item: usize) -> Option<bool> {
        half_better(before, now).state(Descriptor::ALL[item])
    }

    #[test]
    fn an_organ_is_half_better_when_its_severity_has_halved() {
        let before = visit(&[ARTHRITIS], 1.0, [0.0; 3]);
        let at = |joint| state(&before, &visit(&[ARTHRITIS], joint, [0.0; 3]), ARTHRITIS);
        assert_eq!(at(1.0 - 0.7), Some(true), "0.7 is more than ln 2");
        assert_eq!(at(1.0 - 0.69), Some(false), "0.69 is less");
        assert_eq!(state(&before, &visit(&[], -9.0, [0.0; 3]), ARTHRITIS), None, "resolved");
    }

    #[test]
    fn complement_needs_half_of_both_gaps() {
        let before = visit(&[LOW_COMPLEMENT], 0.0, [0.5, 0.25, 0.0]);
        let at = |gaps| state(&before, &visit(&[LOW_COMPLEMENT], 0.0, gaps), LOW_COMPLEMENT);
        assert_eq!(at([0.25, 0.125, 9.0]), Some(true));
        assert_eq!(at([0.25, 0.126, 0.0]), Some(false), "C4 lags");
        assert_eq!(at([0.26, 0.0, 0.0]), Some(false), "C3 lags");
    }

    #[test]
    fn the_index_is_missing_only_where_an_item_that_stays_is_not_judged() {
        let of = |bits: u32, half: Descriptors| Components {
            descriptors: Descriptors::from_bits(bits),
            sledai_2k: Descriptors::from_bits(bits).total().ok(),
            half_better: half,
            ..Components::not_assessed(0.0)
        };
        let unknown = Descriptors::not_assessed();
        let both = 1 << ARTHRITIS | 1 << LOW_COMPLEMENT;
        let index = |now: &Components| {
            let baseline = of(both, unknown);
            now.variables(&baseline, &baseline)[V::sledai_responder_50 as usize]
        };
        assert!(index(&of(both, unknown)).is_nan());
        assert_eq!(index(&of(0, unknown)), 0.0);
        let judged = unknown.with_state(Descriptor::Arthritis, Some(true));
        assert_eq!(index(&of(1 << ARTHRITIS, judged)), 2.0, "half of arthritis's 4 points");
        assert!(index(&of(both, judged)).is_nan(), "complement is not judged");
    }
}
