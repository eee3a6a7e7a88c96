//! In which order to eliminate the variables so that few new non-zeros appear.

use std::collections::BTreeSet;

use crate::system::Pattern;

/// Non-zero columns of each row, fill-in included.
pub(super) struct Structure {
    pub rows: Vec<BTreeSet<usize>>,
}

/// Elimination order by Markowitz's rule on the diagonal, and the structure with all fill-in.
///
/// Each time the variable whose elimination touches fewest entries, (row count - 1)(column count - 1), goes next; among equals
/// the one that stands first in the model. Source: Markowitz 1957, Management Science 3:255.
pub(super) fn markowitz(pattern: &Pattern) -> (Vec<usize>, Structure) {
    let mut waiting = Waiting::new(pattern);
    let mut rows = vec![BTreeSet::new(); pattern.n];
    let mut order = Vec::with_capacity(pattern.n);
    while let Some((_, k)) = waiting.queue.pop_first() {
        order.push(k);
        waiting.eliminate(k, &mut rows);
    }
    (order, Structure { rows })
}

/// The part of the matrix that is still to be eliminated, without its diagonal.
struct Waiting {
    rows: Vec<BTreeSet<usize>>,
    columns: Vec<BTreeSet<usize>>,
    /// Variables by cost.
    queue: BTreeSet<(usize, usize)>,
}

impl Waiting {
    fn new(pattern: &Pattern) -> Self {
        let mut waiting = Waiting {
            rows: vec![BTreeSet::new(); pattern.n],
            columns: vec![BTreeSet::new(); pattern.n],
            queue: BTreeSet::new(),
        };
        for (i, j) in pattern
            .entries
            .iter()
            .map(|&(i, j)| (i as usize, j as usize))
            .filter(|(i, j)| i != j)
        {
            waiting.rows[i].insert(j);
            waiting.columns[j].insert(i);
        }
        waiting.queue = (0..pattern.n).map(|k| (waiting.cost(k), k)).collect();
        waiting
    }

    fn cost(&self, k: usize) -> usize {
        self.rows[k].len() * self.columns[k].len()
    }

    /// Takes variable `k` out, adds the fill-in, and notes in `done` which entries `k` leaves in the factors.
    fn eliminate(&mut self, k: usize, done: &mut [BTreeSet<usize>]) {
        let (row, column) = (std::mem::take(&mut self.rows[k]), std::mem::take(&mut self.columns[k]));
        for &other in row.union(&column) {
            self.queue.remove(&(self.cost(other), other));
        }
        for &j in &row {
            self.columns[j].remove(&k);
        }
        for &i in &column {
            self.rows[i].remove(&k);
            done[i].insert(k);
            for &j in row.iter().filter(|&&j| j != i) {
                self.rows[i].insert(j);
                self.columns[j].insert(i);
            }
        }
        for &other in row.union(&column) {
            self.queue.insert((self.cost(other), other));
        }
        done[k].extend(row);
        done[k].insert(k);
    }
}
