//! All values of a network at one moment, and the right sides that follow from them.

mod delays;
mod settle;

use std::collections::BTreeMap;

use malar_model::Dynamics;
use malar_model::expression::{ExprId, SymbolId};
use malar_model::network::{FAST_PACE, SLOW_PACE};
use malar_solver::single::Problem;

use super::history::History;
use super::program::{Inline, Program};
use delays::needed;

/// A delayed quantity.
#[derive(Clone)]
struct Delay {
    place: usize,
    value: Program,
    lag: Program,
    /// Value and lag in terms of start values, nothing inlined.
    written: [Program; 2],
    /// Delayed quantities that it uses.
    inner: Vec<usize>,
    /// What of the start values it needs, in order.
    before_start: Vec<usize>,
}

/// What an event computes.
#[derive(Clone)]
pub(super) struct EventPrograms {
    pub delay: Option<Program>,
    pub priority: Option<Program>,
    /// Values of the actions.
    pub values: Program,
    /// Sizes to multiply by, 1 where there is none.
    pub sizes: Program,
    /// Places of the targets.
    pub targets: Vec<usize>,
}

/// Place and formula of a start value, and which delayed quantity it is, if it is one.
type StartValue = (usize, Program, Option<usize>);

/// A network ready to run. `values` has a place for every symbol; definitions are computed where they are used.
#[derive(Clone)]
pub(super) struct Machine {
    pub values: Vec<f64>,
    pub scratch: Vec<f64>,
    pub unknowns: Vec<usize>,
    pub history: History,
    mass: Vec<Vec<(usize, f64)>>,
    pattern: Vec<(usize, usize)>,
    right: Program,
    jacobian: Program,
    by_time: Program,
    triggers: Program,
    n_triggers: usize,
    limits: Program,
    n_limits: usize,
    pub events: Vec<EventPrograms>,
    outputs: Program,
    start: Vec<StartValue>,
    solved: Vec<usize>,
    delays: Vec<Delay>,
    past: Vec<Vec<f64>>,
    /// Rates of change, which are 0 before the start.
    rates: Vec<usize>,
    /// Places of the slow and the fast pace, if there are fast reactions.
    paces: Option<[usize; 2]>,
    start_time: f64,
    starting: bool,
    /// While fast reactions settle, time stands still.
    frozen: Option<f64>,
}

impl Machine {
    /// Compiles; `shown` are the expressions to report.
    pub fn new(dynamics: &Dynamics, shown: &[ExprId]) -> Self {
        let mut arena = dynamics.arena.clone();
        let inline = Inline::new(&mut arena, &dynamics.definitions);
        let mut inlined =
            |exprs: &[ExprId]| -> Vec<ExprId> { exprs.iter().map(|&e| inline.apply(&mut arena, e)).collect() };
        let rights = inlined(&dynamics.rows.iter().map(|row| row.right).collect::<Vec<_>>());
        let triggers = inlined(&dynamics.events.iter().map(|event| event.trigger).collect::<Vec<_>>());
        let limits = inlined(&dynamics.limits.iter().map(|limit| limit.holds).collect::<Vec<_>>());
        let outputs = inlined(shown);
        let delays: Vec<Vec<ExprId>> = dynamics.delays.iter().map(|d| inlined(&[d.value, d.lag])).collect();
        let mut events = Vec::new();
        for event in &dynamics.events {
            let one = arena.number(1.0);
            let values: Vec<ExprId> = event.actions.iter().map(|a| a.value).collect();
            let sizes: Vec<ExprId> = event.actions.iter().map(|a| a.size.unwrap_or(one)).collect();
            let mut program = |exprs: &[ExprId]| {
                let exprs: Vec<ExprId> = exprs.iter().map(|&e| inline.apply(&mut arena, e)).collect();
                Program::new(&arena, &exprs)
            };
            events.push(EventPrograms {
                delay: event.delay.map(|e| program(&[e])),
                priority: event.priority.map(|e| program(&[e])),
                values: program(&values),
                sizes: program(&sizes),
                targets: event.actions.iter().map(|a| a.target.0 as usize).collect(),
            });
        }
        let (mut pattern, mut entries, mut by_time) = (Vec::new(), Vec::new(), Vec::new());
        let column: BTreeMap<SymbolId, usize> = dynamics.unknowns.iter().copied().zip(0..).collect();
        for (i, &right) in rights.iter().enumerate() {
            for unknown in arena.symbols_in(right) {
                if let Some(&j) = column.get(&unknown) {
                    pattern.push((i, j));
                    entries.push(arena.derivative(right, unknown));
                }
            }
            by_time.push(arena.time_derivative(right));
        }
        let place = |symbol: SymbolId| symbol.0 as usize;
        let delay_at = |symbol: SymbolId| dynamics.delays.iter().position(|d| d.symbol == symbol);
        let is_rate = |symbol: SymbolId| arena.name(symbol).starts_with("rateOf ");
        let start = dynamics
            .start
            .iter()
            .map(|s| (place(s.symbol), Program::new(&arena, &[s.value]), delay_at(s.symbol)));
        Machine {
            values: vec![f64::NAN; arena.n_symbols()],
            scratch: Vec::new(),
            unknowns: dynamics.unknowns.iter().map(|&s| place(s)).collect(),
            history: History::default(),
            mass: dynamics.rows.iter().map(|row| row.mass.clone()).collect(),
            pattern,
            right: Program::new(&arena, &rights),
            jacobian: Program::new(&arena, &entries),
            by_time: Program::new(&arena, &by_time),
            n_triggers: triggers.len(),
            triggers: Program::new(&arena, &triggers),
            n_limits: limits.len(),
            limits: Program::new(&arena, &limits),
            events,
            outputs: Program::new(&arena, &outputs),
            start: start.collect(),
            solved: dynamics.solved.clone(),
            past: vec![Vec::new(); delays.len()],
            rates: dynamics
                .start
                .iter()
                .filter(|s| is_rate(s.symbol))
                .map(|s| place(s.symbol))
                .collect(),
            paces: arena
                .find_symbol(SLOW_PACE)
                .zip(arena.find_symbol(FAST_PACE))
                .map(|(a, b)| [place(a), place(b)]),
            frozen: None,
            delays: delays
                .iter()
                .zip(&dynamics.delays)
                .map(|(exprs, d)| Delay {
                    place: place(d.symbol),
                    value: Program::new(&arena, &exprs[..1]),
                    lag: Program::new(&arena, &exprs[1..]),
                    written: [d.value, d.lag].map(|e| Program::new(&arena, &[e])),
                    inner: exprs
                        .iter()
                        .flat_map(|&e| arena.symbols_in(e))
                        .filter_map(&delay_at)
                        .collect(),
                    before_start: needed(dynamics, &arena, d.value, d.lag),
                })
                .collect(),
            start_time: 0.0,
            starting: false,
        }
    }

    /// Lets the quantity at `place` start from `value`.
    pub fn give(&mut self, place: usize, value: f64) {
        for start in self.start.iter_mut().filter(|start| start.0 == place) {
            start.1 = Program::number(value);
        }
    }

    /// Every value at the start; false if an algebraic equation has no solution there.
    pub fn start(&mut self, time: f64) -> bool {
        self.start_time = time;
        self.starting = true;
        let solved: Vec<usize> = self.solved.iter().map(|&column| self.unknowns[column]).collect();
        let start = std::mem::take(&mut self.start);
        let mut is_consistent = true;
        // What algebraic rules determine may enter other start values; two or three rounds settle it.
        for round in 0..if solved.is_empty() { 1 } else { 10 } {
            let before = self.values.clone();
            for (place, program, delay) in &start {
                if round > 0 && solved.contains(place) {
                    continue;
                }
                self.values[*place] = match delay {
                    Some(index) => {
                        let lag = self.lag(*index, time);
                        self.before_start(&start, *index, time - lag)
                    }
                    None => program.value(time, &self.values, &mut self.scratch),
                };
                if solved.contains(place) && self.values[*place].is_nan() {
                    self.values[*place] = 1.0;
                }
            }
            is_consistent = self.settle(time);
            let moved = |(a, b): (&f64, &f64)| (a - b).abs() > 1e-13 * a.abs();
            if round > 0 && !self.values.iter().zip(&before).any(moved) {
                break;
            }
        }
        self.start = start;
        self.starting = false;
        is_consistent
    }

    /// Puts unknowns in their places.
    pub fn place(&mut self, u: &[f64]) {
        for (&place, &value) in self.unknowns.iter().zip(u) {
            self.values[place] = value;
        }
    }

    /// The unknowns as they are.
    pub fn unknown_values(&self) -> Vec<f64> {
        self.unknowns.iter().map(|&place| self.values[place]).collect()
    }

    /// Whether each trigger holds, all values being in place.
    pub fn triggers(&mut self, time: f64) -> Vec<bool> {
        self.look_back(time);
        let mut results = vec![0.0; self.n_triggers];
        self.triggers.run(time, &self.values, &mut self.scratch, &mut results);
        results.into_iter().map(malar_model::evaluate::holds).collect()
    }

    /// The first limit that does not hold, all values being in place.
    pub fn violated(&mut self, time: f64) -> Option<usize> {
        if self.n_limits == 0 {
            return None;
        }
        self.look_back(time);
        let mut results = vec![0.0; self.n_limits];
        self.limits.run(time, &self.values, &mut self.scratch, &mut results);
        results
            .into_iter()
            .position(|value| !malar_model::evaluate::holds(value))
    }

    /// What is to be shown, all values being in place.
    pub fn outputs(&mut self, time: f64, results: &mut [f64]) {
        self.look_back(time);
        self.outputs.run(time, &self.values, &mut self.scratch, results);
    }

    /// Notes the present for later looks back; `right` are the right sides here.
    pub fn record(&mut self, time: f64, right: &[f64]) {
        if self.delays.is_empty() {
            return;
        }
        let is_plain =
            |i: usize| matches!(self.mass[i].as_slice(), [(j, m)] if *j == i && (m - 1.0).abs() < f64::EPSILON);
        let slopes = (0..right.len())
            .map(|i| if is_plain(i) { right[i] } else { f64::NAN })
            .collect();
        self.history.record(time, &self.values, slopes);
    }
}

impl Problem for Machine {
    fn n(&self) -> usize {
        self.unknowns.len()
    }

    fn mass(&self) -> &[Vec<(usize, f64)>] {
        &self.mass
    }

    fn pattern(&self) -> &[(usize, usize)] {
        &self.pattern
    }

    fn right(&mut self, t: f64, u: &[f64], f: &mut [f64]) {
        let t = self.frozen.unwrap_or(t);
        self.place(u);
        self.look_back(t);
        self.right.run(t, &self.values, &mut self.scratch, f);
    }

    fn derivatives(&mut self, t: f64, u: &[f64], f: &[f64], h: f64, jacobian: &mut [f64], by_time: &mut [f64]) {
        let t = self.frozen.unwrap_or(t);
        self.place(u);
        self.look_back(t);
        self.jacobian.run(t, &self.values, &mut self.scratch, jacobian);
        self.by_time.run(t, &self.values, &mut self.scratch, by_time);
        let n = u.len();
        let mut moved = vec![0.0; n];
        if !self.delays.is_empty() && h > 0.0 {
            // Delayed quantities change with time too; only differences see that.
            let small = 1e-5 * h;
            self.right(t + small, u, &mut moved);
            (0..n).for_each(|i| by_time[i] = (moved[i] - f[i]) / small);
        }
        // A formula's derivative may not exist where the formula does (x^0.5 at 0): differences there.
        let mut columns: Vec<usize> = self
            .pattern
            .iter()
            .zip(jacobian.iter())
            .filter(|(_, x)| !x.is_finite())
            .map(|(p, _)| p.1)
            .collect();
        columns.sort_unstable();
        columns.dedup();
        for column in columns {
            let mut nearby = u.to_vec();
            let small = 1e-8 * u[column].abs().max(1e-6);
            nearby[column] += small;
            self.right(t, &nearby, &mut moved);
            for (entry, &(i, j)) in self.pattern.iter().enumerate() {
                if j == column && !jacobian[entry].is_finite() {
                    let slope = (moved[i] - f[i]) / small;
                    jacobian[entry] = if slope.is_finite() { slope } else { 0.0 };
                }
            }
        }
        let stands_still = self.frozen.is_some();
        by_time
            .iter_mut()
            .filter(|x| stands_still || !x.is_finite())
            .for_each(|x| *x = 0.0);
        self.place(u);
        self.look_back(t);
    }
}
