//! Finds the numbers of a trial's files that can be moved, and moves them.

use std::collections::BTreeMap;

use malar_model::diagnostic::{Diagnostic, Source};
use malar_model::{Equations, Node};
use malar_patients::Population;
use malar_trial::{Parts, Product};
use toml::{Table, Value};

use super::factor::{Available, Factor, Place, Way};
use super::range::Ranges;

/// Keys of a population's `parameter` and what of them moves.
const WAYS: [(&str, Way); 8] = [
    ("constant", Way::Plain("constant")),
    ("bernoulli", Way::Plain("bernoulli")),
    ("normal", Way::First("normal")),
    ("lognormal", Way::First("lognormal")),
    ("uniform", Way::Both("uniform")),
    ("loguniform", Way::Both("loguniform")),
    ("beta", Way::Beta),
    ("gamma", Way::Gamma),
];

/// Everything the trial uses that can be moved: population, disease model, therapies, each in the order of its file.
pub(super) fn available(parts: &Parts, population: &Table, ranges: &Ranges) -> Available {
    let mut found = of_clinic(population);
    found.extend(of_draws(population));
    found.extend(of_model(parts));
    for (id, product) in used(parts) {
        found.extend(of_therapy(id, product, parts));
    }
    let factors = found.into_iter().map(|(name, unit, value, place)| {
        let range = ranges.of(&name, value, &unit);
        Factor {
            low: range.low,
            high: range.high,
            log: range.log,
            range: range.why,
            name,
            unit,
            value,
            place,
        }
    });
    Available {
        factors: factors.collect(),
        declared: ranges.names().cloned().collect(),
    }
}

/// Name, unit, value, place.
type Found = (String, String, f64, Place);

fn of_clinic(population: &Table) -> Vec<Found> {
    let mut found = Vec::new();
    let clinical = population.get("clinical").and_then(Value::as_table);
    for (section, entries) in clinical.into_iter().flatten() {
        for (key, entry) in entries.as_table().into_iter().flatten() {
            let unit = entry.get("unit").and_then(Value::as_str).unwrap_or("");
            if let Some(value) = entry.get("value").and_then(number) {
                let place = Place::Clinical {
                    section: section.clone(),
                    key: key.clone(),
                };
                found.push((key.clone(), unit.to_owned(), value, place));
            }
        }
    }
    found
}

/// What patients are drawn from. Expressions follow from other numbers; a normal with mean zero is a standard normal that others use.
fn of_draws(population: &Table) -> Vec<Found> {
    let mut found = Vec::new();
    for (entry, draw) in entries(population).iter().enumerate() {
        let text = |key: &str| draw.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
        let Some((way, value)) = way_of(draw) else { continue };
        let place = |way| Place::Draw { entry, way };
        let (name, unit) = (text("name"), text("unit"));
        if let Some(spread) = draw.get("lognormal").map(|pair| of_pair(pair).1) {
            let name = format!("{name}.sd");
            found.push((name, "1".to_owned(), spread, place(Way::Second("lognormal"))));
        }
        if !(way == Way::First("normal") && value == 0.0) {
            found.push((name, unit, value, place(way)));
        }
    }
    found
}

/// Parameters of the disease model that no patient draws; hooks are the therapies' affair.
fn of_model(parts: &Parts) -> Vec<Found> {
    let is_free = |name: &str| parts.population.index(name).is_none() && !parts.hooks.contains_key(name);
    let numbers = numbers(&parts.model).into_iter().filter(|(name, _)| is_free(name));
    let place = |(parameter, value): (String, f64)| {
        let place = Place::Model {
            parameter: parameter.clone(),
        };
        (parameter, String::new(), value, place)
    };
    numbers.map(place).collect()
}

fn of_therapy(id: &str, product: &Product, parts: &Parts) -> Vec<Found> {
    let therapy = &product.therapy;
    let is_drawn = |name: &str| parts.population.index(name).is_some();
    let is_own = |name: &str| !therapy.shared.iter().any(|shared| shared == name) && !is_drawn(name);
    let numbers = numbers(&product.equations).into_iter().filter(|(name, _)| is_own(name));
    let place = |(parameter, value): (String, f64)| {
        let place = Place::Therapy {
            id: id.to_owned(),
            parameter: parameter.clone(),
        };
        (format!("{id}.{parameter}"), String::new(), value, place)
    };
    numbers.map(place).collect()
}

/// Products that some arm gives, and the steroid.
fn used(parts: &Parts) -> BTreeMap<&str, &Product> {
    let given = parts.protocol.arms.iter().flat_map(|arm| &arm.therapies);
    let ids = given.map(|(usage, _)| &usage.id).chain([&parts.protocol.steroid]);
    let found = ids.filter_map(|id| Some((id.as_str(), parts.products.get(id)?)));
    found.collect()
}

/// Parameters that are plain numbers other than zero: zero stands for "none" until somebody gives a range.
fn numbers(equations: &Equations) -> Vec<(String, f64)> {
    let number = |p: &malar_model::Parameter| match equations.arena.node(p.value) {
        Node::Number(value) if value != 0.0 => Some((equations.arena.name(p.symbol).to_owned(), value)),
        _ => None,
    };
    equations.parameters.iter().filter_map(number).collect()
}

/// Moves numbers: the parts of the same trial with other values. Fails if the population's file refuses a value.
pub(super) fn moved(
    parts: &Parts,
    population: &Table,
    source: &Source,
    values: &[(&Place, f64)],
) -> Result<Parts, Diagnostic> {
    let (mut parts, mut table) = (parts.clone(), None);
    for (place, value) in values {
        match place {
            Place::Clinical { section, key } => {
                let table = table.get_or_insert_with(|| population.clone());
                table["clinical"][section][key]["value"] = Value::Float(*value);
            }
            Place::Draw { entry, way } => {
                let table = table.get_or_insert_with(|| population.clone());
                let draw = &mut table["parameter"][*entry];
                let (key, number) = redrawn(draw, *way, *value);
                draw[key] = number;
            }
            Place::Model { parameter } => set(&mut parts.model, parameter, *value),
            Place::Therapy { id, parameter } => {
                let product = parts.products.get_mut(id).expect("found there before");
                set(&mut product.equations, parameter, *value);
            }
            // A posterior's numbers are laid over the population once it is compiled.
            Place::Luck | Place::Posterior => {}
        }
    }
    if let Some(table) = table {
        let text = toml::to_string(&table).expect("a table that was read can be written");
        let path = source.path.clone();
        parts.population = Population::parse(&Source { path, text })?;
    }
    Ok(parts)
}

fn set(equations: &mut Equations, name: &str, value: f64) {
    let symbol = equations.arena.find_symbol(name);
    let number = equations.arena.number(value);
    let parameter = equations.parameters.iter_mut().find(|p| Some(p.symbol) == symbol);
    parameter.expect("found there before").value = number;
}

fn entries(population: &Table) -> &[Value] {
    let list = population.get("parameter").and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> Option<f64> {
    value.as_float().or(value.as_integer().map(|n| n as f64))
}

fn of_pair(pair: &Value) -> (f64, f64) {
    let at = |k: usize| pair.get(k).and_then(number).expect("the population was checked");
    (at(0), at(1))
}

/// How an entry is drawn and the number of it that moves; nothing for what follows from other numbers.
fn way_of(draw: &Value) -> Option<(Way, f64)> {
    let (key, way) = WAYS.into_iter().find(|(key, _)| draw.get(*key).is_some())?;
    let drawn = &draw[key];
    let value = match way {
        Way::Plain(_) => number(drawn)?,
        Way::First(_) => of_pair(drawn).0,
        Way::Second(_) => of_pair(drawn).1,
        Way::Both("loguniform") => (of_pair(drawn).0 * of_pair(drawn).1).sqrt(),
        Way::Both(_) => 0.5 * (of_pair(drawn).0 + of_pair(drawn).1),
        Way::Beta => of_pair(drawn).0 / (of_pair(drawn).0 + of_pair(drawn).1),
        Way::Gamma => of_pair(drawn).0 * of_pair(drawn).1,
    };
    Some((way, value))
}

/// The key of an entry and its new content.
fn redrawn(draw: &Value, way: Way, value: f64) -> (&'static str, Value) {
    let list = |a: f64, b: f64| Value::Array(vec![Value::Float(a), Value::Float(b)]);
    let old = |key: &str| of_pair(&draw[key]);
    match way {
        Way::Plain(key) => (key, Value::Float(value)),
        Way::First(key) => (key, list(value, old(key).1)),
        Way::Second(key) => (key, list(old(key).0, value)),
        Way::Both(key) => {
            let (_, middle) = way_of(draw).expect("it is drawn");
            let (low, high) = old(key);
            (key, list(low * value / middle, high * value / middle))
        }
        Way::Beta => {
            let (a, b) = old("beta");
            ("beta", list(value * (a + b), (1.0 - value) * (a + b)))
        }
        Way::Gamma => {
            let (shape, _) = old("gamma");
            ("gamma", list(shape, value / shape))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(text: &str) -> Value {
        text.parse::<Table>().map(Value::Table).expect("valid TOML")
    }

    /// Moving a number to where it stands changes no bit of what is drawn, and moving its middle moves the middle.
    #[test]
    fn every_way_of_drawing_moves_its_middle() {
        for (text, middle) in [
            ("constant = 0.25", 0.25),
            ("bernoulli = 0.7", 0.7),
            ("lognormal = [2.0, 0.3]", 2.0),
            ("uniform = [1.0, 2.0]", 1.5),
            ("loguniform = [0.5, 2.0]", 1.0),
            ("beta = [4.0, 6.0]", 0.4),
            ("gamma = [9.0, 0.05]", 0.45),
        ] {
            let mut draw = draw(text);
            let (way, value) = way_of(&draw).expect(text);
            assert!((value - middle).abs() < 1e-15, "{text}");
            let (key, new) = redrawn(&draw, way, 0.9 * value);
            draw[key] = new;
            let (_, moved) = way_of(&draw).expect(text);
            assert!((moved - 0.9 * middle).abs() < 1e-15, "{text}");
        }
        assert!(way_of(&draw("expression = \"a + b\"")).is_none());
    }
}
