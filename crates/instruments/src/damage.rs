//! SLICC/ACR damage index (SDI).
//!
//! Damage since the onset of lupus, for at least six months or from an event at least six months ago, whatever its
//! cause; it never decreases. Items and maxima verified (phenx, joomag, medscape). The published maximum is 46 or 47,
//! without or with tendon rupture, hence [`Version`]. Terms of use: published in full (Gladman 1996); free.

use crate::error::ItemError;
use crate::form::{Form, item};

/// With or without tendon rupture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Maximum 46.
    WithoutTendonRupture,
    /// Maximum 47.
    WithTendonRupture,
}

/// Number of items.
pub const N_ITEMS: usize = 41;

const GFR: usize = 7;
const PROTEINURIA: usize = 8;
const END_STAGE: usize = 9;
const TENDON: usize = 34;

/// Items in our words; those that can happen twice go to 2, end-stage disease to 3 in place of the other two of the
/// kidney.
pub const FORM: Form = Form {
    instrument: "SDI",
    items: &[
        item("cataract", 1, "cataract"),
        item("retina_optic_nerve", 1, "retinal change or optic atrophy"),
        item("cognitive_psychosis", 1, "cognitive impairment or major psychosis"),
        item("seizures", 1, "seizures that needed treatment for six months"),
        item("stroke", 2, "cerebrovascular accident; 2 if more than one"),
        item("neuropathy", 1, "cranial or peripheral neuropathy, not optic"),
        item("myelitis", 1, "transverse myelitis"),
        item("gfr_below_half", 1, "filtration rate below half of normal"),
        item("proteinuria", 1, "protein of 3.5 g or more in 24 hours"),
        item("end_stage_kidney", 3, "end-stage kidney disease; scores 3"),
        item("pulmonary_hypertension", 1, "pulmonary hypertension"),
        item("pulmonary_fibrosis", 1, "pulmonary fibrosis"),
        item("shrinking_lung", 1, "shrinking lung"),
        item("pleural_fibrosis", 1, "pleural fibrosis"),
        item("pulmonary_infarction", 1, "pulmonary infarction or resection"),
        item("angina", 1, "angina or coronary bypass"),
        item("myocardial_infarction", 2, "myocardial infarction; 2 if more than one"),
        item("cardiomyopathy", 1, "cardiomyopathy"),
        item("valve", 1, "valvular disease"),
        item("pericarditis", 1, "pericarditis for six months, or pericardiectomy"),
        item("claudication", 1, "claudication for six months"),
        item("minor_tissue_loss", 1, "minor tissue loss"),
        item(
            "major_tissue_loss",
            2,
            "significant tissue loss; 2 if at more than one site",
        ),
        item(
            "venous_thrombosis",
            1,
            "venous thrombosis with swelling, ulcer or stasis",
        ),
        item(
            "bowel_infarction",
            2,
            "infarction or resection of an abdominal organ; 2 if more than one",
        ),
        item("mesenteric_insufficiency", 1, "mesenteric insufficiency"),
        item("chronic_peritonitis", 1, "chronic peritonitis"),
        item("stricture", 1, "stricture or surgery of the upper tract"),
        item("pancreatic_insufficiency", 1, "pancreatic insufficiency"),
        item("muscle_atrophy", 1, "muscle atrophy or weakness"),
        item("deforming_arthritis", 1, "deforming or erosive arthritis"),
        item("osteoporotic_fracture", 1, "osteoporosis with fracture"),
        item("avascular_necrosis", 2, "avascular necrosis; 2 if more than one"),
        item("osteomyelitis", 1, "osteomyelitis"),
        item("tendon_rupture", 1, "tendon rupture"),
        item("scarring_alopecia", 1, "scarring alopecia"),
        item("skin_scarring", 1, "extensive scarring, not of the scalp"),
        item("skin_ulcer", 1, "skin ulcer for more than six months"),
        item("gonadal_failure", 1, "gonadal failure before 40"),
        item("diabetes", 1, "diabetes"),
        item("malignancy", 2, "malignancy; 2 if more than one site"),
    ],
};

/// The index. Fails, naming it, on an item that is missing or out of range, and on end-stage disease scored 1 or 2.
pub fn total(items: &[Option<u8>; N_ITEMS], version: Version) -> Result<u16, ItemError> {
    let mut counted = *items;
    if version == Version::WithoutTendonRupture {
        counted[TENDON] = Some(0);
    }
    match items[END_STAGE] {
        Some(3) => (counted[GFR], counted[PROTEINURIA]) = (Some(0), Some(0)),
        Some(1 | 2) => {
            return Err(ItemError::Impossible {
                instrument: FORM.instrument,
                item: "end_stage_kidney",
                conflict: "scores 0 or 3",
            });
        }
        _ => {}
    }
    FORM.check(items)?;
    FORM.total(&counted)
}

/// Fails, naming the item, if damage recorded at an earlier visit is less at a later one. Missing items are not compared;
/// the kidney's two lesser items may give way to end-stage disease.
pub fn check_progress(before: &[Option<u8>; N_ITEMS], now: &[Option<u8>; N_ITEMS]) -> Result<(), ItemError> {
    for k in 0..N_ITEMS {
        let replaced = matches!(k, GFR | PROTEINURIA) && now[END_STAGE] == Some(3);
        if before[k].zip(now[k]).is_some_and(|(b, n)| n < b) && !replaced {
            return Err(ItemError::Impossible {
                instrument: FORM.instrument,
                item: FORM.items[k].id,
                conflict: "is less than at an earlier visit, but damage does not go away",
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(entries: &[(&str, u8)]) -> [Option<u8>; N_ITEMS] {
        let mut items = [Some(0); N_ITEMS];
        for (id, score) in entries {
            items[FORM.position(id).expect("an item")] = Some(*score);
        }
        items
    }

    #[test]
    fn maxima_are_46_and_47() {
        let worst: Vec<Option<u8>> = FORM.items.iter().map(|i| Some(i.max)).collect();
        let worst: [Option<u8>; N_ITEMS] = worst.try_into().expect("41 items");
        assert_eq!(total(&worst, Version::WithTendonRupture), Ok(47));
        assert_eq!(total(&worst, Version::WithoutTendonRupture), Ok(46));
    }

    #[test]
    fn named_positions_are_the_items_meant() {
        let id = |k: usize| FORM.items[k].id;
        assert_eq!(
            [GFR, PROTEINURIA, END_STAGE, TENDON].map(id),
            ["gfr_below_half", "proteinuria", "end_stage_kidney", "tendon_rupture"]
        );
    }

    #[test]
    fn end_stage_disease_replaces_the_other_two() {
        let kidney = with(&[("gfr_below_half", 1), ("proteinuria", 1)]);
        assert_eq!(total(&kidney, Version::WithTendonRupture), Ok(2));
        let end = with(&[("gfr_below_half", 1), ("proteinuria", 1), ("end_stage_kidney", 3)]);
        assert_eq!(total(&end, Version::WithTendonRupture), Ok(3));
        assert!(total(&with(&[("end_stage_kidney", 2)]), Version::WithTendonRupture).is_err());
    }

    #[test]
    fn damage_does_not_go_away() {
        let (one, none) = (with(&[("cataract", 1)]), with(&[]));
        assert!(check_progress(&none, &one).is_ok());
        assert!(
            check_progress(&one, &none)
                .expect_err("less")
                .to_string()
                .contains("`cataract`")
        );
        let (before, end) = (with(&[("proteinuria", 1)]), with(&[("end_stage_kidney", 3)]));
        assert!(check_progress(&before, &end).is_ok());
    }
}
