//! The eight item tables of BILAG-2004 a second time, as sets and formulas, against the grading of the crate.

use malar_instruments::bilag::grade::{Domain, Grade};
use malar_instruments::bilag::items::{CLINICAL, Mark, Marks, N_CLINICAL, finding, position};

/// Ids of items.
type Ids = &'static [&'static str];

/// A, B and C items of a domain, as the scoring appendix groups them (unverified, like the table they check).
const SETS: [(Domain, Ids, Ids, Ids); 6] = [
    (
        Domain::Mucocutaneous,
        &[
            "eruption_severe",
            "angio_oedema_severe",
            "ulceration_severe",
            "panniculitis_bullous_severe",
            "major_cutaneous_vasculitis",
        ],
        &[
            "eruption_mild",
            "panniculitis_bullous_mild",
            "digital_infarcts_nodular_vasculitis",
            "alopecia_severe",
        ],
        &[
            "angio_oedema_mild",
            "ulceration_mild",
            "alopecia_mild",
            "periungual_erythema_chilblains",
            "splinter_haemorrhages",
        ],
    ),
    (
        Domain::Neuropsychiatric,
        &[
            "aseptic_meningitis",
            "cerebral_vasculitis",
            "demyelinating_syndrome",
            "myelopathy",
            "acute_confusional_state",
            "psychosis",
            "acute_demyelinating_polyradiculoneuropathy",
            "mononeuropathy",
            "cranial_neuropathy",
            "plexopathy",
            "polyneuropathy",
            "status_epilepticus",
            "cerebellar_ataxia",
        ],
        &[
            "seizure_disorder",
            "cerebrovascular_disease",
            "cognitive_dysfunction",
            "movement_disorder",
            "autonomic_disorder",
            "lupus_headache",
            "intracranial_hypertension_headache",
        ],
        &[],
    ),
    (
        Domain::Musculoskeletal,
        &["myositis_severe", "arthritis_severe"],
        &["myositis_mild", "arthritis_moderate_tendonitis"],
        &["arthritis_mild_arthralgia_myalgia"],
    ),
    (
        Domain::Cardiorespiratory,
        &[
            "myocarditis_cardiac_failure",
            "arrhythmia",
            "valvular_dysfunction",
            "cardiac_tamponade",
            "pleural_effusion_dyspnoea",
            "pulmonary_haemorrhage_vasculitis",
            "interstitial_alveolitis_pneumonitis",
            "shrinking_lung",
            "aortitis",
            "coronary_vasculitis",
        ],
        &["pleurisy_pericarditis", "myocarditis_mild"],
        &[],
    ),
    (
        Domain::Gastrointestinal,
        &[
            "peritonitis",
            "enteritis_colitis",
            "pseudo_obstruction",
            "acute_cholecystitis",
            "acute_pancreatitis",
        ],
        &[
            "abdominal_serositis_ascites",
            "malabsorption",
            "protein_losing_enteropathy",
            "hepatitis",
        ],
        &[],
    ),
    (
        Domain::Ophthalmic,
        &[
            "orbital_inflammation",
            "keratitis_severe",
            "posterior_uveitis_severe",
            "scleritis_severe",
            "retinal_vaso_occlusion",
            "optic_neuritis",
            "anterior_ischaemic_optic_neuropathy",
        ],
        &[
            "keratitis_mild",
            "anterior_uveitis",
            "posterior_uveitis_mild",
            "scleritis_mild",
        ],
        &["episcleritis", "cotton_wool_spots"],
    ),
];

fn any_of(marks: &Marks, ids: &[&str], test: fn(u8) -> bool) -> bool {
    let code = |id: &&str| marks[position(id).expect("an item")].map_or(0, |m| m as u8);
    ids.iter().map(code).any(test)
}

/// A: an A item at 2–4. B: an A item at 1 or a B item at 2–4. C: a B item at 1 or a C item above 0.
fn grade(marks: &Marks, a: &[&str], b: &[&str], c: &[&str]) -> Option<Grade> {
    let active = |code| code >= 2;
    let improving = |code| code == 1;
    if any_of(marks, a, active) {
        Some(Grade::A)
    } else if any_of(marks, a, improving) || any_of(marks, b, active) {
        Some(Grade::B)
    } else if any_of(marks, b, improving) || any_of(marks, c, |code| code > 0) {
        Some(Grade::C)
    } else {
        None
    }
}

#[test]
fn the_sets_name_every_item_once() {
    let mut named: Vec<usize> = SETS
        .iter()
        .flat_map(|(_, a, b, c)| [*a, *b, *c].concat())
        .map(|id| position(id).expect("an item"))
        .collect();
    named.sort_unstable();
    assert_eq!(
        named,
        (4..N_CLINICAL).collect::<Vec<_>>(),
        "all but the four constitutional items"
    );
    assert_eq!(CLINICAL.len(), 77);
}

#[test]
fn the_table_grades_100_000_random_forms_as_the_sets_do() {
    let mut state = 2004_u64;
    let mut random = move |n: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407); // Knuth's MMIX
        (state >> 33) % n
    };
    let mut seen = [[0_usize; 4]; 6];
    for _ in 0..100_000 {
        let mut marks: Marks = [Some(Mark::Absent); N_CLINICAL];
        for _ in 0..random(12) {
            marks[random(77) as usize] = Mark::from_code(random(5) as u8);
        }
        for (k, (domain, a, b, c)) in SETS.iter().enumerate() {
            let expected = grade(&marks, a, b, c);
            assert_eq!(finding(*domain, &marks).active, expected, "{}: {marks:?}", domain.id());
            seen[k][expected.map_or(0, |g| g as usize - 1)] += 1;
        }
    }
    assert!(
        seen.iter().flatten().all(|&n| n > 1000),
        "every grade of every domain comes up: {seen:?}"
    );
}
