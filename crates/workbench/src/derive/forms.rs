//! From the values of a visit to its components: instruments filled in from their items, or taken as recorded.

use malar_instruments::bilag::blood::{Blood, OtherCause as OtherBlood};
use malar_instruments::bilag::grade::{Grade, Grades, N_DOMAINS};
use malar_instruments::bilag::index::{Form, History, check_recorded};
use malar_instruments::bilag::items::{Mark, N_CLINICAL};
use malar_instruments::bilag::renal::{Convention, OtherCause as OtherRenal, Renal};
use malar_instruments::kidney::{RatioFactor, micromolar, molar_from_grams_per_gram};
use malar_instruments::sledai::descriptors::{Descriptor, Descriptors};
use malar_instruments::sledai::observations::{AgainstLimit, ArthritisThreshold, Observations};
use malar_instruments::sledai::selena::{SelenaFindings, proteinuria_counts, selena};
use malar_instruments::{Decimal, ItemError};
use malar_trial::instruments::{Components, Renal as RenalValues, Sledai};

use super::between::{Told, half_better, serology, since_last};
use super::codes::*;
use super::sheet::Sheet;

/// What a reading of forms depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Form of SLEDAI that endpoints look at.
    pub sledai: Sledai,
    /// Descriptors, totals and grades are taken as recorded.
    pub as_recorded: bool,
    /// Inflamed joints that make arthritis, where joints were counted.
    pub arthritis: Option<ArthritisThreshold>,
    /// The tables hold items of BILAG, so that a grade must come from them.
    pub has_bilag_items: bool,
    /// What the tables tell of the time between visits.
    pub told: Told,
}

/// What of a patient's earlier visits matters for the next.
pub(super) struct Earlier {
    bilag: History,
    proteinuria: Option<(Option<bool>, Option<Decimal>)>,
}

/// An item that cannot be: the slots it may stand in, and why.
pub(super) struct Impossible {
    pub slots: Vec<usize>,
    pub message: String,
    pub help: &'static str,
}

/// A descriptor marked absent though its value crosses the limit: read as due to another cause.
pub(super) type Excused = Vec<Descriptor>;

const GIVE: &str =
    "give the value or correct the item; `--as-recorded` takes descriptors and grades as somebody recorded them";

impl Earlier {
    pub fn none() -> Earlier {
        Earlier {
            bilag: History::none(),
            proteinuria: None,
        }
    }
}

/// Components of a visit.
pub(super) fn components(
    sheet: &Sheet,
    reading: &Reading,
    earlier: &mut Earlier,
) -> Result<(Components, Excused), Impossible> {
    let (descriptors, excused) = if reading.as_recorded {
        (ticked(sheet), Vec::new())
    } else {
        checked(sheet, reading)?
    };
    let sledai_2k = total(sheet, descriptors, reading)?;
    let selena_sledai = selena_total(sheet, descriptors, earlier);
    let sledai = match reading.sledai {
        Sledai::Sledai2k => sledai_2k,
        Sledai::SelenaSledai => selena_sledai,
    };
    if descriptors.state(Descriptor::Proteinuria).is_some() {
        earlier.proteinuria = Some((descriptors.state(Descriptor::Proteinuria), urine_protein(sheet)));
    }
    let components = Components {
        descriptors,
        sledai_2k,
        selena_sledai,
        sledai,
        half_better: half_better(sheet),
        grades: grades(sheet, reading, earlier)?,
        pga: pga(sheet)?,
        serology: serology(sheet),
        renal: renal(sheet),
        clasi_activity: sheet.get(CLASI),
        active_joints: sheet.get(ACTIVE_JOINTS),
        tender_joints: sheet.get(TENDER_JOINTS),
        swollen_joints: sheet.get(SWOLLEN_JOINTS),
        prednisone: sheet.get(PREDNISONE),
        weight: sheet.get(WEIGHT),
        since_last: since_last(sheet, reading.told),
        ifn_signature_high: sheet.flag(IFN_HIGH),
        antimalarial: sheet.flag(ANTIMALARIAL),
        immunosuppressant: sheet.flag(IMMUNOSUPPRESSANT),
        ..Components::not_assessed(sheet.week)
    };
    Ok((components, excused))
}

fn tick(sheet: &Sheet, descriptor: Descriptor) -> Option<bool> {
    sheet.flag(SLEDAI + descriptor as usize)
}

/// Descriptors as they were ticked.
fn ticked(sheet: &Sheet) -> Descriptors {
    Descriptors::from_states(&Descriptor::ALL.map(|d| tick(sheet, d)))
}

/// Descriptors from ticks and measured values. A tick `absent` stands where there is no value, and beside a value that
/// crosses the limit it means another cause, which is told.
fn checked(sheet: &Sheet, reading: &Reading) -> Result<(Descriptors, Excused), Impossible> {
    let mut seen = observed(sheet, reading);
    for (state, descriptor) in seen.ticked.iter_mut().zip(Descriptor::ALL) {
        *state = tick(sheet, descriptor).filter(|&present| present || !is_measured(descriptor));
    }
    let threshold = reading.arthritis.unwrap_or(ArthritisThreshold::MoreThanTwo); // not looked at without a count
    let found = seen.descriptors(threshold).map_err(|error| sledai_error(&error))?;
    let mut descriptors = found;
    let mut excused = Vec::new();
    for descriptor in Descriptor::ALL.into_iter().filter(|&d| is_measured(d)) {
        if tick(sheet, descriptor) == Some(false) {
            if found.state(descriptor) == Some(true) {
                excused.push(descriptor);
            }
            descriptors = descriptors.with_state(descriptor, Some(false));
        }
    }
    Ok((descriptors, excused))
}

/// Descriptors that a measured value may decide.
fn is_measured(descriptor: Descriptor) -> bool {
    !values_behind(descriptor).is_empty()
}

/// Slots of the values behind a descriptor.
fn values_behind(descriptor: Descriptor) -> &'static [usize] {
    match descriptor {
        Descriptor::Arthritis => &[INFLAMED_JOINTS],
        Descriptor::Casts => &[CASTS],
        Descriptor::Haematuria => &[URINE_RED_CELLS],
        Descriptor::Proteinuria => &[PROTEIN_24H, UPCR],
        Descriptor::Pyuria => &[URINE_WHITE_CELLS],
        Descriptor::LowComplement => &[C3, C4, CH50],
        Descriptor::AntiDsDna => &[DSDNA],
        Descriptor::Fever => &[TEMPERATURE],
        Descriptor::Thrombocytopenia => &[PLATELETS],
        Descriptor::Leukopenia => &[LEUKOCYTES],
        _ => &[],
    }
}

/// Protein in 24 hours, g; without it the spot ratio in g/g, which trials use in its place.
fn urine_protein(sheet: &Sheet) -> Option<Decimal> {
    sheet.decimal(PROTEIN_24H).or(sheet.decimal(UPCR))
}

fn observed(sheet: &Sheet, reading: &Reading) -> Observations {
    let against = |slot: usize, limit: usize| {
        let (value, limit) = (sheet.decimal(slot)?, sheet.decimal(limit)?);
        Some(AgainstLimit { value, limit })
    };
    Observations {
        inflamed_joints: sheet.count(INFLAMED_JOINTS).filter(|_| reading.arthritis.is_some()),
        temperature: sheet.decimal(TEMPERATURE),
        urine_protein: urine_protein(sheet),
        urine_red_cells: sheet.decimal(URINE_RED_CELLS),
        urine_white_cells: sheet.decimal(URINE_WHITE_CELLS),
        urine_casts: sheet.flag(CASTS),
        c3: against(C3, low(C3)),
        c4: against(C4, low(C4)),
        ch50: against(CH50, low(CH50)),
        anti_dsdna: against(DSDNA, high(DSDNA)),
        platelets: sheet.decimal(PLATELETS),
        leukocytes: sheet.decimal(LEUKOCYTES),
        ..Observations::none()
    }
}

/// The error with the place of the item it names.
fn sledai_error(error: &ItemError) -> Impossible {
    let item = match error {
        ItemError::NotAssessed { item, .. }
        | ItemError::OutOfRange { item, .. }
        | ItemError::Impossible { item, .. } => *item,
        _ => "",
    };
    let descriptor = Descriptor::ALL.into_iter().find(|d| d.id() == item);
    let mut slots: Vec<usize> = descriptor.map(|d| SLEDAI + d as usize).into_iter().collect();
    slots.extend(descriptor.map_or(&[][..], values_behind));
    let value = [
        "urine_protein",
        "urine_red_cells",
        "urine_white_cells",
        "c3",
        "c4",
        "ch50",
        "anti_dsdna",
        "platelets",
        "leukocytes",
        "temperature",
    ];
    let slot = [
        PROTEIN_24H,
        URINE_RED_CELLS,
        URINE_WHITE_CELLS,
        C3,
        C4,
        CH50,
        DSDNA,
        PLATELETS,
        LEUKOCYTES,
        TEMPERATURE,
    ];
    slots.extend(
        value
            .iter()
            .zip(slot)
            .filter(|(name, _)| **name == item)
            .map(|(_, slot)| slot),
    );
    Impossible {
        slots,
        message: error.to_string(),
        help: GIVE,
    }
}

/// SLEDAI-2K from its descriptors. A recorded total must agree, and needs descriptors unless it is taken as recorded.
fn total(sheet: &Sheet, descriptors: Descriptors, reading: &Reading) -> Result<Option<u16>, Impossible> {
    let sum = descriptors.total().ok();
    let Some(recorded) = sheet.get(SLEDAI_TOTAL).map(|x| x as u16) else {
        return Ok(sum);
    };
    if reading.as_recorded {
        return Ok(sum.or(Some(recorded)));
    }
    let (lowest, highest) = descriptors.bounds();
    let message = if descriptors.missing().count() == Descriptor::ALL.len() {
        format!("SLEDAI-2K: a total of {recorded} is recorded without its items")
    } else if !(lowest..=highest).contains(&recorded) {
        format!("SLEDAI-2K: a total of {recorded} is recorded, but the items give {lowest} to {highest}")
    } else {
        return Ok(sum);
    };
    Err(Impossible {
        slots: vec![SLEDAI_TOTAL],
        message,
        help: GIVE,
    })
}

/// SELENA-SLEDAI: as recorded, else the descriptors with proteinuria only if it is new or has risen.
fn selena_total(sheet: &Sheet, descriptors: Descriptors, earlier: &Earlier) -> Option<u16> {
    if let Some(recorded) = sheet.get(SELENA_TOTAL) {
        return Some(recorded as u16);
    }
    let counts = match (descriptors.state(Descriptor::Proteinuria), urine_protein(sheet)) {
        (Some(true), now) => match (earlier.proteinuria, now) {
            (Some((_, Some(before))), Some(now)) => Some(proteinuria_counts(Some(before), now)),
            (Some((Some(was_present), _)), _) => Some(!was_present),
            _ => Some(true),
        },
        (state, _) => state,
    };
    selena(descriptors, counts, SelenaFindings::default()).total().ok()
}

/// BILAG-2004: graded from items where there are any, as recorded where that was asked for.
fn grades(sheet: &Sheet, reading: &Reading, earlier: &mut Earlier) -> Result<Grades, Impossible> {
    let mut recorded = [None; N_DOMAINS];
    for (k, grade) in recorded.iter_mut().enumerate() {
        *grade = sheet.get(BILAG_GRADE + k).map(|x| Grade::ALL[x as usize]);
    }
    let recorded = Grades(recorded);
    let is_recorded = recorded.0.iter().any(Option::is_some);
    if reading.as_recorded && is_recorded {
        return Ok(recorded);
    }
    let slots = || (BILAG_GRADE..BILAG_GRADE + N_DOMAINS).collect::<Vec<_>>();
    if !reading.has_bilag_items {
        let message = "BILAG-2004: grades are recorded without their items".to_owned();
        return match is_recorded {
            true => Err(Impossible {
                slots: slots(),
                message,
                help: GIVE,
            }),
            false => Ok(recorded),
        };
    }
    let form = bilag_form(sheet);
    let graded = earlier
        .bilag
        .grade(&form, Convention::Written)
        .map_err(|error| bilag_error(&error))?;
    check_recorded(&recorded, &graded).map_err(|error| {
        let domain = malar_instruments::bilag::grade::Domain::ALL.into_iter();
        let of_domain = domain.filter(|d| error.to_string().contains(&format!("`{}`", d.id())));
        Impossible {
            slots: of_domain.map(|d| BILAG_GRADE + d as usize).collect(),
            message: error.to_string(),
            help: GIVE,
        }
    })?;
    Ok(graded)
}

fn bilag_error(error: &ItemError) -> Impossible {
    let by_name = [
        ("haemoglobin", HAEMOGLOBIN),
        ("leukocytes", LEUKOCYTES),
        ("neutrophils", NEUTROPHILS),
        ("lymphocytes", LYMPHOCYTES),
        ("platelets", PLATELETS),
        ("isolated_coombs", COOMBS),
        ("creatinine", CREATININE),
        ("gfr", EGFR),
        ("protein_24h", PROTEIN_24H),
        ("protein_creatinine", UPCR),
        ("albumin_creatinine", ALBUMIN_RATIO),
        ("dipstick", DIPSTICK),
        ("systolic", SYSTOLIC),
        ("diastolic", DIASTOLIC),
    ];
    let message = error.to_string();
    let named = by_name
        .iter()
        .filter(|(name, _)| message.contains(&format!("`{name}`")));
    Impossible {
        slots: named.map(|n| n.1).collect(),
        message,
        help: GIVE,
    }
}

fn bilag_form(sheet: &Sheet) -> Form {
    let mark = |slot: usize| sheet.count(slot).and_then(Mark::from_code);
    let mut clinical = [None; N_CLINICAL];
    for (k, item) in clinical.iter_mut().enumerate() {
        *item = mark(BILAG_ITEM + k);
    }
    let pressure = |slot: usize| sheet.get(slot).map(|x| x.round() as u16);
    let ratio = |slot: usize| {
        sheet
            .decimal(slot)
            .map(|x| molar_from_grams_per_gram(x, RatioFactor::Exact))
    };
    let is_excused = |slot: usize| sheet.flag(slot) == Some(true);
    Form {
        clinical,
        renal: Renal {
            systolic: pressure(SYSTOLIC),
            diastolic: pressure(DIASTOLIC),
            accelerated_hypertension: sheet.flag(HYPERTENSION),
            dipstick: sheet.count(DIPSTICK),
            albumin_creatinine: ratio(ALBUMIN_RATIO),
            protein_creatinine: ratio(UPCR),
            protein_24h: sheet.decimal(PROTEIN_24H),
            nephrotic: sheet.flag(NEPHROTIC),
            creatinine: sheet.decimal(CREATININE).map(micromolar),
            gfr: sheet.decimal(EGFR),
            active_sediment: sheet.flag(SEDIMENT),
            active_biopsy: sheet.flag(BIOPSY),
            other_cause: OtherRenal {
                pressure: is_excused(NOT_LUPUS_PRESSURE),
                protein: is_excused(NOT_LUPUS_PROTEIN),
                function: is_excused(NOT_LUPUS_FUNCTION),
            },
        },
        blood: Blood {
            haemoglobin: sheet.decimal(HAEMOGLOBIN),
            leukocytes: sheet.decimal(LEUKOCYTES),
            neutrophils: sheet.decimal(NEUTROPHILS),
            lymphocytes: sheet.decimal(LYMPHOCYTES),
            platelets: sheet.decimal(PLATELETS),
            ttp: mark(TTP),
            active_haemolysis: sheet.flag(HAEMOLYSIS),
            isolated_coombs: sheet.flag(COOMBS),
            other_cause: OtherBlood {
                haemoglobin: is_excused(NOT_LUPUS_HAEMOGLOBIN),
                leukocytes: is_excused(NOT_LUPUS_LEUKOCYTES),
                lymphocytes: is_excused(NOT_LUPUS_LYMPHOCYTES),
                platelets: is_excused(NOT_LUPUS_PLATELETS),
            },
        },
    }
}

fn pga(sheet: &Sheet) -> Result<Option<Decimal>, Impossible> {
    let Some(value) = sheet.decimal(PGA) else {
        return Ok(None);
    };
    match malar_instruments::pga::Pga::on_0_to_3(value) {
        Ok(pga) => Ok(Some(pga.value())),
        Err(error) => Err(Impossible {
            slots: vec![PGA],
            message: error.to_string(),
            help: "write 0 to 3, or give the unit `mm` for a line of 100 mm",
        }),
    }
}

/// Values that renal responses compare, exactly as given.
fn renal(sheet: &Sheet) -> RenalValues {
    RenalValues {
        upcr: sheet.get(UPCR),
        egfr: sheet.get(EGFR),
        egfr_pre_flare: sheet.get(EGFR_PRE_FLARE),
        creatinine: sheet.get(CREATININE),
        creatinine_upper_limit: sheet.get(high(CREATININE)),
        urine_red_cells: sheet.get(URINE_RED_CELLS),
        red_cell_casts: sheet.flag(CASTS),
    }
}
