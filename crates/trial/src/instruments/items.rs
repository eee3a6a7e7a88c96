//! The 24 descriptors of SLEDAI-2K and the domains of BILAG-2004, and which organ of the model they look at.
//!
//! Weights: Gladman 2002, J Rheumatol 29:288-291. Domains: Yee 2010, doi:10.1093/rheumatology/keq026.

/// Organs of the disease model, in the order of every per-organ array.
pub const ORGANS: [&str; 7] = [
    "skin",
    "joint",
    "renal",
    "haematological",
    "serosal",
    "neuropsychiatric",
    "vascular",
];
/// Number of organs.
pub const N_ORGANS: usize = ORGANS.len();
/// Position of skin among the organs.
pub const SKIN: usize = 0;
/// Position of joints.
pub const JOINT: usize = 1;
/// Position of the kidney.
pub const RENAL: usize = 2;
/// Position of blood.
pub const HAEMATOLOGICAL: usize = 3;
/// Position of serosa.
pub const SEROSAL: usize = 4;
/// Position of the nervous system.
pub const NEUROPSYCHIATRIC: usize = 5;
/// Position of vessels.
pub const VASCULAR: usize = 6;

/// What an item looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// Severity of an organ.
    At(usize),
    /// C3 or C4 below the lower limit of normal.
    AtComplement,
    /// Anti-dsDNA above the upper limit of normal.
    AtAntiDsDna,
}

/// One descriptor.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Id, as in `may_have_<id>` of the population.
    pub id: &'static str,
    /// Points when present.
    pub weight: u16,
    /// What it looks at.
    pub looks: Looks,
}

const fn item(id: &'static str, weight: u16, looks: Looks) -> Item {
    Item { id, weight, looks }
}

/// Number of items.
pub const N_ITEMS: usize = 24;

/// SLEDAI-2K in the order of the instrument.
pub const ITEMS: [Item; N_ITEMS] = [
    item("seizure", 8, Looks::At(NEUROPSYCHIATRIC)),
    item("psychosis", 8, Looks::At(NEUROPSYCHIATRIC)),
    item("organic_brain_syndrome", 8, Looks::At(NEUROPSYCHIATRIC)),
    item("visual", 8, Looks::At(NEUROPSYCHIATRIC)),
    item("cranial_nerve", 8, Looks::At(NEUROPSYCHIATRIC)),
    item("headache", 8, Looks::At(NEUROPSYCHIATRIC)),
    item("stroke", 8, Looks::At(NEUROPSYCHIATRIC)),
    item("vasculitis", 8, Looks::At(VASCULAR)),
    item("arthritis", 4, Looks::At(JOINT)),
    item("myositis", 4, Looks::At(JOINT)),
    item("casts", 4, Looks::At(RENAL)),
    item("haematuria", 4, Looks::At(RENAL)),
    item("proteinuria", 4, Looks::At(RENAL)),
    item("pyuria", 4, Looks::At(RENAL)),
    item("rash", 2, Looks::At(SKIN)),
    item("alopecia", 2, Looks::At(SKIN)),
    item("ulcers", 2, Looks::At(SKIN)),
    item("pleurisy", 2, Looks::At(SEROSAL)),
    item("pericarditis", 2, Looks::At(SEROSAL)),
    item("low_complement", 2, Looks::AtComplement),
    item("anti_dsdna", 2, Looks::AtAntiDsDna),
    item("fever", 1, Looks::At(SEROSAL)),
    item("thrombocytopenia", 1, Looks::At(HAEMATOLOGICAL)),
    item("leukopenia", 1, Looks::At(HAEMATOLOGICAL)),
];

/// Position of an item by id, for the named constants below.
const fn position(id: &str) -> usize {
    let mut k = 0;
    while k < N_ITEMS {
        if same(ITEMS[k].id.as_bytes(), id.as_bytes()) {
            return k;
        }
        k += 1;
    }
    panic!("no such SLEDAI-2K item")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut k = 0;
    while k < a.len() {
        if a[k] != b[k] {
            return false;
        }
        k += 1;
    }
    true
}

/// Position of arthritis.
pub const ARTHRITIS: usize = position("arthritis");
/// Position of rash.
pub const RASH: usize = position("rash");
/// Position of alopecia.
pub const ALOPECIA: usize = position("alopecia");
/// Position of mucosal ulcers.
pub const ULCERS: usize = position("ulcers");
/// Position of red-cell casts.
pub const CASTS: usize = position("casts");
/// Position of haematuria.
pub const HAEMATURIA: usize = position("haematuria");
/// Position of proteinuria.
pub const PROTEINURIA: usize = position("proteinuria");
/// Position of fever.
pub const FEVER: usize = position("fever");
/// Position of low complement.
pub const LOW_COMPLEMENT: usize = position("low_complement");
/// Position of increased DNA binding.
pub const ANTI_DSDNA: usize = position("anti_dsdna");

/// Total of a set of items given as bits, item 1 lowest.
pub fn total(items: u32) -> u16 {
    ITEMS
        .iter()
        .enumerate()
        .filter(|(k, _)| items >> k & 1 == 1)
        .map(|(_, item)| item.weight)
        .sum()
}

/// BILAG-2004 domains in the order of the instrument.
pub const DOMAINS: [&str; 9] = [
    "constitutional",
    "mucocutaneous",
    "neuropsychiatric",
    "musculoskeletal",
    "cardiorespiratory",
    "gastrointestinal",
    "ophthalmic",
    "renal",
    "haematological",
];
/// Number of domains.
pub const N_DOMAINS: usize = DOMAINS.len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_items_together_are_105_points_and_101_without_serology() {
        assert_eq!(total((1 << N_ITEMS) - 1), 105);
        assert_eq!(
            total(((1 << N_ITEMS) - 1) & !(1 << LOW_COMPLEMENT) & !(1 << ANTI_DSDNA)),
            101
        );
    }

    /// Worked cases of ENDPOINTS: arthritis, rash, alopecia, complement, DNA make 12; a full renal picture makes 16.
    #[test]
    fn worked_totals() {
        let set = |items: &[usize]| items.iter().fold(0, |bits, k| bits | 1 << k);
        assert_eq!(total(set(&[ARTHRITIS, RASH, ALOPECIA, LOW_COMPLEMENT, ANTI_DSDNA])), 12);
        assert_eq!(total(set(&[10, 11, 12, 13])), 16);
    }
}
