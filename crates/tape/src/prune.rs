//! Removes states that cannot move or that nobody looks at.

use std::collections::{BTreeMap, BTreeSet};

use malar_model::expression::{ExprId, SymbolId};

use crate::inline::Inlined;
use crate::request::{Request, StateRef};

/// Removes what `request` allows; returns where each state of the model went, in its order.
pub(crate) fn prune(model: &mut Inlined, request: &Request<'_>) -> Vec<StateRef> {
    let dosed: BTreeSet<SymbolId> = request
        .dosed
        .iter()
        .filter_map(|name| model.arena.find_symbol(name))
        .collect();
    let constants = constants(model, &dosed);
    let meaning: BTreeMap<SymbolId, ExprId> = constants
        .iter()
        .map(|(&symbol, &value)| (symbol, model.arena.number(value)))
        .collect();
    for expression in model.rates.iter_mut().chain(&mut model.outputs) {
        *expression = model
            .arena
            .substitute(*expression, &|symbol| meaning.get(&symbol).copied());
    }
    let observed = if request.prune_unobserved {
        observed(model)
    } else {
        model.states.iter().copied().collect()
    };

    let mut places = Vec::new();
    let mut kept = 0;
    for symbol in &model.states {
        places.push(match constants.get(symbol) {
            Some(&value) => StateRef::Constant(value),
            None if observed.contains(symbol) => StateRef::Index(kept),
            None => StateRef::Pruned,
        });
        kept += usize::from(matches!(places.last(), Some(StateRef::Index(_))));
    }
    let mut keep = places.iter().map(|place| matches!(place, StateRef::Index(_))).cycle();
    let mut kept = || keep.next().expect("one place per state, three times around");
    model.states.retain(|_| kept());
    model.rates.retain(|_| kept());
    model.initials.retain(|_| kept());
    places
}

/// States that stay at a constant initial value for ever because nobody doses them and their rate is zero there.
///
/// Starts from the belief that every candidate is constant and drops those whose rate is then not zero, until none drops: so a pair
/// that only feeds each other from zero is recognised too.
fn constants(model: &mut Inlined, dosed: &BTreeSet<SymbolId>) -> BTreeMap<SymbolId, f64> {
    let mut believed = BTreeMap::new();
    for (&symbol, &initial) in model.states.iter().zip(&model.initials) {
        if let Some(value) = model.arena.constant(initial).filter(|_| !dosed.contains(&symbol)) {
            believed.insert(symbol, (value, initial));
        }
    }
    loop {
        let mut moving = Vec::new();
        for (&symbol, &rate) in model.states.iter().zip(&model.rates) {
            if believed.contains_key(&symbol) {
                let rate = model
                    .arena
                    .substitute(rate, &|s| believed.get(&s).map(|&(_, number)| number));
                // Exactly zero: a rate that is only nearly zero moves the state.
                if model.arena.constant(rate) != Some(0.0) {
                    moving.push(symbol);
                }
            }
        }
        if moving.is_empty() {
            return believed
                .into_iter()
                .map(|(symbol, (value, _))| (symbol, value))
                .collect();
        }
        for symbol in moving {
            believed.remove(&symbol);
        }
    }
}

/// States that the outputs depend on, directly or through the rates of others.
fn observed(model: &Inlined) -> BTreeSet<SymbolId> {
    let mut found = BTreeSet::new();
    let mut pending: Vec<ExprId> = model.outputs.clone();
    while let Some(expression) = pending.pop() {
        for symbol in model.arena.symbols_in(expression) {
            if let Some(i) = model.states.iter().position(|&s| s == symbol)
                && found.insert(symbol)
            {
                pending.push(model.rates[i]);
            }
        }
    }
    found
}
