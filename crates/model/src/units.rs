//! Units of measurement: a power of each base dimension and a factor.
//!
//! Factors are to SI base units and exact by definition (SI Brochure, 9th edition, 2019); a week is 7 days, a year 365.25
//! days and a month a twelfth of that (Julian year, as SAS and R's `lubridate` count it). An international unit (`IU`), a
//! count (`item`, `cells`) and a point on a scale (`score`) are no SI quantities and each a dimension of its own.

use std::fmt;

/// Base dimensions with the name of their base unit, in the order of [`Unit::exponents`].
const BASES: [&str; 10] = ["m", "kg", "s", "A", "K", "mol", "cd", "item", "IU", "score"];

/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// A unit: a factor times a product of powers of base units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// How many base units it is worth; above 0.
    pub factor: f64,
    /// Powers of metre, kilogram, second, ampere, kelvin, mole, candela, item, IU, score.
    pub exponents: [f64; BASES.len()],
}

/// Why a unit cannot be read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum UnitError {
    /// A name that is no unit.
    #[error("unknown unit `{name}`")]
    Unknown {
        /// What stands there.
        name: String,
        /// The nearest known unit.
        nearest: Option<&'static str>,
    },
    /// Not a product, quotient or power of units.
    #[error("cannot read the unit `{0}`")]
    Syntax(String),
}

/// A named unit: name, factor, the bases it is made of as `(position in BASES, power)`, and whether prefixes may precede it.
type Named = (&'static str, f64, &'static [(usize, f64)], bool);

const NAMED: [Named; 47] = [
    ("1", 1.0, &[], false),
    ("dimensionless", 1.0, &[], false),
    ("fold", 1.0, &[], false),
    ("fraction", 1.0, &[], false),
    ("percent", 0.01, &[], false),
    ("%", 0.01, &[], false),
    ("m", 1.0, &[(0, 1.0)], true),
    ("metre", 1.0, &[(0, 1.0)], true),
    ("meter", 1.0, &[(0, 1.0)], true),
    ("g", 1e-3, &[(1, 1.0)], true),
    ("gram", 1e-3, &[(1, 1.0)], true),
    ("kilogram", 1.0, &[(1, 1.0)], false),
    ("s", 1.0, &[(2, 1.0)], true),
    ("second", 1.0, &[(2, 1.0)], true),
    ("seconds", 1.0, &[(2, 1.0)], false),
    ("min", 60.0, &[(2, 1.0)], false),
    ("minute", 60.0, &[(2, 1.0)], false),
    ("minutes", 60.0, &[(2, 1.0)], false),
    ("h", 3600.0, &[(2, 1.0)], false),
    ("hour", 3600.0, &[(2, 1.0)], false),
    ("hours", 3600.0, &[(2, 1.0)], false),
    ("d", DAY, &[(2, 1.0)], false),
    ("day", DAY, &[(2, 1.0)], false),
    ("days", DAY, &[(2, 1.0)], false),
    ("week", 7.0 * DAY, &[(2, 1.0)], false),
    ("weeks", 7.0 * DAY, &[(2, 1.0)], false),
    ("month", 365.25 / 12.0 * DAY, &[(2, 1.0)], false),
    ("months", 365.25 / 12.0 * DAY, &[(2, 1.0)], false),
    ("year", 365.25 * DAY, &[(2, 1.0)], false),
    ("years", 365.25 * DAY, &[(2, 1.0)], false),
    ("L", 1e-3, &[(0, 3.0)], true),
    ("l", 1e-3, &[(0, 3.0)], true),
    ("litre", 1e-3, &[(0, 3.0)], true),
    ("liter", 1e-3, &[(0, 3.0)], true),
    ("mol", 1.0, &[(5, 1.0)], true),
    ("mole", 1.0, &[(5, 1.0)], true),
    ("M", 1e3, &[(5, 1.0), (0, -3.0)], true),
    ("Da", 1e-3, &[(1, 1.0), (5, -1.0)], true),
    ("item", 1.0, &[(7, 1.0)], false),
    ("items", 1.0, &[(7, 1.0)], false),
    ("cell", 1.0, &[(7, 1.0)], false),
    ("cells", 1.0, &[(7, 1.0)], false),
    ("copies", 1.0, &[(7, 1.0)], false),
    ("IU", 1.0, &[(8, 1.0)], true),
    ("score", 1.0, &[(9, 1.0)], false),
    ("point", 1.0, &[(9, 1.0)], false),
    ("points", 1.0, &[(9, 1.0)], false),
];

/// Units that SBML and Antimony know by name beyond those above; `(name, factor, powers of m kg s A K mol cd)`.
const SBML_KINDS: [(&str, f64, [f64; 7]); 24] = [
    ("ampere", 1.0, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
    ("kelvin", 1.0, [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]),
    ("candela", 1.0, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
    ("radian", 1.0, [0.0; 7]),
    ("steradian", 1.0, [0.0; 7]),
    ("hertz", 1.0, [0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0]),
    ("becquerel", 1.0, [0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0]),
    ("newton", 1.0, [1.0, 1.0, -2.0, 0.0, 0.0, 0.0, 0.0]),
    ("pascal", 1.0, [-1.0, 1.0, -2.0, 0.0, 0.0, 0.0, 0.0]),
    ("joule", 1.0, [2.0, 1.0, -2.0, 0.0, 0.0, 0.0, 0.0]),
    ("watt", 1.0, [2.0, 1.0, -3.0, 0.0, 0.0, 0.0, 0.0]),
    ("coulomb", 1.0, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]),
    ("volt", 1.0, [2.0, 1.0, -3.0, -1.0, 0.0, 0.0, 0.0]),
    ("farad", 1.0, [-2.0, -1.0, 4.0, 2.0, 0.0, 0.0, 0.0]),
    ("ohm", 1.0, [2.0, 1.0, -3.0, -2.0, 0.0, 0.0, 0.0]),
    ("siemens", 1.0, [-2.0, -1.0, 3.0, 2.0, 0.0, 0.0, 0.0]),
    ("weber", 1.0, [2.0, 1.0, -2.0, -1.0, 0.0, 0.0, 0.0]),
    ("tesla", 1.0, [0.0, 1.0, -2.0, -1.0, 0.0, 0.0, 0.0]),
    ("henry", 1.0, [2.0, 1.0, -2.0, -2.0, 0.0, 0.0, 0.0]),
    ("lumen", 1.0, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
    ("lux", 1.0, [-2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]),
    ("gray", 1.0, [2.0, 0.0, -2.0, 0.0, 0.0, 0.0, 0.0]),
    ("sievert", 1.0, [2.0, 0.0, -2.0, 0.0, 0.0, 0.0, 0.0]),
    ("katal", 1.0, [0.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0]),
];

const PREFIXES: [(&str, f64); 12] = [
    ("f", 1e-15),
    ("p", 1e-12),
    ("n", 1e-9),
    ("u", 1e-6),
    ("µ", 1e-6),
    ("μ", 1e-6),
    ("m", 1e-3),
    ("c", 1e-2),
    ("d", 1e-1),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
];

impl Unit {
    /// The unit of a pure number.
    pub const DIMENSIONLESS: Unit = Unit {
        factor: 1.0,
        exponents: [0.0; BASES.len()],
    };

    /// The unit of time inside Malar.
    pub const DAY: Unit = Unit {
        factor: DAY,
        exponents: [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    };

    /// Reads a unit such as `1/day`, `mg/L`, `mL/min/1.73m^2`, `IU/mL`, `cells/uL`, `nM`, `percent`, `1`.
    ///
    /// ```
    /// use malar_model::units::Unit;
    /// let (daily, weekly) = (Unit::parse("mg/day")?, Unit::parse("g/week")?);
    /// assert!((weekly.conversion_to(&daily).unwrap() - 1000.0 / 7.0).abs() < 1e-12);
    /// # Ok::<(), malar_model::units::UnitError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Unit, UnitError> {
        let mut parser = UnitParser {
            whole: text,
            rest: text.trim(),
            depth: 0,
        };
        let unit = parser.product()?;
        let sensible = unit.factor.is_finite() && unit.factor > 0.0;
        if parser.rest.is_empty() && sensible {
            Ok(unit)
        } else {
            Err(UnitError::Syntax(text.to_owned()))
        }
    }

    /// A unit of SBML by its name there (`second`, `litre`, `mole`, `dimensionless`, `item` ...).
    pub fn sbml_kind(name: &str) -> Option<Unit> {
        const SHARED: [&str; 11] = [
            "dimensionless",
            "metre",
            "meter",
            "gram",
            "kilogram",
            "second",
            "litre",
            "liter",
            "mole",
            "item",
            "IU",
        ];
        if SHARED.contains(&name) || name == "score" {
            return named(name);
        }
        let &(_, factor, powers) = SBML_KINDS.iter().find(|kind| kind.0 == name)?;
        let mut exponents = [0.0; BASES.len()];
        exponents[..powers.len()].copy_from_slice(&powers);
        Some(Unit { factor, exponents })
    }

    /// The product of two units.
    #[must_use]
    pub fn times(&self, other: &Unit) -> Unit {
        let exponents = std::array::from_fn(|i| self.exponents[i] + other.exponents[i]);
        Unit {
            factor: self.factor * other.factor,
            exponents,
        }
    }

    /// The quotient of two units.
    #[must_use]
    pub fn per(&self, other: &Unit) -> Unit {
        self.times(&other.power(-1.0))
    }

    /// The unit raised to a power.
    #[must_use]
    pub fn power(&self, power: f64) -> Unit {
        Unit {
            factor: self.factor.powf(power),
            exponents: self.exponents.map(|e| e * power),
        }
    }

    /// The unit a number of times, as a week is 7 days.
    #[must_use]
    pub fn scaled(&self, by: f64) -> Unit {
        Unit {
            factor: self.factor * by,
            ..*self
        }
    }

    /// True if both measure the same thing, perhaps in different sizes. Powers count as equal within 1e-9, since they may
    /// come from roots.
    pub fn same_dimension(&self, other: &Unit) -> bool {
        self.exponents
            .iter()
            .zip(&other.exponents)
            .all(|(a, b)| (a - b).abs() < 1e-9)
    }

    /// True if both are the same unit; factors may differ by rounding (1e-9 relative).
    pub fn same(&self, other: &Unit) -> bool {
        self.same_dimension(other) && (self.factor / other.factor - 1.0).abs() < 1e-9
    }

    /// True for pure numbers, percentages included.
    pub fn is_dimensionless(&self) -> bool {
        self.same_dimension(&Unit::DIMENSIONLESS)
    }

    /// What to multiply a number in this unit by to get it in `target`; `None` if they measure different things.
    pub fn conversion_to(&self, target: &Unit) -> Option<f64> {
        self.same_dimension(target).then(|| self.factor / target.factor)
    }
}

/// The unit in base units, with its factor where that is not 1: `1e-3 kg m^-3`.
impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if (self.factor - 1.0).abs() > 1e-12 {
            let plain = (1e-3..1e7).contains(&self.factor);
            parts.push(if plain {
                format!("{}", self.factor)
            } else {
                format!("{:e}", self.factor)
            });
        }
        for (base, &power) in BASES.iter().zip(&self.exponents) {
            if (power - 1.0).abs() < 1e-9 {
                parts.push((*base).to_owned());
            } else if power.abs() > 1e-9 {
                parts.push(format!("{base}^{power}"));
            }
        }
        if parts.is_empty() {
            f.write_str("dimensionless")
        } else {
            f.write_str(&parts.join(" "))
        }
    }
}

/// The unit called exactly `name`, prefixes not considered.
fn named(name: &str) -> Option<Unit> {
    let &(_, factor, bases, _) = NAMED.iter().find(|unit| unit.0 == name)?;
    let mut exponents = [0.0; BASES.len()];
    for &(base, power) in bases {
        exponents[base] = power;
    }
    Some(Unit { factor, exponents })
}

/// The unit called `name`, perhaps with a prefix.
fn lookup(name: &str) -> Result<Unit, UnitError> {
    if let Some(unit) = named(name) {
        return Ok(unit);
    }
    for (prefix, factor) in PREFIXES {
        if let Some(stem) = name.strip_prefix(prefix)
            && NAMED.iter().any(|unit| unit.0 == stem && unit.3)
        {
            return Ok(named(stem).expect("the stem was just found").scaled(factor));
        }
    }
    let nearest = crate::nearest::nearest(name, NAMED.iter().map(|unit| unit.0));
    Err(UnitError::Unknown {
        name: name.to_owned(),
        nearest,
    })
}

/// Reads products, quotients and powers.
struct UnitParser<'a> {
    whole: &'a str,
    rest: &'a str,
    depth: usize,
}

impl UnitParser<'_> {
    fn syntax<T>(&self) -> Result<T, UnitError> {
        Err(UnitError::Syntax(self.whole.to_owned()))
    }

    fn accept(&mut self, marks: &[char]) -> bool {
        let Some(rest) = self.rest.strip_prefix(marks) else {
            return false;
        };
        self.rest = rest.trim_start();
        true
    }

    fn product(&mut self) -> Result<Unit, UnitError> {
        let mut unit = self.factor()?;
        loop {
            if self.accept(&['*', '·', '.']) {
                unit = unit.times(&self.factor()?);
            } else if self.accept(&['/']) {
                unit = unit.per(&self.factor()?);
            } else {
                return Ok(unit);
            }
        }
    }

    /// A power of a name or bracket, with a number before it or alone: `1.73m^2` is 1.73 square metres.
    fn factor(&mut self) -> Result<Unit, UnitError> {
        let number = self.number();
        let starts_unit = |c: char| c.is_alphabetic() || c == '%' || c == '(';
        match number {
            Some(x) if !self.rest.starts_with(starts_unit) => Ok(Unit::DIMENSIONLESS.scaled(x)),
            Some(x) => Ok(self.power()?.scaled(x)),
            None => self.power(),
        }
    }

    fn power(&mut self) -> Result<Unit, UnitError> {
        let base = self.primary()?;
        if !self.accept(&['^']) {
            return Ok(base);
        }
        let sign = if self.accept(&['-']) { -1.0 } else { 1.0 };
        match self.number() {
            Some(power) if power <= 9.0 => Ok(base.power(sign * power)),
            _ => self.syntax(),
        }
    }

    fn primary(&mut self) -> Result<Unit, UnitError> {
        if self.accept(&['(']) {
            self.depth += 1;
            if self.depth > 20 {
                return self.syntax();
            }
            let inside = self.product()?;
            self.depth -= 1;
            return if self.accept(&[')']) { Ok(inside) } else { self.syntax() };
        }
        let length = self
            .rest
            .find(|c: char| !c.is_alphabetic() && c != '%')
            .unwrap_or(self.rest.len());
        if length == 0 {
            return self.syntax();
        }
        let (name, rest) = self.rest.split_at(length);
        self.rest = rest.trim_start();
        lookup(name)
    }

    /// A plain decimal number, perhaps with an exponent.
    fn number(&mut self) -> Option<f64> {
        let digits = |text: &str| {
            text.find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(text.len())
        };
        let mut length = digits(self.rest);
        if let Some(exponent) = self.rest[length..].strip_prefix(['e', 'E']).filter(|_| length > 0) {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if unsigned.starts_with(|c: char| c.is_ascii_digit()) {
                let sign = exponent.len() - unsigned.len();
                length += 1 + sign + unsigned.find(|c: char| !c.is_ascii_digit()).unwrap_or(unsigned.len());
            }
        }
        let value = self.rest[..length].parse().ok()?;
        self.rest = self.rest[length..].trim_start();
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(from: &str, to: &str) -> f64 {
        Unit::parse(from)
            .unwrap()
            .conversion_to(&Unit::parse(to).unwrap())
            .unwrap()
    }

    #[test]
    fn converts_between_units_of_the_clinic() {
        for (from, to, expected) in [
            ("1/week", "1/day", 1.0 / 7.0),
            ("mg/dL", "g/L", 0.01),
            ("ug/mL", "mg/L", 1.0),
            ("IU/mL", "kIU/L", 1.0),
            ("cells/uL", "cells/L", 1e6),
            ("nM", "nmol/L", 1.0),
            ("L/day", "mL/h", 1000.0 / 24.0),
            ("percent", "1", 0.01),
            ("mL/min/1.73m^2", "mL/min/m^2", 1.0 / 1.73),
            ("kDa", "g/mol", 1000.0),
            ("1e3 mg", "g", 1.0),
            ("mg/kg", "ug/g", 1.0),
            ("year", "day", 365.25),
            ("mg*day/L", "g*h/L", 0.024),
            ("(mg/L)/(mg/L)", "1", 1.0),
            ("µg/mL", "ug/mL", 1.0),
        ] {
            assert!(
                (factor(from, to) / expected - 1.0).abs() < 1e-12,
                "{from} to {to}: {}",
                factor(from, to)
            );
        }
    }

    #[test]
    fn international_units_counts_and_scores_do_not_mix() {
        for (a, b) in [
            ("IU", "item"),
            ("score", "1"),
            ("IU/mL", "mg/mL"),
            ("mg", "mL"),
            ("1/day", "day"),
        ] {
            assert_eq!(
                Unit::parse(a).unwrap().conversion_to(&Unit::parse(b).unwrap()),
                None,
                "{a} {b}"
            );
        }
    }

    #[test]
    fn refuses_what_is_no_unit() {
        let unknown = Unit::parse("mg/fortnight").unwrap_err();
        assert_eq!(unknown.to_string(), "unknown unit `fortnight`");
        assert_eq!(
            Unit::parse("weaks").unwrap_err(),
            UnitError::Unknown {
                name: "weaks".into(),
                nearest: Some("weeks")
            }
        );
        for text in [
            "", "mg//L", "mg L", "/day", "mg^", "mg^99", "(mg", "per day", "0 mg", "1e999 mg", "^", "𝛍g",
        ] {
            assert!(Unit::parse(text).is_err(), "{text}");
        }
        assert!(Unit::parse(&"(".repeat(100_000)).is_err());
    }

    #[test]
    fn shows_base_units() {
        assert_eq!(
            Unit::parse("1/day")
                .unwrap()
                .per(&Unit::parse("1/day").unwrap())
                .to_string(),
            "dimensionless"
        );
        assert_eq!(Unit::parse("mg/L").unwrap().to_string(), "0.001 m^-3 kg");
        assert_eq!(Unit::sbml_kind("newton").unwrap().to_string(), "m kg s^-2");
        assert_eq!(Unit::sbml_kind("day"), None);
    }
}
