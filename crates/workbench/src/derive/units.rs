//! Units of measured items, to the one that the instruments use.

use malar_instruments::Decimal;
use malar_instruments::kidney::{RatioFactor, grams_per_gram, grams_per_gram_from_molar, milligrams_per_decilitre};

/// What a quantity is measured in; the first unit of each is the canonical one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 0–3, or a line of 100 mm.
    Pga,
    /// mg, mg/day.
    Milligrams,
    /// g/g.
    ProteinRatio,
    /// g in 24 hours.
    GramsPerDay,
    /// mg/dL.
    Creatinine,
    /// mL/min/1.73 m².
    Filtration,
    /// Cells per high-power field.
    PerField,
    /// °C.
    Temperature,
    /// mmHg.
    Pressure,
    /// Any unit: the value is compared with a limit in the same one.
    AgainstLimit,
    /// g/dL.
    Haemoglobin,
    /// 10⁹/L.
    Cells,
    /// kg.
    Kilograms,
    /// g/L of a complement component.
    Complement,
    /// IU/mL.
    AntiDsDna,
}

/// How a unit turns into the canonical one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Conversion {
    /// Times a factor.
    Times(f64),
    /// mg/g to g/g.
    PerGram,
    /// mg/mmol to g/g, by the molar mass of creatinine.
    PerMillimole,
    /// µmol/L to mg/dL of creatinine.
    Micromolar,
    /// Degrees Fahrenheit to Celsius.
    Fahrenheit,
}

impl Unit {
    /// All kinds of quantities, in the order of the enumeration.
    pub const ALL: [Unit; 15] = [
        Unit::Pga,
        Unit::Milligrams,
        Unit::ProteinRatio,
        Unit::GramsPerDay,
        Unit::Creatinine,
        Unit::Filtration,
        Unit::PerField,
        Unit::Temperature,
        Unit::Pressure,
        Unit::AgainstLimit,
        Unit::Haemoglobin,
        Unit::Cells,
        Unit::Kilograms,
        Unit::Complement,
        Unit::AntiDsDna,
    ];

    /// The units read, as they are documented, lower case without blanks.
    pub fn known(self) -> &'static [(&'static str, Conversion)] {
        use Conversion::*;
        const ONE: Conversion = Times(1.0);
        match self {
            Unit::Pga => &[
                ("", ONE),
                ("0-3", ONE),
                ("score", ONE),
                ("points", ONE),
                ("mm", Times(0.03)),
            ],
            Unit::Milligrams => &[("", ONE), ("mg", ONE), ("mg/day", ONE), ("mg/d", ONE)],
            Unit::ProteinRatio => &[
                ("g/g", ONE),
                ("mg/mg", ONE),
                ("ratio", ONE),
                ("mg/g", PerGram),
                ("mg/mmol", PerMillimole),
                ("g/mol", PerMillimole),
            ],
            Unit::GramsPerDay => &[
                ("g/day", ONE),
                ("g/d", ONE),
                ("g/24h", ONE),
                ("mg/day", Times(0.001)),
                ("mg/d", Times(0.001)),
                ("mg/24h", Times(0.001)),
            ],
            Unit::Creatinine => &[("mg/dl", ONE), ("umol/l", Micromolar)],
            Unit::Filtration => &[
                ("", ONE),
                ("ml/min/1.73m2", ONE),
                ("ml/min/1.73m^2", ONE),
                ("ml/min", ONE),
            ],
            Unit::PerField => &[("", ONE), ("/hpf", ONE), ("cells/hpf", ONE)],
            Unit::Temperature => &[("c", ONE), ("°c", ONE), ("f", Fahrenheit), ("°f", Fahrenheit)],
            Unit::Pressure => &[("", ONE), ("mmhg", ONE)],
            Unit::AgainstLimit => &[],
            Unit::Haemoglobin => &[("g/dl", ONE), ("g/l", Times(0.1))],
            Unit::Cells => &[
                ("10^9/l", ONE),
                ("10*9/l", ONE),
                ("x10e9/l", ONE),
                ("gi/l", ONE),
                ("10^3/ul", ONE),
                ("10*3/ul", ONE),
                ("k/ul", ONE),
                ("/nl", ONE),
                ("/ul", Times(0.001)),
                ("cells/ul", Times(0.001)),
            ],
            Unit::Kilograms => &[("", ONE), ("kg", ONE), ("lb", Times(0.453_592_37))],
            Unit::Complement => &[("g/l", ONE), ("mg/dl", Times(0.01)), ("mg/l", Times(0.001))],
            Unit::AntiDsDna => &[("iu/ml", ONE), ("[iu]/ml", ONE), ("kiu/l", ONE)],
        }
    }

    /// How a unit as written is converted; `None` if it is not known here.
    pub fn conversion(self, written: &str) -> Option<Conversion> {
        if self == Unit::AgainstLimit {
            return Some(Conversion::Times(1.0));
        }
        let plain: String = written.chars().filter(|c| !c.is_whitespace()).collect();
        let plain = plain
            .to_lowercase()
            .replace(['µ', 'μ'], "u")
            .replace('²', "2")
            .replace('⁹', "^9");
        self.known().iter().find(|k| k.0 == plain).map(|k| k.1)
    }

    /// The units read, for messages.
    pub fn names(self) -> String {
        let names = self.known().iter().map(|k| k.0).filter(|name| !name.is_empty());
        names.collect::<Vec<_>>().join(", ")
    }
}

impl Conversion {
    /// The value in the canonical unit. Decimals are kept where the instruments compare decimals.
    pub fn apply(self, x: f64) -> f64 {
        let by = |convert: &dyn Fn(Decimal) -> Decimal| Decimal::from_f64(x).map_or(f64::NAN, |d| convert(d).to_f64());
        match self {
            Conversion::Times(1.0) => x, // exactly as written
            Conversion::Times(factor) => x * factor,
            Conversion::PerGram => by(&grams_per_gram),
            Conversion::PerMillimole => by(&|d| grams_per_gram_from_molar(d, RatioFactor::Exact)),
            Conversion::Micromolar => by(&milligrams_per_decilitre),
            Conversion::Fahrenheit => (x - 32.0) / 1.8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_at_their_positions() {
        assert!(Unit::ALL.iter().enumerate().all(|(k, unit)| *unit as usize == k));
    }

    #[test]
    fn units_are_read_however_they_are_spaced_and_cased() {
        let convert = |unit: Unit, written: &str, x| unit.conversion(written).map(|c| c.apply(x));
        assert_eq!(convert(Unit::Creatinine, "µmol/L", 88.4), Some(1.0));
        assert_eq!(convert(Unit::ProteinRatio, "mg / g", 500.0), Some(0.5));
        assert_eq!(convert(Unit::ProteinRatio, "mg/mmol", 113.122), Some(1.0));
        assert_eq!(convert(Unit::Cells, "10^9/L", 2.9), Some(2.9));
        assert_eq!(convert(Unit::Filtration, "mL/min/1.73m²", 60.0), Some(60.0));
        assert_eq!(convert(Unit::Creatinine, "", 1.0), None, "88 and 1 are both possible");
        assert_eq!(convert(Unit::Haemoglobin, "mmol/L", 8.0), None);
        assert_eq!(convert(Unit::AgainstLimit, "whatever", 8.0), Some(8.0));
    }
}
