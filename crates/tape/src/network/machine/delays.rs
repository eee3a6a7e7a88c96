//! Delayed quantities: where they look back to, and what held before the start.

use std::collections::BTreeSet;

use malar_model::Dynamics;
use malar_model::expression::{Arena, ExprId, SymbolId};

use super::{Machine, StartValue};

impl Machine {
    pub(in crate::network) fn n_delays(&self) -> usize {
        self.delays.len()
    }

    /// How far delayed quantity `index` looks back from here.
    pub(in crate::network) fn lag(&mut self, index: usize, time: f64) -> f64 {
        self.delays[index].lag.value(time, &self.values, &mut self.scratch)
    }

    /// Computes all delayed quantities for `time`.
    pub(in crate::network) fn look_back(&mut self, time: f64) {
        if self.starting {
            return;
        }
        for index in 0..self.delays.len() {
            let lag = self.lag(index, time);
            let value = self.delayed(index, time, lag);
            let place = self.delays[index].place;
            self.values[place] = value;
        }
    }

    fn delayed(&mut self, index: usize, time: f64, lag: f64) -> f64 {
        if lag == 0.0 {
            // Zero exactly: no looking back.
            return self.delays[index].value.value(time, &self.values, &mut self.scratch);
        }
        let then = time - lag;
        if then < self.start_time {
            let start = std::mem::take(&mut self.start);
            let value = self.before_start(&start, index, then);
            self.start = start;
            return value;
        }
        let mut values = std::mem::take(&mut self.past[index]);
        self.history.at(then, &self.unknowns, &mut values);
        if values.is_empty() {
            values.extend_from_slice(&self.values);
        }
        for inner in self.delays[index].inner.clone() {
            // What looks back twice looks back from there.
            let lag = self.delays[inner].lag.value(then, &values, &mut self.scratch);
            let place = self.delays[inner].place;
            values[place] = self.delayed(inner, then, lag);
        }
        let value = self.delays[index].value.value(then, &values, &mut self.scratch);
        self.past[index] = values;
        value
    }

    /// A delayed quantity at a time before the start: initial assignments hold there, nothing changes otherwise.
    pub(super) fn before_start(&mut self, start: &[StartValue], index: usize, then: f64) -> f64 {
        let mut values = self.values.clone();
        let solved: Vec<usize> = self.solved.iter().map(|&column| self.unknowns[column]).collect();
        for &needed in &self.delays[index].before_start.clone() {
            let (place, program, delay) = &start[needed];
            if solved.contains(place) {
                continue;
            }
            values[*place] = match delay {
                _ if self.rates.contains(place) => 0.0,
                Some(inner) => {
                    let lag = self.delays[*inner].written[1].value(then, &values, &mut self.scratch);
                    self.before_start(start, *inner, then - lag.max(0.0))
                }
                None => program.value(then, &values, &mut self.scratch),
            };
        }
        self.delays[index].written[0].value(then, &values, &mut self.scratch)
    }
}

/// The start values, by position, that a delayed quantity needs to be known before the start.
pub(super) fn needed(dynamics: &Dynamics, arena: &Arena, value: ExprId, lag: ExprId) -> Vec<usize> {
    let mut wanted: BTreeSet<SymbolId> = arena
        .symbols_in(value)
        .into_iter()
        .chain(arena.symbols_in(lag))
        .collect();
    let mut found = Vec::new();
    for (at, start) in dynamics.start.iter().enumerate().rev() {
        if wanted.contains(&start.symbol) {
            found.push(at);
            // An inner delayed quantity is known by itself, from its own list.
            match dynamics.delays.iter().find(|d| d.symbol == start.symbol) {
                Some(delayed) => wanted.extend(arena.symbols_in(delayed.lag)),
                None => wanted.extend(arena.symbols_in(start.value)),
            }
        }
    }
    found.reverse();
    found
}
