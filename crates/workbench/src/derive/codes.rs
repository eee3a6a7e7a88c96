//! The test codes that `malar derive` reads, and where their values go. docs/derive.md shows them.
//!
//! CDISC has published no codes for SLEDAI-2K, BILAG-2004 or PGA that we could find; those of the instruments are ours,
//! after the pattern of CDISC's questionnaires. Laboratory and vital-sign codes are CDISC's where one is known.

use malar_instruments::bilag::grade::N_DOMAINS;
use malar_instruments::bilag::items::N_CLINICAL;
use malar_instruments::sledai::descriptors::{Descriptor, N_DESCRIPTORS};

use super::units::Unit;

/// Where a value goes: its position on the sheet of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u16);

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A SLEDAI descriptor: 0, 1, its points, Y or N.
    Descriptor(Descriptor),
    /// A BILAG item: 0 absent, 1 improving, 2 same, 3 worse, 4 new; ND is not done.
    Mark,
    /// A BILAG grade, A to E.
    Grade,
    /// Y or N, 1 or 0.
    Flag,
    /// A whole number from 0 to this.
    Count(u16),
    /// A quantity, in one of its units.
    Quantity(Unit),
}

/// One code.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The code as in PARAMCD or --TESTCD.
    pub code: &'static str,
    /// Other spellings.
    pub also: &'static [&'static str],
    /// Where the value goes.
    pub slot: Slot,
    /// How it is written.
    pub holds: Holds,
    /// What it is.
    pub meaning: &'static str,
}

/// Slots of SLEDAI descriptors begin here.
pub const SLEDAI: usize = 0;
/// Slots of the 77 clinical items of BILAG-2004 begin here.
pub const BILAG_ITEM: usize = SLEDAI + N_DESCRIPTORS;
/// Slots of recorded grades begin here.
pub const BILAG_GRADE: usize = BILAG_ITEM + N_CLINICAL;
/// Slots that say of each SLEDAI descriptor whether it is half better begin here.
pub const HALF_BETTER: usize = BILAG_GRADE + N_DOMAINS;
/// Slots of everything else begin here.
const OTHER: usize = HALF_BETTER + N_DESCRIPTORS;

/// Three letters of each domain, as in `BILGMUC`.
const DOMAIN_CODES: [&str; N_DOMAINS] = [
    "BILGCON", "BILGMUC", "BILGNEU", "BILGMSK", "BILGCAR", "BILGGAS", "BILGOPH", "BILGREN", "BILGHEM",
];

macro_rules! others {
    ($($name:ident $code:literal $also:tt $holds:expr, $meaning:literal;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[derive(Clone, Copy)]
        enum Position { $($name,)* End }
        $(
            #[doc = concat!("Slot of ", $code, ": ", $meaning, ".")]
            pub const $name: usize = OTHER + Position::$name as usize;
        )*
        const OTHERS: &[Code] = &[$(Code {
            code: $code, also: &$also, slot: Slot((OTHER + Position::$name as usize) as u16), holds: $holds, meaning: $meaning,
        },)*];
        const N_OTHERS: usize = Position::End as usize;
    };
}

use Holds::{Count, Flag, Mark, Quantity};

others! {
    SLEDAI_TOTAL "SLEDTOT" ["SLEDAI", "SLEDAI2K"] Count(105), "SLEDAI-2K, total as recorded";
    SELENA_TOTAL "SELETOT" [] Count(105), "SELENA-SLEDAI, total as recorded";
    PGA "PGA0101" ["PGA"] Quantity(Unit::Pga), "physician's global assessment, 0 to 3 or on a line of 100 mm";
    PREDNISONE "PREDEQ" [] Quantity(Unit::Milligrams), "prednisone-equivalent taken before the visit's decision, mg/day";
    WEIGHT "WEIGHT" ["WEIGHTBL"] Quantity(Unit::Kilograms), "body weight, kg";
    HOSPITAL "SFIHOSP" [] Flag, "in hospital for lupus since the visit before";
    MILDER_DRUG "SFIDRUG" [] Flag, "NSAID or hydroxychloroquine added for lupus since the visit before";
    IMMUNE_DRUG "SFIIMM" [] Flag, "immunosuppressant added for lupus since the visit before";
    IFN_HIGH "IFNSIG" [] Flag, "type I interferon gene signature high";
    ANTIMALARIAL "ANTIMAL" [] Flag, "on an antimalarial";
    IMMUNOSUPPRESSANT "IMMSUPP" [] Flag, "on an immunosuppressant";
    CLASI "CLASIA" [] Count(70), "CLASI activity";
    ACTIVE_JOINTS "JTACT28" [] Count(28), "joints of 28 both tender and swollen";
    TENDER_JOINTS "JTTEN28" [] Count(28), "tender joints of 28";
    SWOLLEN_JOINTS "JTSWO28" [] Count(28), "swollen joints of 28";
    INFLAMED_JOINTS "JTINFL" [] Count(200), "joints with pain and signs of inflammation";
    UPCR "PROTCRT" ["UPCR"] Quantity(Unit::ProteinRatio), "urine protein to creatinine";
    PROTEIN_24H "PROT24H" [] Quantity(Unit::GramsPerDay), "urine protein in 24 hours";
    ALBUMIN_RATIO "ALBCREAT" ["UACR"] Quantity(Unit::ProteinRatio), "urine albumin to creatinine";
    DIPSTICK "PROTDIP" [] Count(4), "dipstick protein, number of pluses";
    CREATININE "CREAT" [] Quantity(Unit::Creatinine), "serum creatinine";
    EGFR "EGFR" ["GFRE", "GFR"] Quantity(Unit::Filtration), "glomerular filtration rate";
    EGFR_PRE_FLARE "EGFRPF" [] Quantity(Unit::Filtration), "the same before the flare that led to the trial";
    URINE_RED_CELLS "URBC" [] Quantity(Unit::PerField), "red cells in the urine; RBC with --SPEC URINE";
    URINE_WHITE_CELLS "UWBC" [] Quantity(Unit::PerField), "white cells in the urine; WBC with --SPEC URINE";
    CASTS "URCASTS" [] Flag, "haem-granular or red-cell casts in the urine";
    TEMPERATURE "TEMP" [] Quantity(Unit::Temperature), "temperature";
    SYSTOLIC "SYSBP" [] Quantity(Unit::Pressure), "systolic blood pressure";
    DIASTOLIC "DIABP" [] Quantity(Unit::Pressure), "diastolic blood pressure";
    C3 "C3" [] Quantity(Unit::AgainstLimit), "complement C3, with its lower limit";
    C4 "C4" [] Quantity(Unit::AgainstLimit), "complement C4, with its lower limit";
    CH50 "CH50" [] Quantity(Unit::AgainstLimit), "complement CH50, with its lower limit";
    DSDNA "DSDNA" ["ADSDNA", "DSDNAAB"] Quantity(Unit::AgainstLimit), "anti-dsDNA, with its upper limit";
    HAEMOGLOBIN "HGB" [] Quantity(Unit::Haemoglobin), "haemoglobin";
    LEUKOCYTES "WBC" [] Quantity(Unit::Cells), "leukocytes";
    NEUTROPHILS "NEUT" [] Quantity(Unit::Cells), "neutrophils";
    LYMPHOCYTES "LYM" [] Quantity(Unit::Cells), "lymphocytes";
    PLATELETS "PLAT" [] Quantity(Unit::Cells), "platelets";
    TTP "BIL02TTP" [] Mark, "BILAG-2004: thrombotic thrombocytopenic purpura";
    HAEMOLYSIS "BIL02HML" [] Flag, "BILAG-2004: active haemolysis";
    COOMBS "BIL02CMB" [] Flag, "BILAG-2004: positive Coombs' test without haemolysis";
    HYPERTENSION "BIL02AHT" [] Flag, "BILAG-2004: accelerated hypertension";
    NEPHROTIC "BIL02NEP" [] Flag, "BILAG-2004: nephrotic syndrome";
    SEDIMENT "BIL02SED" [] Flag, "BILAG-2004: active urinary sediment";
    BIOPSY "BIL02BIO" [] Flag, "BILAG-2004: active nephritis on a biopsy of the last three months";
    NOT_LUPUS_PRESSURE "BIL02XBP" [] Flag, "BILAG-2004: blood pressure is not due to lupus";
    NOT_LUPUS_PROTEIN "BIL02XPR" [] Flag, "BILAG-2004: urine protein is not due to lupus";
    NOT_LUPUS_FUNCTION "BIL02XFN" [] Flag, "BILAG-2004: creatinine and filtration rate are not due to lupus";
    NOT_LUPUS_HAEMOGLOBIN "BIL02XHB" [] Flag, "BILAG-2004: haemoglobin is not due to lupus";
    NOT_LUPUS_LEUKOCYTES "BIL02XWC" [] Flag, "BILAG-2004: leukocytes and neutrophils are not due to lupus";
    NOT_LUPUS_LYMPHOCYTES "BIL02XLY" [] Flag, "BILAG-2004: lymphocytes are not due to lupus";
    NOT_LUPUS_PLATELETS "BIL02XPL" [] Flag, "BILAG-2004: platelets are not due to lupus";
}

/// Slots of lower limits of normal, one for each slot of values.
pub const LOW: usize = OTHER + N_OTHERS;
/// Slots of upper limits of normal.
pub const HIGH: usize = LOW + N_OTHERS;
/// Slots of values in the unit of [`measured_in`], of codes whose unit may be any.
pub const MEASURED: usize = HIGH + N_OTHERS;
/// Number of slots.
pub const N_SLOTS: usize = MEASURED + N_OTHERS;

/// Slot of the lower limit of a value that has limits.
pub fn low(slot: usize) -> usize {
    LOW + slot - OTHER
}

/// Slot of the same value in the unit of [`measured_in`].
pub fn measured(slot: usize) -> usize {
    MEASURED + slot - OTHER
}

/// The unit in which scores look at a value that is otherwise held against its limit in any unit.
pub fn measured_in(slot: usize) -> Option<Unit> {
    match slot {
        C3 | C4 => Some(Unit::Complement),
        DSDNA => Some(Unit::AntiDsDna),
        _ => None,
    }
}

/// Slot of the upper limit.
pub fn high(slot: usize) -> usize {
    HIGH + slot - OTHER
}

/// All codes, generated for the instruments' items.
pub struct Codes {
    list: Vec<Code>,
}

impl Codes {
    /// The table.
    pub fn new() -> Codes {
        let mut list = Vec::new();
        let mut push = |code: String, slot: usize, holds, meaning: &'static str| {
            let code: &'static str = Box::leak(code.into_boxed_str()); // the table is made once and lives as long as the program
            let slot = Slot(u16::try_from(slot).expect("few slots"));
            list.push(Code {
                code,
                also: &[],
                slot,
                holds,
                meaning,
            });
        };
        for (k, descriptor) in Descriptor::ALL.into_iter().enumerate() {
            push(
                format!("SLED01{:02}", k + 1),
                SLEDAI + k,
                Holds::Descriptor(descriptor),
                descriptor.id(),
            );
        }
        for (k, item) in malar_instruments::bilag::items::CLINICAL.iter().enumerate() {
            push(format!("BIL02{:02}", k + 1), BILAG_ITEM + k, Holds::Mark, item.id);
        }
        for (k, domain) in malar_instruments::bilag::grade::Domain::ALL.iter().enumerate() {
            push(DOMAIN_CODES[k].to_owned(), BILAG_GRADE + k, Holds::Grade, domain.id());
        }
        for (k, descriptor) in Descriptor::ALL.into_iter().enumerate() {
            let meaning = format!("{}, at least half better than at baseline", descriptor.id());
            push(
                format!("RI5001{:02}", k + 1),
                HALF_BETTER + k,
                Holds::Flag,
                Box::leak(meaning.into_boxed_str()),
            );
        }
        list.extend(OTHERS);
        Codes { list }
    }

    /// The table, made once.
    pub fn all() -> &'static Codes {
        static CODES: std::sync::OnceLock<Codes> = std::sync::OnceLock::new();
        CODES.get_or_init(Codes::new)
    }

    /// All codes, in the order of slots.
    pub fn iter(&self) -> impl Iterator<Item = &Code> {
        self.list.iter()
    }

    /// The code of that name. `is_urine` tells the cells of urine from those of blood.
    pub fn find(&self, name: &str, is_urine: bool) -> Option<&Code> {
        let name = match (name.to_ascii_uppercase().as_str(), is_urine) {
            ("RBC", true) => "URBC".to_owned(),
            ("WBC", true) => "UWBC".to_owned(),
            ("CASTS" | "CSRBC", true) => "URCASTS".to_owned(),
            (other, _) => other.to_owned(),
        };
        self.list
            .iter()
            .find(|c| c.code == name || c.also.contains(&name.as_str()))
    }

    /// The code whose value a slot holds.
    pub fn of_slot(&self, slot: usize) -> &Code {
        let of_value = match slot {
            MEASURED.. => slot - MEASURED + OTHER,
            HIGH.. => slot - HIGH + OTHER,
            LOW.. => slot - LOW + OTHER,
            _ => slot,
        };
        &self.list[of_value]
    }
}

impl Default for Codes {
    fn default() -> Self {
        Codes::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_fit_sas_names_and_stand_at_their_slots() {
        let codes = Codes::all();
        for (k, code) in codes.iter().enumerate() {
            assert_eq!(usize::from(code.slot.0), k, "{}", code.code);
            for name in code.also.iter().chain([&code.code]) {
                assert!(name.len() <= 8, "{name}");
                assert_eq!(codes.find(name, false).map(|c| c.code), Some(code.code));
            }
        }
        assert_eq!(codes.iter().count(), LOW);
        assert_eq!(codes.of_slot(high(CREATININE)).code, "CREAT");
        assert_eq!(codes.of_slot(measured(C4)).code, "C4");
        assert_eq!(codes.find("rbc", true).map(|c| c.code), Some("URBC"));
        assert!(codes.find("RBC", false).is_none());
    }
}
