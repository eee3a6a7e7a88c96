//! What must hold of every therapy of the library, whatever its numbers.

mod library;

use std::collections::BTreeMap;

use malar_solver::System;
use malar_tape::{Request, StateRef, Tape};
use malar_trial::{Product, Simulation, Support};

/// Values of `wanted` with `amount` in every compartment that can be dosed, or in every state that starts empty.
fn at_amount(product: &Product, wanted: &[&str], amount: f64, everywhere: bool) -> Vec<f64> {
    let arena = &product.equations.arena;
    let all = product.equations.states.iter().map(|s| arena.name(s.symbol));
    let routes = product.therapy.routes.iter().map(|r| r.state.as_str());
    let states: Vec<&str> = if everywhere { all.collect() } else { routes.collect() };
    let request = Request {
        dosed: &states,
        outputs: wanted,
        ..Request::default()
    };
    let tape = Tape::compile(&product.equations, &request).unwrap();
    let mut y = vec![0.0; tape.n_states()];
    tape.initial_state(&[], &mut y);
    for state in states {
        if let Some(StateRef::Index(i)) = tape.state(state)
            && y[i] == 0.0
        {
            y[i] = amount;
        }
    }
    let mut outputs = vec![0.0; wanted.len()];
    tape.outputs(0.0, &y, &[], &mut outputs);
    outputs
}

fn kills(product: &Product) -> Vec<&str> {
    let hooks = product.therapy.drives.iter().map(String::as_str);
    hooks.filter(|hook| hook.starts_with("kill_")).collect()
}

#[test]
fn kill_never_falls_with_dose_and_is_zero_without_drug() {
    let amounts = [0.0, 1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0];
    let products = library::products();
    let killers: Vec<&Product> = products.values().filter(|p| !kills(p).is_empty()).collect();
    assert!(killers.len() >= 20, "{}", killers.len());
    for product in killers {
        let hooks = kills(product);
        let rates: Vec<Vec<f64>> = amounts.iter().map(|mg| at_amount(product, &hooks, *mg, true)).collect();
        let id = &product.therapy.id;
        assert!(rates[0].iter().all(|rate| *rate == 0.0), "{id} kills without drug");
        for (few, many) in rates.iter().zip(&rates[1..]) {
            for (k, hook) in hooks.iter().enumerate() {
                assert!(many[k] >= few[k], "{id}: {hook} falls from {} to {}", few[k], many[k]);
            }
        }
        assert!(rates[amounts.len() - 1][0] > 0.0, "{id} does not kill");
    }
}

#[test]
fn blocks_stay_fractions_at_any_amount() {
    for product in library::products().values().filter(|p| !p.therapy.routes.is_empty()) {
        let hooks = product.therapy.drives.iter().map(String::as_str);
        let blocks: Vec<&str> = hooks
            .filter(|hook| !hook.starts_with("kill_") && !["treg_support", "memory_egress", "igg_given"].contains(hook))
            .collect();
        for amount in [0.0, 1.0, 1e6] {
            for (value, hook) in at_amount(product, &blocks, amount, false).iter().zip(&blocks) {
                assert!((0.0..1.0).contains(value), "{}: {hook} = {value}", product.therapy.id);
            }
        }
    }
}

/// What an arm does not use folds away: its equations are the same whether the library holds five therapies or fifty.
#[test]
fn an_arm_has_the_same_equations_whatever_the_library_holds() {
    let whole = library::parts("tulip-2", |text| text);
    let used = ["anifrolumab", "prednisone"];
    let few: BTreeMap<String, Product> = whole
        .products
        .iter()
        .filter(|(id, _)| used.contains(&id.as_str()))
        .map(|(id, product)| (id.clone(), product.clone()))
        .collect();
    assert!(whole.products.len() > few.len());
    let narrow = malar_trial::Parts {
        products: few,
        ..whole.clone()
    };
    let n_states = |parts| Simulation::new(parts).unwrap().n_states();
    assert_eq!(n_states(whole), n_states(narrow));
}

/// A loading dose beside the regular one is one drug in the body, not two.
#[test]
fn a_loading_dose_and_a_regimen_share_their_compartments() {
    let split = library::parts("illuminate-1", |text| text);
    let single = library::parts("illuminate-1", |text| {
        let mut text = text;
        while let Some(start) = text.find(", { id = \"tabalumab\", route = \"sc\", dose_mg = 120") {
            let end = start + text[start..].find("} }").unwrap() + 3;
            text.replace_range(start..end, "");
        }
        text
    });
    assert_eq!(
        Simulation::new(split).unwrap().n_states(),
        Simulation::new(single).unwrap().n_states()
    );
}

#[test]
fn a_regimen_outside_the_studied_range_is_named() {
    let said = |edit: fn(String) -> String| {
        let parts = library::parts("tulip-2", edit);
        malar_trial::warnings(&parts.protocol, &parts.products)
    };
    assert_eq!(said(|text| text), Vec::<String>::new());
    let dose = said(|text| text.replace("dose_mg = 300", "dose_mg = 3000"));
    assert_eq!(
        dose,
        ["Anifrolumab in arm `anifrolumab-300`: 3000 mg is outside the studied 100 to 1000 mg"]
    );
    let interval = said(|text| text.replace("every = 28", "every = 7"));
    assert_eq!(
        interval,
        ["Anifrolumab in arm `anifrolumab-300`: 7 days between doses are outside the studied 28 to 28 days"]
    );
}

#[test]
fn a_weakly_supported_therapy_is_named() {
    let parts = library::parts("illuminate-1", |text| text);
    assert_eq!(parts.products["tabalumab"].therapy.support, Support::Weak);
    assert_eq!(
        malar_trial::warnings(&parts.protocol, &parts.products),
        ["Tabalumab is weakly supported: most of its numbers are assumed"]
    );
}
