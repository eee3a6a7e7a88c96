//! Units as formulas of units.

use super::say::{Wrong, wrong};
use super::symbols::{Kind, Module};
use crate::codes::{MODEL_SYNTAX, MODEL_TOO_LARGE, UNKNOWN_UNIT};
use crate::network::math::Math;
use crate::network::parts::BaseUnit;

/// SBML's units and the other names by which Antimony knows them.
const KINDS: [(&str, &str); 40] = [
    ("ampere", "ampere"),
    ("avogadro", "avogadro"),
    ("becquerel", "becquerel"),
    ("candela", "candela"),
    ("coulomb", "coulomb"),
    ("dimensionless", "dimensionless"),
    ("farad", "farad"),
    ("gram", "gram"),
    ("gray", "gray"),
    ("henry", "henry"),
    ("hertz", "hertz"),
    ("item", "item"),
    ("joule", "joule"),
    ("katal", "katal"),
    ("kelvin", "kelvin"),
    ("kilogram", "kilogram"),
    ("liter", "litre"),
    ("litre", "litre"),
    ("lumen", "lumen"),
    ("lux", "lux"),
    ("meter", "metre"),
    ("metre", "metre"),
    ("mole", "mole"),
    ("newton", "newton"),
    ("ohm", "ohm"),
    ("pascal", "pascal"),
    ("radian", "radian"),
    ("second", "second"),
    ("siemens", "siemens"),
    ("sievert", "sievert"),
    ("steradian", "steradian"),
    ("tesla", "tesla"),
    ("volt", "volt"),
    ("watt", "watt"),
    ("weber", "weber"),
    ("henries", "henry"),
    ("henrys", "henry"),
    ("hertzes", "hertz"),
    ("luxes", "lux"),
    ("siemenses", "siemens"),
];

/// The unit of SBML that `name` is, plural or not.
pub(super) fn kind(name: &str) -> Option<&'static str> {
    let find = |name: &str| KINDS.iter().find(|known| known.0 == name).map(|known| known.1);
    find(name).or_else(|| find(name.strip_suffix('s')?))
}

/// A unit to the power 1.
pub(super) fn base(kind: &str) -> BaseUnit {
    BaseUnit {
        kind: kind.to_owned(),
        exponent: 1.0,
        scale: 0,
        multiplier: 1.0,
    }
}

/// A product of powers of units and a factor in front.
struct Product {
    factor: f64,
    units: Vec<BaseUnit>,
}

/// The factors of a unit written as a formula; names that are no unit of SBML stay as they are.
pub(super) fn definition(math: &Math) -> Result<Vec<BaseUnit>, Wrong> {
    let product = product(math)?;
    let mut units = product.units;
    if !(product.factor.is_finite() && product.factor > 0.0) {
        return wrong(
            MODEL_SYNTAX,
            "a unit needs a factor above 0".into(),
            "write it as in `1e-3 litre`",
        );
    }
    // The factor goes into the first unit that can carry it: `(m u)^e` is `m^e u^e`.
    if product.factor.to_bits() != 1f64.to_bits() {
        match units.iter_mut().find(|unit| unit.exponent.abs() > 0.0) {
            Some(first) => first.multiplier *= product.factor.powf(1.0 / first.exponent),
            None => units.push(BaseUnit {
                multiplier: product.factor,
                ..base("dimensionless")
            }),
        }
    }
    Ok(units)
}

fn product(math: &Math) -> Result<Product, Wrong> {
    let power = |mut of: Product, exponent: f64| {
        of.factor = of.factor.powf(exponent);
        of.units.iter_mut().for_each(|unit| unit.exponent *= exponent);
        of
    };
    let times = |mut a: Product, b: Product| {
        a.factor *= b.factor;
        a.units.extend(b.units);
        a
    };
    let named = |factor, name: &str| Product {
        factor,
        units: vec![base(kind(name).unwrap_or(name))],
    };
    match math {
        Math::Number(value, None) => Ok(Product {
            factor: *value,
            units: Vec::new(),
        }),
        Math::Number(value, Some(unit)) => Ok(named(*value, unit)),
        Math::Name(name) => Ok(named(1.0, name)),
        Math::Avogadro => Ok(named(1.0, "avogadro")),
        Math::Apply(operator, arguments) => match (operator.0, arguments.as_slice()) {
            ("times", [first, rest @ ..]) => {
                let first = product(first)?;
                rest.iter()
                    .try_fold(first, |whole, next| Ok(times(whole, product(next)?)))
            }
            ("divide", [a, b]) => Ok(times(product(a)?, power(product(b)?, -1.0))),
            ("power", [a, Math::Number(exponent, None)]) => Ok(power(product(a)?, *exponent)),
            _ => not_a_unit(),
        },
        _ => not_a_unit(),
    }
}

fn not_a_unit<T>() -> Result<T, Wrong> {
    let help = "write a product of powers of units, as in `1e-6 mole / litre`";
    wrong(MODEL_SYNTAX, "this is not a unit".into(), help)
}

/// Factors of the same kind put together, those that cancel left out.
pub(super) fn reduced(units: Vec<BaseUnit>) -> Vec<BaseUnit> {
    let mut whole: Vec<BaseUnit> = Vec::new();
    for unit in units {
        let is_like = |known: &&mut BaseUnit| {
            known.kind == unit.kind
                && known.scale == unit.scale
                && known.multiplier.to_bits() == unit.multiplier.to_bits()
        };
        match whole.iter_mut().find(is_like) {
            Some(known) => known.exponent += unit.exponent,
            None => whole.push(unit),
        }
    }
    whole.retain(|unit| unit.exponent.abs() > 0.0);
    whole
}

impl Module {
    /// A unit in SBML's own units.
    pub fn unit_factors(&self, name: &str) -> Result<Vec<BaseUnit>, Wrong> {
        let mut found = Vec::new();
        let mut pending = vec![(base(name), 0)];
        while let Some((unit, depth)) = pending.pop() {
            if let Some(kind) = kind(&unit.kind) {
                found.push(BaseUnit {
                    kind: kind.to_owned(),
                    ..unit
                });
                continue;
            }
            if depth > 50 || found.len() + pending.len() > 1000 {
                let message = format!("the unit `{name}` is defined in terms of itself, or too long");
                return wrong(MODEL_TOO_LARGE, message, "write it in terms of SBML's units");
            }
            let at = self.find(&unit.kind).filter(|&at| self.symbols[at].kind == Kind::Unit);
            let Some(at) = at else {
                let message = format!("unknown unit `{}`", unit.kind);
                return wrong(UNKNOWN_UNIT, message, "define it with `unit`");
            };
            let factors = self.symbols[at].definition.iter().flatten();
            let scale = unit.multiplier * 10f64.powi(unit.scale);
            let inner = factors.enumerate().map(|(index, factor)| {
                let own = if index == 0 { scale } else { 1.0 };
                let exponent = factor.exponent;
                let inner = BaseUnit {
                    exponent: exponent * unit.exponent,
                    multiplier: factor.multiplier * own.powf(1.0 / exponent),
                    ..factor.clone()
                };
                (inner, depth + 1)
            });
            pending.extend(inner.collect::<Vec<_>>().into_iter().rev());
        }
        Ok(found)
    }
}
