//! In which order to eliminate the variables so that few new non-zeros appear.

use std::collections::BTreeSet;

use crate::system::Pattern;

/// Non-zero columns of each row and non-zero rows of each column, during symbolic elimination.
pub(super) struct Structure {
    pub rows: Vec<BTreeSet<usize>>,
    columns: Vec<BTreeSet<usize>>,
}

impl Structure {
    /// The pattern with its diagonal.
    pub fn new(pattern: &Pattern) -> Self {
        let mut rows = vec![BTreeSet::new(); pattern.n];
        let mut columns = rows.clone();
        let diagonal = (0..pattern.n).map(|i| (i, i));
        let entries = pattern.entries.iter().map(|&(i, j)| (i as usize, j as usize));
        for (i, j) in entries.chain(diagonal) {
            rows[i].insert(j);
            columns[j].insert(i);
        }
        Structure { rows, columns }
    }

    /// Adds what eliminating variable `k` fills in, among the variables still `waiting`.
    fn eliminate(&mut self, k: usize, waiting: &BTreeSet<usize>) {
        let row: Vec<usize> = self.rows[k].intersection(waiting).copied().collect();
        let column: Vec<usize> = self.columns[k].intersection(waiting).copied().collect();
        for &i in &column {
            for &j in &row {
                self.rows[i].insert(j);
                self.columns[j].insert(i);
            }
        }
    }
}

/// Elimination order by Markowitz's rule on the diagonal, and the structure with all fill-in.
///
/// Each time the variable whose elimination touches fewest entries, (row count - 1)(column count - 1), goes next; among equals
/// the one that stands first in the model. Source: Markowitz 1957, Management Science 3:255.
pub(super) fn markowitz(pattern: &Pattern) -> (Vec<usize>, Structure) {
    let mut structure = Structure::new(pattern);
    let mut waiting: BTreeSet<usize> = (0..pattern.n).collect();
    let mut order = Vec::with_capacity(pattern.n);
    while let Some(k) = waiting.iter().copied().min_by_key(|&k| cost(&structure, k, &waiting)) {
        waiting.remove(&k);
        structure.eliminate(k, &waiting);
        order.push(k);
    }
    (order, structure)
}

fn cost(structure: &Structure, k: usize, waiting: &BTreeSet<usize>) -> usize {
    let row = structure.rows[k].intersection(waiting).count();
    let column = structure.columns[k].intersection(waiting).count();
    (row - 1) * (column - 1)
}
