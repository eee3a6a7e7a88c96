//! What is to happen and when: SBML's rules for triggers, delays, priorities and persistence.

use malar_model::Dynamics;

use super::machine::Machine;

/// Most executions at one moment; more means that events trigger each other without end.
const MOST_AT_ONCE: usize = 10_000;

/// An event that was triggered and waits.
struct Waiting {
    event: usize,
    time: f64,
    /// Values computed when it was triggered, if it uses those.
    values: Option<Vec<f64>>,
}

/// The state of all events.
pub(super) struct Queue {
    /// Whether each trigger held when last looked at.
    pub triggers: Vec<bool>,
    waiting: Vec<Waiting>,
    /// State of the generator that orders events of equal priority.
    luck: u64,
}

/// Why events cannot go on.
pub(super) struct Stuck {
    pub event: usize,
    pub reason: &'static str,
}

impl Queue {
    pub fn new(dynamics: &Dynamics) -> Self {
        let triggers = dynamics.events.iter().map(|event| event.initial_value).collect();
        Queue {
            triggers,
            waiting: Vec::new(),
            luck: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// When the next waiting event is due.
    pub fn next_time(&self) -> Option<f64> {
        self.waiting.iter().map(|w| w.time).min_by(f64::total_cmp)
    }

    /// Does everything that happens at `time`; true if anything did.
    pub fn happen(&mut self, dynamics: &Dynamics, machine: &mut Machine, time: f64) -> Result<bool, Stuck> {
        let mut executed = 0;
        loop {
            self.trigger(dynamics, machine, time)?;
            let Some(next) = self.choose(machine, time) else {
                return Ok(executed > 0);
            };
            let Waiting { event, values, .. } = self.waiting.remove(next);
            let values = values.unwrap_or_else(|| values_of(machine, event, time));
            perform(machine, event, &values, time);
            if !machine.settle(time) {
                return Err(Stuck {
                    event,
                    reason: "algebraic rules or fast reactions have no solution after it",
                });
            }
            executed += 1;
            if executed > MOST_AT_ONCE {
                return Err(Stuck {
                    event,
                    reason: "events trigger each other without end",
                });
            }
        }
    }

    /// Looks at all triggers; queues events whose trigger became true, drops waiting ones whose trigger became false.
    fn trigger(&mut self, dynamics: &Dynamics, machine: &mut Machine, time: f64) -> Result<(), Stuck> {
        let now = machine.triggers(time);
        for (event, happening) in dynamics.events.iter().enumerate() {
            let before = std::mem::replace(&mut self.triggers[event], now[event]);
            if now[event] && !before {
                let delay = match &machine.events[event].delay {
                    Some(delay) => delay.value(time, &machine.values, &mut machine.scratch),
                    None => 0.0,
                };
                if !(delay >= 0.0 && delay.is_finite()) {
                    return Err(Stuck {
                        event,
                        reason: "its delay is negative or not a number",
                    });
                }
                let values = happening
                    .values_from_trigger_time
                    .then(|| values_of(machine, event, time));
                self.waiting.push(Waiting {
                    event,
                    time: time + delay,
                    values,
                });
            }
            if !now[event] && !happening.persistent {
                self.waiting.retain(|w| w.event != event);
            }
        }
        Ok(())
    }

    /// The due event with the highest priority; among equals by lot, as the specification has it.
    fn choose(&mut self, machine: &mut Machine, time: f64) -> Option<usize> {
        let due: Vec<usize> = (0..self.waiting.len())
            .filter(|&w| self.waiting[w].time <= time)
            .collect();
        if due.len() <= 1 {
            return due.first().copied();
        }
        let priority = |&w: &usize| match &machine.events[self.waiting[w].event].priority {
            Some(program) => program.value(time, &machine.values, &mut machine.scratch),
            None => f64::NEG_INFINITY,
        };
        let priorities: Vec<f64> = due.iter().map(priority).collect();
        let highest = priorities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Equal to the bit: priorities are compared, not measured.
        let best: Vec<usize> = due
            .iter()
            .zip(&priorities)
            .filter(|(_, p)| **p == highest || p.is_nan())
            .map(|(w, _)| *w)
            .collect();
        let lot = self.draw() as usize % best.len().max(1);
        best.get(lot).or(due.first()).copied()
    }

    /// Xorshift64 (Marsaglia 2003): the same order in every run.
    fn draw(&mut self) -> u64 {
        self.luck ^= self.luck << 13;
        self.luck ^= self.luck >> 7;
        self.luck ^= self.luck << 17;
        self.luck >> 8
    }
}

fn values_of(machine: &mut Machine, event: usize, time: f64) -> Vec<f64> {
    machine.look_back(time);
    let programs = &machine.events[event];
    let mut values = vec![0.0; programs.targets.len()];
    programs
        .values
        .run(time, &machine.values, &mut machine.scratch, &mut values);
    values
}

/// Assigns all values at once; concentrations become amounts with the sizes that compartments have before.
fn perform(machine: &mut Machine, event: usize, values: &[f64], time: f64) {
    let programs = &machine.events[event];
    let mut sizes = vec![0.0; programs.targets.len()];
    programs
        .sizes
        .run(time, &machine.values, &mut machine.scratch, &mut sizes);
    for ((&place, &value), &size) in programs.targets.iter().zip(values).zip(&sizes) {
        machine.values[place] = value * size;
    }
}
