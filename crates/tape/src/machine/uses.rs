//! When each value of a flow is read.

use super::flow::{Flow, Item, Value};

/// Never.
pub(super) const NEVER: u32 = u32::MAX;

/// The items that read each value, ascending: all in a row, with the place of the next one and the end for each value.
pub(super) struct Uses {
    reads: Vec<u32>,
    next: Vec<u32>,
    end: Vec<u32>,
}

impl Uses {
    /// Of every value of `flow`.
    pub fn of(flow: &Flow) -> Uses {
        let operands = |item: &Item| -> Vec<Value> {
            match *item {
                Item::Compute(value) => flow.nodes[value.0 as usize].operands().collect(),
                Item::Store(value, _) => vec![value],
            }
        };
        let mut ends = vec![0u32; flow.nodes.len()];
        for value in flow.items.iter().flat_map(operands) {
            ends[value.0 as usize] += 1;
        }
        let mut sum = 0;
        let mut begins = Vec::with_capacity(ends.len());
        for end in &mut ends {
            begins.push(sum);
            sum += *end;
            *end = sum;
        }
        let (mut reads, mut at) = (vec![0; sum as usize], begins.clone());
        for (item, value) in flow
            .items
            .iter()
            .enumerate()
            .flat_map(|(i, item)| operands(item).into_iter().map(move |v| (i, v)))
        {
            reads[at[value.0 as usize] as usize] = item as u32;
            at[value.0 as usize] += 1;
        }
        Uses {
            reads,
            next: begins,
            end: ends,
        }
    }

    /// The first item after `now` that reads `value`, or [`NEVER`]; `now` must not go back from one call to the next.
    pub fn next_after(&mut self, now: u32, value: Value) -> u32 {
        let v = value.0 as usize;
        while self.next[v] < self.end[v] && self.reads[self.next[v] as usize] <= now {
            self.next[v] += 1;
        }
        if self.next[v] < self.end[v] {
            self.reads[self.next[v] as usize]
        } else {
            NEVER
        }
    }
}
